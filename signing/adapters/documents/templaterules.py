"""What a template must be beyond its shape. Each fault says its line, for the person who edits the file."""

from collections import Counter
from collections.abc import Iterator

from signing.adapters.documents.fields import FIELDS, TYPE_TITLES, base_of
from signing.adapters.documents.template import ARTICLE, CLAUSE, PLACEHOLDER, Template

ALWAYS_THERE = frozenset({"institution", "contract_no", "lookup_code", "representative", "sign_date"})
"""Header, footer and signature block print these on every paper."""


def mistakes(kind: str, template: Template, text: str) -> Iterator[str]:
    """Everything because of which the template cannot be used; nothing where it can."""
    if template.template_id != kind:
        yield f"{place(text, 'id =')}：id 应为 {kind}"
    yield from _structure(template, text)
    yield from _references(template, text)
    yield from _data(template, text)
    for one in template.texts():
        if one.count("**") % 2:
            yield f"{place(text, one)}：加粗标记 ** 没有成对：{one.strip()[:20]}…"


def unused(template: Template, text: str) -> Iterator[str]:
    """Fields that ``[data]`` names and no text uses."""
    used = {base_of(name, template.data) for name in template.placeholders()}
    for name in template.data:
        if name not in used:
            yield f"{place(text, f'{name} =')}：[data] 中的 {name} 没有用到，请删去"


def place(text: str, needle: str) -> str:
    """``第 12 行``: the first line that has ``needle``, or that a longer text begins on."""
    wanted = needle.strip().split("\n")[0]
    for number, line in enumerate(text.split("\n"), 1):
        if wanted and wanted in line.replace('\\"', '"'):
            return f"第 {number} 行"
    return "全文"


_SIGNATURES = 'type = "signatures"'


def _label(text: str, label: str) -> str:
    return place(text, f'label = "{label}"')


def _structure(template: Template, text: str) -> Iterator[str]:
    kinds = [part.type for part in template.parts]
    if kinds.count("signatures") != 1 or kinds[-1] != "signatures":
        yield f"{place(text, _SIGNATURES)}：须以且仅以一个 signatures 结束"
    for part in template.parts:
        if part.label and part.type != "article":
            yield f"{_label(text, part.label)}：只有 article 可以有 label（{part.label}）"
        for row in part.rows:
            if len(row) not in (2, 4):
                yield f"{place(text, row[0] if row else 'rows')}：表格一行须为 2 格或 4 格"
    labels = Counter(part.label for part in template.parts if part.label)
    labels.update(clause.label for part in template.parts for clause in part.clauses if clause.label)
    for label, count in labels.items():
        if count > 1:
            yield f"{_label(text, label)}：label {label} 写了 {count} 次"


def _references(template: Template, text: str) -> Iterator[str]:
    known = {ARTICLE + part.label for part in template.parts if part.label}
    known |= {CLAUSE + clause.label for part in template.parts for clause in part.clauses if clause.label}
    for name in sorted(template.placeholders()):
        if is_reference(name) and name not in known:
            yield f"{place(text, f'{{{name}}}')}：引用了没有的条文 {{{name}}}，请给该条写上 label，或者改正名称"


def is_reference(name: str) -> bool:
    return name.startswith((ARTICLE, CLAUSE))


def _data(template: Template, text: str) -> Iterator[str]:
    for name, field in template.data.items():
        if name not in FIELDS:
            yield f"{place(text, f'{name} =')}：[data] 中的 {name} 不是系统能够提供的数据"
        elif FIELDS[name] is not field.type:
            title = TYPE_TITLES[FIELDS[name]]
            yield f"{place(text, f'{name} =')}：[data] 中的 {name} 是{title}，类型应为 {FIELDS[name].value}"
    told: set[str] = set()
    for one in template.texts():
        for name in PLACEHOLDER.findall(one):
            if name in told or is_reference(name) or base_of(name, template.data) in template.data:
                continue
            told.add(name)
            yield f"{place(text, f'{{{name}}}')}：占位符 {{{name}}} 没有在 [data] 中写明，请补写，或者改正名称"

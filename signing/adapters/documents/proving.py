"""Proving a template by drawing it: every condition once, and everything that does not come out well is named."""

import re
from collections.abc import Iterator

from reportlab.platypus.doctemplate import LayoutError

from signing.adapters.documents import citations, fonts, generate, samples, templates
from signing.adapters.documents.samples import Sample
from signing.adapters.documents.template import Part, Template
from signing.adapters.documents.templaterules import place, unused
from signing.domain.errors import InputError


def template_faults(kind: str, text: str, name: str = templates.FIRST) -> Iterator[str]:
    """What is wrong with a template, each fault with file and line; nothing where all is sound."""
    try:
        template = templates.read(kind, text, name)
    except InputError as error:
        yield error.message
        return
    where = templates.file_of(kind, name)
    yield from (f"{where} {fault}" for fault in (*unused(template, text), *citations.faults(template, text)))
    if unknown := list(_unknown_characters(text)):
        yield from (f"{where} {fault}" for fault in unknown)
        return
    printed: set[str] = set()
    told: set[str] = set()
    for sample in samples.samples(template):
        for fault in _drawn(template, sample, text, printed):
            if fault not in told:
                told.add(fault)
                yield f"{where} {fault}（样本：{sample.title}）"
    yield from (f"{where} {fault}" for fault in _never(template, text, printed))


def _unknown_characters(text: str) -> Iterator[str]:
    """Lines with characters that no font has; comments are not printed."""
    fonts.load()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.lstrip().startswith("#") and (unknown := fonts.missing(line)):
            yield f"第 {number} 行：字库中没有这些字：{'、'.join(sorted(unknown))}，请换一个字"


def _drawn(template: Template, sample: Sample, text: str, printed: set[str]) -> Iterator[str]:
    """Draws one sample; adds the texts that it has to ``printed``."""
    terms = samples.filled(template, sample)
    printed |= {one for part in template.for_case(terms.facts) for one in _own(part)}
    try:
        drawn = generate.draft(template, sample.signers, terms, samples.INSTITUTION)
    except InputError as error:
        names = re.findall(r"\{([a-z_]+)\}", error.message)
        yield f"{place(text, f'{{{names[0]}}}') if names else '全文'}：{error.message}"
        return
    except LayoutError:
        yield "全文：有一段或者表格的一行高过一页，排不下，请拆开或者缩短"
        return
    for page, what in drawn.overflows:
        yield f"{_near(text, what)}：第 {page} 页有内容超出版心：{what[:20]}，请缩短或者换行"


def _own(part: Part) -> Iterator[str]:
    yield from (clause.text for clause in part.clauses)
    if part.type != "article":
        yield from part.texts()


def _never(template: Template, text: str, printed: set[str]) -> Iterator[str]:
    """Texts whose conditions hold in no case at all."""
    for part in template.parts:
        for one in _own(part):
            if one and one not in printed:
                yield f"{place(text, one)}：条件 when 永远不成立，这一段不会印出：{one.strip()[:20]}，请改条件或者删去"


def _near(text: str, what: str) -> str:
    """The line of the template that has the longest piece of what was printed."""
    for length in range(min(len(what), 24), 3, -4):
        for start in range(0, len(what) - length + 1, 4):
            found = place(text, what[start : start + length])
            if found != "全文":
                return found
    return "全文"

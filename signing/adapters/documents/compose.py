"""A filled template becomes flowables: numbering, tables, schedule, signature block."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Table, TableStyle

from signing.adapters.documents.fields import IN_WORDS, STRUCK, DataField, FieldType, fits
from signing.adapters.documents.flowables import (
    BODY,
    HAIRLINE,
    LEADING,
    MUTED,
    RULE,
    FiguresRow,
    Headed,
    Prose,
    Recorder,
)
from signing.adapters.documents.fonts import SONG
from signing.adapters.documents.signatures import signature_block
from signing.adapters.documents.template import ARTICLE, CLAUSE, Part, Template, fill
from signing.adapters.documents.values import Lot, Values
from signing.adapters.documents.wording import numeral_of
from signing.domain.case import ScriptLine
from signing.domain.errors import InputError
from signing.domain.money import in_digits
from signing.domain.party import Party
from signing.domain.schedule import Schedule
from signing.service.ports import Institution

_SMALL, _SMALL_LEADING = 10.5, 16.5
_ROW, _ROW_LEADING = 9.5, 13.5
_ROWS_TOGETHER = 3
"""As many rows of signatures stand on one page with the declaration above them."""
_TABLE_START = 120.0
"""Heading, head of the table and a few rows: less than this is not begun at the foot of a page."""


@dataclass(frozen=True)
class Content:
    """Everything one document is composed from."""

    template: Template
    values: Mapping[str, str]
    schedule: Schedule | None
    signers: Sequence[Party]
    fields: Mapping[str, str]
    institution: Institution
    parts: Sequence[Part]
    """Those of the template that this case has; see ``content_of``."""
    lots: Sequence[Lot] = ()
    """The lots of the collateral, in the case's order."""
    lines: Sequence[ScriptLine] = ()
    """What is read out to the one whom the paper is addressed to."""


def content_of(
    template: Template,
    terms: Values,
    signers: Sequence[Party],
    fields: Mapping[str, str],
    institution: Institution,
) -> Content:
    """Chooses the parts, gives the articles that refer to each other their numbers, and the data their form."""
    parts = template.for_case(terms.facts)
    values = {**printed(template, terms.values), **_numbers(parts)}
    lots = [replace(lot, values=printed(template, {**terms.values, **lot.values})) for lot in terms.lots]
    return Content(template, values, terms.schedule, signers, fields, institution, parts, lots, terms.lines)


def _numbers(parts: Sequence[Part]) -> dict[str, str]:
    """What references to articles and clauses print, of those that this paper has."""
    numbers = {}
    for number, part in enumerate((part for part in parts if part.type == "article"), 1):
        if part.label:
            numbers[ARTICLE + part.label] = f"第{numeral_of(number)}条"
        for index, clause in enumerate(part.clauses, 1):
            if clause.label:
                numbers[CLAUSE + clause.label] = f"第{number}.{index}款"
    return numbers


def printed(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """``values`` as they go on paper: marks that are none of the template's taken out, blanks struck through.

    Raises ``InputError`` where one is not what the template's ``[data]`` says it is.
    """
    clean = {name: value.replace("**", "").replace("~~", "") for name, value in values.items()}
    for name, field in template.data.items():
        if value := clean.get(name, "").strip():
            if not fits(field.type, value):
                told = f"文书 {template.template_id} 的 {name} 应为 {field.type.value}，实际是“{value}”"
                raise InputError(told, "请联系法务维护模板")
        elif field.optional:
            clean |= dict.fromkeys(_printed_as(name, field), STRUCK)
    return clean


def _printed_as(name: str, field: DataField) -> tuple[str, ...]:
    return (name, name + IN_WORDS) if field.type is FieldType.MONEY else (name,)


def story(content: Content, width: float, recorder: Recorder) -> list[Flowable]:
    """The whole document in order; ``width`` of the text column in points."""
    template = content.template
    flowables: list[Flowable] = [
        Prose(fill(template.title, content.values), size=18, leading=30, align="center", bold=True, after=2),
        Prose(
            fill("编号：{contract_no}", content.values),
            size=_SMALL,
            leading=_SMALL_LEADING,
            align="center",
            colour=MUTED,
            after=10,
        ),
    ]
    number = 0
    last: list[Flowable] = []
    for part in content.parts[:-1]:
        if part.type == "article":
            number += 1
        flowables += last
        last = list(_part(part, content, number, width))
    block = signature_block(content.parts[-1], content.signers, content.fields, content.values, width, recorder)
    # People sign beneath the declaration they sign; what stands before it fills its page. No row is left alone.
    flowables += last[:-1]
    declared = [last[-1], *block[: len(block) if len(block) <= _ROWS_TOGETHER else -2]]
    return [*flowables, KeepTogether(declared), *([KeepTogether(block[-2:])] if len(block) > _ROWS_TOGETHER else [])]


def _part(part: Part, content: Content, number: int, width: float) -> Iterator[Flowable]:
    match part.type:
        case "article":
            yield from _article(part, content.values, number)
        case "table":
            if part.title:
                yield _heading(part.title)
            yield _facts(part, content.values, width)
        case "collateral":
            yield from _annex(part, content, width)
        case "schedule":
            yield from _table_heading(fill(part.title, content.values))
            if content.schedule is None:
                raise InputError(f"文书 {content.template.template_id} 有还款计划，但业务不是借款", "请检查产品配置")
            yield _schedule(content.schedule, width)
        case "interview":
            yield from _table_heading(fill(part.title, content.values))
            yield _interview(content.lines, width)
        case "notice":
            yield _notice(part, content.values, width)
        case _:
            if part.title:
                yield _heading(fill(part.title, content.values))
            yield from _paragraphs(fill(part.text, content.values))


def _annex(part: Part, content: Content, width: float) -> Iterator[Flowable]:
    """A table for each lot that the part is about, numbered through all lots of the paper."""
    parts = [one for one in content.parts if one.type == "collateral"]
    listed = [lot for one in parts for lot in _lots_of(one, content)]
    for lot in _lots_of(part, content):
        title = part.title + (f"（{numeral_of(listed.index(lot) + 1)}）" if len(listed) > 1 else "")
        yield _heading(fill(title, content.values))
        yield _facts(part, {**content.values, **lot.values}, width)


def _lots_of(part: Part, content: Content) -> list[Lot]:
    wanted = part.when.subjects
    return [lot for lot in content.lots if not wanted or lot.subject in wanted]


def _heading(text: str) -> Prose:
    heading = Prose(text, bold=True, before=7, after=2, align="left")
    heading.keepWithNext = 1
    return heading


def _table_heading(text: str) -> Iterator[Flowable]:
    """Kept with its heading as a whole, a long table would leave half a page empty."""
    yield CondPageBreak(_TABLE_START)
    heading = _heading(text)
    heading.keepWithNext = 0
    yield heading


def _paragraphs(text: str) -> Iterator[Prose]:
    for paragraph in filter(None, (line.strip() for line in text.split("\n"))):
        yield Prose(paragraph, first_indent=2 * BODY)


def _article(part: Part, values: Mapping[str, str], number: int) -> Iterator[Flowable]:
    heading = _heading(f"第{numeral_of(number)}条　{fill(part.title, values)}")
    for index, clause in enumerate(part.clauses, 1):
        label = f"{number}.{index}　" if len(part.clauses) > 1 else ""
        body = Prose(label + fill(clause.text.strip(), values), first_indent=2 * BODY)
        yield Headed(heading, body) if index == 1 else body


def _cell(text: str, *, bold: bool = False, align: str = "left") -> Prose:
    return Prose(text, size=_SMALL, leading=_SMALL_LEADING, align=align, bold=bold, rule=False)


def _facts(part: Part, values: Mapping[str, str], width: float) -> Table:
    """Rows of label and text, or of two such pairs side by side."""
    rows: list[list[Flowable | str]] = []
    spans: list[tuple[object, ...]] = []
    for index, row in enumerate(part.rows):
        cells: list[Flowable | str] = []
        cells += [_cell(fill(text, values), bold=column % 2 == 0) for column, text in enumerate(row)]
        if len(cells) == 2:
            cells += ["", ""]
            spans.append(("SPAN", (1, index), (3, index)))
        rows.append(cells)
    label = 96
    table = Table(rows, colWidths=[label, width / 2 - label, label, width / 2 - label], hAlign="CENTER")
    table.setStyle(TableStyle([*_GRID, *spans]))
    table.spaceBefore, table.spaceAfter = 4, 8
    return table


_PADDING = 5
_TOTAL_WITH_ROWS = ("NOSPLIT", (0, -3), (-1, -1))
_GRID = [
    ("FONTNAME", (0, 0), (-1, -1), SONG),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, HAIRLINE),
    ("LINEABOVE", (0, 0), (-1, 0), 0.8, MUTED),
    ("LINEBELOW", (0, -1), (-1, -1), 0.8, MUTED),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), _PADDING),
    ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
    ("TOPPADDING", (0, 0), (-1, -1), 3),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
]


def _schedule(schedule: Schedule, width: float) -> Table:
    head = ["期次", "应还日期", "应还本金（元）", "应还利息（元）", "应还合计（元）", "剩余本金（元）"]
    rows = [[_figure(text, bold=True, align="center" if index < 2 else "right") for index, text in enumerate(head)]]
    for row in schedule.instalments:
        money = (row.principal, row.interest, row.total, row.balance)
        cells = [_figure(str(row.number), align="center"), _figure(f"{row.due:%Y-%m-%d}", align="center")]
        rows.append(cells + [_figure(in_digits(amount), align="right") for amount in money])
    sums = (schedule.principal, schedule.interest, schedule.total)
    rows.append(
        [_figure("合计", bold=True, align="center"), _figure("")]
        + [_figure(in_digits(amount), bold=True, align="right") for amount in sums]
        + [_figure("")]
    )
    columns = [40.0, *[(width - 40) / 5] * 5]
    above, below = 1, 1.5
    lines = [FiguresRow(row, columns, _PADDING) for row in rows]
    # Said beforehand: left to itself, the table measures every row again at each break of page.
    heights = [above + below + line.wrap(width, 0)[1] for line in lines]
    table = Table([[line] for line in lines], colWidths=[width], rowHeights=heights, repeatRows=1, hAlign="CENTER")
    tight = [("TOPPADDING", (0, 0), (-1, -1), above), ("BOTTOMPADDING", (0, 0), (-1, -1), below)]
    tight += [("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), 0)]
    table.setStyle(TableStyle([*_GRID, *tight, ("LINEBELOW", (0, 0), (-1, 0), 0.8, MUTED), _TOTAL_WITH_ROWS]))
    table.spaceBefore, table.spaceAfter = 4, 8
    return table


_ANSWERS = {"yes": "是。", "no": "不是。"}


def _interview(lines: Sequence[ScriptLine], width: float) -> Table:
    """What is asked, and what must be answered for the case to go on."""
    rows = [
        [_cell("序号", bold=True, align="center"), _cell("询问", bold=True), _cell("答复", bold=True, align="center")]
    ]
    for number, line in enumerate(lines, 1):
        answer = _ANSWERS.get(line.expected or "", "（已告知）")
        rows.append([_cell(str(number), align="center"), _cell(line.text), _cell(answer, align="center")])
    table = Table(rows, colWidths=[40, width - 120, 80], repeatRows=1, hAlign="CENTER")
    table.setStyle(TableStyle([*_GRID, ("LINEBELOW", (0, 0), (-1, 0), 0.8, MUTED)]))
    table.spaceBefore, table.spaceAfter = 4, 8
    return table


def _figure(text: str, *, bold: bool = False, align: str = "left") -> Prose:
    return Prose(text, size=_ROW, leading=_ROW_LEADING, align=align, bold=bold, rule=False)


def _notice(part: Part, values: Mapping[str, str], width: float) -> Table:
    """A framed box: what must be conspicuous (民法典 art. 496)."""
    cells: list[Flowable] = []
    if part.title:
        cells.append(Prose(fill(part.title, values), size=BODY, leading=LEADING, bold=True, align="left"))
    for line in filter(None, (line.strip() for line in part.text.split("\n"))):
        cells.append(
            Prose(fill(line, values), size=_SMALL, leading=_SMALL_LEADING, first_indent=2 * _SMALL, rule=False)
        )
    table = Table([[cells]], colWidths=[width], hAlign="CENTER")
    style = [
        ("FONTNAME", (0, 0), (-1, -1), SONG),
        ("BOX", (0, 0), (-1, -1), 0.8, MUTED),
        ("LINEBEFORE", (0, 0), (0, -1), 3, RULE),
    ]
    padding = [(f"{side}PADDING", (0, 0), (-1, -1), 9) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    table.setStyle(TableStyle(style + padding))
    table.spaceBefore, table.spaceAfter = 6, 10
    return table

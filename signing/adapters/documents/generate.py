"""The ``Documents`` port: a case in, frozen PDFs out, the same bytes for the same case and time."""

import io
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import groupby
from threading import Lock
from typing import Any

import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from signing.adapters.documents import catalogue, fonts, templates
from signing.adapters.documents.compose import Content, content_of, story
from signing.adapters.documents.flowables import HAIRLINE, INK, MUTED, Recorder, overflowing
from signing.adapters.documents.form import SQUARE_FIELD, Form, straddle_anchor
from signing.adapters.documents.template import Template, fill
from signing.adapters.documents.values import Values, contract_values, facts_of
from signing.domain.beijing import BEIJING
from signing.domain.case import Case, Reference, ScriptLine
from signing.domain.errors import InputError
from signing.domain.party import Party
from signing.domain.product import Product, ScriptTemplate, documents_for
from signing.service.ports import Frozen, Institution

_TOP, _SIDE = 25 * mm, 20 * mm
_WIDTH, _HEIGHT = A4
_CODE = 36.0
MARK = "mark"
"""The value that is written across each page of what is no contract."""

# reportlab keeps fonts and their subsets in module-wide registries.
_reportlab = Lock()

Planned = tuple[str, tuple[Party, ...], str]
"""(kind, signers, suffix of the number), in signing order; an authorisation is one paper a person."""


@dataclass(frozen=True)
class Drawn:
    """``overflows``: page and text of what did not fit where it stands."""

    pdf: bytes
    pages: int
    overflows: Sequence[tuple[int, str]]


class PaperDocuments:
    """Implements ``signing.service.ports.Documents``. Safe to share between threads.

    ``check_address``: of the page where a look-up code finds its paper; the printed symbol leads there.
    """

    def __init__(self, check_address: str = "") -> None:
        self._check_address = check_address

    def generate(self, case: Case, institution: Institution, at: datetime, mark: str = "") -> Sequence[Frozen]:
        """One frozen PDF a document, with ``mark`` across its pages.

        Raises ``InputError`` where product, template or a character is missing.
        """
        day = at.astimezone(BEIJING).date()
        product = catalogue.product_on(case.product_id, day)
        plan = _plan(product, case, day)
        papers = frozenset(kind for kind, _, _ in plan)
        return [self.paper(one, case, institution, at, papers, product.script, mark) for one in plan]

    def paper(
        self,
        planned: Planned,
        case: Case,
        institution: Institution,
        at: datetime,
        papers: Collection[str],
        script: Sequence[ScriptTemplate],
        mark: str = "",
    ) -> Frozen:
        """One of the case's ``papers``; ``script`` is what is read out in its product."""
        kind, signers, suffix = planned
        terms = contract_values(case, institution, signers, at, suffix, papers)
        if self._check_address:
            code = terms.values["lookup_code"]
            terms = replace(terms, values={**terms.values, "lookup_text": f"{self._check_address}?code={code}"})
        if mark:
            terms = replace(terms, values={**terms.values, MARK: mark})
        template = templates.in_effect(kind, at.astimezone(BEIJING).date())
        if any(part.type == "interview" for part in template.parts):
            lines = [line for line in spoken(script, case, institution, at) if line.is_for(signers[0].party_id)]
            terms = replace(terms, lines=lines)
        return frozen(template, signers, terms, institution)

    def script(self, case: Case, institution: Institution) -> tuple[ScriptLine, ...]:
        """The product's lines with this contract's numbers, as of the day its papers were made."""
        product = catalogue.product_on(case.product_id, case.drawn_up_at.astimezone(BEIJING).date())
        return spoken(product.script, case, institution, case.drawn_up_at)


def spoken(
    script: Sequence[ScriptTemplate], case: Case, institution: Institution, at: datetime
) -> tuple[ScriptLine, ...]:
    """What several people are told in the same words is one line, read to them together."""
    facts = facts_of(case)
    values = {party.party_id: contract_values(case, institution, (party,), at, "").values for party in case.parties}
    told: dict[tuple[int, str], list[str]] = {}
    references: dict[tuple[int, str], tuple[Reference, ...]] = {}
    for index, line in enumerate(script):
        for party in case.parties:
            if line.is_for(party.role, facts):
                own = values[party.party_id]
                key = index, fill(line.text, own)
                told.setdefault(key, []).append(party.party_id)
                references[key] = tuple(replace(one, text=fill(one.text, own)) for one in line.references)
    return tuple(
        ScriptLine(number, key[1], script[key[0]].expected, tuple(people), references[key])
        for number, (key, people) in enumerate(told.items(), 1)
    )


def _plan(product: Product, case: Case, day: date) -> list[Planned]:
    plan: list[Planned] = []
    for document in documents_for(product, facts_of(case)):
        template = templates.in_effect(document.kind, day)
        signers = tuple(party for role in document.signers for party in case.parties if party.role is role)
        if template.each_signer:
            plan += [
                (document.kind, (party,), f"{template.code}{number if len(signers) > 1 else ''}")
                for number, party in enumerate(signers, 1)
            ]
        else:
            plan.append((document.kind, signers, template.code))
    return plan


def frozen(template: Template, signers: tuple[Party, ...], terms: Values, institution: Institution) -> Frozen:
    """The paper as it will be signed."""
    content = _content(template, signers, terms, institution)
    with _reportlab:
        fonts.load()
        _check_characters(content)
        drawn = _build(content)
    title, code = fill(template.title, content.values), content.values["lookup_code"]
    return Frozen(template.template_id, title, template.version, drawn.pdf, drawn.pages, content.fields, code)


def draft(template: Template, signers: tuple[Party, ...], terms: Values, institution: Institution) -> Drawn:
    """The paper as it is drawn, and what does not fit."""
    content = _content(template, signers, terms, institution)
    with _reportlab:
        fonts.load()
        _check_characters(content)
        return _build(content)


def _content(template: Template, signers: tuple[Party, ...], terms: Values, institution: Institution) -> Content:
    fields = {party.party_id: f"sign_{party.role}_{number}" for number, party in enumerate(signers, 1)}
    return content_of(template, terms, signers, fields, institution)


def _check_characters(content: Content) -> None:
    texts = [*content.template.texts(), *content.values.values(), *(line.text for line in content.lines)]
    unknown = fonts.missing("".join((*texts, *(text for lot in content.lots for text in lot.values.values()))))
    if unknown:
        raise InputError(f"字库中没有这些字：{'、'.join(sorted(unknown))}", "请核对姓名、用途和地址中的生僻字")


def _build(content: Content) -> Drawn:
    buffer, recorder, form = io.BytesIO(), Recorder(), Form()
    overflows: list[tuple[int, str]] = []
    frame = Frame(_SIDE, _TOP, _WIDTH - 2 * _SIDE, _HEIGHT - 2 * _TOP, 0, 0, 0, 0, id="text")
    document = BaseDocTemplate(buffer, pagesize=A4, invariant=1, title=content.template.title, lang="zh-CN")
    # Without this each page would refer to Helvetica, which is not embedded.
    document.initialFontName = fonts.SONG
    document.author = content.values["institution"]
    document.subject = f"编号 {content.values['contract_no']}"
    document.creator = document.producer = "屏签 Pingqian"
    draw = partial(_furniture, content=content, recorder=recorder, form=form)
    document.addPageTemplates(PageTemplate("page", [frame]))
    document.build(story(content, _WIDTH - 2 * _SIDE, recorder), canvasmaker=_canvas_maker(form, draw, overflows))
    return Drawn(buffer.getvalue(), document.page, overflows)


def _canvas_maker(
    form: Form, furnish: Callable[[Canvas, int, int], None], found: list[tuple[int, str]]
) -> type[Canvas]:
    class FormCanvas(Canvas):  # type: ignore[misc]
        """Keeps its pages open until the last one is there: each bears how many there are."""

        overflows = found

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._open: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._open.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page, state in enumerate(self._open, 1):
                self.__dict__.update(state)
                furnish(self, page, len(self._open))
                super().showPage()
            form.finish(self)
            super().save()

    return FormCanvas


def _furniture(canvas: Canvas, page: int, total: int, content: Content, recorder: Recorder, form: Form) -> None:
    """Header, footer, and the fields whose anchors this page holds."""
    values = content.values
    canvas.saveState()
    canvas.setFillColor(MUTED)
    _row(canvas, _HEIGHT - 16 * mm, values["institution"], "", f"编号：{values['contract_no']}")
    edition = f"{content.template.title}　{content.template.version} 版"
    _row(canvas, 14 * mm, edition, f"第 {page} 页　共 {total} 页", f"查验码 {values['lookup_code']}", _CODE + 4)
    _code(canvas, values["lookup_text"], page)
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.4)
    canvas.line(_SIDE, _HEIGHT - 18 * mm, _WIDTH - _SIDE, _HEIGHT - 18 * mm)
    canvas.line(_SIDE, 18.5 * mm, _WIDTH - _SIDE, 18.5 * mm)
    canvas.restoreState()
    if values.get(MARK):
        _mark(canvas, values[MARK])
    for anchor in recorder.anchors:
        if anchor.page != page:
            continue
        if anchor.name == SQUARE_FIELD:
            form.picture(canvas, anchor, "法定代表人章")
        else:
            form.signature(canvas, anchor, "签名" if anchor.name.startswith("sign_") else "盖章")
    straddle = straddle_anchor(page, total, _WIDTH, _HEIGHT, recorder.anchors)
    if straddle:
        form.picture(canvas, straddle, "骑缝章")


def _row(canvas: Canvas, y: float, left: str, middle: str, right: str, room: float = 0.0) -> None:
    """A line of header or footer, ``room`` points left free at its right end."""
    size = 9.0
    canvas.setFont(fonts.SONG, size)
    canvas.drawString(_SIDE, y, left)
    canvas.drawCentredString(_WIDTH / 2, y, middle)
    canvas.drawRightString(_WIDTH - _SIDE - room, y, right)
    ends = (
        _WIDTH / 2 - fonts.width(middle, False, size) / 2
        if middle
        else _WIDTH - _SIDE - fonts.width(right, False, size)
    )
    if _SIDE + fonts.width(left, False, size) > ends - 6:
        overflowing(canvas, left)


def _mark(canvas: Canvas, text: str) -> None:
    """Large and pale, over the text, so that nobody takes the page for a contract."""
    canvas.saveState()
    canvas.setFillColor(INK, alpha=0.10)
    canvas.setFont(fonts.SONG, 130)
    canvas.translate(_WIDTH / 2, _HEIGHT / 2)
    canvas.rotate(45)
    canvas.drawCentredString(0, -45, text)
    canvas.restoreState()


def _code(canvas: Canvas, text: str, page: int) -> None:
    """The look-up code once more, for a camera. Drawn once and shown on every page."""
    if page == 1:
        canvas.beginForm("lookup", 0, 0, _CODE, _CODE)
        symbol = segno.make(text, error="m", micro=False).matrix
        dot = _CODE / len(symbol)
        path = canvas.beginPath()
        for row, line in enumerate(symbol):
            for start, width in _bars(line):
                path.rect(start * dot, _CODE - (row + 1) * dot, width * dot, dot)
        canvas.setFillColor(INK)
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.endForm()
    canvas.saveState()
    canvas.translate(_WIDTH - _SIDE - _CODE, 5 * mm)
    canvas.doForm("lookup")
    canvas.restoreState()


def _bars(line: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(start, length) of each stretch of dark modules."""
    start = 0
    for dark, group in groupby(line):
        length = len(list(group))
        if dark:
            yield start, length
        start += length

"""The ``Documents`` port: a case in, frozen PDFs out, the same bytes for the same case and time."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from threading import Lock

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from signing.adapters.documents import catalogue, fonts, templates
from signing.adapters.documents.compose import Content, content_of, story
from signing.adapters.documents.flowables import HAIRLINE, MUTED, Recorder
from signing.adapters.documents.form import SQUARE_FIELD, Form, straddle_anchor
from signing.adapters.documents.templates import Template, fill
from signing.adapters.documents.values import contract_values, facts_of
from signing.domain.case import Case, ScriptLine
from signing.domain.errors import InputError
from signing.domain.party import Party
from signing.domain.product import Product, documents_for
from signing.service.ports import Frozen, Institution

_TOP, _SIDE = 25 * mm, 20 * mm
_WIDTH, _HEIGHT = A4

# reportlab keeps fonts and their subsets in module-wide registries.
_reportlab = Lock()


class PaperDocuments:
    """Implements ``signing.service.ports.Documents``. Safe to share between threads."""

    def generate(self, case: Case, institution: Institution, at: datetime) -> Sequence[Frozen]:
        """One frozen PDF a document; raises ``InputError`` where product, template or a character is missing."""
        product = catalogue.product(case.product_id)
        plan = _plan(product, case)
        return [_frozen(kind, signers, suffix, case, institution, at) for kind, signers, suffix in plan]

    def script(self, case: Case, institution: Institution) -> tuple[ScriptLine, ...]:
        """The product's lines with this contract's numbers, as of the day its papers were made.

        What several people are told in the same words is one line, read to them together.
        """
        product, facts = catalogue.product(case.product_id), facts_of(case)
        values = {
            party.party_id: contract_values(case, institution, (party,), case.drawn_up_at, "").values
            for party in case.parties
        }
        told: dict[tuple[int, str], list[str]] = {}
        for index, line in enumerate(product.script):
            for party in case.parties:
                if line.is_for(party.role, facts):
                    told.setdefault((index, fill(line.text, values[party.party_id])), []).append(party.party_id)
        return tuple(
            ScriptLine(number, text, product.script[index].expected, tuple(people))
            for number, ((index, text), people) in enumerate(told.items(), 1)
        )


def _plan(product: Product, case: Case) -> list[tuple[str, tuple[Party, ...], str]]:
    """(kind, signers, suffix of the number) in signing order; an authorisation is one paper a person."""
    plan: list[tuple[str, tuple[Party, ...], str]] = []
    for document in documents_for(product, facts_of(case)):
        template = templates.load(document.kind)
        signers = tuple(party for role in document.signers for party in case.parties if party.role is role)
        if template.each_signer:
            plan += [
                (document.kind, (party,), f"{template.code}{number if len(signers) > 1 else ''}")
                for number, party in enumerate(signers, 1)
            ]
        else:
            plan.append((document.kind, signers, template.code))
    return plan


def _frozen(
    kind: str, signers: tuple[Party, ...], suffix: str, case: Case, institution: Institution, at: datetime
) -> Frozen:
    template = templates.load(kind)
    terms = contract_values(case, institution, signers, at, suffix)
    fields = {party.party_id: f"sign_{party.role}_{number}" for number, party in enumerate(signers, 1)}
    content = content_of(template, terms, signers, fields, institution)
    with _reportlab:
        fonts.load()
        _check_characters(template, [terms.values, *terms.lots])
        pages = _build(content, 0)[1]
        pdf, again = _build(content, pages)
    assert pages == again
    return Frozen(kind, fill(template.title, terms.values), template.version, pdf, pages, fields)


def _check_characters(template: Template, values: Sequence[Mapping[str, str]]) -> None:
    unknown = fonts.missing("".join((*template.texts(), *(text for one in values for text in one.values()))))
    if unknown:
        raise InputError(f"字库中没有这些字：{'、'.join(sorted(unknown))}", "请核对姓名、用途和地址中的生僻字")


def _build(content: Content, total: int) -> tuple[bytes, int]:
    """One pass; ``total`` is what the footers say. The first pass only finds it out."""
    buffer, recorder, form = io.BytesIO(), Recorder(), Form()
    frame = Frame(_SIDE, _TOP, _WIDTH - 2 * _SIDE, _HEIGHT - 2 * _TOP, 0, 0, 0, 0, id="text")
    document = BaseDocTemplate(buffer, pagesize=A4, invariant=1, title=content.template.title, lang="zh-CN")
    # Without this each page would refer to Helvetica, which is not embedded.
    document.initialFontName = fonts.SONG
    document.author = content.values["institution"]
    document.subject = f"编号 {content.values['contract_no']}"
    document.creator = document.producer = "屏签 Pingqian"
    draw = partial(_furniture, content=content, total=total, recorder=recorder, form=form)
    document.addPageTemplates(PageTemplate("page", [frame], onPageEnd=draw))
    document.build(story(content, _WIDTH - 2 * _SIDE, recorder), canvasmaker=_canvas_maker(form))
    return buffer.getvalue(), document.page


def _canvas_maker(form: Form) -> type[Canvas]:
    class FormCanvas(Canvas):  # type: ignore[misc]
        def save(self) -> None:
            form.finish(self)
            super().save()

    return FormCanvas


def _furniture(
    canvas: Canvas, document: BaseDocTemplate, content: Content, total: int, recorder: Recorder, form: Form
) -> None:
    """Header, footer, and the fields whose anchors this page holds."""
    page, values = document.page, content.values
    canvas.saveState()
    canvas.setFillColor(MUTED)
    canvas.setFont(fonts.SONG, 9)
    canvas.drawString(_SIDE, _HEIGHT - 16 * mm, values["institution"])
    canvas.drawRightString(_WIDTH - _SIDE, _HEIGHT - 16 * mm, f"编号：{values['contract_no']}")
    canvas.drawString(_SIDE, 14 * mm, f"{content.template.title}　{content.template.version} 版")
    canvas.drawCentredString(_WIDTH / 2, 14 * mm, f"第 {page} 页　共 {total} 页")
    canvas.drawRightString(_WIDTH - _SIDE, 14 * mm, f"查验码 {values['lookup_code']}")
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.4)
    canvas.line(_SIDE, _HEIGHT - 18 * mm, _WIDTH - _SIDE, _HEIGHT - 18 * mm)
    canvas.line(_SIDE, 18.5 * mm, _WIDTH - _SIDE, 18.5 * mm)
    canvas.restoreState()
    for anchor in recorder.anchors:
        if anchor.page != page:
            continue
        if anchor.name == SQUARE_FIELD:
            form.picture(canvas, anchor, "法定代表人章")
        else:
            form.signature(canvas, anchor, "签名" if anchor.name.startswith("sign_") else "盖章")
    straddle = straddle_anchor(page, total, _WIDTH, _HEIGHT)
    if straddle:
        form.picture(canvas, straddle, "骑缝章")

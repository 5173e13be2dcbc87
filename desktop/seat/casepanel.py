"""The case on the right: product and amount, parties, steps, documents."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from desktop.model import party as parties
from desktop.model import wording
from desktop.model.state import State
from desktop.seat.booking import BookButton
from desktop.seat.desk import Desk
from desktop.seat.operations import Operations
from desktop.seat.parties import MANY, PartyList
from desktop.widgets.parts import TONE_ICONS, Badge, Elided, Icon, KeyButton, clear, column, label, row, rule, set_tone
from desktop.widgets.risks import RiskList
from desktop.widgets.steps import StepLine, StepList
from signing.wire.base import Tone
from signing.wire.case import CaseView, DocumentState, DocumentView, PartyView, Phase

TONES = {
    **dict.fromkeys((Phase.SIGNED, Phase.SEALED, Phase.CLOSED), Tone.GOOD),
    **dict.fromkeys(wording.ENDINGS, Tone.STOP),
    Phase.STOPPED: Tone.CAUTION,
}
OpenDocument = Callable[[CaseView, DocumentView], None]
NONE, UNREAD = "接听客户后，这里显示本笔业务的当事人、步骤和文书。", "这笔业务打不开，资料暂时看不到。"


class CasePanel(QWidget):
    """Rebuilds only what changed, so that nothing jumps under the mouse."""

    def __init__(self, desk: Desk, open_document: OpenDocument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("case")
        self.setFixedWidth(328)
        self._open_document = open_document
        self._documents_shown: tuple[object, ...] = ()
        self._stand_ins_shown: tuple[str, ...] = ()
        self._number = label("业务", "title", name="case.number")
        self._phase = Badge("", Tone.NOTICE)
        self._phase.setObjectName("case.phase")
        self._product = Elided("", "head")
        self._amount = label("", "big", name="case.amount")
        self._terms = Elided("", "second")
        self._words = label("", "second", wrap=True)
        self._stated = label("", "second", name="case.particulars", wrap=True)
        self._until = label("", "second", wrap=True, name="case.until")
        self.operations = Operations(desk)
        self.book = BookButton(desk)
        self.parties = PartyList(desk)
        self.steps, self.step_line = StepList(), StepLine()
        self.risks = RiskList()
        self._documents = column(spacing=2)
        self._stand_ins = column(spacing=4)
        self._body = QWidget()
        self._empty = label(NONE, "second", wrap=True)
        outer = column(self, 8, (8, 12, 12, 12))
        outer.addLayout(self._head())
        outer.addLayout(self._second_head())
        outer.addWidget(self._empty)
        outer.addWidget(self._scroll(), 1)
        outer.addWidget(self.parties.buttons)
        self._fill()

    def _head(self) -> QHBoxLayout:
        head = row()
        head.addWidget(self._number, 1)
        head.addWidget(self._phase)
        return head

    def _second_head(self) -> QHBoxLayout:
        line = row(spacing=4)
        line.addWidget(self._until, 1)
        line.addWidget(self.book)
        line.addWidget(self.operations)
        return line

    def _scroll(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._body)
        area.setAccessibleName("业务内容")
        return area

    def _fill(self) -> None:
        layout = column(self._body, 6, (0, 0, 6, 0))
        layout.addLayout(self._money())
        layout.addWidget(self.step_line)
        layout.addWidget(self._words)
        layout.addWidget(self._stated)
        layout.addWidget(self.risks)
        layout.addWidget(rule())
        layout.addWidget(self.parties)
        layout.addWidget(rule())
        layout.addWidget(self.steps)
        layout.addWidget(rule())
        layout.addLayout(self._documents)
        layout.addLayout(self._stand_ins)
        layout.addStretch(1)

    def _money(self) -> QHBoxLayout:
        """The one big number, and beside it what is lent for how long."""
        line = row(spacing=12)
        line.addWidget(self._amount)
        beside = column(spacing=0)
        beside.addWidget(self._product)
        beside.addWidget(self._terms)
        line.addLayout(beside, 1)
        return line

    def display(self, state: State) -> None:
        case = state.case
        self._body.setVisible(case is not None)
        self._empty.setVisible(case is None)
        self._empty.setText(NONE if state.call is None else UNREAD)
        self._phase.setVisible(case is not None)
        self._number.setText(f"业务 {case.case_no}" if case else "业务")
        self.operations.display(state)
        self.book.display(state)
        self._until.setText(until_words(case) if case else "")
        self._until.setVisible(case is not None)
        if case is None:
            self.parties.buttons.hide()
            self.parties.personal.forget()
            return
        self._phase.display(wording.PHASES[case.phase], phase_tone(case))
        self._show_terms(case)
        self.risks.display(case.findings)
        self.steps.display(case.steps)
        self.step_line.display(case.steps)
        self.step_line.setVisible(len(case.parties) > MANY)  # then the steps themselves are below what is seen
        self.parties.display(state)
        self._show_documents(state)
        self._show_stand_ins(tuple(case.stand_ins))

    def _show_terms(self, case: CaseView) -> None:
        """With many parties in as little room as will do: all of them are to be seen at once."""
        terms = f"{case.term_months} 个月 · {case.annual_rate_percent}%" if case.term_months else ""
        self._product.setText(case.product_title)
        self._amount.setText(wording.money(case.amount))
        self._amount.setVisible(bool(case.amount))
        self._amount.setToolTip(case.amount_in_words)
        self._terms.setText(terms)
        self._terms.setToolTip(f"期限 {case.term_months} 个月，年利率 {case.annual_rate_percent}%" if terms else "")
        self._stated.setText(wording.stated(case))
        self._stated.setVisible(bool(case.particulars))
        self._words.setText(case.amount_in_words)
        self._words.setVisible(len(case.parties) <= MANY and bool(case.amount_in_words))

    def _show_documents(self, state: State) -> None:
        """Whom the agent has turned to: their papers first."""
        case, party = state.case, state.party
        assert case is not None
        mine = parties.documents(case, party) if party else []
        own = {one.document_id for one in mine}
        others = [one for one in case.documents if one.document_id not in own]
        shown = (case.case_id, party.party_id if party else "", *mine, *others)
        if shown == self._documents_shown:
            return
        self._documents_shown = shown
        clear(self._documents)
        for title, papers in ((_papers_of(case, party), mine), ("其他文书", others)):
            if papers:
                self._documents.addWidget(label(f"{title} {len(papers)}", "second"))
            for document in papers:
                self._documents.addWidget(self._document(case, document, party))

    def _document(self, case: CaseView, document: DocumentView, party: PartyView | None) -> QWidget:
        line = QWidget()
        layout = row(line, 4)
        button = KeyButton(document.title, icon="document", name=f"case.document.{document.kind}", quiet=True)
        button.setToolTip(f"打开《{document.title}》，共 {document.pages} 页")
        button.clicked.connect(lambda: self._open_document(case, document))
        button.setFixedHeight(26)
        layout.addWidget(button)
        layout.addStretch(1)
        words, tone = document_words(document, party)
        word = label(words, "second")
        set_tone(word, tone)
        layout.addWidget(word)
        return line

    def _show_stand_ins(self, texts: tuple[str, ...]) -> None:
        if texts == self._stand_ins_shown:
            return
        self._stand_ins_shown = texts
        clear(self._stand_ins)
        if not texts:
            return
        line = row(spacing=6)
        line.addWidget(Icon(TONE_ICONS[Tone.CAUTION], "caution", 16), alignment=Qt.AlignmentFlag.AlignTop)
        words = label(wording.stand_ins(texts), "second", wrap=True)
        set_tone(words, Tone.CAUTION)
        line.addWidget(words, 1)
        self._stand_ins.addLayout(line)


def until_words(case: CaseView) -> str:
    """Until when it must be signed; how it ended, once it has."""
    if case.phase in wording.ENDINGS:
        return f"{wording.PHASES[case.phase]}：{case.abort_reason}"
    return f"签署期限 {wording.day_and_minute(case.expires_at)}" if case.expires_at else ""


def _papers_of(case: CaseView, party: PartyView | None) -> str:
    return f"{parties.label(party)}的文书" if party and len(case.parties) > 1 else "文书"


def document_words(document: DocumentView, party: PartyView | None) -> tuple[str, Tone | None]:
    """How a paper stands for the party before the agent: signed, read so far, or how it stands as a whole."""
    whole = wording.DOCUMENT_STATES[document.state]
    if document.state in (DocumentState.SIGNED, DocumentState.SEALED):
        return whole, Tone.GOOD
    if party is None or party.party_id not in document.signers or document.state is DocumentState.VOID:
        return whole, None
    if party.party_id in document.signed_by:
        return f"已签 {len(document.signed_by)}/{len(document.signers)}", Tone.GOOD
    read = len(document.pages_read_by.get(party.party_id, []))
    return (f"已读 {read}/{document.pages} 页", None) if read else (whole, None)


def phase_tone(case: CaseView) -> Tone:
    return TONES.get(case.phase, Tone.NOTICE)

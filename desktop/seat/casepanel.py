"""The case on the right: product and amount, parties, steps, documents."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from desktop.model import wording
from desktop.model.state import State
from desktop.seat.booking import BookButton
from desktop.seat.desk import Desk
from desktop.seat.operations import Operations
from desktop.seat.parties import MANY, PartyList
from desktop.widgets.parts import TONE_ICONS, Badge, Icon, KeyButton, clear, column, label, row, rule, set_tone
from desktop.widgets.risks import RiskList
from desktop.widgets.steps import StepList
from signing.wire.base import Tone
from signing.wire.case import CaseView, DocumentState, DocumentView, Phase

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
        self._product = label("", "head", wrap=True)
        self._amount = label("", "big", name="case.amount")
        self._terms = label("", "second", wrap=True)
        self._until = label("", "second", wrap=True, name="case.until")
        self.operations = Operations(desk)
        self.book = BookButton(desk)
        self.parties = PartyList(desk)
        self.steps = StepList()
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
        line = row()
        line.addWidget(self._until, 1)
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
        layout.addWidget(self._product)
        layout.addWidget(self._amount)
        layout.addWidget(self._terms)
        layout.addWidget(self.risks)
        for title, content in (("当事人", self.parties), ("步骤", self.steps), ("文书", self._documents)):
            layout.addWidget(rule())
            layout.addLayout(self._title(title))
            if isinstance(content, QWidget):
                layout.addWidget(content)
            else:
                layout.addLayout(content)
        layout.addLayout(self._stand_ins)
        layout.addStretch(1)

    def _title(self, title: str) -> QHBoxLayout:
        line = row()
        line.addWidget(label(title, "second"), 1)
        if title == "当事人":
            line.addWidget(self.book)
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
        if case is None:
            self.parties.buttons.hide()
            self.parties.personal.forget()
            return
        self._phase.display(wording.PHASES[case.phase], phase_tone(case))
        self._show_terms(case)
        self.risks.display(case.findings)
        self.steps.display(case.steps)
        self.parties.display(state)
        self._show_documents(case)
        self._show_stand_ins(tuple(case.stand_ins))

    def _show_terms(self, case: CaseView) -> None:
        """With many parties in as little room as will do: all of them are to be seen at once."""
        many = len(case.parties) > MANY
        months = f"{case.term_months} 个月 · 年利率 {case.annual_rate_percent}%" if case.term_months else ""
        first = case.product_title if many else case.amount_in_words if months else ""
        self._product.setText(case.product_title)
        self._product.setVisible(not many)
        self._amount.setText(wording.money(case.amount))
        self._amount.setToolTip(case.amount_in_words)
        self._terms.setText((" · " if many else "\n").join(words for words in (first, months) if words))

    def _show_documents(self, case: CaseView) -> None:
        shown = (case.case_id, *case.documents)
        if shown == self._documents_shown:
            return
        self._documents_shown = shown
        clear(self._documents)
        for document in case.documents:
            self._documents.addWidget(self._document(case, document))

    def _document(self, case: CaseView, document: DocumentView) -> QWidget:
        line = QWidget()
        layout = row(line, 4)
        button = KeyButton(document.title, icon="document", name=f"case.document.{document.kind}", quiet=True)
        button.setToolTip(f"打开《{document.title}》，共 {document.pages} 页")
        button.clicked.connect(lambda: self._open_document(case, document))
        button.setFixedHeight(28)
        layout.addWidget(button)
        layout.addStretch(1)
        word = label(wording.DOCUMENT_STATES[document.state], "second")
        set_tone(word, Tone.GOOD if document.state in (DocumentState.SIGNED, DocumentState.SEALED) else None)
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
    return f"签署期限 {wording.day_and_time(case.expires_at)}" if case.expires_at else ""


def phase_tone(case: CaseView) -> Tone:
    return TONES.get(case.phase, Tone.NOTICE)

"""Beside the form: what is still to be done, every paper as it would be made, and the repayment plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QWidget,
)

from desktop.opening.picker import scrolled
from desktop.widgets.document import DocumentView
from desktop.widgets.parts import TONE_ICONS, Icon, KeyButton, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.opening import DraftPapers, PlanRow

HEADS = ("期数", "还款日", "本金", "利息", "合计", "剩余本金")


@dataclass(frozen=True)
class Todo:
    """A line of what is to be done. ``path``: where the hand goes."""

    tone: Tone
    words: str
    hint: str
    path: str


class Beside(QTabWidget):
    """``wanted``: the papers are looked at and are not up to date. ``gone_to(str)``: to a field, by its path."""

    wanted = Signal()
    gone_to = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("opening.beside")
        self.setAccessibleName("核对、文书和还款计划")
        self.tabBar().setAccessibleName("核对、文书和还款计划")
        self._fresh, self._asking = False, False
        self._papers: DraftPapers | None = None
        self._todo = column(spacing=6)
        self.papers = QListWidget()
        self.papers.setObjectName("opening.papers")
        self.papers.setAccessibleName("将要生成的文书")
        self.papers.setProperty("plain", True)
        self.papers.setFixedHeight(118)
        self.page = DocumentView("opening.paper")
        self.status = label("", wrap=True, name="opening.papers.status")
        self.again = KeyButton("重新生成", "F5", name="opening.papers.again")
        self.again.setShortcut("F5")
        self.plan = _table()
        self.total = label("", wrap=True, name="opening.plan.total")
        inner = QWidget()
        inner.setLayout(self._todo)
        self.addTab(scrolled(inner, "核对"), "核对")
        self.addTab(self._paper_tab(), "文书预览")
        self.addTab(self._plan_tab(), "还款计划")
        self.papers.currentRowChanged.connect(self._turn)
        self.again.clicked.connect(self._ask_again)
        self.currentChanged.connect(lambda _: self._ask())

    def _paper_tab(self) -> QWidget:
        box = QWidget()
        layout = column(box, 6, (8, 8, 8, 8))
        head = row(spacing=8)
        head.addWidget(self.status, 1)
        head.addWidget(self.again)
        layout.addLayout(head)
        layout.addWidget(self.papers)
        layout.addWidget(self.page, 1)
        return box

    def _plan_tab(self) -> QWidget:
        box = QWidget()
        layout = column(box, 6, (8, 8, 8, 8))
        layout.addWidget(label("按今天放款计算；放款日不同，日期和利息随之变化。", "second", wrap=True))
        layout.addWidget(self.total)
        layout.addWidget(self.plan, 1)
        return box

    # --- what is to be done ---

    def show_todo(self, todo: Sequence[Todo], good: str) -> None:
        clear(self._todo)
        for one in todo:
            self._todo.addWidget(self._line(one))
        if not todo:
            self._todo.addWidget(_spoken(Tone.GOOD, good, ""))
        self._todo.addStretch(1)
        self.setTabText(0, f"核对 {len(todo)}" if todo else "核对 ✓")

    def _line(self, one: Todo) -> QWidget:
        box = _spoken(one.tone, one.words, one.hint)
        if one.path:
            go = KeyButton("去填写", quiet=True)
            go.setAccessibleName(f"去填写：{one.words}")
            go.clicked.connect(lambda: self.gone_to.emit(one.path))
            layout = box.layout()
            assert layout is not None
            layout.addWidget(go)
        return box

    # --- papers ---

    def outdate(self) -> None:
        """Something was typed since."""
        self._fresh = False
        if self._papers is not None:
            self._say(Tone.CAUTION, "内容已改动，预览是改动之前的")
        self._ask()

    def _ask_again(self) -> None:
        self._fresh = False
        self._ask()

    def _ask(self) -> None:
        if self.currentIndex() > 0 and not self._fresh:
            self.wanted.emit()

    def waiting(self) -> None:
        self._say(Tone.NOTICE, "正在生成预览…")

    def show_papers(self, papers: DraftPapers) -> None:
        at = max(0, self.papers.currentRow())
        self._papers, self._fresh = papers, True
        self.papers.blockSignals(True)
        self.papers.clear()
        for paper in papers.papers:
            item = QListWidgetItem(f"《{paper.title}》　{paper.pages} 页　{'、'.join(paper.signers)}签")
            item.setToolTip(item.text())
            self.papers.addItem(item)
        self.papers.blockSignals(False)
        self.papers.setCurrentRow(min(at, len(papers.papers) - 1))
        self._turn(self.papers.currentRow())
        pages = sum(paper.pages for paper in papers.papers)
        self._say(Tone.GOOD, f"共 {len(papers.papers)} 份 {pages} 页，都标有“预览”，建立业务时才正式生成")
        self._show_plan(papers.plan, papers.plan_total)

    def no_papers(self, why: str) -> None:
        self._say(Tone.CAUTION, why)

    def _say(self, tone: Tone, words: str) -> None:
        self.status.setText(words)
        set_tone(self.status, tone)

    def _turn(self, number: int) -> None:
        if self._papers is not None and 0 <= number < len(self._papers.papers):
            self.page.show_pdf(self._papers.papers[number].pdf)

    def _show_plan(self, plan: Sequence[PlanRow], total: str) -> None:
        self.setTabVisible(2, bool(plan))
        self.total.setText(total)
        self.plan.setRowCount(len(plan))
        for number, one in enumerate(plan):
            texts = (str(one.number), one.due.isoformat(), one.principal, one.interest, one.total, one.balance)
            for place, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if place > 1:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.plan.setItem(number, place, item)


def _spoken(tone: Tone, words: str, hint: str) -> QWidget:
    box = QWidget()
    line = row(box, 8, (8, 4, 8, 4))
    line.addWidget(Icon(TONE_ICONS[tone], tone.value, 16))
    texts = column(spacing=2)
    said = label(words, wrap=True)
    set_tone(said, tone)
    texts.addWidget(said)
    if hint:
        texts.addWidget(label(hint, "second", wrap=True))
    line.addLayout(texts, 1)
    return box


def _table() -> QTableWidget:
    made = QTableWidget(0, len(HEADS))
    made.setObjectName("opening.plan")
    made.setAccessibleName("还款计划")
    made.setHorizontalHeaderLabels(list(HEADS))
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setTabKeyNavigation(False)
    made.setAlternatingRowColors(True)
    made.verticalHeader().hide()
    header = made.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
    return made

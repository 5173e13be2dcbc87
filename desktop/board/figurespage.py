"""The figures of a day or several, large: the curve, and tables by branch, product, agent, and of what ended."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QWidget,
)

from desktop.board.curve import DayCurve
from desktop.model import figures as m
from desktop.model import wording
from desktop.widgets import theme
from desktop.widgets.asking import ask_where
from desktop.widgets.parts import Elided, KeyButton, card, column, label, row
from signing.wire.figures import DayFigures, Group

SHARE = Qt.ItemDataRole.UserRole
"""Of a cell: its part of the column's largest, 0 to 1; a bar of that length stands behind the number."""
SPANS = (("今天", "1", 0, 1), ("昨天", "2", 1, 1), ("近 7 天", "3", 0, 7), ("近 30 天", "4", 0, 30))
"""(words, key, days ago it ends, how many days)."""
BARRED = {"来客", "通话", "笔数", "金额（元）", "未办成"}
Ask = Callable[[date, date], None]
Export = Callable[[date, date, Path], None]


class BarDelegate(QStyledItemDelegate):
    """A bar behind the number: the table is a chart as well."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        part = index.data(SHARE)
        if not part:
            return
        box = QRectF(option.rect).adjusted(6, 0, -6, 0)  # type: ignore[attr-defined]
        bar = QRectF(box.left(), box.bottom() - 5, max(2.0, box.width() * float(part)), 3)
        painter.fillRect(bar, QColor(theme.tokens().primary))


def table(name: str, title: str, columns: Sequence[str], words: int = 1) -> QTableWidget:
    """``words``: how many columns stand left, before the figures."""
    made = QTableWidget(0, len(columns))
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setTabKeyNavigation(False)
    made.verticalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(34)
    made.setItemDelegate(BarDelegate(made))
    for place, words_of in enumerate(columns):
        heading = QTableWidgetItem(words_of)
        heading.setTextAlignment(_across(figure=place >= words))
        made.setHorizontalHeaderItem(place, heading)
    head = made.horizontalHeader()
    head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return made


class FiguresPage(QWidget):
    """``ask(first, last)`` is called for other days; ``display`` what came. ``leave``: back to the board."""

    def __init__(self, ask: Ask, leave: Callable[[], None], export: Export, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board.day")
        self._ask, self._export = ask, export
        self.figures: DayFigures | None = None
        self.title = label("经营数字", "title", name="board.day.title")
        self.words = Elided("", "second")
        self.words.setObjectName("board.day.words")
        self.days = label("", "head", name="board.day.days")
        self.curve = DayCurve()
        self.curve.setObjectName("board.day.curve")
        self.note = label("", "second", wrap=True, name="board.day.note")
        columns = ("", *m.COLUMNS)
        self.tables = {
            key: table(f"board.day.{key}", title, (title, *columns[1:]))
            for key, title in (("branches", "网点"), ("products", "产品"), ("agents", "坐席"))
        }
        self.endings = table(
            "board.day.refusals", "未办成", ("原因", "结束方式", "网点", "产品", "坐席", "笔数"), words=5
        )
        self.tabs = QTabWidget()
        self.tabs.setObjectName("board.day.tabs")
        for part in (self.tabs, self.tabs.tabBar()):
            part.setAccessibleName("统计表")
        for key, words in (("branches", "按网点"), ("products", "按产品"), ("agents", "按坐席")):
            self.tabs.addTab(self.tables[key], words)
        self.tabs.addTab(self.endings, "未办成和原因")
        self.back = KeyButton("返回看板", "Escape", icon="back", name="board.day.back")
        self.earlier = KeyButton("前一段", "PgUp", name="board.day.earlier")
        self.later = KeyButton("后一段", "PgDown", name="board.day.later")
        self.save = KeyButton("导出 XLSX…", "Ctrl+S", icon="save", name="board.day.export")
        self.turn = KeyButton("换一张表", "N", name="board.day.turn")
        self.spans = [KeyButton(words, key, name=f"board.day.span{key}") for words, key, _, _ in SPANS]
        self._arrange()
        self.back.clicked.connect(leave)
        self.earlier.clicked.connect(partial(self._shift, -1))
        self.later.clicked.connect(partial(self._shift, 1))
        self.turn.clicked.connect(self._turn)
        self.save.clicked.connect(self.ask_where)
        for button, (_, _, ago, days) in zip(self.spans, SPANS, strict=True):
            button.clicked.connect(partial(self._span, ago, days))
        for button in self.buttons:
            self._bind(button)

    @property
    def buttons(self) -> list[KeyButton]:
        return [*self.spans, self.earlier, self.later, self.turn, self.save, self.back]

    def _bind(self, button: KeyButton) -> None:
        shortcut = QShortcut(QKeySequence(button.key), self)
        shortcut.activated.connect(lambda: button.click() if button.isVisible() and button.isEnabled() else None)

    def _arrange(self) -> None:
        head = row(spacing=8)
        head.addWidget(self.title)
        head.addWidget(self.days)
        head.addStretch(1)
        for button in (*self.spans, self.earlier, self.later, self.back):
            head.addWidget(button)
        frame = card()
        inside = column(frame, 4, (12, 8, 12, 6))
        inside.addWidget(self.words)
        inside.addWidget(self.curve, 1)
        below = row(spacing=8)
        below.addWidget(self.note, 1)
        below.addWidget(self.turn)
        below.addWidget(self.save)
        layout = column(self, 8, (12, 8, 12, 8))
        layout.addLayout(head)
        layout.addWidget(frame, 4)
        layout.addWidget(self.tabs, 5)
        layout.addLayout(below)

    # --- what is shown --------------------------------------------------------------------------------------------

    def display(self, figures: DayFigures) -> None:
        if figures == self.figures:  # a chosen row stays chosen
            return
        self.figures = figures
        self.days.setText(m.day_words(figures))
        self.words.setText("　".join(f"{one.title} {one.value}（{one.below}）" for one in m.headline(figures)))
        self.curve.display(figures)
        self.note.setText(m.definitions(figures))
        self.later.setEnabled(m.shifted(figures, self._days()) is not None)
        for key, groups in (
            ("branches", figures.branches), ("products", figures.products), ("agents", figures.agents),
        ):  # fmt: skip
            _fill(self.tables[key], groups, figures)
            self.tables[key].setColumnHidden(m.OWN_LEVEL + 1, figures.own is None)
        self._fill_endings(figures)

    def _fill_endings(self, figures: DayFigures) -> None:
        rows = [
            (one.reason, one.ending, one.branch, one.product, one.agent, str(one.count)) for one in figures.refusals
        ]
        most = max((one.count for one in figures.refusals), default=0)
        self.endings.setRowCount(len(rows))
        for number, cells in enumerate(rows):
            for place, text in enumerate(cells):
                item = _item(text, figure=place == len(cells) - 1)
                if place == len(cells) - 1:
                    item.setData(SHARE, int(text) / most)
                self.endings.setItem(number, place, item)

    # --- other days -----------------------------------------------------------------------------------------------

    def _days(self) -> int:
        return 1 if self.figures is None else (self.figures.last - self.figures.first).days + 1

    def _shift(self, way: int, _: bool = False) -> None:
        if self.figures is not None and (span := m.shifted(self.figures, way * self._days())) is not None:
            self._ask(*span)

    def _span(self, ago: int, days: int, _: bool = False) -> None:
        if self.figures is None:
            return
        today = self.figures.server_time.astimezone(wording.BEIJING).date()
        last = today - timedelta(days=ago)
        self._ask(last - timedelta(days=days - 1), last)

    def ask_where(self) -> None:
        if self.figures is None:
            return
        suggested = Path(m.export_name(self.figures))
        save = partial(self._export, self.figures.first, self.figures.last)
        ask_where(self.window(), "board.day.save", "导出经营数字", "XLSX 工作簿", suggested, save)

    def _turn(self) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + 1) % self.tabs.count())


def _fill(shown: QTableWidget, groups: Sequence[Group], figures: DayFigures) -> None:
    rows = [*((one.name, one.measures) for one in groups), ("合计", figures.total)]
    shown.setRowCount(len(rows))
    for number, (name, measures) in enumerate(rows):
        whole = number == len(rows) - 1
        shown.setItem(number, 0, _item(name, figure=False, bold=whole))
        for place, (title, text) in enumerate(zip(m.COLUMNS, m.cells(measures), strict=True), 1):
            item = _item(text, figure=True, bold=whole)
            if title in BARRED and not whole:
                item.setData(SHARE, _part(text, m.cells(figures.total)[place - 1]))
            shown.setItem(number, place, item)


def _part(text: str, whole: str) -> float:
    total = float(whole.replace(",", ""))
    return float(text.replace(",", "")) / total if total else 0.0


def _item(text: str, *, figure: bool, bold: bool = False) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    item.setTextAlignment(_across(figure=figure))
    font = theme.figures(theme.body_font(), 14)
    font.setBold(bold)
    item.setFont(font)
    return item


def _across(*, figure: bool) -> Qt.AlignmentFlag:
    across = Qt.AlignmentFlag.AlignRight if figure else Qt.AlignmentFlag.AlignLeft
    return across | Qt.AlignmentFlag.AlignVCenter

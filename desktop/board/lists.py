"""A list of rows that keeps its place and its choice while the board is pushed again and again."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from desktop.board.rows import Row
from desktop.widgets import icons, theme
from desktop.widgets.parts import column, label

KEY = Qt.ItemDataRole.UserRole


class RowList(QWidget):
    """``chosen(key)`` when the person moves the choice; rows are renewed in place, so that nothing jumps."""

    chosen = Signal(str)

    def __init__(self, title: str, name: str, empty: str, *, choose: bool = True) -> None:
        super().__init__()
        self._title_text = title
        self._title = label(title, "title", name=f"{name}.title")
        self._empty = label(empty, "second", wrap=True)
        self.rows = QListWidget()
        self.rows.setObjectName(name)
        self.rows.setProperty("plain", True)
        self.rows.setAccessibleName(title)
        self.rows.setIconSize(QSize(16, 16))
        self.rows.setWordWrap(True)
        self.rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if not choose:
            self.rows.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        layout = column(self, 6)
        layout.addWidget(self._title)
        layout.addWidget(self._empty)
        layout.addWidget(self.rows, 1)
        self.rows.currentItemChanged.connect(self._moved)

    def display(self, rows: Sequence[Row], chosen: str = "", of: int | None = None) -> None:
        """``of``: how many there are, where ``rows`` are those that were looked for."""
        count = str(len(rows)) if of is None else f"{len(rows)} / {of}"
        self._title.setText(f"{self._title_text} {count}" if rows or of else self._title_text)
        self._empty.setVisible(not rows)
        self.rows.blockSignals(True)
        while self.rows.count() > len(rows):
            self.rows.takeItem(self.rows.count() - 1)
        for place, row in enumerate(rows):
            item = self.rows.item(place) or _added(self.rows)
            set_row(item, row)
            if row.key == chosen and self.rows.currentItem() is not item:
                self.rows.setCurrentItem(item)
        if not chosen:
            self.rows.setCurrentRow(-1)
        self.rows.blockSignals(False)

    def set_empty(self, words: str) -> None:
        """What stands where there are no rows."""
        self._empty.setText(words)

    def say(self, words: str) -> None:
        """Behind the title, in place of how many rows there are."""
        self._title.setText(f"{self._title_text}　{words}" if words else self._title_text)

    def _moved(self, now: QListWidgetItem | None) -> None:
        if now is not None:
            self.chosen.emit(str(now.data(KEY)))


def _added(rows: QListWidget) -> QListWidgetItem:
    rows.addItem(QListWidgetItem())
    return rows.item(rows.count() - 1)


def set_row(item: QListWidgetItem, row: Row) -> None:
    text = "\n".join(filter(None, (row.title, row.words)))
    colour = theme.ink_and_ground(row.tone)[0] if row.tone else theme.tokens().muted
    drawn = f"{row.icon} {colour}"
    if item.data(KEY + 1) != drawn:  # to draw one takes longer than all the rest of the row
        item.setData(KEY + 1, drawn)
        item.setIcon(icons.icon(row.icon, colour) if row.icon else QIcon())
    if item.data(KEY) == row.key and item.text() == text and item.toolTip() == row.tip:
        return
    item.setData(KEY, row.key)
    item.setText(text)
    item.setToolTip(row.tip)
    item.setData(Qt.ItemDataRole.AccessibleTextRole, (row.tip or text).replace("\n", "，"))

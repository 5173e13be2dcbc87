"""The seats as a compact grid by branch: number, agent, state and timer of each."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QListView

from desktop.board.lists import KEY, RowList
from desktop.board.rows import BRANCH, Row

CELL = 132
"""The least width of a seat's cell; as many stand side by side as there is room for."""
CELL_HEIGHT, HEAD_HEIGHT = 50, 26


class SeatGrid(RowList):
    """As ``RowList``, with a line for each branch in front of its seats; the choice goes from seat to seat."""

    def __init__(self) -> None:
        super().__init__("席位", "board.seats", "还没有席位")
        self.rows.setProperty("plain", False)
        self.rows.setProperty("grid", True)
        self.rows.setFlow(QListView.Flow.LeftToRight)
        self.rows.setWrapping(True)
        self.rows.setResizeMode(QListView.ResizeMode.Adjust)
        self.rows.setWordWrap(False)
        self.rows.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.rows.viewport().installEventFilter(self)

    def show_branches(self, branches: Sequence[tuple[Row, Sequence[Row]]], chosen: str, words: str) -> None:
        """Each branch's line, then its seats. ``words`` stand behind the title."""
        flat = [row for head, seats in branches for row in (head, *seats)]
        self.display(flat, chosen)
        self.say(words if flat else "")
        self._fit()

    def _fit(self) -> None:
        width = self.rows.viewport().width() - 2
        cell = width // max(1, width // CELL) - 2  # a list that is filled to the pixel wraps one earlier
        for place in range(self.rows.count()):
            item = self.rows.item(place)
            head = str(item.data(KEY)).startswith(BRANCH)
            wanted = QSize(width, HEAD_HEIGHT) if head else QSize(cell, CELL_HEIGHT)
            if item.sizeHint() != wanted:
                item.setSizeHint(wanted)
            flags = Qt.ItemFlag.NoItemFlags if head else Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            if item.flags() != flags:
                item.setFlags(flags)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.Resize:
            self._fit()
        return False

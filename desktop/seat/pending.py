"""Cases that are signed and still wait for the institution's seal; a click puts one back on the desk."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from desktop.model import actions, wording
from desktop.model.state import State
from desktop.widgets.parts import KeyButton, clear, column, label
from signing.wire.staff import AwaitingSeal

ROW_HEIGHT = 62
SHOWN_ROWS = 3
"""More are scrolled to, so that the queue above keeps its room."""


class PendingPanel(QWidget):
    """Not to be seen where nothing waits. ``take`` is called with the case_id of the row that was clicked."""

    def __init__(self, take: Callable[[str], None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pending.list")
        self._take = take
        self._rows: tuple[AwaitingSeal, ...] = ()
        self._buttons: list[KeyButton] = []
        self._title = label("", "title", name="pending.title")
        body = QWidget()
        self._list = column(body, 6)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(body)
        self._area.setAccessibleName("待用印名单")
        layout = column(self, 8)
        layout.addWidget(self._title)
        layout.addWidget(self._area)
        self.hide()

    def display(self, state: State) -> None:
        rows = tuple(state.view.awaiting_seal) if state.view else ()
        if rows != self._rows:
            self._rebuild(rows)
        may = actions.may_take(state)
        for button in self._buttons:
            button.setEnabled(may)
            button.setToolTip("点开后核对并用印" if may else "请先办完手上这笔，再打开")
        self.setVisible(bool(rows))

    def _rebuild(self, rows: tuple[AwaitingSeal, ...]) -> None:
        self._rows = rows
        self._title.setText(f"待用印 {len(rows)}")
        clear(self._list)
        self._buttons = [self._row(waiting) for waiting in rows]
        for button in self._buttons:
            self._list.addWidget(button)
        self._list.addStretch(1)
        shown = min(len(rows), SHOWN_ROWS)
        self._area.setMinimumHeight(min(shown, 1) * (ROW_HEIGHT + 6))
        self._area.setMaximumHeight(shown * (ROW_HEIGHT + 6))

    def _row(self, waiting: AwaitingSeal) -> KeyButton:
        words = f"{waiting.party_name_masked}  {wording.money(waiting.amount)}\n{_second_line(waiting)}"
        made = KeyButton(words, name=f"pending.{waiting.case_id}")
        # The window's style sheet has a least height of its own for buttons, which would win over Qt's.
        made.setStyleSheet(f"QPushButton {{ text-align: left; padding: 4px 8px; min-height: {ROW_HEIGHT - 10}px }}")
        made.setAccessibleName(
            f"待用印：{waiting.party_name_masked}，{wording.money(waiting.amount)}，{waiting.product_title}，{waiting.case_no}"
        )
        made.clicked.connect(partial(self._chosen, waiting.case_id))
        return made

    def _chosen(self, case_id: str, _: bool = False) -> None:
        self._take(case_id)


def _second_line(waiting: AwaitingSeal) -> str:
    """When it was signed; where that is not known, its number."""
    return f"签于 {wording.day_and_time(waiting.signed_at)}" if waiting.signed_at else waiting.case_no

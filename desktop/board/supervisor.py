"""A supervisor who has a seat of their own: the board and the seat, one key apart."""

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QWidget

from desktop.board.workspace import BoardWorkspace
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.parts import KeyButton, row


class SupervisorWorkspace(QStackedWidget):
    """``switch`` belongs in the window's head. A ring or a call at the own seat brings the seat to the front."""

    def __init__(self, board: BoardWorkspace, seat: SeatWorkspace) -> None:
        super().__init__()
        self.setObjectName("workspace.supervisor")
        self.board, self.seat = board, seat
        self._busy = False
        self.switch = QWidget()
        self.to_board = KeyButton("看板", "F3", icon="list", name="supervisor.board")
        self.to_seat = KeyButton("我的席位", "F4", icon="phone", name="supervisor.seat")
        line = row(self.switch, 6)
        for button, page in ((self.to_board, board), (self.to_seat, seat)):
            self.addWidget(page)
            button.setCheckable(True)
            button.clicked.connect(lambda _=False, wanted=page: self.turn_to(wanted))
            line.addWidget(button)
            key = QShortcut(QKeySequence(button.key), self)
            key.activated.connect(button.click)
        seat.desk.changed.connect(self._follow)
        self.turn_to(board)

    def turn_to(self, page: QWidget) -> None:
        """The shortcuts of a hidden page are off, so that one key never means two things."""
        self.setCurrentWidget(page)
        for button, one in ((self.to_board, self.board), (self.to_seat, self.seat)):
            button.setChecked(one is page)
        page.setFocus()

    def _follow(self) -> None:
        state = self.seat.desk.state
        busy = state.call is not None or state.offer is not None or state.transfer_offer is not None
        if busy and not self._busy:
            self.turn_to(self.seat)
        self._busy = busy

    def stop(self) -> None:
        """Both pages end."""
        self.board.stop()
        self.seat.stop()

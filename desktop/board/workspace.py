"""The supervisor's workspace: figures, who waits, the seats, the live calls, and what is heard of one of them."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from desktop.board import rows
from desktop.board.bar import BoardBar
from desktop.board.curve import DayCurve
from desktop.board.desk import BoardDesk
from desktop.board.figures import Figures
from desktop.board.figurespage import FiguresPage
from desktop.board.lists import RowList
from desktop.board.queue_strip import QueueStrip
from desktop.board.referrals import ReferralPanel
from desktop.board.resting import RestingDialog, banner_words
from desktop.board.seals import SealsDialog
from desktop.board.seatgrid import SeatGrid
from desktop.model import board as b
from desktop.model.wording import utc_now
from desktop.widgets.notice import Banner
from desktop.widgets.parts import KeyButton, card, column, label, row, rule
from desktop.widgets.video import VideoView
from signing.wire.base import Tone

TALK_KEY = Qt.Key.Key_Space


class BoardWorkspace(QWidget):
    """Everything shown is set by ``display`` from the desk's state."""

    def __init__(self, desk: BoardDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.board")
        self.setAccessibleName("看板")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.desk = desk
        self.figures = Figures()
        self.waiting = RowList("等候的客户", "board.waiting", "现在没有客户等候", choose=False)
        self.referrals = ReferralPanel(desk)
        self.seats = SeatGrid()
        self.curve = DayCurve()
        self.calls = RowList("进行中的通话", "board.calls", "现在没有通话")
        self.parties = RowList("当事人", "board.parties", "选中一通通话，这里显示各位当事人", choose=False)
        self.heard = label("", "head", wrap=True, name="board.heard")
        self.video = VideoView()
        self.video.setObjectName("board.video")
        self.video.setAccessibleName("旁听的画面")
        self.video.words = "旁听后，通话画面显示在这里"
        self.queue = QueueStrip(desk)
        self.bar = BoardBar(desk)
        self.resting = Banner("board.resting", key="F11")
        self._resting_open: RestingDialog | None = None
        self._watching = ""
        self._arrange()
        self._bind_keys()
        self.calls.chosen.connect(desk.choose_call)
        self.seats.chosen.connect(desk.choose_seat)
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self.display)
        self._clock.start()
        desk.changed.connect(self.display)
        self.queue.day.clicked.connect(self.open_day)
        self.queue.seals.clicked.connect(self.open_seals)
        self.queue.search.textChanged.connect(self.display)
        self._application = _application()
        self._application.installEventFilter(self)
        self.display()

    def _arrange(self) -> None:
        self.main = QWidget()
        outer = column(self.main, 0)
        for part in (self.figures, self.queue, self.resting):
            outer.addWidget(part)
        body = row(spacing=12, margins=(12, 6, 12, 8))
        body.addLayout(self._left())
        body.addLayout(self._middle(), 6)
        body.addLayout(self._right(), 5)
        outer.addLayout(body, 1)
        outer.addWidget(rule())
        outer.addWidget(self.bar)
        self.page = FiguresPage(self._reckon, self._leave_day, self.desk.export_figures)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.main)
        self.stack.addWidget(self.page)
        column(self, 0).addWidget(self.stack)

    def _left(self) -> QVBoxLayout:
        left = column(spacing=10)
        left.addWidget(self.waiting, 1)
        left.addWidget(self.referrals, 1)
        for part in (self.waiting, self.referrals):
            part.setFixedWidth(270)
        return left

    def _middle(self) -> QVBoxLayout:
        middle = column(spacing=10)
        middle.addWidget(self.seats, 4)
        frame = card()
        column(frame, 0, (10, 6, 10, 4)).addWidget(self.curve)
        middle.addWidget(frame, 3)
        return middle

    def _right(self) -> QVBoxLayout:
        below = row(spacing=12)
        self.parties.setMinimumWidth(200)
        below.addWidget(self.parties, 5)
        ear = column(spacing=6)
        ear.addWidget(self.heard)
        ear.addWidget(self.video, 1)
        below.addLayout(ear, 6)
        right = column(spacing=10)
        right.addWidget(self.calls, 4)
        right.addLayout(below, 5)
        return right

    # --- the seals ------------------------------------------------------------------------------------------------

    def open_seals(self) -> None:
        SealsDialog(self.desk, self.window()).open()

    # --- the page of figures --------------------------------------------------------------------------------------

    def open_day(self) -> None:
        figures = self.desk.state.figures
        if figures is not None:
            self.page.display(figures)
        self.stack.setCurrentWidget(self.page)
        self.page.curve.setFocus()

    def _leave_day(self) -> None:
        self.stack.setCurrentWidget(self.main)
        self.queue.day.setFocus()

    def _reckon(self, first: date, last: date) -> None:
        self.desk.reckon(first, last, self.page.display)

    def now(self) -> datetime:
        """The service's clock."""
        return utc_now() + timedelta(seconds=self.desk.state.clock_offset)

    def display(self) -> None:
        state, now = self.desk.state, self.now()
        view = state.view
        self.bar.display(state)
        self.queue.display(state)
        self._watch(state)
        if view is None:
            return
        self.figures.display(view, state.figures, now)
        self._show_figures(state)
        self._show_resting(state)
        words, call = self.queue.search.text(), state.call
        _list(self.waiting, [rows.waiting_row(one, now) for one in view.waiting], words)
        self.referrals.display(state)
        branches = rows.sought_seats(rows.seats_by_branch(view, now), words, state.seat_id)
        self.seats.show_branches(branches, state.seat_id, rows.seats_words(view))
        _list(self.calls, [rows.call_row(one, now) for one in view.calls], words, call.call_id if call else "")
        self.parties.display([rows.party_row(one, now) for one in call.parties] if call else [])

    def _show_figures(self, state: b.State) -> None:
        """The page of today goes on with the day; that of another is left alone."""
        figures, shown = state.figures, self.page.figures
        if figures is None:
            return
        self.curve.display(figures)
        if self.page.isVisible() and (shown is None or (shown.first, shown.last) == (figures.first, figures.last)):
            self.page.display(figures)

    def _show_resting(self, state: b.State) -> None:
        resting = state.view.resting if state.view else []
        if words := banner_words(resting):
            self.resting.display(Tone.CAUTION, words, "查看…", self._open_resting)
        else:
            self.resting.clear()
        if self._resting_open is not None:
            self._resting_open.display(resting, busy=bool(state.busy))

    def _open_resting(self) -> None:
        dialog = RestingDialog(self.desk.confirm_account, self.desk.refuse_account, self.window())
        dialog.finished.connect(self._resting_closed)
        self._resting_open = dialog
        dialog.open()
        self._show_resting(self.desk.state)

    def _resting_closed(self) -> None:
        self._resting_open = None

    def _watch(self, state: b.State) -> None:
        heard = next((one for one in state.view.calls if one.call_id == state.heard), None) if state.view else None
        self.heard.setText(
            " · ".join(filter(None, (f"旁听：{heard.seat} {heard.agent}", heard.case_no))) if heard else "旁听"
        )
        self.video.words = "正在接通旁听…" if heard else "旁听后，通话画面显示在这里"
        if state.ear.call_id != self._watching:
            self._watching = state.ear.call_id
            self.video.watch(self.desk.engine.stage() if self._watching else None)

    # --- keys ---

    def _bind_keys(self) -> None:
        bar = self.bar
        for button in (
            bar.listen,
            bar.take_over,
            bar.transfer,
            bar.stop,
            bar.away,
            *self.referrals.buttons,
            *self.queue.buttons,
        ):
            self._key(button.key, partial(_press, button))
        for key, part in (("F5", self.waiting), ("F6", self.seats), ("F7", self.calls), ("F8", self.referrals.list)):
            self._key(key, partial(part.rows.setFocus, Qt.FocusReason.ShortcutFocusReason))
        self._key("Ctrl+F", partial(self.queue.search.setFocus, Qt.FocusReason.ShortcutFocusReason))
        self._key("F9", partial(self.curve.setFocus, Qt.FocusReason.ShortcutFocusReason))

    def _key(self, key: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(key), self.main)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(lambda: act())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The key for whispering works wherever the focus is; leaving the window lets it go."""
        if event.type() is QEvent.Type.ApplicationDeactivate and self.desk.state.pressed:
            self.desk.whisper(False)
        if watched is self.queue.search and isinstance(event, QKeyEvent):
            return self._leave_search(event)
        if not isinstance(event, QKeyEvent) or event.key() != TALK_KEY:
            return False
        if event.type() is QEvent.Type.KeyRelease and self.desk.state.pressed:
            if not event.isAutoRepeat():
                self.desk.whisper(False)
            return True
        return event.type() is QEvent.Type.KeyPress and self._talk(watched, event)

    def _leave_search(self, event: QKeyEvent) -> bool:
        """Escape shows everything again."""
        if event.type() is not QEvent.Type.KeyPress or event.key() != Qt.Key.Key_Escape:
            return False
        self.queue.search.clear()
        self.setFocus()
        return True

    def _talk(self, watched: QObject, event: QKeyEvent) -> bool:
        dialog = QApplication.activeModalWidget() is not None
        typing = self.queue.search.hasFocus()
        here = watched is self.window().windowHandle() and self.main.isVisible() and not dialog and not typing
        if not here or not self.bar.whisper.isEnabled():
            return False
        if not event.isAutoRepeat():
            self.desk.whisper(True)
        return True

    def stop(self) -> None:
        """No timer runs, no key is heard and no picture is drawn afterwards."""
        self._clock.stop()
        self._application.removeEventFilter(self)
        self.video.watch(None)


def _list(shown: RowList, everything: list[rows.Row], words: str, chosen: str = "") -> None:
    """All, or those that are looked for."""
    shown.display(rows.sought(everything, words, chosen), chosen, len(everything) if words.strip() else None)


def _application() -> QCoreApplication:
    application = QApplication.instance()
    assert application is not None
    return application


def _press(button: KeyButton) -> None:
    if button.isVisible() and button.isEnabled():
        button.click()

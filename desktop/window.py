"""The one window: log-in first, then the workspace of whoever logged in."""

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QMainWindow, QMenu, QStackedWidget, QWidget
from shiboken6 import isValid

from desktop.audit.workspace import AuditWorkspace
from desktop.board.desk import BoardDesk
from desktop.board.supervisor import SupervisorWorkspace
from desktop.board.workspace import BoardWorkspace
from desktop.bridge import Bridge, Trouble
from desktop.client import Client
from desktop.devices.network import NetworkBox
from desktop.devices.opening import DevicesOfWindow
from desktop.devices.store import ChoiceStore
from desktop.engines import Engines
from desktop.model.calling import carried
from desktop.model.state import LinkState, State
from desktop.opening.window import OpeningOfSeat
from desktop.plain import PlainPage
from desktop.seat.again import AgainBar
from desktop.seat.desk import Desk
from desktop.seat.dialect import DialectStore
from desktop.seat.login import LoginPage
from desktop.seat.password import PasswordDialog
from desktop.seat.remarks import Remarks
from desktop.seat.workspace import SeatWorkspace
from desktop.spool import Spool
from desktop.widgets.asking import question, warn_first
from desktop.widgets.menu import MenuButton
from desktop.widgets.notice import AGAIN_KEY, Banner, Toast
from desktop.widgets.parts import Icon, column, label, row, rule
from desktop.widgets.tabbing import move
from signing.wire.base import Tone
from signing.wire.staff import LoggedIn, Staff, StaffRole

RETRY_MILLISECONDS = 4000


class MainWindow(QMainWindow):
    """``engines`` makes a media engine for a seat and one for a supervisor's ear; ``spool`` keeps recordings.

    ``choices``: which devices are wanted on this machine.
    """

    def __init__(self, bridge: Bridge, client: Client, spool: Spool, engines: Engines, choices: ChoiceStore) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("屏签")
        self.resize(1366, 768)
        self.setMinimumSize(1024, 560)
        self._bridge, self._client, self._spool, self._engines = bridge, client, spool, engines
        self.devices = DevicesOfWindow(bridge, choices, self, network=lambda: NetworkBox(bridge, client))
        self._workspace: QWidget | None = None
        self._desk: Desk | None = None
        self._board: BoardDesk | None = None
        self._closing = False
        self.opening: OpeningOfSeat | None = None
        self.login = LoginPage(client.server)
        self.banner = Banner("banner", key=AGAIN_KEY)
        self.again = AgainBar()
        self._username = ""
        self._renewing = False
        self._pages = QStackedWidget()
        self._pages.addWidget(self.login)
        self._build_head()
        self._arrange()
        self.toast = Toast(self.centralWidget())
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.timeout.connect(self.probe)
        self.login.submitted.connect(self._log_in)
        self.login.retried.connect(self.probe)
        self.login.enrolment_wanted.connect(self._begin_totp)
        self.login.taking.connect(self._take_account)
        self.again.submitted.connect(self._log_in_again)
        self.login.devices.clicked.connect(self.devices.open)
        self.devices.said.connect(self.toast.display)
        self.login.start_again()

    def _build_head(self) -> None:
        self._head = QFrame()
        self._head.setProperty("bar", True)
        self._title = label("屏签", "head", name="window.title")
        self._slot = row(spacing=10)
        self._user = MenuButton("window.user")
        self._user.setToolTip("设备、密码和退出（按键 F10）")
        QShortcut(QKeySequence("F10"), self).activated.connect(self._user.open_menu)
        menu = QMenu(self._user)
        menu.addAction("音视频设备…（F9）", self.devices.open)
        menu.addAction("修改密码…", self.change_password)
        menu.addAction("退出登录", self.log_out)
        self._user.setMenu(menu)
        layout = row(self._head, 10, (16, 6, 12, 6))
        layout.addWidget(Icon("seal", "primary", 20))
        layout.addWidget(self._title)
        layout.addStretch(1)
        layout.addLayout(self._slot)
        layout.addWidget(self._user)
        self._head.hide()

    def _arrange(self) -> None:
        centre = QWidget()
        layout = column(centre, 0)
        layout.addWidget(self._head)
        layout.addWidget(rule())
        layout.addWidget(self.banner)
        layout.addWidget(self.again)
        layout.addWidget(self._pages, 1)
        self.setCentralWidget(centre)

    @property
    def desk(self) -> Desk | None:
        """The agent's desk while an agent is logged in."""
        return self._desk

    @property
    def board(self) -> BoardDesk | None:
        """The board's desk while a supervisor is logged in."""
        return self._board

    # --- the door ---

    def probe(self) -> None:
        """Asks whether anybody answers, so that a service that is down is said before a password is typed."""
        if self._workspace is None and not self._closing:
            self._bridge.call(self._client.get_bytes("/livez"), lambda _: self.login.reachable(), self._unreachable)

    def _unreachable(self, trouble: Trouble) -> None:
        if trouble.code != "unreachable":
            self.login.reachable()
            return
        self.login.failed(trouble)
        self._retry.start(RETRY_MILLISECONDS)

    def _log_in(self, username: str, password: str, code: str = "") -> None:
        self._retry.stop()
        self.login.busy(True)
        self._username = username
        self._bridge.call(self._client.log_in(username, password, code), self._entered, self.login.failed)

    def _begin_totp(self, username: str, password: str) -> None:
        self.login.busy(True)
        begin = self._client.begin_totp(username, password)
        self._bridge.call(begin, self.login.show_enrolment, self.login.failed)

    def _take_account(self, username: str, password: str, code: str, new: str) -> None:
        self.login.busy(True)
        take = self._client.take_account(username, password, code, new)
        self._bridge.call(take, lambda _: self.login.taken(), self.login.failed)

    def _lapsed(self) -> None:
        """The session is over by time, the call is not."""
        self.again.ask()

    def _log_in_again(self, password: str, code: str) -> None:
        work = self._client.log_in(self._username, password, code)
        self._bridge.call(work, self._renewed, self.again.failed)

    def _renewed(self, who: LoggedIn) -> None:
        self.again.done()
        self._renewing = True  # until a view of the new session is there
        for desk in (self._desk, self._board):
            if desk is not None:
                desk.renew()

    def _board_over(self, why: str) -> None:
        """The board's socket does not outlive its session, but the supervisor's own call does."""
        if self._desk is not None and self._desk.state.call is not None:
            self._lapsed()
        else:
            self.leave(why)

    def change_password(self) -> None:
        """Also who has closed the dialog meanwhile is told how it ended."""

        def send(old: str, new: str) -> None:
            self._bridge.call(self._client.change_password(old, new), changed, failed)

        def changed(_: None) -> None:
            if isValid(dialog):
                dialog.accept()
            self.toast.display(Tone.GOOD, "密码已修改")

        def failed(trouble: Trouble) -> None:
            if isValid(dialog) and dialog.isVisible():
                dialog.failed(trouble)
            else:
                self.toast.display(Tone.STOP, f"密码没有修改：{trouble.text}")

        dialog = PasswordDialog(send, self)
        dialog.open()

    def _entered(self, who: LoggedIn) -> None:
        taken = self._engines.taken() if who.staff.seat_id is not None else ""
        if taken:
            self._client.token = ""  # what the other window has logged in stays as it is
            self.login.start_again(taken)
            return
        self.login.start_again()
        staff = who.staff
        self._title.setText(" ".join(part for part in ("屏签 ·", staff.institution, staff.branch) if part))
        if staff.seat_label:
            self._title.setText(f"{self._title.text()} · {staff.seat_label}")
        self._user.setText(f"{staff.name} ▾")
        self._user.setAccessibleName(f"{staff.name}，打开菜单")
        self._enter(self._make(staff))

    def _make(self, staff: Staff) -> QWidget:
        if staff.role is StaffRole.AGENT:
            return self._make_seat()
        if staff.role is StaffRole.SUPERVISOR:
            return self._make_board(staff)
        if staff.role is StaffRole.AUDITOR:
            audit = AuditWorkspace(self._bridge, self._client, self._spool.folder.parent)
            audit.said.connect(self.toast.display)
            audit.expired.connect(self.leave)
            return audit
        return PlainPage(staff)

    def _make_seat(self) -> SeatWorkspace:
        desk = Desk(self._bridge, self._client, self._spool, self._engines.seat(), self)
        desk.said.connect(self.toast.display)
        desk.expired.connect(self.leave)
        desk.lapsed.connect(self._lapsed)
        desk.changed.connect(self._show_link)
        self._desk = desk
        Remarks(self._bridge, desk, self._spool.folder.parent / "remark.sealed")
        workspace = SeatWorkspace(self._bridge, desk, DialectStore(self._spool.folder.parent / "dialect.json"))
        workspace.ring_by(self.devices.loudspeaker)
        self._slot.addWidget(workspace.presence)
        self.opening = OpeningOfSeat(self._bridge, self._client, self._spool.folder.parent / "drafts", self)
        workspace.queue.open_new.clicked.connect(self.opening.open)
        desk.start()
        self.devices.serve(desk)
        return workspace

    def _make_board(self, staff: Staff) -> QWidget:
        desk = BoardDesk(self._bridge, self._client, self._engines.ear(), self)
        desk.said.connect(self.toast.display)
        desk.expired.connect(self._board_over)
        desk.changed.connect(self._show_link)
        self._board = desk
        board = BoardWorkspace(desk)
        desk.start()
        self.devices.serve(desk)
        if staff.seat_id is None:
            return board
        both = SupervisorWorkspace(board, self._make_seat())
        self._slot.insertWidget(0, both.switch)
        return both

    def _enter(self, workspace: QWidget) -> None:
        self._workspace = workspace
        self._pages.addWidget(workspace)
        self._pages.setCurrentWidget(workspace)
        self._head.show()
        workspace.setFocus()

    def log_out(self) -> None:
        if self._desk is not None and self._desk.state.call is not None:
            self.toast.display(Tone.CAUTION, "通话还在进行，请先挂断再退出登录")
            return
        if self._waiting():
            self.toast.display(Tone.CAUTION, f"还有 {self._waiting()} 项操作等待办理，请稍候再退出登录")
            return
        self.leave("您已退出登录")  # sends its last reports, for which the session is needed
        self._bridge.call(self._client.log_out())

    def leave(self, why: str = "") -> None:
        """Back to the door; the workspace and everything it holds goes."""
        if self._workspace is None:
            return
        self._end_workspace()
        self.login.start_again(why)

    def _end_workspace(self) -> None:
        self.devices.leave()
        if self.opening is not None:
            self.opening.close()
        for dialog in self.findChildren(QDialog):  # what they asked for has nobody to go to any more
            dialog.reject()
        workspace, self._workspace = self._workspace, None
        desks = [desk for desk in (self._desk, self._board) if desk is not None]
        for desk in desks:
            desk.changed.disconnect(self._show_link)
            desk.stop()
        if isinstance(workspace, SeatWorkspace | BoardWorkspace | SupervisorWorkspace | AuditWorkspace):
            workspace.stop()
        while (item := self._slot.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for desk in desks:
            desk.deleteLater()
        self._desk = self._board = None
        if workspace is not None:
            self._pages.removeWidget(workspace)
            workspace.deleteLater()
        self.banner.clear()
        self.again.done()
        self._head.hide()
        self._pages.setCurrentWidget(self.login)

    # --- while it runs ---

    def _show_link(self) -> None:
        seen = self._desk.state.view if self._desk else None
        if self.opening is not None and self._desk is not None:
            self.opening.follow(self._desk.state)
        if seen is not None:
            self._renewing = self._renewing and seen.log_in_again
            if seen.log_in_again and not self._renewing:
                self._lapsed()
        states = [desk.state for desk in (self._desk, self._board) if desk is not None]
        down = next((state.link for state in states if not state.link.up), None)  # a supervisor has two
        if down is None:
            notice = next((state.view.notice for state in states if state.view and state.view.notice), None)
            if notice is None:
                self.banner.clear()
            else:
                self.banner.display(notice.tone, notice.text)
            return
        again = self._reconnect if down.retry_seconds else None
        state = self._desk.state if self._desk is not None else State()
        self.banner.display(Tone.CAUTION, link_words(down, state), "马上重连", again)

    def _reconnect(self) -> None:
        """At once, where somebody has just put the network right."""
        for desk in (self._desk, self._board):
            if desk is not None and not desk.state.link.up:
                desk.renew()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        return move(self, forward)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        in_call = self._desk is not None and self._desk.state.call is not None
        if self._closing or not (in_call or self._waiting()):
            self.end()
            event.accept()
            return
        event.ignore()
        self._ask_to_close(in_call)

    def _ask_to_close(self, in_call: bool) -> None:
        if in_call:
            words = "现在关闭会断开客户，通话不算办完。录像会留在本机，下次登录后自动补传。"
            box = question(self, "close.ask", "通话还在进行", words)
            warn_first(box, "仍要关闭", self._close_anyway, "继续通话")
            return
        words = f"还有 {self._waiting()} 项操作等待办理，现在关闭就不会再办。"
        box = question(self, "close.ask", "操作还没有办完", words)
        warn_first(box, "仍要关闭", self._close_anyway, "等待办理")

    def _waiting(self) -> int:
        """The supervisor's commands that have not begun."""
        return 0 if self._board is None else self._board.waiting

    def _close_anyway(self) -> None:
        self._closing = True
        QTimer.singleShot(0, self, self.close)

    def end(self) -> None:
        """Stops everything of this window; safe to call again."""
        self._closing = True
        self._retry.stop()
        self.devices.close()
        if self._workspace is not None:
            self._end_workspace()


def link_words(link: LinkState, seat: State) -> str:
    """What a lost connection means for the agent now."""
    again = f"，{link.retry_seconds:.0f} 秒后自动重连" if link.retry_seconds and link.retry_seconds >= 1 else ""
    return f"{link.message}{again}{_means(seat)}"


def _means(seat: State) -> str:
    """For the call: the service alone may be away, or the whole network."""
    if seat.call is None:
        return ""
    if carried(seat):
        return "。通话和录像不受影响，请不要关闭窗口"
    gone = "。客户的画面和声音也不通，录下的都在本机，请不要关闭窗口"
    return f"{gone}；断开不到一分钟就接着办，超过一分钟客户会回到排队最前面"

"""What a supervisor can do about the chosen call or seat, each with its key."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QFrame, QWidget

from desktop.board.desk import BoardDesk
from desktop.board.rows import WITH_REASON
from desktop.model import board as b
from desktop.model import wording
from desktop.seat.reason import ReasonDialog
from desktop.seat.transfer import TransferDialog
from desktop.widgets.parts import KeyButton, label, row
from signing.wire.board import BoardCall, BoardSeat
from signing.wire.staff import Colleague, Presence

TAKE_OVER_REASONS = ("坐席请求支援", "客户要求由主管办理", "办理方式不符合要求")
STOP_REASONS = ("疑似受人胁迫或冒名", "客户明确要求停止", "坐席操作严重违规")
UNREAD_REASONS = ("业务打不开，已请客户改日办理",)
AWAY_REASONS = ("席位无人，代为暂离", "话后整理超时", "设备故障")
BACK_REASONS = ("已确认坐席在岗",)


class BoardBar(QFrame):
    """Buttons wait where there is nothing to do it to; their tool tip says why."""

    def __init__(self, desk: BoardDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board.bar")
        self.setProperty("bar", True)
        self.setFixedHeight(54)
        self._desk = desk
        self.listen = KeyButton("旁听", "L", icon="voice", name="board.listen")
        self.whisper = KeyButton("按住对坐席说话", "Space", icon="mic", name="board.whisper")
        self.take_over = KeyButton("接管…", "O", icon="phone", name="board.takeover")
        self.transfer = KeyButton("转接…", "T", icon="phone", name="board.transfer")
        self.stop = KeyButton("终止通话…", "X", icon="phone-down", name="board.stop", danger=True)
        self.away = KeyButton("席位暂离…", "A", icon="pause", name="board.away")
        self._words = label("", "second", wrap=True, name="board.words")
        layout = row(self, 8, (12, 8, 12, 8))
        for button in (self.listen, self.whisper, self.take_over, self.transfer, self.stop):
            layout.addWidget(button)
        layout.addWidget(self._words, 1)
        layout.addWidget(self.away)
        self.listen.clicked.connect(desk.toggle_listening)
        self.whisper.pressed.connect(partial(desk.whisper, True))
        self.whisper.released.connect(partial(desk.whisper, False))
        self.take_over.clicked.connect(self._take_over)
        self.transfer.clicked.connect(self._transfer)
        self.stop.clicked.connect(self._stop)
        self.away.clicked.connect(self._presence)

    def display(self, state: b.State) -> None:
        call, idle = state.call, not state.busy
        here = call is not None and call.call_id == state.heard
        self.listen.setText("结束旁听" if here or (call is None and state.heard) else "旁听")
        stuck = b.may_go_on(state)
        self.listen.setEnabled(idle and (not stuck or here or (call is None and state.heard != "")))
        self.listen.setToolTip(stuck)
        self.listen.set_primary(not stuck and not here)
        self.whisper.setEnabled(state.ear.peer == "connected")
        self.whisper.setText("正在说话，松开结束" if state.ear.talking else "按住对坐席说话")
        why = b.may_take_over(state)
        self.take_over.setEnabled(idle and not why)
        self.take_over.setToolTip(why or "通话连同客户立即转到您的席位")
        self.transfer.setEnabled(idle and not stuck)
        self.transfer.setToolTip(stuck)
        self.stop.setEnabled(idle and call is not None)
        self._show_seat(state)
        self._words.setText(words(state))

    def _show_seat(self, state: b.State) -> None:
        seat = state.seat
        back = seat is not None and seat.presence is Presence.AWAY
        self.away.setText("席位恢复接待…" if back else "席位暂离…")
        may = seat is not None and seat.presence in (Presence.AVAILABLE, Presence.WRAP_UP, Presence.AWAY)
        self.away.setEnabled(may and not state.busy)

    def _ask(self, title: str, question: str, common: tuple[str, ...], button: str, act: Callable[[str], None]) -> None:
        ReasonDialog(title, question, common, button, act, self.window()).open()

    def _take_over(self) -> None:
        call = self._desk.state.call
        if call is None:
            return
        self._ask(
            "接管通话",
            f"{named(call)}\n客户会立即转到您的席位，原坐席的通话随即结束。请写明原因。",
            TAKE_OVER_REASONS,
            "接管",
            partial(self._desk.take_over, call),
        )

    def _stop(self) -> None:
        call = self._desk.state.call
        if call is None:
            return
        kept = "席位随后转为暂离" if call.unread else "已完成的步骤保留"
        where = "访问记录" if call.unread else "业务的记录"
        self._ask(
            "终止通话",
            f"{named(call)}\n所有客户都会断开，{kept}。请写明原因，会记入{where}。",
            UNREAD_REASONS if call.unread else STOP_REASONS,
            "终止通话",
            partial(self._desk.stop_call, call),
        )

    def _presence(self) -> None:
        seat = self._desk.state.seat
        if seat is None:
            return
        back = seat.presence is Presence.AWAY
        self._ask(
            f"{seat.label}：{'恢复接待' if back else '设为暂离'}",
            "请写明原因。",
            BACK_REASONS if back else AWAY_REASONS,
            "确定",
            partial(self._desk.set_presence, seat, back),
        )

    def _transfer(self) -> None:
        view, call = self._desk.state.view, self._desk.state.call
        if view is None or call is None:
            return
        dialog = TransferDialog(partial(self._desk.transfer, call), self.window())
        dialog.show_seats(
            [
                Colleague(
                    seat_id=seat.seat_id, label=seat.label, branch=seat.branch, agent=seat.agent, presence=seat.presence
                )
                for seat in view.seats
                if seat.seat_id != call.seat_id
            ]
        )
        dialog.open()


def named(call: BoardCall) -> str:
    """Which call a question is about."""
    return " ".join(part for part in (call.seat, call.agent, call.product_title, call.case_no) if part)


def resting_words(seat: BoardSeat | None) -> str:
    """Why the chosen seat takes nobody, whole: its cell is narrow."""
    if seat is None or not seat.reason or seat.presence not in WITH_REASON:
        return ""
    return f"{seat.label} {wording.PRESENCES[seat.presence]}：{seat.reason}"


def words(state: b.State) -> str:
    """How the ear stands, or what to do."""
    if state.call is not None and state.call.unread:
        return "这笔业务打不开，按 X 终止通话，并联系管理员核查密钥和存储"
    if not state.heard:
        return resting_words(state.seat) or ("选中一通通话，按 L 旁听" if state.call else "")
    if state.ear.peer != "connected":
        return "正在接通旁听…"
    if state.ear.talking:
        return "只有坐席听得到您，客户听不到，也不录入录像"
    return "旁听中：坐席知道您在听，客户听不到您"

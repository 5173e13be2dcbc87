"""How the queue stands, in one line, and what a supervisor does about it: pause, go on, stop, what a seat can."""

from functools import partial

from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from desktop.board.ability import AbilityDialog
from desktop.board.desk import BoardDesk
from desktop.board.stopping import StopDialog
from desktop.model import board as b
from desktop.model import wording
from desktop.seat.reason import ReasonDialog
from desktop.widgets.parts import TONE_ICONS, Icon, KeyButton, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.board import BoardView
from signing.wire.queue import QueueStop

RESUME_REASONS = ("已可以正常接待", "故障已排除")


class QueueStrip(QFrame):
    """``display`` the state; the buttons are the board's, that of abilities is about the chosen seat."""

    def __init__(self, desk: BoardDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board.queue")
        self._desk = desk
        self._icon = Icon("info", "notice", 18)
        self.words = label("", wrap=True, name="board.queue.words")
        self.ability = KeyButton("席位能力…", "K", icon="list", name="board.ability")
        self.pause = KeyButton("暂停排队…", "P", icon="pause", name="board.pause")
        self.resume = KeyButton("恢复排队…", "R", icon="check", name="board.resume")
        self.emergency = KeyButton("紧急停止…", "E", icon="warn", name="board.emergency", danger=True)
        self.day = KeyButton("经营数字", "D", icon="signal", name="board.day.open")
        self.seals = KeyButton("印章", "Y", icon="seal", name="board.seals.open")
        self.search = QLineEdit()
        self.search.setObjectName("board.search")
        self.search.setPlaceholderText("查找 Ctrl+F")
        self.search.setAccessibleName("查找等候的客户、席位和通话")
        self.search.setToolTip("姓名、席位、网点、业务编号、产品或状态，如“断线”“空闲”；Esc 显示全部")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(150)
        self.buttons = (self.day, self.seals, self.ability, self.pause, self.resume, self.emergency)
        layout = row(self, 8, (16, 2, 12, 2))
        layout.addWidget(self._icon)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.search)
        for button in self.buttons:
            layout.addWidget(button)
        self.ability.clicked.connect(self._set_ability)
        self.pause.clicked.connect(partial(self._stop, False))
        self.emergency.clicked.connect(partial(self._stop, True))
        self.resume.clicked.connect(self._resume)

    def display(self, state: b.State) -> None:
        view, idle = state.view, not state.busy
        self.setVisible(view is not None)
        if view is None:
            return
        tone, text = standing(view)
        self._icon.show_icon(TONE_ICONS[tone], tone.value)
        self.words.setText(text)
        set_tone(self.words, None if tone is Tone.GOOD else tone)
        self.ability.setEnabled(idle and state.seat is not None)
        self.ability.setToolTip("" if state.seat else "请先选中一个席位")
        self.pause.setEnabled(idle)
        self.emergency.setEnabled(idle)
        self.resume.setVisible(bool(view.stops))
        self.resume.setEnabled(idle)

    def _stop(self, emergency: bool, _: bool = False) -> None:
        view = self._desk.state.view
        if view is not None:
            StopDialog(emergency, view.branches, self._desk.stop_queue, self.window()).open()

    def _resume(self) -> None:
        view = self._desk.state.view
        if view is None or not view.stops:
            return
        scopes = list(dict.fromkeys(stop.branch_id for stop in view.stops))
        names = "、".join(dict.fromkeys(scope_of(stop) for stop in view.stops))
        ReasonDialog(
            f"恢复{names}的排队",
            "客户会立即按原来的顺序继续振铃。请写明原因。",
            RESUME_REASONS,
            "恢复排队",
            partial(self._desk.resume_queue, scopes),
            self.window(),
            danger=False,
        ).open()

    def _set_ability(self) -> None:
        view, seat = self._desk.state.view, self._desk.state.seat
        if view is not None and seat is not None:
            AbilityDialog(seat, view.products, partial(self._desk.set_ability, seat.seat_id), self.window()).open()


def scope_of(stop: QueueStop) -> str:
    return stop.branch or "全机构"


def standing(view: BoardView) -> tuple[Tone, str]:
    """What holds the queue back, else how good the told waits were."""
    if view.stops:
        worst = Tone.STOP if any(stop.emergency for stop in view.stops) else Tone.CAUTION
        return worst, "；".join(stop_words(stop) for stop in view.stops)
    closed = [branch.name for branch in view.branches if not branch.door.joins]
    if closed:
        return Tone.CAUTION, f"{'、'.join(closed)}已过服务时间：不再接受排队，等候中的客户仍会接待"
    waits = view.waits
    if waits.count == 0:
        return Tone.GOOD, "排队正常。告知的等候时间与实际相差多少，有客户振铃后显示在这里"
    told, waited, error = (wording.duration(seconds) for seconds in (waits.told, waits.waited, waits.error))
    return Tone.GOOD, f"排队正常。近 {waits.count} 位平均告知等候 {told}，实际 {waited}，平均相差 {error}"


def stop_words(stop: QueueStop) -> str:
    kind = "已紧急停止" if stop.emergency else "已暂停排队"
    until = f"，{wording.time_of_day(stop.until)} 自动恢复" if stop.until else ""
    return f"{scope_of(stop)}{kind}（{stop.by}：{stop.reason}）{until}。告知客户：{stop.message}"

"""The bar at the foot: what can be done now, each with its key, and one sentence saying what to do."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop.model import actions
from desktop.model.actions import Act
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.seat.transfer import TransferDialog
from desktop.widgets.asking import question, warn_first
from desktop.widgets.parts import KeyButton, label, row
from media.core.layout import Layout
from signing.wire.case import StepKey

LAYOUTS = {Layout.AUTO: "自动", Layout.GRID: "均分", Layout.SPEAKER: "主讲"}
"""Of one length, so that nothing moves when another is chosen."""
APART = 32
"""Pixels between the seal and ending the wrap-up, so that one is not pressed for the other."""
NARROW = 1180
"""Pixels of the window's width below which there is little room: 1366 at 125 % are 1093."""


FINISH_KEY = "Ctrl+F2"
"""Ends the wrap-up where that is not the next action; never by Enter, which does the next one."""


class ActionBar(QFrame):
    """At most one of its buttons is primary."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bar")
        self.setProperty("bar", True)
        self.setFixedHeight(54)
        self._desk = desk
        self.mute = KeyButton("静音", "M", icon="mic", name="call.mute")
        self.snapshot = KeyButton("快照", "S", icon="camera", name="call.snapshot")
        self.turn = KeyButton("画面自动", "V", name="call.layout")
        self.transfer = KeyButton("转接…", "T", icon="phone", name="call.transfer")
        self.paper = KeyButton("看文书", "L", icon="document", name="call.paper")
        self.sentence = label("", "head", wrap=True, name="bar.sentence")
        self.proof = KeyButton("挂断前核对", "Return", icon="list", name="call.proof")
        self.seal = KeyButton("用印", "Return", icon="seal", name="case.seal")
        self.finish = KeyButton("结束整理", icon="check", name="wrapup.finish")
        layout = row(self, 10, (12, 8, 12, 8))
        for widget in (self.mute, self.snapshot, self.turn, self.paper, self.transfer):
            layout.addWidget(widget)
        layout.addWidget(self.sentence, 1)
        layout.addWidget(self.proof)
        layout.addWidget(self.seal)
        self._apart = QWidget()
        self._apart.setFixedWidth(APART)
        layout.addWidget(self._apart)
        layout.addWidget(self.finish)
        self.mute.clicked.connect(desk.toggle_mute)
        self.snapshot.clicked.connect(desk.snapshot)
        self.turn.clicked.connect(desk.turn_layout)
        self.transfer.clicked.connect(self._transfer)
        self.proof.clicked.connect(lambda: desk.show_proof(True))
        self.seal.clicked.connect(desk.seal)
        self.finish.clicked.connect(self._finish)

    def _transfer(self) -> None:
        if actions.transfer_rings(self._desk.state):
            self._desk.cancel_transfer()
            return
        dialog = TransferDialog(self._desk.transfer, self.window())
        self._desk.colleagues(dialog.show_seats)
        dialog.open()

    def _finish(self) -> None:
        if actions.leaves_unsealed(self._desk.state):
            self._ask_to_leave_unsealed()
        else:
            self._desk.finish()

    def _ask_to_leave_unsealed(self) -> None:
        words = "本笔还没有用印，客户会一直等候盖章。\n现在结束整理，以后可以从左侧“待用印”打开。"
        box = question(self.window(), "finish.ask", "本笔还没有用印", words)
        warn_first(box, "仍要结束", self._desk.finish, "返回")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        narrow = self.width() < NARROW
        for button in self.findChildren(KeyButton):
            button.set_tight(narrow)

    def display(self, state: State) -> None:
        step = actions.next_action(state)
        self.sentence.setText(step.sentence)
        self._in_call(state, step.act)
        self._after_call(state, step.act)

    def _in_call(self, state: State, act: Act) -> None:
        in_call = state.call is not None
        at_work = in_call and state.case is not None
        for button in (self.mute, self.turn):
            button.setVisible(in_call)
        self.turn.setText(f"画面{LAYOUTS[state.media.layout]}")
        for button in (self.snapshot, self.paper, self.transfer):
            button.setVisible(at_work)
        self.transfer.setText("取消转接" if actions.transfer_rings(state) else "转接…")
        self.transfer.setEnabled(not state.busy)
        self.proof.setVisible(at_work and not state.proof_open)
        self.proof.set_primary(act is Act.PROOF)
        self.mute.setText("取消静音" if state.media.muted else "静音")
        self.mute.set_icon("mic-off" if state.media.muted else "mic")
        ready = state.line.peer == "connected" and state.step is StepKey.IDENTITY
        self.snapshot.setEnabled(ready and not state.media.snapping and not state.busy)
        self.snapshot.set_primary(act is Act.SNAPSHOT)

    def _after_call(self, state: State, act: Act) -> None:
        finishable = actions.may_finish(state)
        self.seal.setVisible(actions.leaves_unsealed(state))
        self.seal.setEnabled(act is Act.SEAL and not state.busy)
        self.seal.setText("正在用印…" if state.busy == "seal" else "用印")
        self.seal.set_primary(act is Act.SEAL)
        reasons = state.case.seal_blocked_by if state.case else []
        self.seal.setAccessibleDescription(";".join(reasons))
        self.finish.setVisible(finishable)
        self._apart.setVisible(finishable)
        self.finish.setEnabled(not state.busy and actions.outcome_said(state))
        self.finish.set_primary(act is Act.FINISH)
        self.finish.set_key("Return" if act is Act.FINISH else FINISH_KEY)

"""The last page: each party's link, to be scanned, copied or sent, and how far it has come."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop.bridge import Trouble
from desktop.model import party as parties
from desktop.model import wording
from desktop.opening.desk import OpeningDesk
from desktop.opening.picker import scrolled
from desktop.seat.invitation import code_picture
from desktop.widgets.parts import Badge, KeyButton, card, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.opening import LinkState, LinkStates, LinkStep
from signing.wire.staff import CaseOpened, Invitation

LOOK_MS = 5000
TONES = {
    LinkStep.MADE: Tone.CAUTION,
    LinkStep.SENT: Tone.NOTICE,
    LinkStep.OPENED: Tone.NOTICE,
    LinkStep.ENTERED: Tone.GOOD,
    LinkStep.OVER: Tone.STOP,
}
WORDS = {
    LinkStep.MADE: "未发送",
    LinkStep.SENT: "已发短信",
    LinkStep.OPENED: "已打开",
    LinkStep.ENTERED: "已验证手机",
    LinkStep.OVER: "已拒绝",
}
STAND_IN = "演示：短信由页面显示，没有真正发送"


class InvitedPage(QWidget):
    """``another``: a further case is to be opened; ``done``: back to the seat."""

    another = Signal()
    done = Signal()

    def __init__(self, desk: OpeningDesk) -> None:
        super().__init__()
        self._desk = desk
        self._case_id = ""
        self._rows: dict[str, InvitedRow] = {}
        self._head = label("", "title", wrap=True, name="opening.opened")
        self._list = column(spacing=10)
        inner = QWidget()
        inner.setLayout(self._list)
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._ask)
        self._stale = label("", "second", wrap=True, name="opening.stale")
        set_tone(self._stale, Tone.CAUTION)
        self._stale.hide()
        again = KeyButton("再建一笔", "Ctrl+N", name="opening.another")
        again.setShortcut("Ctrl+N")
        again.clicked.connect(self.another)
        close = KeyButton("完成", "Escape", name="opening.done")
        close.set_primary(True)
        close.clicked.connect(self.done)
        layout = column(self, 10)
        layout.addWidget(self._head)
        told = "每人一条链接，只在这里显示一次；忘了发送的，以后在“业务操作”里换发。"
        layout.addWidget(label(told, "second", wrap=True))
        layout.addWidget(self._stale)
        layout.addWidget(scrolled(inner, "各位当事人的链接"), 1)
        line = row()
        line.addStretch(1)
        line.addWidget(again)
        line.addWidget(close)
        layout.addLayout(line)
        desk.linked.connect(self.show_states)

    def display(self, answer: CaseOpened) -> None:
        case = answer.case
        self._case_id = case.case_id
        self._head.setText(f"已建立业务 {case.case_no}　{case.product_title}")
        clear(self._list)
        self._rows = {}
        people = {party.party_id: parties.label(party) for party in case.parties}
        for number, invitation in enumerate(answer.invitations, 1):
            made = InvitedRow(number, people.get(invitation.party_id, invitation.name_masked), invitation)
            made.send.clicked.connect(lambda _=False, made=made: self._send(made))
            self._rows[invitation.party_id] = made
            self._list.addWidget(made)
        self._list.addStretch(1)
        self._ask()
        self._look.start()

    def _ask(self) -> None:
        self._desk.links(self._case_id, self._not_known)

    def _not_known(self, trouble: Trouble) -> None:
        self._stale.setText(f"{trouble.message}，下面的进度可能不是最新的，正在自动重试")
        self._stale.show()

    def _send(self, made: "InvitedRow") -> None:
        made.send.setEnabled(False)

        def failed(trouble: Trouble) -> None:
            made.send.setEnabled(True)
            made.say(Tone.STOP, trouble.text)

        self._desk.send(self._case_id, made.invitation, failed)

    def show_states(self, states: LinkStates) -> None:
        self._stale.hide()
        for state in states.links:
            if state.party_id in self._rows:
                self._rows[state.party_id].display(state)

    def stop(self) -> None:
        """Nobody looks any more."""
        self._look.stop()

    @property
    def rows(self) -> Sequence["InvitedRow"]:
        return list(self._rows.values())


class InvitedRow(QWidget):
    """Code, words, link, and the three ways to bring it to somebody."""

    def __init__(self, number: int, who: str, invitation: Invitation) -> None:
        super().__init__()
        self.invitation = invitation
        name = f"invited.{number}"
        box = card()
        column(self).addWidget(box)
        line = row(box, 16, (14, 12, 14, 12))
        line.addWidget(code_picture(invitation.url), alignment=Qt.AlignmentFlag.AlignTop)
        words = column(spacing=6)
        head = row(spacing=10)
        head.addWidget(label(who, "head"))
        self.badge = Badge()
        head.addWidget(self.badge)
        head.addStretch(1)
        words.addLayout(head)
        self.state = label("", "second", wrap=True, name=f"{name}.state")
        words.addWidget(self.state)
        self.url = QLineEdit(invitation.url)
        self.url.setObjectName(f"{name}.url")
        self.url.setAccessibleName(f"{who}的专属链接")
        self.url.setReadOnly(True)
        self.url.setCursorPosition(0)
        words.addWidget(self.url)
        words.addWidget(label(invitation.text, "second", wrap=True, name=f"{name}.text"))
        words.addLayout(self._buttons(number, name, who))
        words.addStretch(1)
        line.addLayout(words, 1)
        self._until = wording.day_and_time(invitation.expires_at)
        self.display(None)

    def _buttons(self, number: int, name: str, who: str) -> QHBoxLayout:
        self.copy = _button("复制链接", f"{name}.copy", f"复制链接：{who}", self.invitation.url)
        self.copy_text = _button("复制短信文字", f"{name}.copy_text", f"复制短信文字：{who}", self.invitation.text)
        self.send = KeyButton("发短信", name=f"{name}.send")
        for button, key in ((self.copy, f"Ctrl+{number}"), (self.send, f"Alt+{number}")):
            button.set_key(key)
            button.setShortcut(key)
        self._who = who
        self._call("发短信")
        line = row(spacing=8)
        for button in (self.copy, self.copy_text, self.send):
            line.addWidget(button)
        line.addStretch(1)
        return line

    def display(self, state: LinkState | None) -> None:
        step = state.step if state is not None else LinkStep.MADE
        self.badge.display(WORDS[step], TONES[step])
        if state is None:
            self.state.setText(f"有效至 {self._until}")
            return
        stand_in = f"　{STAND_IN}" if state.stand_in and step is LinkStep.SENT else ""
        self.say(None, f"{state.phone_masked}　{state.words}，有效至 {self._until}{stand_in}")
        self.send.setEnabled(step in (LinkStep.MADE, LinkStep.SENT, LinkStep.OPENED))
        self._call("再发一次" if step is not LinkStep.MADE else "发短信")

    def _call(self, words: str) -> None:
        self.send.setText(words)
        self.send.setAccessibleName(f"{words}：{self._who}")

    def say(self, tone: Tone | None, words: str) -> None:
        self.state.setText(words)
        set_tone(self.state, tone)


def _button(words: str, name: str, spoken: str, text: str) -> KeyButton:
    made = KeyButton(words, name=name)
    made.setAccessibleName(spoken)

    def copy() -> None:
        QGuiApplication.clipboard().setText(text)
        made.setText("已复制")
        made.setAccessibleName(f"已复制：{spoken}")

    made.clicked.connect(copy)
    return made

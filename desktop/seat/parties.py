"""The parties of the case: where each one is, how far, how good their line; the focused one with what may be done."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QWidget

from desktop.model import helping, revealing, wording
from desktop.model import party as parties
from desktop.model.quality import Shown, shown
from desktop.model.state import Line, State
from desktop.seat.desk import Desk
from desktop.seat.helper import HelperDialog
from desktop.seat.reason import ReasonDialog
from desktop.widgets.bars import LineBars
from desktop.widgets.parts import Icon, KeyButton, clear, column, label, row, set_tone
from desktop.widgets.personal import PersonalBox
from signing.wire.base import Tone
from signing.wire.call import CallParty, CallPartyState
from signing.wire.case import CaseView, PartyState, PartyView, Personal, Revealed

REVEAL_KEYS = {Personal.ID_NUMBER: "I", Personal.PHONE: "N"}
FOCUS_KEYS = tuple(f"Ctrl+{number}" for number in range(1, 9))
GONE = (PartyState.REFUSED, PartyState.REMOVED)
REASONS = ("需要单独核实，请先离开", "不是本人", "本人要求离开")
_ICONS = {
    CallPartyState.LIVE: ("dot", Tone.GOOD),
    CallPartyState.HELD: ("pause", Tone.CAUTION),
    CallPartyState.DROPPED: ("warn", Tone.STOP),
    CallPartyState.WAITING: ("clock", Tone.NOTICE),
    CallPartyState.RINGING: ("phone", Tone.NOTICE),
    CallPartyState.ELSEWHERE: ("phone", Tone.NOTICE),
}
PLACES = {
    CallPartyState.LIVE: "通话中",
    CallPartyState.HELD: "请稍候中",
    CallPartyState.DROPPED: "断线",
    CallPartyState.WAITING: "等候中",
    CallPartyState.RINGING: "别席振铃",
    CallPartyState.ELSEWHERE: "在别席",
    CallPartyState.LEFT: "已离开",
    CallPartyState.ABSENT: "未到",
}


class PartyList(QWidget):
    """Rows, numbered as their keys are; below them the numbers and the buttons of the focused one."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("case.parties")
        self._desk = desk
        self._shown: object = None
        self._rows = column(spacing=4)
        self.admit = KeyButton("请入通话", "A", name="party.admit")
        self.hold = KeyButton("请稍候", "H", name="party.hold")
        self.remove = KeyButton("请出…", "D", name="party.remove")
        self.helper = KeyButton("协助人…", "W", name="party.helper")
        self.personal = PersonalBox(REVEAL_KEYS, "party")
        self._buttons = QWidget()
        lines = column(self._buttons, 6)
        for buttons in ((self.admit, self.hold, self.remove), (self.helper,)):
            line = row(spacing=8)
            for button in buttons:
                line.addWidget(button)
            line.addStretch(1)
            lines.addLayout(line)
        layout = column(self, 6)
        layout.addLayout(self._rows)
        layout.addWidget(self.personal)
        layout.addWidget(self._buttons)
        self.admit.clicked.connect(lambda: self._of_focus(desk.admit))
        self.hold.clicked.connect(self._hold)
        self.remove.clicked.connect(self._ask_to_remove)
        self.helper.clicked.connect(self._ask_for_helper)
        self.personal.asked.connect(self._reveal)

    def display(self, state: State) -> None:
        self._show_buttons(state)
        self.personal.setVisible(state.party is not None)
        self.personal.display(state.case.case_id if state.case else "", state.party)
        self.personal.set_waiting(bool(state.busy))
        people = [(one, state.place(one.party_id), _line(state, one)) for one in state.people]
        focus = state.party.party_id if state.party else ""
        if (people, focus, state.step) == self._shown:
            return
        self._shown = (people, focus, state.step)
        clear(self._rows)
        for number, (one, place, line) in enumerate(people, 1):
            made = PartyRow(number, one, place, line, state.case, focused=one.party_id == focus)
            made.chosen = partial(self._desk.focus, one.party_id)
            self._rows.addWidget(made)

    def _show_buttons(self, state: State) -> None:
        party = state.party
        place = state.place(party.party_id) if party else None
        at = place.state if place is not None and state.call is not None else None
        inside = at in (CallPartyState.LIVE, CallPartyState.HELD)
        self.admit.setVisible(at is CallPartyState.WAITING)
        self.hold.setVisible(inside)
        self.hold.setText("请回通话" if at is CallPartyState.HELD else "请稍候")
        self.remove.setVisible(inside and len(state.people) > 1)
        self.helper.setVisible(inside)
        self._buttons.setVisible(inside or at is CallPartyState.WAITING)
        for button in (self.admit, self.hold, self.remove, self.helper):
            button.setEnabled(not state.busy)
        self.admit.set_primary(at is CallPartyState.WAITING)

    def _of_focus(self, act: Callable[[str], None]) -> None:
        if self._desk.state.party is not None:
            act(self._desk.state.party.party_id)

    def _reveal(self, place: revealing.Place) -> None:
        """With the case on the desk no reason is asked for."""

        def show(found: Revealed) -> None:
            self.personal.reveal(place, found.value)

        self._desk.ask_of_case("reveal", place.tail, Revealed, show, place.message())

    def _hold(self) -> None:
        party = self._desk.state.party
        place = self._desk.state.place(party.party_id) if party else None
        if place is not None:
            self._desk.hold(place.party_id, place.state is not CallPartyState.HELD)

    def _ask_for_helper(self) -> None:
        party, desk = self._desk.state.party, self._desk
        if party is not None:
            customer = parties.label(party)
            HelperDialog(customer, party.helper, desk.declare_helper, desk.dismiss_helper, self.window()).open()

    def _ask_to_remove(self) -> None:
        party = self._desk.state.party
        if party is None:
            return
        ReasonDialog(
            f"请 {parties.label(party)} 离开通话",
            "已完成的步骤都保留。请写明原因；对方可以重新排队，再由您请入。",
            REASONS,
            "请出通话",
            partial(self._desk.remove, party.party_id),
            self.window(),
        ).open()


class PartyRow(QFrame):
    """One party; a click or Enter turns the workspace to them."""

    def __init__(
        self, number: int, party: PartyView, place: CallParty | None, line: Shown, case: CaseView | None,
        *, focused: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        self.setObjectName(f"party.{number}")
        self.setProperty("choice", True)
        self.setProperty("chosen", focused)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.chosen: Callable[[], None] = lambda: None
        title = parties.title(case, party) if case else ""
        done = wording.PARTY_STATES[party.state]
        layout = column(self, 2, (8, 6, 8, 6))
        head = row(spacing=6)
        icon, tone = _ICONS.get(place.state if place else CallPartyState.ABSENT, ("face", None))
        head.addWidget(Icon(icon, tone.value if tone else "muted", 14))
        head.addWidget(label(party.name_masked, "head"))
        head.addWidget(label(party.role_title, "second"))
        head.addStretch(1)
        where = label(PLACES[place.state] if place else "", "second")
        set_tone(where, tone)
        head.addWidget(where)
        head.addWidget(label(f"Ctrl+{number}", "second"))
        layout.addLayout(head)
        second = row(spacing=6)
        words = done if title == "" or place is None else f"{title} · {done}"
        step = label(words, "second")
        set_tone(step, Tone.STOP if party.state in GONE else Tone.GOOD if party.state is PartyState.SIGNED else None)
        second.addWidget(step)
        second.addStretch(1)
        second.addWidget(LineBars(line))
        layout.addLayout(second)
        if line.advice is not None:
            advice = label(line.hint, "second", wrap=True, name=f"party.{number}.advice")
            set_tone(advice, line.tone)
            layout.addWidget(advice)
        if party.helper is not None:
            beside = label(f"{helping.words(party.helper)} · {helping.place(party.helper)}", "second")
            set_tone(beside, Tone.NOTICE)
            layout.addWidget(beside)
        self.setAccessibleName(f"第 {number} 位，{parties.label(party)}，{where.text()}，{words}，{line.text}")

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.chosen()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen()
        else:
            super().keyPressEvent(event)


def _line(state: State, party: PartyView) -> Shown:
    """The network of a party in the call; for one outside, whether their page is open."""
    place = state.place(party.party_id)
    if place is None:
        return Shown("", Tone.NOTICE)
    if place.state in (CallPartyState.LIVE, CallPartyState.HELD):
        line: Line = state.media.line(party.party_id)
        return shown(line.peer, line.quality)
    return Shown("手机在线" if place.online else "手机不在线", Tone.NOTICE)

"""The parties of the case: where each one is, how far, how good their line; the focused one with what may be done."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from desktop.model import party as parties
from desktop.model import revealing
from desktop.model.quality import Shown, of_the_seat, shown
from desktop.model.state import Line, State
from desktop.seat.desk import Desk
from desktop.seat.helper import HelperDialog
from desktop.seat.partyrow import Entry, PartyRow
from desktop.seat.reason import ReasonDialog
from desktop.widgets.parts import KeyButton, column, label, set_tone
from desktop.widgets.personal import PersonalBox
from signing.wire.base import Tone
from signing.wire.call import CallPartyState
from signing.wire.case import PartyView, Personal, Revealed

REVEAL_KEYS = {Personal.ID_NUMBER: "I", Personal.PHONE: "N"}
FOCUS_KEYS = tuple(f"Ctrl+{number}" for number in range(1, 9))
REASONS = ("需要单独核实，请先离开", "不是本人", "本人要求离开")
MANY = 3
"""With more, a row is one line, and what to do about its line is its tool tip; the focused one keeps its two lines and
the advice below them."""


class PartyList(QWidget):
    """Rows, numbered as their keys are; below them the numbers of the focused one.

    ``buttons``: what may be done with the focused one, for a place where the rows do not push them.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("case.parties")
        self._desk = desk
        self._made: list[PartyRow] = []
        self._rows = column(spacing=4)
        self.admit = KeyButton("请入通话", "A", name="party.admit")
        self.hold = KeyButton("请其稍候", "H", name="party.hold")
        self.mute = KeyButton("将其静音", "U", name="party.mute")
        self.alone = KeyButton("单独谈话", "G", name="party.alone")
        self.helper = KeyButton("协助人…", "W", name="party.helper")
        self.remove = KeyButton("请出…", "D", name="party.remove")
        self.personal = PersonalBox(REVEAL_KEYS, "party")
        self.buttons = self._places()
        layout = column(self, 6)
        self.shared = label("", "second", wrap=True, name="party.shared")
        set_tone(self.shared, Tone.CAUTION)
        layout.addWidget(self.shared)
        layout.addLayout(self._rows)
        layout.addWidget(self.personal)
        self.admit.clicked.connect(lambda: self._of_focus(desk.admit))
        self.hold.clicked.connect(self._hold)
        self.mute.clicked.connect(self._mute)
        self.alone.clicked.connect(self._talk_alone)
        self.remove.clicked.connect(self._ask_to_remove)
        self.helper.clicked.connect(self._ask_for_helper)
        self.personal.asked.connect(self._reveal)

    def _places(self) -> QWidget:
        """Each button has its own place: none moves while people come and go."""
        box = QWidget()
        grid = QGridLayout(box)
        grid.setSpacing(6)
        grid.setContentsMargins(0, 0, 0, 0)
        for number, button in enumerate((self.hold, self.mute, self.admit, self.alone, self.helper, self.remove)):
            button.setProperty("tight", True)
            grid.addWidget(button, number // 3, number % 3)
        for side in range(3):
            grid.setColumnStretch(side, 1)
        return box

    def display(self, state: State) -> None:
        self._show_buttons(state)
        self.personal.setVisible(state.party is not None)
        self.personal.display(state.case.case_id if state.case else "", state.party)
        self.personal.set_waiting(bool(state.busy))
        people = [(one, state.place(one.party_id), _line(state, one)) for one in state.people]
        shared = of_the_seat([line for _, _, line in people])
        self.shared.setVisible(shared is not None)
        self.shared.setText(shared.text if shared is not None else "")
        focus = state.party.party_id if state.party else ""
        alone = state.call.alone_with if state.call is not None else None
        entries = [
            Entry(
                number, one, place, line, parties.title(state.case, one) if state.case else "",
                focused=one.party_id == focus,
                alone=one.party_id == alone,
                advised=line.advice is not shared and (one.party_id == focus or len(people) <= MANY),
                narrow=len(people) > MANY and one.party_id != focus,
            )
            for number, (one, place, line) in enumerate(people, 1)
        ]  # fmt: skip
        self._show_rows(entries)

    def _show_rows(self, entries: list[Entry]) -> None:
        """Makes anew only what has changed, and at once: lines change every second, and the list would flicker."""
        if [made.shown for made in self._made] == entries:
            return
        for gone in self._made[len(entries) :]:
            _discard(gone, self._rows)
        del self._made[len(entries) :]
        for at, entry in enumerate(entries):
            if at < len(self._made) and self._made[at].shown == entry:
                continue
            made = PartyRow(entry)
            made.chosen = partial(self._desk.focus, entry.party.party_id)
            if at < len(self._made):
                made.setGeometry(self._made[at].geometry())
                _discard(self._made.pop(at), self._rows)
            self._made.insert(at, made)
            self._rows.insertWidget(at, made)
            made.show()

    def _show_buttons(self, state: State) -> None:
        party = state.party
        place = state.place(party.party_id) if party else None
        at = place.state if place is not None and state.call is not None else None
        inside = at in (CallPartyState.LIVE, CallPartyState.HELD)
        alone = state.call.alone_with if state.call is not None else None
        self.buttons.setVisible(state.call is not None)
        for button in (self.admit, self.alone, self.remove):
            button.setVisible(len(state.people) > 1)
        may = {
            self.admit: at is CallPartyState.WAITING,
            self.hold: inside and alone is None,
            self.mute: inside,
            self.alone: alone is not None or inside,
            self.helper: inside,
            self.remove: inside,
        }
        for button, possible in may.items():
            button.setEnabled(possible and not state.busy)
        self.hold.setText("请回通话" if at is CallPartyState.HELD and alone is None else "请其稍候")
        self.mute.setText("取消静音" if place is not None and place.muted else "将其静音")
        self.alone.setText("结束单独" if alone is not None else "单独谈话")
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

    def _mute(self) -> None:
        party = self._desk.state.party
        place = self._desk.state.place(party.party_id) if party else None
        if place is not None:
            self._desk.mute(place.party_id, not place.muted)

    def _talk_alone(self) -> None:
        """With the focused one; while somebody is talked to alone, with all again."""
        call, party = self._desk.state.call, self._desk.state.party
        if call is not None and party is not None:
            self._desk.talk_alone(None if call.alone_with is not None else party.party_id)

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


def _line(state: State, party: PartyView) -> Shown:
    """The network of a party in the call; for one outside, whether their page is open."""
    place = state.place(party.party_id)
    if place is None:
        return Shown("", Tone.NOTICE)
    if place.state in (CallPartyState.LIVE, CallPartyState.HELD):
        line: Line = state.media.line(party.party_id)
        return shown(line.peer, line.quality)
    return Shown("手机在线" if place.online else "手机不在线", Tone.NOTICE)


def _discard(gone: QWidget, layout: QVBoxLayout) -> None:
    layout.removeWidget(gone)
    gone.hide()
    gone.deleteLater()

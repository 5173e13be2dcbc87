"""One party's row: where they are, how far, how good their line."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout

from desktop.model import helping, wording
from desktop.model import party as parties
from desktop.model.quality import Shown
from desktop.widgets.bars import LineBars
from desktop.widgets.parts import Elided, Icon, column, keeps_enter, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.call import CallParty, CallPartyState
from signing.wire.case import PartyState, PartyView

GONE = (PartyState.REFUSED, PartyState.REMOVED)
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
_SHORT = {"共同借款人": "共借人"}
ROLE = 48
"""Pixels: room for three characters of the role, whatever else stands on the line."""


@dataclass(frozen=True)
class Entry:
    """What a row shows. ``title`` is of the step the party is at.

    ``advised``: what to do about their line stands below. ``narrow``: all on one line, the line's word left out.
    """

    number: int
    party: PartyView
    place: CallParty | None
    line: Shown
    title: str
    focused: bool
    alone: bool
    advised: bool = True
    narrow: bool = False

    @property
    def words(self) -> str:
        done = wording.PARTY_STATES[self.party.state]
        return done if self.title == "" or self.place is None else f"{self.title} · {done}"


class PartyRow(QFrame):
    """One party; a click or Enter turns the workspace to them."""

    def __init__(self, shown: Entry) -> None:
        super().__init__()
        self.shown = shown
        party, number = shown.party, shown.number
        self.setObjectName(f"party.{number}")
        self.setProperty("choice", True)
        self.setProperty("chosen", shown.focused)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.chosen: Callable[[], None] = lambda: None
        step = Elided(shown.title or shown.words if shown.narrow else shown.words, "second")
        set_tone(step, Tone.STOP if party.state in GONE else Tone.GOOD if party.state is PartyState.SIGNED else None)
        bars = None if shown.narrow and _goes_without_saying(shown.place) else LineBars(shown.line, narrow=shown.narrow)
        layout = column(self, 2, (8, 3, 8, 3) if shown.narrow else (8, 6, 8, 6))
        if shown.narrow:
            layout.addLayout(self._head(step, bars))
        else:
            layout.addLayout(self._head())
            assert bars is not None
            layout.addLayout(_both_ends(step, bars))
        for text, tone, name in self._below():
            made = label(text, "second", wrap=True, name=name)
            set_tone(made, tone)
            layout.addWidget(made)
        where = where_words(shown.place, alone=shown.alone)
        self.setAccessibleName(f"第 {number} 位，{parties.label(party)}，{where}，{shown.words}，{shown.line.text}")

    def _head(self, step: Elided | None = None, bars: LineBars | None = None) -> QHBoxLayout:
        """The first line; the only one where it holds step and line too."""
        shown = self.shown
        place = shown.place
        icon, tone = _ICONS.get(place.state if place else CallPartyState.ABSENT, ("face", None))
        head = row(spacing=6)
        head.addWidget(Icon(icon, tone.value if tone else "muted", 14))
        head.addWidget(label(shown.party.name_masked, "head"))
        role = Elided(_SHORT.get(shown.party.role_title, shown.party.role_title), "second")
        role.setMinimumWidth(min(role.sizeHint().width(), ROLE))
        head.addWidget(role, 1)
        if step is not None:
            head.addWidget(step, 2)
        else:
            head.addStretch(1)
        if bars is not None:
            head.addWidget(bars)
        words = where_words(place, alone=shown.alone, short=True)
        if not (shown.narrow and words == PLACES[CallPartyState.LIVE]):  # the dot and the bars say it
            where = label(words, "second")
            set_tone(where, Tone.CAUTION if shown.alone or (place is not None and place.muted) else tone)
            head.addWidget(where)
        head.addWidget(label(f"Ctrl+{shown.number}", "second"))
        return head

    def _below(self) -> list[tuple[str, Tone, str]]:
        told, line, helper = [], self.shown.line, self.shown.party.helper
        if line.advice is not None and self.shown.advised:
            told.append((line.hint, line.tone, f"party.{self.shown.number}.advice"))
        if helper is not None:
            told.append((f"{helping.words(helper)} · {helping.place(helper)}", Tone.NOTICE, ""))
        return told

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.chosen()

    def event(self, event: QEvent) -> bool:
        return keeps_enter(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen()
        else:
            super().keyPressEvent(event)


def _goes_without_saying(place: CallParty | None) -> bool:
    """Who waits has their page open, and who dropped has not."""
    if place is None:
        return False
    return place.state is (CallPartyState.WAITING if place.online else CallPartyState.DROPPED)


def where_words(place: CallParty | None, *, alone: bool, short: bool = False) -> str:
    """Where a party is, and what is special about it. ``short``: who is muted and in the call is said to be muted."""
    if place is None:
        return ""
    where = "单独谈话中" if alone and place.state is CallPartyState.LIVE else PLACES[place.state]
    if short and place.muted and where == PLACES[CallPartyState.LIVE]:
        return "已静音"
    return f"已静音 · {where}" if place.muted else where


def _both_ends(left: Elided, right: LineBars) -> QHBoxLayout:
    line = row(spacing=6)
    line.addWidget(left)
    line.addStretch(1)
    line.addWidget(right)
    return line

"""One party's row: where they are, how far, how good their line."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from desktop.model import helping, wording
from desktop.model import party as parties
from desktop.model.quality import Shown
from desktop.widgets.bars import LineBars
from desktop.widgets.parts import Elided, Icon, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.call import CallParty, CallPartyState
from signing.wire.case import CaseView, PartyState, PartyView

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


class PartyRow(QFrame):
    """One party; a click or Enter turns the workspace to them.

    ``advised``: what to do about their line stands below. ``narrow``: all on one line, the line's word left out.
    """

    def __init__(
        self, number: int, party: PartyView, place: CallParty | None, line: Shown, case: CaseView | None,
        *, focused: bool, alone: bool, advised: bool = True, narrow: bool = False,
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
        words = done if title == "" or place is None else f"{title} · {done}"
        where = where_words(place, alone=alone)
        step = Elided(title or done if narrow else words, "second")
        set_tone(step, Tone.STOP if party.state in GONE else Tone.GOOD if party.state is PartyState.SIGNED else None)
        layout = column(self, 2, (8, 3, 8, 3) if narrow else (8, 6, 8, 6))
        head, middle = self._head(number, party, place, where, alone=alone)
        layout.addLayout(head)
        bars = LineBars(line, narrow=narrow)
        if narrow:
            head.insertWidget(middle, step)
            head.insertWidget(middle + 2, bars)
        else:
            layout.addLayout(_both_ends(step, bars))
        for text, tone, name in self._below(number, party, line, advised=advised):
            made = label(text, "second", wrap=True, name=name)
            set_tone(made, tone)
            layout.addWidget(made)
        self.setAccessibleName(f"第 {number} 位，{parties.label(party)}，{where}，{words}，{line.text}")

    def _head(
        self, number: int, party: PartyView, place: CallParty | None, where: str, *, alone: bool
    ) -> tuple[QHBoxLayout, int]:
        """The first line, and at which place of it there is room for more."""
        icon, tone = _ICONS.get(place.state if place else CallPartyState.ABSENT, ("face", None))
        head = row(spacing=6)
        head.addWidget(Icon(icon, tone.value if tone else "muted", 14))
        head.addWidget(label(party.name_masked, "head"))
        head.addWidget(Elided(party.role_title, "second"))
        head.addStretch(1)
        at: QLabel = label(where, "second")
        set_tone(at, Tone.CAUTION if alone or (place is not None and place.muted) else tone)
        head.addWidget(at)
        head.addWidget(label(f"Ctrl+{number}", "second"))
        return head, 3

    def _below(self, number: int, party: PartyView, line: Shown, *, advised: bool) -> list[tuple[str, Tone, str]]:
        told = []
        if line.advice is not None and advised:
            told.append((line.hint, line.tone, f"party.{number}.advice"))
        if party.helper is not None:
            told.append((f"{helping.words(party.helper)} · {helping.place(party.helper)}", Tone.NOTICE, ""))
        return told

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.chosen()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen()
        else:
            super().keyPressEvent(event)


def where_words(place: CallParty | None, *, alone: bool) -> str:
    """Where a party is, and what is special about it."""
    if place is None:
        return ""
    where = "单独谈话中" if alone and place.state is CallPartyState.LIVE else PLACES[place.state]
    return f"已静音 · {where}" if place.muted else where


def _both_ends(left: Elided, right: LineBars) -> QHBoxLayout:
    line = row(spacing=6)
    line.addWidget(left)
    line.addStretch(1)
    line.addWidget(right)
    return line

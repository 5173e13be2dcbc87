"""Presence in the window's head: always to be seen, changed by one key."""

from datetime import datetime

from PySide6.QtWidgets import QWidget

from desktop.model import wording
from desktop.model.actions import Act, next_action
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.seat.reason import ReasonDialog
from desktop.widgets import theme
from desktop.widgets.parts import Badge, KeyButton, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.staff import Presence, SeatView

AWAY_REASONS = ("用餐", "开会或培训", "休息片刻", "整理资料", "设备故障")
MISSED = "来电未接"
"""The service's reason for setting a seat away that let a ring run out."""
SHORT = 60.0
"""Seconds of the wrap-up that are worth a warning."""

TONES = {
    Presence.AVAILABLE: (Tone.GOOD, "dot"),
    Presence.RINGING: (Tone.CAUTION, "phone"),
    Presence.ON_CALL: (Tone.NOTICE, "phone"),
    Presence.WRAP_UP: (Tone.CAUTION, "pen"),
    Presence.AWAY: (Tone.NOTICE, "ring"),
    Presence.OFFLINE: (Tone.NOTICE, "ring"),
}


class PresenceBox(QWidget):
    """Badge, time in this state, and the button that begins or pauses taking customers."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presence")
        self._desk = desk
        self._since: datetime | None = None
        self._before: SeatView | None = None
        self.badge = Badge("", Tone.NOTICE)
        self.badge.setObjectName("presence.badge")
        self._timer = label("", name="presence.timer")
        self._timer.setFont(theme.figures(self.font(), 14))
        self.available = KeyButton("开始接待", "F2", name="presence.available")
        self.away = KeyButton("暂离…", "F2", name="presence.away")
        layout = row(self, 10)
        for widget in (self.badge, self._timer, self.available, self.away):
            layout.addWidget(widget)
        self.available.clicked.connect(lambda: desk.set_available(True))
        self.away.clicked.connect(self._ask_why)

    def _ask_why(self) -> None:
        ReasonDialog(
            "暂离",
            "暂离期间不会有客户接入，主管可以看到原因。",
            AWAY_REASONS,
            "暂离",
            lambda reason: self._desk.set_available(False, reason[:100]),
            self.window(),
            danger=False,
        ).open()

    def display(self, state: State, now: datetime) -> None:
        view = state.view
        self.setVisible(view is not None)
        if view is None:
            return
        tone, icon = TONES[view.presence]
        missed = view.presence is Presence.AWAY and view.presence_reason == MISSED
        if missed:
            tone = Tone.CAUTION
        word = wording.PRESENCES[view.presence]
        reason = view.presence_reason if view.presence is Presence.AWAY else ""
        self.badge.display(f"{word}（{reason}）" if reason else word, tone, icon)
        before, self._before = self._before, view
        if missed and before is not None and before.presence is Presence.RINGING:
            rang = max(1, round((view.presence_since - before.presence_since).total_seconds()))
            self._desk.said.emit(Tone.CAUTION, f"{rang} 秒没有接听，已设为暂离。按 F2 继续接待")
        self._since = view.presence_since
        self.available.setVisible(view.presence in (Presence.OFFLINE, Presence.AWAY))
        self.available.setEnabled(not state.busy)
        self.available.set_primary(next_action(state).act is Act.AVAILABLE)
        self.away.setVisible(view.presence is Presence.AVAILABLE)
        self.away.setEnabled(not state.busy)
        self.tick(now)

    def tick(self, now: datetime) -> None:
        text = wording.duration(wording.seconds_between(self._since, now)) if self._since else ""
        until = self._before.wrap_up_until if self._before else None
        left = wording.seconds_between(now, until) if until else 0.0
        self._timer.setText(f"{text} · {wording.duration(left)} 后自动结束" if until else text)
        set_tone(self._timer, Tone.CAUTION if until and left < SHORT else None)

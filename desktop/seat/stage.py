"""The stage: who is on the line, since when, whether it is being recorded, how good the line is; and the picture."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.model import tapecheck, wording
from desktop.model.quality import shown
from desktop.model.state import State
from desktop.widgets import theme
from desktop.widgets.bars import icon_of
from desktop.widgets.notice import keep_clear
from desktop.widgets.parts import Badge, Elided, column, label, row
from desktop.widgets.video import VideoView
from media.ports import Engine
from signing.wire.base import Tone
from signing.wire.call import CallPartyState, SeatCall

BADGE = 112
"""Pixels: room for the words that stand there usually, also with the papers open on a small screen."""


class StagePanel(QWidget):
    """``display`` sets head and picture from the state; ``tick`` renews the timer."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self._engine = engine
        self._watching = ""
        self._since: datetime | None = None
        self._who = Elided("", "head")
        self._who.setObjectName("stage.party")
        self._timer = label("", name="stage.timer")
        self._timer.setFont(theme.figures(self.font(), 14))
        self._recording = Badge("未录制", Tone.CAUTION, least=BADGE)
        self._recording.setObjectName("stage.recording")
        self._line = Badge("", Tone.NOTICE, icon="signal", least=BADGE)
        self._line.setObjectName("stage.line")
        self.video = VideoView()
        self.video.setObjectName("stage.video")
        self.video.setAccessibleName("通话画面")
        self._top = QWidget()
        keep_clear(self._top)
        self._head = row(self._top, spacing=10, margins=(4, 0, 4, 0))
        self._fill_head()
        self.stack(False)
        layout = column(self, 6)
        layout.addWidget(self._top)
        layout.addWidget(self.video, 1)

    def _fill_head(self) -> None:
        names, badges = row(spacing=10), row(spacing=10)
        for widget in (self._who, self._timer):
            names.addWidget(widget)
        names.addStretch(1)
        for badge in (self._recording, self._line):
            badges.addWidget(badge)
        self._head.addLayout(names, 1)
        self._head.addLayout(badges)
        self._head.setAlignment(badges, Qt.AlignmentFlag.AlignLeft)

    def stack(self, on: bool) -> None:
        """The badges below the names in place of beside them, where the picture gives its room to a paper."""
        directions = QHBoxLayout.Direction
        self._head.setDirection(directions.TopToBottom if on else directions.LeftToRight)
        self._head.setSpacing(2 if on else 10)
        self._top.setFixedHeight(52 if on else 26)

    def display(self, state: State, now: datetime) -> None:
        call = state.call
        self._since = call.started_at if call else None
        self._watch(state)
        for badge in (self._recording, self._line):
            badge.setVisible(call is not None)
        if call is None:
            self._who.setText("")
        else:
            self._who.setText(who_words(call))
            self._recording.display(*tapecheck.shown(state.media))
            self._recording.setToolTip(tapecheck.hint(state.media))
            line = shown(state.line.peer, state.line.quality)
            self._line.display(line.text, line.tone, icon_of(line))
            self._line.setToolTip(line.hint)
        self.tick(now)

    def tick(self, now: datetime) -> None:
        text = wording.duration(wording.seconds_between(self._since, now)) if self._since else ""
        self._timer.setText(text)

    def _watch(self, state: State) -> None:
        call_id = state.media.call_id
        self.video.words = empty_words(state)
        if call_id == self._watching:
            return
        self._watching = call_id
        self.video.watch(self._engine.stage() if call_id else None)


def who_words(call: SeatCall) -> str:
    """Who is in the call; with more than two, how many."""
    inside = [place for place in call.parties if place.state in (CallPartyState.LIVE, CallPartyState.HELD)]
    heard = "，主管旁听" if call.listeners else ""
    if any(ear.whispering for ear in call.listeners):
        heard = "，主管正在对您说话（客户听不到）"
    alone = next((place for place in inside if place.party_id == call.alone_with), None)
    if call.alone_with is not None:
        return f"单独谈话 · {alone.label if alone else '对方断线'}{heard}"
    if len(inside) > 2:
        return f"通话中 · {len(inside)} 位当事人{heard}"
    return f"通话中 · {'、'.join(place.label for place in inside) or call.party_label}{heard}"


def empty_words(state: State) -> str:
    """What stands on the dark ground while there is no picture."""
    if state.call is not None:
        return "正在打开画面…"
    if state.case is not None:
        return "通话已结束"
    return "接听后，客户的画面显示在这里"

"""The stage: who is on the line, since when, whether it is being recorded, how good the line is; and the picture."""

from datetime import datetime

from PySide6.QtWidgets import QWidget

from desktop.model import wording
from desktop.model.workspace import Recording, State
from desktop.widgets import theme
from desktop.widgets.parts import Badge, column, label, row
from desktop.widgets.video import VideoView
from media.ports import Engine, Quality
from signing.wire.base import Tone


class StagePanel(QWidget):
    """``display`` sets head and picture from the state; ``tick`` renews the timer."""

    def __init__(self, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stage")
        self._engine = engine
        self._watching = ""
        self._since: datetime | None = None
        self._who = label("", "head", name="stage.party")
        self._timer = label("", name="stage.timer")
        self._timer.setFont(theme.figures(self.font(), 14))
        self._recording = Badge("未录制", Tone.CAUTION)
        self._recording.setObjectName("stage.recording")
        self._line = Badge("", Tone.NOTICE, icon="signal")
        self._line.setObjectName("stage.line")
        self.video = VideoView()
        self.video.setObjectName("stage.video")
        self.video.setAccessibleName("通话画面")
        top = QWidget()
        top.setFixedHeight(26)
        head = row(top, spacing=10, margins=(4, 0, 4, 0))
        for widget in (self._who, self._timer):
            head.addWidget(widget)
        head.addStretch(1)
        for badge in (self._recording, self._line):
            head.addWidget(badge)
        layout = column(self, 6)
        layout.addWidget(top)
        layout.addWidget(self.video, 1)

    def display(self, state: State, now: datetime) -> None:
        call = state.call
        self._since = call.started_at if call else None
        self._watch(state)
        for badge in (self._recording, self._line):
            badge.setVisible(call is not None)
        if call is None:
            self._who.setText("")
        else:
            self._who.setText(f"通话中 · {call.party_label}")
            self._recording.display(*recording_words(state.media.recording))
            self._line.display(*line_words(state.media.peer, state.media.quality), "signal")
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


def empty_words(state: State) -> str:
    """What stands on the dark ground while there is no picture."""
    if state.call is not None:
        return "正在打开画面…"
    if state.case is not None:
        return "通话已结束"
    return "接听后，客户的画面显示在这里"


def recording_words(recording: Recording) -> tuple[str, Tone, str]:
    match recording:
        case Recording.RUNNING:
            return "录制中", Tone.STOP, "dot"
        case Recording.STARTING:
            return "正在启动录制", Tone.NOTICE, "ring"
        case Recording.BROKEN:
            return "录像中断，正在重新开始", Tone.STOP, "warn"
        case Recording.ENDED:
            return "录制已结束", Tone.CAUTION, "warn"
    return "未录制", Tone.CAUTION, "warn"


def line_words(peer: str, quality: Quality | None) -> tuple[str, Tone]:
    """The network in one word, from loss and delay."""
    if peer in ("disconnected", "failed", "closed"):
        return "线路中断", Tone.STOP
    if peer != "connected":
        return "正在接通", Tone.NOTICE
    if quality is None:
        return "线路已通", Tone.GOOD
    slow = quality.round_trip_ms or 0.0
    if quality.loss_percent >= 8 or slow >= 600 or quality.pictures_per_second < 4:
        return "线路很差", Tone.STOP
    if quality.loss_percent >= 2 or slow >= 300 or quality.pictures_per_second < 9:
        return "线路一般", Tone.CAUTION
    return "线路良好", Tone.GOOD

"""Plays one recording from a file of this machine; everything is told in seconds from the file's start."""

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer, QVideoFrame, QVideoSink
from PySide6.QtWidgets import QWidget

from desktop.audit.timeline import Timeline
from desktop.model import wording
from desktop.widgets import theme
from desktop.widgets.parts import Choice, KeyButton, column, label, row
from desktop.widgets.video import VideoView

RATES = ((1.0, "1 倍速"), (1.5, "1.5 倍速"), (2.0, "2 倍速"), (4.0, "4 倍速"))
UNLOADED = (QMediaPlayer.MediaStatus.NoMedia, QMediaPlayer.MediaStatus.LoadingMedia)


class Player(QWidget):
    """``moved(seconds)`` while it plays and after each seek. ``close_file`` lets go of the file.

    ``seek`` before the file is loaded is done as soon as it is.
    """

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = VideoView()
        self.view.setObjectName("audit.video")
        self.view.setAccessibleName("录像画面")
        self.timeline = Timeline()
        self.play = KeyButton("播放", "Space", icon="play", name="audit.play")
        self._time = label("00:00 / 00:00", name="audit.time")
        self._time.setFont(theme.figures(self.font(), 14))
        self._rate = Choice()
        self._rate.setObjectName("audit.speed")
        self._rate.setAccessibleName("播放速度")
        for rate, title in RATES:
            self._rate.addItem(title, rate)
        self._sink = QVideoSink(self)
        self._sound = QAudioOutput(self)
        self.media = QMediaPlayer(self)
        self.media.setVideoSink(self._sink)
        self.media.setAudioOutput(self._sound)
        self._wanted: float | None = None
        self._arrange()
        self._connect()
        self._enable(False)

    def _arrange(self) -> None:
        layout = column(self, 8)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.timeline)
        controls = row(spacing=10)
        controls.addWidget(self.play)
        controls.addWidget(self._time)
        controls.addStretch(1)
        controls.addWidget(self._rate)
        layout.addLayout(controls)

    def _connect(self) -> None:
        self.play.clicked.connect(self.toggle)
        self.timeline.sought.connect(self.seek)
        self._rate.currentIndexChanged.connect(lambda _: self.media.setPlaybackRate(float(self._rate.currentData())))
        self._sink.videoFrameChanged.connect(self._frame)
        self.media.positionChanged.connect(self._moved)
        self.media.playbackStateChanged.connect(lambda _: self._show_state())
        self.media.mediaStatusChanged.connect(lambda _: self._loaded())
        self.media.errorOccurred.connect(self._failed)
        self.media.durationChanged.connect(lambda _: self._moved(self.media.position()))

    def open_file(self, path: Path) -> None:
        self.view.words = ""
        self.media.setSource(QUrl.fromLocalFile(str(path)))
        self.media.setPlaybackRate(float(self._rate.currentData()))
        self.media.pause()
        self._enable(True)

    def show_still(self, path: Path) -> None:
        """A photograph, of which there is nothing to play."""
        self.close_file()
        self.view.show_image(self._fitting(QImage(str(path))))

    def close_file(self, words: str = "") -> None:
        self._wanted = None
        self.media.stop()
        self.media.setSource(QUrl())
        self.view.show_image(None)
        self.view.words = words
        self._time.setText("00:00 / 00:00")
        self._enable(False)

    def toggle(self) -> None:
        playing = self.media.playbackState() == QMediaPlayer.PlaybackState.PlayingState
        if playing:
            self.media.pause()
        else:
            self.media.play()

    def seek(self, seconds: float) -> None:
        if self.media.mediaStatus() in UNLOADED:
            self._wanted = seconds
        else:
            self.media.setPosition(round(seconds * 1000))

    def _loaded(self) -> None:
        if self._wanted is not None and self.media.mediaStatus() not in UNLOADED:
            wanted, self._wanted = self._wanted, None
            self.seek(wanted)

    @property
    def seconds(self) -> float:
        return self.media.position() / 1000

    @property
    def goal(self) -> float:
        """Where it is, or will be once it is loaded."""
        return self.seconds if self._wanted is None else self._wanted

    def _frame(self, frame: QVideoFrame) -> None:
        if not self.view.isVisible() or not frame.isValid():
            return
        self.view.show_image(self._fitting(frame.toImage()))

    def _fitting(self, image: QImage) -> QImage:
        ratio = self.view.devicePixelRatioF()
        box = self.view.size() * ratio
        shown = image.scaled(box, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        shown.setDevicePixelRatio(ratio)
        return shown

    def _moved(self, milliseconds: int) -> None:
        total = self.media.duration() / 1000
        self._time.setText(f"{wording.duration(milliseconds / 1000)} / {wording.duration(total)}")
        self.timeline.display_time(milliseconds / 1000, total)
        if self._wanted is None:
            self.moved.emit(milliseconds / 1000)

    def _show_state(self) -> None:
        playing = self.media.playbackState() == QMediaPlayer.PlaybackState.PlayingState
        self.play.setText("暂停" if playing else "播放")
        self.play.setAccessibleName(self.play.text())
        self.play.set_icon("pause" if playing else "play")

    def _failed(self, error: QMediaPlayer.Error, text: str) -> None:
        if error != QMediaPlayer.Error.NoError:
            self.view.show_image(None)
            self.view.words = "这份录像不能播放，文件可能不完整。可用“核验”查明。"
            self.view.update()

    def _enable(self, enabled: bool) -> None:
        for widget in (self.play, self.timeline, self._rate):
            widget.setEnabled(enabled)

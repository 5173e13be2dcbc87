"""Choosing camera, microphone and loudspeaker, with a picture, a level and tests beside each."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QDialog, QFormLayout, QHBoxLayout, QRadioButton, QWidget

from desktop.devices.meter import QUIET, SOFT, LevelMeter, decibels
from desktop.devices.source import Source, Told
from desktop.widgets.closing import closing_row
from desktop.widgets.notice import Banner
from desktop.widgets.parts import Choice, KeyButton, column, label, row, set_tone
from desktop.widgets.video import VideoView
from media.core.devices import NAMES, Device, DeviceChoice, Kind, Processing, of_kind
from media.devices.trial import Stage
from media.ports import DevicesChanged, PictureSlot, VoiceLevel
from signing.wire.base import Tone

PROCESSING = {
    Processing.LOUDSPEAKER: ("扬声器外放", "消除回声，降噪，自动调节音量"),
    Processing.HEADSET: ("耳麦", "降噪，自动调节音量"),
    Processing.OFF: ("不处理", "仅在耳麦自带处理时选用"),
}
STAGES = {
    Stage.IDLE: "",
    Stage.SOUNDING: "正在播放测试声，您应当听到三个音",
    Stage.RECORDING: "正在录音 3 秒，请说一句话…",
    Stage.PLAYING: "正在回放，您应当听到自己刚才的话",
}
SOUNDED = "测试声放完了。没有听到的，请检查扬声器是否静音、音量是否太小，或者换一个扬声器"
HEARD = "录到了您的声音。回放没有听到的，请调大音量或换扬声器；声音断断续续的，请换麦克风"
SOFT_VOICE = "录到的声音很小。请靠近麦克风，或者在系统设置里调高麦克风音量，再试一次"
NO_VOICE = "没有录到声音。请检查麦克风是否静音、是否选对，再试一次"
OPENING = "正在打开设备…"
IN_CALL = "通话中不能播放测试声和回声测试"
Saved = Callable[[DeviceChoice, Mapping[str, str]], None]


def outcome(test: Stage, loudest: float) -> tuple[str, Tone]:
    """What a test that is over has shown, and what to do. ``loudest``: 0…1 of full scale, while it recorded."""
    if test is Stage.SOUNDING:
        return SOUNDED, Tone.NOTICE
    if decibels(loudest) < QUIET:
        return NO_VOICE, Tone.CAUTION
    return (SOFT_VOICE, Tone.CAUTION) if decibels(loudest) < SOFT else (HEARD, Tone.GOOD)


class DevicesDialog(QDialog):
    """What is chosen is used at once, so that it can be seen and heard; Esc goes back to what was before.

    ``saved(choice, names by key)`` is called where it is to stay. ``names``: of devices that are not there now.
    ``network`` stands below the devices' own tests.
    """

    def __init__(
        self,
        source: Source,
        choice: DeviceChoice,
        names: Mapping[str, str],
        saved: Saved,
        parent: QWidget,
        network: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("devices")
        self.setWindowTitle("音视频设备")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(800)
        self._source, self._saved = source, saved
        self._before = self._choice = choice
        self._names = dict(names)
        self._present: tuple[Device, ...] | None = None
        self._microphone = False
        self._stage, self._loudest = Stage.IDLE, 0.0
        self._watched: PictureSlot | None = None
        self.banner = Banner("devices.banner")
        self.lists = {kind: self._list(kind) for kind in Kind}
        self.video = VideoView()
        self.video.setFixedSize(320, 240)
        self.video.words = OPENING
        self.video.setAccessibleName("摄像头预览")
        self.meter = LevelMeter("devices.level")
        self.sound = KeyButton("播放测试声", "Ctrl+T", icon="voice", name="devices.sound")
        self.echo = KeyButton("回声测试", "Ctrl+R", icon="mic", name="devices.echo")
        self.status = label("", "second", wrap=True, name="devices.status")
        self.uses = QButtonGroup(self)
        self._arrange(network)
        self._connect()
        self._say(Stage.IDLE)
        self._fill()
        self.meter.rest(OPENING)

    # --- how it looks ---

    def _list(self, kind: Kind) -> Choice:
        made = Choice()
        made.setObjectName(f"devices.{kind.value}")
        made.setAccessibleName(NAMES[kind])
        made.setMinimumWidth(300)
        made.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        made.activated.connect(lambda _: self._chosen(kind, str(made.currentData())))
        return made

    def _arrange(self, network: QWidget | None) -> None:
        layout = column(self, 12, (20, 20, 20, 20))
        layout.addWidget(label("音视频设备", "title"))
        layout.addWidget(label("只在这台电脑上、为您本人记住。设备拔掉时自动改用别的，插回后自动换回。", "second"))
        layout.addWidget(self.banner)
        body = row(spacing=20)
        body.addLayout(self._form(), 1)
        body.addWidget(self.video, alignment=Qt.AlignmentFlag.AlignTop)
        layout.addLayout(body)
        layout.addLayout(self._tests())
        layout.addWidget(self.status)
        if network is not None:
            layout.addWidget(network)
        buttons, self.ok = closing_row(self, "devices", "保存", self._ok)
        layout.addLayout(buttons)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setVerticalSpacing(12)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("摄像头", self.lists[Kind.CAMERA])
        form.addRow("麦克风", self.lists[Kind.MICROPHONE])
        form.addRow("", self.meter)
        form.addRow("扬声器", self.lists[Kind.LOUDSPEAKER])
        form.addRow("怎样听", self._ways())
        return form

    def _ways(self) -> QWidget:
        box = QWidget()
        layout = column(box, 4)
        for number, (processing, (word, hint)) in enumerate(PROCESSING.items()):
            button = QRadioButton(f"{word}（{hint}）")
            button.setObjectName(f"devices.{processing.value}_way")
            button.setChecked(processing is self._choice.processing)
            self.uses.addButton(button, number)
            layout.addWidget(button)
        return box

    def _tests(self) -> QHBoxLayout:
        line = row(spacing=12)
        line.addWidget(self.sound)
        line.addWidget(self.echo)
        line.addStretch(1)
        return line

    def _connect(self) -> None:
        for button, act in ((self.sound, self._source.sound), (self.echo, self._source.echo)):
            button.setShortcut(button.key)
            button.clicked.connect(act)
            button.setEnabled(False)
        self.uses.idClicked.connect(self._used)
        self._source.told.connect(self._hear)
        self.finished.connect(self._end)

    # --- what is told ---

    def _hear(self, told: Told) -> None:
        match told:
            case VoiceLevel(level=level):
                if self._microphone:
                    self.meter.display(level)
                if self._stage is Stage.RECORDING:
                    self._loudest = max(self._loudest, level)
            case Stage():
                self._turn(told)
            case DevicesChanged():
                self._display(told)

    def _display(self, told: DevicesChanged) -> None:
        self._present = told.present
        self._names |= {device.key: device.name for device in told.present}
        self._fill()
        self._microphone = any(device.name == told.microphone for device in of_kind(told.present, Kind.MICROPHONE))
        if not self._microphone:
            self.meter.rest("没有可用的麦克风")
        speaker = any(device.name == told.loudspeaker for device in of_kind(told.present, Kind.LOUDSPEAKER))
        self.sound.setEnabled(speaker and not self._source.in_call)
        self.echo.setEnabled(speaker and self._microphone and not self._source.in_call)
        self._watch()
        text = told.message or told.unprocessed
        if text:
            self.banner.display(Tone.CAUTION, text)
        else:
            self.banner.clear()
        self._turn(Stage.IDLE, over=False)

    def _watch(self) -> None:
        self.video.words = "没有可用的摄像头"
        if self._watched is not self._source.picture:
            self._watched = self._source.picture
            self.video.watch(self._watched)

    def _turn(self, stage: Stage, *, over: bool = True) -> None:
        """What a test has shown stands until the next one begins. ``over``: it was not broken off."""
        before, self._stage = self._stage, stage
        if stage is Stage.RECORDING:
            self._loudest = 0.0
        if stage is not Stage.IDLE or before is Stage.IDLE or not over:
            self._say(stage)
            return
        words, tone = outcome(before, self._loudest)
        self.status.setText(words)
        set_tone(self.status, tone)

    def _say(self, stage: Stage) -> None:
        words = STAGES[stage] or (IN_CALL if self._source.in_call else "")
        self.status.setText(words)
        set_tone(self.status, Tone.NOTICE if STAGES[stage] else None)

    def _fill(self) -> None:
        for kind, box in self.lists.items():
            wanted = self._choice.wanted(kind)
            rows = [("", "自动（跟随系统）"), *((d.key, d.name) for d in of_kind(self._present or (), kind))]
            if wanted not in dict(rows):
                rows.append((wanted, f"{self._names.get(wanted, wanted)}（没有接上）"))
            if rows != [(box.itemData(n), box.itemText(n)) for n in range(box.count())]:
                box.clear()
                for key, name in rows:
                    box.addItem(name, key)
            box.setCurrentIndex([key for key, _ in rows].index(wanted))
            box.setToolTip(box.currentText())

    # --- what the agent does ---

    def _chosen(self, kind: Kind, key: str) -> None:
        self._use(replace(self._choice, **{kind.value: key}))  # type: ignore[arg-type]

    def _used(self, number: int) -> None:
        self._use(replace(self._choice, processing=list(PROCESSING)[number]))

    def _use(self, choice: DeviceChoice) -> None:
        if choice != self._choice:
            self._choice = choice
            self._source.choose(choice)

    def _ok(self) -> None:
        self._before = self._choice
        self.accept()
        self._saved(self._choice, self._names)

    def _end(self, _: int) -> None:
        """Esc in a call brings back what was in use before."""
        self.video.watch(None)
        if self._source.in_call and self._choice != self._before:
            self._source.choose(self._before)
        self._source.close()

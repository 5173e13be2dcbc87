"""After the call: recording saved, checked, sealed, closed. Each line is done, under way, or says why not."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QScrollArea, QWidget

from desktop.model import actions, wording
from desktop.model.state import Recording, State, Upload, waiting_uploads
from desktop.seat.desk import Desk
from desktop.seat.outcome import OutcomeBox
from desktop.seat.queue import upload_words
from desktop.widgets.parts import Icon, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import CaseView, Phase, RecordingState


@dataclass(frozen=True)
class Stage:
    """``tone`` None: not begun."""

    title: str
    words: str
    tone: Tone | None


class ClosingPanel(QWidget):
    """``display`` derives its four lines from the state."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("closing")
        self.outcome = OutcomeBox(desk)
        self._sentence = label("", "head", wrap=True, name="closing.sentence")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("录像上传进度")
        self._body = QWidget()
        self._list = column(self._body, 8)
        self._shown: tuple[Stage, ...] = ()
        layout = column(self, 10)
        layout.addWidget(self._sentence)
        layout.addWidget(self.outcome)
        layout.addWidget(self._bar)
        layout.addWidget(self._scroll(), 1)

    def _scroll(self) -> QScrollArea:
        """Many reasons against the seal do not fit; they are scrolled, never squeezed."""
        area = QScrollArea()
        area.setObjectName("closing.scroll")
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidgetResizable(True)
        area.setWidget(self._body)
        area.setAccessibleName("收尾进度")
        return area

    def display(self, state: State) -> None:
        self._sentence.setText(actions.next_action(state).sentence)
        self.outcome.display(state)
        sending = _mine(state)
        self._bar.setVisible(sending is not None and sending.total > 0)
        if sending is not None and sending.total:
            self._bar.setRange(0, 1000)
            self._bar.setValue(sending.done * 1000 // sending.total)
        stages = tuple(closing_stages(state))
        if stages == self._shown:
            return
        self._shown = stages
        clear(self._list)
        for stage in stages:
            self._list.addWidget(_line(stage))
        self._list.addStretch(1)


def closing_stages(state: State) -> list[Stage]:
    """Recording, check, seal and package of the present case."""
    case = state.case
    if case is None:
        return []
    return [_upload(state, case), _check(case), _seal(case), _package(case)]


def _mine(state: State) -> Upload | None:
    case_no = state.case.case_no if state.case else ""
    return next((upload for upload in waiting_uploads(state) if upload.case_no == case_no), None)


def _upload(state: State, case: CaseView) -> Stage:
    sending = _mine(state)
    if sending is not None:
        words, tone = upload_words(sending)
        return Stage("录像上传", words, tone)
    if any(recording.state is RecordingState.VERIFIED for recording in case.recordings):
        total = sum(recording.size or 0 for recording in case.recordings)
        return Stage("录像上传", f"已送达服务，{wording.size(total)}", Tone.GOOD)
    if state.media.recording in (Recording.RUNNING, Recording.STARTING):
        return Stage("录像上传", "正在收尾", Tone.NOTICE)
    return Stage("录像上传", "本次没有录像" if not case.recordings else "等待上传", Tone.CAUTION)


def _check(case: CaseView) -> Stage:
    states = {recording.state for recording in case.recordings}
    if RecordingState.DAMAGED in states:
        findings = ";".join(text for recording in case.recordings for text in recording.findings)
        return Stage("录像复核", f"发现问题：{findings or '文件有损坏'}", Tone.STOP)
    if states == {RecordingState.VERIFIED}:
        look = wording.to_look_at(case.recordings)
        words = "已逐段读回，完整无缺" + (f"；{look}" if look else "")
        return Stage("录像复核", words, Tone.CAUTION if look else Tone.GOOD)
    return Stage("录像复核", "等待录像送达", None)


def _seal(case: CaseView) -> Stage:
    if case.phase in (Phase.SEALED, Phase.CLOSED):
        return Stage("用印", "每份文书已加盖机构印章并加时间戳", Tone.GOOD)
    if case.seal_blocked_by:
        return Stage("用印", "暂不能用印：" + "\n".join(case.seal_blocked_by), Tone.CAUTION)
    if case.phase is Phase.SIGNED:
        return Stage("用印", "可以申请", Tone.NOTICE)
    return Stage("用印", "签署完成后开放", None)


def _package(case: CaseView) -> Stage:
    if case.package is None:
        return Stage("证据包", "用印后自动封存", None)
    at = wording.day_and_time(case.package.closed_at)
    return Stage(
        "证据包", f"已封存 {at}，{wording.size(case.package.size)}，摘要 {case.package.sha256[:12]}…", Tone.GOOD
    )


ICONS = {Tone.GOOD: "check", Tone.NOTICE: "clock", Tone.CAUTION: "warn", Tone.STOP: "cross"}


def _line(stage: Stage) -> QWidget:
    line = QWidget()
    line.setAccessibleName(f"{stage.title}:{stage.words}")
    layout = row(line, 10)
    icon = Icon(ICONS[stage.tone] if stage.tone else "ring", stage.tone.value if stage.tone else "muted", 18)
    layout.addWidget(icon, alignment=Qt.AlignmentFlag.AlignTop)
    title = label(stage.title, "head")
    title.setFixedWidth(84)
    layout.addWidget(title, alignment=Qt.AlignmentFlag.AlignTop)
    words = label(stage.words, "" if stage.tone else "second", wrap=True)
    set_tone(words, stage.tone if stage.tone in (Tone.CAUTION, Tone.STOP) else None)
    layout.addWidget(words, 1)
    return line

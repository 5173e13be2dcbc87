"""Is who is before the camera the person on the card, and of the case? Advice only; the agent decides."""

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from desktop.model import actions, wording
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.seat.images import Comparison, Frame, ImageStore
from desktop.seat.reason import ReasonDialog
from desktop.widgets.parts import TONE_ICONS, Icon, KeyButton, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import CardCheck, FaceCheck, IdentityView, NationalIdCheck

Line = tuple[Tone, str]
ACCEPT_REASONS = ("已人工比对证件与本人，一致", "已电话核实本人身份")
REJECT_REASONS = ("本人与证件照片不符", "证件模糊或反光，无法辨认", "疑似他人在旁指使")


class IdentityPanel(QWidget):
    """Pictures side by side, what was checked, and the two buttons of the decision."""

    def __init__(self, desk: Desk, images: ImageStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("identity")
        self._desk = desk
        self._images = images
        self._lines: tuple[Line, ...] = ()
        self.front = Frame("身份证人像面", "identity.front", 196, 124)
        self.face = Frame("现场快照", "identity.face", 124, 124)
        self.accept = KeyButton("核验通过", "P", icon="check", name="identity.accept")
        self.reject = KeyButton("不通过", "X", icon="cross", name="identity.reject", danger=True)
        self.larger = KeyButton("放大", "C", name="identity.larger")
        self.larger.setProperty("tight", True)
        self._large: Comparison | None = None
        self._advice = QWidget()
        self._list = column(self._advice, 5)
        left = column(spacing=8)
        left.addLayout(self._pictures())
        left.addLayout(self._buttons())
        left.addStretch(1)
        layout = row(self, 18)
        layout.addLayout(left)
        layout.addWidget(self._scroll(), 1)
        self.accept.clicked.connect(lambda: desk.decide(True))
        self.reject.clicked.connect(self.ask_reason)
        for frame in (self.front, self.face):
            frame.clicked.connect(self._compare)
        self.larger.clicked.connect(self._compare)
        desk.doubted.connect(self.ask_why_accepted)
        images.loaded.connect(lambda: self.display(desk.state))
        images.loaded.connect(self._show_large)

    def _pictures(self) -> QHBoxLayout:
        pictures = row(spacing=8)
        pictures.addWidget(self.front, alignment=Qt.AlignmentFlag.AlignTop)
        pictures.addWidget(self.face, alignment=Qt.AlignmentFlag.AlignTop)
        return pictures

    def _scroll(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._advice)
        area.setAccessibleName("核验结果")
        return area

    def _buttons(self) -> QHBoxLayout:
        buttons = row(spacing=8)
        buttons.addWidget(self.accept, 3)
        buttons.addWidget(self.reject, 2)
        buttons.addWidget(self.larger)
        return buttons

    def display(self, state: State) -> None:
        party, case = state.party, state.case
        if party is None or case is None:
            return
        identity = party.identity
        self._show_pictures(case.case_id, identity)
        self._show_lines(ordered([*advice(identity)]))
        act = actions.next_action(state).act
        may = actions.may_decide(state) and not state.busy
        self.accept.setEnabled(may)
        self.reject.setEnabled(may)
        self.accept.set_primary(act is actions.Act.DECIDE)
        self.larger.setEnabled(self.front.content is not None or self.face.content is not None)

    def _compare(self) -> None:
        """The card's back is asked for only here, for each look at a picture is on record."""
        if self._pictures_now():
            self._large = Comparison(self.window())
            self._large.finished.connect(self._compared)
            self._show_large()
            self._large.open()

    def _compared(self) -> None:
        self._large = None

    def _show_large(self) -> None:
        """Looks at nothing, which would be on record, while nobody has opened it."""
        if self._large is not None and (pictures := self._pictures_now()):
            self._large.display(pictures)

    def _pictures_now(self) -> list[tuple[str, QImage]]:
        """(caption, picture) of the card's front, its back and the face, as far as they are here."""
        front, face = self.front.content, self.face.content
        if front is None and face is None:
            return []
        back = self._back()
        beside = ("身份证国徽面", back) if back is not None and not back.isNull() else None
        return [one for one in (front, beside, face) if one is not None]

    def _back(self) -> QImage | None:
        case, party = self._desk.state.case, self._desk.state.party
        card = party.identity.back if party is not None else None
        return self._images.of(case.case_id, card.image_sha256) if case is not None and card is not None else None

    def ask_reason(self) -> None:
        ReasonDialog(
            "身份核验不通过",
            "请写明原因。客户可以重新拍摄，您再次核验。",
            REJECT_REASONS,
            "确认不通过",
            lambda reason: self._desk.decide(False, reason),
            self.window(),
        ).open()

    def ask_why_accepted(self, doubts: str) -> None:
        """The service names its doubts; the agent may still accept, and says why."""
        ReasonDialog(
            "有疑点，确认通过请写明理由",
            doubts,
            ACCEPT_REASONS,
            "确认通过",
            lambda reason: self._desk.decide(True, reason),
            self.window(),
        ).open()

    def _show_pictures(self, case_id: str, identity: IdentityView) -> None:
        front, face = identity.front, identity.face
        card_image = self._images.of(case_id, front.image_sha256) if front else None
        face_image = self._images.of(case_id, face.image_sha256) if face else None
        self.front.display(card_image, self._waiting(front.image_sha256) if front else "等待客户拍摄")
        words = self._waiting(face.image_sha256) if face else "按 S 拍摄"
        taken = f"现场快照 {wording.time_of_day(face.captured_at)}" if face else "现场快照"
        self.face.display(face_image, words, taken)

    def _waiting(self, sha256: str) -> str:
        return self._images.trouble(sha256) or "正在取图…"

    def _show_lines(self, lines: tuple[Line, ...]) -> None:
        if lines == self._lines:
            return
        self._lines = lines
        clear(self._list)
        for tone, text in lines:
            line = row(spacing=6)
            line.addWidget(Icon(TONE_ICONS[tone], tone.value, 16), alignment=Qt.AlignmentFlag.AlignTop)
            words = label(text, "second", wrap=True)
            set_tone(words, tone if tone in (Tone.STOP, Tone.CAUTION) else None)
            line.addWidget(words, 1)
            self._list.addLayout(line)
        self._list.addStretch(1)


ORDER = (Tone.STOP, Tone.CAUTION, Tone.NOTICE, Tone.GOOD)


def ordered(lines: list[Line]) -> tuple[Line, ...]:
    """What needs a look first; all that is in order in one line at the end."""
    good = [text for tone, text in lines if tone is Tone.GOOD]
    rest = sorted((line for line in lines if line[0] is not Tone.GOOD), key=lambda line: ORDER.index(line[0]))
    return (*rest, (Tone.GOOD, " · ".join(good))) if good else tuple(rest)


def advice(identity: IdentityView) -> Iterator[Line]:
    """Every finding as a tone and a sentence; what was not checked is said, never passed over."""
    if identity.decision is not None:
        decided = "已通过" if identity.decision.accepted else f"未通过：{identity.decision.reason}"
        yield (Tone.GOOD if identity.decision.accepted else Tone.STOP), f"核验结论 {decided}（{identity.decision.by}）"
    if identity.front is not None:
        yield from _front(identity.front)
    if identity.back is not None:
        yield from _back(identity.back)
    if identity.face is not None:
        yield from _face(identity.face)
    if identity.national_id is not None:
        yield _national(identity.national_id)


def _front(card: CardCheck) -> Iterator[Line]:
    if not card.readable:
        yield Tone.STOP, "人像面没有识别出文字，请客户重拍或由您人工核对"
    read = " ".join(part for part in (card.name_masked, card.number_masked) if part)
    if read:
        yield Tone.NOTICE, f"读出：{read}"
    yield _verdict(card.name_matches, "姓名与业务一致", "姓名与业务不一致", "姓名没有读清，请人工核对")
    yield _verdict(card.number_matches, "证件号码与业务一致", "证件号码与业务不一致", "号码没有读清，请人工核对")
    yield _verdict(card.checksum_ok, "号码校验位正确", "号码校验位不正确", "号码校验位未能核对")
    for warning in card.warnings:
        yield Tone.CAUTION, warning


def _back(card: CardCheck) -> Iterator[Line]:
    until = f"（至 {card.valid_until}）" if card.valid_until else ""
    yield _verdict(card.validity_ok, f"证件在有效期内{until}", f"证件已过有效期{until}", "有效期没有读清，请人工核对")
    for warning in card.warnings:
        yield Tone.CAUTION, warning


def _face(face: FaceCheck) -> Iterator[Line]:
    if face.faces != 1:
        seen = "没有看到人脸" if face.faces == 0 else f"画面里有 {face.faces} 张人脸"
        yield Tone.STOP, f"{seen}，请调整后重拍快照"
    distance = f"（差异 {face.distance:.2f}）" if face.distance is not None else ""
    yield Tone.CAUTION if face.distance is None else Tone.NOTICE, f"人脸比对建议：{face.advice}{distance}"
    for text in (*face.quality_issues, *face.warnings):
        yield Tone.CAUTION, text


def _national(check: NationalIdCheck) -> Line:
    mark = "（演示替身）" if check.stand_in else ""
    tone = {True: Tone.GOOD, False: Tone.STOP, None: Tone.CAUTION}[check.matches]
    if check.stand_in and tone is Tone.GOOD:
        tone = Tone.CAUTION
    return tone, f"公民身份核查{mark}：{check.message}"


def _verdict(value: bool | None, good: str, bad: str, unknown: str) -> Line:
    if value is None:
        return Tone.CAUTION, unknown
    return (Tone.GOOD, good) if value else (Tone.STOP, bad)

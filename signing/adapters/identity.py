"""Identity advice from pictures: OCR of the ID card and the live face against its portrait. The only importer of
``media.vision``, whose docstring lists the models and their licences.

Nothing here decides, and nothing here proves that a living person sits before the camera: the agent sees the call.
No text that leaves this module in ``warnings`` holds a name or a number.
"""

import hashlib
import logging
import threading
import time
from dataclasses import replace
from datetime import datetime

from media.vision.cards import CardReading
from media.vision.cards import read_card as read_side
from media.vision.errors import ModelMissing, NotAPicture
from media.vision.faces import FaceReader, advice, distance, judge_live
from media.vision.ocr import TextReader
from media.vision.pictures import Rgb, decode
from signing.adapters.identity_rules import compare_back, compare_front
from signing.domain.errors import InputError
from signing.domain.party import CardSide, FaceComparison, Party

log = logging.getLogger(__name__)

SIDE_NAMES = {"front": "人像面", "back": "国徽面"}
POOR = 0.5
"""Quality of a snapshot below which a comparison is called unreliable."""
SMALL_PORTRAIT = 60
"""Pixels across the portrait's face in the card's picture below which a comparison is called unreliable."""
NOT_INSTALLED = "识别组件没有装好，请人工核对证件，并请管理员检查安装"

NO_PORTRAIT = "请客户把身份证人像面拍得更清楚"


class VisionIdentityReader:
    """Implements ``signing.service.ports.IdentityReader``. Thread-safe; holds about 0.3 GB once loaded."""

    def __init__(self, text: TextReader | None = None, faces: FaceReader | None = None) -> None:
        self._text = text or TextReader()
        self._faces = faces or FaceReader()

    def warm_up(self) -> threading.Thread:
        """Loads the models in the background, so that the first customer does not wait; returns the running thread.

        It takes about 3 s and is waited for at exit: a thread inside a C++ library must not be cut off.
        """
        thread = threading.Thread(target=self._load, name="identity-warm-up")
        thread.start()
        return thread

    def read_card(self, image: bytes, side: str, party: Party, at: datetime) -> CardSide:
        """Reads ``side`` (``front`` or ``back``) and compares it with ``party`` on the Beijing day of ``at``.

        Raises ``InputError`` for an unknown side and where the bytes are no picture.
        """
        if side not in SIDE_NAMES:
            raise InputError("证件的面只能是 front 或 back")
        picture = _decoded(image)
        blank = CardSide(side, at, hashlib.sha256(image).hexdigest(), readable=False)
        try:
            reading = read_side(picture, self._text)
        except ModelMissing:
            log.exception("card not read")
            return replace(blank, warnings=(NOT_INSTALLED,))
        return _compared(blank, reading, party, at)

    def compare_face(self, snapshot: bytes, card_front: bytes | None, at: datetime) -> FaceComparison:
        """The largest face of ``snapshot`` against the portrait. Raises ``InputError`` where bytes are no picture."""
        picture = _decoded(snapshot)
        digest = hashlib.sha256(snapshot).hexdigest()
        try:
            return self._compared_face(picture, card_front, FaceComparison(at, digest, faces=0, quality=0.0))
        except ModelMissing:
            log.exception("faces not compared")
            return FaceComparison(
                at, digest, faces=0, quality=0.0, advice="无法比对，请人工比对", warnings=(NOT_INSTALLED,)
            )

    def _compared_face(self, picture: Rgb, card_front: bytes | None, blank: FaceComparison) -> FaceComparison:
        faces = self._faces.find(picture)
        quality = judge_live(picture, faces)
        seen = replace(blank, faces=len(faces), quality=quality.score, quality_issues=quality.issues)
        if not faces:
            return replace(seen, advice="没有看到人脸，请重新抓拍")
        if card_front is None:
            return replace(
                seen, advice="还没有身份证人像面，无法比对", warnings=("请先让客户拍身份证人像面，再抓拍一次",)
            )
        portrait = self._faces.find_on_card(_decoded(card_front))
        if portrait is None:
            return replace(
                seen, advice="身份证照片上没有找到人像，请人工比对", warnings=("请让客户把身份证人像面拍得更清楚",)
            )
        apart = distance(faces[0], portrait)
        warnings = _face_warnings(quality.score, portrait.width)
        return replace(seen, distance=round(apart, 4), advice=f"{advice(apart)}（仅供参考）", warnings=warnings)

    def _load(self) -> None:
        began = time.monotonic()
        try:
            self._text.load()
            self._faces.load()
        except ModelMissing:
            log.exception("identity models are missing")
        else:
            log.info("identity models ready after %.1f s", time.monotonic() - began)


def _decoded(data: bytes) -> Rgb:
    try:
        return decode(data)
    except NotAPicture as refused:
        raise InputError(str(refused), "请用手机相机重新拍摄", code="input.picture") from refused


def _compared(blank: CardSide, reading: CardReading, party: Party, at: datetime) -> CardSide:
    if reading.side not in (None, blank.side):
        wrong = f"拍到的是{SIDE_NAMES[str(reading.side)]}，请翻过来拍{SIDE_NAMES[blank.side]}"
        return replace(blank, warnings=(wrong,))
    if not reading.readable:
        return replace(blank, warnings=(reading.reason,))
    fields = {name: field.text for name, field in reading.fields.items()}
    compare = compare_front if blank.side == "front" else compare_back
    done = compare(replace(blank, readable=True, fields=fields), party, at)
    return replace(done, warnings=(*done.warnings, *reading.problems))


def _face_warnings(quality: float, portrait_width: int) -> tuple[str, ...]:
    found = []
    if quality < POOR:
        found.append("抓拍质量不够，比对结果不可靠，请重新抓拍")
    if portrait_width < SMALL_PORTRAIT:
        found.append("身份证上的人像太小，比对结果不可靠，请靠近重拍人像面")
    return tuple(found)

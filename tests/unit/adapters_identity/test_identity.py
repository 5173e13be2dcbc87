"""The adapter with its real models: specimens in, advice out."""

import hashlib
import io
from datetime import UTC, datetime
from typing import Any, cast

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from desktop.demo.portrait import scene
from desktop.demo.specimen import DEMO_BORROWER, card_back, card_front, photograph
from media.vision.faces import SIMILAR
from media.vision.pictures import Rgb
from signing.adapters.identity import VisionIdentityReader
from signing.domain.errors import InputError
from signing.domain.party import Party, Role

AT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
BORROWER = Party("party_1", Role.BORROWER, DEMO_BORROWER.name, DEMO_BORROWER.number, "13800138000")
STRANGER = Party("party_2", Role.GUARANTOR, "李福生", "110105199003072346", "13900139000")


@pytest.fixture(scope="module")
def reader() -> VisionIdentityReader:
    made = VisionIdentityReader()
    thread = made.warm_up()
    thread.join(60)
    assert not thread.is_alive()
    return made


@pytest.fixture(scope="module")
def front() -> bytes:
    return photograph(card_front(DEMO_BORROWER), 11, width=1600)


@pytest.fixture(scope="module")
def back() -> bytes:
    return photograph(card_back(DEMO_BORROWER), 12, width=1600)


def jpeg(picture: Rgb, orientation: int = 1) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(picture).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


@pytest.fixture(scope="module")
def snapshot() -> bytes:
    view = cv2.resize(scene()[:270, 44:404], (640, 480), interpolation=cv2.INTER_CUBIC)
    return jpeg(np.asarray(view, np.uint8))


def test_the_front_fits_the_case(reader: VisionIdentityReader, front: bytes) -> None:
    side = reader.read_card(front, "front", BORROWER, AT)
    assert (side.readable, side.name_matches, side.number_matches, side.checksum_ok) == (True, True, True, True)
    assert side.image_sha256 == hashlib.sha256(front).hexdigest()
    assert (side.captured_at, side.warnings) == (AT, ())
    assert side.fields["sex"] == "女"
    assert side.validity_ok is None


def test_the_back_is_valid_on_the_day(reader: VisionIdentityReader, back: bytes) -> None:
    side = reader.read_card(back, "back", BORROWER, AT)
    assert (side.readable, side.validity_ok, side.warnings) == (True, True, ())
    assert side.fields == {"authority": "上杭县公安局", "valid_from": "2016-08-12", "valid_until": "长期"}


def test_somebody_elses_card(reader: VisionIdentityReader, front: bytes) -> None:
    side = reader.read_card(front, "front", STRANGER, AT)
    assert (side.readable, side.name_matches, side.number_matches, side.checksum_ok) == (True, False, False, True)
    assert len(side.warnings) == 2


def test_the_wrong_side_is_recognised(reader: VisionIdentityReader, front: bytes, back: bytes) -> None:
    for image, side, word in ((front, "back", "国徽面"), (back, "front", "人像面")):
        seen = reader.read_card(image, side, BORROWER, AT)
        assert (seen.readable, seen.fields) == (False, {})
        assert seen.warnings[0].endswith(f"请翻过来拍{word}")


def test_a_turn_written_in_exif_costs_nothing(reader: VisionIdentityReader, front: bytes) -> None:
    upright = np.asarray(Image.open(io.BytesIO(front)))
    side = reader.read_card(jpeg(np.ascontiguousarray(np.rot90(upright)), orientation=6), "front", BORROWER, AT)
    assert side.number_matches


def test_no_card(reader: VisionIdentityReader) -> None:
    side = reader.read_card(jpeg(cast(Any, skimage.data).coffee()), "front", BORROWER, AT)
    assert (side.readable, side.checksum_ok, side.name_matches) == (False, None, None)
    assert "没有找到身份证" in side.warnings[0]


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7\n"])
def test_no_picture(reader: VisionIdentityReader, data: bytes, snapshot: bytes) -> None:
    with pytest.raises(InputError, match="图片"):
        reader.read_card(data, "front", BORROWER, AT)
    with pytest.raises(InputError, match="图片"):
        reader.compare_face(data, None, AT)
    with pytest.raises(InputError, match="图片"):
        reader.compare_face(snapshot, data, AT)


def test_an_unknown_side(reader: VisionIdentityReader, front: bytes) -> None:
    with pytest.raises(InputError):
        reader.read_card(front, "left", BORROWER, AT)


def test_the_face_resembles_its_card(reader: VisionIdentityReader, front: bytes, snapshot: bytes) -> None:
    seen = reader.compare_face(snapshot, front, AT)
    assert seen.image_sha256 == hashlib.sha256(snapshot).hexdigest()
    assert (seen.faces, seen.quality_issues, seen.warnings) == (1, (), ())
    assert seen.distance is not None
    assert seen.distance < SIMILAR
    assert seen.advice == "较为相似（仅供参考）"
    assert seen.quality > 0.8


def test_another_face_does_not(reader: VisionIdentityReader, snapshot: bytes) -> None:
    small = cast(Any, skimage.data).lfw_subset()[0]
    face = cv2.resize((np.clip(small, 0, 1) * 255).astype(np.uint8), (260, 330), interpolation=cv2.INTER_CUBIC)
    card = card_front(DEMO_BORROWER, Image.fromarray(cv2.copyMakeBorder(face, 60, 60, 60, 60, cv2.BORDER_REPLICATE)))
    seen = reader.compare_face(snapshot, photograph(card, 5, width=1600), AT)
    assert seen.distance is not None
    assert "差异较大" in seen.advice


def test_what_is_missing_is_said(reader: VisionIdentityReader, front: bytes, back: bytes, snapshot: bytes) -> None:
    no_card = reader.compare_face(snapshot, None, AT)
    assert (no_card.distance, no_card.faces) == (None, 1)
    assert "无法比对" in no_card.advice
    no_face = reader.compare_face(jpeg(cast(Any, skimage.data).coffee()), front, AT)
    assert (no_face.distance, no_face.faces, no_face.quality) == (None, 0, 0.0)
    no_portrait = reader.compare_face(snapshot, back, AT)
    assert (no_portrait.distance, no_portrait.faces) == (None, 1)
    assert "人工" in no_portrait.advice


def test_a_poor_snapshot_is_called_unreliable(reader: VisionIdentityReader, front: bytes) -> None:
    soft = cv2.GaussianBlur(cv2.resize(scene()[:270, 44:404], (640, 480)), (0, 0), 4)
    seen = reader.compare_face(jpeg(np.asarray(soft, np.uint8)), front, AT)
    assert seen.quality < 0.5
    assert any("不可靠" in warning for warning in seen.warnings)


def test_a_broken_installation_leaves_the_decision_to_the_agent(
    monkeypatch: pytest.MonkeyPatch, front: bytes, snapshot: bytes
) -> None:
    monkeypatch.setattr("media.vision.ocr.MODELS", {"Det": "gone.onnx"})
    monkeypatch.setattr("media.vision.faces.FACE_MODEL", "gone.dat")
    broken = VisionIdentityReader()
    broken.warm_up().join(30)
    side = broken.read_card(front, "front", BORROWER, AT)
    assert (side.readable, "管理员" in side.warnings[0]) == (False, True)
    face = broken.compare_face(snapshot, front, AT)
    assert (face.distance, "人工" in face.advice) == (None, True)

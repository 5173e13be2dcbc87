"""The one face that ships with a wheel, and 25-pixel strangers from another data set of that wheel."""

import time
from typing import Any, cast

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import skimage.data
from PIL import Image

from desktop.demo.portrait import scene
from desktop.demo.specimen import photograph
from media.vision.errors import ModelMissing
from media.vision.faces import DIFFERENT, SIMILAR, FaceReader, advice, distance, judge_live
from media.vision.pictures import Rgb, decode, turned


@pytest.fixture(scope="module")
def live() -> Rgb:
    """As the call's picture shows it: 640 × 480, head and shoulders."""
    return np.asarray(cv2.resize(scene()[:270, 44:404], (640, 480), interpolation=cv2.INTER_CUBIC), np.uint8)


def strangers(count: int) -> list[Rgb]:
    """Other people, from the Labelled Faces in the Wild excerpt of scikit-image: enlarged from 25 × 25 pixels."""
    small: npt.NDArray[np.float32] = cast(Any, skimage.data).lfw_subset()[:count]
    made = []
    for face in small:
        large = cv2.resize((np.clip(face, 0, 1) * 255).astype(np.uint8), (250, 250), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(large, 80, 80, 80, 80, cv2.BORDER_REPLICATE)
        made.append(np.dstack([framed] * 3).astype(np.uint8))
    return made


def blurred(picture: Rgb, sigma: float) -> Rgb:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def test_the_live_face_is_near_its_portrait_on_the_card(face_reader: FaceReader, front: Image.Image, live: Rgb) -> None:
    picture = decode(photograph(front, 1))
    began = time.perf_counter()
    card = face_reader.find_on_card(picture)
    found = face_reader.find(live)
    print(f"card and live face: {time.perf_counter() - began:.2f} s")
    assert card is not None
    assert distance(card, found[0]) < 0.25
    assert distance(card, card) == 0


def test_the_portrait_is_found_on_a_turned_card(face_reader: FaceReader, front: Image.Image) -> None:
    picture = decode(photograph(front, 2))
    upright = face_reader.find_on_card(picture)
    assert upright is not None
    for quarter_turns in (1, 2, 3):
        other = face_reader.find_on_card(turned(picture, quarter_turns))
        assert other is not None
        assert distance(upright, other) < 0.1


def test_strangers_are_far_away(face_reader: FaceReader, live: Rgb) -> None:
    own = face_reader.find(live)[0]
    others = [faces[0] for faces in map(face_reader.find, strangers(12)) if faces]
    assert len(others) >= 8
    assert min(distance(own, other) for other in others) > DIFFERENT


def test_a_good_live_picture_has_no_issues(face_reader: FaceReader, live: Rgb) -> None:
    verdict = judge_live(live, face_reader.find(live))
    assert verdict.issues == ()
    assert verdict.score > 0.9


def test_bad_live_pictures_say_what_to_ask(face_reader: FaceReader, live: Rgb) -> None:
    turn = cv2.getRotationMatrix2D((320, 240), 26, 1)
    cases = {
        "模糊": blurred(live, 3),
        "太小": np.asarray(cv2.resize(live, (320, 240), interpolation=cv2.INTER_AREA), np.uint8),
        "太暗": (live * 0.22).astype(np.uint8),
        "摆正": np.asarray(cv2.warpAffine(live, turn, (640, 480)), np.uint8),
        "2 张": np.hstack([live, live]),
        "眼睛": _with_dark_glasses(live, face_reader),
    }
    for word, picture in cases.items():
        verdict = judge_live(picture, face_reader.find(picture))
        assert any(word in issue for issue in verdict.issues), word
        assert verdict.score <= 0.5, word


def _with_dark_glasses(live: Rgb, reader: FaceReader) -> Rgb:
    points = np.array(reader.find(live)[0].points)
    picture = live.copy()
    for outer, inner in ((0, 1), (2, 3)):
        x, y = ((points[outer] + points[inner]) / 2).astype(int)
        cv2.ellipse(picture, (int(x), int(y)), (28, 18), 0, 0, 360, (12, 12, 14), -1)
    return picture


def test_no_face_is_said(face_reader: FaceReader) -> None:
    cat: Rgb = cast(Any, skimage.data).chelsea()
    assert face_reader.find(cat) == []
    assert face_reader.find_on_card(cat) is None
    verdict = judge_live(cat, [])
    assert (verdict.score, len(verdict.issues)) == (0.0, 1)


def test_pose_of_a_straight_face(face_reader: FaceReader, live: Rgb) -> None:
    face = face_reader.find(live)[0]
    mirrored = face_reader.find(np.ascontiguousarray(live[:, ::-1]))[0]
    assert abs(face.yaw) < 0.1
    assert abs(face.roll) < 6
    assert face.roll == pytest.approx(-mirrored.roll, abs=3)


def test_words_for_distances() -> None:
    assert advice(SIMILAR - 0.01) == "较为相似"
    assert "人工" in advice(SIMILAR)
    assert "差异较大" in advice(DIFFERENT)


def test_the_68_point_file_is_never_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("media.vision.faces.SHAPE_MODEL", "gone.dat")
    with pytest.raises(ModelMissing, match=r"gone\.dat"):
        FaceReader().load()
    from media.vision import faces

    assert "68" not in faces.FACE_MODEL

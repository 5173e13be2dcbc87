"""What is opened, what is refused, which way up, and how good."""

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from media.vision.errors import NotAPicture
from media.vision.ocr import padded
from media.vision.pictures import MAX_SIDE, decode, fit, measure, turned


def encoded(image: Image.Image, form: str = "JPEG", orientation: int = 1) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(out, form, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_three_forms_of_phones_are_opened(form: str) -> None:
    picture = decode(encoded(Image.new("RGB", (60, 40), (200, 30, 30)), form))
    assert picture.shape == (40, 60, 3)
    assert picture[20, 30, 0] > 150 > picture[20, 30, 1]


def test_exif_orientation_is_obeyed() -> None:
    image = Image.new("RGB", (60, 40), "white")
    image.paste((200, 0, 0), (0, 0, 20, 40))
    picture = decode(encoded(image, orientation=6))
    assert picture.shape == (60, 40, 3)
    assert picture[5, 20, 1] < 60, "what was left is now above"


def test_huge_pictures_are_reduced() -> None:
    picture = decode(encoded(Image.new("L", (7000, 5000), 128)))
    assert max(picture.shape[:2]) <= MAX_SIDE


@pytest.mark.parametrize("size", [(9000, 9000), (30_000, 20_000)])
def test_bombs_are_refused_before_they_are_decoded(size: tuple[int, int]) -> None:
    out = io.BytesIO()
    Image.new("1", size).save(out, "PNG")
    with pytest.raises(NotAPicture, match="尺寸过大"):
        decode(out.getvalue())


@pytest.mark.parametrize("size", [(64_000, 1), (1, 64_000), (1, 9)])
def test_strips_are_refused(size: tuple[int, int]) -> None:
    """An engine that enlarges the shorter side would make gigabytes of a hundred bytes."""
    out = io.BytesIO()
    Image.new("RGB", size).save(out, "PNG")
    with pytest.raises(NotAPicture, match="太窄"):
        decode(out.getvalue())


def test_a_narrow_part_is_measured_without_growing() -> None:
    tracemalloc.start()
    measure(np.zeros((3000, 2, 3), dtype=np.uint8))
    assert tracemalloc.get_traced_memory()[1] < 100e6
    tracemalloc.stop()


@pytest.mark.parametrize("shape", [(30, 1000, 3), (1000, 30, 3), (250, 1000, 3), (700, 1000, 3), (1, 1, 3)])
def test_the_engine_sees_no_strip(shape: tuple[int, int, int]) -> None:
    before = np.zeros(shape, dtype=np.uint8)
    after = padded(before)
    assert max(after.shape[:2]) <= 4 * min(after.shape[:2])
    assert max(after.shape[:2]) == max(shape[:2])
    assert np.array_equal(after[: shape[0], : shape[1]], before)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"GIF89a" + bytes(40), b"\xff\xd8\xff\xe0" + bytes(200)])
def test_what_is_no_picture_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(NotAPicture, match="请重新拍摄"):
        decode(data)


def test_a_truncated_picture_is_refused() -> None:
    rng = np.random.default_rng(1)
    whole = encoded(Image.fromarray(rng.integers(0, 255, (200, 200, 3), dtype=np.uint8)))
    with pytest.raises(NotAPicture):
        decode(whole[: len(whole) // 2])


def test_fit_never_enlarges_and_turned_is_contiguous() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    assert fit(picture, 100) is picture
    assert fit(picture, 30).shape == (20, 30, 3)
    assert turned(picture, 1).shape == (60, 40, 3)
    assert turned(picture, 1).flags["C_CONTIGUOUS"]


def test_measures_tell_sharp_from_soft_in_any_light() -> None:
    rng = np.random.default_rng(2)
    blocks = np.kron(rng.integers(60, 220, (40, 60)), np.ones((16, 16)))
    sharp = np.dstack([blocks] * 3).astype(np.uint8)
    soft = np.asarray(Image.fromarray(sharp).resize((30, 20)).resize((960, 640), Image.Resampling.BICUBIC))
    assert measure(sharp).sharpness > 10 * measure(soft).sharpness
    assert measure((sharp * 0.5).astype(np.uint8)).sharpness == pytest.approx(measure(sharp).sharpness, rel=0.1)
    assert measure((sharp * 0.2).astype(np.uint8)).dark
    assert measure(np.full((50, 50, 3), 255, np.uint8)).glare == 1.0

"""Stills."""

import io

import numpy as np
import pytest
from PIL import Image

from media.errors import explain
from media.pictures import from_rgb
from media.snapshot import jpeg


def test_a_still_keeps_size_and_colours_and_carries_no_metadata() -> None:
    rgb = np.zeros((480, 640, 3), dtype=np.uint8)
    rgb[:, :320], rgb[:, 320:] = (200, 60, 30), (20, 100, 180)
    data = jpeg(from_rgb(rgb))
    image = Image.open(io.BytesIO(data))
    assert (image.format, image.size, image.mode) == ("JPEG", (640, 480), "RGB")
    assert not image.getexif()
    seen = np.asarray(image).astype(int)
    assert np.abs(seen[100, 100] - rgb[100, 100]).max() < 8
    assert np.abs(seen[100, 500] - rgb[100, 500]).max() < 8


def test_fine_detail_survives_the_compression() -> None:
    rng = np.random.default_rng(7)
    smooth = np.kron(rng.integers(0, 255, (60, 80), dtype=np.uint8), np.ones((8, 8), dtype=np.uint8))
    rgb = np.repeat(smooth[:, :, None], 3, axis=2)
    seen = np.asarray(Image.open(io.BytesIO(jpeg(from_rgb(rgb))))).astype(int)
    assert np.sqrt(((seen - rgb) ** 2).mean()) < 6


@pytest.mark.parametrize(
    ("number", "words"),
    [(17, "已经存在"), (28, "磁盘已满"), (2, "文件夹不存在"), (30, "只读"), (999, "磁盘或设备出错")],
)
def test_a_failing_disk_is_explained_in_chinese(number: int, words: str) -> None:
    assert words in explain(OSError(number, "english"))

"""Planes in and out."""

from fractions import Fraction

import av
import numpy as np
import pytest

from media.core.layout import Box
from media.pictures import blank, copied, from_frame, from_rgb, packed, paste, scaled, to_frame, to_rgb
from media.ports import Picture


def _flat(width: int, height: int, colour: tuple[int, int, int]) -> Picture:
    return from_rgb(np.full((height, width, 3), colour, dtype=np.uint8))


def test_shapes_are_those_of_yuv_420() -> None:
    picture = blank(640, 480, 7)
    assert (picture.y.shape, picture.u.shape, picture.v.shape) == ((480, 640), (240, 320), (240, 320))
    assert (picture.width, picture.height, picture.captured_ns) == (640, 480, 7)
    assert packed(picture).shape == (720, 640)


def test_colours_are_bt601_limited_range() -> None:
    white = _flat(16, 16, (255, 255, 255))
    assert [int(plane[0, 0]) for plane in (white.y, white.u, white.v)] == [235, 128, 128]
    assert int(_flat(16, 16, (0, 0, 0)).y[0, 0]) == 16
    red = _flat(16, 16, (255, 0, 0))
    assert [int(red.y[0, 0]), int(red.u[0, 0]), int(red.v[0, 0])] == pytest.approx([82, 90, 240], abs=2)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (10, 106, 74), (200, 16, 46)])
def test_rgb_comes_back(colour: tuple[int, int, int]) -> None:
    assert np.abs(to_rgb(_flat(32, 16, colour)).astype(int) - colour).max() <= 3


@pytest.mark.parametrize("size", [(64, 48), (480, 640), (322, 242)])
def test_a_frame_comes_back_whatever_its_row_padding(size: tuple[int, int]) -> None:
    width, height = size
    noise = np.random.default_rng(1).integers(0, 255, (height * 3 // 2, width), dtype=np.uint8)
    picture = from_frame(av.VideoFrame.from_ndarray(noise, format="yuv420p"), 3)
    assert np.array_equal(packed(picture), noise)
    frame = to_frame(picture)
    frame.pts, frame.time_base = 0, Fraction(1, 15)
    assert np.array_equal(packed(from_frame(frame, 4)), noise)


def test_a_decoded_frame_and_a_composed_picture_go_on_without_a_copy() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (720, 640), dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(noise, format="yuv420p")
    seen = from_frame(frame, 3)
    assert np.shares_memory(seen.y, np.frombuffer(frame.planes[0], np.uint8))  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="read-only"):
        seen.y[0, 0] = 1
    del frame
    assert np.array_equal(packed(seen), noise), "the memory stays as long as the picture"
    composed = copied(seen, 4)
    sent = to_frame(composed)
    assert np.shares_memory(composed.y, np.frombuffer(sent.planes[0], np.uint8))  # type: ignore[call-overload]
    assert np.array_equal(packed(from_frame(sent, 5)), noise)


def test_a_picture_that_is_no_whole_block_is_copied_for_an_encoder() -> None:
    whole = copied(from_rgb(np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)), 0)
    others = (
        Picture(whole.y[:32], whole.u[:16], whole.v[:16], 0),
        Picture(whole.y, whole.v, whole.u, 0),
        Picture(whole.y.copy(), whole.u, whole.v, 0),
    )
    for other in others:
        assert np.array_equal(packed(from_frame(to_frame(other), 0)), packed(other))


def test_odd_edges_are_cut_and_other_formats_converted() -> None:
    picture = from_frame(av.VideoFrame(33, 17, "yuv420p"), 0)
    assert (picture.width, picture.height) == (32, 16)
    rgb = np.full((20, 30, 3), (10, 106, 74), dtype=np.uint8)
    assert np.abs(to_rgb(from_frame(av.VideoFrame.from_ndarray(rgb, format="rgb24"), 0)).astype(int) - rgb).max() <= 4


def test_pasting_touches_the_box_and_nothing_else() -> None:
    canvas = _flat(64, 64, (0, 0, 0))
    paste(canvas, _flat(10, 30, (255, 255, 255)), Box(8, 16, 20, 12))
    inside = np.zeros((64, 64), dtype=bool)
    inside[16:28, 8:28] = True
    assert (canvas.y[inside] == 235).all()
    assert (canvas.y[~inside] == 16).all()


def test_scaling_keeps_a_flat_colour_and_the_same_size_is_free() -> None:
    picture = _flat(1280, 720, (10, 106, 74))
    small = scaled(picture, 640, 360)
    assert (small.width, small.height) == (640, 360)
    assert np.array_equal(np.unique(small.y), np.unique(picture.y))
    assert scaled(picture, 1280, 720) is picture


def test_a_copy_is_its_own() -> None:
    picture = _flat(16, 16, (0, 0, 0))
    copy = copied(picture, 9)
    copy.y[:] = 200
    assert int(picture.y.max()) == 16
    assert copy.captured_ns == 9

"""The code in the picture: every bit, through scaling, and through a real VP8 encoder at its worst."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

from media.core.picturecode import HEIGHT, NUMBER_WRAP, TIME_WRAP, WIDTH, Code, bits, paint, parse, read, since
from media.lab.scene import planes
from media.pictures import from_frame, to_frame
from media.ports import Picture, Plane


def grey() -> Plane:
    return np.full((HEIGHT, WIDTH), 128, dtype=np.uint8)


@given(st.integers(0, TIME_WRAP - 1), st.integers(0, NUMBER_WRAP - 1))
def test_what_is_written_is_read(sent_ms: int, number: int) -> None:
    assert parse([int(bit) for bit in bits(Code(sent_ms, number)).ravel()]) == Code(sent_ms, number)


@given(st.integers(0, TIME_WRAP - 1), st.integers(0, 39))
def test_one_wrong_cell_is_noticed(sent_ms: int, wrong: int) -> None:
    cells = [int(bit) for bit in bits(Code(sent_ms, 77)).ravel()]
    cells[wrong] ^= 1
    assert parse(cells) is None


def test_time_and_number_wrap() -> None:
    assert parse([int(b) for b in bits(Code(TIME_WRAP + 5, NUMBER_WRAP + 6)).ravel()]) == Code(5, 6)
    assert since(TIME_WRAP - 100, 3 * TIME_WRAP + 50.5) == 150.5
    assert since(1000, 1080) == 80


@pytest.mark.parametrize(("width", "height"), [(640, 360), (480, 270), (320, 180), (160, 90), (1280, 720), (426, 240)])
def test_the_code_survives_scaling(width: int, height: int) -> None:
    luma = planes(3).y.copy()
    paint(luma, Code(123_456, 789))
    small = np.asarray(cv2.resize(luma, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    assert read(small) == Code(123_456, 789)


@pytest.mark.parametrize("level", [0, 16, 128, 235, 255])
def test_an_even_picture_has_no_code(level: int) -> None:
    assert read(np.full((360, 640), level, dtype=np.uint8)) is None


def test_painting_leaves_the_rest_of_the_picture() -> None:
    luma = grey()
    paint(luma, Code(1, 2))
    assert (luma[128:] == 128).all()
    assert (luma[:, 320:] == 128).all()
    assert set(np.unique(luma[:128, :320])) == {16, 235}


def through_vp8(pictures: list[Picture], size: tuple[int, int], rate: int) -> list[Picture]:
    """Encoded at ``rate`` bit/s as a call does, and decoded again."""
    encoder = av.CodecContext.create("libvpx", "w")
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(encoder, VideoCodecContext)
    assert isinstance(decoder, VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = *size, "yuv420p"
    encoder.bit_rate, encoder.time_base = rate, Fraction(1, 15)
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "qmin": "2", "qmax": "60", "lag-in-frames": "0"}
    out = []
    for number, picture in enumerate(pictures):
        frame = to_frame(picture).reformat(width=size[0], height=size[1])
        frame.pts = number
        for packet in encoder.encode(frame):
            out += [from_frame(decoded, 0) for decoded in decoder.decode(av.Packet(bytes(packet)))]
    return out


@pytest.mark.parametrize(("size", "rate"), [((640, 360), 60_000), ((320, 180), 30_000), ((160, 90), 15_000)])
def test_codes_survive_vp8_at_a_very_low_rate(size: tuple[int, int], rate: int) -> None:
    sent = []
    for number in range(45):
        picture = planes(number)
        paint(picture.y, Code(70 * number, number))
        sent.append(picture)
    got = [read(picture.y) for picture in through_vp8(sent, size, rate)]
    assert len(got) == 45
    right = [code for number, code in enumerate(got) if code == Code(70 * number, number)]
    assert len(right) >= 43, "a few may be unreadable"
    assert all(code is None or code == Code(70 * number, number) for number, code in enumerate(got)), (
        "none may be wrong"
    )

"""Our encoders against FFmpeg's decoders: the rate is followed, key pictures are few and small, and come on request."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from aiortc.codecs.h264 import h264_depayload
from aiortc.codecs.vpx import vp8_depayload
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from media.core.budget import RATE
from media.rtc.encoders import BUFFER, Encoded, H264Pictures, Pictures, Vp8Pictures, pictures_for

FULL, HALF = (640, 360), (320, 180)


def frame(number: int) -> VideoFrame:
    """A textured wall that moves."""
    chance = np.random.default_rng(1)
    coarse = np.kron(chance.integers(40, 200, (18, 40)), np.ones((20, 20))).astype(np.int16)
    grain = np.random.default_rng(number % 9).integers(-4, 5, (360, 640))
    y = np.clip(np.roll(coarse, 3 * number, axis=1)[:, :640] + grain, 16, 235).astype(np.uint8)
    planes = np.concatenate([y.ravel(), np.full(640 * 360 // 2, 128, np.uint8)]).reshape(540, 640)
    made = VideoFrame.from_ndarray(planes, format="yuv420p")
    made.pts, made.time_base = number * 90_000 // RATE, Fraction(1, 90_000)
    return made


def run(encoder: Pictures, start: int, count: int, rate: float, size: tuple[int, int] = FULL) -> list[Encoded]:
    return [encoder.encode(frame(start + step), size, rate, False) for step in range(count)]


def kbps(pictures: list[Encoded]) -> float:
    return sum(each.size for each in pictures) * 8 * RATE / len(pictures) / 1000


def decode(codec: str, pictures: list[Encoded]) -> list[VideoFrame]:
    depayload = h264_depayload if codec == "h264" else vp8_depayload
    context = av.CodecContext.create(codec, "r")
    assert isinstance(context, VideoCodecContext)
    shown = []
    for each in pictures:
        shown += context.decode(av.Packet(b"".join(map(depayload, each.payloads))))
    return shown + list(context.decode(None))


@pytest.mark.parametrize(("name", "codec"), [("H264", "h264"), ("VP8", "vp8")])
def test_what_is_encoded_is_seen(name: str, codec: str) -> None:
    encoder = pictures_for(name)
    shown = decode(codec, run(encoder, 0, 20, 500e3) + run(encoder, 20, 10, 100e3, HALF))
    assert [(each.width, each.height) for each in shown] == [FULL] * 20 + [HALF] * 10
    before = frame(19).to_ndarray()[:360].astype(int)
    after = shown[19].to_ndarray()[:360].astype(int)
    assert np.abs(before - after).mean() < 12


def test_unknown_codec() -> None:
    with pytest.raises(ValueError, match="no encoder for AV1"):
        pictures_for("AV1")


def test_h264_follows_the_rate_without_a_key_picture() -> None:
    encoder = H264Pictures()
    parts = [run(encoder, start, 60, rate) for start, rate in ((0, 300e3), (60, 600e3), (120, 160e3), (180, 500e3))]
    for part, rate in zip(parts, (300, 600, 160, 500), strict=True):
        assert kbps(part[25:]) == pytest.approx(rate, rel=0.22)
    assert [each.key for part in parts for each in part].count(True) == 1


def test_a_key_picture_on_request() -> None:
    for encoder in (H264Pictures(), Vp8Pictures()):
        run(encoder, 0, 10, 300e3)
        assert encoder.encode(frame(10), FULL, 300e3, True).key
        assert not encoder.encode(frame(11), FULL, 300e3, False).key


@pytest.mark.parametrize("rate", [40e3, 100e3, 300e3])
def test_key_pictures_are_smaller_than_a_queue(rate: float) -> None:
    encoder = H264Pictures()
    size = FULL if rate > 200e3 else HALF
    run(encoder, 0, 30, rate, size)
    key = encoder.encode(frame(30), size, rate, True)
    assert key.size * 8 < 1.15 * BUFFER * rate


def test_a_key_picture_after_the_rate_fell_is_small_too() -> None:
    encoder = H264Pictures()
    run(encoder, 0, 20, 800e3)
    run(encoder, 20, 20, 160e3)
    assert encoder.encode(frame(40), FULL, 160e3, True).size * 8 < 1.15 * BUFFER * 160e3


def test_no_picture_is_far_larger_than_its_share() -> None:
    pictures = run(H264Pictures(), 0, 60, 200e3)[1:]
    assert max(each.size for each in pictures) * 8 < BUFFER * 200e3


def test_h264_is_constrained_baseline() -> None:
    first = H264Pictures().encode(frame(0), FULL, 300e3, False)
    data = b"".join(map(h264_depayload, first.payloads))
    at = data.index(b"\x00\x00\x00\x01\x67") + 5
    assert data[at] == 66
    assert data[at + 1] & 0x40, "constraint_set1 makes baseline decodable by every profile"


def test_vp8_is_opened_anew_only_for_need() -> None:
    encoder = Vp8Pictures()
    pictures = [encoder.encode(frame(step), FULL, 300e3 + 5e3 * (step % 8), False) for step in range(60)]
    assert [each.key for each in pictures].count(True) == 1
    fallen = run(encoder, 60, 30, 120e3)
    assert fallen[0].key
    assert kbps(fallen[10:]) == pytest.approx(120, rel=0.3)


def test_payloads_fit_a_packet() -> None:
    for encoder in (H264Pictures(), Vp8Pictures()):
        for each in run(encoder, 0, 5, 900e3):
            assert all(len(payload) <= 1300 for payload in each.payloads)


def test_timestamps_are_those_of_the_frames() -> None:
    times = [each.timestamp for each in run(H264Pictures(), 3, 5, 300e3)]
    assert times[0] == 3 * 6000
    assert {later - earlier for earlier, later in pairwise(times)} == {6000}

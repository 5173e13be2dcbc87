"""Bits of a made-up customer: pictures that a real encoder made, and packets of real Opus."""

from fractions import Fraction
from functools import cache

import av
import numpy as np
from av import VideoFrame

from media.core.budget import Voice
from media.core.matroska import PICTURE, SOUND
from media.core.trackpile import Bit
from media.opusencoder import PlainOpusEncoder

RATE = 10


@cache
def encoded(codec: str, size: tuple[int, int] = (320, 240), count: int = 40) -> tuple[tuple[bytes, bool], ...]:
    """(data, key) of so many pictures, the first of them a key frame; H.264 as a byte stream."""
    encoder = av.CodecContext.create("libvpx" if codec == "VP8" else "libx264", "w")
    encoder.width, encoder.height = size
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, RATE)
    encoder.options = {"deadline": "realtime"} if codec == "VP8" else {"tune": "zerolatency", "preset": "ultrafast"}
    found = []
    for number in range(count):
        seen = np.full((size[1], size[0], 3), (number * 5 % 256, 90, 200), dtype=np.uint8)
        frame = VideoFrame.from_ndarray(seen, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        found += [(bytes(packet), packet.is_keyframe) for packet in encoder.encode(frame)]
    return tuple(found)


@cache
def opus() -> bytes:
    """20 ms."""
    tone = (6000 * np.sin(2 * np.pi * 440 * np.arange(960) / 48_000)).astype(np.int16)
    encoder = PlainOpusEncoder()
    made = [encoder.encode(tone, Voice(24_000, 20), 0.0) for _ in range(4)]
    return next(packet for packet in reversed(made) if packet)


def picture(number: int, arrived: float, codec: str = "VP8", size: tuple[int, int] = (320, 240)) -> Bit:
    data, key = encoded(codec, size)[number]
    return Bit(PICTURE, 1, number * 90_000 // RATE, arrived, None, key, False, data, codec)


def sound(number: int, arrived: float) -> Bit:
    return Bit(SOUND, 1, number * 960, arrived, None, True, False, opus())

"""Pictures into RTP payloads at a rate that changes all the time. Not for two threads at once.

H.264 is x264, which follows ``bit_rate`` without a key picture up to the ceiling that it was opened with, as long as it
was opened at that ceiling. libvpx behind FFmpeg does not follow: VP8 is opened anew, with a key picture, and therefore
only for real need.
The buffer bounds key pictures: two fifths of a second of the rate, which is less than any bottleneck's queue.
"""

import time
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from aiortc.codecs.base import Encoder as Packer
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from av import CodecContext, VideoFrame
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.reformatter import Interpolation

from media.core.budget import RATE

BUFFER = 0.4
"""Seconds of the rate that one picture may take at most."""
LEAST = 12_000
ROOM = 4.0
"""The ceiling of an encoder above the rate it begins with."""
CLOCK = Fraction(1, 90_000)
STALE = 1.3
"""A key picture is due anyhow, and the buffer was made for a rate so much higher or lower: it is made anew."""
FAR, FAR_AFTER, TOO_FAR = 1.35, 5.0, 0.6


@dataclass(frozen=True)
class Encoded:
    """Payloads of one picture; ``key``: it needs none before it."""

    payloads: list[bytes]
    timestamp: int
    key: bool

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self.payloads))


class Pictures(Protocol):
    """One codec."""

    def encode(self, frame: VideoFrame, size: tuple[int, int], rate: float, key: bool) -> Encoded:
        """A picture scaled to ``size`` at ``rate`` bits a second; ``key`` asks for one that stands alone."""
        ...


class _Opened:
    """A codec of FFmpeg at one size."""

    def __init__(self, codec: VideoCodecContext, rate: float) -> None:
        self.codec, self.rate, self.at = codec, rate, time.monotonic()

    def serves(self, size: tuple[int, int]) -> bool:
        return (self.codec.width, self.codec.height) == size

    def off(self, rate: float, by: float) -> bool:
        return not 1 / by <= rate / self.rate <= by

    def packets(self, frame: VideoFrame, key: bool) -> list[Packet]:  # type: ignore[type-arg]
        frame.pict_type = PictureType.I if key else PictureType.NONE
        return list(self.codec.encode(frame))


def _context(name: str, size: tuple[int, int]) -> VideoCodecContext:
    codec = CodecContext.create(name, "w")
    assert isinstance(codec, VideoCodecContext)
    codec.width, codec.height = size
    codec.pix_fmt, codec.framerate, codec.time_base = "yuv420p", Fraction(RATE), CLOCK
    codec.thread_count, codec.max_b_frames, codec.gop_size = 1, 0, 10_000
    return codec


def _fitted(frame: VideoFrame, size: tuple[int, int]) -> VideoFrame:
    if (frame.width, frame.height) == size and frame.format.name == "yuv420p":
        return frame
    fitted = frame.reformat(*size, format="yuv420p", interpolation=Interpolation.AREA)
    fitted.pts, fitted.time_base = frame.pts, frame.time_base
    return fitted


def _packed(packer: Packer, packets: "list[Packet]", at: int) -> Encoded:  # type: ignore[type-arg]
    payloads: list[bytes] = []
    for packet in packets:
        packet.pts, packet.time_base = at, CLOCK
        payloads += packer.pack(packet)[0]
    return Encoded(payloads, at, any(packet.is_keyframe for packet in packets))


class H264Pictures:
    """Constrained baseline, which every phone decodes in hardware (RFC 7742)."""

    def __init__(self) -> None:
        self._opened: _Opened | None = None
        self._packer = H264Encoder()

    def encode(self, frame: VideoFrame, size: tuple[int, int], rate: float, key: bool) -> Encoded:
        rate = max(LEAST, rate)
        if self._opened is None or self._is_due(self._opened, size, rate, key):
            self._opened = _Opened(self._open(size, int(rate)), rate)
        self._opened.codec.bit_rate = int(rate)
        fitted = _fitted(frame, size)
        return _packed(self._packer, self._opened.packets(fitted, key), frame.pts or 0)

    @staticmethod
    def _is_due(opened: _Opened, size: tuple[int, int], rate: float, key: bool) -> bool:
        return not opened.serves(size) or (key and opened.off(rate, STALE)) or rate > ROOM * opened.rate

    @staticmethod
    def _open(size: tuple[int, int], rate: int) -> VideoCodecContext:
        codec = _context("libx264", size)
        ceiling = int(rate * ROOM)
        codec.bit_rate = ceiling
        codec.profile = "Baseline"
        codec.options = {
            "preset": "veryfast",
            "tune": "zerolatency",
            "maxrate": str(ceiling),
            "bufsize": str(int(rate * BUFFER)),
            "forced-idr": "1",
            "x264-params": "scenecut=0:keyint=infinite",
        }
        codec.open()
        return codec


class Vp8Pictures:
    """For a phone without H.264."""

    def __init__(self) -> None:
        self._opened: _Opened | None = None
        self._packer = Vp8Encoder()

    def encode(self, frame: VideoFrame, size: tuple[int, int], rate: float, key: bool) -> Encoded:
        rate = max(LEAST, rate)
        if self._opened is None or self._is_due(self._opened, size, rate, key):
            self._opened = _Opened(self._open(size, int(rate)), rate)
        fitted = _fitted(frame, size)
        return _packed(self._packer, self._opened.packets(fitted, key), frame.pts or 0)

    @staticmethod
    def _is_due(opened: _Opened, size: tuple[int, int], rate: float, key: bool) -> bool:
        since = time.monotonic() - opened.at
        return (
            not opened.serves(size)
            or (key and opened.off(rate, STALE))
            or (since > FAR_AFTER and opened.off(rate, FAR))
            or rate < TOO_FAR * opened.rate
        )

    @staticmethod
    def _open(size: tuple[int, int], rate: int) -> VideoCodecContext:
        codec = _context("libvpx", size)
        codec.bit_rate, codec.qmin, codec.qmax = rate, 4, 58
        codec.options = {
            "bufsize": str(int(rate * BUFFER)),
            "minrate": str(rate),
            "maxrate": str(rate),
            "cpu-used": "-6",
            "deadline": "realtime",
            "lag-in-frames": "0",
            "static-thresh": "1",
            "max-intra-rate": str(int(100 * BUFFER * RATE)),
            "undershoot-pct": "100",
            "overshoot-pct": "15",
        }
        return codec


def pictures_for(codec: str) -> Pictures:
    """By the name in RTP, such as ``H264``; raises ValueError for what we do not encode."""
    match codec.lower():
        case "h264":
            return H264Pictures()
        case "vp8":
            return Vp8Pictures()
        case _:
            raise ValueError(f"no encoder for {codec}")

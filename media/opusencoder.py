"""Voice into Opus (RFC 6716), mono, at a rate that may change with every frame; libopus itself where it can be called.

FFmpeg's wrapper fixes rate, frame length and protection when it is opened.
"""

import ctypes
import platform
from fractions import Fraction
from functools import cache
from typing import Any, Protocol, Self

import av
import numpy as np
from av import AudioFrame
from av.audio.codeccontext import AudioCodecContext

from media.core.budget import Voice
from media.core.mixing import RATE, Samples
from media.opus import library

VOIP = 2048
SET_BITRATE, SET_COMPLEXITY, SET_FEC, SET_LOSS, SET_DTX = 4002, 4010, 4012, 4014, 4016
COMPLEXITY = 8
LONGEST = 1275
PROTECT_FROM = 0.02


class VoiceEncoder(Protocol):
    """One voice. ``flexible``: frames of 40 ms too, and it can be copied."""

    flexible: bool

    def encode(self, samples: Samples, spoken: Voice, loss: float) -> bytes:
        """A packet of 20 or 40 ms; empty where there is nothing to send. ``loss``: the share to be guarded against."""
        ...

    def copy(self, *, back: bool = False) -> "VoiceEncoder":
        """One that makes the very packets that this one would make; ``back``: would have made in place of its newest.

        Of an encoder that is not ``flexible`` it is a new one.
        """
        ...


@cache
def _encoding() -> Any | None:
    """libopus, ready to encode. Apple's ABI passes the arguments of a variadic function elsewhere than ctypes does."""
    lib = library()
    if lib is None or (platform.system(), platform.machine()) == ("Darwin", "arm64"):
        return None
    try:
        lib.opus_encoder_get_size.argtypes = [ctypes.c_int]
        lib.opus_encoder_init.argtypes = [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int, ctypes.c_int]
        lib.opus_encode.argtypes = [
            ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_int32,
        ]  # fmt: skip
        lib.opus_encoder_ctl.restype = ctypes.c_int
    except AttributeError:
        return None
    return lib


class OpusEncoder:
    """libopus. Not for two threads at once. Its state is one piece of memory, which may be copied (opus.h)."""

    flexible = True

    def __init__(self, lib: Any) -> None:
        self._lib = lib
        self._make_room(lib.opus_encoder_get_size(1))
        if lib.opus_encoder_init(self._state, RATE, 1, VOIP):
            raise MemoryError("libopus made no encoder")
        self._control(SET_COMPLEXITY, COMPLEXITY)

    def _make_room(self, size: int) -> None:
        self._size = size
        self._state, self._before = ctypes.create_string_buffer(size), ctypes.create_string_buffer(size)
        self._out = ctypes.create_string_buffer(LONGEST)
        self._set: dict[int, int] = {}
        self._set_before: dict[int, int] = {}

    def encode(self, samples: Samples, spoken: Voice, loss: float) -> bytes:
        ctypes.memmove(self._before, self._state, self._size)
        self._set_before = self._set.copy()
        self._control(SET_BITRATE, spoken.bits)
        self._control(SET_FEC, int(loss >= PROTECT_FROM and not spoken.copies))
        self._control(SET_LOSS, min(30, round(100 * loss)))
        self._control(SET_DTX, int(spoken.quiet))
        samples = np.ascontiguousarray(samples, dtype=np.int16)
        size = self._lib.opus_encode(self._state, samples.ctypes.data, len(samples), self._out, LONGEST)
        if size < 0:
            raise ValueError(f"libopus takes no frame of {len(samples)} samples")
        # what is left out in silence is a packet of one or two bytes
        return self._out.raw[:size] if size > 2 else b""

    def copy(self, *, back: bool = False) -> Self:
        made = type(self).__new__(type(self))
        made._lib = self._lib
        made._make_room(self._size)
        ctypes.memmove(made._state, self._before if back else self._state, self._size)
        made._set = (self._set_before if back else self._set).copy()
        return made

    def _control(self, what: int, value: int) -> None:
        if self._set.get(what) != value:
            self._set[what] = value
            self._lib.opus_encoder_ctl(self._state, ctypes.c_int(what), ctypes.c_int(value))


class PlainOpusEncoder:
    """FFmpeg's: mono too, at one rate."""

    flexible = False

    def __init__(self, bits: int = 24_000) -> None:
        codec = av.CodecContext.create("libopus", "w")
        assert isinstance(codec, AudioCodecContext)
        codec.bit_rate, codec.layout, codec.sample_rate, codec.format = bits, "mono", RATE, "s16"
        codec.time_base, codec.options = Fraction(1, RATE), {"application": "voip", "frame_duration": "20"}
        self._codec = codec
        self._at = 0

    def encode(self, samples: Samples, spoken: Voice, loss: float) -> bytes:
        frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._at, Fraction(1, RATE)
        self._at += len(samples)
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))

    def copy(self, *, back: bool = False) -> "PlainOpusEncoder":
        return PlainOpusEncoder()


def voice_encoder() -> VoiceEncoder:
    """The best that this computer can do."""
    lib = _encoding()
    return PlainOpusEncoder() if lib is None else OpusEncoder(lib)

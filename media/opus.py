"""Opus (RFC 6716) through libopus itself, which PyAV brings along: FFmpeg's wrapper neither conceals nor recovers."""

import ctypes
import ctypes.util
import weakref
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np

from media.core.mixing import RATE, Samples, silence
from media.core.playout import Decoder
from media.core.stretching import faded_repeat

LONGEST = RATE * 120 // 1000
"""Samples of the longest packet, 120 ms."""


@cache
def library() -> Any | None:
    """libopus as PyAV's wheel ships it, else the system's, else None."""
    home = Path(av.__file__).parent
    shipped = chain((home.parent / "av.libs").glob("*opus*"), (home / ".dylibs").glob("*opus*"))
    for name in (*map(str, shipped), ctypes.util.find_library("opus")):
        if name and (found := _load(name)) is not None:
            return found
    return None


def _load(name: str) -> Any | None:
    try:
        lib = ctypes.CDLL(name)
        lib.opus_decoder_create.restype = ctypes.c_void_p
        lib.opus_decoder_create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
        lib.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
        lib.opus_packet_has_lbrr.argtypes = [ctypes.c_char_p, ctypes.c_int32]
        lib.opus_decode.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int32,
            ctypes.c_void_p,
            ctypes.c_int,
            ctypes.c_int,
        ]
    except (OSError, AttributeError):
        return None
    return lib


class OpusDecoder:
    """Mono, 48 kHz. Not for two threads at once."""

    def __init__(self, lib: Any) -> None:
        failed = ctypes.c_int()
        self._lib = lib
        self._state = lib.opus_decoder_create(RATE, 1, ctypes.byref(failed))
        if failed.value:
            raise MemoryError("libopus made no decoder")
        self._close = weakref.finalize(self, lib.opus_decoder_destroy, self._state)

    def decode(self, payload: bytes) -> Samples:
        """A packet's samples; concealment for one that is no Opus."""
        return self._run(payload, LONGEST, 0) if payload else self.conceal(RATE // 50)

    def conceal(self, count: int) -> Samples:
        """What may follow; ``count`` is a multiple of 120 (2.5 ms)."""
        return self._run(None, count, 0)

    def recover(self, following: bytes, count: int) -> Samples | None:
        """The ``count`` samples before ``following`` from its in-band copy (RFC 6716 section 2.1.7), or None."""
        if not following or self._lib.opus_packet_has_lbrr(following, len(following)) <= 0:
            return None
        return self._run(following, count, 1)

    def _run(self, payload: bytes | None, room: int, recover: int) -> Samples:
        out = np.empty(room, dtype=np.int16)
        length = len(payload) if payload else 0
        count = self._lib.opus_decode(self._state, payload, length, out.ctypes.data, room, recover)
        return out[:count] if count > 0 else silence(min(room, RATE // 50))


class PlainOpusDecoder:
    """Where there is no libopus to call: FFmpeg decodes, and what is lost is the last period, fading."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("opus", "r")
        assert isinstance(codec, av.AudioCodecContext)
        self._codec = codec
        self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._last = silence()
        self._times = 0

    def decode(self, payload: bytes) -> Samples:
        """A packet's samples; concealment for one that is no Opus."""
        try:
            frames = [
                out for frame in self._codec.decode(av.Packet(payload)) for out in self._resampler.resample(frame)
            ]
        except av.FFmpegError:
            return self.conceal(RATE // 50)
        if not frames:
            return self.conceal(RATE // 50)
        self._times = 0
        self._last = np.concatenate([frame.to_ndarray().ravel() for frame in frames]).astype(np.int16)
        return self._last

    def conceal(self, count: int) -> Samples:
        """The last period of pitch, quieter each time."""
        self._times += 1
        return faded_repeat(self._last, count, self._times)

    def recover(self, following: bytes, count: int) -> Samples | None:
        """FFmpeg cannot read the in-band copy."""
        return None


def opus_decoder() -> Decoder:
    """The best that this computer can do."""
    lib = library()
    return PlainOpusDecoder() if lib is None else OpusDecoder(lib)

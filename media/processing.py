"""Echo, noise and level of the seat's microphone: libwebrtc's audio processing, by the ``livekit`` binding.

The only importer of that package. It is loaded where it is used, in the process of the sound devices, so that neither
its threads nor its faults are those of the engine that records.
"""

import logging
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from media.core.mixing import BLOCK, RATE, Samples
from media.errors import Unavailable

FRAME = RATE // 100
"""Samples of the 10 ms that the processing works on."""
MISSING = "声音处理组件没有装好，没有回声消除和降噪。请戴耳麦通话，或请管理员重新安装"


class Cleaner(Protocol):
    """What is done to the microphone's sound. ``far`` is what the loudspeaker is given in the same step."""

    def clean(self, near: Samples, far: Samples) -> Samples:
        """BLOCK samples of each; the near ones without the far ones."""
        ...


class Untouched:
    """Does nothing."""

    def clean(self, near: Samples, far: Samples) -> Samples:
        return near


class VoiceProcessing:
    """A high-pass filter, noise suppression and gain; with ``echo``, an echo canceller before them.

    ``delay_ms``: from what is given as ``far`` until the microphone's sound of it, about; the canceller finds the rest.
    Raises ``Unavailable`` where the package is missing or does not load.
    """

    def __init__(self, echo: bool, delay_ms: int = 0) -> None:
        self._frame, module = _load()
        try:
            self._module: Any = module(
                echo_cancellation=echo, noise_suppression=True, high_pass_filter=True, auto_gain_control=True
            )
        except Exception as error:
            raise Unavailable(MISSING) from error
        self._echo = echo
        self._delay_ms = max(0, delay_ms)

    def clean(self, near: Samples, far: Samples) -> Samples:
        """Raises ``Unavailable`` where the library refuses a block."""
        try:
            parts = [self._ten(near[at : at + FRAME], far[at : at + FRAME]) for at in range(0, BLOCK, FRAME)]
        except Exception as error:
            raise Unavailable(MISSING) from error
        return np.concatenate(parts)

    def _ten(self, near: Samples, far: Samples) -> Samples:
        if self._echo:
            self._module.process_reverse_stream(self._frame(far.tobytes(), RATE, 1, FRAME))
            self._module.set_stream_delay_ms(self._delay_ms)
        said = self._frame(near.tobytes(), RATE, 1, FRAME)
        self._module.process_stream(said)
        return np.frombuffer(bytes(said.data), dtype=np.int16)


def _load() -> tuple[Callable[..., Any], Callable[..., Any]]:
    try:
        from livekit.rtc.apm import AudioProcessingModule
        from livekit.rtc.audio_frame import AudioFrame
    except Exception as error:  # a library that does not load fails in many ways
        raise Unavailable(MISSING) from error
    logging.getLogger("livekit").setLevel(logging.ERROR)
    return AudioFrame, AudioProcessingModule

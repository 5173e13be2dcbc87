"""A prepared sound that everybody in the call hears: a line that is read aloud in place of the agent."""

import io

import numpy as np

from media.core.mixing import BLOCK, RATE, Samples
from media.errors import MediaError, Unavailable
from media.voice import read_voice

LONGEST = 180.0
"""Seconds."""
LOWERED = 0.25
"""Of the agent's own voice meanwhile, so that they can still be heard to say a word."""
UNREADABLE = "朗读的声音打不开，请自己读这一条"
TOO_LONG = "朗读的声音太长，请自己读这一条"


class Reading:
    """``take`` and ``lower`` are for the sound clock, the rest for any thread. ``sound_id`` is whoever asked's own."""

    def __init__(self, sound_id: str, samples: Samples) -> None:
        self.sound_id = sound_id
        self._samples = samples
        self._position = 0

    def take(self) -> Samples | None:
        """The next BLOCK samples, the last ones filled up with silence; None once all were taken."""
        block = self._samples[self._position : self._position + BLOCK]
        if not len(block):
            return None
        self._position += len(block)
        return np.pad(block, (0, BLOCK - len(block)))

    @property
    def seconds(self) -> float:
        """Taken so far."""
        return round(self._position / RATE, 2)


def opened(sound_id: str, sound: bytes) -> Reading:
    """MP3, AAC in MP4, or WAV; decoded whole, which belongs in a thread. Raises ``Unavailable``."""
    try:
        samples = read_voice(io.BytesIO(sound))
    except (MediaError, OSError, ValueError) as error:
        raise Unavailable(UNREADABLE) from error
    if len(samples) > LONGEST * RATE:
        raise Unavailable(TOO_LONG)
    return Reading(sound_id, samples)


class Lowering:
    """The agent's voice beside what is read: lowered, and never from one sample to the next. For the sound clock."""

    def __init__(self) -> None:
        self._now = 1.0

    def of(self, agent: Samples, reading: bool) -> Samples:
        """A step of the agent's voice."""
        wanted = LOWERED if reading else 1.0
        if self._now == wanted == 1.0:
            return agent
        gain = np.linspace(self._now, wanted, len(agent), dtype=np.float32)
        self._now = wanted
        return (agent * gain).astype(np.int16)

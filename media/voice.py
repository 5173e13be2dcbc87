"""What a voice and an ear are to a call, and what stands in for a microphone and a loudspeaker: a file, a tone."""

import wave
from pathlib import Path
from typing import BinaryIO, Protocol

import av
import numpy as np

from media.core.mixing import BLOCK, RATE, Samples, silence
from media.errors import Unavailable
from media.standin import beeps, wrapped

TONE = "演示提示音（无麦克风）"
NO_LOUDSPEAKER = "没有扬声器"


class VoiceSource(Protocol):
    """Where the agent's voice comes from; ``media.devices.sound`` has the microphone."""

    @property
    def name(self) -> str:
        """For people."""
        ...

    def take(self) -> Samples:
        """The next BLOCK samples; raises ``Unavailable`` where there will be no more."""
        ...

    def close(self) -> None: ...


class Tone:
    """Soft beeps of 440 Hz."""

    name = TONE

    def __init__(self) -> None:
        self._position = 0

    def take(self) -> Samples:
        self._position += BLOCK
        return beeps(self._position - BLOCK, BLOCK)

    def close(self) -> None:
        """Holds nothing."""


class Silence:
    """After a microphone was lost: beeps over a real conversation would harm it."""

    name = "麦克风已断开"

    def take(self) -> Samples:
        return silence()

    def close(self) -> None:
        """Holds nothing."""


class VoiceFile:
    """A file's sound over and over, read whole at once (a minute is 6 MB); raises OSError or av.FFmpegError."""

    def __init__(self, path: Path) -> None:
        self.name = f"演示声音（文件 {path.name}）"
        self._samples = read_voice(path)
        self._position = 0

    def take(self) -> Samples:
        block = wrapped(self._samples, self._position, BLOCK)
        self._position = (self._position + BLOCK) % len(self._samples)
        return block

    def close(self) -> None:
        """Holds nothing."""


def read_voice(path: Path | BinaryIO) -> Samples:
    """The first sound of a file as mono 48 kHz; raises ``Unavailable`` where it holds none."""
    name = path.name if isinstance(path, Path) else "（内存）"
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(path, "r") as container:
        if not container.streams.audio:
            raise Unavailable(f"文件 {name} 里没有声音")
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    frames += resampler.resample(None)
    parts = [frame.to_ndarray().ravel() for frame in frames]
    if not sum(map(len, parts)):
        raise Unavailable(f"文件 {name} 里没有声音")
    return np.concatenate(parts).astype(np.int16)


class Speaker(Protocol):
    """Where the agent hears."""

    @property
    def name(self) -> str:
        """For people."""
        ...

    def play(self, samples: Samples) -> None:
        """Takes BLOCK samples and returns at once."""
        ...

    def close(self) -> None: ...


class HeardFile:
    """Keeps what a loudspeaker would play as a WAV; raises OSError."""

    name = "声音写入文件（无扬声器）"

    def __init__(self, path: Path) -> None:
        self._file = wave.open(str(path), "wb")  # noqa: SIM115 - open for as long as the call
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE)

    def play(self, samples: Samples) -> None:
        self._file.writeframesraw(samples.tobytes())

    def close(self) -> None:
        self._file.close()


def open_voice(file: Path | None) -> VoiceSource:
    """What stands in for a microphone: the file, else the tone."""
    return VoiceFile(file) if file else Tone()

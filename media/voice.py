"""The seat's microphone and loudspeaker over PortAudio; without them a file, a tone, or nothing."""

import time
import wave
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np

from media.core.mixing import BLOCK, RATE, Samples, silence
from media.core.voicebuffer import VoiceBuffer
from media.errors import Unavailable
from media.standin import beeps

DEAD_AFTER = 1.5
TONE = "演示提示音（无麦克风）"
NO_LOUDSPEAKER = "没有扬声器"


class VoiceSource(Protocol):
    """Where the agent's voice comes from."""

    name: str

    def take(self) -> Samples:
        """The next BLOCK samples; raises ``Unavailable`` where the device has gone."""
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
        block = self._samples.take(range(self._position, self._position + BLOCK), mode="wrap")
        self._position = (self._position + BLOCK) % len(self._samples)
        return block

    def close(self) -> None:
        """Holds nothing."""


def read_voice(path: Path) -> Samples:
    """The first sound of a file as mono 48 kHz; raises ``Unavailable`` where it holds none."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(path) as container:
        if not container.streams.audio:
            raise Unavailable(f"文件 {path.name} 里没有声音")
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    frames += resampler.resample(None)
    parts = [frame.to_ndarray().ravel() for frame in frames]
    if not sum(map(len, parts)):
        raise Unavailable(f"文件 {path.name} 里没有声音")
    return np.concatenate(parts).astype(np.int16)


class Microphone:
    """The default input device; raises ``Unavailable`` where there is none."""

    def __init__(self) -> None:
        portaudio = load_portaudio()
        self._buffer = VoiceBuffer()
        self._last = time.monotonic()
        try:
            self.name = str(portaudio.query_devices(kind="input")["name"])
            self._stream = portaudio.RawInputStream(
                samplerate=RATE, channels=1, dtype="int16", blocksize=BLOCK, callback=self._on_samples
            )
            self._stream.start()
        except (OSError, ValueError, portaudio.PortAudioError) as error:
            raise Unavailable("没有可用的麦克风") from error

    def _on_samples(self, data: Any, frames: int, moment: object, status: object) -> None:
        self._last = time.monotonic()
        self._buffer.push(np.frombuffer(bytes(data), dtype=np.int16))

    def take(self) -> Samples:
        if time.monotonic() - self._last > DEAD_AFTER:
            raise Unavailable("麦克风中断了，对方现在听不到您。请检查耳麦的连线")
        return self._buffer.take()

    def close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


class Speaker(Protocol):
    """Where the agent hears."""

    name: str

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


class Loudspeaker:
    """The default output device; raises ``Unavailable`` where there is none."""

    def __init__(self) -> None:
        portaudio = load_portaudio()
        self._buffer = VoiceBuffer()
        try:
            self.name = str(portaudio.query_devices(kind="output")["name"])
            self._stream = portaudio.RawOutputStream(
                samplerate=RATE, channels=1, dtype="int16", blocksize=BLOCK, callback=self._on_wanted
            )
            self._stream.start()
        except (OSError, ValueError, portaudio.PortAudioError) as error:
            raise Unavailable(NO_LOUDSPEAKER) from error

    def _on_wanted(self, out: Any, frames: int, moment: object, status: object) -> None:
        out[:] = self._buffer.take(frames).tobytes()

    def play(self, samples: Samples) -> None:
        """Queues BLOCK samples; the oldest go where the device is behind."""
        self._buffer.push(samples)

    def close(self) -> None:
        self._stream.abort(ignore_errors=True)
        self._stream.close(ignore_errors=True)


def load_portaudio() -> Any:
    """The sounddevice module; raises ``Unavailable`` where PortAudio is not installed."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise Unavailable("这台电脑没有装声音组件（PortAudio）") from error
    return sounddevice


def open_voice(use_devices: bool, file: Path | None) -> VoiceSource:
    """The microphone, else the file, else the tone."""
    if use_devices:
        try:
            return Microphone()
        except Unavailable:
            pass
    return VoiceFile(file) if file else Tone()


def open_loudspeaker(use_devices: bool, file: Path | None = None) -> Speaker | None:
    """The device, else the file, else None."""
    if use_devices:
        try:
            return Loudspeaker()
        except Unavailable:
            pass
    return HeardFile(file) if file else None

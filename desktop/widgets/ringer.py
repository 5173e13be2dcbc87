"""The ring: two soft tones and a pause, made here, played again and again until told to stop."""

import math
import struct
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, QUrl
from PySide6.QtMultimedia import QAudioDevice, QMediaDevices, QSoundEffect

RATE = 44_100
TONES = ((660.0, 0.35), (550.0, 0.45), (0.0, 1.6))
"""(hertz, seconds), in this order."""


Wanted = tuple[str, str]
"""Key and name of the loudspeaker that was chosen on this machine; both empty for the system's own."""
LEAST_NAME = 6
"""Characters from which the beginning of a name tells a device: some systems cut names off."""


class Ringer(QObject):
    """Rings by the chosen loudspeaker and by the system's own, which may be a screen that nobody hears or a headset on
    the table; ``wanted`` is asked at each ring. Silent where this machine has nothing to play with; the window's
    alert remains.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.wanted: Callable[[], Wanted] = lambda: ("", "")
        self._folder: TemporaryDirectory[str] | None = None
        self._effects: list[QSoundEffect] = []

    def start(self) -> None:
        self.stop()
        outputs = to_ring_by(QMediaDevices.audioOutputs(), QMediaDevices.defaultAudioOutput(), self.wanted())
        self._effects = [self._make(output) for output in outputs]
        for effect in self._effects:
            effect.play()

    def stop(self) -> None:
        for effect in self._effects:
            effect.stop()
            effect.setSource(QUrl())
            effect.deleteLater()
        self._effects = []

    def end(self) -> None:
        """Stops, and removes the file that was played."""
        self.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def _make(self, output: QAudioDevice) -> QSoundEffect:
        effect = QSoundEffect(output, self)
        effect.setSource(QUrl.fromLocalFile(str(self._file())))
        effect.setLoopCount(int(QSoundEffect.Loop.Infinite.value))
        effect.setVolume(0.6)
        return effect

    def _file(self) -> Path:
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="pingqian-ring-")
            write_ring(Path(self._folder.name) / "ring.wav")
        return Path(self._folder.name) / "ring.wav"


def to_ring_by(outputs: Sequence[QAudioDevice], usual: QAudioDevice, wanted: Wanted) -> list[QAudioDevice]:
    """The system's own, and the chosen one where it is another and is here."""
    chosen = next((output for output in outputs if _is(output, wanted)), None)
    both = [output for output in (chosen, usual) if output is not None and not output.isNull()]
    return both[:1] if len(both) == 2 and both[0].id() == both[1].id() else both


def _is(output: QAudioDevice, wanted: Wanted) -> bool:
    """By the system's own name of it, or by the name for people, of which one may be cut off."""
    key, name = wanted
    if key and bytes(output.id().data()).decode(errors="replace") == key.partition(":")[2]:
        return True
    shown = output.description()
    return min(len(shown), len(name)) >= LEAST_NAME and (shown.startswith(name) or name.startswith(shown))


def write_ring(path: Path) -> None:
    """Mono, 16 bit, 44.1 kHz; each tone fades in and out so that nothing clicks."""
    samples = [sample for hertz, seconds in TONES for sample in _tone(hertz, seconds)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


def _tone(hertz: float, seconds: float) -> list[int]:
    count = round(RATE * seconds)
    fade = RATE * 0.03
    loud = [min(1.0, n / fade, (count - n) / fade) for n in range(count)]
    return [round(9000 * loud[n] * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(count)]

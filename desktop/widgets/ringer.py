"""The ring: two soft tones and a pause, made here, played again and again until told to stop."""

import math
import struct
import wave
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, QUrl
from PySide6.QtMultimedia import QMediaDevices, QSoundEffect

RATE = 44_100
TONES = ((660.0, 0.35), (550.0, 0.45), (0.0, 1.6))
"""(hertz, seconds), in this order."""


class Ringer(QObject):
    """Silent where this machine has nothing to play with; the window's alert remains."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._folder: TemporaryDirectory[str] | None = None
        self._effect: QSoundEffect | None = None

    def start(self) -> None:
        if not QMediaDevices.audioOutputs():
            return
        if self._effect is None:
            self._effect = self._make()
        self._effect.play()

    def stop(self) -> None:
        if self._effect is not None:
            self._effect.stop()

    def end(self) -> None:
        """Stops, and removes the file that was played."""
        self.stop()
        if self._effect is not None:
            self._effect.setSource(QUrl())
        if self._folder is not None:
            self._folder.cleanup()

    def _make(self) -> QSoundEffect:
        self._folder = TemporaryDirectory(prefix="pingqian-ring-")
        path = Path(self._folder.name) / "ring.wav"
        write_ring(path)
        effect = QSoundEffect(self)
        effect.setSource(QUrl.fromLocalFile(str(path)))
        effect.setLoopCount(int(QSoundEffect.Loop.Infinite.value))
        effect.setVolume(0.6)
        return effect


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

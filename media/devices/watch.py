"""What is plugged in now: looked at cheaply again and again, listed anew only where something changed."""

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path

from media.core.devices import Device, numbered
from media.devices import portaudio, pulse
from media.devices.cameras import SYSTEM, cameras

CARDS = Path("/proc/asound/cards")


def sounds() -> tuple[Device, ...]:
    """Microphones and loudspeakers: PulseAudio's where PortAudio reaches them, else PortAudio's own."""
    own = portaudio.fresh()
    bridged = any(device.address == f"portaudio:{pulse.DEVICE}" for device in own)
    return numbered((pulse.devices() if bridged else []) or own)


def sound_signature() -> str:
    """Changes when a sound device comes or goes; a few milliseconds."""
    if sys.platform == "win32":
        return windows_signature()
    cards = CARDS.read_text(encoding="utf-8", errors="replace") if CARDS.exists() else ""
    return f"{pulse.signature()}\n{cards}"


def windows_signature() -> str:
    """How many there are, and which is the first: the multimedia functions of Windows are not cached."""
    winmm = ctypes.WinDLL("winmm")  # type: ignore[attr-defined,unused-ignore]
    return f"{winmm.waveInGetNumDevs()} {winmm.waveOutGetNumDevs()}"


class Watch:
    """For one thread at a time. ``find_sounds`` is asked where ``look`` (a signature) has changed, else remembered."""

    def __init__(
        self,
        look: Callable[[], str] = sound_signature,
        find_sounds: Callable[[], tuple[Device, ...]] = sounds,
        system: Path = SYSTEM,
    ) -> None:
        self._look = look
        self._find = find_sounds
        self._system = system
        self._seen: str | None = None
        self._sounds: tuple[Device, ...] = ()
        self._cameras: tuple[Device, ...] = ()
        self._nodes: list[str] | None = None

    def present(self) -> tuple[Device, ...]:
        """All devices, each kind's default first."""
        seen = self._look()
        if seen != self._seen:
            self._sounds, self._seen = self._find(), seen
        nodes = sorted(str(node) for node in self._system.glob("video*"))
        if sys.platform == "win32" or nodes != self._nodes:
            self._cameras, self._nodes = cameras(self._system), nodes
        return (*self._cameras, *self._sounds)

    def forget(self) -> None:
        """Something broke that is still listed: the next look lists anew."""
        self._seen = self._nodes = None

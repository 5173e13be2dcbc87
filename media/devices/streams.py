"""PortAudio's streams, at whatever rate and with however many channels a device wants, on the engine's own clock."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from media.core.devices import Device
from media.core.mixing import RATE, Samples, to_mono
from media.core.retiming import Retimer, spread
from media.devices.portaudio import load_portaudio, number_of
from media.errors import Unavailable

DEAD_AFTER, BEGINS_WITHIN = 3.0, 6.0
"""Seconds without a callback, after which a device counts as gone; a sound server may be slow to begin."""
FILLED_WITHIN = 0.2
"""Seconds in which a stream that begins asks for what fills its buffers, and then for nothing until it runs."""
RATES = (RATE, 44_100, 32_000, 16_000, 8_000, 96_000)
MICROPHONE_AHEAD = 0.045
LOUDSPEAKER_AHEAD = 0.055
"""Seconds that wait: one take, one push, and 15 ms for either to be late."""
_OUT_OF = 100


class _Stream:
    """What both directions have in common. ``rate`` and ``channels`` are the device's."""

    def __init__(self, device: Device, make: str, channels: str, callback: Callable[..., None]) -> None:
        portaudio = load_portaudio()
        number = number_of(device)
        known = portaudio.query_devices(number)
        self._started = self.last = time.monotonic()
        self.began = False
        refused: Exception | None = None
        for self.rate, self.channels in formats(int(known["default_samplerate"]), int(known[channels])):
            try:
                self._stream: Any = getattr(portaudio, make)(
                    samplerate=self.rate, channels=self.channels, dtype="int16", device=number,
                    blocksize=self.rate // _OUT_OF, callback=callback,
                )  # fmt: skip
            except (OSError, ValueError, portaudio.PortAudioError) as error:
                refused = error
            else:
                return
        raise Unavailable(f"“{device.name}”打不开，可能被其他程序占用") from refused

    def _start(self, name: str) -> None:
        portaudio = load_portaudio()
        self._started = self.last = time.monotonic()
        try:
            self._stream.start()
        except (OSError, portaudio.PortAudioError) as error:
            raise Unavailable(f"“{name}”打不开，可能被其他程序占用") from error

    @property
    def delay(self) -> float:
        """Seconds between the sound and PortAudio's callback, by the device's own word."""
        return max(0.0, float(self._stream.latency))

    def dead(self, now: float) -> bool:
        """It was pulled out, or its driver hangs."""
        silent = now - self.last > DEAD_AFTER if self.began else now - self._started > BEGINS_WITHIN
        return silent or not self._stream.active

    def _beat(self) -> float:
        self.last = time.monotonic()
        self.began = self.began or self.last - self._started > FILLED_WITHIN
        return self.last


def formats(rate: int, channels: int) -> Iterator[tuple[int, int]]:
    """(Hz, channels) to try in turn: what we want, what the device says, what devices usually have."""
    rates = [RATE, *([rate] if rate != RATE else []), *(other for other in RATES if other not in (RATE, rate))]
    for one in rates:
        for count in dict.fromkeys((1, min(2, channels), channels)):
            if count <= channels:
                yield one, count


class Input(_Stream):
    """A microphone; raises ``Unavailable``."""

    def __init__(self, device: Device) -> None:
        super().__init__(device, "RawInputStream", "max_input_channels", self._on_samples)
        self._retimer = Retimer(self.rate, RATE, MICROPHONE_AHEAD)
        self._start(device.name)

    def _on_samples(self, data: Any, frames: int, moment: object, status: object) -> None:
        now = self._beat()
        self._retimer.push(to_mono(np.frombuffer(bytes(data), dtype=np.int16), self.channels), now)

    def take(self, count: int, now: float) -> Samples:
        return self._retimer.take(count, now)


class Output(_Stream):
    """A loudspeaker; raises ``Unavailable``."""

    def __init__(self, device: Device) -> None:
        super().__init__(device, "RawOutputStream", "max_output_channels", self._on_wanted)
        self._retimer = Retimer(RATE, self.rate, LOUDSPEAKER_AHEAD)
        self._start(device.name)

    def _on_wanted(self, out: Any, frames: int, moment: object, status: object) -> None:
        out[:] = spread(self._retimer.take(frames, self._beat()), self.channels).tobytes()

    def play(self, samples: Samples, now: float) -> None:
        """What comes before the device has begun is not kept: it would be heard late for long."""
        if self.began:
            self._retimer.push(samples, now)

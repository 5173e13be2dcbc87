"""The devices outside a call, for whoever chooses them: picture, level, a test sound, one's own voice played back."""

from collections import deque
from collections.abc import Callable
from enum import StrEnum

import numpy as np

from media.core.devices import DeviceChoice
from media.core.mixing import BLOCK, RATE, Samples, silence
from media.devices.seat import InUse, SeatDevices
from media.devices.watch import Watch
from media.ports import DevicesChanged, EngineOptions, VoiceLevel
from media.slots import LatestPicture
from media.stage import Pacer

RECORDED = 3 * RATE // BLOCK
"""Steps of one's own voice: three seconds."""
_TUNE = (523.25, 659.25, 783.99)
_NOTE = 0.4


class Stage(StrEnum):
    """Of the test that runs."""

    IDLE = "idle"
    SOUNDING = "sounding"
    RECORDING = "recording"
    PLAYING = "playing"


def tune() -> list[Samples]:
    """Three rising notes with soft edges, in steps of 20 ms; 1.2 s."""
    count = round(_NOTE * RATE)
    place = np.arange(count) / RATE
    edge = np.clip(np.minimum(place, _NOTE - place) / 0.03, 0, 1)
    notes = [np.sin(2 * np.pi * pitch * place) * edge * 9000 for pitch in _TUNE]
    whole: Samples = np.concatenate(notes).astype(np.int16)
    return [whole[at : at + BLOCK] for at in range(0, len(whole), BLOCK)]


class Trial:
    """``told`` gets ``DevicesChanged``, ``VoiceLevel`` and ``Stage`` from threads of its own. Opening takes seconds."""

    def __init__(
        self,
        choice: DeviceChoice,
        told: Callable[[DevicesChanged | VoiceLevel | Stage], None],
        watch: Watch | None = None,
        picture: LatestPicture | None = None,
    ) -> None:
        self._told = told
        self.picture = LatestPicture() if picture is None else picture
        self._record: list[Samples] = []
        self._play: deque[Samples] = deque()
        self._stage = Stage.IDLE
        self._devices = SeatDevices(EngineOptions(devices=choice), self.picture, self._changed, watch)
        self._devices.watch_voice(lambda level: told(VoiceLevel("", level)))
        self._clock = Pacer("trial", RATE // BLOCK, self._tick, lambda message: None)
        self._clock.start()
        self._changed(self._devices.in_use(), "")

    def choose(self, choice: DeviceChoice) -> None:
        """Returns at once."""
        self._devices.choose(choice)

    def sound(self) -> None:
        """Plays the tune."""
        self._play.clear()
        self._play.extend(tune())
        self._turn(Stage.SOUNDING)

    def echo(self) -> None:
        """Records three seconds, then plays them."""
        self._play.clear()
        self._record = []
        self._turn(Stage.RECORDING)

    def close(self) -> None:
        """Ends all of it."""
        self._clock.close()
        self._devices.close()

    def _changed(self, now: InUse, message: str) -> None:
        self._told(now.event("", message))

    def _turn(self, stage: Stage) -> None:
        self._stage = stage
        self._told(stage)

    def _tick(self, number: int, due_ns: int) -> None:
        sound = self._devices.sound
        near = sound.take()
        if self._stage is Stage.RECORDING:
            self._record.append(near)
            if len(self._record) >= RECORDED:
                self._play.extend(self._record)
                self._turn(Stage.PLAYING)
        sound.play(self._play.popleft() if self._play else silence())
        if self._stage in (Stage.SOUNDING, Stage.PLAYING) and not self._play:
            self._turn(Stage.IDLE)

"""What the dialog looks at and listens to: the devices by themselves, or those of the call that is going on."""

import queue
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.bridge import Bridge
from desktop.seat.desk import Desk
from media.core.devices import DeviceChoice
from media.devices.trial import Stage, Trial
from media.ports import DevicesChanged, PictureSlot, VoiceLevel
from media.slots import LatestPicture

Told = DevicesChanged | VoiceLevel | Stage


class Source(QObject):
    """``told`` brings ``DevicesChanged``, ``VoiceLevel`` and, of a trial, ``Stage``. ``picture`` is the camera's.

    ``in_call``: nothing may be played or recorded for a test.
    """

    told = Signal(object)
    in_call = False

    def __init__(self, picture: PictureSlot) -> None:
        super().__init__()
        self.picture = picture

    def choose(self, choice: DeviceChoice) -> None:
        raise NotImplementedError

    def sound(self) -> None:
        """Plays the test sound."""

    def echo(self) -> None:
        """Begins the echo test."""

    def close(self) -> None:
        raise NotImplementedError


class TrialSource(Source):
    """Outside a call: the devices are opened for as long as the dialog is, on a thread that may wait for them."""

    def __init__(self, bridge: Bridge, choice: DeviceChoice, make: Callable[..., Trial] = Trial) -> None:
        slot = LatestPicture()
        super().__init__(slot)
        self._bridge = bridge
        self._acts: queue.SimpleQueue[Callable[[Trial], None] | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, args=(choice, make, slot), name="trial-devices", daemon=True)
        self._thread.start()

    def choose(self, choice: DeviceChoice) -> None:
        self._acts.put(lambda trial: trial.choose(choice))

    def sound(self) -> None:
        self._acts.put(lambda trial: trial.sound())

    def echo(self) -> None:
        self._acts.put(lambda trial: trial.echo())

    def close(self) -> None:
        """The devices are let go within a second or two."""
        if not self._closed:
            self._closed = True
            self._acts.put(None)

    def _run(self, choice: DeviceChoice, make: Callable[..., Trial], slot: LatestPicture) -> None:
        trial = make(choice, self._tell, picture=slot)
        while (act := self._acts.get()) is not None:
            act(trial)
        trial.close()

    def _tell(self, what: Told) -> None:
        self._bridge.to_gui(lambda: None if self._closed else self.told.emit(what))


class CallSource(Source):
    """In a call: the engine has the devices, and tells of them."""

    in_call = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk.engine.agent())
        self._desk = desk
        desk.devices.connect(self.told)
        desk.watch_voice(True)

    def choose(self, choice: DeviceChoice) -> None:
        self._desk.choose_devices(choice)

    def close(self) -> None:
        self._desk.devices.disconnect(self.told)
        self._desk.watch_voice(False)

"""All devices of one call: chosen, watched, replaced where one goes, and taken again where it returns."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from media.capture import Camera, Found
from media.core.devices import Device, DeviceChoice, Kind, Refusals, choose, of_kind, words
from media.core.timeline import SECOND
from media.devices.cameras import open_camera
from media.devices.sound import Sound
from media.devices.watch import Watch
from media.errors import Unavailable
from media.ports import DevicesChanged, EngineOptions
from media.slots import LatestPicture
from media.voice import HeardFile, open_voice

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks at what is plugged in."""
NO_PICTURE = 4.0
"""Seconds without a picture from which a camera hangs. The recording counts the agent as not seen from two on."""
FRESH, WORKING = 1.0, 60.0
"""Seconds: no older is the newest picture of a camera whose thread waits for nothing; and after so long with pictures
what was wrong with it before is forgotten."""
OPENING = 12.0
"""Seconds within which a camera opens, or never does."""
SILENT = "没有一点声音，对方听不到您。请看看耳麦上的静音键，仍没有请插拔一次或换一个麦克风"


@dataclass(frozen=True)
class InUse:
    """Names in words. ``processed``: the voice's echo, noise and level are seen to; ``unclean`` says why they are not.

    ``present``: all there is.
    """

    camera: str
    microphone: str
    loudspeaker: str
    processed: bool
    unclean: str = ""
    present: tuple[Device, ...] = ()

    def event(self, call_id: str, message: str = "") -> DevicesChanged:
        """As the engine tells it."""
        return DevicesChanged(
            call_id, self.camera, self.microphone, self.loudspeaker, message, self.unclean, self.present
        )


class SeatDevices:
    """``told(in use, message)`` comes on the devices' thread where something changed by itself.

    Opening takes up to some seconds. ``slot`` is the camera's; None: no camera is wanted. ``use_devices`` off: only
    what stands in. ``watch`` finds devices.
    """

    def __init__(
        self,
        options: EngineOptions,
        slot: LatestPicture | None,
        told: Callable[[InUse, str], None],
        watch: Watch | None = None,
    ) -> None:
        self._use = options.use_devices
        self._choice = self._followed = options.devices
        self._told = told
        self._watch = watch or Watch()
        self._ending = False
        self._woken = threading.Event()
        self._refused = Refusals()
        self._device: Device | None = None
        self._had_camera = False
        self._slot = slot
        self._opened_ns = 0
        """When the camera was opened; ahead while it is being opened."""
        self._stale: tuple[int, float] | None = None
        """The newest picture's moment when it was found too old, and when that was."""
        self._fresh: tuple[str, float] = ("", 0.0)
        """Which camera has given pictures since when."""
        heard = HeardFile(options.heard_file) if options.heard_file else None
        self.sound = Sound(self._woken.set, open_voice(options.voice_file), heard)
        self._camera: Camera | None = None
        self._faults: set[str] = set()
        self._silent = ""
        try:
            self._present = present = self._watch.present() if self._use else ()
            self.sound.settle(self._choice, present)
            self._camera = None if slot is None else self._open_camera(slot, options, present)
        except BaseException:
            self.sound.close()
            raise
        self._last = self.in_use()
        self._thread = threading.Thread(target=self._run, name="devices", daemon=True)
        if self._use:
            self._thread.start()

    def in_use(self) -> InUse:
        """What the call has now."""
        sound = self.sound
        camera = self._device.name if self._device else self._camera.name if self._camera else ""
        return InUse(camera, sound.name, sound.loudspeaker, sound.processed, sound.unclean, self._present)

    @property
    def unplugged(self) -> frozenset[Kind]:
        """Of camera and microphone what the call had and has no more."""
        camera = self._had_camera and self._device is None
        return frozenset(
            kind for kind, gone in ((Kind.CAMERA, camera), (Kind.MICROPHONE, self.sound.microphone_gone)) if gone
        )

    def choose(self, choice: DeviceChoice) -> None:
        """From the engine's loop; returns at once."""
        self._choice = choice
        self._woken.set()

    def watch_voice(self, told: Callable[[float], None] | None) -> None:
        """``told`` gets the microphone's level ten times a second, on the sound clock; None: nobody does."""
        self.sound.on_level = told

    def close(self) -> None:
        """Ends the thread, then the devices."""
        self._ending = True
        self._woken.set()
        if self._use:
            self._thread.join(15)
        try:
            self.sound.close()
        finally:
            if self._camera is not None:
                self._camera.close()

    # --- the camera ---

    def _open_camera(self, slot: LatestPicture, options: EngineOptions, present: Sequence[Device]) -> Camera:
        def first() -> Found:
            while (device := self._wanted_camera(present)) is not None:
                self._device = device
                if (found := self._open(device)) is not None:
                    self._had_camera = True
                    return found
            self._device = None
            return None

        return Camera(slot, self._lost, use_devices=self._use, file=options.camera_file, find=first)

    def _wanted_camera(self, present: Sequence[Device]) -> Device | None:
        broken = self._refused.keys(present, time.monotonic())
        using = self._device.key if self._device else ""
        return choose(self._choice.camera, of_kind(present, Kind.CAMERA), using, broken)

    def _open(self, device: Device) -> Found:
        try:
            opened = device.name, open_camera(device)
            self._opened_ns = time.monotonic_ns()
            return opened
        except Unavailable:
            self._refused.note(device.key, time.monotonic())
            self._woken.set()
            return None

    def _lost(self, message: str) -> None:
        """On the camera's thread. A file that breaks off is told as it is, a device once it is known what follows."""
        device = self._device
        if device is None:
            self._told(self.in_use(), message)
            return
        self._refused.note(device.key, time.monotonic())
        self._woken.set()

    def _settle_camera(self, present: Sequence[Device]) -> str:
        if self._camera is None:
            return ""
        before, hangs = self._device, self._camera_hangs()
        if before is not None and hangs:
            self._refused.note(before.key, time.monotonic())
        after = self._wanted_camera(present)
        if after == before:
            return ""
        self._had_camera = self._had_camera or after is not None
        waits = before is not None and self._picture_age() > FRESH
        turn = self._camera.leave if hangs or waits else self._camera.turn_to
        self._device, self._stale = after, None
        self._opened_ns = time.monotonic_ns() + round(OPENING * SECOND)
        turn(partial(self._open, after) if after else _nothing)
        there = {device.key for device in present} - self._refused.keys(present, time.monotonic())
        if self._refused.quiet(before, after):
            return ""
        wanted, asked = self._choice.camera, self._choice.camera != self._followed.camera
        gone = before is not None and before.key not in there
        return words(Kind.CAMERA, before, after, wanted, gone=gone, asked=asked)

    def _camera_hangs(self) -> bool:
        """Whether the one in use gives neither picture nor error: at two looks, for one alone may be late itself."""
        now = time.monotonic()
        if self._device is None or self._slot is None:
            return False
        if self._picture_age() <= NO_PICTURE:
            self._stale = None
            self._note_fresh(self._device.key, now)
            return False
        last = self._newest_ns()
        if self._stale is None or self._stale[0] != last:
            self._stale = (last, now)
        return now - self._stale[1] >= FRESH

    def _note_fresh(self, key: str, now: float) -> None:
        if self._fresh[0] != key or self._picture_age() > FRESH:
            self._fresh = (key, now)
        elif now - self._fresh[1] > WORKING:
            self._refused.works(key)

    def _newest_ns(self) -> int:
        picture = self._slot.latest() if self._slot is not None else None
        return max(self._opened_ns, picture.captured_ns if picture else 0)

    def _picture_age(self) -> float:
        """Seconds; below zero while it is being opened."""
        return (time.monotonic_ns() - self._newest_ns()) / SECOND

    # --- the thread ---

    def _run(self) -> None:
        while not self._ending:
            woken = self._woken.wait(LOOK_EVERY)
            self._woken.clear()
            if self._ending:
                return
            if woken:
                self._watch.forget()
            self._safely()

    def _safely(self) -> None:
        """A look that fails is logged, each fault once; the next one may go well."""
        try:
            self._settle(self._watch.present())
        except Exception as error:
            if repr(error) not in self._faults:
                self._faults.add(repr(error))
                log.exception("the devices could not be looked at")

    def _settle(self, present: tuple[Device, ...]) -> None:
        self._present = present
        choice = self._choice
        said = [self._settle_camera(present), *self.sound.settle(choice, present), self._heard()]
        self._followed = choice
        now = self.in_use()
        message = "。".join(text for text in said if text)
        if message or now != self._last:
            self._last = now
            self._told(now, message)

    def _heard(self) -> str:
        """Says that the microphone fell silent, and that it is back."""
        before, self._silent = self._silent, self.sound.silent
        if self._silent == before or self.sound.muted:
            return ""
        if self._silent:
            return f"麦克风“{self._silent}”{SILENT}"
        return f"麦克风“{before}”又有声音了" if before == self.sound.name else ""


def _nothing() -> Found:
    return None

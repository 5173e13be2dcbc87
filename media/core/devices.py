"""Which cameras, microphones and loudspeakers there are, which the agent wants, which is used, what to say of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    CAMERA = "camera"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"


class Processing(StrEnum):
    """What is done to the agent's voice."""

    LOUDSPEAKER = "loudspeaker"
    """The customer is heard in the room: echo, noise and level are taken care of."""
    HEADSET = "headset"
    """Noise and level only."""
    OFF = "off"


@dataclass(frozen=True)
class Device:
    """``key`` finds the same device again after it was pulled out and put back, and in the next session.

    ``name`` is for people; ``address`` is what opens it now (``host:name``), and may change.
    """

    kind: Kind
    key: str
    name: str
    address: str = ""


@dataclass(frozen=True)
class DeviceChoice:
    """Keys of what the agent wants; empty: whatever the system puts first."""

    camera: str = ""
    microphone: str = ""
    loudspeaker: str = ""
    processing: Processing = Processing.LOUDSPEAKER

    def wanted(self, kind: Kind) -> str:
        """The key for one kind."""
        return {Kind.CAMERA: self.camera, Kind.MICROPHONE: self.microphone, Kind.LOUDSPEAKER: self.loudspeaker}[kind]


def of_kind(present: Sequence[Device], kind: Kind) -> list[Device]:
    """Those of one kind, the system's default first."""
    return [device for device in present if device.kind is kind]


def numbered(devices: Sequence[Device]) -> tuple[Device, ...]:
    """The same with keys and names told apart: a second one of the same kind and key gets ``#2``, and so on."""
    seen: dict[tuple[Kind, str], int] = {}
    told = []
    for device in devices:
        number = seen[device.kind, device.key] = seen.get((device.kind, device.key), 0) + 1
        if number > 1:
            device = Device(device.kind, f"{device.key}#{number}", f"{device.name}（{number}）", device.address)
        told.append(device)
    return tuple(told)


def choose(
    wanted: str, present: Sequence[Device], using: str = "", refused: Collection[str] = frozenset()
) -> Device | None:
    """The wanted one where it is there, else the one in use, else the first; None where there is none.

    ``refused`` are keys of devices that are listed but do not work at the moment.
    """
    working = {device.key: device for device in present if device.key not in refused}
    for key in (wanted, using):
        if key in working:
            return working[key]
    return next(iter(working.values()), None)


NAMES = {Kind.CAMERA: "摄像头", Kind.MICROPHONE: "麦克风", Kind.LOUDSPEAKER: "扬声器"}
_WITHOUT = {
    Kind.CAMERA: "画面里写明“摄像头已断开”，录像照常",
    Kind.MICROPHONE: "对方现在听不到您",
    Kind.LOUDSPEAKER: "您现在听不到客户",
}


def words(
    kind: Kind, before: Device | None, after: Device | None, wanted: str, *, gone: bool, asked: bool = False
) -> str:
    """What to tell the agent of a change; empty where it is what they asked for themselves.

    ``gone``: the device before went away or delivers nothing any more. ``asked``: they have just chosen another.
    """
    what = NAMES[kind]
    if before == after or (before is None and after is None):
        return ""
    if after is None:
        name = before.name if before is not None else ""
        return f"{what}“{name}”断开了，没有别的{what}可用，{_WITHOUT[kind]}。请检查连线，插回后会自动接上"
    if before is None:
        return f"已接上{what}“{after.name}”"
    if gone:
        back = "，插回后会自动换回" if before.key == wanted else ""
        return f"{what}“{before.name}”断开了，已改用“{after.name}”{back}"
    return f"{what}“{after.name}”已接回，现在用它" if after.key == wanted and not asked else ""


def echoes(processing: Processing, wanted: str, using: str) -> bool:
    """Whether the far voice has to be taken out of the near one: a stand-in for a headset may be heard in the room."""
    if processing is Processing.HEADSET:
        return bool(wanted) and using != wanted
    return processing is Processing.LOUDSPEAKER


class Refusals:
    """Devices that are listed but do not work; each is tried again later and later, and at once after it was away.

    Moments in seconds of a monotonic clock.
    """

    FIRST, LAST = 15.0, 960.0

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._pause: dict[str, float] = {}

    def note(self, key: str, now: float) -> None:
        """It did not open, or broke."""
        pause = self._pause.get(key, self.FIRST / 4) * 4
        self._pause[key] = min(pause, self.LAST)
        self._until[key] = now + self._pause[key]

    def works(self, key: str) -> None:
        """It has worked for a while: the next time counts as the first."""
        self._pause.pop(key, None)
        self._until.pop(key, None)

    def quiet(self, before: Device | None, after: Device | None) -> bool:
        """Whether a change is only another attempt with what did not work, or its end: the agent has been told."""
        tried = after is not None and after.key in self._pause
        return tried or (before is not None and self._pause.get(before.key, 0.0) > self.FIRST)

    def keys(self, present: Sequence[Device], now: float) -> frozenset[str]:
        """Those not to be tried now; what is not ``present`` is forgotten."""
        there = {device.key for device in present}
        for key in [key for key in self._pause if key not in there]:
            self._pause.pop(key)
            self._until.pop(key, None)
        return frozenset(key for key, until in self._until.items() if now < until)

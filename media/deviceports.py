"""Of ``media.ports``: the seat's own devices, which of them are used and what becomes of them."""

from dataclasses import dataclass

from media.core.devices import Device, DeviceChoice


@dataclass(frozen=True)
class ChooseDevices:
    """What the agent wants to be seen, heard and hear with, from now on. Also outside a call: ``call_id`` is empty."""

    call_id: str
    choice: DeviceChoice


@dataclass(frozen=True)
class WatchVoice:
    """Whether ``VoiceLevel`` is told; ``DevicesChanged`` says at once how things are."""

    call_id: str
    on: bool


@dataclass(frozen=True)
class DevicesChanged:
    """A device came or went, or another is used; the names are those of ``CallOpened``.

    ``message`` is Chinese, for the agent; empty where they asked for the change themselves. ``unprocessed`` says why
    neither echo nor noise are taken out of the voice, where they should be.
    """

    call_id: str
    camera: str
    microphone: str
    loudspeaker: str
    message: str = ""
    unprocessed: str = ""
    present: tuple[Device, ...] = ()
    """All that could be chosen."""

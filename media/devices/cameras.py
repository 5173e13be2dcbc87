"""Which cameras there are: V4L2 from the kernel's own tree, DirectShow through FFmpeg."""

import sys
from pathlib import Path

import av
from av.container import InputContainer

from media.core.devices import Device, Kind, numbered
from media.errors import Unavailable

SYSTEM = Path("/sys/class/video4linux")
WANTED = {"video_size": "640x480", "framerate": "30"}


def cameras(system: Path = SYSTEM) -> tuple[Device, ...]:
    """What is plugged in now. ``system``: the kernel's tree of V4L2 devices."""
    return numbered(directshow() if sys.platform == "win32" else video4linux(system))


def video4linux(system: Path) -> list[Device]:
    """In the order in which the kernel numbered them. A camera's further nodes (index over 0) hold no pictures."""
    nodes = sorted((node for node in system.glob("video*") if node.name[5:].isdigit()), key=lambda n: int(n.name[5:]))
    found = []
    for node in nodes:
        if _line(node / "index") in ("", "0"):
            name = plain(_line(node / "name")) or node.name
            found.append(Device(Kind.CAMERA, f"v4l2:{name}", name, f"v4l2:/dev/{node.name}"))
    return found


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # gone in this moment
        return ""


def plain(name: str) -> str:
    """A driver's name without its repetition, as in ``Integrated Camera: Integrated C``."""
    first, _, second = name.partition(": ")
    return first if second and (first.startswith(second) or second.startswith(first)) else name


def directshow() -> list[Device]:
    """Windows' cameras under the names that people know them by."""
    try:
        devices = av.enumerate_input_devices("dshow")
    except (OSError, ValueError, av.FFmpegError):
        return []
    found = [device for device in devices if "video" in device.media_types]
    # FFmpeg opens a device by its own name too, which tells two of one make apart; a colon would end either
    return [
        Device(Kind.CAMERA, f"dshow:{one.description}", one.description, f"dshow:video={one.name or one.description}")
        for one in found
    ]


def open_camera(device: Device) -> InputContainer:
    """Raises ``Unavailable`` where it does not open: another program has it, or it has just gone."""
    kind, _, address = device.address.partition(":")
    # DirectShow refuses what a camera has not exactly; what it gives by itself is better than nothing
    refused: Exception | None = None
    for options in (WANTED, {}) if kind == "dshow" else (WANTED,):
        try:
            return av.open(address, format=kind, options=dict(options), timeout=(5.0, 3.0))
        except (OSError, av.FFmpegError) as error:
            refused = error
    raise Unavailable(f"摄像头“{device.name}”打不开，可能被其他程序占用") from refused

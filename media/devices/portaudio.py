"""PortAudio's devices. It sees what was there when it began: a list that is fresh comes from a process of its own.

Run as a program it prints its list as JSON.
"""

import json
import subprocess
import sys
from typing import Any

from media.core.devices import Device, Kind
from media.devices.oneself import LIST, command
from media.errors import Unavailable

HOSTS = {"win32": "Windows WASAPI", "darwin": "Core Audio"}
VIRTUAL = (
    "sysdefault", "front", "rear", "center_lfe", "side", "surround", "dmix", "dsnoop", "hdmi", "iec958", "spdif",
    "samplerate", "speexrate", "lavrate", "upmix", "vdownmix", "jack", "oss", "null", "usbstream", "a52",
)  # fmt: skip
"""ALSA's ways to devices that are listed themselves."""
DEFAULT_WORDS = "系统默认"
NO_WINDOW = int(getattr(subprocess, "CREATE_NO_WINDOW", 0))
"""Windows would show a console for each process."""
_ANSWERS_WITHIN = 10.0


def load_portaudio() -> Any:
    """The sounddevice module; raises ``Unavailable`` where PortAudio is not installed."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise Unavailable("这台电脑没有装声音组件（PortAudio）") from error
    return sounddevice


def listed() -> list[Device]:
    """As PortAudio of this process sees them, the default first; raises ``Unavailable``."""
    portaudio = load_portaudio()
    hosts = portaudio.query_hostapis()
    wanted = HOSTS.get(sys.platform, "ALSA")
    chosen = next((host for host in hosts if host["name"] == wanted), hosts[0] if hosts else None)
    if chosen is None:
        return []
    all_of_it = portaudio.query_devices()
    found = []
    for kind, channels, first in (
        (Kind.MICROPHONE, "max_input_channels", chosen["default_input_device"]),
        (Kind.LOUDSPEAKER, "max_output_channels", chosen["default_output_device"]),
    ):
        usable = [number for number in chosen["devices"] if all_of_it[number][channels] > 0]
        names = [str(all_of_it[number]["name"]) for number in sorted(usable, key=lambda number: number != first)]
        found += [_device(kind, name) for name in names if not name.lower().startswith(VIRTUAL)]
    return found


def _device(kind: Kind, name: str) -> Device:
    shown = DEFAULT_WORDS if name == "default" else name
    return Device(kind, f"portaudio:{name}", shown, f"portaudio:{name}")


def number_of(device: Device) -> int:
    """PortAudio's number of a device; raises ``Unavailable`` where it is not there (any more)."""
    host, _, name = device.address.partition(":")
    name = "pulse" if host == "pulse" else name
    portaudio = load_portaudio()
    channels = "max_input_channels" if device.kind is Kind.MICROPHONE else "max_output_channels"
    preferred = HOSTS.get(sys.platform, "ALSA")
    hosts = portaudio.query_hostapis()
    fitting = [
        (hosts[known["hostapi"]]["name"] != preferred, number)
        for number, known in enumerate(portaudio.query_devices())
        if known["name"] == name and known[channels] > 0
    ]
    if not fitting:
        raise Unavailable(f"没有找到设备“{device.name}”")
    return min(fitting)[1]


def fresh() -> list[Device]:
    """As a new PortAudio sees them; none where there is no PortAudio. Takes a quarter of a second."""
    try:
        done = subprocess.run(
            command(LIST), stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWERS_WITHIN, check=False,
            creationflags=NO_WINDOW,
        )  # fmt: skip
        rows = json.loads(done.stdout or b"[]")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return []
    return [Device(Kind(kind), key, name, address) for kind, key, name, address in rows]


def main() -> int:
    """Exit status 0, and an empty list where there is no PortAudio."""
    try:
        rows = [(device.kind.value, device.key, device.name, device.address) for device in listed()]
    except Unavailable:
        rows = []
    print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""PulseAudio's and PipeWire's devices by their own command ``pactl``, which is there where they are.

PortAudio reaches them through ALSA's ``pulse`` device alone; which one that is say two variables of the environment.
"""

import os
import re
import shutil
import subprocess

from media.core.devices import Device, Kind

DEVICE = "pulse"
"""ALSA's name of the bridge."""
VARIABLES = {Kind.MICROPHONE: "PULSE_SOURCE", Kind.LOUDSPEAKER: "PULSE_SINK"}
_LISTS = {Kind.MICROPHONE: "sources", Kind.LOUDSPEAKER: "sinks"}
_DEFAULTS = {Kind.MICROPHONE: "Default Source", Kind.LOUDSPEAKER: "Default Sink"}
_ANSWERS_WITHIN = 3.0


def ask(*words: str) -> str | None:
    """What ``pactl`` says, in English; None where it or its server does not answer."""
    command = shutil.which("pactl")
    if command is None:
        return None
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "PULSE_AUTOSPAWN": "0"}
    try:
        done = subprocess.run(
            [command, *words], env=environment, capture_output=True, timeout=_ANSWERS_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def signature() -> str | None:
    """Changes when a device comes, goes or becomes the default; None where there is no server."""
    parts = [ask("list", "short", what) for what in _LISTS.values()]
    info = ask("info")
    if info is None or None in parts:
        return None
    names = ["\t".join(line.split("\t")[:2]) for part in parts for line in (part or "").splitlines()]
    return "\n".join([*names, *(default(info, kind) for kind in _DEFAULTS)])


def devices() -> list[Device]:
    """Microphones and loudspeakers, each kind's default first; none where there is no server."""
    info = ask("info") or ""
    found = []
    for kind, what in _LISTS.items():
        listed = parse(ask("list", what) or "", kind)
        first = default(info, kind)
        found += sorted(listed, key=lambda device: device.key != f"pulse:{first}")
    return found


def default(info: str, kind: Kind) -> str:
    """The name of the default sink or source in the answer to ``pactl info``."""
    match = re.search(rf"^{_DEFAULTS[kind]}: (.+)$", info, re.MULTILINE)
    return match[1].strip() if match else ""


def parse(text: str, kind: Kind) -> list[Device]:
    """The answer to ``pactl list sinks`` or ``sources``. What only repeats a loudspeaker is no microphone."""
    found = []
    for block in re.split(r"\n(?=\S)", text):
        fields = dict(re.findall(r"^\t([A-Z][A-Za-z ]*): (.*)$", block, re.MULTILINE))
        name = fields.get("Name", "")
        if name and fields.get("Monitor of Sink", "n/a") == "n/a":
            found.append(Device(kind, f"pulse:{name}", fields.get("Description") or name, f"pulse:{name}"))
    return found

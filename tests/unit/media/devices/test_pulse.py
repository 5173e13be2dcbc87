"""What ``pactl`` says, in its own form (version 16, shortened)."""

import os
from pathlib import Path

import pytest

from media.core.devices import Kind
from media.devices import pulse

SINKS = """Sink #0
\tState: SUSPENDED
\tName: alsa_output.pci-0000_00_1f.3.analog-stereo
\tDescription: 内置音频 模拟立体声
\tDriver: module-alsa-card.c
\tSample Specification: s16le 2ch 44100Hz
\tMonitor Source: alsa_output.pci-0000_00_1f.3.analog-stereo.monitor
\tProperties:
\t\talsa.resolution_bits = "16"
\t\tdevice.description = "Something else"
\tPorts:
\t\tanalog-output-speaker: Speakers (type: Speaker, priority: 10000, availability unknown)

Sink #3
\tState: RUNNING
\tName: alsa_output.usb-Plantronics.analog-stereo
\tDescription: Plantronics 耳麦
\tDriver: module-alsa-card.c
"""
SOURCES = """Source #1
\tState: SUSPENDED
\tName: alsa_output.pci-0000_00_1f.3.analog-stereo.monitor
\tDescription: Monitor of 内置音频
\tMonitor of Sink: alsa_output.pci-0000_00_1f.3.analog-stereo

Source #4
\tState: RUNNING
\tName: alsa_input.usb-Plantronics.mono-fallback
\tDescription: Plantronics 耳麦
\tMonitor of Sink: n/a
"""
INFO = """Server Name: pulseaudio
Default Sink: alsa_output.usb-Plantronics.analog-stereo
Default Source: alsa_input.usb-Plantronics.mono-fallback
Cookie: 1234:abcd
"""
FAKE = """#!/bin/sh
case "$*" in
  "list sinks") cat {folder}/sinks ;;
  "list sources") cat {folder}/sources ;;
  "list short sinks") printf '0\\tone\\tmod\\n3\\ttwo\\tmod\\ts16le\\t%s\\n' "$(cat {folder}/state)" ;;
  "list short sources") printf '4\\tthree\\tmod\\n' ;;
  info) cat {folder}/info ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ``pactl`` that reads its answers from files."""
    for name, text in (("sinks", SINKS), ("sources", SOURCES), ("info", INFO), ("state", "RUNNING")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = tmp_path / "pactl"
    command.write_text(FAKE.format(folder=tmp_path))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def test_loudspeakers_by_their_words() -> None:
    found = pulse.parse(SINKS, Kind.LOUDSPEAKER)
    assert [(d.key, d.name) for d in found] == [
        ("pulse:alsa_output.pci-0000_00_1f.3.analog-stereo", "内置音频 模拟立体声"),
        ("pulse:alsa_output.usb-Plantronics.analog-stereo", "Plantronics 耳麦"),
    ]


def test_what_repeats_a_loudspeaker_is_no_microphone() -> None:
    assert [d.name for d in pulse.parse(SOURCES, Kind.MICROPHONE)] == ["Plantronics 耳麦"]


def test_nothing_in_nothing() -> None:
    assert pulse.parse("", Kind.MICROPHONE) == []
    assert pulse.default("", Kind.MICROPHONE) == ""


def test_the_default_comes_first(server: Path) -> None:
    names = [(d.kind, d.name) for d in pulse.devices()]
    assert names == [
        (Kind.MICROPHONE, "Plantronics 耳麦"),
        (Kind.LOUDSPEAKER, "Plantronics 耳麦"),
        (Kind.LOUDSPEAKER, "内置音频 模拟立体声"),
    ]


def test_the_signature_changes_with_devices_and_not_with_their_use(server: Path) -> None:
    before = pulse.signature()
    (server / "state").write_text("IDLE")
    assert pulse.signature() == before
    (server / "info").write_text(INFO.replace("usb-Plantronics.analog", "pci.analog"))
    assert pulse.signature() not in (before, None)


def test_a_server_that_does_not_answer(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (server / "pactl").write_text("#!/bin/sh\nexit 1\n")
    assert pulse.signature() is None
    assert pulse.devices() == []
    monkeypatch.setenv("PATH", str(server / "nothing"))
    assert pulse.ask("info") is None

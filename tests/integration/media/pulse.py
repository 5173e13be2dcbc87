"""A PulseAudio server of the test's own, with loudspeakers and microphones that are plugged in and out by command.

Real devices for PortAudio, over ALSA's bridge. ``hear`` and ``speak`` are what a person in front of the seat does.
"""

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.core.mixing import RATE, Samples
from media.devices import pulse

NEEDED = ("pulseaudio", "pactl", "parec", "pacat")
BRIDGES = ("/usr/lib/x86_64-linux-gnu/alsa-lib/libasound_module_pcm_pulse.so",)
ALSA = "pcm.!default { type pulse }\npcm.pulse { type pulse }\nctl.!default { type pulse }\nctl.pulse { type pulse }\n"


class Room:
    """The server and its devices. Names are those of PulseAudio; descriptions are what people see."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._modules: dict[str, list[str]] = {}

    def plug_loudspeaker(self, name: str, words: str, rate: int = RATE, channels: int = 2) -> None:
        """What is played there is heard by ``hear``."""
        self._modules[name] = [self._load("module-null-sink", *_sink(name, words, rate, channels))]

    def plug_microphone(self, name: str, words: str, rate: int = RATE, channels: int = 1) -> None:
        """It hears what is said by ``speak``."""
        mouth = self._load("module-null-sink", *_sink(f"{name}-mouth", f"{words}的来源", rate, channels))
        properties = f"source_properties=\"device.description='{words}'\""
        source = self._load(
            "module-remap-source", f"master={name}-mouth.monitor", f"source_name={name}", properties, f"rate={rate}"
        )
        self._modules[name] = [source, mouth]

    def unplug(self, name: str) -> None:
        for module in self._modules.pop(name):
            _pactl("unload-module", module)

    def plug_open_microphone(self, name: str, words: str, loudspeaker: str) -> None:
        """It hears nothing but that loudspeaker, as in a room without people."""
        properties = f"source_properties=\"device.description='{words}'\""
        self._modules[name] = [
            self._load("module-remap-source", f"master={loudspeaker}.monitor", f"source_name={name}", properties)
        ]

    @contextlib.contextmanager
    def speak(self, microphone: str, samples: Samples) -> Iterator[None]:
        """As long as the block runs, at most until the samples end."""
        command = ["pacat", "--playback", f"--device={microphone}-mouth", *_FORMAT]
        said = subprocess.Popen(command, stdin=subprocess.PIPE)
        assert said.stdin is not None
        try:
            with contextlib.suppress(BrokenPipeError):
                os.set_blocking(said.stdin.fileno(), True)
                _feed(said, samples)
            yield
        finally:
            said.kill()
            said.wait()

    def hear(self, loudspeaker: str, seconds: float) -> Samples:
        """What the loudspeaker plays for so long."""
        command = ["parec", f"--device={loudspeaker}.monitor", *_FORMAT]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as ear:
            assert ear.stdout is not None
            data = ear.stdout.read(round(seconds * RATE) * 2)
            ear.kill()
        return np.frombuffer(data, dtype=np.int16)

    def _load(self, *words: str) -> str:
        return _pactl("load-module", *words)


_FORMAT = ("--raw", "--format=s16le", f"--rate={RATE}", "--channels=1", "--latency-msec=20")


def _feed(process: "subprocess.Popen[bytes]", samples: Samples) -> None:
    """All at once, on a thread of the pipe's own, so that a slow reader holds up nobody."""

    def write() -> None:
        assert process.stdin is not None
        with contextlib.suppress(OSError), process.stdin:
            process.stdin.write(samples.tobytes())

    threading.Thread(target=write, name="ThreadPoolExecutor-mouth", daemon=True).start()


def _sink(name: str, words: str, rate: int, channels: int) -> list[str]:
    described = f"sink_properties=\"device.description='{words}'\""
    return [f"sink_name={name}", described, f"rate={rate}", f"channels={channels}"]


def _pactl(*words: str) -> str:
    answer = pulse.ask(*words)
    assert answer is not None, words
    return answer.strip()


def missing() -> list[str]:
    """What is not installed of what it takes."""
    lacking = [name for name in NEEDED if shutil.which(name) is None]
    bridges = [Path(path) for path in BRIDGES]
    return lacking if any(path.exists() for path in bridges) else [*lacking, "libasound2-plugins"]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """Skips, and says so, where PulseAudio is not installed."""
    if lacking := missing():
        pytest.skip(f"needs {', '.join(lacking)}")
    socket = tmp_path / "pulse.socket"
    (tmp_path / "asound.conf").write_text(ALSA)
    for name, value in (
        ("PULSE_SERVER", f"unix:{socket}"), ("PULSE_RUNTIME_PATH", str(tmp_path)), ("HOME", str(tmp_path)),
        ("ALSA_CONFIG_PATH", str(tmp_path / "asound.conf")), ("PYTHONPATH", str(Path(__file__).parents[3])),
        ("XDG_CONFIG_HOME", str(tmp_path)), ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    command = [
        "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no",
        f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
    ]  # fmt: skip
    with (tmp_path / "pulse.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 10
        while pulse.ask("info") is None:
            assert process.poll() is None, (tmp_path / "pulse.log").read_text()
            assert time.monotonic() < end, (tmp_path / "pulse.log").read_text()
            time.sleep(0.1)
        yield Room(process)
    finally:
        process.terminate()
        process.wait(10)

"""Sound devices for PortAudio without a sound card: ALSA's null devices under names of the test's own.

They are plugged in and out by rewriting ALSA's configuration, which each process of ours reads when it begins.
"""

from pathlib import Path

import pytest

from media.core.devices import Device, Kind, numbered
from media.devices import portaudio
from media.devices.watch import Watch

DEFAULT = "pcm.!default { type null }\nctl.!default { type null }\n"
"""Without them PortAudio finds no device at all."""


class Desk:
    """What is plugged in. ``watch`` sees it as the seat does."""

    def __init__(self, configuration: Path) -> None:
        self._configuration = configuration
        self.system = configuration.parent / "video4linux"
        self.cameras: list[Device] = []

    def plug(self, *names: str) -> None:
        """These and no others."""
        text = "".join(f'pcm."{name}" {{ type null }}\n' for name in names)
        self._configuration.write_text(f"{DEFAULT if names else ''}{text}")

    def sounds(self) -> tuple[Device, ...]:
        """Without ALSA's default, which is none of them."""
        return numbered([device for device in portaudio.fresh() if device.key != "portaudio:default"])

    def watch(self) -> Watch:
        return Watch(self._configuration.read_text, self.sounds, self.system)

    def device(self, kind: Kind, name: str) -> Device:
        return Device(kind, f"portaudio:{name}", name, f"portaudio:{name}")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    configuration = tmp_path / "asound.conf"
    monkeypatch.setenv("ALSA_CONFIG_PATH", str(configuration))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[4]))
    made = Desk(configuration)
    made.plug("headset", "built-in")
    return made

"""What is plugged in is listed anew only where something changed."""

from pathlib import Path

from media.core.devices import Device, Kind
from media.devices.watch import Watch
from tests.unit.media.devices.test_cameras import plug


class _Sounds:
    """A desk whose sound devices are changed by the test."""

    def __init__(self) -> None:
        self.names = ["内置"]
        self.listed = 0

    def look(self) -> str:
        return "\n".join(self.names)

    def find(self) -> tuple[Device, ...]:
        self.listed += 1
        return tuple(Device(Kind.MICROPHONE, name, name) for name in self.names)


def test_looking_again_lists_nothing_anew(tmp_path: Path) -> None:
    sounds = _Sounds()
    watch = Watch(sounds.look, sounds.find, tmp_path)
    assert watch.present() == watch.present()
    assert sounds.listed == 1


def test_what_comes_and_goes_is_seen(tmp_path: Path) -> None:
    sounds = _Sounds()
    watch = Watch(sounds.look, sounds.find, tmp_path)
    watch.present()
    plug(tmp_path, 0, "Webcam")
    sounds.names.append("耳麦")
    assert [device.name for device in watch.present()] == ["Webcam", "内置", "耳麦"]
    sounds.names.remove("内置")
    assert [device.name for device in watch.present()] == ["Webcam", "耳麦"]
    for part in (tmp_path / "video0").iterdir():
        part.unlink()
    (tmp_path / "video0").rmdir()
    assert [device.name for device in watch.present()] == ["耳麦"]


def test_after_a_fault_it_lists_anew(tmp_path: Path) -> None:
    sounds = _Sounds()
    watch = Watch(sounds.look, sounds.find, tmp_path)
    watch.present()
    watch.forget()
    watch.present()
    assert sounds.listed == 2

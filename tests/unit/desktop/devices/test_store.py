"""Which devices are wanted on this machine, over restarts and broken files."""

from pathlib import Path

import pytest

from desktop.devices.store import ChoiceStore
from media.core.devices import DeviceChoice, Processing

CHOICE = DeviceChoice("v4l2:Webcam", "pulse:耳麦", "", Processing.HEADSET)
NAMES = {"v4l2:Webcam": "Webcam", "pulse:耳麦": "USB 耳麦", "pulse:other": "别的"}


def test_a_choice_outlasts_the_window(tmp_path: Path) -> None:
    path = tmp_path / "data" / "devices.json"
    ChoiceStore(path).save(CHOICE, NAMES)
    again = ChoiceStore(path)
    assert again.choice == CHOICE
    assert again.names == {"v4l2:Webcam": "Webcam", "pulse:耳麦": "USB 耳麦"}
    assert [file.name for file in path.parent.iterdir()] == ["devices.json"]


def test_without_a_file_the_system_chooses_and_echo_is_taken_out(tmp_path: Path) -> None:
    assert ChoiceStore(tmp_path / "devices.json").choice == DeviceChoice(processing=Processing.LOUDSPEAKER)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"camera": "a"}', '{"camera":"a","microphone":"b"', "\ufffd"])
def test_a_broken_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "devices.json").write_text(text, encoding="utf-8")
    store = ChoiceStore(tmp_path / "devices.json")
    assert store.choice == DeviceChoice()
    store.save(CHOICE, NAMES)
    assert ChoiceStore(tmp_path / "devices.json").choice == CHOICE


def test_a_choice_that_cannot_be_kept_holds_for_now(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = ChoiceStore(tmp_path / "file" / "devices.json")
    with pytest.raises(OSError):
        store.save(CHOICE, NAMES)
    assert store.choice == CHOICE

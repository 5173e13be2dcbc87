"""Cameras from a tree like the kernel's, and what opens of them."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from media.core.devices import Device, Kind, numbered
from media.devices.cameras import cameras, directshow, open_camera, plain, video4linux
from media.errors import Unavailable


def plug(system: Path, number: int, name: str, index: int | None = 0) -> None:
    node = system / f"video{number}"
    node.mkdir(parents=True)
    (node / "name").write_text(f"{name}\n", encoding="utf-8")
    if index is not None:
        (node / "index").write_text(f"{index}\n")


def test_each_camera_is_named_once(tmp_path: Path) -> None:
    plug(tmp_path, 0, "Integrated Camera: Integrated C")
    plug(tmp_path, 1, "Integrated Camera: Integrated C", index=1)
    plug(tmp_path, 2, "高拍仪")
    found = cameras(tmp_path)
    assert [(d.name, d.address) for d in found] == [
        ("Integrated Camera", "v4l2:/dev/video0"),
        ("高拍仪", "v4l2:/dev/video2"),
    ]
    assert {d.kind for d in found} == {Kind.CAMERA}


def test_the_kernels_order_is_by_number(tmp_path: Path) -> None:
    for number in (10, 2, 0):
        plug(tmp_path, number, f"cam {number}", index=None)
    assert [d.name for d in video4linux(tmp_path)] == ["cam 0", "cam 2", "cam 10"]


def test_the_same_camera_is_known_again_at_another_socket(tmp_path: Path) -> None:
    plug(tmp_path / "before", 0, "USB Webcam")
    plug(tmp_path / "after", 4, "USB Webcam")
    (before,), (after,) = cameras(tmp_path / "before"), cameras(tmp_path / "after")
    assert before.key == after.key
    assert before.address != after.address


def test_two_of_the_same_make(tmp_path: Path) -> None:
    plug(tmp_path, 0, "USB Webcam")
    plug(tmp_path, 2, "USB Webcam")
    assert [d.name for d in cameras(tmp_path)] == ["USB Webcam", "USB Webcam（2）"]


def test_a_node_that_goes_while_it_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "video3").mkdir()
    (tmp_path / "videoX").mkdir()
    assert [d.name for d in cameras(tmp_path)] == ["video3"]


def test_no_tree_no_cameras(tmp_path: Path) -> None:
    assert cameras(tmp_path / "nothing") == ()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("HD Webcam: HD Webcam", "HD Webcam"),
        ("USB Camera: USB Camera Pro", "USB Camera"),
        ("C270: 罗技", "C270: 罗技"),
        ("无名", "无名"),
    ],
)
def test_names_without_their_repetition(said: str, shown: str) -> None:
    assert plain(said) == shown


def test_one_that_does_not_open_says_so(tmp_path: Path) -> None:
    gone = Device(Kind.CAMERA, "v4l2:x", "旧摄像头", f"v4l2:{tmp_path / 'video9'}")
    with pytest.raises(Unavailable, match="“旧摄像头”打不开"):
        open_camera(gone)


def test_one_that_opens_delivers() -> None:
    device = Device(Kind.CAMERA, "lavfi:test", "测试", "lavfi:testsrc=size=640x480:rate=30")
    with open_camera(device) as container:
        assert next(container.decode(video=0)).width == 640


# --- Windows ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Listed:
    """As ``av.enumerate_input_devices`` tells DirectShow's."""

    name: str
    description: str
    media_types: tuple[str, ...] = ("video",)


def test_directshows_cameras_are_opened_by_a_name_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of one make, one with a colon in its name, which FFmpeg would take for the beginning of another."""
    listed = [
        _Listed("@device_pnp_usb_1", "USB Webcam"),
        _Listed("@device_pnp_usb_2", "USB Webcam"),
        _Listed("@device_pnp_usb_3", "HD: Pro"),
        _Listed("@device_cm_1", "麦克风", ("audio",)),
        _Listed("", "虚拟摄像头"),
    ]
    monkeypatch.setattr("av.enumerate_input_devices", lambda _: listed)
    assert [(d.name, d.address) for d in numbered(directshow())] == [
        ("USB Webcam", "dshow:video=@device_pnp_usb_1"),
        ("USB Webcam（2）", "dshow:video=@device_pnp_usb_2"),
        ("HD: Pro", "dshow:video=@device_pnp_usb_3"),
        ("虚拟摄像头", "dshow:video=虚拟摄像头"),
    ]


def test_a_camera_that_has_not_the_wanted_size_gives_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def opened(address: str, *, options: dict[str, str], **_: object) -> str:
        tried.append(options)
        if options:
            raise OSError("could not set video options")
        return address

    monkeypatch.setattr("av.open", opened)
    device = Device(Kind.CAMERA, "dshow:x", "高拍仪", "dshow:video=高拍仪")
    assert open_camera(device) == "video=高拍仪"  # type: ignore[comparison-overlap]
    assert [bool(options) for options in tried] == [True, False]

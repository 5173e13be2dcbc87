"""The seat's own camera in a thread of its own: a device, a file, or the picture that stands in."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
from av.container import InputContainer

from media.errors import Unavailable
from media.pictures import from_frame
from media.ports import Picture
from media.slots import LatestPicture
from media.standin import WORDS, StandInPicture

RATE = 15
STAND_IN = WORDS


class Camera:
    """Fills ``slot`` until closed. ``name`` says in words what is shown; ``on_lost(message)`` comes on its thread.

    ``find`` opens a device: (name, container), or None where there is none.
    """

    def __init__(
        self,
        slot: LatestPicture,
        on_lost: Callable[[str], None],
        *,
        use_devices: bool = True,
        file: Path | None = None,
        find: Callable[[], tuple[str, InputContainer] | None] | None = None,
    ) -> None:
        self._slot = slot
        self._on_lost = on_lost
        self._ending = threading.Event()
        self._device = (find or open_device)() if use_devices else None
        self._file = file
        self.name = self._name()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def _name(self) -> str:
        if self._device is not None:
            return self._device[0]
        return f"演示画面（文件 {self._file.name}）" if self._file else STAND_IN

    def close(self) -> None:
        """Stops and joins; the slot is emptied."""
        self._ending.set()
        self._thread.join(10)
        self._slot.put(None)

    def _run(self) -> None:
        try:
            for picture in self._source():
                self._slot.put(picture)
                if self._ending.is_set():
                    return
        except (OSError, av.FFmpegError, Unavailable) as error:
            self._on_lost(f"摄像头中断了（{type(error).__name__}），现在显示演示画面。请检查摄像头的连线")
        self._stand_in()

    def _stand_in(self) -> None:
        for picture in stand_in_pictures():
            self._slot.put(picture)
            if self._ending.is_set():
                return

    def _source(self) -> Iterator[Picture]:
        if self._device is not None:
            return device_pictures(self._device[1])
        if self._file is not None:
            return file_pictures(self._file)
        return stand_in_pictures()


def open_device() -> tuple[str, InputContainer] | None:
    """(name, container) of the first camera that opens; None where there is none."""
    for name, address, kind in _candidates():
        options = {"video_size": "640x480", "framerate": "30"}
        try:
            return name, av.open(address, format=kind, options=options, timeout=(5.0, 3.0))
        except (OSError, av.FFmpegError):
            continue
    return None


def _candidates() -> list[tuple[str, str, str]]:
    """(name, address, FFmpeg's input device) of each camera."""
    if sys.platform == "win32":
        try:
            devices = av.enumerate_input_devices("dshow")
        except (OSError, ValueError, av.FFmpegError):
            return []
        return [(d.description, f"video={d.description}", "dshow") for d in devices if "video" in d.media_types]
    found = sorted(Path("/dev").glob("video*"))
    return [(_linux_name(path), str(path), "v4l2") for path in found]


def _linux_name(path: Path) -> str:
    label = Path("/sys/class/video4linux") / path.name / "name"
    return label.read_text(encoding="utf-8").strip() if label.exists() else path.name


def device_pictures(container: InputContainer) -> Iterator[Picture]:
    """As the camera delivers them; raises OSError where it is pulled out."""
    with container:
        for frame in container.decode(video=0):
            yield from_frame(frame, time.monotonic_ns())
    raise OSError("the camera delivers nothing any more")


def file_pictures(path: Path) -> Iterator[Picture]:
    """A file's pictures over and over, paced at RATE a second; raises OSError or av.FFmpegError."""
    beat = pace(RATE)
    while True:
        with av.open(path) as container:
            for frame in container.decode(video=0):
                next(beat)
                yield from_frame(frame, time.monotonic_ns())


def stand_in_pictures() -> Iterator[Picture]:
    """The built-in picture, paced at RATE a second."""
    picture = StandInPicture()
    for _ in pace(RATE):
        now = time.monotonic_ns()
        yield picture.at(now / 1e9, now)


def pace(rate: int) -> Iterator[int]:
    """Numbers 0, 1, 2 …, ``rate`` a second; after a stall it goes on from now and skips what was missed."""
    start, number = time.monotonic(), 0
    while True:
        yield number
        number += 1
        wait = start + number / rate - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        elif wait < -1:
            start -= wait

"""The seat's own camera in a thread of its own: a device, a file, or the picture that stands in."""

import contextlib
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import av
from av.container import InputContainer

from media.devices.cameras import cameras, open_camera
from media.errors import Unavailable
from media.pictures import from_frame
from media.ports import Picture
from media.slots import LatestPicture
from media.standin import WORDS, StandInPicture

RATE = 15
STAND_IN = WORDS


Found = tuple[str, InputContainer] | None
"""A device that was opened: (its name, container); None where there is none."""


class Camera:
    """Fills ``slot`` until closed. ``name`` says in words what is shown; ``on_lost(message)`` comes on its thread.

    ``find`` opens a device; ``turn_to`` has another one opened in its place, ``leave`` where the present one hangs.
    """

    def __init__(
        self,
        slot: LatestPicture,
        on_lost: Callable[[str], None],
        *,
        use_devices: bool = True,
        file: Path | None = None,
        find: Callable[[], Found] | None = None,
    ) -> None:
        self._slot = slot
        self._on_lost = on_lost
        self._ending = threading.Event()
        self._turned = threading.Event()
        self._find: Callable[[], Found] | None = None
        self._lock = threading.Lock()
        """Around which thread is the camera's, and what it has opened."""
        self._device = (find or open_device)() if use_devices else None
        self._file = file
        self._thread = self._fresh_thread()
        self._thread.start()

    @property
    def name(self) -> str:
        """Of the device, or of what stands in."""
        if self._device is not None:
            return self._device[0]
        return f"演示画面（文件 {self._file.name}）" if self._file else STAND_IN

    def turn_to(self, find: Callable[[], Found]) -> None:
        """Ends the present device and opens another, on the camera's thread; the stand-in is shown until then."""
        self._find = find
        self._turned.set()

    def leave(self, find: Callable[[], Found]) -> None:
        """As ``turn_to``, on a new thread; the one that waits for the device ends by itself once that answers."""
        with self._lock:
            self._turned.clear()
            self._device = None
            self._thread = self._fresh_thread(find)
        self._thread.start()

    def _fresh_thread(self, find: Callable[[], Found] | None = None) -> threading.Thread:
        return threading.Thread(target=self._run, args=(find,), name="camera", daemon=True)

    def _over(self) -> bool:
        """Whether this thread is to show nothing more."""
        return self._ending.is_set() or threading.current_thread() is not self._thread

    def close(self) -> None:
        """Stops and joins; the slot is emptied."""
        self._ending.set()
        self._thread.join(10)
        self._slot.put(None)

    def _run(self, find: Callable[[], Found] | None) -> None:
        if find is not None:
            self._open(find)
        while not self._over():
            if self._turned.is_set():
                self._turned.clear()
                self._open(self._find or (lambda: None))
                continue
            try:
                self._show(self._source())
            except (OSError, av.FFmpegError, Unavailable) as error:
                if self._over():
                    return
                if self._device is None and self._file is None:
                    raise  # the stand-in itself
                self._device = self._file = None
                self._on_lost(f"摄像头中断了（{type(error).__name__}），现在显示演示画面。请检查摄像头的连线")

    def _open(self, find: Callable[[], Found]) -> None:
        """What a thread that was left opens at last it lets go again."""
        with self._lock:
            if self._over():
                return
            self._device = None
        found = find()
        with self._lock:
            if not self._over():
                self._device = found
            elif found is not None:
                found[1].close()

    def _show(self, pictures: Generator[Picture, None, None]) -> None:
        with contextlib.closing(pictures):  # a device is let go before another is opened
            for picture in pictures:
                if self._over():
                    return
                self._slot.put(picture)
                if self._turned.is_set():
                    return

    def _source(self) -> Generator[Picture, None, None]:
        if self._device is not None:
            return device_pictures(self._device[1])
        if self._file is not None:
            return file_pictures(self._file)
        return stand_in_pictures()


def open_device() -> Found:
    """The first camera that opens."""
    for device in cameras():
        try:
            return device.name, open_camera(device)
        except Unavailable:
            continue
    return None


def device_pictures(container: InputContainer) -> Generator[Picture, None, None]:
    """As the camera delivers them; raises OSError where it is pulled out."""
    with container:
        for frame in container.decode(video=0):
            yield from_frame(frame, time.monotonic_ns())
    raise OSError("the camera delivers nothing any more")


def file_pictures(path: Path) -> Generator[Picture, None, None]:
    """A file's pictures over and over, paced at RATE a second; raises OSError or av.FFmpegError."""
    beat = pace(RATE)
    while True:
        with av.open(path) as container:
            for frame in container.decode(video=0):
                next(beat)
                yield from_frame(frame, time.monotonic_ns())


def stand_in_pictures() -> Generator[Picture, None, None]:
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

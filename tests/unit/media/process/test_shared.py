"""The latest-picture slot in shared memory: whole pictures only, the newest, and nobody waits."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from media.ports import Picture
from media.process.memory import Segment, create
from media.process.shared import BUFFERS, HEADER, Reader, SharedPicture, SharedSlot, Writer, room, segment_for

ROOT = Path(__file__).parents[4]
FAST = """
import mmap, sys, time
import numpy as np
from media.ports import Picture
from media.process.shared import Writer
descriptor, size, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
writer = Writer(np.frombuffer(mmap.mmap(descriptor, size), dtype=np.uint8))
shapes = [(640, 360), (320, 240), (1280, 720)]
end, number = time.monotonic() + seconds, 0
while time.monotonic() < end:
    number += 1
    width, height = shapes[number % 3]
    value = number % 251
    y = np.full((height, width), value, np.uint8)
    u = np.full((height // 2, width // 2), (value + 1) % 256, np.uint8)
    v = np.full((height // 2, width // 2), (value + 2) % 256, np.uint8)
    writer.put(Picture(y, u, v, number))
print(number)
"""


def picture(value: int, width: int = 64, height: int = 48, captured_ns: int = 7) -> Picture:
    chroma = (height // 2, width // 2)
    return Picture(
        np.full((height, width), value, np.uint8),
        np.full(chroma, value + 1, np.uint8),
        np.full(chroma, value + 2, np.uint8),
        captured_ns,
    )


def same(one: Picture | None, other: Picture) -> bool:
    return (
        one is not None
        and one.captured_ns == other.captured_ns
        and all(np.array_equal(getattr(one, plane), getattr(other, plane)) for plane in "yuv")
    )


@pytest.fixture
def pair() -> tuple[Writer, Reader]:
    segment = segment_for(room(picture(0)))
    segment.forget()
    return Writer(segment.data), Reader(segment.data)


def test_a_picture_comes_through_as_it_was_and_only_once_copied(pair: tuple[Writer, Reader]) -> None:
    writer, reader = pair
    assert reader.latest() is None
    writer.put(picture(10, captured_ns=time.monotonic_ns()))
    first = reader.latest()
    assert first is not None
    assert same(first, picture(10, captured_ns=first.captured_ns))
    assert reader.latest() is first, "the same object until there is a newer one"
    assert not first.y.flags.writeable
    writer.put(picture(20))
    assert same(reader.latest(), picture(20))
    assert same(first, picture(10, captured_ns=first.captured_ns)), "what was read stays"


def test_only_the_newest_is_there_and_sizes_change(pair: tuple[Writer, Reader]) -> None:
    writer, reader = pair
    for value in range(10):
        writer.put(picture(value, 32, 24))
    assert same(reader.latest(), picture(9, 32, 24))
    writer.put(picture(11, 64, 48))
    assert same(reader.latest(), picture(11, 64, 48))


def test_an_emptied_slot_is_empty(pair: tuple[Writer, Reader]) -> None:
    writer, reader = pair
    writer.put(picture(1))
    writer.put(None)
    assert reader.latest() is None


def test_a_picture_that_is_being_written_is_not_shown(pair: tuple[Writer, Reader]) -> None:
    """The writer dies in the middle: what was whole before is still to be had."""
    writer, reader = pair
    writer.put(picture(1))
    buffer = 2 % BUFFERS
    writer._words[8 * (1 + buffer)] = 3  # odd: number two is under way
    writer._data[HEADER + buffer * writer.capacity] = 99
    assert same(reader.latest(), picture(1))


def test_nonsense_in_the_header_is_no_picture(pair: tuple[Writer, Reader]) -> None:
    writer, reader = pair
    writer.put(picture(1))
    writer._words[8 * 2 + 1 : 8 * 2 + 5] = (2**63, 2**63, 2**62, 2**62)
    assert reader.latest() is None


def test_no_picture_is_torn_between_two_processes() -> None:
    size = room(picture(0, 1280, 720))
    segment = segment_for(size)
    assert isinstance(segment.handle, int)
    command = [sys.executable, "-c", FAST, str(segment.handle), str(segment.size), "3"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(command, pass_fds=(segment.handle,), stdout=subprocess.PIPE, text=True, env=environment)
    segment.forget()
    reader, seen, newest = Reader(segment.data), 0, 0
    while child.poll() is None:
        found = reader.latest()
        if found is None or found.captured_ns == newest:
            continue
        assert found.captured_ns > newest, "never an older one"
        newest, value = found.captured_ns, found.captured_ns % 251
        assert found.width == (640, 320, 1280)[newest % 3]
        for plane, wanted in ((found.y, value), (found.u, value + 1), (found.v, value + 2)):
            assert int(plane.min()) == int(plane.max()) == wanted % 256, f"picture {newest} is torn"
        seen += 1
    written = int(child.communicate()[0])
    last = reader.latest()
    assert last is not None
    assert last.captured_ns == written
    assert seen > 50
    assert written > seen, "the writer never waited for the reader"


class Window:
    """What a window gets: each new piece of memory."""

    def __init__(self) -> None:
        self.slot = SharedSlot()
        self.offers = 0

    def offered(self, segment: Segment) -> None:
        self.offers += 1
        self.slot.attach(segment.data)


def test_nothing_is_shared_until_somebody_looks() -> None:
    window = Window()
    slot = SharedPicture(window.offered)
    slot.put(picture(1))
    assert window.offers == 0
    assert same(slot.latest(), picture(1)), "the engine has it all the same"
    slot.watch()
    assert same(window.slot.latest(), picture(1))
    slot.put(picture(2))
    assert same(window.slot.latest(), picture(2))
    slot.rest()
    slot.put(picture(3))
    assert same(window.slot.latest(), picture(2))
    slot.watch()
    assert same(window.slot.latest(), picture(3))


def test_a_larger_picture_gets_new_memory_and_a_smaller_one_does_not() -> None:
    window = Window()
    slot = SharedPicture(window.offered)
    slot.watch()
    assert window.offers == 0, "no picture, no memory"
    for width, height, offers in ((64, 48, 1), (32, 24, 1), (64, 48, 1), (128, 96, 2)):
        slot.put(picture(5, width, height))
        assert window.offers == offers
        assert same(window.slot.latest(), picture(5, width, height))


def test_a_window_that_lost_the_process_shows_no_old_picture() -> None:
    window = Window()
    slot = SharedPicture(window.offered)
    slot.put(picture(1))
    slot.watch()
    window.slot.detach()
    assert window.slot.latest() is None


def test_no_memory_costs_the_window_its_picture_and_nobody_else() -> None:
    def full(segment: Segment) -> None:
        raise OSError("no memory")

    slot = SharedPicture(full)
    slot.watch()
    slot.put(picture(1))
    assert same(slot.latest(), picture(1))


def test_memory_of_a_crash_does_not_stay() -> None:
    """It has no name: with the last process that maps it, it is gone."""
    before = {path.name for path in Path("/dev/shm").iterdir()}
    segment = create(1 << 20)
    assert {path.name for path in Path("/dev/shm").iterdir()} == before
    assert isinstance(segment.handle, int)
    with pytest.raises(OSError, match="not permitted"):
        os.ftruncate(segment.handle, 0)
    segment.forget()


def test_two_who_write_do_not_mix() -> None:
    window = Window()
    slot = SharedPicture(window.offered)
    slot.put(picture(0))
    slot.watch()

    def put(value: int) -> None:
        for _ in range(200):
            slot.put(picture(value))

    threads = [threading.Thread(target=put, args=(value,)) for value in (10, 90)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        found = window.slot.latest()
        assert found is not None
        assert int(found.y.min()) == int(found.y.max()) == int(found.v.max()) - 2
    for thread in threads:
        thread.join()

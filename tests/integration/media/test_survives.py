"""What a recording survives, case by case: what happens to it, how much of it may be lost, and what is said of it.

After each the file plays in a browser to its end and in FFmpeg without a word, its chain verifies, its time is the
call's, and it is marked where somebody was not seen. The service's and the line's part is in
``tests/integration/desktop/test_delivery.py``.
"""

import base64
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop.bench.recording import killed
from desktop.bench.recording.footage import stage
from desktop.bench.recording.takes import KEY
from desktop.source import Source
from media import ports
from media.core.devices import Device, DeviceChoice, Kind, Processing
from media.devices import seat as seats
from media.devices.watch import Watch
from media.engine import MediaEngine
from media.process.client import ProcessEngine
from media.readback import read_back
from media.recovery import Gaps, Recording, recover_sealed
from media.waiting import forget
from tests.integration.media.phone import Phone
from tests.integration.media.pulse import Room, room
from tests.integration.media.seat import Seat
from tests.integration.media.thin import RED, WIFE, ThinPhone
from tests.players import foreign
from tests.unit.media.sample import Take
from tests.unit.media.syncing import syncing

__all__ = ["room"]
FAST = """async source => {
  const video = document.createElement('video');
  video.muted = true;
  video.src = source;
  video.playbackRate = 4;
  await new Promise((done, fail) => {
    video.addEventListener('ended', done, {once: true});
    video.addEventListener('error', () => fail(new Error(video.error.message)), {once: true});
    video.play().catch(fail);
  });
  return [video.duration, video.currentTime, video.webkitAudioDecodedByteCount];
}"""
FRONT = Device(Kind.CAMERA, "lavfi:front", "正面摄像头", "lavfi:testsrc=size=640x480:rate=15")


@dataclass(frozen=True)
class Left:
    """What there is of a recording afterwards. ``shown``: seconds of picture that were given to it; ``gaps``: in which
    somebody was not seen; ``told``: to the agent, while it went on."""

    path: Path
    shown: float
    gaps: Gaps
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class World:
    """What a case may use."""

    folder: Path
    small_disk: Callable[[], Path]
    room: Callable[[], Room]
    patch: pytest.MonkeyPatch


# --- what happens -----------------------------------------------------------------------------------------------------


def killed_recorder(world: World) -> Left:
    footage = stage(world.folder, 3.0, killed.SIZE, people=1)
    path = world.folder / "recording.mp4"
    lost = killed.our_loss(footage, path, 4.0)
    return Left(path, recover_sealed(path, KEY).duration_seconds + lost.seconds, (killed.AWAY,))


def full_disk(world: World) -> Left:
    """For good: what comes after lies in memory."""
    disk = world.small_disk()
    path = disk / "recording.mp4"
    take = Take(path, KEY)
    take.run(0, 2)
    with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    take.run(2, 3)
    take.run(3, 4, present=False)
    take.run(4, 6)
    take.stop(6)
    return Left(path, 6.0, ((3.0, 4.0),), tuple(message for message, _ in take.troubles))


def power_cut(world: World) -> Left:
    """Of what was not fsynced nothing is on disk, and of the list not even its last line."""
    path = world.folder / "recording.mp4"
    synced = syncing(world.patch)
    take = Take(path, KEY)
    take.run(0, 2)
    take.run(2, 3, present=False)
    take.run(3, 4.6)
    take.recorder.drain()
    cut = world.folder / "after" / path.name
    kept = {file.name: synced.get(file.stat().st_ino, 0) for file in world.folder.iterdir()}
    shutil.copytree(world.folder, cut.parent)
    for name, size in kept.items():
        os.truncate(cut.with_name(name), size)
    lines = cut.with_suffix(".segments.jsonl")
    lines.write_bytes(lines.read_bytes()[:-30])
    take.stop(4.6)
    # the key binds a recording to the folder it was made in
    moved = world.folder.with_name("before")
    world.folder.rename(moved)
    (moved / "after").rename(world.folder)
    return Left(path, 4.6, ((2.0, 3.0),))


def clock_set(hours: int) -> Callable[[World], Left]:
    """The machine's clock in the middle of a recording, while the customer waits outside."""

    def happens(world: World) -> Left:
        moved = [timedelta(0)]
        seat = Seat(engine=MediaEngine(ports.EngineOptions(use_devices=False), machine=lambda: _now(moved[0])))

        def turn() -> None:
            seat.post(ports.HoldParty("c1", "wife", held=True))
            moved[0] = timedelta(hours=hours)
            seat.wait(ports.Failed, where=lambda event: event.what == "clock")
            second(seat)
            seat.post(ports.HoldParty("c1", "wife", held=False))

        return recorded(seat, world.folder / "recording.mp4", turn)

    return happens


def _now(moved: timedelta) -> datetime:
    return datetime.now(UTC) + moved


def camera_pulled_out(world: World) -> Left:
    plugged = [FRONT]
    world.patch.setattr(seats, "LOOK_EVERY", 0.2)
    world.patch.setattr(seats, "Watch", lambda: Watch(lambda: repr(plugged), lambda: tuple(plugged), world.folder))
    seat = Seat(ports.EngineOptions())

    def pull() -> None:
        plugged.clear()
        told(seat, "摄像头“正面摄像头”断开了")
        second(seat)
        plugged.append(replace(FRONT, address=FRONT.address + ":duration=600"))
        told(seat, "已接上摄像头“正面摄像头”")

    return recorded(seat, world.folder / "recording.mp4", pull)


def microphone_pulled_out(world: World) -> Left:
    """With the media process and its sound process as at a seat."""
    desk = world.room()
    desk.plug_microphone("only-mic", "话筒")
    options = ports.EngineOptions(devices=DeviceChoice(microphone="pulse:only-mic", processing=Processing.OFF))
    seat = Seat(engine=ProcessEngine(options, world.folder / "media"))

    def pull() -> None:
        desk.unplug("only-mic")
        told(seat, "麦克风“话筒”断开了")
        second(seat)
        desk.plug_microphone("only-mic", "话筒")
        told(seat, "已接上麦克风“话筒”")

    return recorded(seat, world.folder / "recording.mp4", pull)


def recorded(seat: Seat, path: Path, happens: Callable[[], None]) -> Left:
    """A recording of a customer with something in its middle, ended as it should be."""
    wife = ThinPhone("wife", WIFE, RED)
    try:
        seat.open()
        wife.join(seat)
        seat.post(ports.StartRecording("c1", path, KEY))
        began = seat.wait(ports.RecordingBegan)
        since = time.monotonic()
        second(seat)
        happens()
        second(seat)
        seat.post(ports.StopRecording("c1"))
        ended = seat.wait(ports.RecordingEnded, 30)
        assert ended.duration_seconds <= time.monotonic() - since + 1, "file time is the monotonic clock's"
        assert (ended.ended_at - began.started_at).total_seconds() == pytest.approx(ended.duration_seconds, abs=0.01)
        fatal = [event for event in seat.all(ports.Failed) if event.fatal]
        assert fatal == []
        said = [event.message for event in seat.events if isinstance(event, ports.Failed | ports.DevicesChanged)]
    finally:
        wife.leave()
        seat.close()
    return Left(path, ended.duration_seconds, ended.gaps, tuple(said))


def second(seat: Seat) -> None:
    """A further fragment is on disk."""
    last = seat.all(ports.SegmentClosed)[-1:]
    seat.wait(ports.SegmentClosed, 30, where=lambda event: event.index > (last[0].index if last else 1))


def told(seat: Seat, words: str) -> None:
    seat.wait(ports.DevicesChanged, 30, where=lambda event: words in event.message)


# --- what must be so afterwards ---------------------------------------------------------------------------------------

CASES: dict[str, tuple[Callable[[World], Left], str]] = {
    "kill -9 of who records": (killed_recorder, ""),
    "power cut": (power_cut, ""),
    "full disk at the seat": (full_disk, "本机磁盘已满"),
    "clock set an hour ahead": (clock_set(1), "电脑时钟被拨快"),
    "clock set an hour back": (clock_set(-1), "电脑时钟被拨慢"),
    "camera pulled out": (camera_pulled_out, "已接上摄像头“正面摄像头”"),
    "microphone pulled out": (microphone_pulled_out, "已接上麦克风“话筒”"),
}
"""What happens, and what the agent is told of it: who is killed says nothing."""


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    folder = tmp_path / "call_1.x"
    folder.mkdir()
    asked = request.getfixturevalue
    return World(folder, lambda: asked("small_disk"), lambda: asked("room"), monkeypatch)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", small]).returncode:
        pytest.skip("mounting a small disk takes root")
    yield small
    subprocess.run(["umount", "-l", small], check=True)
    forget(small)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("case", CASES)
def test_a_recording_survives(case: str, world: World, phone: Phone) -> None:
    happens, words = CASES[case]
    left = happens(world)
    found = recover_sealed(left.path, KEY)
    assert left.shown - found.duration_seconds < 1.0, "one fragment at most"
    assert [message for message in left.told if words in message] or not words, left.told
    marked(found, left.gaps)
    data = whole(left.path, found)
    assert read_back(data, found.segments).findings == (), "chain, pictures and sound"
    film = world.folder / "film.mp4"
    film.write_bytes(data)
    foreign(film)
    duration, ended, heard = phone.page.evaluate(FAST, "data:video/mp4;base64," + base64.b64encode(data).decode())
    assert duration == pytest.approx(found.duration_seconds, abs=0.1)
    assert ended == pytest.approx(duration, abs=0.1)
    assert heard > 0


def marked(found: Recording, gaps: Gaps) -> None:
    """Where somebody was not seen, and nowhere else."""
    assert len(found.gaps) == len(gaps) > 0, found.gaps
    for told, expected in zip(found.gaps, gaps, strict=True):
        assert told == pytest.approx(expected, abs=0.2)
    assert sum(end - start for start, end in gaps) < found.duration_seconds, "and where they were"


def whole(path: Path, found: Recording) -> bytes:
    """As it is delivered: from the disk, or from memory."""
    source = Source(path, KEY)
    assert tuple(source.links()) == found.segments
    return b"".join(source.read(number) for number in range(len(found.segments)))

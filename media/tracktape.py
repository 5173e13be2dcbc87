"""Keeps each customer's own picture and sound beside the stage's recording, on a thread for which nobody waits.

What comes is queued as it is and written without being encoded again. Where the machine or the disk cannot keep up, the
tracks are given up, never the call and never the stage: a full queue leaves a marked gap, a disk with little room ends
them, which is told.
"""

import queue
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from media.core.matroska import PICTURE, PictureFormat
from media.core.timeline import SECOND, Timeline
from media.core.trackpile import Bit, Gap, Holes, Lack, Pile, Placed, blocks
from media.errors import explain
from media.stage import to_milliseconds
from media.trackfile import About, TrackFile, picture_format, track_path

PIECE = 2.0
"""Seconds in one piece: what a crash can take."""
APART = 0.001
"""Seconds between two pictures at least: the file counts milliseconds."""
ORDER = 0.1
"""Seconds in which packets may overtake each other."""
WAIT = 3.0
"""Seconds for the first picture of one who was heard already; then the track begins without pictures."""
LOOK = 0.25
MOST_BYTES = 8_000_000
"""That wait for the disk: some ten seconds of eight people."""
LEAST_ROOM = 300_000_000
"""Bytes free on the disk under which the tracks are given up, before it gets tight for the stage."""
NO_ROOM = "本机磁盘空间不足"
GIVEN_UP = "{why}，已停止单独保存各位客户的音视频；通话和录像不受影响。请清理磁盘，下次录像会重新保存"


@dataclass(frozen=True)
class Shut:
    """Nothing of the person was let in from ``start`` to ``end``, monotonic seconds."""

    start: float
    end: float
    lack: Lack


@dataclass(frozen=True)
class Gone:
    """The person has left the call."""


Thing = Bit | Shut | Gone


class TrackTape:
    """All tracks beside one recording. ``stop`` it. ``trouble`` is called on its thread and must return at once."""

    def __init__(
        self,
        recording: Path,
        key: bytes | None,
        timeline: Timeline,
        trouble: Callable[[str], None],
        least_room: int = LEAST_ROOM,
    ) -> None:
        self._recording, self._key, self._timeline = recording, key, timeline
        self._trouble, self._least_room = trouble, least_room
        self._queue: queue.Queue[tuple[str, Thing] | None] = queue.Queue()  # bounded by its bytes, in put
        self._lock = threading.Lock()
        self._waiting = 0
        self._tracks: dict[str, _Track] = {}
        self._made = 0
        self.given_up = ""
        self._thread = threading.Thread(target=self._run, name="tracks", daemon=True)
        self._thread.start()

    def put(self, party_id: str, thing: Thing) -> bool:
        """Takes what came of somebody, at once; False where too much waits already. What is no bit is always taken."""
        size = len(thing.data) + 100 if isinstance(thing, Bit) else 0
        with self._lock:
            if size and self._waiting + size > MOST_BYTES:
                return False
            self._waiting += size
        self._queue.put((party_id, thing))
        return True

    def stop(self) -> None:
        """Writes what waits and closes all files; blocks for it."""
        self._queue.put(None)
        self._thread.join()

    # --- on its thread ---

    def _run(self) -> None:
        looked = time.monotonic()
        while True:
            try:
                item = self._queue.get(timeout=LOOK)
            except queue.Empty:
                self._safely(self._look)
                continue
            if item is None:
                break
            self._safely(lambda item=item: self._take(*item))  # type: ignore[misc]
            if time.monotonic() - looked > LOOK:
                looked = time.monotonic()
                self._safely(self._look)
        self._safely(lambda: self._end(time.monotonic()))

    def _safely(self, work: Callable[[], None]) -> None:
        if self.given_up:
            with self._lock:
                self._waiting = 0
            return
        try:
            work()
        except Exception as error:  # whatever it is, call and stage go on
            self._give_up(explain(error) if isinstance(error, OSError) else type(error).__name__)

    def _take(self, party_id: str, thing: Thing) -> None:
        track = self._tracks.setdefault(party_id, _Track(party_id, self._begin, self._timeline.zero_ns / SECOND))
        match thing:
            case Bit():
                with self._lock:
                    self._waiting -= len(thing.data) + 100
                track.put(thing)
            case Shut():
                track.shut(thing)
            case Gone():
                track.end(time.monotonic())
                del self._tracks[party_id]

    def _begin(self, party_id: str, at: float, pictures: PictureFormat | None) -> tuple[TrackFile, float]:
        """A further file, and the monotonic moment of its zero."""
        started_at = to_milliseconds(self._timeline.wall(self._timeline.seconds(round(at * SECOND))))
        zero = (self._timeline.zero_ns / SECOND) + self._timeline.file_time(started_at)
        self._made += 1
        codec, width, height = (pictures.codec, pictures.width, pictures.height) if pictures else ("", 0, 0)
        about = About(party_id, started_at, codec, width, height)
        return TrackFile(track_path(self._recording, self._made), about, pictures, self._key), zero

    def _look(self) -> None:
        now = time.monotonic()
        due = [track for track in self._tracks.values() if track.is_due(now)]
        if due and shutil.disk_usage(self._recording.parent).free < self._least_room:
            self._give_up(NO_ROOM)
            return
        for track in due:
            track.cut(now - ORDER)

    def _end(self, now: float) -> None:
        for track in self._tracks.values():
            track.end(now)

    def _give_up(self, why: str) -> None:
        self.given_up = why
        self._trouble(GIVEN_UP.format(why=why))
        for track in self._tracks.values():
            try:
                track.give_up(time.monotonic(), why)
            except OSError:  # closed by whoever delivers it
                continue


class _Track:
    """One person's, in one file after another: each holds pictures of one codec, or none."""

    def __init__(
        self,
        party_id: str,
        begin: Callable[[str, float, PictureFormat | None], tuple[TrackFile, float]],
        opened: float,
    ) -> None:
        self._party_id, self._begin = party_id, begin
        self._pile = Pile()
        self._file: TrackFile | None = None
        self._zero = 0.0
        self._holes = Holes()
        self._opened = opened
        self._pictured = opened - APART
        """When something was let in again; what was said before is not kept."""

    def put(self, bit: Bit) -> None:
        self._pile.put(bit)

    def is_due(self, now: float) -> bool:
        """Whether a piece is to be written."""
        begun = self._pile.begun
        if begun is None:
            return False
        if self._file is None and self._pile.first_picture() is None:
            return now - begun > WAIT
        return now - begun > PIECE

    def cut(self, until: float) -> None:
        """Writes what came before ``until``."""
        run: list[Placed] = []
        let_in = [one for one in map(self._let_in, self._pile.take(until)) if one is not None]
        placed = sorted(let_in, key=lambda one: one.at)
        if self._file is None:
            self._open(placed)
        for one in placed:
            if one.bit.track == PICTURE and not self._fits(one.bit):
                pictures = picture_format(one.bit) if one.bit.key else None
                if pictures is None:
                    continue
                self._write(run)
                run = []
                self._change(one.at, pictures)
            run.append(one)
        self._write(run)

    def _let_in(self, one: Placed) -> Placed | None:
        """What was on its way while nothing was to be kept: no word of it, and a picture only as of now.

        Several of these come at once where the machine is slow, and no two may stand at the same moment.
        """
        if one.bit.track != PICTURE:
            return one if one.at >= self._opened else None
        self._pictured = max(one.at, self._opened, self._pictured + APART)
        return one if one.at == self._pictured else replace(one, at=self._pictured)

    def _open(self, placed: list[Placed]) -> None:
        """A first file, which begins with the sound before the first picture where there is one."""
        for one in placed:
            pictures = picture_format(one.bit) if one.bit.track == PICTURE and one.bit.key else None
            if pictures is not None:
                self._change(placed[0].at, pictures)
                return

    def _fits(self, bit: Bit) -> bool:
        known = self._file.pictures if self._file is not None else None
        return known is not None and known.codec == bit.codec

    def _change(self, at: float, pictures: PictureFormat | None) -> None:
        """Another file, which begins with such pictures."""
        self._close(at)
        self._file, self._zero = self._begin(self._party_id, at, pictures)
        self._holes = Holes()

    def _write(self, run: list[Placed]) -> None:
        if not run:
            return
        if self._file is None:
            self._change(run[0].at, None)
        assert self._file is not None
        self._lack([gap for one in run for gap in self._holes.see(one.bit.track, one.at - self._zero, one.bit.damaged)])
        self._file.write(blocks(run, self._zero))

    def shut(self, shut: Shut) -> None:
        self.cut(shut.start + ORDER)
        self._opened = shut.end
        if self._file is not None:
            since, until = (max(0.0, each - self._zero) for each in (shut.start, shut.end))
            self._lack(self._holes.shut(since, until, shut.lack))

    def _lack(self, gaps: list[Gap]) -> None:
        """A file without pictures lacks none."""
        assert self._file is not None
        self._file.lack([gap for gap in gaps if self._file.pictures is not None or gap.lack is not Lack.PICTURE])

    def end(self, now: float, given_up: str = "") -> None:
        self.cut(now + ORDER)
        self._close(now, given_up)

    def give_up(self, now: float, why: str) -> None:
        """Writes nothing more."""
        self._close(now, why)

    def _close(self, at: float, given_up: str = "") -> None:
        if self._file is None:
            return
        seconds = max(0.0, at - self._zero)
        self._lack(self._holes.end(seconds))
        file, self._file = self._file, None
        file.close(seconds, given_up)

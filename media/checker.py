"""Checks a recording while it runs: reads each fragment back from disk, decodes it and holds it against what was known.

A thread of its own with the lowest claim to the processor. It never slows the recorder: where it falls behind it leaves
fragments out, says so, and makes up for them when there is time. One that was delivered and gone by then it never
reads, and says that too.
"""

import hashlib
import io
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av import AudioFrame, VideoFrame

from media.core.chain import ZERO, Link, chained
from media.core.doubts import Doubt, Judge, Kind, Piece, Step
from media.core.looks import Look
from media.core.mixing import BLOCK, RATE
from media.decoded import Luma, Wave, frames, level, luma, picture_end, step_of, wave
from media.witness import Moment, Seen, Witness, inside, thumb

log = logging.getLogger(__name__)

WAITING = 4
"""Fragments that may wait to be read; the oldest is then left out for the time being."""
STALLED = 3.0
"""Seconds without a new fragment; there should be one each second."""
PAUSE = 0.5
AGAIN = 4
"""Older fragments that are read once more with each new one, one after another."""
NICE = 10
KNOWN = {"probesize": "32", "analyzeduration": "0", "codec_whitelist": "none"}
"""FFmpeg need not find out what our own header says: it would decode a key picture for it, a quarter of all there is.
The list is of what it may use to find out; it holds no decoder."""
UNSMOOTHED = {"skip_loop_filter": "all"}
"""Every bit is decoded, but edges between blocks are smoothed for eyes alone."""
CHECK = "check"
"""Name of its thread."""

ReadSegment = Callable[[Link], bytes | None]
"""The bytes of a fragment from disk; None where they are no longer kept here. Raises OSError."""


@dataclass(frozen=True)
class Checked:
    """How far the check is. ``index``: the newest that was read; ``left_out``: not yet read; ``missed``: never, since
    they were gone before; ``until``: seconds before which everything else was decoded; ``unread``: number of the first
    that is still to be read."""

    index: int
    until: float
    left_out: int
    doubts: tuple[Doubt, ...]
    missed: int = 0
    unread: int = 0


def from_file(path: Path) -> ReadSegment:
    """Reads from a recording that is one plain file."""

    def read(item: Link) -> bytes:
        with path.open("rb") as file:
            file.seek(item.offset)
            return file.read(item.size)

    return read


class Checker:
    """One recording. ``written`` is told of each fragment on disk and returns at once; ``tell`` comes on the thread."""

    def __init__(self, read: ReadSegment, witness: Witness, tell: Callable[[Checked], None]) -> None:
        self._read = read
        self._decoder = Decoder(witness)
        self._tell = tell
        self._judge = Judge()
        self._changed = threading.Condition()
        self._waiting: deque[Link] = deque()
        self._left_out: dict[int, Link] = {}
        self._missed: set[int] = set()
        self._busy = False
        self._ending = False
        self._last: Link | None = None
        self._last_at = time.monotonic()
        self._known: list[Link] = []
        self._again = 0
        self._index = 0
        self._until = 0.0
        self._stalled: Doubt | None = None
        self._faults: set[str] = set()
        self._thread = threading.Thread(target=self._run, name=CHECK, daemon=True)
        self._thread.start()

    # --- from the recorder ---

    def written(self, item: Link) -> None:
        """A fragment is on disk.

        The header is read here and now: nothing is decoded without it, and it may be delivered and gone in a moment.
        """
        if item.index == 0:
            self._decoder.header = self._intact(item) or b""
        with self._changed:
            self._waiting.append(item)
            if len(self._waiting) > WAITING:
                late = self._waiting.popleft()
                self._left_out[late.index] = late
            self._last_at = time.monotonic()
            self._changed.notify_all()

    def drain(self) -> None:
        """Blocks until everything that waits has been read."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting and not self._busy)

    def close(self, timeout: float = 3.0) -> None:
        """Reads what still waits, as far as the time goes, and ends the thread."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join(timeout)
        with self._changed:
            self._waiting.clear()
            self._left_out.clear()

    # --- on the thread ---

    def _run(self) -> None:
        give_way()
        while (work := self._next()) is not None:
            self._safely(work)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _safely(self, work: Callable[[], None]) -> None:
        """A fault is logged once, and the rest checked all the same."""
        try:
            work()
        except Exception as error:
            if repr(error) not in self._faults:
                self._faults.add(repr(error))
                log.exception("the check of the recording failed")

    def _next(self) -> Callable[[], None] | None:
        """What to do now; None at the end."""
        with self._changed:
            if not self._waiting and not self._ending:
                self._changed.wait(PAUSE)
            self._busy = True
            if self._waiting:
                item = self._waiting.popleft()
                return lambda: self._telling(self._check, item)
            if self._left_out:
                late = self._left_out.pop(min(self._left_out))
                return lambda: self._telling(self._make_up, late)
            return None if self._ending else self._wait_on

    def _telling(self, work: Callable[[Link], object], item: Link) -> None:
        """Also after a fault: what will not be read any more is not to be kept for it."""
        try:
            work(item)
        finally:
            self._report()

    def _wait_on(self) -> None:
        """Nothing came: after a while that is itself a doubt."""
        quiet = time.monotonic() - self._last_at
        if self._last is None or quiet < STALLED:
            return
        since = self._until
        self._stalled = Doubt(Kind.STALLED, since, f"录像已经 {quiet:.0f} 秒没有写入新内容")
        self._report()

    def _check(self, item: Link) -> None:
        self._follow(item)
        piece = self._piece(item)
        self._stalled = None
        if item.index not in self._missed:
            self._index, self._until = item.index, max(self._until, item.start_seconds)
        if piece is not None:
            self._judge.take(piece)
            self._until = piece.end
        self._read_again()

    def _make_up(self, item: Link) -> None:
        """Later than its time, so that only its own faults count."""
        self._piece(item)

    def _report(self) -> None:
        doubts = self._judge.standing(self._until)
        with self._changed:
            left_out, waiting = [*self._left_out.values()], [*self._waiting]
        until = min([self._until, *(item.start_seconds for item in left_out)])
        stalled = () if self._stalled is None else (self._stalled,)
        behind = self._last.index + 1 if self._last else 0
        unread = min([behind, *(item.index for item in (*left_out, *waiting))])
        self._tell(Checked(self._index, until, len(left_out), (*stalled, *doubts), len(self._missed), unread))

    def _follow(self, item: Link) -> None:
        """Numbers and chain must follow what came before, if that was looked at."""
        last, self._last = self._last, item
        for index in range(last.index + 1 if last else 0, item.index):
            if index not in self._left_out:
                self._judge.note(Doubt(Kind.HOLE, item.start_seconds, f"录像缺少第 {index} 段"))
        expected = ZERO if item.index == 0 else last.chain if last and last.index + 1 == item.index else None
        if expected is not None and chained(expected, item.sha256) != item.chain:
            self._judge.note(Doubt(Kind.ALTERED, item.start_seconds, f"录像第 {item.index} 段的链值不符"))

    def _piece(self, item: Link) -> Piece | None:
        """None where it has none. What is gone, or where a fault comes between, stays among those never read."""
        if item.index:  # the header was read when it was written
            self._missed.add(item.index)
        data = self._intact(item)
        if data is None:
            return None
        piece = self._decoded(item, data) if data else None
        self._missed.discard(item.index)
        return piece

    def _decoded(self, item: Link, data: bytes) -> Piece | None:
        self._known.append(item)
        if item.index == 0:
            return None
        piece = self._decoder.piece(item.index, data, item.start_seconds)
        if piece is None:
            self._judge.note(Doubt(Kind.BROKEN, item.start_seconds, f"录像第 {item.index} 段无法播放"))
        return piece

    def _intact(self, item: Link) -> bytes | None:
        """The bytes on disk, where they are what was chained; else none of them. None: they are no longer here."""
        try:
            data = self._read(item)
        except OSError:
            data = b""
        if data is None:
            return None
        if len(data) != item.size:
            self._judge.note(Doubt(Kind.UNREADABLE, item.start_seconds, f"录像第 {item.index} 段从磁盘上读不到"))
            return b""
        if hashlib.sha256(data).hexdigest() != item.sha256:
            self._judge.note(Doubt(Kind.ALTERED, item.start_seconds, f"录像第 {item.index} 段写好后被改动"))
            return b""
        return data

    def _read_again(self) -> None:
        """What was good once may be altered later: the whole file is read again and again, a little at a time."""
        for _ in range(min(AGAIN, len(self._known))):
            self._again = (self._again + 1) % len(self._known)
            self._intact(self._known[self._again])


class Decoder:
    """Decodes single fragments; ``header`` is segment 0."""

    def __init__(self, witness: Witness) -> None:
        self.header = b""
        self._witness = witness
        self._tail = _Sound()
        self._brightest = 0

    def piece(self, index: int, data: bytes, start: float = 0.0) -> Piece | None:
        """None where something of it cannot be decoded. ``start``: in seconds, as its link says."""
        sight, sound = _Sight(self._witness), _Sound()
        try:
            with av.open(io.BytesIO(self.header + data), "r", options=KNOWN) as container:
                seen = container.streams.video[0].codec_context
                seen.thread_count, seen.options = 1, dict(UNSMOOTHED)
                step = step_of(container)
                for frame in frames(container):
                    if frame is None:
                        return None
                    if isinstance(frame, VideoFrame):
                        sight.take(frame, step)
                    else:
                        sound.take(frame)
        except (av.FFmpegError, ValueError, IndexError):
            return None
        if sight.start is None and sound.first is not None:  # the last sound, after the last picture
            sight.start = sight.end = start
            sight.brightest = self._brightest
        if sight.corrupt or sight.start is None:
            return None
        self._brightest = sight.brightest
        before, self._tail = self._tail, sound.after(self._tail)
        return Piece(
            index=index,
            start=sight.start,
            end=sight.end,
            sound_start=sight.start if sound.first is None else sound.first / RATE,
            sound_end=sight.end if sound.first is None else sound.behind / RATE,
            brightest=sight.brightest,
            looks=tuple(sight.looks),
            steps=self._steps(before, self._tail),
        )

    def _steps(self, before: "_Sound", sound: "_Sound") -> tuple[Step, ...]:
        """The steps of which the recording is complete by now."""
        if sound.first is None:
            return ()
        begin = sound.first if before.first is None else max(sound.first, before.behind - BLOCK + 1)
        known = self._witness.sounds(begin, sound.behind - BLOCK + 1)
        return tuple(Step(at.position / RATE, at.said, at.mixed, sound.level(at.position)) for at in known)


class _Sight:
    """The pictures of a fragment, looked at where the engine noted what was on the stage."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self.start: float | None = None
        self.end = 0.0
        self.brightest = 0
        self.corrupt = False
        self.looks: list[Look] = []

    def take(self, frame: VideoFrame, step: float) -> None:
        start, self.end = frame.time or 0.0, picture_end(frame, step)
        self.start = start if self.start is None else self.start
        self.corrupt = self.corrupt or bool(frame.is_corrupt)
        seen = luma(frame)
        self.brightest = max(self.brightest, int(seen[::4, ::4].max()))
        # a moment lies on the first instant of its picture: half a picture of room for rounding
        for moment in self._witness.moments(start - step / 2, self.end - step / 2):
            self.looks += _looks(moment, seen)


def _looks(moment: Moment, seen: Luma) -> list[Look]:
    return [_look(moment.seconds, tile, seen) for tile in moment.tiles]


def _look(seconds: float, tile: Seen, seen: Luma) -> Look:
    part = inside(seen, tile.box)
    brightest = bright(part[::4, ::4])
    return Look(seconds, tile.party_id, tile.label, tile.showing, tile.mark, tile.thumb, thumb(part), brightest)


def bright(luma: Luma) -> int:
    """What one pixel in a hundred is at least as bright as."""
    flat = luma.ravel()
    return int(np.partition(flat, place := (len(flat) - 1) * 99 // 100)[place])


class _Sound:
    """Samples that follow each other, from position ``first`` until before ``behind``."""

    def __init__(self) -> None:
        self.first: int | None = None
        self._parts: list[Wave] = []
        self._count = 0

    @property
    def behind(self) -> int:
        return (self.first or 0) + self._count

    def take(self, frame: AudioFrame) -> None:
        self._add(round((frame.time or 0.0) * RATE), wave(frame))

    def _add(self, position: int, samples: Wave) -> None:
        self.first = position if self.first is None else self.first
        self._parts.append(samples)
        self._count += len(samples)

    def after(self, before: "_Sound") -> "_Sound":
        """The same with the last step of what came before, where nothing lies between."""
        if before.first is None or self.first is None or abs(before.behind - self.first) > 1 or not before._parts:
            return self
        joined, tail = _Sound(), np.concatenate(before._parts)[-BLOCK:]
        joined._add(self.first - len(tail), tail)
        for part in self._parts:
            joined._add(self.first, part)
        return joined

    def level(self, position: int) -> float:
        """Of the 20 ms from there on."""
        begin = position - (self.first or 0)
        self._parts = [np.concatenate(self._parts)] if len(self._parts) > 1 else self._parts
        return level(self._parts[0][begin : begin + BLOCK])


def give_way() -> None:
    """Whatever else wants the processor goes before this thread; where the system cannot do that for one, nothing."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)

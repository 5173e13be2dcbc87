"""Records a call: its own thread encodes, hashes and writes; nobody else ever waits for it.

Where the machine cannot keep up, the recording gets cheaper instead of later: first a lighter encoder, then fewer
pictures, at least five a second, each lasting longer, so that file time stays call time. Where the disk gets full it
takes less room from the next second on, and then waits in memory. The queue is bounded all the
same; what it cannot hold is dropped, counted and told. Sound is never thinned and kept much longer than pictures.
"""

import errno
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from media.backlog import Backlog
from media.core.chain import Link
from media.core.mixing import RATE, Samples
from media.core.timeline import GapLog, Timeline
from media.disk import Disk
from media.encoding import LONGEST, Encoder
from media.errors import BrokenRecording, explain
from media.fragments import SegmentStore, write_whole
from media.ports import Picture
from media.recovery import Recording, presence_path, recover, recover_sealed
from media.sealedstore import FULL, SealedStore

WAITING_PICTURES = 30
"""Two seconds of pictures, for a disk that stands still: 41 MB at 720p."""
WAITING_SOUNDS = 3000
"""A minute of sound: 6 MB. Words are worth more than pictures, so they go last."""
RESTING_SOUNDS = 10
"""Steps of sound that may wait for the next picture; without one they are seen to by themselves."""
LAST_WAIT = 10.0
"""Seconds for a full disk to take what still waits when the recording ends."""
HOLE = 0.5
TIRED, LATE = 0.4, 0.8
"""Seconds behind the stage from which the encoder works lighter, and from which pictures are thinned."""
STILL_FULL = "磁盘仍然是满的：最后 {} 段录像只在内存里，正在直接上传。传完之前请不要关机"
FEWER = "电脑太忙，录像的画面变少了，声音不受影响。请关闭其他程序"
SOUND_LOST = "电脑太忙，录像丢了声音。请马上关闭其他程序，再请客户重说一遍"


@dataclass(frozen=True)
class _Shown:
    picture: Picture
    number: int
    present: bool


@dataclass(frozen=True)
class _Heard:
    samples: Samples
    position: int


@dataclass(frozen=True)
class _End:
    number: int


class Recorder:
    """One recording. ``on_segment`` and ``on_trouble`` are called on the recorder's thread and must return at once.

    ``on_trouble(message, fatal)``: fatal means that nothing more is recorded. With a ``key`` the segments lie encrypted
    beside ``path`` (``media.sealedstore``); without one ``path`` is a plain file, for measurements and tests.
    """

    def __init__(
        self,
        path: Path,
        timeline: Timeline,
        size: tuple[int, int],
        rate: int,
        on_segment: Callable[[Link], None],
        on_trouble: Callable[[str, bool], None],
        key: bytes | None = None,
    ) -> None:
        self.path = path
        self.timeline = timeline
        self._rate = rate
        self._on_segment = on_segment
        self._on_trouble = on_trouble
        self._key = key
        self._store = SegmentStore(path) if key is None else SealedStore(path, key)
        self._disk = Disk(path.parent)
        self._encoder = Encoder(self._append, *size, rate, timeline.started_at)
        self._gaps = GapLog()
        self._present: bool | None = None
        self._notes = b""
        self._presence = presence_path(path).open("xb", buffering=0)
        self._backlog: Backlog[_Shown | _Heard | _End] = Backlog()  # bounded by kind, in _put
        self._waiting = {_Shown: 0, _Heard: 0}
        self._lock = threading.Lock()
        self.broken = False
        self._newest = 0
        self._told: set[str] = set()
        self.dropped = 0
        self.thinned = 0
        self.light = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def show(self, picture: Picture, now_ns: int, present: bool) -> None:
        """The stage at a moment; ``present``: whether the agent and all who have a place in the call are seen."""
        self._newest = self.timeline.index(now_ns, self._rate)
        self._put(_Shown(picture, self._newest, present))

    def hear(self, samples: Samples, started_ns: int) -> None:
        """The mix of the voices; ``started_ns`` is the moment of its first sample."""
        self._put(_Heard(samples, self.timeline.index(started_ns, RATE)))

    def _put(self, item: _Shown | _Heard) -> None:
        shown = isinstance(item, _Shown)
        with self._lock:
            taken = self._waiting[type(item)] < (WAITING_PICTURES if shown else WAITING_SOUNDS)
            self._waiting[type(item)] += taken
            rouse = shown or self._waiting[_Heard] > RESTING_SOUNDS
        if taken:
            self._backlog.put(item, rouse=rouse)
            return
        self.dropped += 1
        self._tell(FEWER if shown else SOUND_LOST)

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self._on_trouble(message, False)

    def drain(self) -> None:
        """Blocks until everything handed over so far is encoded."""
        self._backlog.join()

    def stop(self, now_ns: int) -> Recording:
        """Writes what is still to be written; blocks for it. Raises ``BrokenRecording`` where nothing is there."""
        self._backlog.put(_End(self.timeline.index(now_ns, self._rate)), rouse=True)
        self._thread.join()
        if self.broken:
            return recover(self.path) if self._key is None else recover_sealed(self.path, self._key)
        links = tuple(self._store.links)
        if not links:
            raise BrokenRecording("录制时间太短，没有录到内容")
        seconds = round(self._encoder.seconds, 3)
        return Recording(
            path=self.path,
            started_at=self.timeline.started_at,
            ended_at=self.timeline.wall(seconds),
            duration_seconds=seconds,
            size=self._store.size,
            sha256=self._store.sha256,
            segments=links,
            gaps=self._gaps.close(seconds),
        )

    def _run(self) -> None:
        item: _Shown | _Heard | _End | None = None
        while not isinstance(item, _End):
            item = self._backlog.get()
            if not isinstance(item, _End):
                with self._lock:
                    self._waiting[type(item)] -= 1
            if not self.broken:
                self._guard(item)
        self._backlog.done()
        self._store.close()
        self._presence.close()

    def _guard(self, item: _Shown | _Heard | _End) -> None:
        try:
            self._handle(item)
        except Exception as error:  # whatever it is, the call goes on and the agent is told at once
            self.broken = True
            reason = explain(error) if isinstance(error, OSError) else type(error).__name__
            self._on_trouble(f"录像写不下去了：{reason}。请重新开始录制", True)

    def _handle(self, item: _Shown | _Heard | _End) -> None:
        match item:
            case _Shown(picture, number, present):
                if number < 0:
                    return
                self._note_hole(number)
                self._note(number / self._rate if self._encoder.pictures else 0.0, present)
                if not self._spare(number):
                    self._encoder.picture(picture, number)
            case _Heard(samples, position):
                if position + len(samples) > 0:
                    self._encoder.sound(samples[max(0, -position) :], max(0, position))
            case _End(number):
                self._note_hole(number)
                self._encoder.fill_pictures(number)
                self._encoder.close()
                self._flush()

    def _spare(self, number: int) -> bool:
        """Whether to leave this picture out because later ones wait too long."""
        behind = (self._newest - number) / self._rate
        if behind > TIRED and not self.light and self._encoder.pictures:
            self.light = True
            self._encoder.lighten()
        if behind <= LATE or number + 1 - self._encoder.pictures >= LONGEST * self._rate:
            return False
        self.thinned += 1
        self._tell(FEWER)
        return True

    def _note_hole(self, number: int) -> None:
        """A stretch in which a picture had to be repeated shows the customer as they were, not as they are: a gap."""
        written = self._encoder.pictures
        if written and number - written > HOLE * self._rate:
            self._note(written / self._rate, present=False)

    def _note(self, seconds: float, present: bool) -> None:
        """Keeps who was seen beside the file, so that neither a crash nor a power cut loses the gaps."""
        self._gaps.observe(seconds, present)
        if present is not self._present:
            self._present = present
            self._notes += json.dumps([round(seconds, 3), present]).encode() + b"\n"
            self._write_notes()

    def _write_notes(self) -> None:
        """On disk when it returns; on a full one they wait, as segments do."""
        if not self._notes:
            return
        try:
            write_whole(self._presence.fileno(), self._notes)
            self._notes = b""
        except OSError as error:
            if error.errno not in FULL:
                raise

    def _append(self, data: bytes, start_seconds: float) -> None:
        self._write_notes()  # who was not seen in a segment is on disk before the segment is told
        self._announce(self._store.append(data, start_seconds))
        for message in self._disk.look(self._store.waiting):
            self._on_trouble(message, False)
        self._encoder.spare(self._disk.frugal)

    def _announce(self, written: list[Link]) -> None:
        for item in written:
            self._on_segment(item)

    def _flush(self) -> None:
        """What waits in this process alone; the delivery of older segments makes room. Raises OSError in the end."""
        until = time.monotonic() + LAST_WAIT
        while self._store.unkept and time.monotonic() < until:
            self._announce(self._store.catch_up())
            time.sleep(0.2 if self._store.unkept else 0)
        if self._store.unkept:
            raise OSError(errno.ENOSPC, "the disk stayed full")
        if self._store.waiting:
            self._tell(STILL_FULL.format(self._store.waiting))

"""Recordings on this machine until the service holds them: one folder each, surviving any crash.

``<spool>/<item_id>/item.json`` says how far the delivery has come and is replaced atomically; beside it lie the
engine's encrypted segments and their list ``recording.segments.jsonl`` (``media.sealedstore``), or, of older versions,
the plain ``recording.mp4``. The recording's key is in ``item.json`` too, wrapped under the spool key that the service
alone can derive. A folder is removed only by ``remove``, which the uploader calls after the service has read the whole
recording back.
"""

import errno
import os
import shutil
import threading
from pathlib import Path
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, ValidationError

from media import ports
from media.core import chain
from media.errors import BrokenRecording
from media.fragments import sync_folder
from media.moving import replace
from media.sealedstore import is_running
from media.sealing import new_key, unwrap, wrap
from media.waiting import forget
from signing.wire.staff import RecordingFinished, RecordingStarted, Segment

ROOM = 16_000_000
"""Bytes that must be free to begin a recording: a minute at the encoder's limit."""
RESERVE = 256 * 1024
"""Bytes beside each recording, given up so that its end can be noted on a disk that it has filled."""


class Item(BaseModel):
    """One recording. ``finished`` is None while it runs, and after a crash until it has been recovered."""

    model_config = ConfigDict(frozen=True)

    item_id: str
    server: str
    call_id: str
    case_no: str
    opened: RecordingStarted | None = None
    recording_id: str | None = None
    finished: RecordingFinished | None = None
    wrapped: str | None = None
    """The recording's key under the call's spool key; None until the service has given that one."""


class Spool:
    """The folder of one user account on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._keys: dict[str, bytes] = {}
        self._running: set[str] = set()
        self._unread: dict[str, int] = {}
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def create(self, server: str, call_id: str, case_no: str) -> Item:
        """Raises OSError, also where the disk is about to be full."""
        if shutil.disk_usage(self.folder).free < ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        item = Item(item_id=f"{call_id}.{uuid4().hex[:8]}", server=server, call_id=call_id, case_no=case_no)
        (self.folder / item.item_id).mkdir(mode=0o700)
        sync_folder(self.folder)
        self._reserve(item).write_bytes(bytes(RESERVE))
        self.save(item)
        self._keys[item.item_id] = new_key()
        self._running.add(item.item_id)
        return item

    def video(self, item: Item) -> Path:
        """What the engine calls the recording; a file only where an older version wrote it in the clear."""
        return self.folder / item.item_id / "recording.mp4"

    def key(self, item: Item) -> bytes | None:
        """The recording's own key, where this run of the program knows it. It is never written down."""
        return self._keys.get(item.item_id)

    def adopt(self, item: Item, key: bytes) -> None:
        """The key of a recording that an earlier window began, from the engine that makes it."""
        self._keys.setdefault(item.item_id, key)

    def wrap(self, item: Item, spool_key: bytes) -> Item:
        """Keeps the key for a later run. Raises OSError; KeyError where this run does not know it."""
        return self.update(item, wrapped=wrap(spool_key, self._keys[item.item_id], item.item_id))

    def unwrap(self, item: Item, spool_key: bytes) -> bytes:
        """The key that an earlier run kept. Raises ``BrokenRecording``."""
        if item.wrapped is None:
            raise BrokenRecording("录像的密钥没来得及存下，内容打不开")
        self._keys[item.item_id] = unwrap(spool_key, item.wrapped, item.item_id)
        return self._keys[item.item_id]

    def began(self, item: Item) -> None:
        """The engine says that it records it, be it for an earlier window."""
        self._running.add(item.item_id)

    def ended(self, item: Item) -> None:
        """Nothing more is written to it."""
        self._running.discard(item.item_id)

    def checked(self, item: Item, unread: int) -> None:
        """The check of what is recorded has read everything before the fragment ``unread`` that it will ever read."""
        self._unread[item.item_id] = unread

    def unread(self, item: Item) -> int | None:
        """Number of the first fragment that the check has still to read; None once the recording has ended, and for
        one that no engine of this window's has told of."""
        return self._unread.get(item.item_id, 0) if item.item_id in self._running else None

    def is_running(self, item: Item) -> bool:
        """Whether it is being recorded, by this window's engine or by one that outlived its window."""
        known = is_running(self.video(item))
        return item.item_id in self._running if known is None else known

    def is_there(self, item: Item) -> bool:
        return (self.folder / item.item_id).exists()

    def update(self, item: Item, **changes: object) -> Item:
        """What is known of the item by now, with ``changes``; safe from the window's and the loop's thread at once."""
        with self._lock:
            newest = (_load(self.folder / item.item_id / "item.json") or item).model_copy(update=changes)
            if changes:
                self.save(newest)
            return newest

    def _reserve(self, item: Item) -> Path:
        return self.folder / item.item_id / "reserve"

    def save(self, item: Item) -> None:
        """Atomic and on disk when it returns; raises OSError."""
        try:
            self._save(item)
        except OSError:
            self._reserve(item).unlink(missing_ok=True)
            self._save(item)

    def _save(self, item: Item) -> None:
        target = self.folder / item.item_id / "item.json"
        fresh = target.with_suffix(".new")
        with fresh.open("w", encoding="utf-8") as file:
            file.write(item.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        replace(fresh, target)
        sync_folder(target.parent)

    def items(self) -> list[Item]:
        """Readable items, oldest first. An unreadable one is left where it is for the support desk."""
        paths = sorted(self.folder.glob("*/item.json"), key=lambda path: path.stat().st_mtime)
        return [item for path in paths if (item := _load(path)) is not None]

    def remove(self, item: Item) -> None:
        shutil.rmtree(self.folder / item.item_id, ignore_errors=True)
        forget(self.folder / item.item_id)
        self._keys.pop(item.item_id, None)
        self._running.discard(item.item_id)
        self._unread.pop(item.item_id, None)


def _load(path: Path) -> Item | None:
    try:
        return Item.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def started(event: ports.RecordingBegan, fingerprints: tuple[str, str]) -> RecordingStarted:
    return RecordingStarted(
        started_at=event.started_at,
        width=event.width,
        height=event.height,
        frame_rate=event.frame_rate,
        video_codec=event.video_codec,
        audio_codec=event.audio_codec,
        seat_fingerprint=fingerprints[0],
        phone_fingerprint=fingerprints[1],
    )


def finished(event: ports.RecordingEnded) -> RecordingFinished:
    return RecordingFinished(
        ended_at=event.ended_at,
        duration_seconds=event.duration_seconds,
        size=event.size,
        sha256=event.sha256,
        segments=[segment(closed) for closed in event.segments],
        gaps=list(event.gaps),
    )


def segment(event: chain.Segment) -> Segment:
    """From an event of the engine, or from what a recovery found."""
    return Segment(
        index=event.index,
        offset=event.offset,
        size=event.size,
        start_seconds=event.start_seconds,
        sha256=event.sha256,
        chain=event.chain,
    )

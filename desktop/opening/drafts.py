"""Drafts on this seat: one encrypted file each, under a key that only the service gives to their author.

``<folder>/<draft_id>.draft`` holds nonce, cipher text and tag; the name of a file says nothing of what is in it. A file
is replaced atomically, so that a window that is killed leaves the newest whole one.
"""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

from desktop.opening.form import Typed, label
from media.errors import BrokenRecording
from media.sealing import seal, unseal

KEPT = timedelta(days=30)
"""A draft that nobody has touched for so long is removed: it holds personal data."""
_PLACE = b"pingqian draft 1\0"


@dataclass(frozen=True)
class Draft:
    draft_id: str
    title: str
    """Of the product."""
    typed: Typed
    saved_at: datetime

    @property
    def label(self) -> str:
        return label(self.typed)


class Drafts:
    """Those of one member of staff. Files of others cannot be opened and are left alone until they are too old."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder, self._key = folder, key
        self._lock = Lock()
        """Around what is decided about the files, never while a disk is waited for."""
        self._saved: dict[str, datetime] = {}
        self._gone: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @staticmethod
    def new_id() -> str:
        return secrets.token_hex(8)

    def save(self, draft: Draft) -> None:
        """On disk when it returns, unless it was removed or overtaken meanwhile. From any thread. Raises OSError."""
        content = {
            "title": draft.title,
            "product_id": draft.typed.product_id,
            "values": dict(draft.typed.values),
            "counts": dict(draft.typed.counts),
            "saved_at": draft.saved_at.isoformat(),
        }
        sealed = seal(self._key, json.dumps(content, ensure_ascii=False).encode(), _place(draft.draft_id))
        fresh = self.folder / f"{draft.draft_id}.{secrets.token_hex(4)}.new"
        try:
            _write(fresh, sealed)
            self._take(draft, fresh)
        finally:
            fresh.unlink(missing_ok=True)

    def _take(self, draft: Draft, fresh: Path) -> None:
        with self._lock:
            if draft.draft_id in self._gone or self._saved.get(draft.draft_id, draft.saved_at) > draft.saved_at:
                return
            self._saved[draft.draft_id] = draft.saved_at
            fresh.replace(self._file(draft.draft_id))

    def all(self, now: datetime) -> list[Draft]:
        """The newest first; those that have lain too long are removed."""
        found = sorted(self._readable(), key=lambda one: one.saved_at, reverse=True)
        for old in found:
            if now - old.saved_at > KEPT:
                self.remove(old.draft_id)
        self._remove_unread(now)
        return [one for one in found if now - one.saved_at <= KEPT]

    def _readable(self) -> Iterator[Draft]:
        for path in self.folder.glob("*.draft"):
            try:
                content = json.loads(unseal(self._key, path.read_bytes(), _place(path.stem)))
                yield _draft(path.stem, content)
            except (OSError, BrokenRecording, ValueError, KeyError):
                continue  # another's, or spoilt: nobody can read it here

    def _remove_unread(self, now: datetime) -> None:
        """Those of people who do not come any more, and halves that a power failure has left, when they are as old."""
        for path in (*self.folder.glob("*.draft"), *self.folder.glob("*.new")):
            with suppress(OSError):
                if now.timestamp() - path.stat().st_mtime > KEPT.total_seconds():
                    path.unlink()

    def remove(self, draft_id: str) -> None:
        """For good: a save that is still under way does not bring it back."""
        with self._lock:
            self._gone.add(draft_id)
            self._file(draft_id).unlink(missing_ok=True)

    def _file(self, draft_id: str) -> Path:
        return self.folder / f"{draft_id}.draft"


def _write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _place(draft_id: str) -> bytes:
    return _PLACE + draft_id.encode()


def _draft(draft_id: str, content: dict[str, object]) -> Draft:
    values, counts = content["values"], content["counts"]
    if not isinstance(values, dict) or not isinstance(counts, dict):
        raise ValueError("not a draft")
    typed = Typed(
        str(content["product_id"]),
        {str(path): str(text) for path, text in values.items()},
        {str(key): int(number) for key, number in counts.items()},
    )
    return Draft(
        draft_id, str(content["title"]), typed, datetime.fromisoformat(str(content["saved_at"])).astimezone(UTC)
    )

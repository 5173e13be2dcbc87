"""The instructions of the customer's page, read out: an institution's own recordings, or a synthesiser's.

A sentence is made when it is first wanted, or beforehand by ``pingqian voices --prepare``, and kept as a file under the
digest of its text, so that changed words are made anew. ``recorded/KEY.mp3`` (or ``.m4a``, ``.wav``) takes the place
of the synthesiser's.
"""

import asyncio
import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from signing.domain.errors import OutsideError

TEXTS: Mapping[str, str] = json.loads((Path(__file__).parent / "spoken.json").read_text(encoding="utf-8"))
"""Screen, or screen and its part → what is said there. The page asks by the same names."""

AGAIN_SECONDS = 60.0
"""For so long nothing is asked of a synthesiser that has failed: anybody may ask, and a failure may take its time."""
_AT_ONCE = 2
_EDITION = 3
"""Of how a synthesiser is asked: what an earlier one has said is not used any more."""

T = TypeVar("T")

KINDS = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".wav": "audio/wav"}


def line_key(text: str) -> str:
    """Under which an institution keeps its own recording of a line of the script, in exactly these words."""
    return f"line.{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def consent_key(kind: str, sha256: str) -> str:
    """The same of a consent, whose digest is that of its wording."""
    return f"consent.{kind}.{sha256[:12]}"


class Speech(Protocol):
    def available(self) -> bool: ...

    def speak(self, text: str) -> bytes:
        """MP3. Raises ``OutsideError``."""
        ...


@dataclass(frozen=True)
class Spoken:
    """``recorded``: by people, in place of the synthesiser."""

    data: bytes
    kind: str
    recorded: bool = False


@dataclass
class Voices:
    """``folder``: inside the service's data. What says something may take a second and belongs ``aside``."""

    folder: Path
    speech: Speech
    monotonic: Callable[[], float] = time.monotonic
    _one: threading.Lock = field(default_factory=threading.Lock)
    _again_at: float = float("-inf")
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def aside(self, work: Callable[..., T], *arguments: object) -> T:
        """``work(*arguments)`` in a thread, few at once: who waits to be read to keeps no seal and no page waiting."""
        async with self._turns:
            return await asyncio.to_thread(work, *arguments)

    def any(self) -> bool:
        """Whether the page is to offer reading at all."""
        return self.speech.available() or any(self.recorded(key) for key in TEXTS)

    def of(self, key: str) -> Spoken | None:
        """What is said on a screen; of a part without words of its own, the screen's. None: nothing can be said."""
        known = key if key in TEXTS else key.partition(".")[0]
        return self.said(TEXTS[known], known) if known in TEXTS else None

    def said(self, text: str, key: str) -> Spoken | None:
        """Any words of the service's own, by whoever recorded them under ``key``, or else by the synthesiser."""
        if recording := self.recorded(key):
            return Spoken(recording.read_bytes(), KINDS[recording.suffix])
        kept = self.prepared(text)
        if not kept.is_file():
            with self._one:
                if not kept.is_file() and not self._made(kept, text):
                    return None
        return Spoken(kept.read_bytes(), KINDS[kept.suffix])

    def once(self, text: str, key: str) -> Spoken | None:
        """As ``said``, of words with somebody's name or amounts in them: nothing of them is kept."""
        if recording := self.recorded(key):
            return Spoken(recording.read_bytes(), KINDS[recording.suffix], recorded=True)
        data = self._synthesised(text)
        return None if data is None else Spoken(data, KINDS[".mp3"])

    def _made(self, kept: Path, text: str) -> bool:
        data = self._synthesised(text)
        if data is not None:
            self._keep(kept, data)
        return data is not None

    def _synthesised(self, text: str) -> bytes | None:
        """None where it fails, and for a while after: one that hangs would hold every turn, press after press."""
        if self.monotonic() < self._again_at:
            return None
        try:
            return self.speech.speak(text)
        except OutsideError:
            self._again_at = self.monotonic() + AGAIN_SECONDS
            return None

    def recorded(self, key: str) -> Path | None:
        found = (self.folder / "recorded" / f"{key}{suffix}" for suffix in KINDS)
        return next((path for path in found if path.is_file()), None)

    def prepared(self, text: str) -> Path:
        digest = hashlib.sha256(f"{_EDITION}\n{text}".encode()).hexdigest()
        return self.folder / "prepared" / f"{digest[:32]}.mp3"

    def _keep(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        beside.write_bytes(data)
        beside.replace(path)

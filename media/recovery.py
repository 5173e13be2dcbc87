"""Closes a recording that was left behind: by a crash, a power cut, or a full disk.

What the disk holds up to the last whole fragment is kept; nothing is encoded again, and the chain of the segments that
were told before stays as it was told.
"""

import hashlib
import io
import json
import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import av

from media.core.boxes import Buffer, boxes, fragment_span, video_track
from media.core.chain import ZERO, Link, chained, from_lines, link, to_line
from media.core.timeline import GapLog
from media.errors import BrokenRecording
from media.fragments import segments_path, write_all
from media.sealedstore import drop, read_sealed, read_told, told_links

LOST = "录像文件与分段清单不符，可能被改动过"
Gaps = tuple[tuple[float, float], ...]
SHORTER = "录像文件比分段清单短：写好的内容后来丢了。请保留原文件，联系管理员"


@dataclass(frozen=True)
class Recording:
    """A finished recording. ``gaps``: seconds in which a customer's picture, or the agent's own camera or
    microphone, was missing."""

    path: Path
    started_at: datetime
    ended_at: datetime
    duration_seconds: float
    size: int
    sha256: str | None
    """None after a crash of an encrypted one, of which parts are delivered and gone."""
    segments: tuple[Link, ...]
    gaps: Gaps


def presence_path(path: Path) -> Path:
    """Where the recorder notes from when on the customers were seen or not."""
    return path.with_suffix(".presence.jsonl")


def recover_sealed(
    path: Path,
    key: bytes,
    length: Callable[[io.BytesIO], tuple[datetime, float]] | None = None,
    gaps: Callable[[Path, float], Gaps] | None = None,
) -> Recording:
    """As ``recover``, for a recording whose segments lie encrypted beside ``path``; those delivered may be gone.

    The first and the newest must be there. A last segment that was written whole but not listed yet is taken in.
    ``length`` and ``gaps`` are of what is no MP4: beginning and seconds from the first and the newest segment, and what
    was noted beside it.
    """
    links = told_links(path)
    if not _chained(links):
        raise BrokenRecording(LOST)
    links += _unlisted(path, key, links)
    if len(links) < 2:
        raise BrokenRecording("录像文件里还没有一段完整的内容")
    _list(path, links)
    try:
        ends = read_told(path, key, links, 0) + read_told(path, key, links, len(links) - 1)
    except FileNotFoundError:
        raise BrokenRecording(SHORTER) from None
    source = io.BytesIO(ends)
    started_at, seconds = length(source) if length else _length(source, links[-1].start_seconds)
    return Recording(
        path=path,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=seconds),
        duration_seconds=seconds,
        size=links[-1].offset + links[-1].size,
        sha256=None,
        segments=tuple(links),
        gaps=(gaps or _gaps)(path, seconds),
    )


def _chained(links: list[Link]) -> bool:
    """Whether each link follows from the one before."""
    previous, end = ZERO, 0
    for number, item in enumerate(links):
        if (item.index, item.offset, item.chain) != (number, end, chained(previous, item.sha256)):
            return False
        previous, end = item.chain, end + item.size
    return True


def _unlisted(path: Path, key: bytes, links: list[Link]) -> list[Link]:
    """The segment after the last listed one, where it is whole; a torn one is removed."""
    index, previous = len(links), links[-1].chain if links else ZERO
    try:
        item, _ = read_sealed(path, key, index, previous)
    except FileNotFoundError:
        return []
    except BrokenRecording:
        drop(path, index)
        return []
    return [item] if _chained([*links, item]) else []


def _list(path: Path, links: list[Link]) -> None:
    """Completes the list by what is lacking; what stands there stays as it is."""
    lines = segments_path(path)
    with lines.open("r+b" if lines.exists() else "w+b", buffering=0) as file:
        told = file.read().rpartition(b"\n")[0]
        kept = len(told) + 1 if told else 0
        file.truncate(kept)
        file.seek(kept)
        write_all(file.fileno(), b"".join(to_line(item) for item in links[len(told.splitlines()) :]))


def recover(path: Path) -> Recording:
    """Cuts off a torn last fragment, completes the list of segments and returns what is there.

    Harmless on a whole recording. Raises ``BrokenRecording`` where the file holds no whole fragment or contradicts the
    list of segments that was written beside it, and OSError; the files are then as they were.
    """
    links, digest = _read(path)
    lines = segments_path(path)
    told = from_lines(lines.read_bytes()) if lines.exists() else []
    if told != links[: len(told)]:
        raise BrokenRecording(SHORTER if told[: len(links)] == links else LOST)
    size = links[-1].offset + links[-1].size
    with path.open("r+b") as file:
        file.truncate(size)
    lines.write_bytes(b"".join(to_line(item) for item in links))
    started_at, seconds = _length(path)
    return Recording(
        path=path,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=seconds),
        duration_seconds=seconds,
        size=size,
        sha256=digest,
        segments=tuple(links),
        gaps=_gaps(path, seconds),
    )


def _read(path: Path) -> tuple[list[Link], str]:
    if path.stat().st_size == 0:
        raise BrokenRecording("录像文件是空的")
    with mapped(path) as data:
        links = list(segments_of(data))
        if len(links) < 2:
            raise BrokenRecording("录像文件里还没有一段完整的内容")
        return links, hashlib.sha256(data[: links[-1].offset + links[-1].size]).hexdigest()


@contextmanager
def mapped(path: Path) -> Iterator[memoryview]:
    """A file's bytes without reading it whole; the file must not be empty."""
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages,
        memoryview(pages) as data,
    ):
        yield data


def segments_of(data: Buffer) -> Iterator[Link]:
    """The links of a recording's whole segments, worked out anew from its bytes."""
    previous: Link | None = None
    track: tuple[int, int] | None = None
    begin, start, end = 0, 0.0, 0.0
    for box in boxes(data):
        if box.kind == "moov":
            track = video_track(data, box)
        elif box.kind == "moof" and track:
            start, end = fragment_span(data, box, *track) or (end, end)
        if box.kind in ("moov", "mdat"):
            previous = link(previous, bytes(data[begin : box.end]), start)
            begin = box.end
            yield previous


def _length(source: Path | io.BytesIO, sound_from: float | None = None) -> tuple[datetime, float]:
    """(start on the service's clock, seconds of picture) from the file itself, without decoding.

    ``sound_from``: where the picture ended, if only sound is left in ``source``.
    """
    try:
        with av.open(source, "r") as container:
            started_at = datetime.fromisoformat(container.metadata["comment"])
            stream = container.streams.video[0]
            ends = [p.pts + (p.duration or 0) for p in container.demux(stream) if p.pts is not None]
            if not ends and sound_from:
                return started_at, round(sound_from, 3)
            if stream.time_base is None or not ends:
                raise BrokenRecording("录像文件里没有画面")
            return started_at, round(float(max(ends) * stream.time_base), 3)
    except (av.FFmpegError, KeyError, ValueError, IndexError) as error:
        raise BrokenRecording("录像文件无法读取") from error


def _gaps(path: Path, seconds: float) -> Gaps:
    """Where nothing is noted from the beginning on, nobody is known to be seen."""
    log, noted = GapLog(), _noted(path)
    if not noted or noted[0][0] > 0:
        return ((0.0, seconds),)
    for at, present in noted:
        log.observe(min(at, seconds), present)
    return log.close(seconds)


def _noted(path: Path) -> list[tuple[float, bool]]:
    """From which second on the customers were seen or not. After a line that cannot be read they are not known to be
    seen, unless it is the last: that one was being written."""
    notes = presence_path(path)
    found: list[tuple[float, bool]] = []
    lines = notes.read_bytes().split(b"\n")[:-1] if notes.exists() else []
    for number, line in enumerate(lines, 1):
        try:
            at, present = json.loads(line)
            found.append((float(at), bool(present)))
        except (ValueError, TypeError):
            if number < len(lines):
                found.append((found[-1][0] if found else 0.0, False))
    return found

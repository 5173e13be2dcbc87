"""One person's own picture and sound on disk, as they came: Matroska in pieces, each chained and encrypted like the
stage's recording, beside it and under its key.

Beside the segments of ``recording-track-01.mkv`` lie ``recording-track-01.json`` (whose, since when, in what format),
``….gaps.jsonl`` (what lacks and why, as it happens) and, once it is closed, ``….end.json``.
"""

import errno
import json
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import av
from av.video.codeccontext import VideoCodecContext

from media.core.avc import configuration, with_lengths
from media.core.chain import Link
from media.core.matroska import PICTURE, Block, PictureFormat, cluster, header
from media.core.trackpile import Bit, Gap, Lack
from media.fragments import SegmentStore, sync_folder, write_all, write_whole
from media.moving import replace
from media.sealedstore import SealedStore

MOST_MILLI = 30_000
"""What one cluster spans at most: a block's place in it is told in 16 bits."""


@dataclass(frozen=True)
class About:
    """``video_codec`` and the size are empty and 0 where no picture came."""

    party_id: str
    started_at: datetime
    video_codec: str
    width: int
    height: int


@dataclass(frozen=True)
class End:
    """``given_up``: why no more was kept, in Chinese; empty where the track simply ended. ``sha256``: empty where the
    disk refused a piece."""

    seconds: float
    size: int
    sha256: str
    gaps: tuple[Gap, ...]
    given_up: str


class TrackFile:
    """All methods block for the disk and raise OSError. ``close`` it. Without a ``key`` it is a plain file."""

    def __init__(self, path: Path, about: About, pictures: PictureFormat | None, key: bytes | None) -> None:
        self.path, self.about, self.pictures = path, about, pictures
        self._gaps: list[Gap] = []
        _write(_about_path(path), {**asdict(about), "started_at": about.started_at.isoformat()})
        self._store = SegmentStore(path) if key is None else SealedStore(path, key)
        self._notes = gaps_path(path).open("xb", buffering=0)
        tags = {"PINGQIAN_PARTY": about.party_id, "PINGQIAN_STARTED_AT": about.started_at.isoformat()}
        self._append(header(about.started_at, pictures, tags), 0.0)

    @property
    def links(self) -> list[Link]:
        return self._store.links

    def write(self, blocks: Sequence[Block]) -> None:
        """A piece; nothing where there are no blocks."""
        for part in _parts(blocks):
            self._append(cluster([self._fitting(block) for block in part]), min(each.milli for each in part) / 1000)

    def _fitting(self, block: Block) -> Block:
        if block.track != PICTURE or self.pictures is None or self.pictures.codec != "H264":
            return block
        return Block(block.track, block.milli, block.key, with_lengths(block.data))

    def _append(self, data: bytes, start: float) -> None:
        self._store.append(data, start)
        if isinstance(self._store, SealedStore) and self._store.waiting:
            raise OSError(errno.ENOSPC, "the disk is full, and what waits for it is the stage's")

    def lack(self, gaps: Sequence[Gap]) -> None:
        """What is missing, on disk at once so that neither a crash nor a power cut loses it."""
        kept = [Gap(round(gap.start, 3), round(gap.end, 3), gap.lack) for gap in gaps]
        self._gaps += kept
        if kept:
            lines = b"".join(json.dumps([gap.start, gap.end, gap.lack]).encode() + b"\n" for gap in kept)
            write_whole(self._notes.fileno(), lines)

    def close(self, seconds: float, given_up: str = "") -> End:
        """The end of the file, noted beside it."""
        digest = "" if self._store.unkept else self._store.sha256  # that covers what the disk refused
        end = End(round(seconds, 3), self._store.size, digest, tuple(self._gaps), given_up)
        self._store.close()
        self._notes.close()
        gaps = [[gap.start, gap.end, gap.lack] for gap in end.gaps]
        _write(_end_path(self.path), {**asdict(end), "gaps": gaps})
        return end


def _parts(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    part: list[Block] = []
    for block in blocks:
        if part and not 0 <= block.milli - part[0].milli < MOST_MILLI:
            yield part
            part = []
        part.append(block)
    if part:
        yield part


def picture_format(bit: Bit) -> PictureFormat | None:
    """Of the pictures that begin with this one; None where it does not tell."""
    if bit.codec == "VP8":
        if bit.data[3:6] != b"\x9d\x01\x2a" or len(bit.data) < 10:
            return None
        width, height = struct.unpack_from("<HH", bit.data, 6)
        return PictureFormat("VP8", width & 0x3FFF, height & 0x3FFF)
    private = configuration(bit.data)
    size = _decoded_size(bit.data) if private else None
    return PictureFormat("H264", *size, private) if private and size else None


def _decoded_size(data: bytes) -> tuple[int, int] | None:
    """What the decoder finds: shorter than reading the parameter sets, and right about cropping."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    try:
        pictures = [*decoder.decode(av.Packet(data)), *decoder.decode(None)]
    except av.FFmpegError:
        return None
    return next(((picture.width, picture.height) for picture in pictures), None)


# --- what lies beside it ---


def track_path(recording: Path, number: int) -> Path:
    """Of the track ``number`` beside a recording, from 1."""
    return recording.with_name(f"{recording.stem}-track-{number:02d}.mkv")


def tracks_beside(recording: Path) -> list[Path]:
    """Those that have begun, in the order in which they did."""
    return [path.with_suffix(".mkv") for path in sorted(recording.parent.glob(f"{recording.stem}-track-[0-9]*.json"))
            if not path.name.endswith(".end.json")]  # fmt: skip


def gaps_path(path: Path) -> Path:
    return path.with_suffix(".gaps.jsonl")


def _about_path(path: Path) -> Path:
    return path.with_suffix(".json")


def _end_path(path: Path) -> Path:
    return path.with_suffix(".end.json")


def about(path: Path) -> About:
    """Raises OSError and ValueError."""
    told = json.loads(_about_path(path).read_bytes())
    return About(**{**told, "started_at": datetime.fromisoformat(told["started_at"])})


def end_of(path: Path) -> End | None:
    """None where it was not closed: it still runs, or a crash ended it. Raises OSError and ValueError."""
    if not _end_path(path).exists():
        return None
    told = json.loads(_end_path(path).read_bytes())
    return End(**{**told, "gaps": tuple(Gap(start, end, Lack(lack)) for start, end, lack in told["gaps"])})


def gaps_noted(path: Path) -> tuple[Gap, ...]:
    """What was noted while it ran; a line that cannot be read is left out."""
    notes = gaps_path(path)
    found = []
    for line in notes.read_bytes().split(b"\n")[:-1] if notes.exists() else []:
        with suppress(ValueError, TypeError):
            start, end, lack = json.loads(line)
            found.append(Gap(start, end, Lack(lack)))
    return tuple(found)


def _write(path: Path, record: dict[str, object]) -> None:
    """Whole or not at all, and on disk when it returns."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(descriptor, json.dumps(record, ensure_ascii=False).encode())
    finally:
        os.close(descriptor)
    replace(fresh, path)
    sync_folder(path.parent)

"""Customers' own tracks: whether those in a package are the ones that its events speak of.

``tracks/{file}.mkv`` and ``tracks/{file}.segments.json`` (canonical ``{"track_id", "segments"}``) belong to the
``track.started`` that names ``file``. The newest ``sha256`` of an event with its ``track_id`` counts, ``chain`` of
``track.finished`` is the last segment's chain value, and of each ``track.head`` that of the segment ``index``. A track
of which ``track.lost`` tells has no file.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from signing.domain.ledger import parse_canonical
from signing.domain.readable import Readable, whole_of
from signing.evidence.core.book import Book, Mismatch

TRACKS, TRACK_LIST = "tracks/", ".segments.json"


@dataclass
class TrackNamed:
    """What the events say of one track."""

    file: str
    sha256: str | None = None
    chain: str | None = None
    given_up: str = ""
    lost: str = ""
    heads: list[tuple[int, str]] = field(default_factory=list)


def collect_tracks(lines: Sequence[bytes]) -> dict[str, TrackNamed]:
    """By ``track_id``, in order of time."""
    found: dict[str, TrackNamed] = {}
    for line in lines:
        record = json.loads(line)
        kind, body = str(record["type"]), record["body"]
        if kind == "track.started":
            found[str(body["track_id"])] = TrackNamed(str(body["file"]))
        elif kind.startswith("track.") and (track := found.get(str(body["track_id"]))) is not None:
            _take_track(kind, body, track)
    return found


def _take_track(kind: str, body: Mapping[str, object], track: TrackNamed) -> None:
    if kind == "track.head":
        track.heads.append((int(str(body["index"])), str(body["chain"])))
    if kind == "track.finished":
        track.chain, track.given_up = str(body["chain"]), str(body["given_up"])
    if kind == "track.lost":
        track.lost = str(body["reason"])
    if kind in ("track.finished", "track.verified", "track.damaged") and isinstance(body["sha256"], str):
        track.sha256 = body["sha256"]


def check_tracks(
    files: Mapping[str, Readable], digests: Mapping[str, str], tracks: Mapping[str, TrackNamed], book: Book
) -> None:
    """Each has its file, or is told as lost; no file is there that no event names."""
    expected = set[str]()
    for track_id, track in tracks.items():
        name, listed = f"{TRACKS}{track.file}.mkv", f"{TRACKS}{track.file}{TRACK_LIST}"
        if track.lost:
            book.skip(f"{track.file} 这份单独的音视频没有收到（{track.lost}），通话录像不受影响")
            continue
        expected |= {name, listed}
        for wanted in (name, listed):
            if wanted not in files:
                book.bad(wanted, "事件链记有这份单独的音视频，但包内没有这个文件", missing=True)
        if name in files and listed in files:
            _check_track(track_id, track, files, digests, book)
    for name in files:
        if name.startswith(TRACKS) and name not in expected:
            book.bad(name, "事件链没有提到这个文件")


def _check_track(
    track_id: str, track: TrackNamed, files: Mapping[str, Readable], digests: Mapping[str, str], book: Book
) -> None:
    name, listed = f"{TRACKS}{track.file}.mkv", f"{TRACKS}{track.file}{TRACK_LIST}"
    if digests[name] != track.sha256:
        book.bad(name, "与事件链记录的摘要不一致")
        return
    with book.blaming(listed):
        links = check_pieces(files[name], whole_of(files[listed]), track_id, track.chain)
        book.good(listed, f"{len(links)} 个分段逐段相接，覆盖整个文件")
        wrong = next((index for index, chain in track.heads if index >= len(links) or links[index] != chain), None)
        if wrong is not None:
            book.bad(name, f"第 {wrong + 1} 段与通话中上链的链值不符，音视频被换过")
            return
        book.good(name, f"与事件链记录一致，通话中上链的 {len(track.heads)} 个链值都在其上")
        if track.given_up:
            book.good(name, f"中途停止保存：{track.given_up}")


def check_pieces(content: Readable, data: bytes, track_id: str, chain: str | None) -> list[str]:
    """The chain value after each piece; they cover ``content`` without a gap. Raises ``Mismatch``."""
    record = parse_canonical(data)
    if not isinstance(record, dict) or set(record) != {"track_id", "segments"} or record["track_id"] != track_id:
        raise Mismatch("分段清单与音视频不对应")
    place, link, links = 0, bytes(32), list[str]()
    for index, segment in enumerate(record["segments"]):
        piece = bytes(content[place : place + segment["size"]])
        digest = hashlib.sha256(piece).digest()
        link = hashlib.sha256(link + digest).digest()
        found = {"index": index, "offset": place, "size": len(piece), "sha256": digest.hex(), "chain": link.hex()}
        if any(segment[key] != value for key, value in found.items()):
            raise Mismatch(f"音视频第 {index + 1} 段与清单不一致")
        place += len(piece)
        links.append(link.hex())
    if place != len(content) or chain not in (None, link.hex()):
        raise Mismatch("分段清单与音视频不对应")
    return links

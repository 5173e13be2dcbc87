"""The chain of a recording's segments: each link's hash covers the whole past of the file.

``chain`` = SHA-256(previous chain as 32 bytes ‖ this segment's SHA-256 as 32 bytes); before the first segment the
previous chain is 32 zero bytes. Segment 0 is the file's header (``ftyp`` + ``moov``), each later one a fragment
(``moof`` + ``mdat``), so that the segments together are the file, byte for byte.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Protocol

from media.errors import BrokenRecording

ZERO = "00" * 32


@dataclass(frozen=True)
class Link:
    """One segment: where it lies in the file, when it starts, and its hashes in hex."""

    index: int
    offset: int
    size: int
    start_seconds: float
    sha256: str
    chain: str


class Segment(Protocol):
    """Whatever has a link's fields: a ``Link``, an event of the engine, a message of the service."""

    @property
    def index(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def start_seconds(self) -> float: ...
    @property
    def sha256(self) -> str: ...
    @property
    def chain(self) -> str: ...


def chained(previous: str, sha256: str) -> str:
    """The chain value that follows ``previous``; both in hex."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(sha256)).hexdigest()


def link(previous: Link | None, data: bytes | memoryview, start_seconds: float) -> Link:
    """The link for ``data``, which follows ``previous`` in the file."""
    digest = hashlib.sha256(data).hexdigest()
    if previous is None:
        return Link(0, 0, len(data), start_seconds, digest, chained(ZERO, digest))
    offset = previous.offset + previous.size
    return Link(previous.index + 1, offset, len(data), start_seconds, digest, chained(previous.chain, digest))


def to_line(item: Link) -> bytes:
    """One line of ``.segments.jsonl`` with its newline."""
    return json.dumps(asdict(item), separators=(",", ":"), sort_keys=True).encode() + b"\n"


def from_lines(raw: bytes) -> list[Link]:
    """The whole lines of a ``.segments.jsonl``; a torn last line is left out. Raises ``BrokenRecording``."""
    try:
        return [Link(**json.loads(line)) for line in raw.split(b"\n")[:-1]]
    except (ValueError, TypeError) as error:
        raise BrokenRecording("分段清单无法读取") from error


def check(links: Iterable[Segment], content: bytes | memoryview) -> list[str]:
    """What is wrong between the links and the bytes of the file, in Chinese; empty when all agrees."""
    findings: list[str] = []
    previous, end = ZERO, 0
    for number, item in enumerate(links):
        findings += check_one(number, item, previous, end, content[item.offset : item.offset + item.size])
        previous, end = item.chain, item.offset + item.size
    if end != len(content):
        findings.append(f"分段清单覆盖 {end} 字节，文件却有 {len(content)} 字节")
    return findings


def check_one(number: int, item: Segment, previous: str, end: int, data: bytes | memoryview) -> list[str]:
    """What is wrong with the segment at place ``number``, whose bytes are ``data``, after one that ended at ``end``."""
    findings = []
    if item.index != number:
        findings.append(f"缺少第 {number} 段")
    if item.offset != end:
        findings.append(f"第 {number} 段的位置不连续")
    if len(data) != item.size:
        findings.append(f"第 {number} 段在文件中不完整")
    elif hashlib.sha256(data).hexdigest() != item.sha256:
        findings.append(f"第 {number} 段的内容被改动")
    if chained(previous, item.sha256) != item.chain:
        findings.append(f"第 {number} 段的链值不符")
    return findings

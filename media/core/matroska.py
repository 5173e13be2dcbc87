"""As much of Matroska (RFC 9559, over EBML, RFC 8794) as one person's picture and sound take, piece by piece.

The header comes first and is never touched again; each cluster stands for itself and has a known size, so that any
prefix that ends between two of them is a whole file.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from media.errors import BrokenRecording

PICTURE, SOUND = 1, 2
"""Numbers of the two tracks."""
MILLI = 1_000_000
EPOCH = datetime(2001, 1, 1, tzinfo=UTC)
SEGMENT, INFO, CLUSTER = 0x18538067, 0x1549A966, 0x1F43B675
DATE, TIMESTAMP, BLOCK = 0x4461, 0xE7, 0xA3
UNKNOWN = b"\x01" + b"\xff" * 7
PRE_ROLL_NS = 80_000_000
"""Of Opus, RFC 7845 section 4.6."""
OPUS_HEAD = struct.pack("<8sBBHIhB", b"OpusHead", 1, 2, 0, 48_000, 0, 0)


@dataclass(frozen=True)
class PictureFormat:
    """``codec``: ``VP8`` or ``H264``; ``private``: the decoder configuration record of the latter (ISO 14496-15)."""

    codec: str
    width: int
    height: int
    private: bytes = b""


@dataclass(frozen=True)
class Block:
    """One picture or packet of sound at ``milli`` of the file."""

    track: int
    milli: int
    key: bool
    data: bytes


def header(started_at: datetime, pictures: PictureFormat | None, tags: dict[str, str]) -> bytes:
    """Everything before the first cluster. The file's zero is ``started_at``, aware UTC."""
    webm = pictures is None or pictures.codec == "VP8"
    tracks = [*([_picture_track(pictures)] if pictures else []), _sound_track()]
    return b"".join(
        (
            _element(
                0x1A45DFA3,
                _number(0x4286, 1),
                _number(0x42F7, 1),
                _number(0x42F2, 4),
                _number(0x42F3, 8),
                _text(0x4282, "webm" if webm else "matroska"),
                _number(0x4287, 4),
                _number(0x4285, 2),
            ),
            _identity(SEGMENT) + UNKNOWN,
            _element(
                INFO,
                _number(0x2AD7B1, MILLI),
                _element(DATE, struct.pack(">q", round((started_at - EPOCH) / timedelta(microseconds=1)) * 1000)),
                _text(0x4D80, "pingqian"),
                _text(0x5741, "pingqian"),
            ),
            _element(0x1654AE6B, *tracks),
            _element(0x1254C367, _element(0x7373, _element(0x63C0), *(_tag(*tag) for tag in tags.items()))),
        )
    )


def _picture_track(pictures: PictureFormat) -> bytes:
    name = "V_VP8" if pictures.codec == "VP8" else "V_MPEG4/ISO/AVC"
    private = [_element(0x63A2, pictures.private)] if pictures.private else []
    shape = _element(0xE0, _number(0xB0, pictures.width), _number(0xBA, pictures.height))
    return _element(0xAE, *_track(PICTURE, 1, name), *private, shape)


def _sound_track() -> bytes:
    shape = _element(0xE1, _element(0xB5, struct.pack(">f", 48_000.0)), _number(0x9F, 2))
    delay = _number(0x56AA, 0), _number(0x56BB, PRE_ROLL_NS)
    return _element(0xAE, *_track(SOUND, 2, "A_OPUS"), _element(0x63A2, OPUS_HEAD), *delay, shape)


def _track(number: int, kind: int, codec: str) -> tuple[bytes, ...]:
    unlaced, language = _number(0x9C, 0), _text(0x22B59C, "zho")
    return _number(0xD7, number), _number(0x73C5, number), _number(0x83, kind), unlaced, language, _text(0x86, codec)


def _tag(name: str, value: str) -> bytes:
    return _element(0x67C8, _text(0x45A3, name), _text(0x4487, value))


def cluster(blocks: Sequence[Block]) -> bytes:
    """Blocks in the order in which they are to be read; they must lie within half a minute. None: nothing."""
    if not blocks:
        return b""
    zero = min(block.milli for block in blocks)
    return _element(CLUSTER, _number(TIMESTAMP, zero), *(_block(block, zero) for block in blocks))


def _block(block: Block, zero: int) -> bytes:
    flags = 0x80 if block.key else 0
    return _element(BLOCK, struct.pack(">BhB", 0x80 | block.track, block.milli - zero, flags), block.data)


def _element(identity: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return _identity(identity) + _size(len(body)) + body


def _identity(identity: int) -> bytes:
    return identity.to_bytes((identity.bit_length() + 7) // 8)


def _size(size: int) -> bytes:
    length = next(count for count in range(1, 9) if size < (1 << 7 * count) - 1)
    return (size | 1 << 7 * length).to_bytes(length)


def _number(identity: int, value: int) -> bytes:
    return _element(identity, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))


def _text(identity: int, value: str) -> bytes:
    return _element(identity, value.encode())


# --- reading back what was written ---


@dataclass(frozen=True)
class Element:
    """``size`` None: as far as the data goes."""

    identity: int
    body: int
    size: int | None
    end: int


def elements(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[Element]:
    """The whole elements one after another; those of the segment follow its own. Raises ``BrokenRecording``."""
    stop = len(data) if end is None else end
    while start < stop:
        element = _element_at(data, start, stop)
        if element is None:
            return
        yield element
        start = element.body if element.identity == SEGMENT else element.end


def _element_at(data: bytes | memoryview, start: int, stop: int) -> Element | None:
    identity_length = _length_of(data[start])
    body = start + identity_length
    if body >= stop:
        return None
    size_length = _length_of(data[body])
    raw = bytes(data[body : body + size_length])
    identity = int.from_bytes(data[start : start + identity_length])
    body += size_length
    size = int.from_bytes(raw) & ((1 << 7 * size_length) - 1)
    if size == (1 << 7 * size_length) - 1:
        return Element(identity, body, None, stop)
    return Element(identity, body, size, body + size) if body + size <= stop else None


def _length_of(first: int) -> int:
    if not first:
        raise BrokenRecording("音视频轨文件的结构损坏")
    return 9 - first.bit_length()


def blocks_of(data: bytes | memoryview) -> Iterator[Block]:
    """All blocks of a file, in their order. Raises ``BrokenRecording``."""
    for element in elements(data):
        if element.identity == CLUSTER:
            yield from _blocks_in(data, element)


def _blocks_in(data: bytes | memoryview, parent: Element) -> Iterator[Block]:
    zero = 0
    for element in elements(data, parent.body, parent.end):
        content = bytes(data[element.body : element.end])
        if element.identity == TIMESTAMP:
            zero = int.from_bytes(content)
        elif element.identity == BLOCK:
            if len(content) < 4:
                raise BrokenRecording("音视频轨文件的结构损坏")
            track, milli, flags = struct.unpack_from(">BhB", content)
            yield Block(track & 0x7F, zero + milli, bool(flags & 0x80), content[4:])


def started_at(data: bytes | memoryview) -> datetime:
    """When the file's zero was. Raises ``BrokenRecording``."""
    for element in elements(data):
        if element.identity == INFO:
            for inner in elements(data, element.body, element.end):
                if inner.identity == DATE and inner.size == 8:
                    nanos = int(struct.unpack(">q", bytes(data[inner.body : inner.end]))[0])
                    return EPOCH + timedelta(microseconds=nanos // 1000)
    raise BrokenRecording("音视频轨文件没有写明开始时间")

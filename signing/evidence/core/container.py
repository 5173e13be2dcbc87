"""The ZIP of a package, byte for byte: everything stored, nothing between, before or after the entries.

A reader that is content with less could be shown two different packages in one file. ``pack`` writes the only
container that ``unpack`` accepts without a finding (APPNOTE 6.3, ASiC: ETSI EN 319 162-1, A.1).
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from signing.domain.readable import Joined, Readable, View, chunks_of, whole_of

MIMETYPE = "mimetype"
ASICE = b"application/vnd.etsi.asic-e+zip"
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
LOCAL_FORMAT, CENTRAL_FORMAT, END_FORMAT = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
LOCAL_SIZE, CENTRAL_SIZE, END_SIZE = 30, 46, 22
DATE_1980 = 0x21
UNIX_FILE = 0o600 << 16
END_64, LOCATOR_64 = b"PK\x06\x06", b"PK\x06\x07"
END_64_FORMAT, LOCATOR_64_FORMAT = "<4sQ2H2I4Q", "<4sIQI"
END_64_SIZE, LOCATOR_64_SIZE = 56, 20
MOST_32, MOST_16 = 0xFFFFFFFF, 0xFFFF
"""In a plain field: the number stands in the ZIP64 one (APPNOTE 4.3.9, 4.5.3), which is there only where it must be."""
INFLATED_LIMIT = 2**26
"""Compressed entries, all together, are only read to name them; a bomb is not."""
NAME = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")


class NotAPackage(ValueError):
    """Raised for bytes that cannot be read as a package at all; the message is for people."""


@dataclass
class Container:
    """``order`` holds the names as they stand; ``faults`` maps a name to what is wrong with its content or place,
    ``oddities`` to what is wrong with the ZIP around it."""

    entries: dict[str, Readable] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    oddities: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    """Names in lower case."""
    stored: int = 0
    inflated: int = 0


def is_safe_name(name: str) -> bool:
    """ASCII, relative, without ``.`` or ``..`` steps: the same file on every system."""
    return len(name) <= 200 and NAME.fullmatch(name) is not None


# --- writing ------------------------------------------------------------------------------------------------------


def local_header(name: str, crc: int, size: int) -> bytes:
    text, extra = name.encode("ascii"), large_numbers(size, size)
    plain = min(size, MOST_32)
    numbers = (version_for(extra), 0, 0, 0, DATE_1980, crc, plain, plain, len(text), len(extra))
    return struct.pack(LOCAL_FORMAT, LOCAL, *numbers) + text + extra


def central_header(name: str, crc: int, size: int, offset: int) -> bytes:
    text, extra = name.encode("ascii"), large_numbers(size, size, offset)
    plain = min(size, MOST_32)
    numbers = (crc, plain, plain, len(text), len(extra), 0, 0, 0, UNIX_FILE, min(offset, MOST_32))
    return struct.pack(CENTRAL_FORMAT, CENTRAL, 0x0314, version_for(extra), 0, 0, 0, DATE_1980, *numbers) + text + extra


def large_numbers(*numbers: int) -> bytes:
    """The extra field of those that are too large for a plain one, in their order; nothing without any."""
    large = [number for number in numbers if number >= MOST_32]
    return struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""


def version_for(extra: bytes) -> int:
    """Of ZIP, that a reader needs."""
    return 45 if extra else 20


def end_record(count: int, size: int, offset: int) -> bytes:
    plain = (min(count, MOST_16), min(count, MOST_16), min(size, MOST_32), min(offset, MOST_32))
    end = struct.pack(END_FORMAT, END, 0, 0, *plain, 0)
    if count < MOST_16 and size < MOST_32 and offset < MOST_32:
        return end
    numbers = (END_64_SIZE - 12, 0x032D, 45, 0, 0, count, count, size, offset)
    locator = struct.pack(LOCATOR_64_FORMAT, LOCATOR_64, 0, offset + size, 1)
    return struct.pack(END_64_FORMAT, END_64, *numbers) + locator + end


def pack(entries: Mapping[str, Readable]) -> Joined:
    """The ZIP, entries in the order given, each read once here for its checksum.

    Raises ``ValueError`` for unsafe names. What is too large or too many for a plain ZIP makes it ZIP64.
    """
    if not all(map(is_safe_name, entries)) or len({name.lower() for name in entries}) != len(entries):
        raise ValueError("an unsafe name, or two that differ in case only")
    return Joined(list(_parts(entries)))


def _parts(entries: Mapping[str, Readable]) -> Iterator[Readable]:
    directory: list[bytes] = []
    offset = 0
    for name, data in entries.items():
        crc = crc_of(data)
        directory.append(central_header(name, crc, len(data), offset))
        header = local_header(name, crc, len(data))
        yield header
        yield data
        offset += len(header) + len(data)
    yield from directory
    yield end_record(len(directory), sum(map(len, directory)), offset)


# --- reading a file -----------------------------------------------------------------------------------------------


class OnDisk:
    """An open file (``Readable``), of which only what is asked for is in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._size = file.seek(0, 2)

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, wanted: "slice[Any, Any, Any]", /) -> bytes:
        start, stop, _ = wanted.indices(self._size)
        self._file.seek(start)
        return self._file.read(max(0, stop - start))


@contextmanager
def opened_package(path: Path) -> Iterator[OnDisk]:
    """Raises ``OSError``."""
    with path.open("rb") as file:
        yield OnDisk(file)


def why_not_opened(error: OSError) -> str:
    """For people."""
    kinds: dict[type[OSError], str] = {
        FileNotFoundError: "没有这个文件",
        IsADirectoryError: "这是一个文件夹，请指定其中的文件",
        PermissionError: "没有读取的权限",
    }
    return f"无法打开 {error.filename}：{kinds.get(type(error), error.strerror or '读取失败')}"


# --- reading ------------------------------------------------------------------------------------------------------


def crc_of(data: Readable) -> int:
    """The CRC-32 of a ZIP."""
    crc = 0
    for chunk in chunks_of(data):
        crc = zlib.crc32(chunk, crc)
    return crc


def unpack(view: Readable) -> Container:
    """Reads what can be read and notes what is not as ``pack`` writes it. Raises ``NotAPackage``."""
    end = bytes(view[-65_557:]).rfind(END)
    if end < 0 or len(view) < END_SIZE:
        raise NotAPackage("不是 ZIP 文件，或文件不完整")
    end += max(0, len(view) - 65_557)
    if len(view) - end < END_SIZE:
        raise NotAPackage("ZIP 目录不完整")
    count, size, start, end = _directory(view, end)
    container = Container()
    place = 0
    cursor = start
    for _ in range(count):
        cursor, place = _entry(view, cursor, place, container)
    if not container.order or cursor > end:
        raise NotAPackage("ZIP 目录读不懂")
    tail = end_record(len(container.order), cursor - start, place)
    if len(view) - cursor != len(tail) or bytes(view[cursor:]) != tail or cursor != end or start != place:
        container.oddities[container.order[-1]] = "ZIP 目录前后有多余或不一致的数据"
    if size != cursor - start:
        container.oddities[container.order[-1]] = "ZIP 目录的长度不对"
    return container


def one_entry(view: Readable, name: str) -> bytes:
    """A short entry of a package of ours, found by its directory alone, so that a long one need not be read. Nothing
    is checked. Raises ``NotAPackage``."""
    start = max(0, len(view) - 65_557)
    end = bytes(view[start:]).rfind(END)
    if end < 0 or len(view) - start - end < END_SIZE:
        raise NotAPackage("不是 ZIP 文件，或文件不完整")
    count, _, cursor, _ = _directory(view, start + end)
    for _ in range(count):
        row = struct.unpack(CENTRAL_FORMAT, bytes(view[cursor : cursor + CENTRAL_SIZE]).ljust(CENTRAL_SIZE, b"\0"))
        name_end = cursor + CENTRAL_SIZE + int(row[10])
        row_end = name_end + int(row[11])
        if bytes(view[cursor + CENTRAL_SIZE : name_end]) == name.encode():
            _, packed, offset = _large(bytes(view[name_end:row_end]), row[9], row[8], row[16])
            content = _content_start(view, offset)
            return bytes(view[content : content + packed])
        if row[0] != CENTRAL:
            break
        cursor = row_end + int(row[12])
    raise NotAPackage(f"包内没有 {name}")


def _directory(view: Readable, end: int) -> tuple[int, int, int, int]:
    """(entries, length, place, where it must end), by the end record at ``end`` and the ZIP64 one before it."""
    _, _, _, _, count, size, start, _ = struct.unpack(END_FORMAT, view[end : end + END_SIZE])
    at = end - LOCATOR_64_SIZE - END_64_SIZE
    if at < 0 or bytes(view[end - LOCATOR_64_SIZE : end][:4]) != LOCATOR_64 or bytes(view[at : at + 4]) != END_64:
        return count, size, start, end
    *_, count, size, start = struct.unpack(END_64_FORMAT, view[at : at + END_64_SIZE])
    return count, size, start, at


def _entry(view: Readable, cursor: int, place: int, container: Container) -> tuple[int, int]:
    """Reads one directory row and its entry; → (next row's place, place the next entry is due at)."""
    if len(view) - cursor < CENTRAL_SIZE or bytes(view[cursor : cursor + 4]) != CENTRAL:
        raise NotAPackage("ZIP 目录读不懂")
    row = struct.unpack(CENTRAL_FORMAT, view[cursor : cursor + CENTRAL_SIZE])
    method, crc, packed, size, name_length, extra, comment, offset = (*row[4:5], *row[7:13], row[16])
    row_end = cursor + CENTRAL_SIZE + name_length + extra + comment
    name_end = cursor + CENTRAL_SIZE + name_length
    name = bytes(view[cursor + CENTRAL_SIZE : name_end]).decode("utf-8", "replace")
    size, packed, offset = _large(bytes(view[name_end : name_end + extra]), size, packed, offset)
    content_at = _content_start(view, offset)
    raw = View(view, content_at, content_at + packed)
    if len(raw) != packed or row_end > len(view):
        raise NotAPackage("ZIP 文件不完整")
    container.stored += packed
    if container.stored > len(view):
        raise NotAPackage("ZIP 目录里的文件互相重叠")
    content = _inflate(raw, method, size, container)
    _note(container, name, content, crc)
    oddities = container.oddities
    if bytes(view[cursor:row_end]) != _safe(central_header, name, crc, size, offset):
        oddities.setdefault(name, "ZIP 目录项与规定写法不符")
    if offset != place or bytes(view[offset:content_at]) != _safe(local_header, name, crc, size):
        oddities.setdefault(name, "ZIP 文件头与规定写法不符，或前面有多余数据")
    return row_end, content_at + packed


def _large(extra: bytes, *plain: int) -> list[int]:
    """The numbers, those that a plain field cannot hold from the ZIP64 one. Raises ``NotAPackage``."""
    large = [number for number in plain if number == MOST_32]
    if not large:
        return list(plain)
    if len(extra) < 4 + 8 * len(large) or extra[:4] != struct.pack("<2H", 1, 8 * len(large)):
        raise NotAPackage("ZIP 目录读不懂")
    found = iter(struct.unpack_from(f"<{len(large)}Q", extra, 4))
    return [next(found) if number == MOST_32 else number for number in plain]


def _content_start(view: Readable, offset: int) -> int:
    if bytes(view[offset : offset + 4]) != LOCAL or len(view) - offset < LOCAL_SIZE:
        raise NotAPackage("ZIP 文件头读不懂")
    name_length, extra = struct.unpack("<2H", view[offset + 26 : offset + LOCAL_SIZE])
    return offset + LOCAL_SIZE + int(name_length) + int(extra)


def _inflate(raw: Readable, method: int, size: int, container: Container) -> Readable:
    if method == 0:
        return raw
    container.inflated += size
    if method != 8:
        raise NotAPackage("ZIP 里有不认识的压缩方式")
    if container.inflated > INFLATED_LIMIT:
        raise NotAPackage("ZIP 里的压缩数据展开后过大（证据包不使用压缩）")
    try:
        return zlib.decompressobj(-15).decompress(_packed(raw), size + 1)
    except zlib.error:
        raise NotAPackage("ZIP 里的压缩数据已损坏") from None


def _packed(raw: Readable) -> bytes:
    if len(raw) > INFLATED_LIMIT:
        raise NotAPackage("ZIP 里的压缩数据过大（证据包不使用压缩）")
    return whole_of(raw)


def _note(container: Container, name: str, content: Readable, crc: int) -> None:
    if not is_safe_name(name):
        container.faults[name] = "文件名不安全"
    if name.lower() in container.known:
        container.faults[name] = "同名文件出现多次"
    elif crc_of(content) != crc:
        container.faults[name] = "ZIP 校验和不对"
    container.known.add(name.lower())
    container.order.append(name)
    container.entries.setdefault(name, content)


def _safe(write: Callable[..., bytes], name: str, *numbers: int) -> bytes:
    """What ``write`` would have written; nothing where the name cannot even be written."""
    try:
        return write(name, *numbers)
    except (UnicodeEncodeError, struct.error):
        return b""

"""Strict DER (X.690): one encoding for one value, nothing before or after it."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

MAX_DEPTH = 32

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_ID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
SEQUENCE, SET, UTC_TIME, GENERALIZED_TIME = 0x30, 0x31, 0x17, 0x18


class DerError(ValueError):
    """Raised for bytes that are not the DER of what was expected."""


@dataclass(frozen=True)
class Node:
    """One element. ``raw`` is tag, length and body; ``children`` are those of a constructed element."""

    tag: int
    body: bytes
    raw: bytes
    children: tuple["Node", ...] = ()

    def expect(self, tag: int) -> "Node":
        if self.tag != tag:
            raise DerError(f"tag {self.tag:#04x} instead of {tag:#04x}")
        return self


def parse_der(data: bytes) -> Node:
    """The one element that ``data`` is. Raises ``DerError``."""
    node, rest = _read(data, 0)
    if rest:
        raise DerError("bytes after the end")
    return node


def first_raw(data: bytes) -> bytes:
    """The bytes of the element that ``data`` begins with, whatever follows it; not looked into."""
    if len(data) < 2:
        raise DerError("cut off")
    header, length = _length(data)
    if header + length > len(data):
        raise DerError("cut off")
    return data[: header + length]


def _read(data: bytes, depth: int) -> tuple[Node, bytes]:
    if depth > MAX_DEPTH:
        raise DerError("nested too deeply")
    if len(data) < 2 or data[0] & 0x1F == 0x1F:
        raise DerError("cut off, or a tag of more than one byte")
    header, length = _length(data)
    end = header + length
    if end > len(data):
        raise DerError("cut off")
    node = Node(data[0], data[header:end], data[:end], _children(data[0], data[header:end], depth))
    _check(node)
    return node, data[end:]


def _length(data: bytes) -> tuple[int, int]:
    """(size of tag and length, length of the body); only the shortest form is DER."""
    first = data[1]
    if first < 0x80:
        return 2, first
    count = first & 0x7F
    if not 1 <= count <= 4 or len(data) < 2 + count:
        raise DerError("length")
    length = int.from_bytes(data[2 : 2 + count], "big")
    if length < 0x80 or length >> (8 * (count - 1)) == 0:
        raise DerError("length not in its shortest form")
    return 2 + count, length


def _children(tag: int, body: bytes, depth: int) -> tuple[Node, ...]:
    if not tag & 0x20:
        return ()
    found = []
    while body:
        node, body = _read(body, depth + 1)
        found.append(node)
    return tuple(found)


def _check(node: Node) -> None:
    body = node.body
    universal = node.tag < 0x40
    if universal and (node.tag & 0x20 != 0) != (node.tag in (SEQUENCE, SET)):
        raise DerError("constructed where primitive is due")
    if node.tag == BOOLEAN and body not in (b"\x00", b"\xff"):
        raise DerError("boolean")
    if node.tag == INTEGER and (not body or _redundant(body)):
        raise DerError("integer")
    if node.tag == NULL and body:
        raise DerError("null")
    if node.tag == BIT_STRING:
        _check_bits(body)
    if node.tag == OBJECT_ID:
        _check_object_id(body)
    if node.tag == SET:
        check_set_order(node.children)


def _redundant(body: bytes) -> bool:
    return len(body) > 1 and ((body[0] == 0 and body[1] < 0x80) or (body[0] == 0xFF and body[1] >= 0x80))


def _check_bits(body: bytes) -> None:
    if not body or body[0] > 7 or (len(body) == 1 and body[0]):
        raise DerError("bit string")
    if len(body) > 1 and body[-1] & ((1 << body[0]) - 1):
        raise DerError("bit string with unused bits set")


def _check_object_id(body: bytes) -> None:
    starts = [0] + [index + 1 for index, byte in enumerate(body) if byte < 0x80]
    if not body or body[-1] >= 0x80 or any(body[start] == 0x80 for start in starts[:-1]):
        raise DerError("object identifier")


def check_set_order(children: Sequence[Node]) -> None:
    """DER sorts the elements of a SET OF by their encoding; equal ones would be a repetition."""
    raws = [child.raw for child in children]
    if any(left >= right for left, right in itertools.pairwise(raws)):
        raise DerError("set not in order")


def children_of(node: Node, tag: int = SEQUENCE, count: int | None = None) -> tuple[Node, ...]:
    node.expect(tag)
    if count is not None and len(node.children) != count:
        raise DerError(f"{len(node.children)} elements instead of {count}")
    return node.children


def der_integer(node: Node) -> int:
    return int.from_bytes(node.expect(INTEGER).body, "big", signed=True)


def der_bits(node: Node) -> bytes:
    """A bit string of whole bytes."""
    if node.expect(BIT_STRING).body[0] != 0:
        raise DerError("bit string of no whole bytes")
    return node.body[1:]


def der_object_id(node: Node) -> str:
    """Dotted decimals."""
    arcs: list[int] = []
    value = 0
    for byte in node.expect(OBJECT_ID).body:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in [first, arcs[0] - 40 * first, *arcs[1:]])


def der_time(node: Node) -> datetime:
    """UTCTime (of 1950–2049) or GeneralizedTime, in DER's only form: seconds, ``Z``, no trailing zeros."""
    text = node.body.decode("ascii", "replace")
    if node.tag == UTC_TIME and re.fullmatch(r"\d{12}Z", text):
        text = ("20" if text[:2] < "50" else "19") + text
    elif node.tag != GENERALIZED_TIME or not re.fullmatch(r"\d{14}(\.\d{0,5}[1-9])?Z", text):
        raise DerError("time")
    whole, _, fraction = text[:-1].partition(".")
    try:
        moment = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        raise DerError("time") from None
    return moment.replace(microsecond=int(fraction.ljust(6, "0")) if fraction else 0)


def encode_der(tag: int, body: bytes) -> bytes:
    """Tag, shortest length, body."""
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def encode_integer(value: int) -> bytes:
    """A positive INTEGER."""
    return encode_der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))

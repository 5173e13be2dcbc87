"""The case's chain of events and the service-wide log: canonical JSON, hash chain, Merkle tree.

Pure and standard library only, since this file is also part of the ``verify.py`` that every package carries.
Sources: RFC 8785 (JSON canonicalization), RFC 6962 section 2.1 (Merkle tree hashing and proofs).
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from signing.domain.errors import TamperError

GENESIS = "0" * 64
"""``prev`` of the first line."""

LINE_KEYS = {"seq", "at", "actor", "type", "body", "prev"}
MAX_SAFE_INTEGER = 2**53 - 1


class ChainBroken(TamperError):
    """Raised for the first line of a chain that is not what was appended; ``line`` counts from 1."""

    code = "tampered.chain"

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"事件链第 {line} 行{what}", "请停止使用这份记录，并联系管理员核查")
        self.line = line


# --- canonical JSON -----------------------------------------------------------------------------------------------


def canonical(value: object) -> bytes:
    """RFC 8785 bytes of str, int, float, bool, None, and lists and mappings of them.

    Raises ``ValueError`` for anything else, for numbers that no IEEE double holds exactly, and for lone surrogates.
    """
    return _encode(value).encode("utf-8")


def parse_canonical(data: bytes) -> object:
    """The value of canonical JSON; raises ``ValueError`` where ``data`` is not the canonical form of its value."""
    try:
        value: object = json.loads(data.decode("utf-8"), object_pairs_hook=_unique)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if canonical(value) != data:
        raise ValueError("not in canonical form")
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _encode(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, int):
        return _encode_integer(int(value))
    if isinstance(value, float):
        return _encode_double(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_encode(key)}:{_encode(value[key])}" for key in _in_order(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_encode(item) for item in value) + "]"
    raise ValueError(f"{type(value).__name__} has no canonical form")


def _in_order(value: Mapping[object, object]) -> list[str]:
    """Keys sorted by their UTF-16 code units (RFC 8785, 3.2.3)."""
    keys = [key for key in value if isinstance(key, str)]
    if len(keys) != len(value):
        raise ValueError("a key is not a string")
    return sorted(keys, key=lambda key: key.encode("utf-16-be"))


def _encode_integer(value: int) -> str:
    if abs(value) > MAX_SAFE_INTEGER:
        raise ValueError("an integer beyond 2**53 - 1")
    return str(value)


def _encode_double(value: float) -> str:
    """ECMAScript's Number::toString. Python's ``repr`` finds the same shortest digits and writes them otherwise."""
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or "0") - (len(whole + fraction) - len(digits))
    return sign + _place_point(digits.rstrip("0"), point)


def _place_point(digits: str, point: int) -> str:
    """``0.digits`` times ten to the ``point``, as ECMAScript writes it."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{point - 1:+d}"


# --- the chain of a case ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One line of ``events.jsonl``, without its newline. ``sha256`` is what the next line's ``prev`` repeats."""

    data: bytes
    sha256: str
    seq: int


def timestamp_text(at: datetime) -> str:
    """``2026-11-24T02:10:00.123Z``; ``at`` must be aware."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def append(
    prev: str,
    seq: int,
    at: datetime,
    actor: Mapping[str, object],
    type: str,  # noqa: A002 - the name it has in the line
    body: Mapping[str, object],
) -> Line:
    """The line that follows ``prev``; ``seq`` counts from 1. Raises ``ValueError`` for what JSON cannot hold."""
    record = {"seq": seq, "at": timestamp_text(at), "actor": actor, "type": type, "body": body, "prev": prev}
    data = canonical(record)
    return Line(data, hashlib.sha256(data).hexdigest(), seq)


def verify_chain(lines: Iterable[bytes]) -> str:
    """The head (SHA-256 of the last line, ``GENESIS`` where there is none). Raises ``ChainBroken``."""
    head = GENESIS
    for number, data in enumerate(lines, start=1):
        _check_line(number, data, head)
        head = hashlib.sha256(data).hexdigest()
    return head


def _check_line(number: int, data: bytes, prev: str) -> None:
    try:
        record = parse_canonical(data)
    except ValueError:
        raise ChainBroken(number, "不是规范格式的 JSON") from None
    if not isinstance(record, dict) or set(record) != LINE_KEYS:
        raise ChainBroken(number, "的字段不对")
    if record["seq"] != number:
        raise ChainBroken(number, f"的序号是 {record['seq']}")
    if record["prev"] != prev:
        raise ChainBroken(number, "与上一行接不上")
    if not _right_types(record):
        raise ChainBroken(number, "的字段类型不对")


def _right_types(record: Mapping[str, object]) -> bool:
    shapes = {"seq": int, "at": str, "actor": dict, "type": str, "body": dict}
    return all(type(record[key]) is shape for key, shape in shapes.items()) and _is_timestamp(str(record["at"]))


def _is_timestamp(text: str) -> bool:
    try:
        return timestamp_text(datetime.fromisoformat(text)) == text
    except ValueError:
        return False


# --- the service-wide log (RFC 6962, 2.1); every hash is 32 bytes ---------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The tree head over leaf hashes; SHA-256 of nothing for an empty log."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = _split(len(leaves))
    return node_hash(merkle_root(leaves[:split]), merkle_root(leaves[split:]))


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The audit path of leaf ``index`` (from 0), nearest sibling first. Raises ``IndexError``."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(index, leaves[:split]), merkle_root(leaves[split:])]
    return [*inclusion_proof(index - split, leaves[split:]), merkle_root(leaves[:split])]


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether ``path`` leads from leaf ``index`` of a log of ``size`` entries to ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(sibling, found)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def consistency_proof(first: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Proof that the log of ``first`` entries is the beginning of this one. Raises ``IndexError``."""
    if not 0 < first <= len(leaves):
        raise IndexError(first)
    return _subproof(first, leaves, whole=True)


def _subproof(first: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [merkle_root(leaves)]
    split = _split(len(leaves))
    if first <= split:
        return [*_subproof(first, leaves[:split], whole=whole), merkle_root(leaves[split:])]
    return [*_subproof(first - split, leaves[split:], whole=False), merkle_root(leaves[:split])]


def verify_consistency(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a log of ``second`` entries begins with the one of ``first`` entries (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)

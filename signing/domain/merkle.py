"""The service-wide log without reading all of it: hashes of complete subtrees, kept as the log grows.

The same tree as ``ledger.merkle_root`` makes (RFC 6962, 2.1). Node ``(level, index)`` is the hash over the
``2 ** level`` leaves from ``index * 2 ** level`` on; a log of n leaves has fewer than 2 n of them, and a root or a
proof asks for at most some dozens.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from signing.domain.ledger import merkle_root, node_hash

Nodes = Callable[[int, int], bytes]


@dataclass(frozen=True)
class LogProof:
    """That a leaf is in the log of ``size`` entries whose head is ``root``: the nearest sibling first."""

    size: int
    root: bytes
    path: tuple[bytes, ...]


def completed(position: int, leaf: bytes, nodes: Nodes) -> Iterator[tuple[int, int, bytes]]:
    """(level, index, hash) of every node that the leaf at ``position`` completes, its own first."""
    level, found = 0, leaf
    yield level, position, found
    while position & 1:
        found = node_hash(nodes(level, position - 1), found)
        level, position = level + 1, position >> 1
        yield level, position, found


def prove(index: int, size: int, nodes: Nodes) -> LogProof:
    """Raises ``IndexError``."""
    if not 0 <= index < size:
        raise IndexError(index)
    return LogProof(size, root(size, nodes), tuple(_path(index, 0, size, nodes)))


def root(size: int, nodes: Nodes) -> bytes:
    return _over(0, size, nodes) if size else merkle_root([])


def _over(begin: int, size: int, nodes: Nodes) -> bytes:
    """The hash over ``size`` leaves from ``begin`` on, which is a multiple of the power of two not below ``size``."""
    if size & (size - 1) == 0:
        return nodes(size.bit_length() - 1, begin // size)
    split = _split(size)
    return node_hash(_over(begin, split, nodes), _over(begin + split, size - split, nodes))


def _path(index: int, begin: int, size: int, nodes: Nodes) -> list[bytes]:
    if size == 1:
        return []
    split = _split(size)
    if index < split:
        return [*_path(index, begin, split, nodes), _over(begin + split, size - split, nodes)]
    return [*_path(index - split, begin + split, size - split, nodes), _over(begin, split, nodes)]


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << ((size - 1).bit_length() - 1)

"""Voice sent twice or thrice: earlier packets ride along with the newest one (RFC 2198). Seconds, bits a second."""

import struct
from collections import deque
from collections.abc import Sequence

LONGEST_BLOCK, FARTHEST = 0x3FF, 0x3FFF
FROM, TWICE_FROM = 0.015, 0.08
"""Share of loss from which one earlier packet rides along, and two."""
LEAST_RATE, LEAST_RATE_TWICE = 110_000.0, 160_000.0


def pack(payload_type: int, payload: bytes, earlier: Sequence[tuple[int, bytes]]) -> bytes:
    """``earlier``: (timestamp units before this one, payload), oldest first; raises ValueError where one is too far."""
    heads, bodies = b"", b""
    for before, block in earlier:
        if not 0 < before <= FARTHEST or len(block) > LONGEST_BLOCK:
            raise ValueError("an earlier block does not fit")
        heads += struct.pack("!BHB", 0x80 | payload_type, before << 2 | len(block) >> 8, len(block) & 0xFF)
        bodies += block
    return heads + bytes([payload_type]) + bodies + payload


def copies(loss: float, rate: float) -> int:
    """How many earlier packets ride along."""
    if loss >= TWICE_FROM and rate >= LEAST_RATE_TWICE:
        return 2
    return 1 if loss >= FROM and rate >= LEAST_RATE else 0


class Redundancy:
    """The last packets of one voice."""

    def __init__(self) -> None:
        self._last: deque[tuple[int, bytes]] = deque(maxlen=2)

    def wrap(self, payload_type: int, timestamp: int, payload: bytes, count: int) -> bytes:
        """This packet with ``count`` earlier ones, as far as there are any within reach; ``timestamp`` unwrapped."""
        near = [(timestamp - at, block) for at, block in self._last if 0 < timestamp - at <= FARTHEST]
        packed = pack(
            payload_type, payload, [item for item in near if len(item[1]) <= LONGEST_BLOCK][-count:] if count else []
        )
        self._last.append((timestamp, payload))
        return packed

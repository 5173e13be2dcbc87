"""Redundant audio (RFC 2198): one packet that carries earlier blocks beside its own."""

from dataclasses import dataclass

LAST = 0x7F


@dataclass(frozen=True)
class Block:
    """``earlier``: how far before the packet's timestamp it belongs, in units of the clock; 0 for the newest."""

    earlier: int
    payload_type: int
    payload: bytes


def blocks(payload: bytes) -> list[Block]:
    """The blocks of a packet, the oldest first, empty ones left out; raises ValueError for one cut short."""
    headers: list[tuple[int, int, int]] = []
    at = 0
    while at < len(payload) and payload[at] & 0x80:
        if at + 4 > len(payload):
            raise ValueError("a header of redundant audio is cut short")
        packed = int.from_bytes(payload[at + 1 : at + 4], "big")
        headers.append((payload[at] & LAST, packed >> 10, packed & 0x3FF))
        at += 4
    if at >= len(payload):
        raise ValueError("redundant audio has no primary block")
    primary = payload[at] & LAST
    return [*_earlier(payload, at + 1, headers), Block(0, primary, payload[at + 1 + sum(h[2] for h in headers) :])]


def _earlier(payload: bytes, at: int, headers: list[tuple[int, int, int]]) -> list[Block]:
    found = []
    for payload_type, earlier, length in headers:
        if at + length > len(payload):
            raise ValueError("a block of redundant audio is cut short")
        if length:
            found.append(Block(earlier, payload_type, payload[at : at + length]))
        at += length
    return found

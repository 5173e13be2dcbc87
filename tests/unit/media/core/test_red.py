"""Redundant audio (RFC 2198)."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.red import Block, blocks


def pack(earlier: list[tuple[int, bytes]], newest: bytes, payload_type: int = 111) -> bytes:
    """As section 3 of the RFC draws it."""
    heads = b"".join(
        struct.pack("!BBH", 0x80 | payload_type, distance >> 6, (distance & 0x3F) << 10 | len(data))
        for distance, data in earlier
    )
    return heads + bytes([payload_type]) + b"".join(data for _, data in earlier) + newest


@given(
    earlier=st.lists(st.tuples(st.integers(1, 0x3FFF), st.binary(min_size=1, max_size=1023)), max_size=4),
    newest=st.binary(max_size=300),
)
def test_what_was_packed_is_found(earlier: list[tuple[int, bytes]], newest: bytes) -> None:
    expected = [Block(distance, 111, data) for distance, data in earlier]
    assert blocks(pack(earlier, newest)) == [*expected, Block(0, 111, newest)]


def test_an_empty_redundant_block_is_left_out() -> None:
    assert blocks(pack([(960, b"")], b"now")) == [Block(0, 111, b"now")]


@given(st.binary(max_size=60))
def test_rubbish_is_refused_or_harmless(data: bytes) -> None:
    try:
        found = blocks(data)
    except ValueError:
        return
    assert sum(len(block.payload) for block in found) <= len(data)


@pytest.mark.parametrize("data", [b"", b"\xef", b"\xef\x00\x00", pack([(960, b"abcdef")], b"")[:-3]])
def test_a_packet_cut_short_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        blocks(data)

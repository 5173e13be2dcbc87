"""The chain of segments."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.chain import Link, chained, check, from_lines, link, to_line
from media.errors import BrokenRecording


def _chain(parts: list[bytes]) -> list[Link]:
    links: list[Link] = []
    for number, part in enumerate(parts):
        links.append(link(links[-1] if links else None, part, float(number)))
    return links


PARTS = [b"header", b"first fragment", b"second", b"third!"]


def test_the_chain_is_the_one_the_wire_describes() -> None:
    first, second = _chain([b"a", b"b"])
    a, b = hashlib.sha256(b"a").digest(), hashlib.sha256(b"b").digest()
    expected = hashlib.sha256(bytes(32) + a).digest()
    assert first.chain == expected.hex()
    assert second.chain == hashlib.sha256(expected + b).hexdigest() == chained(first.chain, b.hex())


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=12))
def test_what_was_chained_agrees_and_survives_the_lines(parts: list[bytes]) -> None:
    links = _chain(parts)
    assert check(links, b"".join(parts)) == []
    assert from_lines(b"".join(to_line(item) for item in links)) == links


@given(st.integers(0, len(b"".join(PARTS)) - 1), st.integers(1, 255))
def test_any_changed_byte_names_its_segment(position: int, change: int) -> None:
    links, content = _chain(PARTS), bytearray(b"".join(PARTS))
    content[position] ^= change
    number = next(item.index for item in links if item.offset <= position < item.offset + item.size)
    assert check(links, bytes(content)) == [f"第 {number} 段的内容被改动"]


def test_a_segment_replaced_with_its_hash_breaks_the_chain() -> None:
    links, content = _chain(PARTS), b"".join(PARTS).replace(b"second", b"forged")
    links[2] = replace(links[2], sha256=hashlib.sha256(b"forged").hexdigest())
    assert check(links, content) == ["第 2 段的链值不符"]


def test_a_segment_left_out_is_missed() -> None:
    links = _chain(PARTS)
    del links[1]
    assert "缺少第 1 段" in check(links, b"".join(PARTS))


def test_a_short_file_and_bytes_behind_the_end_are_missed() -> None:
    links, content = _chain(PARTS), b"".join(PARTS)
    assert "第 3 段在文件中不完整" in check(links, content[:-1])
    assert check(links, content + b"x") == [f"分段清单覆盖 {len(content)} 字节，文件却有 {len(content) + 1} 字节"]


def test_a_torn_last_line_is_left_out_and_rubbish_is_refused() -> None:
    lines = b"".join(to_line(item) for item in _chain(PARTS))
    assert len(from_lines(lines[:-5])) == 3
    for rubbish in (b"{\n", b'{"index": 1}\n', b"[1]\n"):
        with pytest.raises(BrokenRecording):
            from_lines(rubbish)

"""A recording in segments, read as one file."""

import io
import random
from collections import Counter
from pathlib import Path

import pytest

from media.core.chain import Link, link
from media.parts import Parts
from media.readback import read_back
from tests.unit.media.sample import record


def cut(data: bytes, sizes: list[int]) -> list[Link]:
    links: list[Link] = []
    place = 0
    for size in sizes:
        links.append(link(links[-1] if links else None, data[place : place + size], 0.0))
        place += size
    return links


def parts_of(data: bytes, links: list[Link]) -> Parts[Link]:
    return Parts(links, lambda item: data[item.offset : item.offset + item.size])


def test_it_reads_and_seeks_like_a_file() -> None:
    chance = random.Random(3)
    data = chance.randbytes(5000)
    parts, file = parts_of(data, cut(data, [1, 999, 2000, 1500, 500])), io.BytesIO(data)
    for _ in range(500):
        offset, whence = chance.choice([(chance.randrange(5200), io.SEEK_SET), (-chance.randrange(900), io.SEEK_END)])
        assert parts.seek(offset, whence) == file.seek(offset, whence)
        count = chance.randrange(1200)
        wanted, got = file.read(count), b""
        while len(got) < len(wanted):
            piece = parts.read(count - len(got))
            assert piece, "it may give less, and never nothing before the end"
            got += piece
        assert got == wanted
        assert parts.tell() == file.tell()


def test_the_end_is_the_end() -> None:
    parts = parts_of(b"abc", cut(b"abc", [2, 1]))
    parts.seek(3)
    assert parts.read(10) == b""
    parts.seek(0)
    assert [parts.read() for _ in range(3)] == [b"ab", b"c", b""]
    assert Parts([], lambda item: b"").read(1) == b""


@pytest.mark.parametrize("lacking", [False, True])
def test_a_recording_in_segments_is_read_back_as_one_in_a_file(tmp_path: Path, *, lacking: bool) -> None:
    done = record(tmp_path / "r.mp4", 3)
    data = done.path.read_bytes()
    fetched: Counter[int] = Counter()

    def read(item: Link) -> bytes:
        fetched[item.index] += 1
        whole = data[item.offset : item.offset + item.size]
        return whole[:-200] + bytes(200) if lacking and item.index == 2 else whole

    found, whole = read_back(Parts(done.segments, read), done.segments), read_back(done.path, done.segments)
    assert max(fetched.values()) <= 3, "each is fetched to be checked, and to be decoded"
    if lacking:
        assert any("第 2 段的内容被改动" in words for words in found.findings)
        return
    assert found == whole
    assert found.findings == ()


def test_segments_that_do_not_fit_together_are_told(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 3)
    data = done.path.read_bytes()
    fewer = done.segments[:2]
    assert read_back(Parts(fewer, lambda x: data[x.offset : x.offset + x.size]), done.segments).findings
    wrong = cut(data, [item.size for item in done.segments[:-1]] + [done.segments[-1].size])
    found = read_back(parts_of(data, wrong), wrong).findings
    assert any("开始时间" in words for words in found)
    assert "没有分段清单" in read_back(Parts([], lambda item: b""), []).findings

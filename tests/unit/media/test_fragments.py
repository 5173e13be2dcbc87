"""Cutting the muxer's stream at fragment boundaries."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.core.chain import from_lines
from media.fragments import FragmentSink, SegmentStore, segments_path
from media.recovery import Recording, segments_of
from tests.unit.media.sample import record


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return record(tmp_path_factory.mktemp("whole") / "r.mp4", 2.0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=12))
def test_the_cuts_do_not_depend_on_how_the_bytes_come(whole: Recording, sizes: list[int]) -> None:
    content, cut, position = whole.path.read_bytes(), list[tuple[int, float]](), 0
    sink = FragmentSink(lambda data, start: cut.append((len(data), start)))
    while position < len(content):
        for size in sizes:
            assert sink.write(content[position : position + size]) == len(content[position : position + size])
            position += size
    assert cut == [(item.size, item.start_seconds) for item in whole.segments]


def test_nothing_is_handed_on_before_it_is_whole(whole: Recording) -> None:
    content, cut = whole.path.read_bytes(), list[bytes]()
    sink = FragmentSink(lambda data, start: cut.append(data))
    sink.write(content[: whole.segments[1].offset + whole.segments[1].size - 1])
    assert len(cut) == 1
    sink.write(content[whole.segments[1].offset + whole.segments[1].size - 1 :])
    assert b"".join(cut) == content


def test_what_the_store_told_is_what_the_bytes_say(whole: Recording, tmp_path: Path) -> None:
    path = tmp_path / "copy.mp4"
    content = whole.path.read_bytes()
    with SegmentStore(path) as store:
        assert store.size == 0
        sink = FragmentSink(store.append)
        sink.write(content)
        assert (store.size, store.sha256) == (len(content), whole.sha256)
        # on disk at once, not only when closed
        assert path.read_bytes() == content
        assert from_lines(segments_path(path).read_bytes()) == store.links
    assert tuple(store.links) == whole.segments == tuple(segments_of(content))


def test_what_the_store_refuses_reaches_the_muxer() -> None:
    def refuse(data: bytes, start: float) -> None:
        raise OSError(28, "No space left on device")

    sink = FragmentSink(refuse)
    with pytest.raises(OSError, match="No space"):
        sink.write(b"\x00\x00\x00\x08mdat")

"""Recordings that were left behind."""

from dataclasses import replace
from pathlib import Path

import pytest

from media.core.chain import from_lines
from media.errors import BrokenRecording
from media.fragments import segments_path
from media.readback import read_back
from media.recovery import Recording, presence_path, recover, recover_sealed
from media.sealedstore import sealed_path
from tests.unit.media.sample import START, Take, record


def test_a_whole_recording_is_left_as_it_is(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 3)
    before = done.path.read_bytes(), segments_path(done.path).read_bytes()
    assert recover(done.path) == done
    assert (done.path.read_bytes(), segments_path(done.path).read_bytes()) == before


@pytest.mark.parametrize("cut", [1, 3000])
def test_a_torn_fragment_is_cut_off(tmp_path: Path, cut: int) -> None:
    done = record(tmp_path / "r.mp4", 3.8)
    last = done.segments[-1]
    content = done.path.read_bytes()
    done.path.write_bytes(content[: last.offset + cut])
    lines = segments_path(done.path)
    lines.write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[:-1]))
    found = recover(done.path)
    assert found.segments == done.segments[:-1]
    assert found.size == last.offset == done.path.stat().st_size
    assert found.duration_seconds == 3.0
    assert found.started_at == START
    assert read_back(found.path, found.segments).findings == ()


def test_a_line_that_was_not_written_yet_is_made_up(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 3)
    lines = segments_path(done.path)
    lines.write_bytes(lines.read_bytes()[:-20])
    assert recover(done.path).segments == done.segments
    assert from_lines(lines.read_bytes()) == list(done.segments)


def test_gaps_survive(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 1)
    take.run(1, 3, present=False)
    done = take.stop(3)
    assert recover(done.path).gaps == done.gaps != ()
    assert presence_path(done.path).exists()


def test_an_altered_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 3)
    content = bytearray(done.path.read_bytes())
    content[done.segments[2].offset + 2000] ^= 1
    done.path.write_bytes(content)
    with pytest.raises(BrokenRecording):
        recover(done.path)
    assert done.path.read_bytes() == content


def test_a_file_that_lost_what_was_told_is_refused_in_other_words(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 3)
    content = done.path.read_bytes()[: done.segments[-1].offset]
    done.path.write_bytes(content)
    with pytest.raises(BrokenRecording, match="比分段清单短"):
        recover(done.path)
    assert done.path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"rubbish", bytes(64)])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.mp4"
    path.write_bytes(content)
    with pytest.raises(BrokenRecording):
        recover(path)
    assert path.read_bytes() == content


# --- encrypted --------------------------------------------------------------------------------------------------------

KEY = bytes(range(32))


def sealed(folder: Path, seconds: float = 4.0) -> Recording:
    folder.mkdir(exist_ok=True)
    return record(folder / "recording.mp4", seconds, KEY)


def test_an_encrypted_recording_is_closed_as_it_was(tmp_path: Path) -> None:
    done = sealed(tmp_path / "a")
    for _ in range(2):
        assert recover_sealed(done.path, KEY) == replace(done, sha256=None)


def test_what_was_delivered_may_be_gone(tmp_path: Path) -> None:
    done = sealed(tmp_path / "a")
    for index in range(1, len(done.segments) - 1):
        sealed_path(done.path, index).unlink()
    assert recover_sealed(done.path, KEY) == replace(done, sha256=None)


def test_of_one_that_ended_with_its_second_the_last_sound_tells_how_long_it_is(tmp_path: Path) -> None:
    done = sealed(tmp_path / "a", 3.0)
    assert [item.start_seconds for item in done.segments] == [0.0, 0.0, 1.0, 2.0, 3.0]
    for index in (1, 2, 3):
        sealed_path(done.path, index).unlink()
    assert recover_sealed(done.path, KEY).duration_seconds == 3.0


@pytest.mark.parametrize("gone", [0, -1])
def test_without_its_beginning_or_its_end_it_is_refused(tmp_path: Path, gone: int) -> None:
    done = sealed(tmp_path / "a")
    sealed_path(done.path, done.segments[gone].index).unlink()
    with pytest.raises(BrokenRecording, match="后来丢了"):
        recover_sealed(done.path, KEY)


@pytest.mark.parametrize("cut", [1, 40, 3000])
def test_a_torn_last_segment_is_removed(tmp_path: Path, cut: int) -> None:
    done = sealed(tmp_path / "a", 3.8)
    last = sealed_path(done.path, done.segments[-1].index)
    last.write_bytes(last.read_bytes()[:-cut])
    lines = segments_path(done.path)
    lines.write_bytes(b"".join(lines.read_bytes().splitlines(keepends=True)[:-1]))
    found = recover_sealed(done.path, KEY)
    assert found.segments == done.segments[:-1]
    assert found.duration_seconds == 3.0
    assert not last.exists()


def test_a_whole_segment_whose_line_was_torn_is_taken_in(tmp_path: Path) -> None:
    done = sealed(tmp_path / "a")
    lines = segments_path(done.path)
    lines.write_bytes(lines.read_bytes()[:-20])
    assert recover_sealed(done.path, KEY).segments == done.segments
    assert from_lines(lines.read_bytes()) == list(done.segments)


def test_the_gaps_of_an_encrypted_one_survive(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4", KEY)
    take.run(0, 1)
    take.run(1, 3, present=False)
    done = take.stop(3)
    assert recover_sealed(done.path, KEY).gaps == done.gaps != ()


def test_where_nothing_was_noted_nobody_is_known_to_be_seen(tmp_path: Path) -> None:
    done = sealed(tmp_path / "a")
    presence_path(done.path).write_bytes(b"")
    assert recover_sealed(done.path, KEY).gaps == ((0.0, done.duration_seconds),)
    presence_path(done.path).unlink()
    assert recover_sealed(done.path, KEY).gaps == ((0.0, done.duration_seconds),)


@pytest.mark.parametrize(
    ("notes", "gaps"),
    [
        (b"[0.0, true]\n[1.0, false]\n[2.0, true]\n[3.", ((1.0, 2.0),)),
        (b"[0.0, true]\n[1.0, false]\n[2.0, true]\n\0\0\0\n", ((1.0, 2.0),)),
        (b"[0.0, true]\n\0\0\0\n[3.0, true]\n", ((0.0, 3.0),)),
        (b"\0\0\0\n", ((0.0, 4.0),)),
        (b"[1.0, true]\n", ((0.0, 4.0),)),
    ],
)
def test_a_note_that_cannot_be_read_stops_nothing(
    tmp_path: Path, notes: bytes, gaps: tuple[tuple[float, float], ...]
) -> None:
    done = sealed(tmp_path / "a")
    presence_path(done.path).write_bytes(notes)
    assert recover_sealed(done.path, KEY).gaps == gaps


def test_an_altered_list_another_key_and_nothing_at_all_are_refused(tmp_path: Path) -> None:
    done = sealed(tmp_path / "a")
    with pytest.raises(BrokenRecording, match="打不开"):
        recover_sealed(done.path, bytes(32))
    lines = segments_path(done.path)
    told = lines.read_bytes()
    lines.write_bytes(told.replace(done.segments[1].sha256.encode(), b"0" * 64))
    with pytest.raises(BrokenRecording, match="不符"):
        recover_sealed(done.path, KEY)
    (tmp_path / "b").mkdir()
    with pytest.raises(BrokenRecording, match="没有一段完整"):
        recover_sealed(tmp_path / "b" / "recording.mp4", KEY)

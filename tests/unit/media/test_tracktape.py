"""The tape of the tracks: plain and encrypted, in pieces, given up before anything else."""

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from media import disk, tracktape
from media.core.chain import ZERO, Link, check, from_lines
from media.core.matroska import PICTURE, SOUND, blocks_of
from media.core.matroska import started_at as zero_of
from media.core.timeline import Timeline
from media.core.trackpile import Bit, Gap, Lack
from media.fragments import segments_path
from media.sealedstore import read_sealed, told_links
from media.sealing import new_key
from media.trackfile import About, TrackFile, about, end_of, gaps_noted, gaps_path, tracks_beside
from media.tracktape import GIVEN_UP, NO_ROOM, Gone, Shut, TrackTape
from tests.unit.media.syncing import syncing
from tests.unit.media.tracks import RATE, opus, picture, sound

AT = datetime(2026, 11, 27, 2, 0, 0, 500_000, tzinfo=UTC)


class Taping:
    """A tape whose time is told by what is put: ``now`` is some seconds ago, so that all of it is due."""

    def __init__(self, folder: Path, key: bytes | None = None, **more: int) -> None:
        self.now = time.monotonic() - 30
        self.recording = folder / "recording.mp4"
        self.said: list[str] = []
        timeline = Timeline(AT, round(self.now * 1e9))
        self.tape = TrackTape(self.recording, key, timeline, self.said.append, **more)

    def talk(self, party_id: str, begin: float, count: int, codec: str = "VP8") -> None:
        """``count`` pictures from ``begin`` on, each before its sound, so that no file begins without."""
        for number in range(count):
            at = self.now + begin + number / RATE
            shown = picture(number, at, codec)
            moved = replace(shown, timestamp=shown.timestamp + round(begin * 90_000))
            assert self.tape.put(party_id, moved)
            first = round(begin * 50) + number * 50 // RATE
            for step in range(50 // RATE):
                assert self.tape.put(party_id, sound(first + step, at + step * 0.02))

    @property
    def tracks(self) -> list[Path]:
        return tracks_beside(self.recording)


@contextmanager
def taping(folder: Path, key: bytes | None = None, **more: int) -> Iterator[Taping]:
    made = Taping(folder, key, **more)
    try:
        yield made
    finally:
        made.tape.stop()


def soon(true: Callable[[], object], what: Callable[[], object] = lambda: "") -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, what()
        time.sleep(0.05)


def decoded(path: Path, stream: str) -> int:
    """Bytes of a raw stream that ffmpeg makes of a file without a word."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:{stream}:0", "-f"]
    kind = ["rawvideo"] if stream == "v" else ["s16le", "-ac", "1", "-ar", "48000"]
    done = subprocess.run([*command, *kind, "-"], capture_output=True, check=True)
    assert done.stderr == b""
    return len(done.stdout)


def pictures_in(path: Path) -> int:
    """So far."""
    return sum(block.track == PICTURE for block in blocks_of(path.read_bytes())) if path.exists() else 0


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_every_picture_and_packet_stands_in_the_file_as_it_came(tmp_path: Path, codec: str) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 30, codec)
    (path,) = made.tracks
    told = about(path)
    assert (told.party_id, told.video_codec, told.width, told.height) == ("par_1", codec, 320, 240)
    assert abs(told.started_at - AT - timedelta(seconds=1)) < timedelta(milliseconds=2)
    content = path.read_bytes()
    assert zero_of(content) == told.started_at
    blocks = list(blocks_of(content))
    assert sum(block.track == PICTURE for block in blocks) == 30
    assert [block.data for block in blocks if block.track == SOUND] == [opus()] * 150
    if codec == "VP8":
        assert [b.data for b in blocks if b.track == PICTURE] == [picture(number, 0).data for number in range(30)]
    assert decoded(path, "v") == 30 * 320 * 240 * 3 // 2
    assert decoded(path, "a") == pytest.approx(3.0 * 48_000 * 2, abs=2000)
    ended = end_of(path)
    assert ended is not None
    assert (ended.sha256, ended.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert check(from_lines(segments_path(path).read_bytes()), content) == []


def test_it_is_written_while_it_runs_and_encrypted_like_the_stage(tmp_path: Path) -> None:
    key = new_key()
    with taping(tmp_path, key) as made:
        made.talk("par_1", 1.0, 10)
        soon(lambda: made.tracks and len(told_links(made.tracks[0])) >= 2, lambda: list(tmp_path.iterdir()))
        path = made.tracks[0]
        assert not path.exists()
        assert end_of(path) is None
    links, previous, content = told_links(path), ZERO, b""
    for link in links:
        found, data = read_sealed(path, key, link.index, previous)
        assert found == link
        previous, content = link.chain, content + data
    assert len(list(blocks_of(content))) == 60
    assert not any(opus() * 1 in each.read_bytes() and len(opus()) > 8 for each in tmp_path.glob("*.sealed"))


def test_pictures_that_were_on_their_way_meanwhile_come_one_after_the_other(tmp_path: Path) -> None:
    """A slow machine takes them all at once when something is kept again: each at a moment of its own."""
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 20)
        made.tape.put("par_1", Shut(made.now + 3.0, made.now + 9.0, Lack.MUTED))
        for number, began in enumerate((6.0, 7.0, 8.0, 9.001)):
            late = replace(picture(20 + number, made.now + 9.05), timestamp=round(began * 90_000))
            assert made.tape.put("par_1", late)
        assert made.tape.put("par_1", sound(round(8.0 * 50), made.now + 9.05)), "what was said meanwhile"
        made.talk("par_1", 9.5, 10)
    (path,) = made.tracks
    blocks = list(blocks_of(path.read_bytes()))
    moments = [block.milli for block in blocks if block.track == PICTURE]
    assert len(moments) == 34
    assert moments == sorted(set(moments)), moments
    assert [block.milli for block in blocks] == sorted(block.milli for block in blocks)
    assert not [block for block in blocks if 2_050 < block.milli < 7_990], "nothing stands where nothing was kept"


def test_each_person_has_a_track_and_one_who_leaves_has_an_end(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 10)
        made.talk("par_2", 1.0, 10)
        made.tape.put("par_1", Gone())
        soon(lambda: any(end_of(path) for path in made.tracks))
        made.talk("par_1", 8.0, 10)
    assert sorted(about(path).party_id for path in made.tracks) == ["par_1", "par_1", "par_2"]
    assert all(end_of(path) for path in made.tracks)


def test_pictures_of_another_codec_begin_another_file(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 10)
        made.talk("par_1", 3.0, 10, "H264")
    assert [about(path).video_codec for path in made.tracks] == ["VP8", "H264"]
    assert [decoded(path, "v") for path in made.tracks] == [10 * 320 * 240 * 3 // 2] * 2


def test_one_without_a_camera_is_kept_as_sound_alone(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        for number in range(100):
            made.tape.put("par_1", sound(number, made.now + number * 0.02))
    (path,) = made.tracks
    ended = end_of(path)
    assert ended is not None
    assert about(path).video_codec == ""
    assert {gap.lack for gap in ended.gaps} <= {Lack.SOUND}, "it lacks no picture"
    assert decoded(path, "a") == pytest.approx(2.0 * 48_000 * 2, abs=2000)


def test_who_was_muted_lacks_for_that_and_what_lacked_is_kept_at_once(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 10)
        made.tape.put("par_1", Shut(made.now + 2.0, made.now + 9.0, Lack.MUTED))
        made.talk("par_1", 9.0, 10)
        soon(lambda: made.tracks and gaps_noted(made.tracks[0]))
        gap = gaps_noted(made.tracks[0])[0]
    assert gap.lack is Lack.MUTED
    assert gap.start == pytest.approx(1.0, abs=0.01)
    assert gap.end == pytest.approx(8.0, abs=0.01)
    (path,) = made.tracks
    between = [block for block in blocks_of(path.read_bytes()) if 1100 < block.milli < 7900]
    assert between == []


def test_what_lacked_is_on_disk_before_the_piece_that_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, synced = tmp_path / "recording-track-01.mkv", syncing(monkeypatch)
    file = TrackFile(path, About("par_1", AT, "", 0, 0), None, None)
    file.lack([Gap(0.0, 1.5, Lack.MUTED), Gap(2.0, 3.0, Lack.HELD)])
    notes = gaps_path(path).stat()
    assert synced[notes.st_ino] == notes.st_size > 0
    file.close(4.0)
    assert gaps_noted(path) == (Gap(0.0, 1.5, Lack.MUTED), Gap(2.0, 3.0, Lack.HELD))


def test_a_torn_note_of_what_lacked_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "recording-track-01.mkv"
    gaps_path(path).write_bytes(b'[1.0, 2.0, "muted"]\n[3.0, 4\n\0\0\n[5.0, 6.0, "held"]\n[7.0')
    assert gaps_noted(path) == (Gap(1.0, 2.0, Lack.MUTED), Gap(5.0, 6.0, Lack.HELD))


def test_more_than_the_disk_takes_is_refused_and_told_to_who_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracktape, "MOST_BYTES", 1000)
    with taping(tmp_path) as made:
        large = Bit(PICTURE, 1, 0, made.now, None, True, False, bytes(2000), "VP8")
        assert not made.tape.put("par_1", large)
        assert made.tape.put("par_1", Shut(made.now, made.now + 1, Lack.BEHIND)), "what lacks is told all the same"


def test_on_a_disk_with_little_room_they_are_given_up_and_it_is_told_once(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 10)
        soon(lambda: made.tracks and pictures_in(made.tracks[0]) == 10)
        made.tape._least_room = 1 << 60
        made.talk("par_1", 5.0, 10)
        soon(lambda: made.said)
        made.talk("par_1", 8.0, 10)
    assert made.said == [GIVEN_UP.format(why=NO_ROOM)]
    (path,) = made.tracks
    ended = end_of(path)
    assert ended is not None
    assert ended.given_up == NO_ROOM
    assert sum(block.track == PICTURE for block in blocks_of(path.read_bytes())) == 10
    assert decoded(path, "v") == 10 * 320 * 240 * 3 // 2


def test_whatever_breaks_in_it_ends_the_tracks_alone(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        (tmp_path / "recording-track-01.mkv").write_bytes(b"somebody's")
        made.talk("par_1", 1.0, 10)
        soon(lambda: made.said)
        assert made.tape.put("par_1", picture(0, made.now))
    assert "已停止单独保存" in made.said[0]
    assert (tmp_path / "recording-track-01.mkv").read_bytes() == b"somebody's"


def test_what_is_told_of_a_track_is_read_back(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 5)
    (path,) = made.tracks
    assert isinstance(about(path), About)
    assert all(isinstance(link, Link) for link in from_lines(segments_path(path).read_bytes()))


def test_tracks_end_before_the_stage_gets_tight() -> None:
    assert disk.LOW[0] < tracktape.LEAST_ROOM

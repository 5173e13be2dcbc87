"""Recording against made-up time, read by a foreign tool."""

import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop.source import Source
from media.core.chain import check, from_lines
from media.core.timeline import SECOND
from media.disk import SMALLER
from media.fragments import SegmentStore, segments_path
from media.pictures import from_rgb
from media.ports import Picture
from media.readback import read_back
from media.recovery import recover_sealed
from media.sealedstore import SealedStore, read_told
from media.voice import read_voice
from media.waiting import forget
from tests.unit.media.sample import START, Take, picture, record, samples


def _probe(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-count_frames", "-of", "json", str(path)]
    return dict(json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout))


def test_ffprobe_sees_h264_and_aac_of_one_length(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 4.0)
    video, audio = _probe(done.path)["streams"]
    assert (video["codec_name"], video["pix_fmt"], video["r_frame_rate"]) == ("h264", "yuv420p", "15/1")
    assert (video["width"], video["height"], video["color_space"]) == (320, 240, "smpte170m")
    assert (audio["codec_name"], audio["sample_rate"], audio["channels"]) == ("aac", "48000", 1)
    assert int(video["nb_read_frames"]) == 60
    assert float(video["start_time"]) == float(audio["start_time"]) == 0
    assert abs(float(video["duration"]) - float(audio["duration"])) < 0.05
    assert done.duration_seconds == 4.0
    assert done.ended_at - done.started_at == timedelta(seconds=4)
    assert done.started_at == START


def test_fragments_are_a_second_at_most_chained_and_told(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 5)
    take.recorder.drain()
    told_before_the_end = len(take.segments)
    done = take.stop(5)
    content = done.path.read_bytes()
    assert told_before_the_end == 6, "each second is on disk with its last picture, not with the next one's first"
    assert tuple(take.segments) == done.segments
    assert from_lines(segments_path(done.path).read_bytes()) == list(done.segments)
    assert check(done.segments, content) == []
    assert done.size == len(content)
    starts = [item.start_seconds for item in done.segments[1:]]
    assert starts == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "the last sound, which came after the last picture"
    assert content[4:8] == b"ftyp"


def test_a_hole_in_the_pictures_is_filled_so_that_file_time_stays_call_time(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 1)
    take.run(1, 3, shown=False)
    take.run(3, 4)
    done = take.stop(4)
    seen = read_back(done.path, done.segments)
    assert (seen.duration_seconds, seen.findings) == (4.0, ())
    assert 30 < seen.frames <= 42, "repeating each missing picture costs as much as recording it"
    assert [(round(a, 1), round(b, 1)) for a, b in done.gaps] == [(1.0, 3.0)]


def test_a_hole_in_the_sound_becomes_silence_at_its_place(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 1)
    take.run(1, 2, heard=False)
    take.run(2, 3)
    done = take.stop(3)
    sound = read_voice(done.path).astype(np.float64)
    loud = [float(np.abs(sound[samples(at) : samples(at + 0.3)]).mean()) for at in (0.05, 1.05, 2.05)]
    assert loud[1] < 30 < 1000 < min(loud[0], loud[2])
    assert len(sound) == pytest.approx(samples(3), abs=2048)


def test_a_beep_is_found_at_the_file_time_at_which_it_was_heard(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 3)
    sound = np.abs(read_voice(done.path).astype(np.float64))
    windows = sound[: samples(2.9) // 480 * 480].reshape(-1, 480).mean(axis=1) > 300
    begins = [index * 0.01 for index in range(1, len(windows)) if windows[index] and not windows[index - 1]]
    assert [round(at) for at in begins[-2:]] == [1, 2]
    assert all(abs(at - round(at)) < 0.03 for at in begins[-2:])


def test_the_customers_absence_is_a_gap(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 1, present=False)
    take.run(1, 2)
    take.run(2, 3, present=False)
    take.run(3, 4)
    gaps = take.stop(4).gaps
    assert [(round(a, 1), round(b, 1)) for a, b in gaps] == [(0.0, 1.0), (2.0, 3.0)]


def test_a_late_first_picture_reaches_back_to_the_start(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 0.6, shown=False)
    take.run(0.6, 1, present=False)
    take.run(1, 2)
    assert [(round(a, 1), round(b, 1)) for a, b in take.stop(2).gaps] == [(0.0, 1.0)]


def test_what_came_before_the_start_is_left_out(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.recorder.show(picture(0), -1_000_000_000, present=True)
    take.recorder.hear(np.full(960, 9000, dtype=np.int16), -1_000_000_000)
    take.run(0, 1)
    done = take.stop(1)
    assert done.duration_seconds == 1.0
    assert take.troubles == []


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    done = record(tmp_path / "r.mp4", 1)
    before = done.path.read_bytes()
    with pytest.raises(FileExistsError):
        SegmentStore(done.path)
    assert done.path.read_bytes() == before


def test_a_full_queue_is_counted_and_told_once(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    for number in range(2000):
        take.recorder.show(picture(0), number * 66_666_667, present=True)
    for step in range(50):
        take.recorder.hear(np.full(960, 9000, dtype=np.int16), step * 20_000_000)
    done = take.stop(0.1)
    assert take.recorder.dropped > 0
    assert np.abs(read_voice(done.path)[10_000:40_000].astype(int)).mean() > 5000, "sound must not go with the pictures"
    assert [fatal for _, fatal in take.troubles] == [False]


@pytest.mark.parametrize("last", range(16, 24))
def test_any_hole_before_the_end_leaves_a_whole_file(tmp_path: Path, last: int) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 1)
    done = take.recorder.stop(last * 1_000_000_000 // 15 + 1)
    seen = read_back(done.path, done.segments)
    assert take.troubles == []
    assert (round(seen.duration_seconds * 15), seen.findings) == (last, ())


def test_a_recorder_that_falls_behind_works_lighter_and_keeps_fewer_pictures(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 1)
    for burst in range(1, 5):  # each a stall of 1.6 s in which everything waited
        for step in range(80):
            now = SECOND + (burst - 1) * 1_600_000_000 + step * SECOND // 50
            if step % 3 == 0:
                take.recorder.show(picture(step), now, present=True)
            take.recorder.hear(np.full(960, 9000, dtype=np.int16), now)
        take.recorder.drain()
    done = take.stop(7.4)
    seen = read_back(done.path, done.segments)
    assert take.recorder.light
    assert take.recorder.thinned > 10
    assert [fatal for _, fatal in take.troubles] == [False]
    assert (seen.duration_seconds, seen.findings, done.gaps) == (7.4, (), ())
    assert np.abs(read_voice(done.path)[60_000:340_000].astype(int)).mean() > 5000, "sound is never thinned"
    stderr = subprocess.run(["ffmpeg", "-v", "warning", "-i", str(done.path), "-f", "null", "-"], capture_output=True)
    assert stderr.stderr == b"", "the lighter encoder's pictures must fit the file's parameter sets"


def test_a_disk_that_gives_up_is_told_and_what_is_there_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Take(tmp_path / "r.mp4")
    take.run(0, 2.5)
    take.recorder.drain()

    def full(self: SegmentStore, data: bytes, start_seconds: float) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SegmentStore, "append", full)
    take.run(2.5, 5)
    done = take.stop(5)
    assert [fatal for _, fatal in take.troubles] == [True]
    assert 1.0 <= done.duration_seconds <= 2.5
    assert read_back(done.path, done.segments).findings == ()


# --- encrypted --------------------------------------------------------------------------------------------------------

KEY = bytes(range(32))


def test_with_a_key_nothing_of_it_can_be_read_and_the_segments_are_the_recording(tmp_path: Path) -> None:
    path = tmp_path / "call_1.x" / "recording.mp4"
    path.parent.mkdir()
    take = Take(path, KEY)
    take.run(0, 4)
    done = take.stop(4)
    content = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert not path.exists()
    assert not [word for word in (b"ftyp", b"moov", b"moof", b"mdat", b"avc1") if word in content]
    data = b"".join(read_told(path, KEY, done.segments, number) for number in range(len(done.segments)))
    assert (len(data), hashlib.sha256(data).hexdigest()) == (done.size, done.sha256)
    plain = tmp_path / "plain.mp4"
    plain.write_bytes(data)
    assert {stream["codec_name"] for stream in _probe(plain)["streams"]} == {"h264", "aac"}
    assert read_back(data, done.segments).findings == ()
    assert take.troubles == []


def test_an_encrypted_recording_that_breaks_ends_with_what_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Take(tmp_path / "r.mp4", KEY)
    take.run(0, 2.5)
    take.recorder.drain()

    def broken(self: SealedStore, data: bytes, start_seconds: float) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(SealedStore, "append", broken)
    take.run(2.5, 5)
    done = take.stop(5)
    assert [fatal for _, fatal in take.troubles] == [True]
    assert 1.0 <= done.duration_seconds <= 2.5
    assert done.sha256 is None
    data = b"".join(read_told(done.path, KEY, done.segments, number) for number in range(len(done.segments)))
    assert read_back(data, done.segments).findings == ()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """One and a half megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", folder]).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_is_warned_of_early_and_costs_nothing_once_there_is_room(small_disk: Path) -> None:
    path = small_disk / "recording.mp4"
    take = Take(path, KEY)
    take.run(0, 2)
    assert any("快满了" in message and not fatal for message, fatal in take.troubles)
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    take.run(2, 6)
    there = len(take.segments)
    assert any("本机磁盘已满" in message and not fatal for message, fatal in take.troubles)
    ballast.unlink()
    take.run(6, 8)
    done = take.stop(8)
    assert len(take.segments) > there
    assert not take.recorder.broken
    assert any("全部写入" in message for message, _ in take.troubles)
    data = b"".join(read_told(path, KEY, done.segments, number) for number in range(len(done.segments)))
    seen = read_back(data, done.segments)
    assert (seen.duration_seconds, seen.findings) == (8.0, ())
    assert tuple(take.segments) == done.segments


def test_a_disk_that_stays_full_ends_no_recording_and_all_of_it_can_be_delivered(small_disk: Path) -> None:
    path = small_disk / "recording.mp4"
    take = Take(path, KEY)
    take.run(0, 2)
    with (small_disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    take.run(2, 6)
    done = take.stop(6)
    assert [message for message, fatal in take.troubles if fatal] == []
    assert any("照常上传" in message for message, _ in take.troubles)
    assert any("传完之前请不要关机" in message for message, _ in take.troubles)
    source = Source(path, KEY)
    assert tuple(source.links()) == done.segments == tuple(take.segments)
    data = b"".join(source.read(number) for number in range(len(done.segments)))
    assert read_back(data, done.segments).findings == ()
    assert (done.duration_seconds, hashlib.sha256(data).hexdigest()) == (6.0, done.sha256)
    assert recover_sealed(path, KEY).segments == done.segments
    forget(path.parent)


def test_on_a_disk_that_is_almost_full_pictures_take_less_room_in_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Take(tmp_path / "r.mp4")
    for number in range(90):
        if number == 20:
            monkeypatch.setattr("media.disk.LOW", (2**62, 2**62))
        take.recorder.show(noise(number), number * SECOND // 15 + 1, present=True)
        take.recorder.drain()
    done = take.stop(6)
    assert [SMALLER in message for message, _ in take.troubles] == [True]
    sizes = [item.size for item in done.segments[1:-1]]
    assert [item.start_seconds for item in done.segments[1:-1]] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert min(sizes[:2]) > 2 * max(sizes[2:]), "from the next second on"
    stderr = subprocess.run(["ffmpeg", "-v", "warning", "-i", str(done.path), "-f", "null", "-"], capture_output=True)
    assert stderr.stderr == b"", "one track has one set of parameters"
    assert read_back(done.path, done.segments).findings == ()


def noise(number: int) -> Picture:
    """What no encoder makes small by itself."""
    return from_rgb(np.random.default_rng(number).integers(0, 255, (240, 320, 3)).astype(np.uint8))

"""Several recordings in one file: played by foreign tools, gaps kept, shown and marked."""

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media import joining
from media.errors import BrokenRecording
from media.joining import Part, join
from media.parts import Parts
from media.recovery import Recording
from tests.players import played_by_mpv
from tests.unit.media.sample import START, Take, record

SECOND = timedelta(seconds=1)


def part(done: Recording, started_at: datetime) -> Part:
    return Part(done.path, started_at, started_at + done.duration_seconds * SECOND)


def probe(path: Path) -> dict[str, Any]:
    wanted = ["-show_streams", "-show_format", "-show_chapters", "-count_frames"]
    command = ["ffprobe", "-v", "error", *wanted, "-of", "json", str(path)]
    found = subprocess.run(command, capture_output=True, check=True, text=True)
    assert found.stderr == ""
    return dict(json.loads(found.stdout))


def decoded(path: Path) -> str:
    """What ffmpeg has to say while it decodes everything."""
    return subprocess.run(
        ["ffmpeg", "-v", "warning", "-i", path, "-f", "null", "-"], capture_output=True, text=True
    ).stderr


def packets(path: Path, kind: str) -> list[bytes]:
    with av.open(path) as container:
        stream = getattr(container.streams, kind)[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def picture_at(path: Path, seconds: float) -> np.ndarray[Any, Any]:
    with av.open(path) as container:
        for frame in container.decode(video=0):
            if (frame.time or 0.0) + 1 / 15 > seconds:
                return np.asarray(frame.to_ndarray(format="gray"))
    raise AssertionError("the file is shorter")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> list[Recording]:
    folder = tmp_path_factory.mktemp("three")
    return [record(folder / f"{name}.mp4", seconds) for name, seconds in (("a", 3), ("b", 2), ("c", 4))]


def test_file_time_is_the_clocks_and_ffprobe_plays_it(three: list[Recording], tmp_path: Path) -> None:
    one, two, last = three
    target = tmp_path / "joined.mp4"
    parts = [part(last, START + 20 * SECOND), part(one, START), part(two, START + 7 * SECOND)]
    made = join(parts, target)
    found = probe(target)
    video, audio = (stream for stream in found["streams"] if stream["codec_type"] in ("video", "audio"))
    assert (video["codec_name"], audio["codec_name"]) == ("h264", "aac")
    assert abs(float(found["format"]["duration"]) - 24) < 0.15
    assert abs(made.seconds - 24) < 0.15
    assert decoded(target) == ""
    assert [(round(gap.start), round(gap.end), gap.lacking) for gap in made.gaps] == [(3, 7, 4.0), (9, 20, 11.0)]
    titles = [chapter["tags"]["title"] for chapter in found["chapters"]]
    assert len(titles) == 5
    assert [title.startswith("此处没有录像") for title in titles] == [False, True, False, True, False]
    assert "11.0 秒" in titles[3]
    begins = [float(chapter["start_time"]) for chapter in found["chapters"]]
    assert [round(at) for at in begins] == [0, 3, 7, 9, 20]


def test_mpv_plays_a_recording_and_the_film_to_their_ends(three: list[Recording], tmp_path: Path) -> None:
    alone, film = tmp_path / "alone.mp4", tmp_path / "joined.mp4"
    alone.write_bytes(three[0].path.read_bytes())
    join([part(three[0], START), part(three[1], START + 5 * SECOND)], film)
    played_by_mpv(alone)
    played_by_mpv(film)


def test_no_packet_of_a_recording_is_encoded_again(three: list[Recording], tmp_path: Path) -> None:
    target = tmp_path / "joined.mp4"
    join([part(three[0], START), part(three[1], START + 5 * SECOND)], target)
    for kind in ("video", "audio"):
        first, second, there = (packets(path, kind) for path in (three[0].path, three[1].path, target))
        assert there[: len(first)] == first
        assert there[-len(second) :] == second
        assert len(there) > len(first) + len(second), "the gap's card and silence lie between them"


def test_a_gap_shows_its_card_and_not_an_old_picture(three: list[Recording], tmp_path: Path) -> None:
    target = tmp_path / "joined.mp4"
    join([part(three[0], START), part(three[1], START + 9 * SECOND)], target)
    before, within, after = (picture_at(target, at) for at in (1.0, 6.0, 9.5))
    assert within.mean() < 45 < before.mean()
    assert after.mean() > 60
    assert within.max() > 120, "the card says what it is"


def test_a_night_between_two_calls_is_told_and_not_shown_in_full(three: list[Recording], tmp_path: Path) -> None:
    target = tmp_path / "joined.mp4"
    made = join([part(three[0], START), part(three[1], START + timedelta(hours=15))], target)
    (gap,) = made.gaps
    assert gap.lacking == 15 * 3600 - 3
    assert round(gap.end - gap.start) == joining.SHORT_CARD
    assert "14 小时 59 分 57 秒" in gap.title
    assert abs(made.seconds - 10) < 0.15


def test_recordings_that_touch_or_overlap_follow_each_other(three: list[Recording], tmp_path: Path) -> None:
    made = join([part(three[0], START), part(three[1], START + 2.9 * SECOND)], tmp_path / "joined.mp4")
    assert made.gaps == ()
    assert abs(made.seconds - 5) < 0.15
    assert decoded(tmp_path / "joined.mp4") == ""


def test_one_alone_and_one_in_segments_will_do(three: list[Recording], tmp_path: Path) -> None:
    data = three[2].path.read_bytes()
    segments = Parts(three[2].segments, lambda item: data[item.offset : item.offset + item.size])
    made = join([Part(segments, START, START + 4 * SECOND)], tmp_path / "joined.mp4")
    assert len(made.pieces) == 1
    assert int(probe(tmp_path / "joined.mp4")["streams"][0]["nb_read_frames"]) == 60


def test_a_crashed_one_is_joined_as_far_as_it_goes(three: list[Recording], tmp_path: Path) -> None:
    take = Take(tmp_path / "crashed.mp4")
    take.run(0, 3.5)
    take.recorder.drain()
    crashed = Part(tmp_path / "crashed.mp4", START, START + 3 * SECOND)
    made = join([crashed, part(three[1], START + 6 * SECOND)], tmp_path / "joined.mp4")
    assert [round(gap.lacking) for gap in made.gaps] == [3]
    assert decoded(tmp_path / "joined.mp4") == ""
    take.stop(3.5)


def test_what_cannot_be_joined_is_refused_in_words(three: list[Recording], tmp_path: Path) -> None:
    with pytest.raises(BrokenRecording, match="没有录像"):
        join([], tmp_path / "a.mp4")
    other = tmp_path / "other.mp4"
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=160x120:rate=15:duration=1",
        "-c:v",
        "libx264",
    ]
    subprocess.run([*command, other], check=True)
    with pytest.raises(BrokenRecording, match="格式不同"):
        join([part(three[0], START), Part(other, START + 9 * SECOND, START + 10 * SECOND)], tmp_path / "b.mp4")
    rubbish = tmp_path / "rubbish.mp4"
    rubbish.write_bytes(b"rubbish" * 100)
    with pytest.raises(BrokenRecording, match="无法读取"):
        join([Part(rubbish, START, START + SECOND)], tmp_path / "c.mp4")

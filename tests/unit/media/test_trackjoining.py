"""One person's tracks in one file that tells how long it is."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from media.core.chain import from_lines
from media.errors import BrokenRecording
from media.fragments import segments_path
from media.parts import Parts
from media.trackfile import about
from media.trackjoining import join_tracks
from media.trackreadback import read_track
from tests.players import played_by_mpv
from tests.unit.media.test_tracktape import decoded, taping
from tests.unit.media.tracks import RATE


def probed(path: Path) -> Any:
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_files_of_two_codecs_lie_at_the_clocks_distance(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 10)
        made.talk("par_1", 6.0, 10, "H264")
    target = tmp_path / "film.mkv"
    seconds = join_tracks([(path, about(path).started_at) for path in reversed(made.tracks)], target)
    assert seconds == pytest.approx(6.0, abs=0.1)
    found = probed(target)
    assert float(found["format"]["duration"]) == pytest.approx(6.0, abs=0.1)
    assert {each["codec_name"] for each in found["streams"]} == {"vp8", "h264", "opus"}
    assert decoded(target, "v") == 10 * 320 * 240 * 3 // 2


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_mpv_plays_a_track_as_it_came_and_its_film(tmp_path: Path, codec: str) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 20, codec)
    (track,) = made.tracks
    join_tracks([(track, about(track).started_at)], tmp_path / "film.mkv")
    played_by_mpv(track, 20 / RATE)
    played_by_mpv(tmp_path / "film.mkv", 20 / RATE)


def test_it_is_read_from_pieces_and_they_are_read_back(tmp_path: Path) -> None:
    with taping(tmp_path) as made:
        made.talk("par_1", 1.0, 20)
    (path,) = made.tracks
    content, links = path.read_bytes(), from_lines(segments_path(path).read_bytes())
    parts = Parts(links, lambda link: content[link.offset : link.offset + link.size])
    join_tracks([(parts, datetime.now(UTC))], tmp_path / "film.mkv")
    assert decoded(tmp_path / "film.mkv", "v") == 20 * 320 * 240 * 3 // 2
    reading = read_track(parts, links)
    assert (reading.pictures, reading.sounds, reading.findings) == (20, 100, ())
    assert reading.seconds == pytest.approx(20 / RATE, abs=0.1)
    torn = Parts(links, lambda link: content[link.offset : link.offset + link.size][: 200 if link.index == 1 else None])
    assert "第 2 段读不出来" in read_track(torn, links).findings


def test_nothing_and_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.mkv").write_bytes(b"nothing")
    for parts in ([], [(tmp_path / "x.mkv", datetime.now(UTC))]):
        with pytest.raises(BrokenRecording):
            join_tracks(parts, tmp_path / "film.mkv")

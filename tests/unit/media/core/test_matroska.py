"""Matroska as written, read back by ourselves and by ffprobe."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from media.core.matroska import (
    CLUSTER,
    PICTURE,
    SOUND,
    Block,
    PictureFormat,
    blocks_of,
    cluster,
    elements,
    header,
    started_at,
)
from media.errors import BrokenRecording

AT = datetime(2026, 11, 27, 1, 2, 3, 456_000, tzinfo=UTC)
VP8 = PictureFormat("VP8", 640, 480)
SILENT = b"\xf8\xff\xfe"
"""20 ms of Opus."""


def sounds(first: int, count: int) -> list[Block]:
    return [Block(SOUND, first + 20 * number, True, SILENT) for number in range(count)]


def probed(path: Path, *what: str) -> dict[str, list[dict[str, str]]]:
    command = ["ffprobe", "-v", "error", "-of", "json", *what, str(path)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert done.stderr == ""
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout)
    return found


def test_what_is_written_is_read_back() -> None:
    first = [Block(PICTURE, 0, True, b"x" * 70_000), *sounds(3, 5), Block(PICTURE, 66, False, b"y" * 90)]
    second = [*sounds(2100, 3), Block(PICTURE, 1990, False, b"late")]
    data = header(AT, VP8, {"A": "1"}) + cluster(first) + cluster(second)
    assert list(blocks_of(data)) == first + second
    assert started_at(data) == AT
    assert cluster([]) == b""


def test_a_file_that_ends_anywhere_holds_all_whole_pieces_before() -> None:
    head, one, two = header(AT, VP8, {}), cluster(sounds(0, 50)), cluster(sounds(1000, 50))
    for cut in (len(head), len(head) + 5, len(head) + len(one) - 1):
        assert list(blocks_of((head + one)[:cut])) == []
    assert len(list(blocks_of((head + one + two)[: len(head + one) + 40]))) == 50
    assert [each.identity for each in elements(head + one + two)].count(CLUSTER) == 2


def test_ffprobe_sees_both_tracks_their_times_and_whose_they_are(tmp_path: Path) -> None:
    path = tmp_path / "t.mkv"
    path.write_bytes(header(AT, VP8, {"PINGQIAN_PARTY": "par_1"}) + cluster(sounds(40, 100)) + cluster(sounds(9000, 2)))
    streams = probed(path, "-show_streams")["streams"]
    assert [(each["codec_name"], each.get("width"), each.get("sample_rate")) for each in streams] == [
        ("vp8", 640, None),
        ("opus", None, "48000"),
    ]
    found: Any = probed(path, "-show_format")["format"]
    assert found["tags"]["PINGQIAN_PARTY"] == "par_1"
    assert found["tags"]["creation_time"] == "2026-11-27T01:02:03.456000Z"
    times = [float(each["pts_time"]) for each in probed(path, "-show_packets")["packets"]]
    assert times == [*(pytest.approx(0.04 + 0.02 * number) for number in range(100)), 9.0, 9.02]


def test_one_who_shows_no_picture_has_a_file_of_sound(tmp_path: Path) -> None:
    path = tmp_path / "t.mkv"
    path.write_bytes(header(AT, None, {}) + cluster(sounds(0, 10)))
    assert [each["codec_name"] for each in probed(path, "-show_streams")["streams"]] == ["opus"]


@pytest.mark.parametrize("data", [b"\x00" * 40, header(AT, None, {})[:40] + b"\x00" * 20])
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenRecording):
        started_at(data)

"""``pingqian bench record``, run with tiny sizes: every row is there and comes from what was measured."""

import json
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from desktop.bench.recording import composite, encode, killed, skew, window
from desktop.bench.recording.footage import stage
from desktop.bench.recording.sides import processor_seconds
from desktop.bench.recording.skew import Mark
from desktop.bench.recording.takes import KEY
from media.readback import read_back
from media.recovery import recover_sealed
from signing.cli import main
from signing.commandline.bench.table import NotMeasured

pytestmark = pytest.mark.timeout(300)


def silent(words: str) -> None:
    """Nobody waits."""


def test_it_is_listed_and_each_part_with_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    for command, words in ((["bench"], ["record", "录像"]), (["bench", "record"], ["encode编码", "skew音画错开"])):
        with pytest.raises(SystemExit):
            main([*command, "--help"])
        said = "".join(capsys.readouterr().out.split())
        assert all(word in said for word in words)


@pytest.mark.parametrize(
    "wrong", [["--part", "moon"], ["--minutes", "0"], ["--seconds", "301"], ["--kills", "0"], ["--minutes", "x"]]
)
def test_what_makes_no_measurement_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", "record", *wrong])
    assert left.value.code == 2
    assert "用法" in capsys.readouterr().err


def test_the_command_prints_rows_with_the_ratio_of_what_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    left = main(["bench", "record", "--part", "encode", "--seconds", "1", "--json"])
    row, check = json.loads(capsys.readouterr().out)["rows"]
    assert 0 < check["ours"] < row["ours"], "looking is cheaper than recording"
    assert row["goal"] == "录制一路 720p 合成画面"
    assert row["ratio"] == pytest.approx(row["ours"] / row["anchor"])
    assert (row["target"], row["met"]) == ("≤ 1.15 倍", row["ratio"] <= 1.15)
    assert left == (0 if row["met"] else 1)


def test_both_sides_record_the_same_pictures_with_the_same_settings(tmp_path: Path) -> None:
    footage = stage(tmp_path, 2.0)
    assert (footage.count, footage.picture(0).width, len(footage.samples())) == (30, 1280, 96_000)
    assert not np.array_equal(footage.picture(0).y, footage.picture(5).y)
    ours, theirs = tmp_path / "ours.mp4", tmp_path / "theirs.mp4"
    assert encode.recorded(footage, ours) > 0
    assert processor_seconds(encode.command(footage, theirs)) > 0
    mine, other = (read_back(path, []) for path in (ours, theirs))
    for figure in ("frames", "video_codec", "audio_codec", "width", "height"):
        assert getattr(mine, figure) == getattr(other, figure), figure
    assert mine.duration_seconds == pytest.approx(other.duration_seconds, abs=0.05)
    assert 0.7 < ours.stat().st_size / theirs.stat().st_size < 1.4, "as many bytes for as much quality"


def test_an_anchor_that_fails_is_no_measurement(tmp_path: Path) -> None:
    footage = stage(tmp_path, 0.2)
    with pytest.raises(NotMeasured, match="参照程序没有成功"):
        processor_seconds([*encode.command(footage, tmp_path / "x.mp4")[:-1], str(tmp_path / "no" / "x.mp4")])


def test_a_killed_recording_loses_a_fragment_at_most_and_a_plain_file_everything(tmp_path: Path) -> None:
    fragments, seconds = killed.rows(tmp_path, 1, 1, silent)
    assert fragments.met is (fragments.ours <= killed.MOST)
    assert seconds.anchor is not None
    assert seconds.anchor > killed.SHORTEST - 1
    assert seconds.ours < seconds.anchor
    kept = recover_sealed(tmp_path / "killed0.mp4", KEY)
    assert kept.duration_seconds >= 1
    assert not kept.path.exists(), "nothing of it lay in the clear"


@pytest.mark.parametrize(("shown", "fragments"), [(3.0, 0), (3.4, 1), (4.0, 1), (5.2, 3)])
def test_what_is_lost_is_counted_in_fragments_begun(tmp_path: Path, shown: float, fragments: int) -> None:
    footage = stage(tmp_path, 3.0, killed.SIZE, people=1)
    encode.recorded(footage, tmp_path / "three.mp4")
    lost = killed._lost(tmp_path / "three.mp4", shown, None)
    assert lost.fragments == fragments
    assert lost.seconds == pytest.approx(shown - 3.0, abs=0.001)


def test_sound_and_picture_are_found_where_they_were_put(tmp_path: Path) -> None:
    aside, drift, found = skew.rows(tmp_path, 0.5, 1, silent)
    assert found.ours == 5
    assert aside.met is (aside.ours <= skew.MOST_MS)
    assert abs(drift.ours) <= 2 * aside.ours


def test_a_file_whose_sound_is_late_is_measured_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = 5  # steps of 20 ms
    real = skew._sound
    monkeypatch.setattr(skew, "_sound", lambda step: real(step - late))
    marks = skew.measured(tmp_path / "late.mp4", 20, 1)
    assert [round(mark.picture) for mark in marks] == [5, 10, 15]
    assert all(mark.apart_ms == pytest.approx(100, abs=30) for mark in marks)


def test_drift_is_the_end_against_the_beginning() -> None:
    marks = [Mark(float(at), at + at / 1000) for at in range(100)]
    assert skew._drift(marks) == pytest.approx(90, abs=1)
    assert skew._drift([]) == 0


def test_the_composite_is_what_it_says_it_is(tmp_path: Path) -> None:
    row = composite.from_files(tmp_path, 2.0, silent)
    assert (row.anchor, row.unit, row.target) == (composite.PUBLISHED, "vCPU/路", "≤ 1 倍")
    assert row.ratio == row.ours / composite.PUBLISHED
    made = read_back(tmp_path / "composite.mp4", [])
    assert (made.width, made.height, made.frames, made.audio_codec) == (640, 480, 30, "aac")


def test_the_window_is_measured_picture_by_picture(qtbot: QtBot) -> None:
    late, shown = window.rows(2.0, silent)
    assert late.ours > 0
    assert late.met is (late.ours <= window.MOST_MS)
    assert 0 < shown.ours <= 100

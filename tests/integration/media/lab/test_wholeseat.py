"""The whole seat under load: a real engine, a real call, and figures that come from it."""

from pathlib import Path

import pytest

from desktop.bench.recording import seat
from media.lab import wholeseat
from media.lab.wholeseat import Load, load


@pytest.mark.timeout(120)
def test_a_seat_with_a_customer_records_and_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wholeseat, "WARM_SECONDS", 3.0)
    found = load(1, 3.0)
    assert found.customers == 1
    assert 0 < found.cores < 4
    assert found.late_ms > 0
    assert found.fragments >= 3, "the recording ran, and its check too"
    assert found.doubts == ()
    alone = load(1, 2.0, voices=False, recorded=False)
    assert alone.fragments == 0
    assert alone.cores < found.cores


@pytest.mark.timeout(120)
def test_ffmpeg_does_the_same_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seat, "LENGTH", 2.0)
    share = seat.ffmpegs_share(tmp_path)
    assert 0 < share < 4
    made = sorted(path.name for path in tmp_path.iterdir())
    assert {"file.mp4", "small.mp4", "ear0.ogg", "ear3.ogg"} <= set(made)
    assert all((tmp_path / name).stat().st_size > 1000 for name in ("file.mp4", "small.mp4", "ear0.ogg"))


def test_the_table_stands_on_what_was_measured() -> None:
    four, six, alone = Load(4, 0.6, 5.0, 9, ()), Load(6, 0.8, 12.0, 9, ()), Load(6, 0.5, 4.0, 0, ())
    whole, late, all_six = seat.table(four, 0.5, six, alone)
    assert (whole.ours, whole.anchor, whole.met) == (60, 50, True)
    assert whole.ratio == pytest.approx(1.2)
    assert (late.ours, late.anchor, late.met) == (12, 4, False)
    assert all_six.ratio == pytest.approx(1.6)
    assert seat.table(four, 0.3, six, alone)[0].met is False

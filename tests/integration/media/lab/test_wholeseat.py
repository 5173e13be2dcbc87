"""The whole seat under load: a real engine, a real call, and figures that come from it."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import av
import cv2
import pytest

from desktop.bench.recording import anchor, seat
from desktop.bench.recording.footage import STAGE
from media.core.layout import fit, stage_layout
from media.decoded import luma
from media.lab import wholeseat
from media.lab.wholeseat import Load, load
from media.readback import read_back
from media.stage import SENT
from media.witness import THUMB, inside
from signing.commandline.bench.table import NotMeasured


@pytest.mark.timeout(120)
def test_a_seat_with_a_customer_records_and_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wholeseat, "WARM_SECONDS", 3.0)
    found = load(1, 3.0, lateness=True)
    assert found.customers == 1
    assert found.pictures is not None
    assert 1 < found.pictures < 20, "what came of the customer is known"
    assert 0 < found.cores < 4
    assert found.late_ms > 0
    assert found.fragments >= 3, "the recording ran, and its check too"
    assert found.doubts == ()
    assert 0 < found.checking < found.cores
    alone = load(1, 2.0, voices=False, recorded=False)
    assert alone.fragments == 0
    assert alone.late_ms == 0, "nobody looked at the loop, which costs something itself"
    assert alone.cores < found.cores


@pytest.mark.timeout(120)
def test_ffmpeg_does_the_same_work(tmp_path: Path) -> None:
    assert 0 < anchor.share(tmp_path, 2.0) < 4
    assert 0 < anchor.reading_back(tmp_path, 2.0) < 4
    recorded, small = (read_back(tmp_path / name, []) for name in (anchor.RECORDED, anchor.SMALL))
    assert (recorded.width, recorded.height, recorded.frames, recorded.audio_codec) == (1280, 720, 30, "aac")
    assert (small.width, small.height, small.frames) == (640, 360, 30)
    assert all((tmp_path / f"ear{ear}.ogg").stat().st_size > 1000 for ear in range(anchor.FOUR))


@pytest.mark.timeout(120)
def test_ffmpeg_shows_all_of_the_stage_and_the_time(tmp_path: Path) -> None:
    """Each picture of a tile is where the stage has it, as the customer sends it, and nothing of it is left dark."""
    anchor.share(tmp_path, 1.0)
    with av.open(tmp_path / anchor.RECORDED) as container:
        last = luma(list(container.decode(video=0))[-1])
    for tile in stage_layout(*STAGE, anchor.FOUR + 1).tiles[1:]:
        box = fit(*SENT, tile.picture)
        seen = cv2.resize(inside(last, box), THUMB, interpolation=cv2.INTER_AREA)
        assert seen.mean() > 100, "the wall of the customers' scene is light"
        assert seen.std() > 10, "and somebody stands before it"
    assert last[12:34, -300:-20].max() > 200, "the clock is written"


@pytest.mark.parametrize(
    ("pictures", "enough"), [(None, True), (15.0, True), (13.5, True), (13.4, False), (0.0, False)]
)
def test_a_seat_that_gets_too_little_is_no_measurement(pictures: float | None, enough: bool) -> None:
    found = Load(4, 0.3, 5.0, 9, (), 0.05, pictures)
    with contextlib.nullcontext() if enough else pytest.raises(NotMeasured, match="每秒只送到"):
        seat.refuse_too_few(found)


def test_the_customers_give_way_to_the_seat() -> None:
    told = "import os; from media.lab.wholeseat import give_way; print(-os.nice(0) + (give_way() or os.nice(0)))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert int(done.stdout) == min(wholeseat.LOWER, 19 - os.nice(0))


def test_a_thread_is_known_by_its_name() -> None:
    done = threading.Event()
    thread = threading.Thread(target=_busy_until, args=(done,), name="busy")
    thread.start()
    try:
        limit = time.monotonic() + 30
        while not wholeseat.thread_seconds("busy"):
            assert time.monotonic() < limit, "a busy thread takes no processor time"
        assert wholeseat.thread_seconds("nobody") == 0
    finally:
        done.set()
        thread.join()


def _busy_until(done: threading.Event) -> None:
    while not done.is_set():
        sum(range(1000))


def test_the_table_stands_on_what_was_measured() -> None:
    four, six, alone = Load(4, 0.6, 5.0, 9, (), 0.05), Load(6, 0.8, 12.0, 9, ()), Load(6, 0.5, 4.0, 0, ())
    tracks = Load(4, 0.7, 5.0, 9, (), 0.05)
    whole, kept, check, late, all_six = seat.table(four, tracks, seat.Anchor(0.5, 0.04), six, alone)
    assert (whole.ours, whole.anchor, whole.met) == (60, 50, True)
    assert (kept.ours, kept.anchor, kept.met) == (70, 50, None), "on record: FFmpeg keeps none"
    assert (check.ours, check.anchor, check.met) == (5, 4, None)
    assert whole.ratio == pytest.approx(1.2)
    assert (late.ours, late.anchor, late.met) == (12, 4, False)
    assert all_six.ratio == pytest.approx(1.6)
    beyond = seat.table(four, tracks, seat.Anchor(0.3, 0.3), six, alone)[0]
    assert beyond.met is False, "reading back is none of its work"

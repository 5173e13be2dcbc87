"""What may wait is seen to with what may not, in order, and nothing is left behind."""

import threading
import time
from pathlib import Path

import pytest

from media.backlog import Backlog
from media.core.mixing import BLOCK
from media.core.timeline import SECOND
from media.recorder import RESTING_SOUNDS
from media.standin import beeps
from tests.unit.media.sample import Take

PATIENCE = 20.0


@pytest.fixture
def taken() -> list[int]:
    return []


def _serve(backlog: Backlog[int], taken: list[int]) -> threading.Thread:
    def run() -> None:
        while (item := backlog.get()) >= 0:
            taken.append(item)
        backlog.done()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_what_wakes_nobody_waits_for_what_does(taken: list[int]) -> None:
    backlog: Backlog[int] = Backlog()
    thread = _serve(backlog, taken)
    for number in range(3):
        backlog.put(number, rouse=False)
    thread.join(0.05)
    assert taken == []
    backlog.put(3, rouse=True)
    backlog.join()
    assert taken == [0, 1, 2, 3]
    backlog.put(-1, rouse=True)
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_who_waits_for_all_of_it_does_not_wait_for_ever(taken: list[int]) -> None:
    backlog: Backlog[int] = Backlog()
    thread = _serve(backlog, taken)
    backlog.join()
    backlog.put(7, rouse=False)
    backlog.join()
    assert taken == [7]
    backlog.put(-1, rouse=True)
    backlog.join()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_sound_without_pictures_is_recorded_all_the_same(tmp_path: Path) -> None:
    take = Take(tmp_path / "r.mp4")
    try:
        for step in range(RESTING_SOUNDS + 1):
            take.recorder.hear(beeps(step * BLOCK, BLOCK), step * SECOND // 50)
        until = time.monotonic() + PATIENCE
        while take.recorder._encoder.samples < RESTING_SOUNDS * BLOCK:
            assert time.monotonic() < until, "nobody comes for it"
            time.sleep(0.005)
    finally:
        take.recorder.stop(SECOND)

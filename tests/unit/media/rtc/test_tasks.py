"""Strokes, on which what waits wakes the loop together."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import pytest

from media.rtc.tasks import end, next_stroke, stroke
from tests.unit.media.rtc.virtual import virtual

STEP = 0.05


async def _waking(wait: Callable[[], Awaitable[None]], count: int) -> tuple[int, int]:
    """(How often so many tasks went on within four seconds, at how many moments), each begun at a time of its own."""
    loop, moments = asyncio.get_running_loop(), list[float]()

    async def work() -> None:
        while True:
            await wait()
            moments.append(loop.time())

    tasks = []
    for _ in range(count):
        tasks.append(loop.create_task(work()))
        await asyncio.sleep(0.007)
    moments.clear()
    await asyncio.sleep(4.0)
    await end(*tasks)
    return len(moments), len(set(moments))


@virtual
async def test_six_wake_the_loop_as_often_as_one_and_go_on_as_often_as_each_by_itself() -> None:
    apart, moments = await _waking(lambda: asyncio.sleep(STEP), 6)
    assert moments == pytest.approx(apart, abs=6), "each has a moment of its own"
    together, moments = await _waking(lambda: stroke(STEP), 6)
    assert together == pytest.approx(apart, abs=6)
    assert moments == pytest.approx(4.0 / STEP, abs=1)


@virtual
async def test_a_stroke_is_the_one_nearest_to_what_was_asked_for_and_never_past() -> None:
    loop = asyncio.get_running_loop()
    for _ in range(40):
        now = loop.time()
        assert 0 < next_stroke(STEP) - now <= STEP + 1e-9
        for after in (0.05, 0.08, 0.25):
            assert abs(next_stroke(STEP, after) - now - after) <= STEP / 2 + 1e-9
        await asyncio.sleep(0.0037)


def test_a_stroke_that_is_just_now_is_past_whichever_way_its_time_was_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else whoever waits wakes again and again in the same moment."""
    for number in range(1, 4000):
        for now in (number * STEP, math.nextafter(number * STEP, 0), number * STEP - 1e-9):
            monkeypatch.setattr(asyncio, "get_running_loop", lambda now=now: SimpleNamespace(time=lambda: now))
            assert next_stroke(STEP) == pytest.approx((number + 1) * STEP)


@virtual
async def test_who_stops_waiting_leaves_no_timer() -> None:
    loop = asyncio.get_running_loop()
    waiting = loop.create_task(stroke(STEP))
    await asyncio.sleep(0)
    timers = list(loop._scheduled)  # type: ignore[attr-defined]
    assert len(timers) == 1
    await end(waiting)
    assert timers[0].cancelled()


@virtual
async def test_who_is_cancelled_in_the_turn_that_brings_the_stroke_leaves_no_fault() -> None:
    loop, faults = asyncio.get_running_loop(), list[str]()
    loop.set_exception_handler(lambda _, context: faults.append(str(context)))
    ends = list[asyncio.Task[None]]()
    loop.call_at(next_stroke(STEP, 2 * STEP), lambda: ends[0].cancel())
    ends.append(loop.create_task(stroke(STEP, 2 * STEP)))
    await asyncio.sleep(4 * STEP)
    assert ends[0].cancelled()
    assert faults == []

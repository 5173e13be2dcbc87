"""What is asked again while it is under way is done once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from signing.domain.case import Recording, RecordingState, Track
from signing.service.commands import Actor
from signing.web.routes import recordings, tracks
from signing.web.together import Together

NOW = datetime(2026, 11, 27, tzinfo=UTC)


async def test_the_same_is_done_once_and_both_hear_of_it() -> None:
    together, begun, go = Together(), 0, asyncio.Event()

    async def work() -> str:
        nonlocal begun
        begun += 1
        await go.wait()
        return "read"

    first = asyncio.ensure_future(together.once("card", work))
    again = asyncio.ensure_future(together.once("card", work))
    other = asyncio.ensure_future(together.once("another card", work))
    await asyncio.sleep(0)
    first.cancel()  # whoever gave up takes nothing from who asked again
    go.set()
    assert (await again, await other) == ("read", "read")
    assert begun == 2
    assert await together.once("card", work) == "read"
    assert begun == 3, "what is over is done anew"


async def test_a_refusal_reaches_all_who_wait() -> None:
    together, go = Together(), asyncio.Event()

    async def work() -> None:
        await go.wait()
        raise ValueError("no card")

    waiting = [asyncio.ensure_future(together.once("card", work)) for _ in range(2)]
    await asyncio.sleep(0)
    go.set()
    for one in waiting:
        with pytest.raises(ValueError, match="no card"):
            await one


@pytest.mark.parametrize(
    ("assemble", "held"),
    [
        (recordings.assemble, Recording("r1", "call", NOW, RecordingState.VERIFIED)),
        (tracks.assemble, Track("r1", "call", "p1", NOW, "borrower", "VP8", RecordingState.VERIFIED)),
    ],
    ids=["recording", "track"],
)
async def test_a_seat_that_gave_up_waiting_and_asks_again_has_nothing_read_back_twice(
    assemble: Callable[[str, Actor, Any], Awaitable[Any]], held: Recording | Track
) -> None:
    begun, go = list[object](), asyncio.Event()

    async def execute(command: object) -> Recording | Track:
        begun.append(command)
        await go.wait()
        return held

    web, agent = SimpleNamespace(reading_back=Together(), execute=execute), Actor("staff", "zhang", "agent", "inst")
    first, again = (asyncio.ensure_future(assemble("r1", agent, web)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    other = asyncio.ensure_future(assemble("r1", replace(agent, actor_id="chen"), web))
    await asyncio.sleep(0)
    go.set()
    assert (await again).state == (await other).state == "verified"
    assert len(begun) == 2, "once for each of the two who ask"

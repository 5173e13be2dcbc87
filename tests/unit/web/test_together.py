"""What is asked again while it is under way is done once."""

import asyncio

import pytest

from signing.web.together import Together


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

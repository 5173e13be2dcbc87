"""What runs beside a connection: its end, and the strokes on which it wakes."""

import asyncio
import math
from contextlib import suppress

_NOW = 1e-6
"""Of a stroke: one that is so near is the present one, whichever way its time was rounded."""


def next_stroke(step: float, after: float = 0.0) -> float:
    """On the running loop's clock: the multiple of ``step`` nearest to ``after`` seconds from now, but one to come.

    Whatever waits for strokes wakes the loop together, however many connections there are: to wake it costs more than
    most of what it then does.
    """
    now = asyncio.get_running_loop().time()
    return step * max(math.floor(now / step + _NOW) + 1, round((now + after) / step))


async def stroke(step: float, after: float = 0.0) -> None:
    """Waits for ``next_stroke``."""
    loop = asyncio.get_running_loop()
    due: asyncio.Future[None] = loop.create_future()
    timer = loop.call_at(next_stroke(step, after), _come, due)
    try:
        await due
    finally:
        timer.cancel()


def _come(due: asyncio.Future[None]) -> None:
    """Whoever waited may have been cancelled in this very turn of the loop."""
    if not due.done():
        due.set_result(None)


async def end(*tasks: "asyncio.Task[None] | None") -> None:
    """Cancels them all, then waits for each; raises what one failed with by itself. None is passed over."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    for task in running:
        with suppress(asyncio.CancelledError):
            await task

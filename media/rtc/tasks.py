"""Ending what runs beside a connection."""

import asyncio
from contextlib import suppress


async def end(*tasks: "asyncio.Task[None] | None") -> None:
    """Cancels them all, then waits for each; raises what one failed with by itself. None is passed over."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    for task in running:
        with suppress(asyncio.CancelledError):
            await task

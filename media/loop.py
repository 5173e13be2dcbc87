"""The engine's event loop."""

import asyncio
import selectors
import time
from collections.abc import Callable, Sequence
from typing import Any

LARGEST = 1 << 16
"""Bytes of a UDP datagram."""


class MediaLoop(asyncio.SelectorEventLoop):
    """Receives datagrams into room for one of them.

    asyncio asks for a quarter of a megabyte each time, which the C library maps and unmaps anew: 35 µs a packet instead
    of 4. Never Windows' Proactor loop, on which aiortc's UDP goes deaf.
    """

    def __init__(self) -> None:
        super().__init__(selectors.DefaultSelector())
        # what is due within the clock's step counts as due: ``media.finetime`` gives Windows a finer one
        self._clock_resolution = time.get_clock_info("perf_counter").resolution

    async def create_datagram_endpoint(self, *args: Any, **named: Any) -> Any:
        transport, protocol = await super().create_datagram_endpoint(*args, **named)
        transport.max_size = LARGEST  # type: ignore[attr-defined]
        return transport, protocol


def run_all(left: Sequence[Callable[[], None]]) -> None:
    """For ``call_soon_threadsafe``: one wake-up of the loop for all of them."""
    for each in left:
        each()

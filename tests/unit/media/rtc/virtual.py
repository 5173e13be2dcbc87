"""Calls in a time of their own: our sender, an emulated line and a phone on a loop whose clock runs as it can.

What becomes of a call then follows from the seed alone, however busy the machine is. Encoding takes ENCODING seconds.
"""

import asyncio
import random
import selectors
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import pytest
from aiortc import clock

from media.rtc import headers

Found = TypeVar("Found")
Given = ParamSpec("Given")

BEGIN = 1000.0
ENCODING = 0.008
NTP_UNIX = 3_900_000_000


class _Hurrying(selectors.SelectSelector):
    """Waits for nothing: the time until the next timer has passed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = BEGIN

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everything waits for something that will never be"
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Work for threads is done in place, and known a moment later."""

    def __init__(self) -> None:
        self._hurrying = _Hurrying()
        super().__init__(self._hurrying)

    def time(self) -> float:
        return self._hurrying.now

    def run_in_executor(self, executor: Any, func: Callable[..., Found], *args: Any) -> "asyncio.Future[Found]":  # type: ignore[override]
        future: asyncio.Future[Found] = self.create_future()
        try:
            self.call_later(ENCODING, _known, future, func(*args))
        except Exception as error:
            self.call_later(ENCODING, future.set_exception, error)
        return future


def _known(future: "asyncio.Future[Found]", made: Found) -> None:
    if not future.done():
        future.set_result(made)


@contextmanager
def _clocks(loop: VirtualLoop) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", loop.time)
        patch.setattr(time, "monotonic_ns", lambda: int(loop.time() * 1e9))
        for place, name in ((clock, "current_ntp_time"), (headers, "ntp_now")):
            patch.setattr(place, name, lambda: int((NTP_UNIX + loop.time()) * (1 << 32)))
        yield


def run(call: Callable[[], Coroutine[Any, Any, Found]], seed: int) -> Found:
    """What ``call`` returns, in no time."""
    state = random.getstate()
    loop = VirtualLoop()
    try:
        random.seed(seed)
        with _clocks(loop):
            return loop.run_until_complete(call())
    finally:
        loop.close()
        random.setstate(state)


def virtual(test: Callable[Given, Coroutine[Any, Any, None]]) -> Callable[Given, None]:
    """Runs a test in virtual time."""

    @wraps(test)
    def tested(*args: Given.args, **kwargs: Given.kwargs) -> None:
        run(lambda: test(*args, **kwargs), 1)

    return tested

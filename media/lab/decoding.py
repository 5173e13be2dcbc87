"""How long a process's decoders of pictures work, for who asks whether they kept up."""

import time
from collections.abc import Callable
from typing import Any

from media.rtc import names

Spent = list[tuple[float, float]]
"""Moments in milliseconds of the lab's clock, and the seconds that decoding had taken by then."""


class Timed:
    """A decoder whose time is noted in ``spent``; with its own thread as the only writer."""

    def __init__(self, decoder: Any, spent: Spent) -> None:
        self._decoder, self._spent = decoder, spent

    def decode(self, frame: Any) -> Any:
        began = time.monotonic()
        try:
            return self._decoder.decode(frame)
        finally:
            ended = time.monotonic()
            before = self._spent[-1][1] if self._spent else 0.0
            self._spent.append((ended * 1000, before + ended - began))


def timing(place: Any = names) -> Spent:
    """From now on each decoder that ``media.rtc`` makes in this process is timed; of several the sum."""
    spent: Spent = []
    usual: Callable[[Any], Any] = place.on_one_thread
    place.on_one_thread = lambda decoder: Timed(usual(decoder), spent)
    return spent

"""What is tried on a device, and when it counts as gone. That streams sound right is in the integration tests."""

import time
from types import SimpleNamespace

from media.core.mixing import RATE
from media.devices.streams import BEGINS_WITHIN, DEAD_AFTER, FILLED_WITHIN, Output, formats


def test_our_own_rate_comes_first_then_the_devices_then_what_is_usual() -> None:
    tried = list(formats(44_100, 2))
    assert tried[:4] == [(RATE, 1), (RATE, 2), (44_100, 1), (44_100, 2)]
    assert {rate for rate, _ in tried} == {48_000, 44_100, 32_000, 16_000, 8_000, 96_000}
    assert len(tried) == len(set(tried))


def test_no_more_channels_are_tried_than_there_are() -> None:
    assert {channels for _, channels in formats(48_000, 1)} == {1}
    assert {channels for _, channels in formats(48_000, 6)} == {1, 2, 6}


def stream(started: float) -> Output:
    """One that was started at that moment, without a device behind it."""
    made = object.__new__(Output)
    made._stream = SimpleNamespace(active=True)
    made._started = made.last = started
    made.began = False
    return made


def test_a_device_that_fills_its_buffers_and_then_takes_its_time_is_not_gone() -> None:
    now = time.monotonic()
    slow = stream(now)
    slow._beat()  # its buffers are filled
    assert not slow.began
    assert not slow.dead(now + DEAD_AFTER + 1)
    assert slow.dead(now + BEGINS_WITHIN + 1)


def test_one_that_ran_and_falls_silent_is_gone() -> None:
    now = time.monotonic()
    running = stream(now - FILLED_WITHIN - 1)
    running._beat()
    assert running.began
    assert not running.dead(running.last + DEAD_AFTER - 0.1)
    assert running.dead(running.last + DEAD_AFTER + 0.1)


def test_one_that_says_so_itself_is_gone() -> None:
    stopped = stream(time.monotonic())
    stopped._stream.active = False
    assert stopped.dead(time.monotonic())

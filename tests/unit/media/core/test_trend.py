"""A growing queue is seen, noise is not."""

import random

from media.core.trend import DelayTrend, Usage, slope


def feed(trend: DelayTrend, start: int, count: int, grows: float, noise: float = 0.0, base: float = 0.05) -> float:
    """A packet every 20 ms; ``grows``: seconds of queue more a second. Returns the delay at the end."""
    chance = random.Random(3)
    for step in range(count):
        base += grows * 0.02
        sent = (start + step) * 0.02
        trend.add(sent, 100 + sent + base + noise * chance.random())
    return base


def test_a_quiet_path() -> None:
    trend = DelayTrend()
    feed(trend, 0, 500, 0.0)
    assert trend.usage is Usage.NORMAL
    assert trend.queue < 0.001


def test_jitter_is_no_queue() -> None:
    trend = DelayTrend()
    over = 0
    for start in range(0, 2000, 5):
        feed(trend, start, 5, 0.0, noise=0.02)
        over += trend.usage is Usage.OVER
    assert over < 4


def test_a_queue_that_grows() -> None:
    trend = DelayTrend()
    feed(trend, 0, 100, 0.0, noise=0.005)
    feed(trend, 100, 40, 0.2, noise=0.005)
    assert trend.usage is Usage.OVER


def test_a_queue_that_empties() -> None:
    trend = DelayTrend()
    feed(trend, 0, 100, 0.0)
    grown = feed(trend, 100, 30, 0.3)
    feed(trend, 130, 40, -0.2, base=grown)
    assert trend.usage is Usage.UNDER


def test_a_queue_that_stands_is_too_much_without_growing() -> None:
    trend = DelayTrend()
    feed(trend, 0, 100, 0.0)
    feed(trend, 100, 150, 0.0, base=0.4)
    assert trend.queue > 0.3
    assert trend.usage is Usage.OVER


def test_packets_sent_together_are_one() -> None:
    """A picture's packets leave within a millisecond and come one after another: that is no growing queue."""
    trend = DelayTrend()
    for step in range(200):
        for piece in range(5):
            sent = step * 0.066 + piece * 0.0005
            trend.add(sent, sent + 0.05 + piece * 0.008)
    assert trend.usage is Usage.NORMAL


def test_an_outage_begins_anew() -> None:
    trend = DelayTrend()
    feed(trend, 0, 100, 0.3)
    feed(trend, 1000, 3, 0.0)
    assert trend._slope is Usage.NORMAL


def test_slope() -> None:
    assert slope([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]) == 2.0
    assert slope([(1.0, 0.0), (1.0, 9.0)]) == 0.0

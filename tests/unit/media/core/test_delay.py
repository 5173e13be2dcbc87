"""How late packets come, as it is remembered."""

import pytest

from media.core.delay import STEP, Lateness


def share_by_share(seen: list[float], forget: float) -> list[float]:
    """Weights, newest last, as they were meant: all that came before counts for less with each."""
    return [forget ** (len(seen) - 1 - place) for place in range(len(seen))]


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_what_was_long_ago_counts_for_less(share: float) -> None:
    lateness, seen = Lateness(0.9), [0.005, 0.155, 0.035, 0.305, 0.005, 0.075]
    for late in seen:
        lateness.add(late)
    weights = share_by_share(seen, 0.9)
    reached, total = 0.0, sum(weights)
    for late, weight in sorted(zip(seen, weights, strict=True)):
        reached += weight
        if reached >= share * total:
            assert lateness.quantile(share) == pytest.approx((int(late / STEP) + 1) * STEP)
            return


def test_it_forgets_for_hours_without_losing_count() -> None:
    lateness = Lateness(0.98)
    for _ in range(100_000):
        lateness.add(0.255)
    assert lateness.quantile(0.5) == pytest.approx(0.26)
    for _ in range(40):
        lateness.add(0.0)
    assert lateness.quantile(0.5) == pytest.approx(STEP), "more than half of what is remembered is the last"
    assert lateness.quantile(0.97) == pytest.approx(0.26)


def test_a_longer_packet_counts_for_as_many_short_ones_of_forgetting() -> None:
    short, long = Lateness(0.9), Lateness(0.9)
    for lateness, packets, times in ((short, 1.0, 8), (long, 2.0, 4)):
        lateness.add(0.5)
        for _ in range(times):
            lateness.add(0.0, packets)
    # 0.9 ** 8 is left of the first in both, beside eight packets or four
    assert short.quantile(0.9) == pytest.approx(STEP)
    assert long.quantile(0.9) == pytest.approx(0.51)


def test_before_the_first_packet_nothing_is_late() -> None:
    assert Lateness().quantile(0.95) == 0

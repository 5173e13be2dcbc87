"""The emulated link, by replaying packets: what is lost, how late the rest is, and that it is always the same."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.link import Burst, Fate, Lost, OneWay, Policer, Shape, Step, Trace, finished, parse_trace, rate_at

EVERYTHING = Shape(
    delay_ms=40,
    jitter_ms=20,
    loss=0.05,
    burst=Burst(0.01, 0.2, 0.9),
    rate=800.0,
    queue_ms=200,
    policer=Policer(1200, 20_000),
    reorder=0.02,
    blackouts=((3.0, 4.0),),
)


def replay(shape: Shape, seed: int = 1, packets: int = 1000, size: int = 1000, every: float = 0.01) -> list[Fate]:
    way = OneWay(shape, seed)
    return [way.take(size, number * every) for number in range(packets)]


def lost(fates: list[Fate], why: Lost | None = None) -> float:
    """The share of packets lost, of all or of one kind."""
    return sum(f.lost is not None and why in (None, f.lost) for f in fates) / len(fates)


def test_a_cable_does_nothing() -> None:
    assert replay(Shape()) == [Fate(number * 0.01, 0.0) for number in range(1000)]


def test_the_same_seed_and_packets_have_the_same_fate_and_another_seed_another() -> None:
    assert replay(EVERYTHING, seed=7) == replay(EVERYTHING, seed=7)
    assert replay(EVERYTHING, seed=7) != replay(EVERYTHING, seed=8)


def test_delay_is_added_to_every_packet() -> None:
    assert all(f.leaves == pytest.approx(n * 0.01 + 0.05) for n, f in enumerate(replay(Shape(delay_ms=50))))


def test_chance_takes_its_share() -> None:
    assert lost(replay(Shape(loss=0.1), packets=20_000), Lost.CHANCE) == pytest.approx(0.1, abs=0.01)


def test_bursts_take_their_mean_and_come_together() -> None:
    burst = Burst(0.015, 0.2, 0.9)
    fates = replay(Shape(burst=burst), packets=40_000)
    assert lost(fates, Lost.BURST) == pytest.approx(burst.mean, abs=0.012)
    again = sum(a.lost is b.lost is Lost.BURST for a, b in itertools.pairwise(fates))
    assert again / sum(f.lost is not None for f in fates) > 5 * burst.mean


def test_one_impairment_does_not_change_the_draws_of_another() -> None:
    alone = [f.lost is Lost.CHANCE for f in replay(Shape(loss=0.1))]
    beside = [f.lost is Lost.CHANCE for f in replay(Shape(loss=0.1, jitter_ms=30, delay_ms=10))]
    assert alone == beside


def test_jitter_keeps_order_and_stays_within_its_bounds() -> None:
    fates = replay(Shape(delay_ms=40, jitter_ms=20), every=0.001)
    leaves = [f.leaves for f in fates if f.leaves is not None]
    assert leaves == sorted(leaves)
    late = [leave - number * 0.001 for number, leave in enumerate(leaves)]
    assert min(late) >= 0.040 - 1e-9
    assert max(late) <= 0.060 + 1e-9
    assert max(late) - min(late) > 0.010


def test_only_what_is_asked_to_be_is_overtaken() -> None:
    leaves = [f.leaves or 0 for f in replay(Shape(delay_ms=10, reorder=0.1, reorder_ms=35), packets=5000)]
    late = sum(leave == pytest.approx(n * 0.01 + 0.045) for n, leave in enumerate(leaves))
    assert late / 5000 == pytest.approx(0.1, abs=0.02)
    overtaken = sum(a > b for a, b in itertools.pairwise(leaves))
    assert overtaken > 300


def test_a_bottleneck_lets_through_its_rate_and_no_more() -> None:
    # 1000 bytes every 5 ms are 1600 kbit/s on 400
    fates = replay(Shape(rate=400.0, queue_ms=100), packets=2000, every=0.005)
    through = [f.leaves for f in fates if f.leaves is not None]
    assert len(through) * 8 / through[-1] == pytest.approx(400, rel=0.03)
    assert lost(fates, Lost.QUEUE_FULL) == pytest.approx(0.75, abs=0.03)


def test_the_queue_never_holds_more_than_its_bound() -> None:
    in_time = replay(Shape(rate=400.0, queue_ms=100), every=0.005)
    assert 0.08 < max(f.waited for f in in_time if f.lost is None) <= 0.1
    in_bytes = replay(Shape(rate=400.0, queue_bytes=5000), every=0.005)
    # five packets of 20 ms wait behind the one that is being sent
    assert 0.1 <= max(f.waited for f in in_bytes if f.lost is None) <= 0.12


def test_a_packet_below_the_rate_waits_for_nothing() -> None:
    fates = replay(Shape(rate=1000.0, queue_ms=50))
    assert {f.waited for f in fates} == {0.0}
    assert all(f.leaves == pytest.approx(n * 0.01 + 0.008) for n, f in enumerate(fates))


def test_a_policer_drops_what_exceeds_and_queues_nothing() -> None:
    fates = replay(Shape(policer=Policer(200, 10_000)), packets=3000)
    assert {f.waited for f in fates} == {0.0}
    assert [f.lost for f in fates[:10]] == [None] * 10, "the bucket is full at first"
    assert lost(fates, Lost.POLICED) == pytest.approx(0.75, abs=0.02)


def test_nothing_passes_a_blackout_and_everything_after_it() -> None:
    fates = replay(Shape(blackouts=((2.0, 3.0), (5.0, 5.5))))
    dark = [number * 0.01 for number, f in enumerate(fates) if f.lost is Lost.BLACKED_OUT]
    assert (dark[0], dark[99], dark[100], dark[-1]) == pytest.approx((2.0, 2.99, 5.0, 5.49))
    assert lost(fates) == pytest.approx(0.15)


def test_what_is_lost_on_the_air_has_used_up_the_bottleneck() -> None:
    shape = Shape(rate=400.0, queue_ms=1000, loss=1.0)
    assert replay(shape, packets=3, every=0.0)[-1].waited == pytest.approx(0.04)


def test_a_trace_changes_the_rate_and_begins_anew() -> None:
    trace = Trace((Step(0, 800), Step(1, 80)), 2)
    assert [rate_at(trace, moment) for moment in (0.0, 0.99, 1.0, 1.5, 2.0, 3.2)] == [
        (800, 1), (800, 1), (80, 2), (80, 2), (800, 3), (80, 4),
    ]  # fmt: skip
    # 80 ms of 800 kbit/s and then the rest of 80,000 bits at 80
    assert finished(trace, 0.92, 80_000) == pytest.approx(1.2)


def test_a_trace_of_nothing_for_a_while_holds_packets_back() -> None:
    trace = Trace((Step(0, 0), Step(3, 1000)), 4)
    assert finished(trace, 0.5, 1000) == pytest.approx(3.001)


@given(st.floats(0, 1e5), st.floats(1, 1e6), st.lists(st.floats(1, 1e4), min_size=1, max_size=5))
def test_sending_always_ends_and_never_before_it_began(begins: float, bits: float, rates: list[float]) -> None:
    trace = Trace(tuple(Step(float(at), kbps) for at, kbps in enumerate(rates)), float(len(rates)))
    ends = finished(trace, begins, bits)
    assert begins + bits / (max(rates) * 1000) - 1e-6 <= ends <= begins + bits / (min(rates) * 1000) + 1e-6


def test_every_kind_of_loss_occurs_in_a_link_of_everything() -> None:
    fates = replay(EVERYTHING, packets=6000, every=0.004)
    assert set(Counter(f.lost for f in fates)) == {None, *Lost}


def test_a_trace_is_read_from_lines() -> None:
    assert parse_trace(["# seconds kbit/s", "0 800", "", "1.5, 300 # tunnel", "4 0"]) == Trace(
        (Step(0, 800), Step(1.5, 300)), 4
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["0 800"], "至少要有两行"),
        (["1 800", "2 0"], "第一行的时间为 0"),
        (["0 800", "x 1"], "第 2 行"),
        (["0 800", "2 -1"], "第 2 行"),
        (["0 800", "2 nan"], "第 2 行"),
        (["0 800 3", "2 1"], "第 1 行"),
        (["0 1", "2 1", "2 1"], "第 3 行的时间没有比上一行晚"),
        (["0 0", "2 5"], "不能全部为零"),
    ],
)
def test_a_wrong_trace_is_told_by_its_line(lines: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_trace(lines)

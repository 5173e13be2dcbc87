"""The whole of the sender's core over emulated paths: it finds a rate, keeps it, and builds no queue."""

import pytest

from media.core.arrivals import Result
from media.core.ladder import LIVE_AGAIN
from media.core.link import Burst, Policer, Step, Trace
from media.core.sendrate import HIGHEST, LOWEST, START, ArrivalRate, SendRate
from tests.unit.media.core.sending import Sender, path


def test_a_clean_path_is_used_within_two_seconds() -> None:
    trace = Sender(path()).run(6)
    assert trace.mean(1.9, 2.1) > 550e3
    assert trace.mean(4) == pytest.approx(HIGHEST, rel=0.02)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2])
def test_random_loss_does_not_collapse_the_rate(share: float) -> None:
    trace = Sender(path(loss=share)).run(20)
    assert trace.mean(1, 4) > 0.8 * START  # heavy loss is asked about before the rate rises
    assert trace.mean(5) > 0.9 * HIGHEST


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_burst_loss_does_not_collapse_the_rate(seed: int) -> None:
    trace = Sender(path(seed, rate=1500, burst=Burst(0.02, 0.25))).run(30)
    assert trace.mean(10) > 350e3


@pytest.mark.parametrize("kbps", [700, 500, 300, 150])
def test_a_bottleneck_is_filled_without_a_queue(kbps: int) -> None:
    trace = Sender(path(rate=kbps)).run(40)
    assert 0.7 * kbps * 1e3 < trace.mean(10) < 1.02 * kbps * 1e3
    assert trace.queue(0.95, 5) < 0.15
    assert trace.lost == 0


def test_a_very_thin_path() -> None:
    sender = Sender(path(rate=100))
    trace = sender.run(30)
    assert 70e3 < trace.mean(10) < 100e3
    assert trace.queue(0.95, 8) < 0.3
    assert sender.rate.settled >= sender.rate.target


def test_a_bottleneck_that_loses_besides() -> None:
    trace = Sender(path(rate=300, loss=0.1)).run(40)
    assert trace.mean(10) > 190e3
    assert trace.queue(0.95, 5) < 0.15


@pytest.mark.parametrize("kbps", [100, 150, 300])
def test_the_beginning_does_not_fill_a_thin_path(kbps: int) -> None:
    trace = Sender(path(rate=kbps)).run(10)
    assert trace.queue(1.0, 0) < (0.25 if kbps > 100 else 0.35)
    assert trace.queue(1.0, 5) < 0.2


def test_a_first_look_at_few_packets_is_no_capacity() -> None:
    rate = SendRate(0.0)
    for number in range(30):  # a queue that grows by half of the time since it began, seen from its first packets on
        sent = number * 0.03
        rate.results([Result(sent, 0.05 + 1.5 * sent, 300)], sent + 0.1)
    assert rate.target >= 0.25 * START
    for number in range(200):  # it empties: what came while it stood is known to pass
        sent = 2.0 + number * 0.03
        rate.results([Result(sent, sent + 0.05, 300)], sent + 0.1)
    assert rate.settled > 0.8 * 300 * 8 / 0.045


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_beginning_asks_a_policer_once(seed: int) -> None:
    sender = Sender(path(seed, policer=Policer(300, 12_000)), seed=seed)
    trace = sender.run(10)
    assert max(trace.targets) < 700e3
    assert trace.mean(4) == pytest.approx(300e3, rel=0.12)
    assert trace.lost / trace.delivered < 0.1


@pytest.mark.parametrize("bucket", [4000, 12_000])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_policer_is_found_without_a_queue(bucket: int, seed: int) -> None:
    sender = Sender(path(seed, policer=Policer(300, bucket)), seed=seed)
    sender.run(10)
    lost, all_before = sender.trace.lost, sender.trace.lost + sender.trace.delivered
    trace = sender.run(30)
    assert 200e3 < trace.mean(15) < 345e3
    assert (trace.lost - lost) / (trace.lost + trace.delivered - all_before) < 0.08


@pytest.mark.parametrize("seed", [1, 2])
def test_a_policer_is_asked_more_and_more_seldom(seed: int) -> None:
    sender = Sender(path(seed, policer=Policer(300, 12_000)), seed=seed)
    sender.run(15)
    lost, delivered = sender.trace.lost, sender.trace.delivered
    trace = sender.run(105)
    assert trace.mean(15) > 250e3
    assert (trace.lost - lost) / (trace.delivered - delivered) < 0.018, (
        "where each try was followed by another it was 3 %"
    )


def test_a_policer_that_goes_is_found_out() -> None:
    """Of two minutes behind it the path is wide again: what was held is tried within the longest hold."""
    steps = (Step(0, 300), Step(60, 5000))
    sender = Sender(path(policer=Policer(300, 12_000)))
    sender.run(60)
    sender._way = path(rate=Trace(steps, 1000))
    trace = sender.run(90)
    assert trace.mean(145, 150) > 600e3


def test_a_policer_on_a_lossy_path() -> None:
    trace = Sender(path(policer=Policer(300, 12_000), loss=0.05)).run(60)
    assert 180e3 < trace.mean(30) < 400e3


def test_a_path_that_becomes_thin_and_wide_again() -> None:
    steps = (Step(0, 1000), Step(10, 200), Step(30, 1000))
    trace = Sender(path(rate=Trace(steps, 1000))).run(70)
    assert trace.mean(20, 30) < 200e3
    assert trace.queue(0.95, 14, 30) < 0.2
    assert trace.mean(60) > 450e3


def test_silence_halves_and_news_bring_it_back() -> None:
    sender = Sender(path(rate=1000, blackouts=((10.0, 20.0),)))
    sender.run(20)
    assert sender.trace.mean(19, 20) < 100e3
    sender.run(25)
    assert sender.trace.mean(40) > 400e3


def test_no_more_than_what_is_needed() -> None:
    """What the pictures do not use is not known to be there."""
    sender = Sender(path(rate=800))
    sender.most = 200e3
    trace = sender.run(20)
    assert 200e3 < trace.mean(10) < 400e3


def test_voice_alone_finds_that_there_is_more() -> None:
    sender = Sender(path(rate=300))
    sender.rate._by_delay, sender.rate._starting = 40e3, False
    sender.most = 0.0
    trace = sender.run(30)
    assert trace.mean(25) > LIVE_AGAIN


def test_reports_that_come_late_do_not_starve_a_thin_path() -> None:
    """The way back is full: reports come 1.2 s late."""
    sender = Sender(path(rate=100), back=1.2)
    trace = sender.run(40)
    assert trace.mean(12) > 65e3
    assert min(rate for at, rate in zip(trace.times, trace.targets, strict=True) if at > 12) > 45e3


# --- receiver reports, where there is nothing better ---


def reported(rate: SendRate, seconds: int, lost: float, trip: float, start: int = 0) -> None:
    for second in range(start, start + seconds):
        rate.report(lost, 60, rate.target, trip, float(second))


def test_reports_of_a_good_path() -> None:
    rate = SendRate(0.0)
    reported(rate, 10, 0.0, 0.08)
    assert rate.target > 2 * START


def test_reports_of_loss_do_not_collapse_the_rate() -> None:
    rate = SendRate(0.0)
    reported(rate, 30, 0.1, 0.08)
    assert rate.settled > START


def test_reports_of_a_long_round_trip() -> None:
    rate = SendRate(0.0)
    reported(rate, 5, 0.0, 0.08)
    before = rate.target
    reported(rate, 5, 0.0, 0.6, start=5)
    assert rate.target < 0.8 * before


def test_one_late_report_is_no_queue() -> None:
    rate = SendRate(0.0)
    reported(rate, 5, 0.0, 0.08)
    before = rate.target
    rate.report(0.0, 60, rate.target, 0.9, 5.0)
    assert rate.target >= before


def test_reports_that_are_far_apart_are_no_silence() -> None:
    rate = SendRate(0.0)
    for tenth in range(1, 200):
        rate.tick(tenth / 10)
        if tenth % 15 == 0:
            rate.report(0.0, 60, rate.target, 0.08, tenth / 10)
    assert rate.target > START


def test_a_report_ends_a_silence() -> None:
    rate = SendRate(0.0)
    reported(rate, 5, 0.0, 0.08)
    for tenth in range(50, 300):
        rate.tick(tenth / 10)
    assert rate.target < 100e3
    rate.report(0.0, 60, rate.target, 0.08, 30.0)
    assert rate.target >= 0.5 * START


def test_silence_ends_at_the_lowest() -> None:
    rate = SendRate(0.0)
    for tenth in range(600):
        rate.tick(tenth / 10)
    assert rate.target == LOWEST


def test_arrival_rate() -> None:
    arrival = ArrivalRate()
    assert arrival.value is None
    for step in range(100):
        arrival.add(step * 0.01, 125)
    assert arrival.value == pytest.approx(100e3, rel=0.05)


def test_arrival_rate_of_a_beginning() -> None:
    arrival = ArrivalRate()
    for step in range(31):
        arrival.add(step * 0.01, 125)
    assert arrival.value == pytest.approx(100e3, rel=0.05)

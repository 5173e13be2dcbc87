"""Receiver reports."""

import pytest

from media.core.reception import Reception


def test_loss_is_told_since_the_report_before_and_in_all() -> None:
    reception = Reception(90_000)
    for number in range(100):
        if number % 5:
            reception.add((65_500 + number) & 0xFFFF, number * 900, number * 0.01)
    first = reception.report()
    assert first.fraction == pytest.approx(256 * 0.2, abs=4)
    assert first.lost == 19
    assert first.highest == 65_599
    assert (reception.expected, reception.received) == (99, 80)
    for number in range(100, 200):
        reception.add((65_500 + number) & 0xFFFF, number * 900, number * 0.01)
    assert reception.report().fraction == 0


def test_a_steady_stream_has_no_jitter_and_a_shaken_one_has() -> None:
    steady, shaken = Reception(48_000), Reception(48_000)
    for number in range(200):
        steady.add(number, number * 960, number * 0.02)
        shaken.add(number, number * 960, number * 0.02 + (number % 2) * 0.01)
    assert steady.report().jitter == 0
    assert shaken.report().jitter == pytest.approx(480, rel=0.1)


def test_a_wrap_of_the_timestamp_is_no_jitter() -> None:
    reception = Reception(48_000)
    for number in range(20):
        reception.add(number, (0xFFFF_FFFF - 5 * 960 + number * 960) & 0xFFFF_FFFF, number * 0.02)
    assert reception.report().jitter <= 1


def test_copies_do_not_make_up_for_losses_below_nothing() -> None:
    reception = Reception(90_000)
    for number in range(10):
        reception.add(number, 0, 0.0)
        reception.add(number, 0, 0.0)
    assert (reception.report().fraction, reception.report().lost) == (0, -10)


def test_a_forgiven_share_is_left_out_of_the_fraction_only() -> None:
    reception = Reception(90_000)
    for number in range(1000):
        if number % 4:
            reception.add(number, 0, 0.0)
    report = reception.report(forgiven=0.2)
    assert report.fraction == pytest.approx(256 * 0.05, abs=2)
    assert report.lost == 249

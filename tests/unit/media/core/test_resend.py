"""What is sent again, and key pictures kept apart."""

from media.core.resend import APART, KEPT, OLDEST, SAVED, SHARE, KeyGate, Resending

RATE, TRIP = 400_000.0, 0.1


def kept(count: int = 10, now: float = 0.0) -> Resending[str]:
    resending: Resending[str] = Resending(-10.0)
    for sequence in range(count):
        resending.sent(sequence, f"p{sequence}", 1000, now)
    return resending


def test_once() -> None:
    assert kept().asked(3, TRIP, RATE, 0.2) == "p3"


def test_not_twice_within_a_round_trip() -> None:
    resending = kept()
    assert resending.asked(3, TRIP, RATE, 0.2) == "p3"
    assert resending.asked(3, TRIP, RATE, 0.25) is None
    assert resending.asked(3, TRIP, RATE, 0.31) == "p3"


def test_not_while_the_first_is_under_way() -> None:
    assert kept().asked(3, TRIP, RATE, 0.05) is None


def test_what_went_out_unasked_is_under_way_and_costs_requests_nothing() -> None:
    resending = kept()
    for sequence in range(10):
        assert resending.unasked(sequence, 0.2) == f"p{sequence}"
    assert resending.asked(3, TRIP, RATE, 0.25) is None
    assert all(resending.asked(sequence, TRIP, RATE, 0.3) for sequence in range(10))
    assert resending.unasked(99, 0.3) is None


def test_not_what_is_too_old() -> None:
    resending = kept()
    assert resending.asked(3, TRIP, RATE, OLDEST + 0.01) is None
    assert resending.refused == 1


def test_not_what_a_key_picture_replaced() -> None:
    resending = kept()
    resending.superseded()
    assert resending.asked(3, TRIP, RATE, 0.2) is None


def test_unknown_and_forgotten() -> None:
    resending = kept(KEPT + 5)
    assert resending.asked(4, TRIP, RATE, 0.2) is None
    assert resending.asked(5, TRIP, RATE, 0.2) == "p5"
    assert resending.asked(9999, TRIP, RATE, 0.2) is None


def test_a_share_of_the_rate() -> None:
    resending = kept(300)
    at_once = sum(resending.asked(number, TRIP, RATE, 0.2) is not None for number in range(100))
    assert at_once == int(RATE * SHARE * SAVED / 8000)
    later = sum(resending.asked(100 + number, TRIP, RATE, 0.2 + number * 0.01) is not None for number in range(100))
    assert abs(later - RATE * SHARE / 8000) <= 1


def test_key_pictures_are_merged() -> None:
    gate = KeyGate()
    assert not gate.due(0.0)
    for _ in range(5):
        gate.ask()
    assert gate.due(0.0)
    gate.made(2000, RATE, TRIP, 0.0)
    assert not gate.due(10.0)


def test_key_pictures_are_apart() -> None:
    gate = KeyGate()
    gate.made(2000, RATE, TRIP, 0.0)
    gate.ask()
    assert not gate.due(APART - 0.01)
    assert gate.due(APART)


def test_a_key_picture_on_a_thin_path_is_given_time() -> None:
    gate = KeyGate()
    gate.made(10_000, 100_000.0, TRIP, 0.0)
    gate.ask()
    assert not gate.due(1.5)
    assert gate.due(1.6)

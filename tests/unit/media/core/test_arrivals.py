"""Transport-wide feedback as Chromium writes it, and the fates that it makes known."""

import struct

import pytest

from media.core.arrivals import KEPT, REFERENCE, TICK, History, Told, parse


def head(base: int, count: int, reference: int = 5, number: int = 0) -> bytes:
    return struct.pack("!HHI", base, count, reference << 8 | number)


def test_run_length_chunk() -> None:
    fci = head(10, 3) + struct.pack("!H", 1 << 13 | 3) + bytes([4, 8, 12])
    assert parse(fci) == Told(5, ((10, 4 * TICK), (11, 12 * TICK), (12, 24 * TICK)))


def test_one_bit_vector() -> None:
    """Fourteen packets, of which the first, the third and the last came."""
    bits = 1 << 13 | 1 << 11 | 1
    told = parse(head(0, 14) + struct.pack("!H", 0x8000 | bits) + bytes([1, 1, 1]))
    assert [number for number, after in told.packets if after is not None] == [0, 2, 13]


def test_two_bit_vector_with_large_and_negative_deltas() -> None:
    symbols = (1, 2, 0, 2, 0, 0, 0)
    chunk = 0xC000 | sum(symbol << (12 - 2 * place) for place, symbol in enumerate(symbols))
    told = parse(head(65534, 4) + struct.pack("!H", chunk) + struct.pack("!Bhh", 200, 1000, -40))
    assert [number for number, _ in told.packets] == [65534, 65535, 0, 1]
    assert [None if after is None else round(after / TICK) for _, after in told.packets] == [200, 1200, None, 1160]


def test_padding_after_the_deltas_is_passed_over() -> None:
    fci = head(1, 1) + struct.pack("!H", 1 << 13 | 1) + bytes([4, 0, 0, 3])
    assert parse(fci).packets == ((1, 4 * TICK),)


@pytest.mark.parametrize(
    "fci",
    [
        b"",
        head(0, 1),
        head(0, 20) + struct.pack("!H", 1 << 13 | 10) + bytes(20),
        head(0, 2) + struct.pack("!H", 1 << 13 | 2) + bytes([1]),
        head(0, 1) + struct.pack("!H", 2 << 13 | 1) + bytes([1]),
    ],
)
def test_what_is_not_whole(fci: bytes) -> None:
    with pytest.raises(ValueError, match="transport feedback"):
        parse(fci)


def test_a_huge_run_is_cut_to_the_count() -> None:
    assert len(parse(head(0, 2) + struct.pack("!H", 0x1FFF)).packets) == 2


def sent(history: History, count: int, size: int = 100) -> list[int]:
    return [history.sent(size, place * 0.01) for place in range(count)]


def test_fates_carry_what_was_sent() -> None:
    history = History()
    first, second = sent(history, 2)
    results = history.told(Told(2, ((first, 0.001), (second, 0.02))))
    assert [(result.sent, result.size) for result in results] == [(0.0, 100), (0.01, 100)]
    assert [result.arrived for result in results] == pytest.approx([2 * REFERENCE + 0.001, 2 * REFERENCE + 0.02])


def test_each_packet_has_one_fate() -> None:
    history = History()
    (number,) = sent(history, 1)
    assert len(history.told(Told(0, ((number, 0.0),)))) == 1
    assert history.told(Told(0, ((number, 0.0),))) == []


def test_missing_is_lost_only_when_the_next_feedback_does_not_know_it_either() -> None:
    history = History()
    one, two, three = sent(history, 3)
    assert [result.arrived for result in history.told(Told(0, ((one, None), (two, 0.0))))] == [0.0]
    results = history.told(Told(1, ((three, 0.0),)))
    assert [result.arrived is None for result in results] == [True, False]


def test_a_packet_that_was_overtaken_is_not_lost() -> None:
    history = History()
    one, two, three = sent(history, 3)
    history.told(Told(0, ((one, None), (two, 0.0))))
    results = history.told(Told(1, ((one, 0.0), (two, None), (three, 0.001))))
    assert [result.arrived is None for result in results] == [False, False]


def test_told_missing_twice_is_lost() -> None:
    history = History()
    one, two = sent(history, 2)
    history.told(Told(0, ((one, None), (two, 0.0))))
    assert [result.arrived for result in history.told(Told(1, ((one, None),)))] == [None]


def test_numbers_wrap() -> None:
    history = History()
    numbers = [history.sent(1, place / 1000) for place in range(70_000)]
    assert max(numbers) == 65535
    results = history.told(Told(0, tuple((number, 0.0) for number in numbers[-3:])))
    assert [result.sent for result in results] == [69.997, 69.998, 69.999]


def test_the_reference_wraps() -> None:
    history = History()
    one, two = sent(history, 2)
    (before,) = history.told(Told((1 << 24) - 1, ((one, 0.0),)))
    (after,) = history.told(Told(0, ((two, 0.0),)))
    assert before.arrived is not None
    assert after.arrived is not None
    assert after.arrived - before.arrived == pytest.approx(REFERENCE, abs=1e-6)


def test_what_nobody_spoke_of_is_forgotten() -> None:
    history = History()
    old = history.sent(1, 0.0)
    new = history.sent(1, KEPT + 1)
    assert [result.sent for result in history.told(Told(0, ((old, 0.0), (new, 0.0))))] == [KEPT + 1]


def test_a_number_that_was_never_sent() -> None:
    assert History().told(Told(0, ((999, 0.0),))) == []

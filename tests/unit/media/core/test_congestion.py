"""Transport-wide feedback, read back by a parser of its own."""

import random
import struct

from hypothesis import given
from hypothesis import strategies as st

from media.core.congestion import KEPT, MOST, TICK, TransportFeedback


def read(data: bytes) -> tuple[int, dict[int, float | None], int]:
    """(feedback number, 16-bit sequence number -> arrival in seconds or None, media SSRC), from the draft's text."""
    first, kind, words = struct.unpack("!BBH", data[:4])
    assert first >> 6 == 2
    assert (first & 0x1F, kind) == (15, 205)
    assert len(data) == 4 * (words + 1)
    end = len(data) - (data[-1] if first & 0x20 else 0)
    _, media, base, count, reference = struct.unpack("!LLHHL", data[4:20])
    number, at = reference & 0xFF, 20
    reference >>= 8
    symbols: list[int] = []
    while len(symbols) < count:
        (chunk,) = struct.unpack("!H", data[at : at + 2])
        at += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            symbols += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    now, seen = reference * 0.064, dict[int, float | None]()
    for place, symbol in enumerate(symbols[:count]):
        if symbol == 1:
            now, at = now + data[at] * TICK, at + 1
        elif symbol == 2:
            now, at = now + struct.unpack("!h", data[at : at + 2])[0] * TICK, at + 2
        seen[(base + place) & 0xFFFF] = now if symbol else None
    assert at == end, "nothing is left over"
    return number, seen, media


@given(
    start=st.integers(0, 0xFFFF),
    steps=st.lists(st.tuples(st.floats(0, 0.4), st.booleans()), min_size=1, max_size=300),
    swaps=st.integers(0, 1000),
)
def test_what_arrived_is_read_back(start: int, steps: list[tuple[float, bool]], swaps: int) -> None:
    now, arrivals = 1000.0, list[tuple[int, float]]()
    for place, (pause, lost) in enumerate(steps):
        now += pause
        if not lost or place in (0, len(steps) - 1):
            arrivals.append((place, now))
    shuffler, feedback = random.Random(swaps), TransportFeedback()
    numbers = [place for place, _ in arrivals]
    for at in range(1, len(numbers) - 2):
        if shuffler.random() < 0.1:
            numbers[at], numbers[at + 1] = numbers[at + 1], numbers[at]
    for number, (_, at_time) in zip(numbers, arrivals, strict=True):
        feedback.arrived((start + number) & 0xFFFF, at_time)
    told: dict[int, float | None] = {}
    for packet in feedback.build(1, 2):
        told |= read(packet)[1]
    expected = dict(zip(numbers, (at_time for _, at_time in arrivals), strict=True))
    for place in range(len(steps)):
        seen, true = told[(start + place) & 0xFFFF], expected.get(place)
        assert (seen is None) == (true is None)
        if seen is not None and true is not None:
            assert abs(seen - true) <= TICK


def test_feedback_is_numbered_and_each_packet_told_once() -> None:
    feedback, told = TransportFeedback(), list[int]()
    for number in range(2000):
        feedback.arrived(number & 0xFFFF, number * 0.001)
        if number % 50 == 49:
            (packet,) = feedback.build(7, 8)
            count, seen, media = read(packet)
            assert count == (number // 50) & 0xFF
            assert media == 8
            told += seen
    assert told == list(range(2000))
    assert feedback.build(7, 8) == []


def test_a_late_packet_that_was_told_lost_is_told_anew() -> None:
    feedback = TransportFeedback()
    feedback.arrived(1, 0.0)
    feedback.arrived(3, 0.01)
    assert read(feedback.build(1, 2)[0])[1][2] is None
    feedback.arrived(2, 0.02)
    assert abs((read(feedback.build(1, 2)[0])[1][2] or 0.0) - 0.02) <= TICK


def test_an_outage_of_thousands_is_passed_over() -> None:
    feedback = TransportFeedback()
    feedback.arrived(10, 1.0)
    feedback.build(1, 2)
    feedback.arrived(10_000, 30.0)
    packets = feedback.build(1, 2)
    assert packets
    for packet in packets:
        seen = read(packet)[1]
        assert len(seen) <= MOST
        assert any(at is not None for at in seen.values())


def test_of_a_loss_passed_over_nothing_is_said() -> None:
    feedback = TransportFeedback()
    for number in (1, 2, 5, 6, 8):
        feedback.arrived(number, number * 0.01)
    assert feedback.lost() == [3, 4, 7]
    packets = feedback.build(1, 2, passed_over=[3, 7])
    told = [set(read(packet)[1]) for packet in packets]
    assert told == [{1, 2}, {4, 5, 6}, {8}]
    assert read(packets[1])[1][4] is None
    feedback.arrived(3, 0.2)
    assert abs((read(feedback.build(1, 2)[0])[1][3] or 0.0) - 0.2) <= TICK, "until it comes after all"


def test_a_feedback_is_never_without_an_arrival() -> None:
    feedback = TransportFeedback()
    for number in (1, 6):
        feedback.arrived(number, number * 0.01)
    packets = feedback.build(1, 2, passed_over=[3, 5])
    assert [set(read(packet)[1]) for packet in packets] == [{1, 2}, {6}]


def test_memory_is_bounded() -> None:
    feedback = TransportFeedback()
    for number in range(3 * KEPT):
        feedback.arrived(number & 0xFFFF, number * 0.001)
    assert len(feedback._arrivals) <= KEPT

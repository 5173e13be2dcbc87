"""The relay, with plain UDP sockets at both ends."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from media.core.link import Lost, Shape
from media.lab.relay import HEADERS, Relay


@contextmanager
def hosts(relay: Relay) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Phone and seat, who know the relay's ports only, and each of whom has said something."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as seat,
    ):
        for one, port in ((phone, relay.phone_port), (seat, relay.seat_port)):
            one.settimeout(10)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
            one.connect(("127.0.0.1", port))
            one.send(b"hello")
        # the first greeting may find nobody at the other side
        time.sleep(0.2)
        phone.send(b"hello")
        while seat.recv(2000) != b"hello":
            pass
        seat.settimeout(0.3)
        with_nothing_left(seat)
        with_nothing_left(phone)
        yield phone, seat


def with_nothing_left(one: socket.socket) -> None:
    one.settimeout(0.2)
    try:
        while True:
            one.recv(2000)
    except TimeoutError:
        one.settimeout(10)


def numbers(one: socket.socket, count: int) -> list[int]:
    return [int.from_bytes(one.recv(2000)[:4], "big") for _ in range(count)]


def test_packets_come_out_at_the_other_side_in_order_and_late() -> None:
    shape = Shape(delay_ms=60, jitter_ms=20)
    with Relay(shape, shape, 1) as relay, hosts(relay) as (phone, seat):
        began = time.monotonic()
        for number in range(50):
            phone.send(number.to_bytes(4, "big") + bytes(500))
        assert numbers(seat, 50) == list(range(50))
        assert time.monotonic() - began >= 0.06
        seat.send((7).to_bytes(4, "big"))
        assert numbers(phone, 1) == [7]
        journal = relay.end()
    assert [p.size for p in journal.up if p.size > 400] == [504 + HEADERS] * 50
    assert all(p.took is not None and 0.06 <= p.took <= 0.081 for p in journal.up)
    assert {p.lost for p in (*journal.up, *journal.down)} == {None}


def test_what_the_link_loses_does_not_come_and_is_in_the_journal() -> None:
    with Relay(Shape(), Shape(loss=1.0), 1) as relay, hosts(relay) as (phone, seat):
        seat.send(b"to nobody")
        phone.send((3).to_bytes(4, "big"))
        assert numbers(seat, 1) == [3]
        phone.settimeout(0.3)
        with pytest.raises(TimeoutError):
            phone.recv(2000)
        journal = relay.end()
    assert {p.lost for p in journal.down} == {Lost.CHANCE}
    assert all(p.took is None for p in journal.down)


def test_blackouts_count_from_the_beginning_that_is_told() -> None:
    shape = Shape(blackouts=((0.0, 3600.0),))
    with Relay(Shape(), shape, 1) as relay, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as seat:
        seat.sendto(b"x", ("127.0.0.1", relay.seat_port))
        time.sleep(0.3)
        zero = relay.begin()
        seat.sendto(b"x", ("127.0.0.1", relay.seat_port))
        time.sleep(0.3)
        assert zero <= time.monotonic()
        journal = relay.end()
    assert [p.lost for p in journal.down] == [Lost.BLACKED_OUT] * 2


def test_a_second_address_of_a_host_is_not_heard_beside_the_first() -> None:
    with Relay(Shape(), Shape(), 1) as relay, hosts(relay) as (phone, seat):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for number in range(5):
                stranger.sendto(b"strange", ("127.0.0.1", relay.phone_port))
                phone.send(number.to_bytes(4, "big"))
                time.sleep(0.02)
        assert numbers(seat, 5) == list(range(5))


def test_every_leg_has_ports_of_its_own_and_all_share_the_link() -> None:
    shape = Shape(rate=80.0, queue_ms=5000)
    with Relay(shape, Shape(), 1) as relay:
        first = relay.phone_port, relay.seat_port
        with hosts(relay) as (phone, seat):
            relay.join()
            assert not {relay.phone_port, relay.seat_port} & set(first)
            with hosts(relay) as (other_phone, other_seat):
                began = time.monotonic()
                for number in range(4):
                    for one in (phone, other_phone):
                        one.send(number.to_bytes(4, "big") + bytes(968))
                assert numbers(seat, 4) == numbers(other_seat, 4) == [0, 1, 2, 3]
                # eight packets of 1000 bytes on 80 kbit/s, whoever sends them
                assert time.monotonic() - began >= 0.79


def test_a_move_kills_the_legs_before_it_and_leaves_those_after() -> None:
    with Relay(Shape(), Shape(), 1, moves=[1.0]) as relay:
        with hosts(relay) as (phone, seat):
            zero = relay.begin()
            phone.send((1).to_bytes(4, "big"))
            assert numbers(seat, 1) == [1]
            time.sleep(max(0.0, zero + 1.05 - time.monotonic()))
            phone.send((2).to_bytes(4, "big"))
            seat.settimeout(0.3)
            with pytest.raises(TimeoutError):
                seat.recv(2000)
        relay.join()
        with hosts(relay) as (phone, seat):
            phone.send((3).to_bytes(4, "big"))
            assert numbers(seat, 1) == [3]


def test_three_megabits_both_ways_are_carried_and_lateness_is_told() -> None:
    """Whether it keeps up on a busy machine is not for a test to say; that it loses nothing and owns up is."""
    shape = Shape(delay_ms=40, jitter_ms=10, rate=3500.0, queue_ms=1000)
    with Relay(shape, shape, 1) as relay, hosts(relay) as (phone, seat):
        zero, payload = time.monotonic(), bytes(1168)
        for number in range(640):
            due = zero + number * 0.0032
            time.sleep(max(0.0, due - time.monotonic()))
            for one in (phone, seat):
                one.send(number.to_bytes(4, "big") + payload)
        got = numbers(seat, 640), numbers(phone, 640)
        journal = relay.end()
    assert got == (list(range(640)), list(range(640)))
    assert len(journal.late) >= 1280
    assert 0 <= journal.worst_late_ms < 5000
    assert 0 <= journal.late_share <= 1

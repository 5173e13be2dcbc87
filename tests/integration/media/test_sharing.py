"""One stage for several customers over real connections: one encoding, and a bad line that is nobody else's trouble."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from typing import Any, TypeVar

import pytest

from media.core.picturecode import Code, paint, read
from media.core.sharing import MOST
from media.hearing import Hearing
from media.lab.hosts import by_relay
from media.lab.linkfile import load
from media.lab.relay import Relay
from media.lab.scene import LENGTH, RATE, planes
from media.peer import Peer
from media.pictures import copied
from media.ports import Picture
from media.rtc.broadcast import Broadcast
from media.slots import LatestPicture
from media.stage import Pacer
from tests.unit.media.rtc.wire import spoken

Found = TypeVar("Found")


class Shown(LatestPicture):
    """Keeps the number of every picture put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: list[int] = []

    def put(self, picture: Picture | None) -> None:
        super().put(picture)
        code = None if picture is None else read(picture.y)
        if code is not None:
            self.numbers.append(code.number)


class Loop:
    """An event loop on a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.SelectorEventLoop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


class Customer:
    """A phone and the seat's connection with it. ``began``: the number of the stage's picture when both stood."""

    def __init__(self, phone: Peer, seat: Peer, slot: Shown, began: int) -> None:
        self.phone, self.seat, self.slot, self.began = phone, seat, slot, began

    @property
    def numbers(self) -> list[int]:
        return list(self.slot.numbers)

    def got(self, since: int, until: int) -> float:
        """The share of the stage's pictures that it has shown."""
        return len({number for number in self.numbers if since <= number < until}) / (until - since)

    def longest(self, since: int, until: int) -> int:
        """How many of the stage's pictures passed at most from one that it has shown to the next."""
        shown = [since, *sorted(number for number in self.numbers if since <= number < until), until]
        return max(later - earlier for earlier, later in pairwise(shown))


class Show:
    """A seat that shows one numbered picture to all, and the customers' phones, on two loops."""

    def __init__(self) -> None:
        self._seat, self._phones = Loop(), Loop()
        self._stack = ExitStack()
        self.broadcast = Broadcast()
        self.customers: list[Customer] = []
        self.number = 0
        self._scenes = [planes(number) for number in range(LENGTH)]
        self._clocks = [Pacer("pictures", RATE, self._show, print), Pacer("sound", 50, self._say, print)]
        for clock in self._clocks:
            clock.start()

    def _show(self, number: int, due_ns: int) -> None:
        now = time.monotonic_ns()
        picture = copied(self._scenes[number % LENGTH], now)
        paint(picture.y, Code(round(now / 1e6), number))
        self.number = number
        self._seat.loop.call_soon_threadsafe(self._push, picture)

    def _push(self, picture: Picture) -> None:
        for customer in self.customers:
            customer.seat.stage.push(picture)

    def _say(self, number: int, due_ns: int) -> None:
        for customer in list(self.customers):
            self._seat.loop.call_soon_threadsafe(customer.seat.heard.push, number, spoken(number))

    def join(self, link: str | None = None) -> Customer:
        """One more, over an emulated line if one is named; returns when the connection stands."""
        slot = Shown()
        phone, seat = self._phones.do(_peer(slot)), self._seat.do(_peer(LatestPicture(), self.broadcast))
        customer = Customer(phone, seat, slot, 0)
        offer = self._phones.do(phone.offer())
        if link is None:
            self._phones.do(phone.accept(self._seat.do(seat.answer(offer)).sdp))
        else:
            relay = self._stack.enter_context(Relay(load(link).up, load(link).down, 1))
            relay.begin()
            answer = self._seat.do(seat.answer(by_relay(offer, relay.seat_port))).sdp
            self._phones.do(phone.accept(by_relay(answer, relay.phone_port)))
        self._seat.loop.call_soon_threadsafe(self.customers.append, customer)
        until(lambda: phone.stands and seat.stands)
        customer.began = self.number
        return customer

    def presses(self) -> int:
        return len(self.broadcast.presses)

    def wait(self, seconds: float) -> tuple[int, int]:
        """Lets the call go on; returns the numbers of the pictures shown meanwhile, but for the last ones."""
        begun = self.number
        time.sleep(seconds)
        ended = self.number
        time.sleep(1.0)
        return begun, ended

    def leave(self, customer: Customer) -> None:
        async def gone() -> None:
            self.customers.remove(customer)
            await customer.seat.close()

        self._seat.do(gone())
        self._phones.do(customer.phone.close())

    def close(self) -> None:
        for customer in list(self.customers):
            self.leave(customer)
        for clock in self._clocks:
            clock.close()
        self._stack.close()
        self._seat.close()
        self._phones.close()


async def _peer(slot: LatestPicture, broadcast: Broadcast | None = None) -> Peer:
    return Peer((), slot, Hearing(), lambda state: None, lambda seconds: None, broadcast=broadcast)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def show() -> Iterator[Show]:
    made = Show()
    yield made
    made.close()


def all_smooth(customers: Sequence[Customer], window: tuple[int, int]) -> bool:
    return all(each.got(*window) > 0.85 and each.longest(*window) <= RATE // 2 for each in customers)


def test_six_customers_share_one_encoding(show: Show) -> None:
    customers = [show.join() for _ in range(6)]
    until(lambda: all(each.numbers for each in customers))
    window = show.wait(4)
    assert all_smooth(customers, window), [(each.got(*window), each.longest(*window)) for each in customers]
    assert show.presses() <= MOST
    until(lambda: show.presses() == 1)


def test_who_joins_late_sees_a_picture_at_once_and_the_others_go_on(show: Show) -> None:
    early = [show.join() for _ in range(2)]
    show.wait(3)
    begun = show.number
    late = show.join()
    until(lambda: bool(late.numbers))
    assert late.numbers[0] - late.began < RATE
    show.wait(3)
    assert all_smooth(early, (begun, show.number - RATE))
    show.leave(late)
    window = show.wait(2)
    assert all_smooth(early, window), "and when it has left again"


@pytest.mark.parametrize("link", ["loss20", "150k"])
def test_a_bad_line_is_nobody_elses_trouble(show: Show, link: str) -> None:
    good = [show.join() for _ in range(3)]
    bad = show.join(link)
    show.wait(6)
    window = show.wait(8)
    assert all_smooth(good, window), [(each.got(*window), each.longest(*window)) for each in good]
    assert bad.got(*window) > 0.3
    assert show.presses() == 2, "it has an encoding for itself"

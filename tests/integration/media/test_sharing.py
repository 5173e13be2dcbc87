"""One stage for several customers over real connections: one encoding, and a bad line that is nobody else's trouble."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack
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
from media.rtc.broadcast import Broadcast, Press
from media.rtc.receiver import Receiver
from media.rtc.sender import Sender
from media.rtc.showing import Showing
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
    """A phone and the seat's connection with it."""

    def __init__(self, phone: Peer, seat: Peer, slot: Shown) -> None:
        self.phone, self.seat, self.slot = phone, seat, slot

    @property
    def showing(self) -> Showing:
        """What the seat knows of its pictures."""
        sender = next(each for each in self.seat._pc.getSenders() if each.kind == "video")
        assert isinstance(sender, Sender)
        assert sender.showing is not None
        return sender.showing

    @property
    def numbers(self) -> list[int]:
        return list(self.slot.numbers)


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
        customer = Customer(phone, seat, slot)
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
        return customer

    def wish(self, customer: Customer) -> None:
        """The phone asks for a key picture."""
        asking = next(each for each in customer.phone._pc.getReceivers() if each.track.kind == "video")
        assert isinstance(asking, Receiver)
        assert asking.pictures is not None
        self._phones.loop.call_soon_threadsafe(asking.pictures.asker.want)

    def press_of(self, customer: Customer) -> Press | None:
        """The encoder that it is on."""
        return next((press for press in self.broadcast.presses if customer.showing in press.on), None)

    def go_on(self, customers: Sequence[Customer], begun: int | None = None) -> None:
        """Waits until all have seen some more pictures of the stage."""
        enough = (self.number if begun is None else begun) + 2 * RATE
        until(lambda: all(each.numbers[-1] > enough for each in customers))

    def presses(self) -> int:
        return len(self.broadcast.presses)

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
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def show() -> Iterator[Show]:
    made = Show()
    yield made
    made.close()


def test_a_picture_is_encoded_once_for_all_who_share_and_who_comes_late_disturbs_nobody(show: Show) -> None:
    customers = [show.join() for _ in range(3)]
    until(lambda: all(each.numbers for each in customers))
    until(lambda: any(len(press.on) > 1 for press in show.broadcast.presses))
    press = next(press for press in show.broadcast.presses if len(press.on) > 1)
    begun, before = show.number, press.encoded
    until(lambda: press.encoded >= before + 2 * RATE)
    assert press.encoded - before <= show.number - begun + 2
    late = show.join()
    until(lambda: bool(late.numbers))
    assert show.presses() <= MOST + 1, "one more may end at that moment"
    show.go_on([*customers, late])
    show.leave(late)
    show.go_on(customers)


def test_requests_over_a_bad_line_starve_nobody(show: Show) -> None:
    good = [show.join() for _ in range(2)]
    bad = show.join("loss20")
    until(lambda: all(each.numbers for each in (*good, bad)))

    def apart() -> bool:
        show.wish(bad)
        alone = show.press_of(bad)
        return alone is not None and alone.on == {bad.showing} and all(show.press_of(each) for each in good)

    until(apart)
    keys = {each: press.keys for each in good if (press := show.press_of(each))}
    begun, wished = show.number, show.press_of(bad)
    assert wished is not None
    before = wished.keys

    def answered() -> bool:
        show.wish(bad)
        return wished.keys >= before + 3

    until(answered)
    for each in good:
        press = show.press_of(each)
        assert press is not None
        assert press is not wished
        assert press.keys - keys[each] <= 2, "what the other asks for is not made for these"
    show.go_on(good, begun)

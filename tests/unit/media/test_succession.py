"""One person's connections one after the other. Both ends are real; the phone's is aiortc's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiortc import RTCPeerConnection

from media.hearing import Hearing
from media.peer import Peer
from media.slots import LatestPicture
from media.succession import Succession
from tests.unit.media.phones import Phones, take, until


class Office:
    """A seat with one customer, and all the phones that customer ever called with."""

    def __init__(self) -> None:
        self.ends = Succession()
        self.told: list[Peer] = []
        self.phones = Phones()

    def peers(self) -> list[Peer]:
        return list(self.ends.peers)

    def offered(self) -> tuple[Peer, RTCPeerConnection]:
        """A new connection of the customer's, in its place in the row."""
        phone = self.phones.new()
        peer = Peer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None)
        self.ends.follow(peer, lambda: self.told.append(peer))
        return peer, phone

    async def connected(self, *, speaks: bool = True) -> tuple[Peer, RTCPeerConnection]:
        peer, phone = self.offered()
        await self.connect(peer, phone, speaks=speaks)
        return peer, phone

    async def connect(self, peer: Peer, phone: RTCPeerConnection, *, speaks: bool = True) -> None:
        offer, track = await self.phones.offer(phone)
        await take(phone, (await peer.answer(offer)).sdp)
        if speaks:
            self.phones.speak(track)
        await until(lambda: peer.stands)

    async def close(self) -> None:
        await self.phones.hush()
        await self.ends.close()
        await self.phones.close()


@asynccontextmanager
async def opened() -> AsyncIterator[Office]:
    office = Office()
    try:
        yield office
    finally:
        await office.close()


async def test_the_first_is_in_use_at_once() -> None:
    async with opened() as office:
        peer, _ = office.offered()
        assert office.ends.peer is peer
        assert office.peers() == [peer]
        assert office.told == []


async def test_one_that_never_stood_makes_place_at_once() -> None:
    async with opened() as office:
        office.offered()
        second, _ = office.offered()
        assert office.peers() == [second]


async def test_the_next_takes_the_place_once_something_comes_by_it() -> None:
    async with opened() as office:
        first, _ = await office.connected()
        second, _ = await office.connected()
        await until(lambda: office.told == [second])
        assert office.peers() == [second]
        await until(lambda: not first.stands)


async def test_until_then_the_one_before_goes_on() -> None:
    async with opened() as office:
        first, _ = await office.connected()
        second, _ = await office.connected(speaks=False)
        await asyncio.sleep(0.5)
        assert office.ends.peer is first
        assert first.stands
        assert office.peers() == [first, second], "both are to be fed"


async def test_one_that_comes_to_nothing_leaves_the_one_before_in_its_place() -> None:
    async with opened() as office:
        first, _ = await office.connected()
        _, phone = await office.connected(speaks=False)
        await phone.close()
        await until(lambda: office.peers() == [first])
        assert first.stands
        assert office.told == []


async def test_a_newer_offer_ends_the_one_that_waits() -> None:
    async with opened() as office:
        first, _ = await office.connected()
        second, _ = await office.connected(speaks=False)
        third, _ = office.offered()
        assert office.peers() == [first, third]
        await until(lambda: not second.stands)


async def test_only_the_one_that_waits_can_be_dropped_or_taken() -> None:
    async with opened() as office:
        first, _ = await office.connected()
        second, _ = office.offered()
        office.ends.take(first)
        office.ends.drop(first)
        assert office.peers() == [first, second]
        office.ends.drop(second)
        assert office.peers() == [first]
        office.ends.take(second)
        assert office.ends.peer is first


async def test_taken_by_hand_it_is_told_once() -> None:
    async with opened() as office:
        await office.connected()
        second, _ = await office.connected()
        office.ends.take(second)
        assert office.told == [second]
        await asyncio.sleep(0.3)
        assert office.told == [second]


async def test_the_next_inherits_only_once_it_stands() -> None:
    async with opened() as office:
        await office.connected()
        assert not office.ends.inherit(), "there is none"
        office.offered()
        assert not office.ends.inherit()
        second, _ = await office.connected(speaks=False)
        assert office.ends.inherit()
        assert office.peers() == [second]
        assert office.told == [second]
        assert not office.ends.inherit()


async def test_where_the_one_in_use_is_over_the_next_need_only_stand() -> None:
    async with opened() as office:
        first, phone = await office.connected()
        second, other = office.offered()
        await phone.close()
        await until(lambda: first.over)
        assert office.peers() == [first, second]
        await office.connect(second, other, speaks=False)
        await until(lambda: office.told == [second])
        assert office.peers() == [second]

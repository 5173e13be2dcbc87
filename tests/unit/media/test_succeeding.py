"""How connections of a call follow each other, with real phones (aiortc's own) and servers that never answer."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from aiortc import RTCPeerConnection

from media import ports
from media.lines import Lines
from media.rtc import relays
from media.slots import LatestPicture
from media.stage import Ear
from media.tiles import Cast
from tests.unit.media.phones import Phones, take, until


class Call:
    """A seat's call with one customer, and the phones that they called with. ``close`` it."""

    def __init__(self, *servers: ports.IceServer) -> None:
        self.told: list[ports.Event] = []
        self.cast: tuple[Cast, ...] = ()
        self.lines = Lines("c1", servers, self.told.append, lambda party_id: LatestPicture(), self._changed)
        self.phones = Phones()

    def _changed(self, cast: tuple[Cast, ...], ears: tuple[Ear, ...]) -> None:
        self.cast = cast

    @property
    def states(self) -> list[str]:
        return [event.state for event in self.told if isinstance(event, ports.PeerChanged)]

    def answers(self) -> dict[str, str]:
        return {event.offer_id: event.sdp for event in self.told if isinstance(event, ports.LocalAnswer)}

    async def offer(self, offer_id: str, *, speaks: bool = True) -> RTCPeerConnection:
        """Until the seat has taken the command."""
        phone = self.phones.new()
        offer, track = await self.phones.offer(phone)
        if speaks:
            self.phones.speak(track)
        await self.lines.offer(ports.RemoteOffer("c1", "party_1", "王*国", offer, offer_id))
        return phone

    async def connected(self, offer_id: str, *, speaks: bool = True) -> RTCPeerConnection:
        phone = await self.offer(offer_id, speaks=speaks)
        await until(lambda: offer_id in self.answers())
        await take(phone, self.answers()[offer_id])
        newest = self.lines._lines["party_1"].ends.peers[-1]
        await until(lambda: newest.stands and phone.connectionState == "connected")
        return phone

    async def close(self) -> None:
        await self.phones.hush()
        await self.lines.close()
        await self.phones.close()


@asynccontextmanager
async def call(*servers: ports.IceServer) -> AsyncIterator[Call]:
    opened = Call(*servers)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
def wall() -> Iterator[ports.IceServer]:
    """A relay that takes everything and never answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        yield ports.IceServer((f"turn:127.0.0.1:{one.getsockname()[1]}",), "who", "secret")


async def test_where_the_one_in_use_ends_the_next_takes_its_place_and_nothing_is_said_to_be_lost() -> None:
    """The phone has gone over, and ends the old connection before anything has come here by the new one."""
    async with call() as one:
        first = await one.connected("1")
        await one.connected("2", speaks=False)
        assert one.states.count("connected") == 1
        await first.close()
        await until(lambda: one.states.count("connected") == 2 or "closed" in one.states)
        assert not {"closed", "failed", "disconnected"} & set(one.states)
        assert not one.cast[0].connecting


async def test_where_no_other_stands_the_end_is_said() -> None:
    async with call() as one:
        first = await one.connected("1")
        await one.offer("2")
        await first.close()
        await until(lambda: "closed" in one.states)


async def test_no_command_waits_for_a_relay_that_is_silent(
    wall: ports.IceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "PATIENCE", 3600.0)
    async with asyncio.timeout(30):
        async with call(wall) as one:
            await one.offer("1")
            assert one.cast[0].connecting, "the agent sees at once that somebody comes"
            await one.offer("2")
            one.lines.hold("party_1", True)
            await one.lines.remove("party_1")
            assert one.cast == ()
            await one.offer("3")
        assert not one.answers(), "nor does hanging up"
        assert not [event for event in one.told if isinstance(event, ports.Failed)]


async def test_of_two_offers_that_wait_for_a_relay_the_newer_is_answered(
    wall: ports.IceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "PATIENCE", 3.0)
    async with call(wall) as one:
        await one.offer("1")
        await one.connected("2")
        assert list(one.answers()) == ["2"]
        assert one.lines._lines["party_1"].ends.peers[1:] == ()
        await until(lambda: "connected" in one.states and not one.cast[0].connecting)

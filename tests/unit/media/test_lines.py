"""Of which connections a call says that they are in use: each that carries it, once, with its own ends."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import numpy as np
import pytest

from media import ports
from media.compositor import TileState
from media.core.mixing import Samples, silence
from media.core.murmur import Sound
from media.core.states import PeerEvent, PeerState, next_peer
from media.errors import CommandRefused
from media.line import Line
from media.lines import Lines, _is_watched
from media.sdp import fingerprint
from media.slots import LatestPicture
from media.stage import Ear
from media.tiles import Cast, Darkness, customer_view, everyone_seen
from tests.unit.media import phones
from tests.unit.media.phones import Phones, take
from tests.unit.media.rtc.wire import spoken

Ends = tuple[str, str, str]
until = partial(phones.until, seconds=20)


class Office:
    """A seat's lines, and the phones that call it; both ends are real, the phones' are aiortc's own."""

    def __init__(self) -> None:
        self.events: list[ports.Event] = []
        self.cast: tuple[Cast, ...] = ()
        self.lines = Lines("c1", (), self.events.append, lambda party: LatestPicture(), self._changed)
        self.phones = Phones()

    def _changed(self, cast: tuple[Cast, ...], ears: tuple[Ear, ...]) -> None:
        self.cast = cast

    @property
    def in_use(self) -> list[Ends]:
        return [
            (event.party_id, event.local_fingerprint, event.remote_fingerprint)
            for event in self.events
            if isinstance(event, ports.ConnectionInUse)
        ]

    async def calls(
        self,
        party: str = "p1",
        *,
        takes: bool = True,
        listener: bool = False,
        voice: Callable[[int], Samples] = spoken,
    ) -> Ends:
        """A phone offers and speaks; one that does not take the answer never connects. → the ends of its connection."""
        phone = self.phones.new()
        offer, track = await self.phones.offer(phone)
        number = str(len(self.phones.made))
        await self.lines.offer(ports.RemoteOffer("c1", party, "王", offer, number, listener))
        await until(lambda: any(answer.offer_id == number for answer in self.answers))
        answer = self.answers[-1]
        if takes:
            await take(phone, answer.sdp)
            self.phones.speak(track, voice)
            await until(lambda: phone.connectionState == "connected")
        return party, fingerprint(answer.sdp), fingerprint(phone.localDescription.sdp)

    @property
    def answers(self) -> list[ports.LocalAnswer]:
        return [event for event in self.events if isinstance(event, ports.LocalAnswer)]

    async def close(self) -> None:
        await self.phones.hush()
        await self.lines.close()
        await self.phones.close()


@asynccontextmanager
async def opened() -> AsyncIterator[Office]:
    office = Office()
    try:
        yield office
    finally:
        await office.close()


async def test_an_attempt_that_was_answered_and_never_connected_is_not_in_use() -> None:
    async with opened() as office:
        idle = await office.calls(takes=False)
        carrying = await office.calls()
        await until(lambda: office.in_use == [carrying])
        assert idle[1:] != carrying[1:]


async def test_each_renewal_is_in_use_from_when_it_carries_and_each_party_has_their_own() -> None:
    async with opened() as office:
        first = await office.calls()
        await until(lambda: office.in_use == [first])
        other = await office.calls("p2")
        await until(lambda: office.in_use == [first, other])
        renewed = await office.calls()
        await until(lambda: len(office.in_use) == 3)
        assert office.in_use[2] == renewed
        await asyncio.sleep(1)
        assert len(office.in_use) == 3, "each is told of once"


async def test_a_customer_whose_sound_dies_is_told_of_and_marked_until_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("media.lines.QUALITY_EVERY", 0.3)
    monkeypatch.setattr("media.core.murmur.GONE_AFTER", 0.9)
    dead = False

    def voice(number: int) -> Samples:
        return silence() if dead else spoken(number)

    async with opened() as office:
        await office.calls(voice=voice)

        def told(sound: Sound) -> bool:
            for item in office.cast:
                item.voice.take()
            qualities = [event for event in office.events if isinstance(event, ports.Quality)]
            return bool(qualities) and (qualities[-1].sound, office.cast[0].sound) == (sound, sound)

        await until(lambda: told(Sound.THERE))
        dead = True
        await until(lambda: told(Sound.GONE))
        dead = False
        await until(lambda: told(Sound.THERE))


async def test_of_a_listener_nothing_is_told() -> None:
    async with opened() as office:
        await office.calls("staff:u9", listener=True)
        await until(lambda: any(isinstance(event, ports.PeerChanged) for event in office.events))
        await asyncio.sleep(0.3)
        assert office.in_use == []


async def test_one_that_is_lost_and_found_again_is_told_of_once_and_its_heir_when_it_takes_over() -> None:
    """Without a network: two connections that are said to stand."""
    async with opened() as office:
        lines, offer = office.lines, ports.RemoteOffer("c1", "p1", "王", "")
        line = lines._add(offer)
        peers = [lines._peer(line, ()) for _ in range(2)]
        for number, peer in enumerate(peers):
            peer.ends = ("seat", f"phone {number}")
            if line.ends.follow(peer, partial(lines._on_taken, line, peer)):
                line.state = next_peer(line.state, PeerEvent.OFFERED)
            for state in ("connected", "disconnected", "connected"):
                peer._set_state(state)
        assert office.in_use == [("p1", "seat", "phone 0")]
        line.ends.take(peers[1])
        assert office.in_use == [("p1", "seat", f"phone {number}") for number in range(2)]
        for state in ("disconnected", "connected"):
            peers[1]._set_state(state)
        assert len(office.in_use) == 2


def test_a_line_that_was_there_is_watched_until_it_is_there_again() -> None:
    line = Line("p1", "王", LatestPicture(), joined=True)
    for state in (PeerState.CONNECTED, PeerState.LOST, PeerState.CONNECTING):
        line.state = state
        assert _is_watched(line), "a break lasts until something comes again, however often the phone dials"
    line.held = True
    assert not _is_watched(line)
    assert not _is_watched(Line("p2", "李", LatestPicture(), state=PeerState.CONNECTING))


def comes(office: Office, party: str) -> None:
    """Without a network: a connection that is said to stand, and a picture."""
    lines = office.lines
    line = lines._lines[party]
    peer = lines._peer(line, ())
    peer.ends = ("seat", party)
    lines._follow(line, peer)
    peer._set_state("connected")
    grey = np.full((2, 2), 128, np.uint8)
    line.slot.put(ports.Picture(grey, grey[:1, :1], grey[:1, :1], time.monotonic_ns()))
    lines._on_first(line, peer, 0.1)


def tiles(office: Office) -> list[TileState]:
    now = time.monotonic_ns()
    return [customer_view(item, now, Darkness()).state for item in office.cast]


def whole(office: Office) -> bool:
    now = time.monotonic_ns()
    return everyone_seen([customer_view(item, now, Darkness()) for item in office.cast])


async def test_who_is_awaited_has_a_tile_and_is_missed_until_they_come() -> None:
    async with opened() as office:
        office.lines.expect(ports.ExpectParty("c1", "p1", "借款人 王"))
        office.lines.expect(ports.ExpectParty("c1", "p2", "保证人 李"))
        office.lines.expect(ports.ExpectParty("c1", "p3", "保证人 陈", seen=True))
        assert [item.label for item in office.cast] == ["借款人 王", "保证人 李", "保证人 陈"]
        assert tiles(office) == [TileState.CONNECTING, TileState.CONNECTING, TileState.DROPPED]
        assert not office.cast[1].voice.take().any()
        comes(office, "p1")
        assert tiles(office)[0] is TileState.LIVE
        assert tiles(office)[1:] == [TileState.CONNECTING, TileState.DROPPED]
        assert not whole(office)
        office.lines.hold("p3", held=True)
        assert tiles(office)[2] is TileState.HELD
        office.lines.expect(ports.ExpectParty("c1", "p1", "借款人 王"))
        assert tiles(office)[0] is TileState.LIVE, "who is there is awaited no more"
        await office.lines.remove("p2")
        assert [item.party_id for item in office.cast] == ["p1", "p3"]
        assert whole(office)


async def test_who_is_awaited_as_one_who_dropped_is_there_again_once_they_dial() -> None:
    async with opened() as office:
        office.lines.expect(ports.ExpectParty("c1", "p1", "王", seen=True))
        comes(office, "p1")
        assert whole(office)
        assert len(office.cast) == 1


async def test_eight_customers_have_a_place_and_a_ninth_is_refused_in_words() -> None:
    async with opened() as office:
        for number in range(8):
            office.lines._add(ports.RemoteOffer("c1", f"p{number}", "王", ""))
        with pytest.raises(CommandRefused, match="八位"):
            await office.lines.offer(ports.RemoteOffer("c1", "p8", "王", ""))
        with pytest.raises(CommandRefused, match="八位"):
            office.lines.expect(ports.ExpectParty("c1", "p8", "王"))
        office.lines._add(ports.RemoteOffer("c1", "staff:1", "主管", "", listener=True))

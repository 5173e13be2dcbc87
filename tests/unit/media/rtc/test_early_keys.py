"""Media flows before the server's last flight is here, and only over a handshake that turns out to be sound."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcsctptransport import RTCSctpTransport
from aiortc.rtp import RtpPacket

from media.rtc import handshake, names
from media.rtc.handshake import Handshake

RTP = bytes([128, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]) + b"voice of the seat"
CHANGE_CIPHER, ALERT, SHAKING, DATA = 20, 21, 22, 23
SUITES = b"\xc0\x2b\xcc\xa9"
"""Two of our suites as they follow each other in the first thing that we say."""


class Ice:
    """One end. ``through`` gives what arrives of a datagram that goes out; empty: nothing."""

    state, role = "completed", "controlling"

    def __init__(self, through: Callable[[bytes], bytes]) -> None:
        self.other: Ice
        self.through = through
        self.sent: list[bytes] = []
        self._came: asyncio.Queue[bytes] = asyncio.Queue()

    async def _send(self, data: bytes) -> None:
        self.sent.append(data)
        if arrives := self.through(data):
            self.other._came.put_nowait(arrives)

    async def _recv(self) -> bytes:
        return await self._came.get()


def all_of(data: bytes) -> bytes:
    return data


@dataclass
class Line:
    """We, the client, and a server that waits for the end of its handshake."""

    near: Ice
    far: Ice
    client: RTCDtlsTransport
    server: RTCDtlsTransport
    starting: list["asyncio.Task[None]"]

    async def until(self, there: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not there():  # noqa: ASYNC110 - states of aiortc, which tells nobody of some
                await asyncio.sleep(0.01)


class Ear:
    """Stands where a receiver does."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.heard.append(packet.payload)

    def _handle_disconnect(self) -> None:
        pass


def broken_at(transport: RTCDtlsTransport, breaks: asyncio.Event) -> None:
    """aiortc's handshake runs into something unforeseen then."""
    own = transport._do_handshake

    async def shaking() -> None:
        going = asyncio.ensure_future(own())
        await breaks.wait()
        going.cancel()
        raise OSError("unforeseen")

    transport._do_handshake = shaking  # type: ignore[method-assign]


@asynccontextmanager
async def line(
    up: Callable[[bytes], bytes] = all_of,
    down: Callable[[bytes], bytes] = all_of,
    *,
    other_certificate: bool = False,
    breaks: asyncio.Event | None = None,
) -> AsyncIterator[Line]:
    near, far = Ice(up), Ice(down)
    near.other, far.other, far.role = far, near, "controlled"
    client, server = (RTCDtlsTransport(cast(Any, ice), [RTCCertificate.generateCertificate()]) for ice in (near, far))
    client._set_role("client")
    server._set_role("server")
    if breaks is not None:
        broken_at(client, breaks)
    hasty = Handshake(client)
    told = server.getLocalParameters()
    if other_certificate:
        told = RTCDtlsParameters([RTCDtlsFingerprint("sha-256", ":".join(["00"] * 32))])
    starts = [client.start(told), server.start(client.getLocalParameters())]
    made = Line(near, far, client, server, [asyncio.create_task(start) for start in starts])
    try:
        yield made
    finally:
        for starting in made.starting:
            starting.cancel()
        await asyncio.gather(*made.starting, return_exceptions=True)
        await asyncio.gather(client.stop(), server.stop())
        await hasty.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [task for task in left if "Handshake" in repr(task.get_coro())]


def without_the_last_flight(data: bytes) -> bytes:
    return b"" if data[0] == CHANGE_CIPHER else data


async def test_media_flows_before_the_servers_last_flight() -> None:
    async with line(down=without_the_last_flight) as made:
        await asyncio.wait_for(made.starting[0], 20)
        assert made.client.state == "connected"
        assert not made.client.encrypted
        await asyncio.wait_for(made.starting[1], 20)
        await made.client._send_rtp(RTP)
        assert made.server._rx_srtp.unprotect(made.near.sent[-1]) == RTP


async def test_what_the_server_sends_is_understood_before_its_last_flight() -> None:
    async with line(down=without_the_last_flight) as made:
        await asyncio.gather(*made.starting)
        await made.server._send_rtp(RTP)
        assert made.client._rx_srtp.unprotect(made.far.sent[-1]) == RTP
        assert not made.client.encrypted


async def test_the_end_comes_later_when_the_last_flight_was_lost() -> None:
    lost: list[bytes] = []

    def lose_the_first(data: bytes) -> bytes:
        if data[0] != CHANGE_CIPHER or lost:
            return data
        lost.append(data)
        return b""

    async with line(down=lose_the_first) as made:
        await asyncio.gather(*made.starting)
        assert not made.client.encrypted
        await made.until(lambda: made.client.encrypted)
        assert made.client.state == "connected"


async def test_data_waits_for_the_end() -> None:
    opened = asyncio.Event()

    def last_flight_once_open(data: bytes) -> bytes:
        return data if opened.is_set() else without_the_last_flight(data)

    async with line(down=last_flight_once_open) as made:
        await asyncio.gather(*made.starting)
        await made.client._send_data(b"through the data channel")
        await asyncio.sleep(0.2)
        assert not any(data[0] == DATA for data in made.near.sent)
        opened.set()
        await made.until(lambda: any(data[0] == DATA for data in made.near.sent))
        assert made.client.encrypted


async def test_a_channel_comes_up_when_the_last_flight_was_lost() -> None:
    lost: list[bytes] = []

    def lose_the_first(data: bytes) -> bytes:
        if without_the_last_flight(data) or lost:
            return data
        lost.append(data)
        return b""

    async with line(down=lose_the_first) as made:
        await asyncio.gather(*made.starting)
        ours, theirs = RTCSctpTransport(made.client), RTCSctpTransport(made.server)
        assert not made.client.encrypted
        await asyncio.wait_for(
            asyncio.gather(
                ours.start(theirs.getCapabilities(), theirs.port), theirs.start(ours.getCapabilities(), ours.port)
            ),
            20,
        )
        await made.until(lambda: ours.state == theirs.state == "connected")
        await asyncio.gather(ours.stop(), theirs.stop())


async def test_data_for_a_handshake_that_comes_to_nothing_is_lost_and_holds_nobody_up() -> None:
    async with line(down=without_the_last_flight) as made:
        await asyncio.gather(*made.starting)
        await made.client._send_data(b"through the data channel")
    assert not any(data[0] == DATA for data in made.near.sent)


def altered(data: bytes) -> bytes:
    """Someone in the middle exchanges two suites of ours for each other."""
    return data.replace(SUITES, SUITES[2:] + SUITES[:2]) if data[0] == SHAKING else data


async def test_a_handshake_that_was_altered_fails_the_connection() -> None:
    async with line(up=altered) as made:
        await asyncio.gather(*made.starting)
        assert SUITES in made.near.sent[0], "or nothing has been altered"
        await made.until(lambda: made.client.state == "failed")
        assert made.server.state == "failed"
        with pytest.raises(ConnectionError):
            await made.client._send_rtp(RTP)


async def test_an_end_that_never_comes_fails_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "PATIENCE_SECONDS", 0.5)

    def silent(data: bytes) -> bytes:
        return b"" if data[0] in (CHANGE_CIPHER, ALERT) else data

    async with line(up=altered, down=silent) as made:
        await asyncio.gather(*made.starting)
        assert made.client.state == "connected"
        await made.until(lambda: made.client.state == "failed")


def listening(made: Line) -> Ear:
    ear = Ear()
    made.client._rtp_router.register_receiver(cast(Any, ear), ssrcs=[1], payload_types=[111])
    return ear


async def test_nothing_is_let_in_any_more_once_the_handshake_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshake, "PATIENCE_SECONDS", 1.0)
    async with line(down=without_the_last_flight) as made:
        await asyncio.gather(*made.starting)
        ear = listening(made)
        await made.server._send_rtp(RTP)
        await made.until(lambda: ear.heard == [b"voice of the seat"])
        await made.until(lambda: made.client.state == "failed")
        for number in range(2, 6):
            await made.server._send_rtp(RTP[:3] + bytes([number]) + RTP[4:])
        await asyncio.sleep(0.1)
        assert len(ear.heard) == 1


async def test_a_handshake_that_breaks_by_itself_fails_the_connection() -> None:
    breaks = asyncio.Event()
    async with line(down=without_the_last_flight, breaks=breaks) as made:
        await asyncio.gather(*made.starting)
        ear = listening(made)
        assert made.client.state == "connected"
        breaks.set()
        await made.until(lambda: made.client.state == "failed")
        await made.server._send_rtp(RTP)
        await asyncio.sleep(0.1)
        assert not ear.heard
        with pytest.raises(ConnectionError):
            await made.client._send_rtp(RTP)


async def test_a_stranger_gets_no_media() -> None:
    async with line(other_certificate=True) as made:
        await asyncio.wait_for(made.starting[0], 20)
        assert made.client.state == "failed"
        with pytest.raises(ConnectionError):
            await made.client._send_rtp(RTP)


async def test_the_server_waits_for_the_end() -> None:
    async with line() as made:
        await asyncio.gather(*made.starting)
        assert made.server.encrypted
        assert not names.has_keys(made.server)


async def test_keys_are_there_when_our_part_has_left_and_not_before() -> None:
    seen: list[tuple[bool, int]] = []
    there = asyncio.Event()

    def up(data: bytes) -> bytes:
        seen.append((names.has_keys(made.client), data[13] if data[0] == SHAKING else -1))
        if seen[-1][0]:
            there.set()
        return data

    async with line(up=up, down=without_the_last_flight) as made:
        await asyncio.wait_for(there.wait(), 20)
    client_hello, certificate = 1, 11
    assert (False, client_hello) in seen
    assert (True, certificate) in seen
    assert (False, certificate) not in seen

"""What the other end sends beyond its due ends the data channel, and neither picture nor sound."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from aiortc import RTCDataChannel, RTCDataChannelParameters
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    SCTP_DATA_UNORDERED,
    WEBRTC_BINARY,
    WEBRTC_DCEP,
    WEBRTC_STRING,
    Chunk,
    DataChunk,
    ForwardTsnChunk,
    RTCSctpTransport,
)

from media.rtc import names
from media.rtc.limits import MOST_HELD, MOST_PIECES, MOST_STREAMS, Limits
from tests.unit.media.rtc.test_early_keys import RTP, Ear, Line, line, listening


@dataclass
class Ends:
    """A phone's end that says what it likes, ours, and a voice beside."""

    line: Line
    ours: RTCSctpTransport
    theirs: RTCSctpTransport
    channel: RTCDataChannel
    ear: Ear
    got: list[str | bytes]

    async def send(self, chunks: Iterable[Chunk]) -> None:
        for chunk in chunks:
            await self.theirs._send_chunk(chunk)
            await asyncio.sleep(0)

    def pieces(self, number: int, size: int, flags: int = 0, ahead: int = 0, streams: int = 1) -> Iterable[DataChunk]:
        """Of messages, each with the flags; ``ahead`` of what is due."""
        first = self.theirs._local_tsn + ahead
        for at in range(number):
            head = struct.pack("!LHHL", (first + at) % 2**32, 1 + at % streams, 0, WEBRTC_BINARY)
            yield DataChunk(flags=flags, body=head + b"x" * size)

    async def assert_only_the_channel_ended(self) -> None:
        await self.line.until(lambda: self.ours.state == "closed")
        assert sum(len(one.user_data) for one in names.partial_messages(self.ours)) <= MOST_HELD
        assert len(names.partial_messages(self.ours)) <= MOST_PIECES + 1
        await self.line.server._send_rtp(RTP)
        await self.line.until(lambda: self.ear.heard == [b"voice of the seat"])
        assert self.line.client.state == "connected"


@asynccontextmanager
async def connected() -> AsyncIterator[Ends]:
    async with line() as made:
        await asyncio.gather(*made.starting)
        ours, theirs = RTCSctpTransport(made.client), RTCSctpTransport(made.server)
        Limits(ours)
        got: list[str | bytes] = []
        opened = asyncio.Event()

        @ours.on("datachannel")
        def came(channel: RTCDataChannel) -> None:
            channel.on("message", got.append)
            opened.set()

        await ours.start(theirs.getCapabilities(), theirs.port)
        await theirs.start(ours.getCapabilities(), ours.port)
        await made.until(lambda: ours.state == theirs.state == "connected")
        channel = RTCDataChannel(theirs, RTCDataChannelParameters(label="pingqian", id=1))
        await asyncio.wait_for(opened.wait(), 20)
        try:
            yield Ends(made, ours, theirs, channel, listening(made), got)
        finally:
            await asyncio.gather(ours.stop(), theirs.stop())


async def test_messages_of_the_longest_kind_come_as_they_are() -> None:
    async with connected() as ends:
        for _ in range(40):
            ends.channel.send("x" * 4096)
        await ends.line.until(lambda: ends.got == ["x" * 4096] * 40)
        assert ends.ours.state == "connected"


async def test_a_message_without_end_ends_the_channel() -> None:
    async with connected() as ends:
        ends.channel.send(b"x" * 250_000)
        await ends.assert_only_the_channel_ended()
        assert ends.got == []


CASES: dict[str, Callable[[Ends], Iterable[Chunk]]] = {
    "pieces of a message": lambda ends: ends.pieces(200, 1000, SCTP_DATA_FIRST_FRAG),
    "small pieces": lambda ends: ends.pieces(2 * MOST_PIECES, 1),
    "pieces over streams": lambda ends: ends.pieces(200, 1000, streams=MOST_STREAMS - 1),
    "messages before one that never comes": lambda ends: ends.pieces(
        2 * MOST_PIECES, 1, SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG | SCTP_DATA_UNORDERED, ahead=1
    ),
    "streams": lambda ends: ends.pieces(40, 1, SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG, streams=40),
    "streams that are skipped": lambda ends: [skipping(ends, range(2, 40))],
}


def skipping(ends: Ends, streams: Iterable[int]) -> ForwardTsnChunk:
    chunk = ForwardTsnChunk()
    chunk.cumulative_tsn = ends.theirs._local_tsn
    chunk.streams = [(stream, 0) for stream in streams]
    return chunk


@pytest.mark.parametrize("case", CASES)
async def test_more_than_is_due_ends_the_channel(case: str) -> None:
    async with connected() as ends:
        await ends.send(CASES[case](ends))
        await ends.assert_only_the_channel_ended()


async def test_text_that_is_none_ends_the_channel_alone() -> None:
    async with connected() as ends:
        await ends.theirs._send(1, WEBRTC_STRING, b"\xff\xfe")
        await ends.assert_only_the_channel_ended()


async def test_a_channel_that_is_opened_twice_ends_the_channel_alone() -> None:
    async with connected() as ends:
        await ends.theirs._send(1, WEBRTC_DCEP, struct.pack("!BBHLHH", 3, 0, 0, 0, 1, 0) + b"x")
        await ends.assert_only_the_channel_ended()

"""The channel between two real connections: the phone's end is aiortc's own."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription

from media.core.messages import Message
from media.hearing import Hearing
from media.peer import Peer
from media.slots import LatestPicture

BEATS = ('{"kind":"ping","n":1e999}', '{"kind":"ping","n":"\\ud800"}', '{"kind":"ping","n":NaN}', '{"kind":"ping"}')
"""Heartbeats that no page of ours sends."""


@dataclass
class Call:
    """A phone's bare connection and our ``Peer`` on the other side."""

    phone: RTCPeerConnection
    peer: Peer
    said: list[Message]
    got: list[Any] = field(default_factory=list)
    refuse: str = ""

    def hear(self, message: Message) -> None:
        if message["kind"] == self.refuse:
            raise ValueError(self.refuse)
        self.said.append(message)

    def open(self, label: str = "pingqian") -> RTCDataChannel:
        channel = self.phone.createDataChannel(label, ordered=False, maxRetransmits=0)
        channel.on("message", lambda text: self.got.append(json.loads(text)))
        return channel

    async def connect(self) -> None:
        await self.phone.setLocalDescription(await self.phone.createOffer())
        answer = await self.peer.answer(self.phone.localDescription.sdp)
        await self.phone.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))


@asynccontextmanager
async def calling() -> AsyncIterator[Call]:
    said: list[Message] = []
    phone = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    phone.addTransceiver("audio")
    phone.addTransceiver("video")
    peer = Peer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None, lambda m: call.hear(m))
    call = Call(phone, peer, said)
    try:
        yield call
    finally:
        await peer.close()
        await phone.close()


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not happen in time"
        await asyncio.sleep(0.02)


async def test_messages_go_both_ways_and_a_heartbeat_is_answered() -> None:
    async with calling() as call:
        channel = call.open()
        await call.connect()
        await until(lambda: channel.readyState == "open")
        channel.send('{"kind":"ping","n":1}')
        channel.send('{"kind":"quality","loss":0.1}')
        await until(lambda: call.got == [{"kind": "pong", "n": 1}] and len(call.said) == 1)
        assert call.said == [{"kind": "quality", "loss": 0.1}]
        assert call.peer.send({"kind": "cause", "words": "网络不稳"})
        await until(lambda: {"kind": "cause", "words": "网络不稳"} in call.got)


async def test_rubbish_is_passed_over_and_the_channel_goes_on() -> None:
    async with calling() as call:
        channel = call.open()
        await call.connect()
        await until(lambda: channel.readyState == "open")
        for rubbish in ("", "[", b"\x00\xff", "[1]", '{"kind":1}', "x" * 20_000, *BEATS):
            channel.send(rubbish)
        channel.send('{"kind":"quality"}')
        await until(lambda: call.said == [{"kind": "quality"}])
        assert not call.got, "none of it is answered"
        assert call.phone.connectionState == "connected"


async def test_a_message_that_its_reader_cannot_take_costs_that_message_alone() -> None:
    async with calling() as call:
        channel = call.open()
        await call.connect()
        await until(lambda: channel.readyState == "open")
        call.refuse = "odd"
        channel.send('{"kind":"odd"}')
        channel.send('{"kind":"ping","n":3}')
        await until(lambda: call.got == [{"kind": "pong", "n": 3}])
        assert not call.said


async def test_a_channel_of_another_name_is_not_ours() -> None:
    async with calling() as call:
        stranger, channel = call.open("stranger"), call.open()
        await call.connect()
        await until(lambda: stranger.readyState == channel.readyState == "open")
        stranger.send('{"kind":"quality"}')
        channel.send('{"kind":"mine"}')
        await until(lambda: len(call.said) > 0)
        assert call.said == [{"kind": "mine"}]


async def test_a_page_without_the_channel_has_a_call_all_the_same() -> None:
    async with calling() as call:
        await call.connect()
        await until(lambda: call.phone.connectionState == "connected")
        assert not call.peer.send({"kind": "cause"})
        assert "m=application" not in call.phone.remoteDescription.sdp


async def test_a_seat_that_hears_nothing_says_so() -> None:
    """What the phone sends is lost and what we send is not: only we know."""
    async with calling() as call:
        channel = call.open()
        await call.connect()
        await until(lambda: channel.readyState == "open")
        channel.send('{"kind":"quality"}')
        await until(lambda: any(message["kind"] == "silent" for message in call.got))
        assert next(message for message in call.got if message["kind"] == "silent")["seconds"] > 1
        channel.send('{"kind":"quality"}')
        await until(lambda: len(call.said) == 2)
        told = len(call.got)
        for _ in range(8):
            channel.send('{"kind":"quality"}')
            await asyncio.sleep(0.2)
        assert len(call.got) == told, "somebody is there again"

"""What it costs to show one picture to many customers: our seat, and aiortc as it comes, each in a process of its own.

The customers are in another process, so that what they do is not counted: our own receivers, which tell the sender of
every packet as a browser does. Processor time is that of the sending process with all of its threads.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from multiprocessing.connection import Connection
from typing import Protocol

from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import VideoFrame

from media.core.mixing import BLOCK
from media.core.soundcode import said
from media.hearing import Hearing
from media.lab.process import LoopLateness, Process
from media.lab.scene import LENGTH, planes
from media.lab.scene import RATE as PICTURES
from media.peer import Peer
from media.pictures import copied, to_frame
from media.ports import Picture
from media.rtc.broadcast import Broadcast
from media.slots import LatestPicture
from media.stage import Pacer
from media.tracks import VoiceTrack

WARM_SECONDS = 8.0
"""After which the rates have risen to where they stay."""


class Kind(Enum):
    """Who sends."""

    OURS = "ours"
    AIORTC = "aiortc"


@dataclass(frozen=True)
class Load:
    """A sender's, over a stretch of time.

    ``cores``: processor time a second; ``pictures``: a second, at the customer who got fewest; ``late_ms``: how late
    its event loop was, 99th percentile; ``encodings``: of the pictures, at the end (0: not known).
    """

    customers: int
    cores: float
    pictures: float
    late_ms: float
    encodings: int


def load(kind: Kind, customers: int, seconds: float, voices: bool = False) -> Load:
    """Calls so many customers, waits WARM_SECONDS, measures ``seconds``; raises ``Unavailable``."""
    with Process(_serve_customers) as there, Process(_serve_seat, kind, voices) as seat:
        there.ask(seat.ask(there.ask(customers)))
        time.sleep(WARM_SECONDS)
        seat.ask(None)
        there.ask(None)
        time.sleep(seconds)
        cores, late_ms, encodings = seat.ask(None)
        return Load(customers, cores, there.ask(None), late_ms, encodings)


# --- the customers ---


class _Counted(LatestPicture):
    """Counts what is put into it."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def put(self, picture: Picture | None) -> None:
        super().put(picture)
        self.count += 1


async def _serve_customers(pipe: Connection) -> None:
    """Offers for so many; takes the answers; then tells, each time, what came since the time before."""
    slots = [_Counted() for _ in range(await asyncio.to_thread(pipe.recv))]
    peers = [Peer((), slot, Hearing(), lambda state: None, lambda seconds: None) for slot in slots]
    pipe.send([await peer.offer() for peer in peers])
    for peer, answer in zip(peers, await asyncio.to_thread(pipe.recv), strict=True):
        await peer.accept(answer)
    while not all(peer.stands for peer in peers):  # noqa: ASYNC110 - there is no event of it to wait for here
        await asyncio.sleep(0.05)
    pipe.send("connected")
    try:
        while True:
            await asyncio.to_thread(pipe.recv)
            since, before = time.monotonic(), [slot.count for slot in slots]
            pipe.send("counting")
            await asyncio.to_thread(pipe.recv)
            came = [slot.count - was for slot, was in zip(slots, before, strict=True)]
            pipe.send(min(came) / (time.monotonic() - since))
    finally:
        await asyncio.gather(*(peer.close() for peer in peers))


# --- the seats ---


class _Seat(Protocol):
    """Shows pictures and says steps of sound to all who were answered; on the loop."""

    async def answer(self, sdp: str) -> str: ...

    def show(self, picture: Picture) -> None: ...

    def say(self, number: int) -> None: ...

    def encodings(self) -> int: ...

    async def close(self) -> None: ...


class _Ours:
    def __init__(self) -> None:
        self._broadcast = Broadcast()
        self._peers: list[Peer] = []

    async def answer(self, sdp: str) -> str:
        peer = Peer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None, broadcast=self._broadcast)
        self._peers.append(peer)
        return (await peer.answer(sdp)).sdp

    def show(self, picture: Picture) -> None:
        for peer in self._peers:
            peer.stage.push(picture)

    def say(self, number: int) -> None:
        for peer in self._peers:
            peer.heard.push(number, said(number * BLOCK, BLOCK))

    def encodings(self) -> int:
        return len(self._broadcast.presses)

    async def close(self) -> None:
        await asyncio.gather(*(peer.close() for peer in self._peers))


class _Pulled(MediaStreamTrack):
    """Pictures as aiortc fetches them; holds the newest only."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._zero = time.monotonic_ns()
        self._newest: asyncio.Queue[Picture] = asyncio.Queue(1)

    def push(self, picture: Picture) -> None:
        if self._newest.full():
            self._newest.get_nowait()
        self._newest.put_nowait(picture)

    async def recv(self) -> VideoFrame:
        picture = await self._newest.get()
        frame = to_frame(picture)
        frame.pts, frame.time_base = (picture.captured_ns - self._zero) * 9 // 100_000, Fraction(1, 90_000)
        return frame


class _Stock:
    def __init__(self) -> None:
        self._calls: list[tuple[RTCPeerConnection, _Pulled, VoiceTrack]] = []

    async def answer(self, sdp: str) -> str:
        connection, stage, heard = RTCPeerConnection(RTCConfiguration(iceServers=[])), _Pulled(), VoiceTrack()
        self._calls.append((connection, stage, heard))
        await connection.setRemoteDescription(RTCSessionDescription(sdp=sdp, type="offer"))
        connection.addTrack(stage)
        connection.addTrack(heard)
        await connection.setLocalDescription(await connection.createAnswer())
        return str(connection.localDescription.sdp)

    def show(self, picture: Picture) -> None:
        for _, stage, _ in self._calls:
            stage.push(picture)

    def say(self, number: int) -> None:
        for _, _, heard in self._calls:
            heard.push(number, said(number * BLOCK, BLOCK))

    def encodings(self) -> int:
        return 0

    async def close(self) -> None:
        await asyncio.gather(*(connection.close() for connection, _, _ in self._calls))


async def _serve_seat(pipe: Connection, kind: Kind, voices: bool) -> None:
    """Answers; then tells, each time, what it took since the time before."""
    seat: _Seat = _Ours() if kind is Kind.OURS else _Stock()
    pipe.send([await seat.answer(sdp) for sdp in await asyncio.to_thread(pipe.recv)])
    clocks, lateness = _clocks(seat, voices), LoopLateness()
    watching = asyncio.get_running_loop().create_task(lateness.watch())
    cpu, since = time.process_time(), time.monotonic()
    try:
        while True:
            await asyncio.to_thread(pipe.recv)
            took, passed = time.process_time() - cpu, time.monotonic() - since
            cpu, since = time.process_time(), time.monotonic()
            pipe.send((took / passed, lateness.take(), seat.encodings()))
    finally:
        watching.cancel()
        await asyncio.to_thread(_close, clocks)
        await seat.close()


def _clocks(seat: _Seat, voices: bool) -> Sequence[Pacer]:
    loop = asyncio.get_running_loop()
    scenes = [planes(number) for number in range(LENGTH)]

    def show(number: int, due_ns: int) -> None:
        loop.call_soon_threadsafe(seat.show, copied(scenes[number % LENGTH], time.monotonic_ns()))

    def say(number: int, due_ns: int) -> None:
        loop.call_soon_threadsafe(seat.say, number)

    clocks = [Pacer("pictures", PICTURES, show, print)]
    if voices:
        clocks.append(Pacer("sound", 50, say, print))
    for clock in clocks:
        clock.start()
    return clocks


def _close(clocks: Sequence[Pacer]) -> None:
    for clock in clocks:
        clock.close()

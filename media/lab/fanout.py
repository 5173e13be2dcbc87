"""What it costs to show many customers one picture, and to let them hear each other: our seat, and aiortc as it comes.

Each is in a process of its own. The customers are in another, so that what they do is not counted: our own receivers,
which tell the sender of every packet as a browser does. Processor time is that of the sending process with all of its
threads.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import partial
from multiprocessing.connection import Connection
from typing import Protocol

import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from av import VideoFrame

from media.core.audible import QUIET, Audible
from media.core.mixing import BLOCK, Samples, levels, mixes
from media.core.soundcode import said
from media.hearing import Hearing
from media.lab.process import LoopLateness, Process
from media.lab.scene import LENGTH, planes
from media.lab.scene import RATE as PICTURES
from media.loop import run_all
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


class Talk(Enum):
    """Who is heard: nobody at all; agent and customers in turns, with a pause after each; all of them at once."""

    NOBODY = "nobody"
    TURNS = "turns"
    ALL = "all"


TURN, PAUSE = 150, 25
"""Steps of 20 ms; the pause is a part of the turn."""


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


def load(kind: Kind, customers: int, seconds: float, talk: Talk = Talk.NOBODY) -> Load:
    """Calls so many customers, waits WARM_SECONDS, measures ``seconds``; raises ``Unavailable``."""
    with Process(_serve_customers) as there, Process(_serve_seat, kind, talk) as seat:
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


class Talkers:
    """What each customer hears of a talk of agent and customers, every one of whom has a microphone that is open."""

    def __init__(self, talk: Talk, customers: int) -> None:
        self._talk = talk
        self._customers = customers
        self._audible = Audible()
        chance = np.random.default_rng(1)
        room = chance.normal(0, QUIET * 32768 / 3, (LENGTH, 1 + customers, BLOCK))
        self._rooms: list[list[Samples]] = [list(step) for step in room.astype(np.int16)]

    def step(self, number: int) -> list[Samples]:
        """BLOCK samples for each."""
        agent, *rest = (self._said(number, place) for place in range(1 + self._customers))
        voices = {str(place): samples for place, samples in enumerate(rest)}
        loud = dict(zip(voices, levels(rest), strict=True))
        return list(mixes(agent, voices, self._audible.now(loud, number)).each.values())

    def _said(self, number: int, place: int) -> Samples:
        turn, at = divmod(number, TURN)
        speaks = turn % (1 + self._customers) == place and at < TURN - PAUSE
        if self._talk is Talk.ALL or speaks:
            return said((number + 50 * place) * BLOCK, BLOCK)
        return self._rooms[number % LENGTH][place]


class _Seat(Protocol):
    """Shows pictures to all who were answered, on the loop, and says to each a step of sound, on any other thread."""

    async def answer(self, sdp: str) -> str: ...

    def show(self, picture: Picture) -> None: ...

    def say(self, number: int, each: Sequence[Samples]) -> None: ...

    def encodings(self) -> int: ...

    async def close(self) -> None: ...


class _Ours:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._broadcast = Broadcast()
        self._peers: list[Peer] = []

    async def answer(self, sdp: str) -> str:
        peer = Peer((), LatestPicture(), Hearing(), lambda state: None, lambda seconds: None, broadcast=self._broadcast)
        self._peers.append(peer)
        return (await peer.answer(sdp)).sdp

    def show(self, picture: Picture) -> None:
        for peer in self._peers:
            peer.stage.push(picture)

    def say(self, number: int, each: Sequence[Samples]) -> None:
        left = [peer.heard.speak(number, samples) for peer, samples in zip(self._peers, each, strict=True)]
        self._loop.call_soon_threadsafe(run_all, left)

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
        self._loop = asyncio.get_running_loop()
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

    def say(self, number: int, each: Sequence[Samples]) -> None:
        left = [partial(call[2].push, number, samples) for call, samples in zip(self._calls, each, strict=True)]
        self._loop.call_soon_threadsafe(run_all, left)

    def encodings(self) -> int:
        return 0

    async def close(self) -> None:
        await asyncio.gather(*(connection.close() for connection, _, _ in self._calls))


async def _serve_seat(pipe: Connection, kind: Kind, talk: Talk) -> None:
    """Answers; then tells, each time, what it took since the time before."""
    seat: _Seat = _Ours() if kind is Kind.OURS else _Stock()
    answers = [await seat.answer(sdp) for sdp in await asyncio.to_thread(pipe.recv)]
    pipe.send(answers)
    clocks, lateness = _clocks(seat, talk, len(answers)), LoopLateness()
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


def _clocks(seat: _Seat, talk: Talk, customers: int) -> Sequence[Pacer]:
    loop, talkers = asyncio.get_running_loop(), Talkers(talk, customers)
    scenes = [planes(number) for number in range(LENGTH)]

    def show(number: int, due_ns: int) -> None:
        loop.call_soon_threadsafe(seat.show, copied(scenes[number % LENGTH], time.monotonic_ns()))

    def say(number: int, due_ns: int) -> None:
        seat.say(number, talkers.step(number))

    clocks = [Pacer("pictures", PICTURES, show, print)]
    if talk is not Talk.NOBODY:
        clocks.append(Pacer("sound", 50, say, print))
    for clock in clocks:
        clock.start()
    return clocks


def _close(clocks: Sequence[Pacer]) -> None:
    for clock in clocks:
        clock.close()

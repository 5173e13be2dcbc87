"""The other ends of the sockets: phones that wait, and seats that accept, hang up, wrap up, and are free again."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from signing.commandline.bench.load.crowd import Guest, Place

HEARTBEAT_SECONDS = 5.0
CONNECTING = 20
"""So many sockets are opened at the same time."""
Json = Mapping[str, Any]


def address(number: int) -> dict[str, str]:
    """Every client comes from an address of its own."""
    return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


@dataclass
class Line:
    """One socket: it says hello, keeps its heartbeat, and hands over what it is sent."""

    url: str
    token: str
    number: int
    frames: int = 0
    octets: int = 0
    round_trips: list[float] = field(default_factory=list)
    _pinged: float = 0.0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def open(self) -> None:
        connection = await connect(
            self.url, ping_interval=None, open_timeout=120, additional_headers=address(self.number)
        )
        await connection.send(json.dumps({"type": "hello", "token": self.token}))
        first = await connection.recv()
        self.took(str(first), time.perf_counter())
        self._tasks = [asyncio.create_task(self._read(connection)), asyncio.create_task(self._beat(connection))]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self, connection: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async with connection:
                async for message in connection:
                    self.took(str(message), time.perf_counter())

    async def _beat(self, connection: ClientConnection) -> None:
        await asyncio.sleep(random.uniform(0, HEARTBEAT_SECONDS))  # noqa: S311 - no secret
        with suppress(ConnectionClosed):
            while True:
                self._pinged = time.perf_counter()
                await connection.send('{"type":"ping","n":1}')
                await asyncio.sleep(HEARTBEAT_SECONDS)

    def took(self, message: str, at: float) -> None:
        self.frames += 1
        self.octets += len(message)
        if message.startswith('{"type":"pong"'):
            self.round_trips.append(at - self._pinged)


@dataclass
class SeatLine(Line):
    """Notes when each ring reached it."""

    rung: dict[str, float] = field(default_factory=dict)
    ringing: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def took(self, message: str, at: float) -> None:
        super().took(message, at)
        if '"offer":null' in message or not message.startswith('{"type":"seat.view"'):
            return
        ticket_id = json.loads(message)["offer"]["ticket"]["ticket_id"]
        if ticket_id not in self.rung:
            self.rung[ticket_id] = at
            self.ringing.put_nowait(ticket_id)


@asynccontextmanager
async def connected(lines: Sequence[Line]) -> AsyncIterator[None]:
    """All of them open inside."""
    gate = asyncio.Semaphore(CONNECTING)

    async def one(line: Line) -> None:
        async with gate:
            await line.open()

    try:
        await asyncio.gather(*(one(line) for line in lines))
        yield
    finally:
        await asyncio.gather(*(line.close() for line in lines))


def phone_lines(sockets: str, guests: Sequence[Guest]) -> list[Line]:
    return [Line(f"{sockets}/api/phone/ws", guest.token, number) for number, guest in enumerate(guests)]


def seat_lines(sockets: str, places: Sequence[Place]) -> list[SeatLine]:
    start = 1 << 20
    return [SeatLine(f"{sockets}/api/seat/ws", one.token, start + number) for number, one in enumerate(places)]


@dataclass
class Turn:
    """One customer served: seconds from the command that freed the seat, and from its answer, to the ring on the wire.

    ``answered`` is 0 where the ring was there before the answer.
    """

    sent: float
    answered: float


@dataclass
class Office:
    """All seats at work over HTTP. ``talk``: mean seconds of a call; each customer queues again after theirs."""

    http: httpx.AsyncClient
    guests: Mapping[str, Guest]
    talk: float
    turns: list[Turn] = field(default_factory=list)
    refused: int = 0

    async def run(self, places: Sequence[Place], lines: Sequence[SeatLine], seconds: float) -> None:
        work = [asyncio.create_task(self._work(*pair)) for pair in zip(places, lines, strict=True)]
        try:
            done, _ = await asyncio.wait(work, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def post(self, token: str, path: str, body: Json) -> httpx.Response:
        answer = await self.http.post(path, json=body, headers={"Authorization": f"Bearer {token}"})
        self.refused += answer.status_code >= 400
        return answer

    async def _work(self, place: Place, line: SeatLine) -> None:
        """Begins somewhere in the first call's time: a day's rhythm, not everybody at once."""
        await asyncio.sleep(random.uniform(0, self.talk))  # noqa: S311 - no secret
        sent = time.perf_counter()
        await self.post(place.token, "/api/seat/presence", {"presence": "available"})
        answered = time.perf_counter()
        while True:
            ticket_id = await line.ringing.get()
            at = line.rung[ticket_id]
            self.turns.append(Turn(at - sent, max(0.0, at - answered)))
            await asyncio.sleep(random.uniform(0.2, 1.0))  # noqa: S311 - no secret
            taken = await self.post(place.token, f"/api/seat/offers/{ticket_id}/accept", {})
            if taken.status_code < 300:
                await self._talk(place.token, taken.json())
            sent = time.perf_counter()
            await self.post(place.token, "/api/seat/wrapup/finish", {})
            answered = time.perf_counter()

    async def _talk(self, token: str, view: Json) -> None:
        call = view["call"]
        await asyncio.sleep(self.talk * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        await self.post(token, f"/api/calls/{call['call_id']}/hangup", {"reason": "测量"})
        await self.post(self.guests[call["party_id"]].token, "/api/phone/queue/join", {})

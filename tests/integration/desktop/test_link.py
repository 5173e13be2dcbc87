"""The seat's socket against a real WebSocket server that goes deaf, as one does whose path has moved away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from websockets.asyncio.server import ServerConnection, serve

from desktop import link
from desktop.client import Client
from signing.wire.signal import Pong, Sdp


@dataclass
class Service:
    """Answers heartbeats until it is ``deaf``. ``frames``: what came by each connection, in order."""

    url: str = ""
    deaf: bool = False
    frames: list[list[str]] = field(default_factory=list)

    async def line(self, socket: ServerConnection) -> None:
        mine: list[str] = []
        self.frames.append(mine)
        deaf = False
        async for text in socket:
            mine.append(str(text))
            deaf = deaf or (self.deaf and len(self.frames) == 1)
            if not deaf:
                await socket.send(Pong(n=len(mine), server_time=datetime.now(UTC)).model_dump_json())


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    running = Service()
    async with serve(running.line, "127.0.0.1", 0) as server:
        running.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield running


async def until(true: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


async def test_a_deaf_line_is_given_up_after_a_few_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link, "PING_SECONDS", link.PING_SECONDS / 10)
    monkeypatch.setattr(link, "SILENCE_SECONDS", link.SILENCE_SECONDS / 10)
    told: list[object] = []
    async with service() as running:
        client = Client(running.url)
        client.token = "the-seat-s-own"
        comes: list[str] = []
        ours = link.seat_link(client, told.append, lambda: comes)
        task = asyncio.create_task(ours.run())
        try:
            await until(lambda: running.frames and len(running.frames[0]) > 4)
            assert "carries" not in running.frames[0][-1], "an older service would refuse the word"
            comes.append("party_1")
            await until(lambda: len(running.frames[0]) > 8)
            assert not [one for one in told if isinstance(one, link.LinkDown)], "it is alive as long as it answers"
            assert '"carries":["party_1"]' in running.frames[0][-1]
            running.deaf, before = True, len(running.frames[0])
            await until(lambda: any(isinstance(one, link.LinkDown) for one in told))
            assert len(running.frames[0]) - before <= 5
            await until(lambda: len(running.frames) == 2 and len(running.frames[1]) > 1)
            assert await ours.send(Sdp(call_id="c1", kind="answer", sdp="v=0"))
            await until(lambda: any('"sdp"' in text for text in running.frames[1]))
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await client.close()

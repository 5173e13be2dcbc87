"""Several ``pingqian serve`` on one PostgreSQL and one data folder, and clients that try the other addresses."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from signing.commandline.serve import LISTENING
from tests.integration.web.running import CASE, PASSWORDS

Json = Mapping[str, Any]
WELL = {"camera": True, "microphone": True, "loudspeaker": True, "network": True}


@dataclass
class Service:
    """One process. ``url`` stays the address of the dead one after ``kill``."""

    url: str
    process: "subprocess.Popen[str]"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(30)

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    @property
    def lives(self) -> bool:
        return self.process.poll() is None


@dataclass
class Cluster:
    data: Path
    database: str
    options: tuple[str, ...] = ()
    services: list[Service] = field(default_factory=list)

    def add(self) -> Service:
        """One more service, ready."""
        command = [sys.executable, "-m", "signing.cli", "serve", "--data", str(self.data), "--port", "0", "--demo"]
        command += ["--database", self.database, "--base-url", "http://sign.example", *self.options]
        log = (self.data.parent / f"serve{len(self.services)}.log").open("w")
        with log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout is not None
        self.services.append(service := Service("", process))
        line = process.stdout.readline()
        assert line.startswith(LISTENING), Path(log.name).read_text()
        service.url = line.removeprefix(LISTENING).strip()
        return service

    @property
    def urls(self) -> list[str]:
        return [service.url for service in self.services if service.url]

    def close(self) -> None:
        for service in self.services:
            if service.lives:
                service.wake()
                service.process.send_signal(signal.SIGTERM)
        for service in self.services:
            try:
                service.process.wait(20)
            except subprocess.TimeoutExpired:
                service.kill()
            assert service.process.stdout is not None
            service.process.stdout.close()


@contextmanager
def cluster(data: Path, database: str, count: int, *options: str) -> Iterator[Cluster]:
    made = Cluster(data, database, options)
    try:
        for _ in range(count):
            made.add()
        yield made
    finally:
        made.close()


# --- requests ---------------------------------------------------------------------------------------------------------


@dataclass
class Client:
    """Asks the first service that answers, as a front would; a refusal is an answer, no answer and 503 are not."""

    urls: Callable[[], list[str]]
    token: str = ""
    first: int = 0

    async def ask(self, method: str, path: str, body: object = None, *, seconds: float = 30.0) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        until, turn = time.monotonic() + seconds, self.first
        while True:
            url = self.urls()[turn % len(self.urls())]
            turn += 1
            with suppress(httpx.TransportError):
                async with httpx.AsyncClient(base_url=url, headers=headers, timeout=15, trust_env=False) as http:
                    answer = await http.request(method, path, json=body)
                if answer.status_code < 300:
                    return answer.json() if answer.content else None
                assert answer.status_code == 503, (path, answer.status_code, answer.text)
            assert time.monotonic() < until, path
            await asyncio.sleep(0.1)

    async def get(self, path: str) -> Any:
        return await self.ask("GET", path)

    async def post(self, path: str, body: object = None) -> Any:
        return await self.ask("POST", path, body if body is not None else {})


async def logged_in(made: Cluster, username: str = "zhang", first: int = 0) -> Client:
    nobody = Client(lambda: made.urls, first=first)
    entered = await nobody.post("/api/staff/login", {"username": username, "password": PASSWORDS[username]})
    return Client(nobody.urls, str(entered["token"]), first)


async def customer(made: Cluster, agent: Client, first: int = 0) -> tuple[Client, str]:
    """Ready to queue. → the client and the case's identifier."""
    opened = await agent.post("/api/cases", CASE)
    capability = {"capability": opened["invitations"][0]["url"].partition("#")[2]}
    nobody = Client(lambda: made.urls, first=first)
    await nobody.post("/api/phone/code", capability)
    code = (await nobody.get("/demo/messages.json"))[0]["code"]
    entered = await nobody.post("/api/phone/redeem", capability | {"code": code})
    hand = Client(nobody.urls, str(entered["token"]), first)
    while consent := (await hand.get("/api/phone/view"))["consent"]:
        given = {"kind": consent["kind"], "granted": True, "text_sha256": consent["sha256"]}
        await hand.post("/api/phone/consents", given)
    await hand.post("/api/phone/precheck", WELL)
    return hand, str(opened["case"]["case_id"])


# --- sockets ----------------------------------------------------------------------------------------------------------


@dataclass
class Line:
    """A WebSocket that connects again, at the next address, whenever it breaks; all that came is kept."""

    client: Client
    path: str
    frames: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    """Seconds from each break to the next view."""
    url: str = ""
    _connection: Any = None
    _broken: float | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def view(self) -> dict[str, Any]:
        return next(frame for frame in reversed(self.frames) if frame["type"].endswith(".view"))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    async def send(self, **frame: object) -> None:
        await self._connection.send(json.dumps(frame))

    async def until(self, found: Callable[[], object], seconds: float = 20.0) -> Any:
        """Waits until ``found`` gives something true; looked at after each frame."""
        async with asyncio.timeout(seconds):
            while True:
                with suppress(StopIteration):
                    if result := found():
                        return result
                self._news.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.2):
                        await self._news.wait()

    async def run(self) -> None:
        turn = self.client.first
        while True:
            self.url = self.client.urls()[turn % len(self.client.urls())]
            turn += 1
            with suppress(OSError, WebSocketException, TimeoutError):
                await self._once(self.url.replace("http", "ws", 1) + self.path)
            self._connection = None
            self._broken = self._broken or time.monotonic()
            await asyncio.sleep(0.3)

    async def _once(self, url: str) -> None:
        async with connect(url, ping_interval=None, max_queue=None, open_timeout=3, close_timeout=0.2) as connection:
            await connection.send(json.dumps({"type": "hello", "token": self.client.token}))
            self._connection = connection
            number = 0
            waiting = time.monotonic()
            while True:
                number += 1
                await connection.send(json.dumps({"type": "ping", "n": number}))
                with suppress(TimeoutError):
                    async with asyncio.timeout(2):
                        while True:
                            self._keep(json.loads(await connection.recv()))
                            waiting = time.monotonic()
                if time.monotonic() - waiting > 5:
                    return  # no pong: whoever is there stands still

    def _keep(self, frame: dict[str, Any]) -> None:
        if frame["type"].endswith(".view") and self._broken is not None:
            self.gaps.append(time.monotonic() - self._broken)
            self._broken = None
        if frame["type"] != "pong":
            self.frames.append(frame)
        self._news.set()


@asynccontextmanager
async def line(client: Client, path: str) -> AsyncIterator[Line]:
    made = Line(client, path)
    running = asyncio.create_task(made.run(), name=f"line {path}")
    try:
        await made.until(lambda: made.view)
        yield made
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

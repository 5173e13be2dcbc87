"""A real server on a free port over a fresh demonstration data folder, and clients that talk to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from signing.adapters import demo_data
from signing.bootstrap import build, seed_demo
from signing.config import Settings
from signing.web.app import create_app
from signing.web.context import Web
from signing.web.server import Server, bind, settings
from signing.wire.staff import CaseOpened

PASSWORDS = {
    "zhang": "demo-agent-2026",
    "lin": "demo-audit-2026",
    "chen": "demo-super-2026",
    "admin": "demo-admin-2026",
}
ROLES = {"zhang": "agent", "lin": "auditor", "chen": "supervisor", "admin": "administrator"}
BORROWER = demo_data.BORROWER
PARTY = {
    "role": BORROWER.role.value,
    "name": BORROWER.name,
    "id_number": BORROWER.id_number,
    "phone": BORROWER.phone,
    "address": BORROWER.address,
}
CASE = {
    "product_id": demo_data.PRODUCT_ID, "amount": "180000.00", "annual_rate_percent": "3.85", "term_months": 12,
    "repayment_method": "interest_first", "purpose": "购买茶苗与肥料", "parties": [PARTY],
    "account": "6217000000000000000",
}  # fmt: skip
SECRETS = (BORROWER.name, BORROWER.id_number, BORROWER.phone, *PASSWORDS.values())


@dataclass
class Running:
    url: str
    web: Web
    server: Server
    data: Path

    @property
    def ws(self) -> str:
        return self.url.replace("http", "ws", 1)

    def client(self, token: str = "") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=120, verify=False)

    async def log_in(self, username: str) -> str:
        async with self.client() as http:
            answer = await http.post("/api/staff/login", json={"username": username, "password": PASSWORDS[username]})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    async def open_case(self) -> CaseOpened:
        async with self.client(await self.log_in("zhang")) as http:
            answer = await http.post("/api/cases", json=CASE)
        assert answer.status_code == 201, answer.text
        return CaseOpened.model_validate_json(answer.content)

    async def code(self) -> str:
        async with self.client() as http:
            return str((await http.get("/demo/messages.json")).json()[0]["code"])

    async def customer(self, opened: CaseOpened) -> str:
        """The session token of the case's first party."""
        capability = opened.invitations[0].url.partition("#")[2]
        async with self.client() as http:
            assert (await http.post("/api/phone/code", json={"capability": capability})).status_code == 200
            redeemed = await http.post("/api/phone/redeem", json={"capability": capability, "code": await self.code()})
        assert redeemed.status_code == 200, redeemed.text
        return str(redeemed.json()["token"])


@asynccontextmanager
async def running(data: Path, database: str = "", **replacements: Any) -> AsyncIterator[Running]:
    """Started when entered; when left, stopped and everything of it awaited. ``replacements`` as for ``build``."""
    sock = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    app = await asyncio.to_thread(build, Settings(data, database, base_url=url, demo=True), **replacements)
    await asyncio.to_thread(seed_demo, app)
    fastapi = create_app(app)
    ready = asyncio.Event()
    web: Web = fastapi.state.web
    server = Server(settings(fastapi), web.hub, ready.set)
    serving = asyncio.create_task(server._serve([sock]), name="server")
    try:
        async with asyncio.timeout(60):
            await ready.wait()
        yield Running(url, web, server, data)
    finally:
        server.should_exit = True
        await serving


@dataclass
class Socket:
    """A WebSocket that keeps what it is sent by type."""

    connection: ClientConnection

    async def send(self, **frame: object) -> None:
        await self.connection.send(json.dumps(frame))

    async def next(self, kind: str, seconds: float = 60.0) -> dict[str, Any]:
        """The next frame of this type; others before it are let go."""
        async with asyncio.timeout(seconds):
            while True:
                frame: dict[str, Any] = json.loads(await self.connection.recv())
                if frame["type"] == kind:
                    return frame

    async def view_where(self, kind: str, key: str, value: object) -> dict[str, Any]:
        """The next view in which ``key`` is ``value``."""
        while True:
            view = await self.next(kind)
            if view[key] == value:
                return view

    async def silent(self, seconds: float) -> None:
        """Fails where anything but a view arrives within ``seconds``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    frame = json.loads(await self.connection.recv())
                    assert frame["type"].endswith(".view"), frame


@asynccontextmanager
async def socket_to(url: str, token: str, **options: Any) -> AsyncIterator[Socket]:
    # Unread frames must not stop the keep-alive of a test that looks elsewhere for a while.
    async with connect(url, ping_interval=None, max_queue=None, **options) as connection:
        await connection.send(json.dumps({"type": "hello", "token": token}))
        yield Socket(connection)

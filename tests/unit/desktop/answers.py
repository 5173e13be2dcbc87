"""What stands in for the service over real HTTP where a unit test needs its answers one by one."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Answer = tuple[int, object]
"""Status and JSON body."""


def refused(status: int, code: str) -> Answer:
    return status, {"code": code, "message": "服务不收", "hint": "请联系管理员"}


@dataclass
class Answers:
    """``answer`` gets method and path; ``asked`` has them all, ``bodies`` what was sent last to each path."""

    answer: Callable[[str, str], Answer]
    asked: list[tuple[str, str]] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    url: str = ""

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode().splitlines():
                method, path, _ = head[0].split()
                length = next(
                    (int(line.split(":")[1]) for line in head if line.lower().startswith("content-length")), 0
                )
                self.bodies[path] = await reader.readexactly(length)
                self.asked.append((method, path))
                status, body = self.answer(method, path)
                data = json.dumps(body).encode()
                writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def answering(answer: Callable[[str, str], Answer]) -> AsyncIterator[Answers]:
    made = Answers(answer)
    await made.open()
    try:
        yield made
    finally:
        await made.close()

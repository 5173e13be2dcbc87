"""NOTIFY as a hint: another service may look now instead of in a second. What is lost here is found without it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg
from sqlalchemy import Engine

from signing.adapters.database.engine import ALIVE

_LOG = logging.getLogger("pingqian.replica")
CHANNEL = "pingqian"
AGAIN_SECONDS = 2.0
COALESCE_SECONDS = 0.01
"""Notifying commits queue behind one lock of the server, so many changes are told by one."""


class NotifyHints:
    """``Hints`` over two connections of their own, outside every unit of work."""

    def __init__(self, engine: Engine) -> None:
        url = engine.url.set(drivername="postgresql").update_query_dict(
            {name: str(value) for name, value in ALIVE.items()}
        )
        self._address = url.render_as_string(hide_password=False)
        self._own = 0
        self._something = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, wake: Callable[[], None]) -> None:
        self._tasks = [
            asyncio.create_task(self._always(lambda connection: self._listen(connection, wake)), name="listen"),
            asyncio.create_task(self._always(self._tell), name="notify"),
        ]

    def tell(self) -> None:
        self._something.set()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _always(self, work: Callable[[psycopg.AsyncConnection], Awaitable[None]]) -> None:
        while True:
            with suppress(psycopg.Error, OSError):
                connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True)
                async with connection:
                    await work(connection)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self, connection: psycopg.AsyncConnection, wake: Callable[[], None]) -> None:
        await connection.execute(f"LISTEN {CHANNEL}")
        wake()
        async for notice in connection.notifies():
            if notice.pid != self._own:
                wake()

    async def _tell(self, connection: psycopg.AsyncConnection) -> None:
        self._own = connection.info.backend_pid
        while True:
            await self._something.wait()
            await asyncio.sleep(COALESCE_SECONDS)
            self._something.clear()
            await connection.execute(f"NOTIFY {CHANNEL}")

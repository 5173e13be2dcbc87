"""Runs the service on a socket: says when it listens, and stops without leaving anything behind."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from signing.web.hub import Hub
from signing.web.logs import configuration

GOODBYE_SECONDS = 5.0
GRACEFUL_SECONDS = 10
LARGEST_FRAME = 160 * 1024
"""An ``Sdp`` of 64 KiB with every line break escaped fits."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises ``OSError`` where the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def settings(
    app: FastAPI, certificate: Path | None = None, key: Path | None = None, proxies: str = ""
) -> uvicorn.Config:
    """``proxies``: addresses, separated by commas, whose X-Forwarded-For is believed; none by default."""
    return uvicorn.Config(
        app,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        server_header=False,
        access_log=False,
        log_config=configuration(),
        ws_max_size=LARGEST_FRAME,
        ws_max_queue=8,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
        lifespan="on",
    )


class Server(uvicorn.Server):
    """Tells every socket that it goes before it goes; ends with exit code 0 on SIGTERM and SIGINT."""

    def __init__(self, config: uvicorn.Config, hub: Hub, ready: Callable[[], None] = lambda: None) -> None:
        super().__init__(config)
        self.hub = hub
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        self.hub.leave_all("shutdown")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_SECONDS):
                while len(self.hub):  # noqa: ASYNC110 - the links leave one by one
                    await asyncio.sleep(0.02)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but without raising the signal again afterwards: a stop that was asked for is no failure."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

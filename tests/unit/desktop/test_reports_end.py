"""What waits for the record when the window ends, as its thread asks for it: through the bridge, for a bounded time."""

import asyncio
import logging
import time
from contextlib import suppress

import pytest

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.reports import Reports
from signing.wire.staff import ShowLine

LAST = [("/report", ShowLine(line=number)) for number in (1, 2)]


class Service:
    """Takes everything; on the bridge's loop."""

    def __init__(self) -> None:
        self.took: list[bytes] = []
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                (length,) = (
                    int(line.split(b":")[1]) for line in head.lower().splitlines() if b"content-length" in line
                )
                self.took.append(await reader.readexactly(length))
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
        await writer.wait_closed()


def test_the_window_waits_until_the_last_reports_are_sent(bridge: Bridge) -> None:
    service = Service()
    bridge.finish(service.open())
    client = Client(f"http://127.0.0.1:{service.port}")
    reports = Reports(client)
    work = bridge.call(reports.run())
    bridge.finish(reports.finish(LAST, 5.0), 6.0)
    took, waiting = list(service.took), reports.waiting
    work.cancel()
    bridge.finish(client.close())
    bridge.finish(service.close())
    assert took == [b'{"line":1}', b'{"line":2}']
    assert waiting == 0


def test_where_nobody_answers_it_waits_no_longer_than_it_may_and_says_what_is_lost(
    bridge: Bridge, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    reports = Reports(client)
    work = bridge.call(reports.run())
    began = time.monotonic()
    with caplog.at_level(logging.WARNING):
        bridge.finish(reports.finish(LAST, 0.4), 60.0)
    assert 0.4 <= time.monotonic() - began < 30, "neither given up at once nor for ever"
    assert "2 reports could not be sent" in caplog.text
    work.cancel()


def test_where_nothing_waits_the_window_does_not_wait(bridge: Bridge, client: Client) -> None:
    reports = Reports(client)
    work = bridge.call(reports.run())
    began = time.monotonic()
    bridge.finish(reports.finish([], 50.0), 60.0)
    assert time.monotonic() - began < 30
    work.cancel()

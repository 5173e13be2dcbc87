"""What goes on record late: kept while nobody answers, sent in order once somebody does, dropped where refused."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model.qualitylog import Log, noted
from desktop.model.state import Media
from desktop.reports import MOST, Reports
from desktop.seat import desk as desk_module
from desktop.seat.desk import Desk as SeatDesk
from desktop.spool import Spool
from media.core.quality import Cause
from media.engine import MediaEngine
from media.ports import EngineOptions
from signing.wire.staff import ShowLine
from tests.unit.desktop import views


class Desk:
    """A service that writes down what comes; ``refuse`` is the next answers' status."""

    def __init__(self) -> None:
        self.took: list[int] = []
        self.refuse: list[int] = []
        self.app = FastAPI()
        self.app.add_api_route("/report", self._take, methods=["POST"])

    async def _take(self, request: Request) -> Response:
        if self.refuse and (status := self.refuse.pop(0)):
            code = "outside" if status == 503 else "conflict"
            return JSONResponse({"code": code, "message": "已办结", "hint": ""}, status)
        self.took.append((await request.json())["line"])
        return Response(status_code=204)


class Service:
    """In a thread of its own, as the window's would be elsewhere; ``came``: paths and bodies of what is sent to it."""

    def __init__(self) -> None:
        self.came: list[tuple[str, dict[str, Any]]] = []
        app = FastAPI()
        app.add_api_route("/api/calls/{rest:path}", self._take, methods=["POST"])
        self._server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    async def _take(self, request: Request) -> Response:
        self.came.append((request.url.path, await request.json()))
        return Response(status_code=204)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@asynccontextmanager
async def serving(app: FastAPI, port: int = 0) -> AsyncIterator[int]:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    task = asyncio.create_task(server.serve())
    try:
        await until(lambda: server.started)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def reporting(port: int) -> AsyncIterator[Reports]:
    client = Client(f"http://127.0.0.1:{port}")
    reports = Reports(client)
    task = asyncio.create_task(reports.run())
    try:
        yield reports
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await client.close()


async def until(true: Any) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("did not happen in time")


async def test_reports_arrive_in_their_order_and_one_that_is_refused_for_good_holds_up_none() -> None:
    desk = Desk()
    desk.refuse = [0, 409, 0, 0]
    async with serving(desk.app) as port, reporting(port) as reports:
        for number in range(1, 5):
            await reports.put("/report", ShowLine(line=number))
        await until(lambda: len(desk.took) == 3)
        assert desk.took == [1, 3, 4]
        assert reports.waiting == 0


async def test_what_nobody_answers_is_kept_and_sent_when_the_service_is_back() -> None:
    desk = Desk()
    async with serving(desk.app) as port:
        pass
    async with reporting(port) as reports:
        for number in (1, 2):
            await reports.put("/report", ShowLine(line=number))
        await asyncio.sleep(0.5)
        assert reports.waiting == 2
        async with serving(desk.app, port):
            await until(lambda: desk.took == [1, 2])
        assert reports.waiting == 0


async def test_at_the_end_what_waits_and_what_is_added_is_sent_without_waiting_for_the_next_try() -> None:
    desk = Desk()
    desk.refuse = [503] * 4
    async with serving(desk.app) as port, reporting(port) as reports:
        await reports.put("/report", ShowLine(line=1))
        await until(lambda: not desk.refuse)  # the next try would be in eight seconds
        left = await reports.finish([("/report", ShowLine(line=2))], 5.0)
        assert (left, desk.took) == (0, [1, 2])
        assert await reports.finish([], 0.0) == 0


async def test_what_cannot_be_sent_at_the_end_is_named_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(Desk().app) as port:
        pass
    async with reporting(port) as reports:
        assert await reports.finish([("/report", ShowLine(line=number)) for number in (1, 2)], 0.3) == 2
    assert "2 reports could not be sent" in caplog.text


def test_a_window_that_closes_in_a_call_reports_what_it_knows_of_the_lines_first(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stretch that is still open, by the desk as the window closes it."""
    monkeypatch.setattr(desk_module, "LAST_SECONDS", 30.0)
    service = Service()
    bridge, client = Bridge(), Client(f"http://127.0.0.1:{service.port}")
    desk = SeatDesk(bridge, client, Spool(tmp_path), MediaEngine(EngineOptions(use_devices=False)), bridge)
    desk.start()
    log = Log()
    for number in range(4):
        judged = views.quality(1, Cause.LOSSY).judgement
        assert judged is not None
        log, reports = noted(log, "p1", judged, 90.0, views.NOW + timedelta(seconds=2 * number))
        assert not reports
    desk.state = replace(desk.state, media=Media(call_id="c1", log=log))
    desk.stop()
    came, service.came = service.came, []
    bridge.finish(client.close())
    bridge.close()
    service.stop()
    ((path, body),) = came
    assert path == "/api/calls/c1/parties/p1/quality"
    assert (body["cause"], body["bars"]) == ("lossy", 1)
    until_then = datetime.fromisoformat(body["until"]) - datetime.fromisoformat(body["since"])
    assert until_then == timedelta(seconds=8)


async def test_no_more_is_kept_than_there_is_room_for() -> None:
    reports = Reports(Client("http://127.0.0.1:9"))
    for _ in range(MOST + 10):
        await reports.put("/report", ShowLine(line=1))
    assert reports.waiting == MOST

"""What goes on record late: kept while nobody answers, sent in order once somebody does, dropped where refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from desktop.client import Client
from desktop.reports import MOST, Reports
from signing.wire.staff import ShowLine


class Desk:
    """A service that writes down what comes; ``refuse`` is the next answers' status."""

    def __init__(self) -> None:
        self.took: list[int] = []
        self.refuse: list[int] = []
        self.app = FastAPI()
        self.app.add_api_route("/report", self._take, methods=["POST"])

    async def _take(self, request: Request) -> Response:
        if self.refuse and (status := self.refuse.pop(0)):
            return JSONResponse({"code": "conflict", "message": "已办结", "hint": ""}, status)
        self.took.append((await request.json())["line"])
        return Response(status_code=204)


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


async def test_no_more_is_kept_than_there_is_room_for() -> None:
    reports = Reports(Client("http://127.0.0.1:9"))
    for _ in range(MOST + 10):
        await reports.put("/report", ShowLine(line=1))
    assert reports.waiting == MOST

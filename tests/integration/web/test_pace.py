"""A crowd of phones over real sockets: one's own change at once, the others' moves at a bounded rate."""

import asyncio
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from signing.commandline.bench.load.crowd import Crowd, gather
from signing.service.commands import SYSTEM, Actor
from signing.web import pace
from signing.web.hub import Link
from tests.integration.web.running import Running, Socket, running, socket_to
from tests.integration.web.test_sockets import keep_alive, post


async def views(line: Socket, seconds: float) -> list[dict[str, Any]]:
    found = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                frame = json.loads(await line.connection.recv())
                if frame["type"] == "phone.view":
                    found.append(frame)
    except TimeoutError:
        return found


async def one_by_one_they_leave(service: Running, crowd: Crowd, leaving: int) -> None:
    for guest in crowd.guests[:leaving]:
        async with service.client(guest.token) as http:
            await post(http, "/api/phone/queue/leave")


async def test_many_moves_are_few_views_and_the_last_is_told(tmp_path: Path) -> None:
    crowd = await asyncio.to_thread(gather, tmp_path / "data", "", branches=1, seats=1, customers=9)
    async with running(tmp_path / "data") as service, AsyncExitStack() as stack:
        url = service.ws + "/api/phone/ws"
        lines = [await stack.enter_async_context(socket_to(url, one.token)) for one in crowd.guests]
        pinging = asyncio.create_task(keep_alive(*lines))
        last = lines[7]  # the one after it is older, and before it in the queue
        await last.view_where("phone.view", "step", "queue")
        listening = asyncio.create_task(views(last, 9.0))
        before = asyncio.get_running_loop().time()
        await one_by_one_they_leave(service, crowd, 6)
        own = await lines[0].next("phone.view")
        while own["queue"] is not None:
            own = await lines[0].next("phone.view")
        took = asyncio.get_running_loop().time() - before
        told = await listening
        pinging.cancel()
    places = [view["queue"]["position"] for view in told]
    assert places[-1] == 3, places
    assert len(told) <= 2 + max(9.0, took) / pace.PHONE_PACE


async def test_a_seat_sees_its_own_ring_before_the_crowd_is_told(tmp_path: Path) -> None:
    crowd = await asyncio.to_thread(gather, tmp_path / "data", "", branches=1, seats=1, customers=3)
    async with (
        running(tmp_path / "data") as service,
        socket_to(service.ws + "/api/phone/ws", crowd.guests[0].token) as phone,
        socket_to(service.ws + "/api/seat/ws", crowd.places[0].token) as seat,
        service.client(crowd.places[0].token) as http,
    ):
        pinging = asyncio.create_task(keep_alive(phone, seat))
        await phone.view_where("phone.view", "step", "queue")
        await post(http, "/api/seat/presence", {"presence": "available"})
        rung = await seat.next("seat.view")
        while rung["offer"] is None:
            rung = await seat.next("seat.view")
        assert rung["presence"] == "ringing"
        assert [row["state"] for row in rung["queue"]].count("offered") == 1
        pinging.cancel()


def test_everybody_has_one_turn_in_a_round() -> None:
    phone, seat = (Link(kind, Actor(kind, kind, "", "", ""), frozenset()) for kind in ("party", "staff"))
    phones = sum(pace._is_turn(phone, number, 60, 240) for number in range(240))
    seats = sum(pace._is_turn(seat, number, 60, 240) for number in range(240))
    assert (phones, seats) == (1, 4)
    turns = {
        next(number for number in range(240) if pace._is_turn(one, number, 60, 240))
        for one in (Link("x", SYSTEM, frozenset()) for _ in range(50))
    }
    assert len(turns) > 20, "not all at once"

"""A crowd of phones over real sockets: one's own change at once, the others' moves at a bounded rate."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from signing.commandline.bench.load.crowd import Crowd, gather
from signing.service.commands import SYSTEM, Actor
from signing.service.queue_commands import StopQueue
from signing.web import pace
from signing.web.hub import Link
from tests.integration.web.running import Running, Socket, running, socket_to
from tests.integration.web.test_sockets import keep_alive, post

CLOSED = {"joins": False, "offers": False, "message": "今天停办", "back_at": None}


async def places_until(line: Socket, last: int) -> list[int]:
    """The place in each view that is told, up to the one with the place ``last``."""
    found: list[int] = []
    async with asyncio.timeout(200):
        while not found or found[-1] != last:
            frame = json.loads(await line.connection.recv())
            if frame["type"] == "phone.view":
                found.append(frame["queue"]["position"])
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
        before = asyncio.get_running_loop().time()
        listening = asyncio.create_task(places_until(last, 3))
        await one_by_one_they_leave(service, crowd, 6)
        own = await lines[0].next("phone.view")
        while own["queue"] is not None:
            own = await lines[0].next("phone.view")
        places = await listening
        took = asyncio.get_running_loop().time() - before
        pinging.cancel()
    assert len(places) <= 2 + took / pace.PHONE_PACE, places


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


async def just_reckoned(service: Running) -> None:
    """It is everybody's turn, and the order is new: somebody else's view has just asked for it."""
    await asyncio.sleep(pace.PHONE_PACE + 1)
    await service.web.ask(service.web.queries.lineup, timedelta(microseconds=1))


async def test_what_happens_right_after_the_order_was_reckoned_is_told_too(tmp_path: Path) -> None:
    """In a quiet branch no later change would bring it along."""
    crowd = await asyncio.to_thread(gather, tmp_path / "data", "", branches=1, seats=1, customers=2)
    async with running(tmp_path / "data") as service, AsyncExitStack() as stack:
        url = service.ws + "/api/phone/ws"
        lines = [await stack.enter_async_context(socket_to(url, one.token)) for one in crowd.guests]
        pinging = asyncio.create_task(keep_alive(*lines))
        places = [(await line.view_where("phone.view", "step", "queue"))["queue"]["position"] for line in lines]
        ahead, behind = places.index(1), lines[places.index(2)]
        await just_reckoned(service)
        async with service.client(crowd.guests[ahead].token) as http:
            await post(http, "/api/phone/queue/leave")
        async with asyncio.timeout(120):
            assert await places_until(behind, 1) == [1]
        pinging.cancel()


async def test_a_stop_is_told_to_all_who_wait(tmp_path: Path) -> None:
    crowd = await asyncio.to_thread(gather, tmp_path / "data", "", branches=1, seats=1, customers=2)
    async with running(tmp_path / "data") as service, AsyncExitStack() as stack:
        url = service.ws + "/api/phone/ws"
        lines = [await stack.enter_async_context(socket_to(url, one.token)) for one in crowd.guests]
        pinging = asyncio.create_task(keep_alive(*lines))
        for line in lines:
            await line.view_where("phone.view", "step", "queue")
        await just_reckoned(service)
        command = StopQueue(SYSTEM, crowd.guests[0].branch_id, "今天停办", "停电", True)
        await service.web.execute(command)
        for line in lines:
            view = await line.view_where("phone.view", "door", CLOSED)
            assert (view["queue"]["message"], view["queue"]["paused"]) == ("今天停办", True)
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

"""A call whose media goes on while one end's socket is away: the service takes the other end's word for a while."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from signing.web import presence
from tests.integration.web.running import Running, Socket, running, socket_to
from tests.integration.web.test_sockets import connected, to_the_queue

GRACE = 0.6


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "SEAT_GRACE_SECONDS", GRACE)
    monkeypatch.setattr(presence, "SEAT_HELD_SECONDS", GRACE)
    monkeypatch.setattr(presence, "CALL_GRACE_SECONDS", GRACE)
    monkeypatch.setattr(presence, "CARRIED_SECONDS", GRACE / 6)


@dataclass
class Ends:
    """Both ends of a live call. ``says``: what each tells of its media with every heartbeat."""

    seat: Socket
    phone: Socket
    desk: httpx.AsyncClient
    call_id: str = ""
    party_id: str = ""
    says: dict[str, list[str]] = field(default_factory=lambda: {"seat": [], "phone": []})

    async def beat(self, name: str, line: Socket) -> None:
        n = 0
        while True:
            n += 1
            await line.send(type="ping", n=n, carries=self.says[name])
            await asyncio.sleep(0.1)

    async def state(self) -> str:
        """Of the customer's place in the call; "none" where there is no call."""
        call = (await self.desk.get("/api/staff/view")).json()["call"]
        return str(call["parties"][0]["state"]) if call else "none"

    async def until(self, state: str) -> None:
        async with asyncio.timeout(60):
            while await self.state() != state:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.05)


@asynccontextmanager
async def call(service: Running) -> AsyncIterator[Ends]:
    opened = await service.open_case()
    agent, customer = await service.log_in("zhang"), await service.customer(opened)
    await to_the_queue(service, customer)
    async with (
        socket_to(service.ws + "/api/seat/ws", agent) as seat,
        socket_to(service.ws + "/api/phone/ws", customer) as phone,
        service.client(agent) as desk,
    ):
        ends = Ends(seat, phone, desk)
        beats = [asyncio.create_task(ends.beat(*one)) for one in (("seat", seat), ("phone", phone))]
        try:
            ends.call_id, ends.party_id = await connected(service, agent, seat, phone)
            yield ends
        finally:
            for task in beats:
                task.cancel()
            await asyncio.gather(*beats, return_exceptions=True)


async def test_a_phone_without_a_line_stays_in_the_call_while_the_seat_sees_it(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, call(service) as ends:
        ends.says["seat"] = [ends.party_id]
        await asyncio.sleep(0.3)
        await ends.phone.connection.close()
        await asyncio.sleep(4 * GRACE)
        assert await ends.state() == "live", "picture and sound come"
        ends.says["seat"] = []
        await ends.until("none")


async def test_a_phone_that_nobody_sees_is_dropped(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, call(service) as ends:
        ends.says["seat"] = ["party_of_another_call"]
        await asyncio.sleep(0.3)
        await ends.phone.connection.close()
        await ends.until("none")


async def test_a_seat_without_a_line_is_not_lost_while_the_phone_sees_it(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, call(service) as ends:
        ends.says["phone"] = [ends.call_id]
        await asyncio.sleep(0.3)
        await ends.seat.connection.close()
        await asyncio.sleep(4 * GRACE)
        assert await ends.state() == "live"
        ends.says["phone"] = []
        await ends.until("none")


async def test_a_seat_whose_window_and_media_died_finds_its_call_when_it_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody says that anything comes, and the seat's own patience is long over."""
    monkeypatch.setattr(presence, "SEAT_HELD_SECONDS", 60.0)
    async with running(tmp_path / "data") as service, call(service) as ends:
        died = time.monotonic()
        ends.seat.connection.transport.abort()
        while time.monotonic() - died < 4 * GRACE:
            assert await ends.state() == "live"
            await asyncio.sleep(0.1)
        async with socket_to(service.ws + "/api/seat/ws", await service.log_in("zhang")) as again:
            assert (await again.next("seat.view"))["call"]["call_id"] == ends.call_id
            assert await ends.state() == "live"


async def test_a_seat_that_stays_away_loses_its_call_when_the_minute_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "SEAT_HELD_SECONDS", 3 * GRACE)
    async with running(tmp_path / "data") as service, call(service) as ends:
        died = time.monotonic()
        ends.seat.connection.transport.abort()
        await ends.until("none")
        assert time.monotonic() - died >= 3 * GRACE


async def test_a_seat_whose_window_died_in_the_wrap_up_finds_it_when_it_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its case, so that what became of the call can still be said."""
    monkeypatch.setattr(presence, "SEAT_HELD_SECONDS", 60.0)
    async with running(tmp_path / "data") as service, call(service) as ends:
        hung = await ends.desk.post(f"/api/calls/{ends.call_id}/hangup", json={"reason": "测试"})
        assert hung.is_success, hung.text
        case_id = hung.json()["case"]["case_id"]
        ends.seat.connection.transport.abort()
        await asyncio.sleep(4 * GRACE)
        async with socket_to(service.ws + "/api/seat/ws", await service.log_in("zhang")) as again:
            view = await again.next("seat.view")
            assert view["presence"] == "wrap_up"
            assert view["case"]["case_id"] == case_id


async def test_who_is_in_another_case_cannot_hold_a_seat_whose_window_is_gone(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, call(service) as ends:
        other = await service.customer(await service.open_case())
        async with socket_to(service.ws + "/api/phone/ws", other) as stranger:
            ends.says["stranger"] = [ends.call_id]
            beat = asyncio.create_task(ends.beat("stranger", stranger))
            await asyncio.sleep(0.3)
            await ends.seat.connection.close()
            try:
                await ends.until("none")
            finally:
                beat.cancel()
                await asyncio.gather(beat, return_exceptions=True)


async def test_a_customer_who_logs_out_leaves_at_once_whatever_the_seat_still_sees(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, call(service) as ends:
        ends.says["seat"] = [ends.party_id]
        await asyncio.sleep(0.3)
        link = service.web.hub.find(f"party:{ends.party_id}")
        assert link is not None
        link.leave("ended")
        await ends.until("none")

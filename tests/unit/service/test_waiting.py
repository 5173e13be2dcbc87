"""Commands that wait for a slow engine or somebody outside do not take the threads of everything else."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from threading import Event

import pytest

from signing.service.bus import WAITING_AT_ONCE, Bus
from signing.service.commands import Actor, Command, HangUp, SendCode, SubmitCard, SubmitSnapshot
from signing.service.services import Services

CUSTOMER = Actor("party", "one", "customer", "inst")
AGENT = Actor("staff", "zhang", "agent", "inst", seat_id="seat_1")
BEARER = Actor("party", "", "bearer", "")
MANY = 3 * WAITING_AT_ONCE


class Db:
    shared = False


@pytest.fixture
def released() -> Event:
    return Event()


@pytest.fixture
async def bus(released: Event) -> AsyncIterator[Bus]:
    def waits(command: Command, services: Services) -> None:
        released.wait(60)

    def quick(command: Command, services: Services) -> str:
        return "done"

    services = type("S", (), {"db": Db()})()
    bus = Bus(services, {SubmitCard: waits, SubmitSnapshot: waits, SendCode: waits, HangUp: quick})
    yield bus
    released.set()
    await bus.close()


async def test_a_crowd_before_the_engine_holds_up_nobody_else(bus: Bus, released: Event) -> None:
    crowd = [
        asyncio.ensure_future(bus.execute(command))
        for number in range(MANY)
        for command in (
            SubmitCard(CUSTOMER, "front", bytes([number])),
            SubmitSnapshot(AGENT, "case", "one", bytes([number]), datetime(2026, 11, 27, tzinfo=UTC)),
        )
    ]
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await bus.execute(HangUp(AGENT, "call", "")) == "done"
        assert await bus.run(lambda: "seen") == "seen"
    assert not any(one.done() for one in crowd)
    released.set()
    await asyncio.gather(*crowd)


async def test_a_slow_gateway_holds_up_neither_the_engine_nor_the_rest(bus: Bus, released: Event) -> None:
    sends = [asyncio.ensure_future(bus.execute(SendCode(BEARER, f"link {number}"))) for number in range(MANY)]
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await bus.run(lambda: "seen") == "seen"
    assert not any(one.done() for one in sends)
    released.set()
    await asyncio.gather(*sends)

"""A service that lost only its way to the database is given up by the others, and comes back with its sockets."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI

from signing.adapters.database.engine import open_engine, upgrade
from signing.domain import lease
from signing.domain.errors import OutsideError
from signing.service import replica
from signing.service.commands import JoinQueue, SetPresence
from signing.web.app import _live_call, create_app
from signing.web.context import Web
from signing.web.hub import Link
from tests.integration.service.county import County
from tests.integration.service.office import SteppedClock, open_app
from tests.postgres import postgres

pytestmark = pytest.mark.timeout(120)


async def serve(stack: AsyncExitStack, fastapi: FastAPI) -> Web:
    await stack.enter_async_context(fastapi.router.lifespan_context(fastapi))
    web = fastapi.state.web
    assert isinstance(web, Web)
    return web


async def soon(found: Callable[[], bool], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not found():  # noqa: ASYNC110 - it is the database that changes
            await asyncio.sleep(0.05)


async def test_who_waits_at_a_service_that_comes_back_is_offered_again(
    tmp_path: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.5)
    clock = SteppedClock()
    apps = [open_app(tmp_path / "data", postgres_database, clock=clock, identity=object()) for _ in range(2)]
    county = County(apps[0], clock)
    county.set_up()
    async with AsyncExitStack() as stack:
        first, _ = [await serve(stack, create_app(app)) for app in apps]
        agent, customer = county.staff("agent"), county.customer("waiting")
        await county.join(customer)
        link = Link(f"party:{customer.actor_id}", customer, frozenset())
        first.hub.join(link)
        await soon(lambda: county.look(lambda unit: unit.replicas.open_among([link.key])) == {link.key})
        turn, before = apps[0].replica._turn, apps[0].replica.db.replica_id
        monkeypatch.setattr(apps[0].replica, "_turn", replica.Told)  # as if its database did not answer
        await soon(lambda: not county.ticket(customer).present)
        monkeypatch.setattr(apps[0].replica, "_turn", turn)
        await soon(lambda: apps[0].replica.db.replica_id != before)
        await soon(lambda: county.ticket(customer).present, 5)
        assert link.gone is None
        await county.free(agent)
        await soon(lambda: county.seat(agent).ticket_id is not None, 5)


async def test_a_database_that_is_away_is_no_word_of_a_call_being_over(tmp_path: Path) -> None:
    with postgres() as server:
        address, clock = server.create(), SteppedClock()
        engine = open_engine(address)
        upgrade(engine)
        engine.dispose()
        app = open_app(tmp_path / "data", address, clock=clock, identity=object())
        county = County(app, clock)
        county.set_up()
        agent, customer = county.staff("agent"), county.customer("talking")
        async with AsyncExitStack() as stack:
            web = await serve(stack, create_app(app))
            assert await _live_call(web, customer) is None
            await county.do(SetPresence(agent, True))
            await county.do(JoinQueue(customer))
            await soon(lambda: county.seat(agent).ticket_id is not None)
            call = await county.answer(agent)
            await asyncio.to_thread(server.stop)
            with pytest.raises(OutsideError):
                await _live_call(web, customer)
            await asyncio.to_thread(server.start)
            assert await _live_call(web, customer) == call.call_id

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
from signing.service.commands import Actor, JoinQueue, SetPresence
from signing.web.app import _live_call, create_app
from signing.web.context import Web
from signing.web.hub import Link
from tests.integration.service.county import HOME, County
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


SLOW = """
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';
    CREATE TRIGGER slow BEFORE INSERT ON live_socket FOR EACH STATEMENT EXECUTE FUNCTION slow();
"""
"""Reporting a socket takes a second, as does reporting many in one statement."""


async def test_a_service_with_hundreds_of_sockets_stays_in_once_it_is_back(
    tmp_path: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The whole report takes longer than a lease, so that it needs both the batches and the heartbeats between."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", 3.0)
    monkeypatch.setattr(replica, "TOGETHER", 100)
    clock = SteppedClock()
    apps = [open_app(tmp_path / "data", postgres_database, clock=clock, identity=object()) for _ in range(2)]
    county = County(apps[0], clock)
    county.set_up()
    customers = [Actor("party", f"party_{number:03}", "customer", HOME, case_id="case") for number in range(500)]
    links = [Link(f"party:{customer.actor_id}", customer, frozenset()) for customer in customers]
    keys = [link.key for link in links]

    def at(where: str) -> int:
        with apps[1].services.db.read() as unit:
            found = [unit.replicas.socket(key) for key in keys]
        return sum(one is not None and one.open and one.replica_id == where for one in found)

    async with AsyncExitStack() as stack:
        first, _ = [await serve(stack, create_app(app)) for app in apps]
        for link in links:
            first.hub.join(link)
        await soon(lambda: at(first.replica.db.replica_id) == 500, 60)
        turn, before = apps[0].replica._turn, apps[0].replica.db.replica_id
        monkeypatch.setattr(apps[0].replica, "_turn", replica.Told)  # as if its database did not answer
        await soon(lambda: county.look(lambda unit: unit.replicas.beats("")).get(before) is None, 30)
        with apps[1].engine.connect().execution_options(write=True) as connection, connection.begin():
            connection.exec_driver_sql(SLOW)
        monkeypatch.setattr(apps[0].replica, "_turn", turn)
        await soon(lambda: first.replica.db.replica_id != before, 10)
        await soon(lambda: at(first.replica.db.replica_id) == 500, 40)
        await asyncio.sleep(lease.LEASE_SECONDS)
        assert at(first.replica.db.replica_id) == 500
        assert [link.key for link in links if link.gone is not None] == []
    assert [one.getMessage().partition(" ")[0] for one in caplog.records if "begins anew" in one.message] == [before]


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

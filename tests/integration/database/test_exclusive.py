"""Many commands that each hold their case for long: the service's other work and its heartbeat go on."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Engine, text

from signing.adapters.clock import SystemIds
from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.bootstrap import App, build
from signing.config import Settings
from signing.domain.lease import BLIND_SECONDS
from signing.service.bus import Bus
from signing.service.commands import SYSTEM, SealCase
from signing.service.replica import Replica
from signing.service.services import Services
from signing.service.sharing import LiveSocket
from signing.service.store import EXCLUSIVE_AT_ONCE

SIGNING_SECONDS = 1.0
MANY = 25


@pytest.fixture
def database(postgres_database: str) -> str:
    return postgres_database


@pytest.fixture
async def app(tmp_path: Path, database: str) -> AsyncIterator[App]:
    app = build(Settings(tmp_path / "data", database, demo=True))
    await app.start()
    yield app
    await app.close()


@pytest.fixture
async def peer(database: str, keyring: Keyring) -> AsyncIterator[tuple[Replica, list[LiveSocket]]]:
    """Another service on the same database, and what it finds orphaned."""
    engine = open_engine(database)
    made, orphans = Replica(SqlDatabase(engine, keyring, CaseKeys(engine, keyring)), SystemIds()), list[LiveSocket]()
    made.told.orphaned = orphans.extend
    await made.start()
    yield made, orphans
    await made.close()
    engine.dispose()


@pytest.fixture
def other(database: str, keyring: Keyring) -> Iterator[SqlDatabase]:
    engine = open_engine(database)
    yield SqlDatabase(engine, keyring, CaseKeys(engine, keyring))
    engine.dispose()


async def sign(command: SealCase, services: Services) -> str:
    """As a signer does: a thread is busy for a while, then a unit of work commits."""
    await asyncio.to_thread(time.sleep, SIGNING_SECONDS)
    await asyncio.to_thread(_commit, services)
    return command.case_id


def _commit(services: Services) -> None:
    with services.db.write() as unit:
        unit.queue.seats()


def _look(services: Services) -> int:
    with services.db.read() as unit:
        return len(unit.queue.seats())


async def test_queries_answer_and_the_heart_beats_while_many_sign(
    app: App, peer: tuple[Replica, list[LiveSocket]]
) -> None:
    bus = Bus(app.services, {SealCase: sign})
    own, beats, answered = app.replica.db.replica_id, list[tuple[float, int]](), list[float]()
    commands = [SealCase(SYSTEM, f"case_{number}") for number in range(MANY)]
    signing = asyncio.gather(*(bus.execute(command) for command in commands))

    def beat() -> int:
        with peer[0].db.read() as unit:
            return unit.replicas.beats("")[own]

    with ThreadPoolExecutor(1) as aside:
        while not signing.done():
            asked = time.monotonic()
            await bus.run(_look, app.services)
            answered.append(time.monotonic() - asked)
            beats.append((time.monotonic(), await asyncio.get_running_loop().run_in_executor(aside, beat)))
            await asyncio.sleep(0.1)
    assert await signing == [command.case_id for command in commands]
    await bus.close()
    assert max(answered) < BLIND_SECONDS
    firsts = [beats[0], *(two for one, two in pairwise(beats) if two[1] != one[1]), beats[-1]]
    assert max(two[0] - one[0] for one, two in pairwise(firsts)) < BLIND_SECONDS
    assert app.replica.db.replica_id == own, "nobody has buried it"


def test_held_names_take_nothing_from_units_of_work(engine: Engine, db: SqlDatabase) -> None:
    """More wait than there are connections for names, and all get theirs."""
    done, let_go = list[int](), Event()

    def hold(number: int) -> None:
        with db.exclusive(f"case {number}"):
            let_go.wait(60)
            done.append(number)

    with ThreadPoolExecutor(MANY) as threads:
        holding = [threads.submit(hold, number) for number in range(MANY)]
        time.sleep(0.5)
        with db.read() as unit, db.write(), db.beat():
            assert unit.queue.seats() == []
        assert done == []
        with engine.connect() as connection:
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            assert connection.execute(text(held)).scalar_one() <= EXCLUSIVE_AT_ONCE
        let_go.set()
        for one in holding:
            one.result()
    assert sorted(done) == list(range(MANY))


async def test_whoever_gives_up_waiting_for_a_name_does_not_keep_it(app: App, other: SqlDatabase) -> None:
    bus = Bus(app.services, {SealCase: sign})
    with other.exclusive("case case_1"):
        waiting = asyncio.create_task(bus.execute(SealCase(SYSTEM, "case_1")))
        await asyncio.sleep(0.3)
        waiting.cancel()
        await asyncio.sleep(0.1)
    with suppress(asyncio.CancelledError):
        await waiting
    with other.exclusive("case case_1"):
        pass
    await bus.close()

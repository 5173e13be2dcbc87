"""Two services on one PostgreSQL, in one process: heartbeats, sockets, what is handed over, and fences."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from signing.adapters.clock import SystemIds
from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine
from signing.adapters.database.hints import NotifyHints
from signing.adapters.database.replicas import MAX_WAITING
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.domain import lease
from signing.domain.case import Case
from signing.domain.errors import ConflictError, Fenced, OutsideError
from signing.domain.queue import Ticket, TicketState, offer
from signing.domain.routing import Match
from signing.domain.seat import Seat, SeatEvent, SeatState, apply
from signing.service import replica
from signing.service.commands import Actor
from signing.service.replica import Replica
from signing.service.sharing import LiveSocket, Signal
from signing.service.store import Changes
from tests.unit.domain.factories import NOW

AGENT = Actor("staff", "staff_zhang", "agent", "inst_demo", "", "seat_1")


@pytest.fixture
def database(postgres_database: str) -> str:
    return postgres_database


@pytest.fixture
def other(database: str, keyring: Keyring, db: SqlDatabase) -> Iterator[SqlDatabase]:
    """A second service's own connections and keys."""
    engine = open_engine(database)
    yield SqlDatabase(engine, keyring, CaseKeys(engine, keyring))
    engine.dispose()


def entered(db: SqlDatabase, name: str) -> bool:
    with db.write() as unit:
        alone = unit.replicas.enter(name)
    db.replica_id = name
    return alone


def socket(key: str = "seat:seat_1", link_id: str = "link_a", replica_id: str = "rep_a") -> LiveSocket:
    return LiveSocket(key, link_id, replica_id, AGENT)


# --- the tables -------------------------------------------------------------------------------------------------------


def test_the_first_is_alone_and_finds_no_sockets_of_before(db: SqlDatabase, other: SqlDatabase) -> None:
    with db.write() as unit:
        unit.replicas.join(socket())
    assert entered(db, "rep_a")
    assert not entered(other, "rep_b")
    with db.read() as unit:
        assert unit.replicas.socket("seat:seat_1") is None
        assert unit.replicas.beats("rep_a") == {"rep_b": 0}


def test_whoever_is_buried_cannot_stand_beat_or_claim(db: SqlDatabase, other: SqlDatabase, case: Case) -> None:
    """What it read before it stood still is worth nothing: the customer was given away meanwhile."""
    entered(db, "rep_a")
    entered(other, "rep_b")
    seat = Seat("seat_1", "inst_demo", "branch_shanghang", "01", NOW, SeatState.AVAILABLE)
    second = replace(seat, seat_id="seat_2")
    ticket = Ticket("tkt_1", case.case_id, "party_1", "inst_demo", "branch_shanghang", NOW)
    with other.write() as unit:
        for one in (seat, second):
            unit.queue.save_seat(one)
        unit.queue.save_ticket(ticket)
        assert unit.replicas.bury("rep_a", "rep_b") == []
        assert unit.replicas.bury("rep_a", "rep_b") is None
        assert unit.queue.claim([Match(ticket, second)])
        unit.queue.save_ticket(offer(ticket, "seat_2", NOW))
        unit.queue.save_seat(replace(apply(second, SeatEvent.OFFERED, NOW), ticket_id="tkt_1"))

    def late() -> None:
        with db.write() as unit:
            if unit.queue.claim([Match(ticket, seat)]):
                unit.queue.save_ticket(offer(ticket, "seat_1", NOW))

    with pytest.raises(Fenced):
        late()
    with db.write() as unit:
        assert not unit.replicas.beat("rep_a")
        assert unit.queue.ticket("tkt_1").seat_id == "seat_2"
        assert unit.queue.ticket("tkt_1").state is TicketState.OFFERED


def test_nobody_is_buried_in_the_middle_of_a_unit_that_stands(db: SqlDatabase, other: SqlDatabase) -> None:
    entered(db, "rep_a")
    entered(other, "rep_b")
    with db.write() as mine:
        mine.replicas.stand("rep_a")
        with other._engine.connect() as connection:
            connection.execute(text("SET lock_timeout = '100ms'"))
            with pytest.raises(OperationalError, match="lock timeout"):
                connection.execute(text("DELETE FROM replica WHERE replica_id = 'rep_a'"))


def test_a_key_is_at_one_service(db: SqlDatabase, other: SqlDatabase) -> None:
    with db.write() as unit:
        assert unit.replicas.join(socket()) is None
    newer = socket(link_id="link_b", replica_id="rep_b")
    with other.write() as unit:
        assert unit.replicas.join(newer) == socket()
    with db.write() as unit:
        assert not unit.replicas.part("seat:seat_1", "link_a"), "it has moved"
        assert unit.replicas.rejoin([socket()]) == set()
        assert unit.replicas.socket("seat:seat_1") == newer
        assert unit.replicas.open_among(["seat:seat_1", "party:x"]) == {"seat:seat_1"}
    with other.write() as unit:
        assert unit.replicas.part("seat:seat_1", "link_b")
        assert unit.replicas.is_gone("seat:seat_1", "link_b")
        assert unit.replicas.open_among(["seat:seat_1"]) == set()
        unit.replicas.forget("seat:seat_1", "link_b")
        assert unit.replicas.socket("seat:seat_1") is None


def test_many_are_there_again_at_once_but_for_those_that_are_elsewhere(db: SqlDatabase, other: SqlDatabase) -> None:
    keys = [f"party:{number:03}" for number in range(300)]
    mine = [socket(key, f"link_{key}") for key in keys]
    with other.write() as unit:
        unit.replicas.join(socket(keys[0], "link_elsewhere", "rep_b"))
        unit.replicas.join(socket(keys[1], "link_gone", "rep_b"))
        unit.replicas.part(keys[1], "link_gone")
        unit.replicas.join(replace(mine[2], replica_id="rep_b", open=False))
    with db.write() as unit:
        assert unit.replicas.rejoin(mine) == set(keys[1:])
        assert unit.replicas.rejoin([]) == set()
        assert [unit.replicas.socket(key) for key in keys[1:]] == mine[1:]
        assert unit.replicas.socket(keys[0]) == socket(keys[0], "link_elsewhere", "rep_b")


@pytest.mark.parametrize("lost", ["UPDATE data_key SET kek_id = 'destroyed'", "UPDATE signal SET sealed = '\\x00'"])
def test_one_that_cannot_be_opened_holds_up_none_of_the_others(
    db: SqlDatabase, engine: Engine, keyring: Keyring, case: Case, lost: str
) -> None:
    other = Signal("seat:seat_1", "replaced", b"link_a")
    with db.write() as unit:
        assert unit.replicas.send("rep_b", Signal("party:p", "sdp", b"v=0", case.case_id))
    with engine.begin() as connection:
        connection.execute(text(lost))
    fresh = SqlDatabase(engine, keyring, CaseKeys(engine, keyring))
    with fresh.write() as unit:
        assert unit.replicas.send("rep_b", other)
        assert unit.replicas.take("rep_b") == [other]
        assert unit.replicas.take("rep_b") == []


def test_what_is_handed_over_is_sealed_bounded_and_taken_once(db: SqlDatabase, engine: Engine, case: Case) -> None:
    sent = [Signal("party:p", "sdp", f"v=0 {number}".encode(), case.case_id) for number in range(MAX_WAITING + 1)]
    with db.write() as unit:
        assert [unit.replicas.send("rep_b", one) for one in sent] == [True] * MAX_WAITING + [False]
    with engine.connect() as connection:
        assert not [row for row in connection.execute(text("SELECT sealed FROM signal")) if b"v=0" in row.sealed]
    with db.write() as unit:
        assert unit.replicas.take("rep_a") == []
        assert unit.replicas.take("rep_b") == sent[:-1]
        assert unit.replicas.take("rep_b") == []


def test_what_is_old_is_swept_away(db: SqlDatabase, engine: Engine, case: Case) -> None:
    with db.write() as unit:
        unit.replicas.send("rep_b", Signal("party:p", "sdp", b"x", case.case_id))
        unit.replicas.sweep()
        assert unit.replicas.changes(0, "rep_b")
    with engine.begin() as connection:
        for table in ("signal", "change_feed"):
            connection.execute(text(f"UPDATE {table} SET at = at - INTERVAL '2 minutes'"))
    with db.write() as unit:
        unit.replicas.sweep()
        assert unit.replicas.take("rep_b") == []
        assert unit.replicas.changes(0, "rep_b") == {}


def test_an_exclusive_name_is_held_by_one_service(
    db: SqlDatabase, other: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signing.adapters.database.EXCLUSIVE_SECONDS", 0.2)
    with db.exclusive("case case_1"):
        with other.exclusive("case case_2"):
            pass
        with pytest.raises(ConflictError, match="另一台服务"), other.exclusive("case case_1"):
            pass
    with other.exclusive("case case_1"):
        pass


# --- the loop ---------------------------------------------------------------------------------------------------------


class Heard:
    def __init__(self, running: Replica) -> None:
        self.changes: list[Changes] = []
        self.signals: list[Signal] = []
        self.orphans: list[LiveSocket] = []
        self.open: list[LiveSocket] = []
        told = running.told
        told.changed, told.signalled = self.changes.append, self.signals.append
        told.orphaned, told.sockets = self.orphans.extend, lambda: self.open
        told.moved = self.open.remove


@asynccontextmanager
async def living(db: SqlDatabase, *, notify: bool = True) -> AsyncIterator[tuple[Replica, Heard]]:
    made = Replica(db, SystemIds(), NotifyHints(db._engine) if notify else None)
    heard = Heard(made)
    await made.start()
    try:
        yield made, heard
    finally:
        await made.close()


async def soon(found: object, seconds: float) -> None:
    assert callable(found)
    async with asyncio.timeout(seconds):
        while not found():  # noqa: ASYNC110 - it is the database that changes
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("notify", [True, False])
async def test_changes_and_signals_cross_with_notify_and_without(
    db: SqlDatabase, other: SqlDatabase, case: Case, notify: bool
) -> None:
    async with living(db, notify=notify) as (first, ours), living(other, notify=notify) as (second, theirs):
        await asyncio.sleep(0.5)
        with db.write() as unit:
            unit.cases.save(unit.cases.get(case.case_id))
        first.hint()
        assert await first.send(second.db.replica_id, Signal("party:p", "sdp", b"v=0", case.case_id))
        await soon(lambda: theirs.changes and theirs.signals, 0.9 if notify else 3)
        await asyncio.sleep(1.2)
        assert [change.case_ids for change in theirs.changes] == [{case.case_id}]
        assert theirs.signals == [Signal("party:p", "sdp", b"v=0", case.case_id)]
        assert ours.changes == []


async def test_a_newer_socket_elsewhere_replaces_the_older(db: SqlDatabase, other: SqlDatabase) -> None:
    async with living(db) as (first, ours), living(other) as (second, _):
        await first.join("seat:seat_1", "link_a", AGENT)
        assert await second.elsewhere("seat:seat_1") == db.replica_id
        await second.join("seat:seat_1", "link_b", AGENT)
        await soon(lambda: ours.signals, 3)
        assert ours.signals == [Signal("seat:seat_1", "replaced", b"link_a")]
        assert not await first.part("seat:seat_1", "link_a")
        assert await second.part("seat:seat_1", "link_b")
        assert await first.is_gone("seat:seat_1", "link_b")


async def test_who_stands_still_is_buried_and_begins_anew(
    db: SqlDatabase, other: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.5)
    async with living(db) as (first, ours), living(other) as (second, theirs):
        for link_id, key in (("link_a", "seat:seat_1"), ("link_c", "seat:seat_2")):
            ours.open.append(LiveSocket(key, link_id, "", AGENT))
            await first.join(key, link_id, AGENT)
        before, turn = db.replica_id, first._turn
        monkeypatch.setattr(first, "_turn", replica.Told)  # as if it had been stopped
        await soon(lambda: theirs.orphans, 6)
        assert {one.key for one in theirs.orphans} == {"seat:seat_1", "seat:seat_2"}
        assert {one.replica_id for one in theirs.orphans} == {other.replica_id}
        await second.join("seat:seat_2", "link_d", AGENT)
        monkeypatch.setattr(first, "_turn", turn)
        await soon(lambda: db.replica_id != before and len(ours.open) == 1, 5)
        assert [one.key for one in ours.open] == ["seat:seat_1"], "the other one has moved meanwhile"
        assert not await second.is_gone("seat:seat_1", "link_a")
        assert await second.elsewhere("seat:seat_1") == db.replica_id


@asynccontextmanager
async def given_up(
    first: Replica, ours: Heard, theirs: Heard, monkeypatch: pytest.MonkeyPatch, *keys: str
) -> AsyncIterator[str]:
    """With these sockets open; comes back at the end. → its identity until then."""
    for key in keys:
        ours.open.append(LiveSocket(key, f"link {key}", "", AGENT))
        await first.join(key, f"link {key}", AGENT)
    turn = first._turn
    monkeypatch.setattr(first, "_turn", replica.Told)  # as if it had been stopped
    await soon(lambda: theirs.orphans, 6)
    yield first.db.replica_id
    monkeypatch.setattr(first, "_turn", turn)


async def test_what_goes_while_the_others_are_reported_stays_gone(
    db: SqlDatabase, other: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.5)
    async with living(db) as (first, ours), living(other) as (second, theirs):
        async with given_up(first, ours, theirs, monkeypatch, "seat:seat_1", "seat:seat_2") as before:
            pass
        with other._engine.connect() as holding, holding.begin():
            holding.execute(text("SELECT key FROM live_socket WHERE key = 'seat:seat_1' FOR UPDATE"))
            await soon(lambda: db.replica_id != before, 5)
            parting = asyncio.create_task(first.part("seat:seat_2", "link seat:seat_2"))
            await asyncio.sleep(0.5)
            assert not parting.done(), "its turn comes after the report"
        assert await parting
        await soon(lambda: not first._unreported, 10)
        assert await second.open_among(["seat:seat_1", "seat:seat_2"]) == {"seat:seat_1"}
        assert await first.is_gone("seat:seat_2", "link seat:seat_2")


async def test_who_is_given_up_again_in_the_middle_of_its_report_begins_anew_once_more(
    db: SqlDatabase, other: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.5)
    monkeypatch.setattr(replica, "TOGETHER", 1)
    keys = ("seat:seat_1", "seat:seat_2", "seat:seat_3")
    again: list[str] = []

    def bury_once(socket: LiveSocket) -> None:
        if not again:
            again.append(db.replica_id)
            with other.write() as unit:
                unit.replicas.bury(db.replica_id, other.replica_id)

    async with living(db) as (first, ours), living(other) as (second, theirs):
        first.told.returned = bury_once
        async with given_up(first, ours, theirs, monkeypatch, *keys):
            pass
        await soon(lambda: again and db.replica_id != again[0] and not first._unreported, 15)
        assert {await second.elsewhere(key) for key in keys} == {db.replica_id}
        assert await second.open_among(keys) == set(keys)


@pytest.mark.parametrize("trouble", [Fenced(), OutsideError("x")], ids=["fenced", "database away"])
async def test_what_a_turn_has_taken_is_told_although_the_report_fails(
    db: SqlDatabase, other: SqlDatabase, case: Case, monkeypatch: pytest.MonkeyPatch, trouble: OutsideError
) -> None:
    """Taken once is taken: no later turn would bring the signal or the change again."""
    failed = list[None]()

    async def failing() -> None:
        failed.append(None)
        raise trouble

    async with living(db) as (first, ours), living(other) as (second, _):
        await asyncio.sleep(0.5)
        monkeypatch.setattr(first, "_report_anew", failing)
        first._unreported = True
        with other.write() as unit:
            unit.cases.save(unit.cases.get(case.case_id))
        assert await second.send(db.replica_id, Signal("party:p", "sdp", b"v=0", case.case_id))
        await soon(lambda: len(failed) > 2, 10)
        assert ours.signals == [Signal("party:p", "sdp", b"v=0", case.case_id)]
        assert [change.case_ids for change in ours.changes] == [{case.case_id}]
        first._unreported = False


async def test_who_joins_a_service_that_is_given_up_is_there_once_it_has_begun_anew(
    db: SqlDatabase, other: SqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.5)
    async with living(db) as (first, ours), living(other) as (second, theirs):
        async with given_up(first, ours, theirs, monkeypatch, "seat:seat_1"):
            ours.open.append(LiveSocket("seat:seat_2", "link_new", "", AGENT))
            await asyncio.wait_for(first.join("seat:seat_2", "link_new", AGENT), 5)
            assert await second.elsewhere("seat:seat_2") is None
        async with asyncio.timeout(60):
            while await second.elsewhere("seat:seat_2") != db.replica_id:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
        assert await second.open_among(["seat:seat_1", "seat:seat_2"]) == {"seat:seat_1", "seat:seat_2"}


async def test_who_leaves_properly_is_buried_at_once_with_its_sockets(db: SqlDatabase, other: SqlDatabase) -> None:
    """Long before its lease would have run out, and only once."""
    async with living(other) as (second, theirs):
        buried = list[None]()
        second.told.buried = lambda: buried.append(None)
        async with living(db) as (first, _):
            await first.join("seat:seat_1", "link_a", AGENT)
            await first.join("seat:seat_2", "link_b", AGENT)
            await first.part("seat:seat_2", "link_b")
        await soon(lambda: theirs.orphans, lease.LEASE_SECONDS / 2)
        assert {one.key for one in theirs.orphans} == {"seat:seat_1", "seat:seat_2"}
        assert await second.is_gone("seat:seat_1", "link_a")
        with other.read() as unit:
            assert unit.replicas.beats(other.replica_id) == {}
        await asyncio.sleep(1.2)
        assert (len(theirs.orphans), len(buried)) == (2, 1)


def test_who_left_beats_no_more_and_does_not_count_as_alive(db: SqlDatabase, other: SqlDatabase) -> None:
    entered(db, "rep_a")
    with db.write() as unit:
        unit.replicas.join(socket())
        unit.replicas.leave("rep_a")
        assert not unit.replicas.beat("rep_a")
        assert unit.replicas.beats("rep_b") == {"rep_a": lease.LEFT}
        assert unit.replicas.socket("seat:seat_1") == socket()
    assert entered(other, "rep_b"), "the only one: it puts right what the other has left"
    with other.read() as unit:
        assert unit.replicas.beats("rep_b") == {}
        assert unit.replicas.socket("seat:seat_1") is None


async def test_on_sqlite_one_is_alone_and_nothing_runs(tmp_path: Path, keyring: Keyring) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'own.db'}")
    alone = Replica(SqlDatabase(engine, keyring, CaseKeys(engine, keyring)), SystemIds())
    assert await alone.start()
    await alone.join("seat:seat_1", "link_a", AGENT)
    assert await alone.part("seat:seat_1", "link_a")
    assert await alone.is_gone("seat:seat_1", "link_a")
    assert await alone.open_among(["seat:seat_1"]) == set()
    await alone.close()
    engine.dispose()

"""One order for everybody who waits: the same as asked for alone, as old as allowed, never hiding one's own change."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from signing.bootstrap import App
from signing.commandline.bench.load.crowd import Crowd, gather, open_app
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service.commands import Actor
from signing.service.lineup import AT_ONCE, moved
from signing.service.snapshots import PhoneSnapshot

OLD = timedelta(hours=1)


@pytest.fixture
def crowd(tmp_path: Path) -> Crowd:
    return gather(tmp_path / "data", "", branches=2, seats=3, customers=9)


@pytest.fixture
def app(tmp_path: Path, crowd: Crowd) -> Iterator[App]:
    app = open_app(tmp_path / "data")
    with app.services.db.write() as unit:
        for seat in unit.queue.seats():
            unit.queue.save_seat(replace(seat, state=SeatState.ON_CALL))
        for ticket in unit.queue.open_tickets():
            unit.queue.save_ticket(replace(ticket, present=True))
    yield app
    asyncio.run(app.close())


@pytest.fixture
def guests(app: App, crowd: Crowd) -> list[Actor]:
    return [app.queries.authenticate(guest.token) for guest in crowd.guests]


def place(phone: PhoneSnapshot) -> tuple[int, int | None, int]:
    return phone.position, phone.expected_wait_seconds, phone.seats_on_duty


def test_shared_or_alone_everybody_is_told_the_same(app: App, guests: list[Actor]) -> None:
    shared = [place(app.queries.phone(guest, OLD)) for guest in guests]
    assert shared == [place(app.queries.phone(guest)) for guest in guests]
    assert sorted(position for position, _, _ in shared) == [1, 1, 2, 2, 3, 3, 4, 4, 5]
    assert all(wait is not None and wait > 0 for _, wait, _ in shared)


async def leave(app: App, guest: Actor) -> None:
    await app.bus.execute(c.LeaveQueue(guest))


def first_and_behind(app: App, guests: list[Actor]) -> tuple[Actor, Actor]:
    """Of one branch: who is first, and who is second."""
    at = {(app.queries.phone(one, OLD).branch.branch_id, app.queries.phone(one, OLD).position): one for one in guests}
    branch_id = next(branch_id for branch_id, position in at if position == 1)
    return at[branch_id, 1], at[branch_id, 2]


def test_the_others_may_be_old_ones_own_change_is_not(app: App, guests: list[Actor]) -> None:
    first, second = first_and_behind(app, guests)
    asyncio.run(leave(app, first))
    assert app.queries.phone(second, OLD).position == 2, "nothing of their own has changed"
    assert app.queries.phone(second, AT_ONCE).position == 1
    assert app.queries.phone(first, OLD).position == 0
    assert app.queries.phone(second, timedelta(microseconds=1)).position == 1


def test_who_only_moved_is_told_without_the_database(app: App, guests: list[Actor]) -> None:
    first, second = first_and_behind(app, guests)
    before, gone = app.queries.phone(second, OLD), app.queries.phone(first, OLD)
    asyncio.run(leave(app, first))
    newest = app.queries.lineup(timedelta(microseconds=1))
    after = moved(before, newest)
    assert after is not None
    assert place(after) == place(app.queries.phone(second))
    assert replace(after, now=before.now, position=2, expected_wait_seconds=before.expected_wait_seconds) == before
    assert moved(gone, newest) is None, "that one is not only moved"


def test_whoever_does_not_wait_is_not_moved(app: App, guests: list[Actor]) -> None:
    asyncio.run(leave(app, guests[0]))
    phone = app.queries.phone(guests[0])
    assert phone.ticket is None
    assert moved(phone, app.queries.lineup(OLD)) is None


def test_an_order_says_which_changes_are_in_it(app: App, guests: list[Actor]) -> None:
    app.queries.lineups.count = lambda: 7
    assert app.queries.lineup(OLD).changes == 7
    app.queries.lineups.count = lambda: 8
    app.queries.phone(guests[0], OLD)
    assert app.queries.lineup(OLD).changes == 7, "the same order as before"
    first, _ = first_and_behind(app, guests)
    asyncio.run(leave(app, first))
    app.queries.phone(first, timedelta(microseconds=1))
    assert app.queries.lineup(OLD).changes == 8

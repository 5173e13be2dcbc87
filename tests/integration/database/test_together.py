"""Units of work at the same time: they wait for one another or begin again, and no one's work is lost."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from signing.adapters.database import SqlDatabase
from signing.domain import events
from signing.domain.case import Case, Ending
from signing.domain.errors import Contended
from signing.domain.ledger import verify_chain
from signing.domain.queue import Ticket, TicketState
from signing.domain.routing import Match
from signing.domain.seat import Seat, SeatState
from signing.service.again import again
from signing.service.commands import SYSTEM
from signing.service.store import StaffMember
from tests.postgres import both_databases
from tests.unit.domain.factories import NOW

pytestmark = both_databases


def at_once(work: Callable[[int], object], times: int) -> list[object]:
    """Each in a thread of its own, all let go together; what each gave or raised."""
    gate = threading.Barrier(times)

    def one(number: int) -> object:
        gate.wait(60)
        try:
            return work(number)
        except Exception as error:
            return error

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def seat_at(state: SeatState) -> Seat:
    return Seat("seat_1", "inst_demo", "branch_shanghang", "01", NOW, state)


def ticket_of(case: Case, **change: object) -> Ticket:
    ticket = Ticket("tkt_1", case.case_id, "party_1", "inst_demo", "branch_shanghang", NOW)
    return replace(ticket, **change)  # type: ignore[arg-type]


def test_events_of_one_case_are_chained_one_after_the_other(db: SqlDatabase, case: Case) -> None:
    def abort(number: int) -> str:
        with db.write() as unit:
            return unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, str(number), ()), SYSTEM, NOW)

    assert not [one for one in at_once(abort, 12) if isinstance(one, Exception)]
    with db.read() as unit:
        chained = unit.cases.events(case.case_id)
    assert [event.seq for event in chained] == list(range(1, 14))
    assert {event.body["reason"] for event in chained[1:]} == {str(number) for number in range(12)}


def test_the_access_log_is_one_chain(db: SqlDatabase, case: Case) -> None:
    def look(number: int) -> None:
        for turn in range(5):
            with db.write() as unit:
                unit.logs.record_view(SYSTEM, NOW, "case", case.case_id, f"{number} {turn}")

    assert at_once(look, 8) == [None] * 8
    with db.read() as unit:
        lines = unit.logs.views()
    assert len(lines) == 40
    verify_chain(lines)


def test_case_numbers_are_given_once(db: SqlDatabase) -> None:
    def count(number: int) -> int:
        with db.write() as unit:
            return unit.cases.next_number("inst_demo", "20261126")

    assert sorted(int(str(one)) for one in at_once(count, 10)) == list(range(1, 11))


def test_whoever_read_a_seat_before_it_changed_begins_again(db: SqlDatabase) -> None:
    """Each of six takes the seat one step further; none of the steps is lost."""
    with db.write() as unit:
        unit.queue.save_seat(seat_at(SeatState.AWAY))

    def step(number: int) -> None:
        def work() -> None:
            with db.write() as unit:
                seat = unit.queue.seat("seat_1")
                unit.queue.save_seat(replace(seat, reason=f"{seat.reason}x", since=seat.since + timedelta(seconds=1)))

        again(work)

    assert at_once(step, 6) == [None] * 6
    with db.read() as unit:
        assert unit.queue.seat("seat_1").reason == "x" * 6


def test_two_changes_of_one_member_are_both_kept(db: SqlDatabase) -> None:
    with db.write() as unit:
        unit.people.save_staff(
            StaffMember("staff_1", "one", "一", "agent", "inst_demo", "branch_shanghang", "old password")
        )
    changes: list[dict[str, Any]] = [{"active": False}, {"password_hash": "new password"}]

    def change(number: int) -> None:
        with db.write() as unit:
            member = unit.people.hold_staff("staff_1")
            time.sleep(0.2)  # the other one comes meanwhile
            unit.people.save_staff(replace(member, **changes[number]))

    assert at_once(change, 2) == [None] * 2
    with db.read() as unit:
        member = unit.people.staff("staff_1")
    assert (member.active, member.password_hash) == (False, "new password")


def test_a_change_behind_the_back_of_a_unit_is_noticed(db: SqlDatabase, engine: Engine) -> None:
    with db.write() as unit:
        unit.queue.save_seat(seat_at(SeatState.AVAILABLE))

    def stale() -> None:
        with db.write() as unit:
            seat = unit.queue.seat("seat_1")
            unit.queue._connection.execute(text("UPDATE seat SET state = 'offline'"))  # type: ignore[attr-defined]
            unit.queue.save_seat(replace(seat, state=SeatState.RINGING))

    with pytest.raises(Contended):
        stale()
    with db.read() as unit:
        assert unit.queue.seat("seat_1").state is SeatState.AVAILABLE, "all of it is undone"


def test_of_two_who_claim_the_same_only_one_has_it(db: SqlDatabase, engine: Engine, case: Case) -> None:
    ticket, seat = ticket_of(case), seat_at(SeatState.AVAILABLE)
    with db.write() as unit:
        unit.queue.save_seat(seat)
        unit.queue.save_ticket(ticket)
    held = threading.Event()

    def claim(number: int) -> bool:
        with db.write() as unit:
            if not unit.queue.claim([Match(ticket, seat)]):
                return False
            held.wait(1)  # the other one does not wait for this one's end, except for SQLite's one lock
            unit.queue.save_ticket(replace(ticket, state=TicketState.OFFERED, seat_id=seat.seat_id))
            unit.queue.save_seat(replace(seat, state=SeatState.RINGING))
            return True

    assert sorted(str(one) for one in at_once(claim, 4)) == ["False"] * 3 + ["True"]


def test_a_claim_is_of_what_was_read(db: SqlDatabase, case: Case) -> None:
    ticket, seat = ticket_of(case), seat_at(SeatState.AVAILABLE)
    with db.write() as unit:
        unit.queue.save_seat(replace(seat, state=SeatState.AWAY))
        unit.queue.save_ticket(ticket)
        away = replace(seat, state=SeatState.AWAY)
        assert unit.queue.claim([Match(ticket, seat)]) == []
        assert unit.queue.claim([Match(replace(ticket, present=False), away)]) == []
        assert unit.queue.claim([Match(ticket, away)]) == [Match(ticket, away)]


def test_two_open_places_of_one_customer_are_refused(db: SqlDatabase, case: Case) -> None:
    with db.write() as unit:
        unit.queue.save_ticket(ticket_of(case))

    def second() -> None:
        with db.write() as unit:
            unit.queue.save_ticket(ticket_of(case, ticket_id="tkt_2"))

    with pytest.raises((Contended, DBAPIError)):
        second()
    with db.read() as unit:
        assert len(unit.queue.open_tickets()) == 1


@pytest.mark.parametrize("statement", ["UPDATE event SET seq = 9", "DELETE FROM event", "DELETE FROM access_log"])
def test_the_database_itself_refuses_to_change_what_was_chained(
    db: SqlDatabase, engine: Engine, case: Case, statement: str
) -> None:
    with db.write() as unit:
        unit.logs.record_view(SYSTEM, NOW, "case", case.case_id, "")
    with engine.connect().execution_options(write=True) as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))

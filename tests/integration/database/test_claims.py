"""Claiming what a dispatch offers: many pairs at once, without waiting, and only what is still as it was read."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine
from signing.adapters.database.locks import AT_ONCE
from signing.domain.case import Case
from signing.domain.errors import Contended
from signing.domain.queue import Ticket, TicketState, offer
from signing.domain.routing import Match
from signing.domain.seat import Seat, SeatEvent, SeatState, apply
from signing.service.store import Unit
from tests.integration.database.test_together import at_once
from tests.postgres import both_databases
from tests.unit.domain.factories import NOW


def pairs(db: SqlDatabase, case: Case, count: int, *, one_case: bool = False) -> list[Match]:
    """Free seats and waiting customers; each customer's case is one of its own, or all have the same."""
    made = []
    with db.write() as unit:
        for number in range(count):
            case_id = case.case_id if one_case else f"case_of_{number}"
            if not one_case:
                unit.cases.add(replace(case, case_id=case_id, case_no=f"PQ9{number}", parties=()))
            ticket = Ticket(f"tkt_{number}", case_id, f"party_{number}", "inst_demo", "branch_shanghang", NOW)
            seat = Seat(f"seat_{number}", "inst_demo", "branch_shanghang", str(number), NOW, SeatState.AVAILABLE)
            made.append(Match(ticket, seat))
        unit.queue.save_ticket(*(one.ticket for one in made))
        unit.queue.save_seat(*(one.seat for one in made))
    return made


def make_offers(unit: Unit, matches: list[Match]) -> None:
    unit.queue.save_ticket(*(offer(one.ticket, one.seat.seat_id, NOW) for one in matches))
    ringing = (replace(apply(one.seat, SeatEvent.OFFERED, NOW), ticket_id=one.ticket.ticket_id) for one in matches)
    unit.queue.save_seat(*ringing)


def ringing(db: SqlDatabase) -> dict[str, str | None]:
    """Ticket by seat; both sides say the same of each other."""
    with db.read() as unit:
        seats = {seat.seat_id: seat.ticket_id for seat in unit.queue.seats() if seat.state is SeatState.RINGING}
        tickets = {one.seat_id: one.ticket_id for one in unit.queue.open_tickets() if one.state is TicketState.OFFERED}
    assert seats == tickets
    return seats


@both_databases
def test_what_has_changed_is_left_out_and_the_others_are_claimed(db: SqlDatabase, case: Case) -> None:
    read = pairs(db, case, 5)
    with db.write() as unit:
        unit.queue.save_seat(replace(read[1].seat, state=SeatState.AWAY))
        unit.queue.save_ticket(replace(read[3].ticket, present=False))
    with db.write() as unit:
        claimed = unit.queue.claim(read)
        assert claimed == [read[0], read[2], read[4]]
        make_offers(unit, claimed)
        assert unit.changes.party_ids == {"party_0", "party_2", "party_4"}
        assert unit.changes.case_ids == {"case_of_0", "case_of_2", "case_of_4"}
        assert unit.changes.seat_ids == {"seat_0", "seat_2", "seat_4"}
        assert unit.changes.branch_ids == {"branch_shanghang"}
    assert ringing(db) == {"seat_0": "tkt_0", "seat_2": "tkt_2", "seat_4": "tkt_4"}
    with db.read() as unit:
        assert unit.queue.seat("seat_1").state is SeatState.AWAY
        assert unit.queue.seat("seat_3").state is SeatState.AVAILABLE


@both_databases
def test_what_is_gone_is_left_out(db: SqlDatabase, case: Case) -> None:
    (read,) = pairs(db, case, 1)
    with db.write() as unit:
        assert unit.queue.claim([Match(replace(read.ticket, ticket_id="tkt_x"), read.seat)]) == []
        assert unit.queue.claim([Match(read.ticket, replace(read.seat, seat_id="seat_x"))]) == []
        assert unit.queue.claim([]) == []
        assert unit.queue.claim([read]) == [read]


@both_databases
def test_of_several_dispatchers_each_pair_is_one_s(db: SqlDatabase, case: Case) -> None:
    read = pairs(db, case, 24)

    def dispatch(number: int) -> list[Match]:
        mine = read[number * 6 :] + read[: number * 6]
        with db.write() as unit:
            claimed = unit.queue.claim(mine)
            make_offers(unit, claimed)
            return claimed

    made = at_once(dispatch, 4)
    assert all(isinstance(one, list) for one in made), made
    offered = [match.ticket.ticket_id for one in made if isinstance(one, list) for match in one]
    assert sorted(offered) == sorted(match.ticket.ticket_id for match in read), "nobody twice, and nobody left out"
    assert len(ringing(db)) == 24


@both_databases
def test_many_customers_of_one_case_in_more_than_one_statement(db: SqlDatabase, case: Case) -> None:
    read = pairs(db, case, AT_ONCE + 1, one_case=True)
    with db.write() as unit:
        claimed = unit.queue.claim(read)
        assert claimed == read
        make_offers(unit, claimed)
    assert len(ringing(db)) == AT_ONCE + 1


@both_databases
def test_one_that_has_changed_since_undoes_all_that_is_saved_with_it(db: SqlDatabase, case: Case) -> None:
    read = pairs(db, case, 3)

    def stale() -> None:
        with db.write() as unit:
            claimed = unit.queue.claim(read)
            unit.queue._connection.execute(  # type: ignore[attr-defined]
                text("UPDATE seat SET state = 'offline' WHERE seat_id = 'seat_1'")
            )
            make_offers(unit, claimed)

    with pytest.raises(Contended):
        stale()
    assert ringing(db) == {}
    with db.read() as unit:
        assert unit.queue.seat("seat_1").state is SeatState.AVAILABLE


@both_databases
def test_new_changed_and_unchanged_are_saved_together(db: SqlDatabase, case: Case) -> None:
    read = pairs(db, case, 2)
    new = replace(read[0].seat, seat_id="seat_new")
    with db.write() as unit:
        first, second = unit.queue.seats()
        unit.queue.save_seat(new, replace(first, reason="午休"), second)
        unit.queue.save_seat(replace(first, reason="会议"), replace(new, reason="培训"))
    with db.read() as unit:
        assert [(one.seat_id, one.reason) for one in unit.queue.seats()] == [
            ("seat_0", "会议"),
            ("seat_1", ""),
            ("seat_new", "培训"),
        ]


# --- what another service has in hand ---------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(database: str) -> Iterator[Engine]:
    engine = open_engine(database)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_somebody_else_has_in_hand_is_neither_claimed_nor_waited_for(
    db: SqlDatabase, case: Case, elsewhere: Engine
) -> None:
    """A wait would end with an error after five seconds: whoever holds them lets go only when the claim is made."""
    read = pairs(db, case, 6)
    held = (
        "SELECT 1 FROM ticket WHERE ticket_id = 'tkt_0' FOR UPDATE",
        "SELECT 1 FROM seat WHERE seat_id = 'seat_2' FOR UPDATE",
        "SELECT 1 FROM case_file WHERE case_id = 'case_of_4' FOR NO KEY UPDATE",
    )
    with elsewhere.begin() as connection:
        for statement in held:
            assert connection.execute(text(statement)).all()
        with db.write() as unit:
            claimed = unit.queue.claim(read)
            assert claimed == [read[1], read[3], read[5]]
            make_offers(unit, claimed)
    assert set(ringing(db)) == {"seat_1", "seat_3", "seat_5"}
    with db.write() as unit:
        assert unit.queue.claim(read) == [read[0], read[2], read[4]], "and free again afterwards"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_claim_holds_ticket_seat_and_case_to_the_end_of_the_unit(
    db: SqlDatabase, case: Case, elsewhere: Engine
) -> None:
    read = pairs(db, case, 2)
    free = {
        "ticket": "SELECT ticket_id FROM ticket ORDER BY 1 FOR UPDATE SKIP LOCKED",
        "seat": "SELECT seat_id FROM seat WHERE ticket_id IS NULL ORDER BY 1 FOR UPDATE SKIP LOCKED",
        "case": "SELECT case_id FROM case_file WHERE case_id LIKE 'case_of%' ORDER BY 1 FOR NO KEY UPDATE SKIP LOCKED",
    }

    def seen() -> dict[str, list[str]]:
        with elsewhere.begin() as connection:
            return {name: list(connection.execute(text(statement)).scalars()) for name, statement in free.items()}

    with db.write() as unit:
        assert unit.queue.claim(read[:1]) == read[:1]
        assert seen() == {"ticket": ["tkt_1"], "seat": ["seat_1"], "case": ["case_of_1"]}
    assert seen() == {"ticket": ["tkt_0", "tkt_1"], "seat": ["seat_0", "seat_1"], "case": ["case_of_0", "case_of_1"]}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_change_that_is_committed_while_the_claim_is_made_is_seen(
    db: SqlDatabase, case: Case, elsewhere: Engine
) -> None:
    """Between the claim of the cases and of the tickets: the row that is locked is the row that is compared."""
    read = pairs(db, case, 2)
    began, changed = threading.Event(), threading.Event()

    def leave(number: int) -> None:
        assert began.wait(60)
        with elsewhere.begin() as connection:
            connection.execute(text("UPDATE ticket SET state = 'left' WHERE ticket_id = 'tkt_0'"))
        changed.set()

    def claim(number: int) -> list[Match]:
        with db.write() as unit:
            assert unit.queue.open_tickets() == [one.ticket for one in read]
            began.set()
            assert changed.wait(60)
            return unit.queue.claim(read)

    made = at_once(lambda number: (leave, claim)[number](number), 2)
    assert made == [None, [read[1]]]

"""What the figures are reckoned from, in both databases: days of Beijing, each case once, an arrival's first leg."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from signing.adapters.database import SqlDatabase
from signing.domain.beijing import BEIJING
from signing.domain.call import Call, CallState, Leg, LegState
from signing.domain.case import Case, Ending
from signing.domain.figures import Result, Span
from signing.domain.queue import TicketState
from signing.domain.seat import SeatState
from signing.service.store import StaffMember
from tests.integration.database.test_together import seat_at, ticket_of
from tests.postgres import both_databases

MIDNIGHT = datetime(2026, 11, 27, tzinfo=BEIJING)
DAY = Span(MIDNIGHT.date(), MIDNIGHT.date())
SECOND = timedelta(seconds=1)
HOUSE = "inst_demo"


def result_of(case: Case, at: datetime, amount: str = "1000.10") -> Result:
    where = (case.case_id, HOUSE, case.branch_id, case.product_id)
    return Result(*where, "staff_1", at, None, Decimal(amount))


@both_databases
def test_a_case_counts_once_and_on_its_day_in_beijing(db: SqlDatabase, case: Case) -> None:
    cases = [replace(case, case_id=f"case_of_{n}", case_no=f"PQ9{n}", parties=()) for n in range(3)]
    moments = [MIDNIGHT - SECOND, MIDNIGHT, DAY.until - SECOND]
    with db.write() as unit:
        for one, at in zip(cases, moments, strict=True):
            unit.cases.add(one)
            unit.figures.keep(result_of(one, at))
            unit.figures.keep(replace(result_of(one, at, "9"), ending=Ending.ABORTED))
    with db.read() as unit:
        found = unit.figures.results(HOUSE, DAY.since, DAY.until)
        assert unit.figures.results("inst_other", DAY.since, DAY.until) == []
    assert found == [result_of(cases[1], MIDNIGHT), result_of(cases[2], DAY.until - SECOND)]


@both_databases
def test_a_customer_who_drops_and_comes_back_is_one_arrival_and_one_first_answer(db: SqlDatabase, case: Case) -> None:
    ticket = ticket_of(case, waiting_since=MIDNIGHT, state=TicketState.DONE)
    answered = MIDNIGHT + 30 * SECOND
    with db.write() as unit:
        unit.queue.save_seat(seat_at(SeatState.AVAILABLE))
        unit.queue.save_ticket(ticket, replace(ticket, ticket_id="tkt_2", party_id="party_2"))
        for number in range(2):
            at = answered + number * 60 * SECOND
            staff_id, ended = f"staff_{number}", at + 50 * SECOND
            member = StaffMember(staff_id, staff_id, "一", "agent", HOUSE, "branch_shanghang", "password")
            unit.people.save_staff(member)
            call = Call(f"call_{number}", case.case_id, "seat_1", staff_id, "一", at, CallState.ENDED, ended)
            unit.queue.save_call(call)
            leg = Leg(f"leg_{number}", call.call_id, case.case_id, "party_1", "tkt_1", at, at)
            unit.queue.save_leg(replace(leg, state=LegState.LEFT, ended_at=ended))
    with db.read() as unit:
        first, second = unit.figures.arrivals(HOUSE, DAY.since, DAY.until)
        talks = unit.figures.talks(HOUSE, DAY.since, DAY.until)
    assert (first.staff_id, first.answered_at, first.waiting) == ("staff_0", answered, False)
    assert (second.staff_id, second.answered_at) == ("", None)
    assert [one.staff_id for one in talks] == ["staff_0", "staff_1"]

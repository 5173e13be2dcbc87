"""Seats at work and customers ready to queue, put straight into the database, with their sessions."""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from signing import bootstrap
from signing.adapters import demo_data, keyfile
from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.bootstrap import App
from signing.config import Settings
from signing.domain import events
from signing.domain.case import Case, RepaymentMethod, Terms
from signing.domain.ledger import verify_chain
from signing.domain.party import Party, PartyState, Role
from signing.domain.queue import Ticket, TicketState
from signing.domain.seat import Seat, SeatState
from signing.service.commands import SYSTEM
from signing.service.store import Session, StaffMember, Unit
from tests.integration.service.family import number

INST, BRANCH = demo_data.BRANCH.institution_id, demo_data.BRANCH.branch_id


@dataclass(frozen=True)
class Furnished:
    """Tokens of agents, each with a seat; tokens of customers by case."""

    agents: list[str]
    customers: dict[str, str]


def furnish(data: Path, database: str, seats: int, customers: int) -> Furnished:
    app = bootstrap.build(Settings(data, database, demo=True))
    bootstrap.seed_demo(app)
    with app.services.db.write() as unit:
        made = Furnished(
            [_agent(unit, app, n) for n in range(seats)], dict(_customer(unit, app, n) for n in range(customers))
        )
    app.pages.close()
    app.engine.dispose()
    return made


def _session(unit: Unit, app: App, kind: str, subject: str, case_id: str | None) -> str:
    token, now = secrets.token_urlsafe(24), app.services.clock.now()
    digest = app.services.secrets.digest("session", token)
    unit.access.add_session(Session(digest, kind, subject, case_id, now, now + timedelta(hours=8), seen_at=now))
    return token


def _agent(unit: Unit, app: App, n: int) -> str:
    now, seat_id, staff_id = app.services.clock.now(), f"seat_r{n}", f"staff_r{n}"
    unit.queue.save_seat(Seat(seat_id, INST, BRANCH, f"{n:02d}号席", now, staff_id=staff_id, state=SeatState.AWAY))
    unit.people.save_staff(StaffMember(staff_id, f"agent{n}", f"坐席{n}", "agent", INST, BRANCH, "", seat_id))
    return _session(unit, app, "staff", staff_id, None)


def _customer(unit: Unit, app: App, n: int) -> tuple[str, str]:
    case_id, party_id = f"case_r{n}", f"party_r{n}"
    person = Party(party_id, Role.BORROWER, "客户", number("19800101", n), "13800138000", "", PartyState.READY)
    terms = Terms(demo_data.LINE, demo_data.LINE, 12, RepaymentMethod.BULLET, "x", "6217000000000000000")
    now = app.services.clock.now()
    product = app.services.products.get(demo_data.PRODUCT_ID)
    case = Case(case_id, f"R{n}", INST, BRANCH, product.product_id, product.title, terms, now, "staff_r0", (person,))
    unit.cases.add(case)
    unit.cases.append(case_id, events.case_opened(case), SYSTEM, now)
    return case_id, _session(unit, app, "party", party_id, case_id)


class Records:
    """The database itself, looked at from outside the services."""

    def __init__(self, data: Path, database: str) -> None:
        keyring = Keyring(data / keyfile.NAME)
        self._engine = open_engine(database)
        self._db = SqlDatabase(self._engine, keyring, CaseKeys(self._engine, keyring))

    def close(self) -> None:
        self._engine.dispose()

    def kinds(self, case_id: str) -> Counter[str]:
        """The types of the case's events, whose chain is checked; the access log's too."""
        with self._db.read() as unit:
            found = Counter(event.type for event in unit.cases.events(case_id))
            verify_chain(unit.logs.views())
        return found

    def open_tickets(self) -> list[Ticket]:
        with self._db.read() as unit:
            return unit.queue.open_tickets()

    def require_one_place_each(self) -> int:
        """→ how many ring. In one snapshot: a customer rings at one seat, and a seat rings for one customer."""
        with self._db.read() as unit:
            tickets, seats = unit.queue.open_tickets(), unit.queue.seats()
        ringing = {(one.ticket_id, one.seat_id) for one in tickets if one.state is TicketState.OFFERED}
        assert ringing == {(one.ticket_id, one.seat_id) for one in seats if one.state is SeatState.RINGING}
        assert len({ticket_id for ticket_id, _ in ringing}) == len({seat_id for _, seat_id in ringing}) == len(ringing)
        return len(ringing)

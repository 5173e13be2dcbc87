"""The people of a measurement, put into the database at once: seats with their agents, customers ready to queue.

One case is opened the proper way, documents and all; every other is a copy of it with identifiers of its own, so that
each row is as large as a real one. The copies' papers exist only by name.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter

from signing.adapters import demo_data
from signing.bootstrap import App, build, seed_demo
from signing.config import Settings
from signing.domain import events
from signing.domain.case import Case
from signing.domain.party import Consent, Party, PartyState
from signing.domain.phase import CONSENTS
from signing.domain.queue import Priority, Ticket
from signing.domain.seat import Seat
from signing.service import queue_rules
from signing.service.commands import SYSTEM, Actor, OpenCase
from signing.service.sessions import staff_actor
from signing.service.store import Branch, Session, StaffMember, Unit

INSTITUTION = demo_data.INSTITUTION.institution_id
YOUNG = "350823199007127178"
"""An identity number of the demonstration whose bearer has no priority by age."""
ELDERS = 4
"""One customer in so many keeps the template's age, and with it a place before the others."""
LIFE = timedelta(hours=12)
_CASE = TypeAdapter(Case)


@dataclass(frozen=True)
class Place:
    """An agent at a seat, logged in."""

    seat_id: str
    branch_id: str
    token: str


@dataclass(frozen=True)
class Guest:
    """A customer whose page is open, or will be."""

    case_id: str
    party_id: str
    branch_id: str
    token: str


@dataclass(frozen=True)
class Crowd:
    places: tuple[Place, ...]
    guests: tuple[Guest, ...]


def open_app(data: Path, database: str = "") -> App:
    return build(Settings(data, database, demo=True))


def gather(data: Path, database: str, *, branches: int, seats: int, customers: int, waiting: bool = True) -> Crowd:
    """Fills a fresh database. ``waiting``: every customer has a ticket already, in order of their numbers."""
    app = open_app(data, database)
    try:
        seed_demo(app)
        template = asyncio.run(_template(app))
        now = app.services.clock.now()
        with app.services.db.write() as unit:
            for number in range(branches):
                unit.people.add_branch(Branch(_branch(number), INSTITUTION, f"第{number + 1}支行"))
            places = tuple(_place(app, unit, number, _branch(number % branches), now) for number in range(seats))
            guests = tuple(_guests(app, unit, template, customers, branches, now, waiting))
        return Crowd(places, guests)
    finally:
        asyncio.run(app.close())


def _branch(number: int) -> str:
    return f"branch_bench{number:03}"


async def _template(app: App) -> Case:
    with app.services.db.read() as unit:
        agent = staff_actor(unit.people.staff("staff_zhang"), "")
    case, _ = await app.bus.execute(_opening(agent))
    assert isinstance(case, Case)
    return case


def _opening(agent: Actor) -> OpenCase:
    return demo_data.demo_case(agent)


def _place(app: App, unit: Unit, number: int, branch_id: str, now: datetime) -> Place:
    seat_id, staff_id = f"seat_bench{number:03}", f"staff_bench{number:03}"
    unit.queue.save_seat(Seat(seat_id, INSTITUTION, branch_id, f"{number + 1:03}号席", now))
    member = StaffMember(staff_id, f"bench{number}", f"坐席{number + 1}", "agent", INSTITUTION, branch_id, "", seat_id)
    unit.people.save_staff(member)
    return Place(seat_id, branch_id, _session(app, unit, "staff", staff_id, None, now))


def _session(app: App, unit: Unit, kind: str, subject_id: str, case_id: str | None, now: datetime) -> str:
    token = app.services.ids.secret()
    digest = app.services.secrets.digest("session", token)
    unit.access.add_session(Session(digest, kind, subject_id, case_id, now, now + LIFE))
    return token


def _guests(
    app: App, unit: Unit, template: Case, customers: int, branches: int, now: datetime, waiting: bool
) -> Iterator[Guest]:
    for number in range(customers):
        case = _copy(app, template, number, _branch(number % branches), now)
        (party,) = case.parties
        unit.cases.add(case)
        unit.cases.append(case.case_id, events.case_opened(case), SYSTEM, now)
        if waiting:
            ticket = _ticket(app, case, party, number, now)
            unit.queue.save_ticket(ticket)
            unit.office.save_needs(queue_rules.needs_of(unit, ticket, case.product_id, party, now))
        token = _session(app, unit, "party", party.party_id, case.case_id, now)
        yield Guest(case.case_id, party.party_id, case.branch_id, token)


def _copy(app: App, template: Case, number: int, branch_id: str, now: datetime) -> Case:
    """The template under new identifiers, its borrower ready to queue."""
    words = json.dumps(json.loads(_CASE.dump_json(template)), ensure_ascii=False)
    for old in (template.case_id, *(one.party_id for one in template.parties)):
        words = words.replace(old, app.services.ids.new(old.partition("_")[0]))
    case = _CASE.validate_json(words)
    consents = tuple(Consent(kind, True, "0" * 64, now) for kind in CONSENTS)
    id_number = case.parties[0].id_number if number % ELDERS == 0 else YOUNG
    ready = replace(case.parties[0], state=PartyState.READY, consents=consents, precheck={}, id_number=id_number)
    return replace(case, case_no=f"PQBENCH{number:06}", branch_id=branch_id, parties=(ready,), version=0)


def _ticket(app: App, case: Case, party: Party, number: int, now: datetime) -> Ticket:
    priority = Priority.ELDER if number % ELDERS == 0 else Priority.NORMAL
    since = now - timedelta(hours=1) + timedelta(milliseconds=number)
    ticket_id = app.services.ids.new("tkt")
    return Ticket(ticket_id, case.case_id, party.party_id, INSTITUTION, case.branch_id, since, priority, present=False)

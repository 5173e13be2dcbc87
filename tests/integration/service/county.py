"""Two cooperatives with branches, seats and customers who are ready for the queue, put straight into the database."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.case import CallMode, Case, RepaymentMethod, Terms
from signing.domain.party import Party, PartyState, Role
from signing.domain.queue import Ticket
from signing.domain.seat import Seat
from signing.service import commands as c
from signing.service.commands import SYSTEM, Actor
from signing.service.store import Branch, StaffMember
from tests.integration.service.family import number
from tests.integration.service.office import SteppedClock, open_app

HOME, HELPER = demo_data.INSTITUTION.institution_id, "inst_helper"
EAST, WEST, FAR = "branch_east", "branch_west", "branch_far"
BRANCHES = {EAST: HOME, WEST: HOME, FAR: HELPER}
_TERMS = Terms(demo_data.LINE, demo_data.LINE, 12, RepaymentMethod.BULLET, "茶苗", "6217000000000000000")


@dataclass
class County:
    app: App  # or anything with its bus, services and queries
    clock: SteppedClock
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def set_up(self) -> None:
        helper = replace(demo_data.INSTITUTION, institution_id=HELPER, name="武平示范农村信用合作联社")
        with self.app.services.db.write() as unit:
            unit.people.add_institution(helper)
            for branch_id, institution_id in BRANCHES.items():
                unit.people.add_branch(Branch(branch_id, institution_id, f"{branch_id[7:]}支行"))

    async def do(self, command: c.Command) -> Any:
        return await self.app.bus.execute(command)

    def look(self, work: Callable[[Any], Any]) -> Any:
        with self.app.services.db.read() as unit:
            return work(unit)

    # --- people ---------------------------------------------------------------------------------------------------

    def staff(self, name: str, branch_id: str = EAST, role: str = "agent", *, seated: bool = True) -> Actor:
        institution_id, seat_id = BRANCHES[branch_id], f"seat_{name}" if seated else None
        with self.app.services.db.write() as unit:
            if seat_id:
                now = self.clock.now()
                unit.queue.save_seat(
                    Seat(seat_id, institution_id, branch_id, f"{name}号席", now, staff_id=f"staff_{name}")
                )
            unit.people.save_staff(
                StaffMember(f"staff_{name}", name, f"{name}经理", role, institution_id, branch_id, "", seat_id)
            )
        return Actor("staff", f"staff_{name}", role, institution_id, f"{name}经理", seat_id)

    def customer(
        self, name: str, branch_id: str = EAST, born: str = "19800101", product_id: str = "village_credit_line"
    ) -> Actor:
        """Of a case of their own, ready for the queue."""
        serial, case_id, party_id = next(self._numbers), f"case_{name}", f"party_{name}"
        party = Party(party_id, Role.BORROWER, name, number(born, serial), "13800138000", "", PartyState.READY)
        case = Case(
            case_id,
            f"PQ{serial:06d}",
            BRANCHES[branch_id],
            branch_id,
            product_id,
            "小额信用贷款",
            _TERMS,
            self.clock.now(),
            "staff",
            (party,),
            call_mode=CallMode.JOINT,
        )
        with self.app.services.db.write() as unit:
            unit.cases.add(case)
        return Actor("party", party_id, "customer", case.institution_id, name, case_id=case_id)

    # --- what they do ---------------------------------------------------------------------------------------------

    async def join(self, *customers: Actor) -> list[Ticket]:
        """One after the other, a second apart."""
        tickets = []
        for customer in customers:
            tickets.append(await self.do(c.JoinQueue(customer)))
            self.clock.pass_by(seconds=1)
        return tickets

    async def free(self, *agents: Actor) -> None:
        """One after the other, a second apart: the first is the longest idle."""
        for agent in agents:
            await self.do(c.SetPresence(agent, True))
            self.clock.pass_by(seconds=1)

    async def rings(self, **later: float) -> dict[str, str]:
        """After so much time: who is rung now, and at which seat."""
        self.clock.pass_by(**later)
        matches = await self.do(c.Dispatch(SYSTEM))
        return {match.ticket.party_id[6:]: match.seat.seat_id[5:] for match in matches}

    async def answer(self, agent: Actor) -> Any:
        """→ the live call with whoever rings at the agent's seat."""
        return await self.do(c.AcceptOffer(agent, self.seat(agent).ticket_id or "none"))

    def seat(self, agent: Actor) -> Seat:
        found: Seat = self.look(lambda unit: unit.queue.seat(agent.seat_id))
        return found

    def ticket(self, customer: Actor) -> Ticket:
        found: Ticket = self.look(lambda unit: unit.queue.open_ticket_of(customer.actor_id))
        return found

    def events(self, customer: Actor) -> list[tuple[str, dict[str, object]]]:
        return [(one.type, one.body) for one in self.look(lambda unit: unit.cases.events(customer.case_id))]

    def log(self) -> list[str]:
        """The lines of the access log."""
        return [line.decode() for line in self.look(lambda unit: unit.logs.views())]


def at(now: datetime, hour: int, minute: int = 0) -> datetime:
    """That time of the Beijing day of ``now``, in UTC."""
    from signing.domain.beijing import BEIJING

    return now.astimezone(BEIJING).replace(hour=hour, minute=minute, second=0, microsecond=0)


Doing = Callable[[], Awaitable[object]]


@asynccontextmanager
async def opened_county(data: Path, database: str = "") -> AsyncIterator[County]:
    """Ready to be worked in, and closed behind it."""
    clock = SteppedClock()
    app = open_app(data, database, clock=clock, identity=object())
    county = County(app, clock)
    county.set_up()
    yield county
    await app.close()

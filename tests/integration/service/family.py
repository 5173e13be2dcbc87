"""A case with three parties, and more seats than one."""

from dataclasses import replace

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.case import CallMode, Case
from signing.domain.idcard import check_character
from signing.domain.party import Role
from signing.domain.seat import Seat
from signing.service import commands as c
from signing.service.commands import Actor, PartyDraft
from signing.service.store import StaffMember
from tests.integration.service.office import enter, get_ready, log_in, stored

PASSWORD = "long-enough-1"


def number(born: str, serial: int) -> str:
    """A valid identity number of somebody born on ``YYYYMMDD``."""
    digits = f"350823{born}{serial:03d}"
    return digits + check_character(digits)


OTHERS = (
    PartyDraft(Role.CO_BORROWER, "李大山", number("19700101", 11), "13800138001", "福建省龙岩市上杭县示范村 7 号"),
    PartyDraft(Role.CO_BORROWER, "王小河", number("19950606", 22), "13800138002", "福建省龙岩市上杭县示范村 7 号"),
)


async def open_family_case(app: App, agent: Actor, mode: CallMode = CallMode.JOINT) -> tuple[Case, list[str]]:
    """→ the case of three and their capabilities, in the parties' order."""
    one = demo_data.demo_case(agent)
    case, capabilities = await app.bus.execute(replace(one, parties=(*one.parties, *OTHERS)))
    if mode is not CallMode.JOINT:
        with app.services.db.write() as unit:
            unit.cases.save(replace(unit.cases.get(case.case_id), call_mode=mode))
    return stored(app, case.case_id), [capabilities[party.party_id] for party in case.parties]


async def family(
    app: App, agent: Actor, mode: CallMode = CallMode.JOINT, *, face: bool = True
) -> tuple[Case, list[Actor]]:
    """→ the case and its customers, all ready for the queue."""
    case, capabilities = await open_family_case(app, agent, mode)
    customers = [await enter(app, capability) for capability in capabilities]
    for customer in customers:
        await get_ready(app, customer, face=face)
    return stored(app, case.case_id), customers


async def another_seat(app: App, name: str, role: str = "agent") -> Actor:
    """A colleague with a seat of their own in the same branch, logged in."""
    branch = demo_data.BRANCH
    with app.services.db.write() as unit:
        seat = Seat(f"seat_{name}", branch.institution_id, branch.branch_id, f"{name}号席", app.services.clock.now())
        unit.queue.save_seat(seat)
        hashed = app.services.secrets.hash_password(PASSWORD)
        unit.people.save_staff(
            StaffMember(
                f"staff_{name}",
                name,
                f"{name}坐席",
                role,
                branch.institution_id,
                branch.branch_id,
                hashed,
                seat.seat_id,
            )
        )
    return await log_in(app, name, PASSWORD)


async def dispatch(app: App) -> list[str]:
    """→ the parties who ring now."""
    return [match.ticket.party_id for match in await app.bus.execute(c.Dispatch(c.SYSTEM))]

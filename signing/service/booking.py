"""What an agent has to know to appoint a time for a customer."""

from dataclasses import dataclass

from signing.domain.appointment import OpenDay, open_days
from signing.service import scope
from signing.service.commands import Actor
from signing.service.permissions import asked
from signing.service.services import Services
from signing.service.snapshots import BookedSnapshot


@dataclass(frozen=True)
class BookingSnapshot:
    """``appointments``: those of the case that stand. ``days``: on which its branch serves customers."""

    appointments: list[BookedSnapshot]
    days: list[OpenDay]


@asked
def booking(services: Services, actor: Actor, case_id: str) -> BookingSnapshot:
    """Raises ``NotFound`` and ``NotPermitted`` as whoever makes an appointment is refused."""
    now = services.clock.now()
    with services.db.read() as unit:
        case = scope.own_case(unit, actor, case_id)
        made = [(party, unit.office.appointment_of(party.party_id, now)) for party in case.parties]
        booked = [BookedSnapshot(one, case.case_no, case.product_title, party) for party, one in made if one]
        hours = unit.office.hours_of(case.branch_id)
        return BookingSnapshot(booked, open_days(now, None if hours is None else hours.as_hours()))

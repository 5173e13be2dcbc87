"""The open cases of a branch, for whoever has to do something about one that nobody talks about now."""

from signing.domain.case import Case
from signing.domain.errors import NotPermitted
from signing.domain.phase import is_open
from signing.domain.seat import SeatState
from signing.service import scope
from signing.service.commands import Actor
from signing.service.one_of_many import readable
from signing.service.permissions import asked
from signing.service.queries import case_phase
from signing.service.services import Services
from signing.service.snapshots import AuditRow
from signing.service.store import Unit

LOOKED_AT, SHOWN = 300, 30
"""Names are encrypted, so that looking for one opens each of the newest cases; a whole case number needs none of it."""


@asked
def branch_cases(services: Services, actor: Actor, text: str = "") -> list[AuditRow]:
    """Newest first, at most ``SHOWN``; ``text`` is looked for in case numbers, names and the ends of phone numbers."""
    with services.db.read() as unit:
        if actor.seat_id is None:
            raise NotPermitted("您的账号没有分配席位", "请联系管理员")
        branch_id = scope.branch(unit, actor, unit.queue.seat(actor.seat_id).branch_id).branch_id
        rows: list[AuditRow] = []
        for case_id in unit.cases.open_of(branch_id, LOOKED_AT):
            case = readable(unit, case_id)  # one that is spoilt must not take the whole list away
            if case is not None and _fits(case, text.strip()):
                rows.append(AuditRow(case, case_phase(unit, case), "", None))
            if len(rows) == SHOWN:
                break
        return rows


def _fits(case: Case, text: str) -> bool:
    people = [part for party in case.parties for part in (party.name, party.phone[-4:])]
    return not text or text in case.case_no or any(text in part for part in people)


def may_be_taken(unit: Unit, case: Case) -> bool:
    """Open, in no call, and on the desk of no seat that is wrapping it up."""
    if not is_open(case) or unit.queue.live_calls_of(case.case_id):
        return False
    seats = unit.queue.seats(case.institution_id)
    return not any(seat.case_id == case.case_id and seat.state is SeatState.WRAP_UP for seat in seats)

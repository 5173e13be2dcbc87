"""The other seats of an institution, for whoever hands a call over."""

from dataclasses import dataclass
from datetime import datetime

from signing.domain.errors import NotPermitted
from signing.domain.seat import Seat
from signing.service import scope
from signing.service.commands import Actor
from signing.service.permissions import asked
from signing.service.services import Services


@dataclass(frozen=True)
class ColleagueSnapshot:
    seat: Seat
    branch: str
    agent: str


@asked
def own_seat(services: Services, actor: Actor) -> tuple[str, datetime]:
    """→ its ID, and now. Raises ``NotPermitted`` for staff without a seat."""
    now = services.clock.now()
    if actor.seat_id is None:
        raise NotPermitted("您的账号没有分配席位", "请联系管理员")
    return actor.seat_id, now


@asked
def colleagues(services: Services, actor: Actor) -> list[ColleagueSnapshot]:
    """Raises ``NotPermitted`` for anybody but who may hand over a call: an agent or a supervisor."""
    with services.db.read() as unit:
        branches = {branch.branch_id: branch.name for branch in scope.branches(unit, actor)}
        names = {member.staff_id: member.name for member in scope.all_staff(unit, actor)}
        others = [seat for seat in scope.seats(unit, actor) if seat.seat_id != actor.seat_id]
        return [
            ColleagueSnapshot(seat, branches.get(seat.branch_id, ""), names.get(seat.staff_id or "", ""))
            for seat in others
        ]

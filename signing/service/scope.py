"""What an actor may touch: the one place that asks whose institution, branch, seat and case something is.

Whatever belongs to another institution is not there (``NotFound``), so that not even its existence is told. The
system, which belongs to none, may touch everything. An agent of an institution that helps out is a guest: they may
touch the one case of their live call, until its wrap-up ends.
"""

from datetime import datetime

from signing.domain.call import Call, CallState, Transfer
from signing.domain.case import Case, Recording, Track
from signing.domain.core_state import CoreState
from signing.domain.errors import NotFound, NotPermitted
from signing.domain.figures import Fact
from signing.domain.queue import Ticket, TicketState
from signing.domain.seals import RegisteredSeal
from signing.domain.seat import Seat, SeatState
from signing.service.commands import Actor
from signing.service.core_store import CoreRequest
from signing.service.office import OwnLimits
from signing.service.ports import Institution
from signing.service.store import Branch, Changed, StaffMember, Unit

_AT_IT = (SeatState.ON_CALL, SeatState.WRAP_UP)


def everything(actor: Actor) -> bool:
    return actor.kind == "system"


def own_institution(actor: Actor) -> str | None:
    """The institution whose things the caller may see; None: every one (the service itself)."""
    return None if everything(actor) else actor.institution_id


def _within(actor: Actor, institution_id: str) -> bool:
    return everything(actor) or institution_id == actor.institution_id


def institution(unit: Unit, actor: Actor, institution_id: str) -> Institution:
    if not _within(actor, institution_id):
        raise NotFound("没有找到这家机构")
    return unit.people.institution(institution_id)


def home(unit: Unit, actor: Actor) -> Institution:
    """The caller's own."""
    return unit.people.institution(actor.institution_id)


def own_limits(unit: Unit, actor: Actor) -> OwnLimits | None:
    """How the caller's institution runs its queue, where it has settled anything."""
    return next((one for one in unit.office.limits() if one.institution_id == actor.institution_id), None)


def happened(unit: Unit, actor: Actor, since: datetime, until: datetime) -> list[Fact]:
    """All that the figures of the caller's institution are reckoned from."""
    house, read = actor.institution_id, unit.figures
    return [*read.arrivals(house, since, until), *read.talks(house, since, until), *read.results(house, since, until)]


def acting_for(actor: Actor, institution_id: str) -> str:
    """The institution a command is for: the caller's own, or the one that the system names."""
    return institution_id if everything(actor) else actor.institution_id


def branch(unit: Unit, actor: Actor, branch_id: str) -> Branch:
    found = unit.people.branch(branch_id)
    if not _within(actor, found.institution_id):
        raise NotFound("没有找到这个网点")
    return found


def staff(unit: Unit, actor: Actor, staff_id: str) -> StaffMember:
    found = unit.people.staff(staff_id)
    if not _within(actor, found.institution_id):
        raise NotFound("没有找到这位工作人员")
    return found


def held_staff(unit: Unit, actor: Actor, staff_id: str) -> StaffMember:
    """For a change: nobody else changes them until the unit ends."""
    staff(unit, actor, staff_id)
    return unit.people.hold_staff(staff_id)


def branches(unit: Unit, actor: Actor) -> list[Branch]:
    return [one for one in unit.people.branches() if _within(actor, one.institution_id)]


def seats(unit: Unit, actor: Actor) -> list[Seat]:
    return unit.queue.seats(own_institution(actor))


def open_tickets(unit: Unit, actor: Actor) -> list[Ticket]:
    return unit.queue.open_tickets(own_institution(actor))


def live_calls(unit: Unit, actor: Actor) -> list[Call]:
    """At the institution's seats; with them another's customers, whom they serve now."""
    return unit.queue.live_calls(own_institution(actor))


def referred(unit: Unit, actor: Actor) -> list[str]:
    """Identifiers of the institution's cases that wait for a decision about a risk."""
    return unit.cases.referred(actor.institution_id)


def all_staff(unit: Unit, actor: Actor) -> list[StaffMember]:
    return unit.people.all_staff(own_institution(actor))


def branch_ids(unit: Unit, institution_id: str) -> set[str]:
    return {one.branch_id for one in unit.people.branches() if one.institution_id == institution_id}


def seat(unit: Unit, actor: Actor, seat_id: str) -> Seat:
    found = unit.queue.seat(seat_id)
    if not _within(actor, found.institution_id):
        raise NotFound("没有找到这个席位")
    return found


def seal(unit: Unit, actor: Actor, seal_id: str) -> RegisteredSeal:
    """Of the caller's own institution's register."""
    found = unit.seals.get(seal_id)
    if not _within(actor, found.institution_id):
        raise NotFound("没有找到这枚印章")
    return found


def held_seal(unit: Unit, actor: Actor, seal_id: str) -> RegisteredSeal:
    """For a change: nobody else changes it, and no paper is sealed with it, until the unit ends."""
    seal(unit, actor, seal_id)
    return unit.seals.hold(seal_id)


# --- cases ----------------------------------------------------------------------------------------------------------


def home_case(unit: Unit, actor: Actor, case_id: str) -> Case:
    """A case of the caller's own institution, whatever its branch."""
    return unit.cases.get(case_id, own_institution(actor))


def case(unit: Unit, actor: Actor, case_id: str) -> Case:
    """A case the caller may see: an agent's are those of the branch, those they had a call of, and a guest's one."""
    if is_guest(unit, actor, case_id):
        return unit.cases.get(case_id)
    return own_case(unit, actor, case_id)


def own_case(unit: Unit, actor: Actor, case_id: str) -> Case:
    """As ``case``, for what a guest may not do: sealing, ending, booking."""
    found = home_case(unit, actor, case_id)
    if actor.role != "agent" or unit.people.staff(actor.actor_id).branch_id == found.branch_id:
        return found
    if any(call.staff_id == actor.actor_id for call in unit.queue.calls_of(case_id)):
        return found
    raise NotPermitted("这笔业务属于其他网点", "只有受理网点和接待过客户的坐席可以查看、处理")


def is_guest(unit: Unit, actor: Actor, case_id: str) -> bool:
    """Whether the caller's own seat talks about this case now, or is wrapping it up."""
    if actor.seat_id is None:
        return False
    own = unit.queue.seat(actor.seat_id)
    return own.case_id == case_id and own.state in _AT_IT and own.staff_id == actor.actor_id


def shows_case(of: Seat, on_desk: Case) -> bool:
    """Whether a seat shows the case that is on its desk: another institution's only until the wrap-up ends."""
    return on_desk.institution_id == of.institution_id or of.state in _AT_IT


def ringing_case(unit: Unit, actor: Actor, ticket: Ticket) -> Case:
    """The case of a customer who rings at the caller's own seat, be it another institution's."""
    if ticket.state is TicketState.OFFERED and ticket.seat_id == actor.seat_id:
        return unit.cases.get(ticket.case_id)
    return home_case(unit, actor, ticket.case_id)


def recorded(unit: Unit, actor: Actor, recording_id: str) -> Case:
    """The case of a recording of the caller's own institution."""
    found = unit.cases.of_recording(recording_id)
    if not _within(actor, found.institution_id):
        raise NotFound("没有找到这段录像")
    return found


def own_recording(unit: Unit, actor: Actor, recording_id: str) -> tuple[Case, Recording]:
    """The recording that the caller's seat made. A guest delivers theirs after the wrap-up too, and sees nothing."""
    found = unit.cases.of_recording(recording_id)
    recording = next((one for one in found.recordings if one.recording_id == recording_id), None)
    if recording is None:
        raise NotFound("没有找到这段录像")
    _require_made(unit, actor, found, recording.call_id)
    return found, recording


def track(unit: Unit, track_id: str) -> tuple[Case, Track]:
    """Whoever's; for what the service itself does."""
    found = unit.cases.of_recording(track_id)
    known = next((one for one in found.tracks if one.track_id == track_id), None)
    if known is None:
        raise NotFound("没有找到这份单独的音视频")
    return found, known


def own_track(unit: Unit, actor: Actor, track_id: str) -> tuple[Case, Track]:
    """As ``own_recording``, of a customer's own track."""
    found, known = track(unit, track_id)
    _require_made(unit, actor, found, known.call_id)
    return found, known


def own_stream(unit: Unit, actor: Actor, stream_id: str) -> tuple[Case, Recording | Track]:
    """Either of them."""
    found = unit.cases.of_recording(stream_id)
    if any(one.track_id == stream_id for one in found.tracks):
        return own_track(unit, actor, stream_id)
    return own_recording(unit, actor, stream_id)


def _require_made(unit: Unit, actor: Actor, found: Case, call_id: str) -> None:
    made_at = unit.queue.seat(unit.queue.call(call_id).seat_id)
    if everything(actor) or made_at.seat_id == actor.seat_id:
        return
    if _within(actor, found.institution_id):
        raise NotPermitted("这不是本席位的录像")
    raise NotFound("没有找到这段录像")


def recorded_call(unit: Unit, actor: Actor, call_id: str) -> Call:
    """A call of the caller's own seat, live or over, whosever customer it had: for what it has yet to tell."""
    found = unit.queue.call(call_id)
    if found.seat_id == actor.seat_id:
        return found
    if _within(actor, unit.queue.seat(found.seat_id).institution_id):
        raise NotPermitted("这不是本席位的通话")
    raise NotFound("没有找到这次通话")


def party_case(actor: Actor) -> str:
    """The one case of the customer whose phone session it is. Raises ``NotPermitted`` for everybody else."""
    if actor.case_id is None:
        raise NotPermitted("只有客户本人可以查看、操作")
    return actor.case_id


# --- the credit system ------------------------------------------------------------------------------------------------


def changed_cases(
    unit: Unit, actor: Actor, after: tuple[datetime, str], state: CoreState | None, limit: int
) -> list[Changed]:
    return unit.cases.changed(actor.institution_id, after, state, limit)


def order_by_key(unit: Unit, actor: Actor, idempotency_key: str) -> CoreRequest | None:
    return unit.core.request_by_key(actor.institution_id, idempotency_key)


def order_by_reference(unit: Unit, actor: Actor, reference: str) -> CoreRequest | None:
    return unit.core.request_by_reference(actor.institution_id, reference)


# --- calls ----------------------------------------------------------------------------------------------------------


def call(unit: Unit, actor: Actor, call_id: str) -> tuple[Call, Case]:
    """A call of the caller's own seat; a supervisor's may be at any seat of the institution. It is the institution of
    the seat that answers for a call, also of another's customer."""
    found = _held_here(unit, actor, call_id)
    of = unit.cases.get(found.case_id)
    if found.state is not CallState.LIVE and not _within(actor, of.institution_id):
        _require_at_it(unit, actor, of)
    _require_own(actor, found)
    return found, of


def live_call(unit: Unit, actor: Actor, call_id: str) -> Call | None:
    """As ``call``, without its case, which may be one that cannot be opened. None once it is over."""
    found = _held_here(unit, actor, call_id)
    if found.state is not CallState.LIVE:
        return None
    _require_own(actor, found)
    return found


def _held_here(unit: Unit, actor: Actor, call_id: str) -> Call:
    found = unit.queue.call(call_id)
    if not _within(actor, unit.queue.seat(found.seat_id).institution_id):
        raise NotFound("没有找到这次通话")
    return found


def _require_own(actor: Actor, found: Call) -> None:
    if actor.role not in ("supervisor", "system") and found.seat_id != actor.seat_id:
        raise NotPermitted("这不是本席位的通话")


def _require_at_it(unit: Unit, actor: Actor, of: Case) -> None:
    if not is_guest(unit, actor, of.case_id):
        raise NotFound("没有找到这次通话")


def ticket(unit: Unit, actor: Actor, ticket_id: str) -> Ticket:
    found = unit.queue.ticket(ticket_id)
    if not _within(actor, found.institution_id) and found.seat_id != actor.seat_id:
        raise NotFound("没有找到这位排队的客户", "客户可能已离开")
    return found


def transfer(unit: Unit, actor: Actor, transfer_id: str) -> Transfer:
    found = unit.queue.transfer(transfer_id)
    if not _within(actor, unit.queue.seat(found.from_seat_id).institution_id):
        raise NotFound("没有找到这次转接")
    return found


def colleague(unit: Unit, of: Seat, seat_id: str) -> Seat:
    """A seat that a call of the seat ``of`` may go to: of the same institution."""
    found = unit.queue.seat(seat_id)
    if found.institution_id != of.institution_id:
        raise NotFound("没有找到这个席位")
    return found


def seat_name(unit: Unit, of: Seat, case: Case) -> str:
    """The seat as events and screens name it: with its institution where that is not the case's own."""
    if of.institution_id == case.institution_id:
        return of.label
    return f"{unit.people.institution(of.institution_id).name} {of.label}"

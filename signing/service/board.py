"""The supervisor's board: seats, waiting customers and live calls of an institution, or of the one branch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain.call import Call
from signing.domain.case import Case
from signing.domain.estimate import WaitAccuracy
from signing.domain.joint import kept_back
from signing.domain.line import CallLines
from signing.domain.opening import Gate, Stop
from signing.domain.phase import Phase, Step, steps_of
from signing.domain.queue import Ticket, TicketState
from signing.domain.risk.model import Finding
from signing.domain.routing import Ability, Rules
from signing.domain.seat import Seat
from signing.service import scope
from signing.service.attention import Attention, attention
from signing.service.call_state import CallSnapshot, call_snapshot
from signing.service.commands import Actor
from signing.service.one_of_many import readable
from signing.service.permissions import asked
from signing.service.queries import (
    booked,
    case_phase,
    in_line,
    staff_snapshot,
    ticket_snapshots,
)
from signing.service.queue_rules import accuracy, rules_for
from signing.service.registry import register_mark
from signing.service.resting import RestingAccount, waiting_accounts
from signing.service.risk import why_not_decide
from signing.service.services import Services
from signing.service.snapshots import BookedSnapshot, StaffSnapshot, TicketSnapshot
from signing.service.store import Branch, Unit


@dataclass(frozen=True)
class BoardTicket:
    row: TicketSnapshot
    ringing_at: str
    """The seat's name; empty where none rings."""
    kept_for_call: bool


@dataclass(frozen=True)
class BoardCall:
    talk: CallSnapshot
    seat: Seat
    phase: Phase
    steps: list[Step]
    lines: CallLines | None = None
    """As its seat told last."""


@dataclass(frozen=True)
class UnreadCall:
    """A live call whose case cannot be opened: it can be hung up and nothing else."""

    call: Call
    seat: Seat


@dataclass(frozen=True)
class Referral:
    """A finding that waits for a supervisor; ``why_not``: why this one may not decide, empty where they may."""

    case: Case
    finding: Finding
    opened_by: str
    why_not: str


@dataclass(frozen=True)
class BoardSnapshot:
    """``agents``: staff_id → name."""

    now: datetime
    staff: StaffSnapshot
    branches: Mapping[str, Branch]
    agents: Mapping[str, str]
    seats: list[Seat]
    waiting: list[BoardTicket]
    calls: list[BoardCall]
    unread: list[UnreadCall]
    attention: Attention
    listening: list[str]
    gates: Mapping[str, Gate]
    stops: list[Stop]
    """Those that hold for any of the branches now."""
    abilities: Mapping[str, Ability]
    appointments: list[BookedSnapshot]
    waits: WaitAccuracy
    products: Mapping[str, str]
    """product_id → title, of the whole catalogue."""
    referrals: list[Referral]
    resting: list[RestingAccount]
    seals_mark: str
    free_room: int | None = None
    """Bytes on the service's disk."""


TOLD_WITHIN = timedelta(hours=12)


@asked
def board(services: Services, actor: Actor) -> BoardSnapshot:
    """Raises ``NotPermitted`` for anybody but a supervisor."""
    now = services.clock.now()
    with services.db.read() as unit:
        staff, rules = staff_snapshot(unit, actor), rules_for(unit, now)
        whole = not services.limits.board_of_branch
        branches = {
            branch.branch_id: branch for branch in scope.branches(unit, actor) if whole or branch == staff.branch
        }
        seats = [seat for seat in scope.seats(unit, actor) if seat.branch_id in branches]
        calls, unread = _calls(unit, seats, actor)
        return BoardSnapshot(
            now=now,
            staff=staff,
            branches=branches,
            agents={member.staff_id: member.name for member in scope.all_staff(unit, actor)},
            seats=seats,
            waiting=_waiting(unit, branches, actor, now, rules),
            calls=calls,
            unread=unread,
            attention=attention(unit, branches, actor, services),
            listening=[listener.call_id for listener in unit.queue.listening(actor.actor_id)],
            gates={branch_id: rules.gate_of(branch_id) for branch_id in branches},
            stops=_stops(unit, branches, now),
            abilities=rules.abilities,
            appointments=list(booked(unit, set(branches), now)),
            products={key: product.title for key, product in services.products.all().items()},
            waits=accuracy(unit.office.told_since(set(branches), now - TOLD_WITHIN)),
            referrals=list(_referrals(unit, branches, actor)),
            resting=waiting_accounts(unit, actor, now),
            seals_mark=register_mark(unit, scope.acting_for(actor, "")),
            free_room=services.free_room(),
        )


def _waiting(
    unit: Unit, branches: Mapping[str, Branch], actor: Actor, now: datetime, rules: Rules
) -> list[BoardTicket]:
    tickets = [t for t in scope.open_tickets(unit, actor) if t.branch_id in branches]
    kept = kept_back(tickets, scope.live_calls(unit, actor), now, rules)
    return [
        BoardTicket(
            row,
            _ringing_at(unit, row.ticket) if row.ticket.state is TicketState.OFFERED else "",
            row.ticket.ticket_id in kept,
        )
        for row in ticket_snapshots(unit, in_line(tickets, now, rules), now, rules)
    ]


def _ringing_at(unit: Unit, ticket: Ticket) -> str:
    return scope.seat_name(unit, unit.queue.seat(ticket.seat_id or ""), unit.cases.get(ticket.case_id))


def _stops(unit: Unit, branches: Mapping[str, Branch], now: datetime) -> list[Stop]:
    return [
        stop
        for stop in unit.office.stops()
        if stop.lasts(now) and any(stop.holds_for(one.institution_id, one.branch_id) for one in branches.values())
    ]


def _referrals(unit: Unit, branches: Mapping[str, Branch], actor: Actor) -> Iterator[Referral]:
    names = {member.staff_id: member.name for member in scope.all_staff(unit, actor)}
    for case_id in scope.referred(unit, actor):
        case = readable(unit, case_id)  # One that is spoilt must not take the whole board away.
        if case is not None and case.branch_id in branches:
            why_not = why_not_decide(unit, case, actor)
            for finding in case.findings:
                if finding.pending:
                    yield Referral(case, finding, names.get(case.opened_by, ""), why_not)


def _calls(unit: Unit, seats: list[Seat], actor: Actor) -> tuple[list[BoardCall], list[UnreadCall]]:
    shown = {seat.seat_id: seat for seat in seats}
    calls, unread = list[BoardCall](), list[UnreadCall]()
    live = scope.live_calls(unit, actor)
    lines = unit.lines.several([call.call_id for call in live])
    for call in live:
        if (seat := shown.get(call.seat_id)) is None:
            continue
        if (case := readable(unit, call.case_id)) is None:
            unread.append(UnreadCall(call, seat))
        else:
            talk, told = call_snapshot(unit, call, case), lines.get(call.call_id)
            calls.append(BoardCall(talk, seat, case_phase(unit, case), steps_of(case), told))
    return calls, unread

"""The queue's rules as the database has them: what the dispatcher, the phone and the board all reckon with."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from signing.domain.agreement import agreements
from signing.domain.dialect import Dialect
from signing.domain.estimate import (
    RECENT_CALLS,
    RING_AND_WRAP_UP_SECONDS,
    WaitAccuracy,
    accuracy_of,
    expected_wait,
    handling_seconds,
)
from signing.domain.opening import OPEN, Gate, Hours, Stop, gate_of, strictest
from signing.domain.party import Party
from signing.domain.queue import Ticket, TicketState
from signing.domain.routing import Rules
from signing.service.office import TicketNeeds, ToldWait
from signing.service.store import Branch, Unit

RECENT = timedelta(hours=12)
"""How old a call may be to count in the expected wait."""


def rules_for(unit: Unit, now: datetime) -> Rules:
    """Of all institutions: one dispatch looks at every seat."""
    return with_needs(unit, settings(unit, now))


def with_needs(unit: Unit, rules: Rules, branch_ids: Collection[str] | None = None) -> Rules:
    """The rules with what the waiting customers need: all of them, or those of some branches."""
    return replace(rules, needs={one.ticket_id: one.as_needs() for one in unit.office.needs(branch_ids)})


def settings(unit: Unit, now: datetime) -> Rules:
    """The rules as far as they are not about single tickets."""
    office = unit.office
    return Rules(
        institutions={one.institution_id: one.as_limits() for one in office.limits()},
        abilities={one.seat_id: one.as_ability() for one in office.abilities()},
        gates=_gates(unit, now),
        agreements=agreements(office.declarations()),
    )


def _gates(unit: Unit, now: datetime) -> dict[str, Gate]:
    """Of the branches that are not simply open."""
    hours, stops = {one.branch_id: one.as_hours() for one in unit.office.hours()}, unit.office.stops()
    if not hours and not stops:
        return {}
    found = {one.branch_id: _gate(one, hours.get(one.branch_id), stops, now) for one in unit.people.branches()}
    return {branch_id: gate for branch_id, gate in found.items() if gate is not OPEN}


def _gate(branch: Branch, hours: Hours | None, stops: Iterable[Stop], now: datetime) -> Gate:
    own = [stop for stop in stops if stop.holds_for(branch.institution_id, branch.branch_id)]
    return gate_of(now, hours, strictest(own, now))


def gate_for(unit: Unit, branch: Branch, now: datetime) -> Gate:
    hours = unit.office.hours_of(branch.branch_id)
    return _gate(branch, None if hours is None else hours.as_hours(), unit.office.stops(), now)


# --- what a customer needs ------------------------------------------------------------------------------------------


def needs_of(unit: Unit, ticket: Ticket, product_id: str, party: Party, now: datetime) -> TicketNeeds:
    """As they stand on joining."""
    booked = unit.office.appointment_of(party.party_id, now)
    dialect = Dialect(party.dialect) if party.dialect else None
    if booked is None:
        return TicketNeeds(ticket.ticket_id, product_id, dialect)
    return TicketNeeds(ticket.ticket_id, product_id, dialect, booked.starts_at, booked.ends_at)


def change_needs(unit: Unit, party_id: str, **change: object) -> None:
    """Of the party's open ticket, where there is one."""
    ticket = unit.queue.open_ticket_of(party_id)
    if ticket is None:
        return
    needs = unit.office.needs_of(ticket.ticket_id) or TicketNeeds(ticket.ticket_id)
    unit.office.save_needs(replace(needs, **change))  # type: ignore[arg-type]
    unit.changes.branch_ids.add(ticket.branch_id)


# --- the expected wait ----------------------------------------------------------------------------------------------


def helpers(institution_id: str, rules: Rules) -> set[str]:
    """The institution, and those that may help it out."""
    return {institution_id} | {serving for home, serving in rules.agreements if home == institution_id}


def wait_of(unit: Unit, ticket: Ticket, rules: Rules, now: datetime) -> float | None:
    """Seconds, from the branch's own recent calls; None where there is no telling."""
    if ticket.state is not TicketState.WAITING:
        return None
    of = helpers(ticket.institution_id, rules)
    others = [one for institution_id in of for one in unit.queue.open_tickets(institution_id)]
    tickets = [ticket, *(one for one in others if one.ticket_id != ticket.ticket_id)]
    seats = [one for institution_id in of for one in unit.queue.seats(institution_id)]
    return expected_wait(ticket, tickets, seats, now, handling_of(unit, ticket.branch_id, now), rules)


def handling_of(unit: Unit, branch_id: str, now: datetime) -> float:
    """Seconds that a seat of the branch needs for a customer, by its recent calls."""
    calls = unit.queue.ended_calls(branch_id, now - RECENT, RECENT_CALLS)
    return handling_seconds([call.seconds + RING_AND_WRAP_UP_SECONDS for call in calls if call.seconds is not None])


def wait_on_joining(unit: Unit, ticket: Ticket, needs: TicketNeeds, now: datetime) -> float | None:
    """As ``wait_of``, for a ticket that is not kept yet. It reads the whole queue: not for a unit that writes."""
    rules = rules_for(unit, now)
    rules = replace(rules, needs={**rules.needs, ticket.ticket_id: needs.as_needs()})
    return wait_of(unit, ticket, rules, now)


def tell(unit: Unit, ticket: Ticket, wait: float | None, now: datetime) -> None:
    """Keeps the wait that this customer is told on joining, to be held against what it becomes."""
    unit.office.save_told(ToldWait(ticket.ticket_id, ticket.branch_id, now, wait))


def accuracy(told: Iterable[ToldWait]) -> WaitAccuracy:
    """Of those who were told a wait and have been rung."""
    pairs = [(one.seconds, one.waited) for one in told]
    return accuracy_of([(a, b) for a, b in pairs if a is not None and b is not None])

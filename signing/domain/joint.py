"""Waiting customers of one case: who is rung alone, who is kept for a live call, who returns to it by themselves."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from signing.domain.call import Call
from signing.domain.queue import Ticket, TicketState
from signing.domain.routing import PLAIN, Rules, in_order


def kept_back(tickets: Sequence[Ticket], calls: Iterable[Call], now: datetime, rules: Rules = PLAIN) -> frozenset[str]:
    """Joint tickets that are not to be offered: their case has a live joint call, or rings for another party.

    Where nobody of the case rings or talks, only its first ticket that is present is left to be offered.
    """
    busy = {call.case_id for call in calls if call.joint}
    busy |= {ticket.case_id for ticket in tickets if ticket.joint and ticket.state is TicketState.OFFERED}
    kept = set()
    for ticket in sorted(in_order(tickets, now, rules), key=lambda one: not one.present):
        if not ticket.joint:
            continue
        if ticket.case_id in busy:
            kept.add(ticket.ticket_id)
        busy.add(ticket.case_id)
    return frozenset(kept)


def returning(tickets: Iterable[Ticket], calls: Iterable[Call]) -> list[tuple[Ticket, Call]]:
    """Customers who dropped and are back, each with the live call of their case at the seat they dropped from."""
    live = {(call.case_id, call.seat_id): call for call in calls}
    back = (t for t in tickets if t.state is TicketState.WAITING and t.present and t.dropped_at is not None)
    return [(t, live[t.case_id, t.seat_id]) for t in back if t.seat_id and (t.case_id, t.seat_id) in live]

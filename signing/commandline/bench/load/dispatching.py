"""Dispatching alone: the service's own handler on its bus, the hub told of each commit, without HTTP before it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from signing.bootstrap import App
from signing.commandline.bench.load.crowd import Crowd, open_app
from signing.domain.queue import OPEN_STATES, TicketState
from signing.domain.seat import SeatState
from signing.service.commands import SYSTEM, Actor, Dispatch
from signing.service.handlers.queue import BATCH
from signing.service.store import Unit
from signing.web.app import topics_of
from signing.web.hub import Hub, Link


@dataclass(frozen=True)
class Rates:
    """Offers a second: all seats free at once (``largest`` a commit), and one seat free at a time (one a commit)."""

    saturated: float
    single: float
    largest: int


def rates(data: Path, database: str, crowd: Crowd, seconds: float) -> Rates:
    """Each measured for about ``seconds``. No service may run over ``data``. Seats and tickets are left as offered."""
    app = open_app(data, database)
    try:
        hub = _hub(crowd)
        app.bus.subscribe(lambda changes: hub.changed(topics_of(changes)))
        seats = [place.seat_id for place in crowd.places]
        saturated = asyncio.run(_rate(app, [seats], seconds))
        single = asyncio.run(_rate(app, [[seat] for seat in seats], seconds))
        return Rates(saturated, single, min(BATCH, len(seats), len(crowd.guests)))
    finally:
        asyncio.run(app.close())


def _hub(crowd: Crowd) -> Hub:
    """Everybody connected, as the web layer sees it."""
    hub = Hub()
    for guest in crowd.guests:
        hub.join(_link(guest.party_id, frozenset({guest.party_id, guest.case_id, guest.branch_id})))
    for place in crowd.places:
        hub.join(_link(place.seat_id, frozenset({place.seat_id, place.branch_id})))
    return hub


def _link(key: str, topics: frozenset[str]) -> Link:
    return Link(key, Actor("party", key, "customer", "", ""), topics)


async def _rate(app: App, groups: Sequence[Sequence[str]], seconds: float) -> float:
    """``groups`` of seats become free in turn; each time only the dispatch that follows is counted."""
    offers, taken = 0, 0.0
    until = time.perf_counter() + seconds
    number = 0
    while time.perf_counter() < until or number == 0:
        await app.bus.run(_free, app, groups[number % len(groups)])
        before = time.perf_counter()
        matches = await app.bus.execute(Dispatch(SYSTEM))
        taken += time.perf_counter() - before
        offers += len(matches)
        number += 1
    return offers / taken


def _free(app: App, seats: Sequence[str]) -> None:
    """Everybody waits again; these seats are free, all others talk."""
    now = app.services.clock.now()
    with app.services.db.write() as unit:
        _again(unit)
        for seat in unit.queue.seats():
            state = SeatState.AVAILABLE if seat.seat_id in seats else SeatState.ON_CALL
            if seat.state is not state:
                unit.queue.save_seat(replace(seat, state=state, since=now, ticket_id=None, call_id=None))


def _again(unit: Unit) -> None:
    for ticket in unit.queue.open_tickets():
        if ticket.state in OPEN_STATES and (ticket.state is not TicketState.WAITING or not ticket.present):
            unit.queue.save_ticket(
                replace(ticket, state=TicketState.WAITING, seat_id=None, offered_at=None, present=True)
            )

"""What a start after a crash has to put right: nothing stays half-done, nothing is lost silently."""

import logging
from dataclasses import replace
from datetime import datetime

from signing.domain.case import Case, RecordingState
from signing.domain.errors import TamperError
from signing.domain.seat import SeatEvent, SeatState
from signing.service.bus import Bus
from signing.service.commands import SYSTEM, SealCase
from signing.service.handlers.calls import lose
from signing.service.handlers.legs import drop
from signing.service.handlers.recordings import read_back
from signing.service.services import Services
from signing.service.store import Unit

_LOG = logging.getLogger(__name__)
REASON = "服务重新启动"


def reset(services: Services) -> None:
    """Seats and pages have to report again. A live call stays: its media never went through the service.

    Whoever runs the sockets gives both ends of a live call some time to return (``Queries.live_calls``).
    """
    now = services.clock.now()
    with services.db.write() as unit:
        talking = _talking(unit, now)
        for seat in unit.queue.seats():
            if seat.state is not SeatState.OFFLINE and seat.seat_id not in talking:
                lose(unit, seat.seat_id, SYSTEM, now, REASON)
        for ticket in unit.queue.open_tickets():
            unit.queue.save_ticket(replace(ticket, present=False))


def index_old(services: Services) -> None:
    """Makes cases from before there was an index findable for the risk rules; nothing to do at any later start."""
    with services.db.read() as unit:
        old = unit.risk.unindexed()
    for case_id in old:
        with services.db.write() as unit:
            try:
                unit.risk.index(unit.cases.get(case_id))
            except TamperError as error:
                _LOG.error("case %s could not be indexed: %s", case_id, error.code)


def _talking(unit: Unit, now: datetime) -> set[str]:
    """The seats of live calls. A call that its own seat does not know of is dropped."""
    seats = {seat.seat_id: seat for seat in unit.queue.seats()}
    talking = set()
    for call in unit.queue.live_calls():
        seat = seats[call.seat_id]
        if seat.state is SeatState.ON_CALL and seat.call_id == call.call_id:
            talking.add(call.seat_id)
        else:
            drop(unit, call, SYSTEM, now, REASON, SeatEvent.LOST)
    return talking


async def resume(bus: Bus) -> None:
    """Goes on with reading back and sealing where they stopped. What fails again stays visible in its case."""
    for case_id in await bus.run(_unfinished, bus.services):
        try:
            await _resume(case_id, bus)
        except Exception as error:
            # Whatever is wrong with one case, the others go on.
            _LOG.error("case %s could not be resumed: %s", case_id, getattr(error, "code", type(error).__name__))


def _unfinished(services: Services) -> list[str]:
    with services.db.read() as unit:
        return unit.cases.unfinished()


def _read(case_id: str, services: Services) -> Case:
    with services.db.read() as unit:
        return unit.cases.get(case_id)


async def _resume(case_id: str, bus: Bus) -> None:
    case = await bus.run(_read, case_id, bus.services)
    for recording in case.recordings:
        if recording.state is RecordingState.UPLOADED:
            await read_back(recording, SYSTEM, bus.services)
    if case.seal_requested_at is not None:
        await bus.execute(SealCase(SYSTEM, case.case_id))

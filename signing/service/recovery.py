"""What a start after a crash has to put right: nothing stays half-done, nothing is lost silently."""

import logging
from dataclasses import replace
from datetime import datetime

from signing.domain.case import Case, RecordingState
from signing.domain.errors import KeyMissing, TamperError
from signing.domain.seat import SeatEvent, SeatState
from signing.service.bus import Bus
from signing.service.commands import SYSTEM, SealCase
from signing.service.handlers.calls import lose
from signing.service.handlers.legs import drop
from signing.service.handlers.recordings import read_back
from signing.service.handlers.tracks import read_back as read_track_back
from signing.service.one_of_many import passing_over
from signing.service.services import Services
from signing.service.store import Unit

_LOG = logging.getLogger(__name__)
REASON = "服务重新启动"


def reset(services: Services) -> None:
    """Seats and pages have to report again. A live call stays: its media never went through the service. A call that
    its own seat does not know of is dropped. One that cannot be put right, because its case cannot be opened, is left.

    Whoever runs the sockets gives both ends of a live call some time to return (``Queries.live_calls``).
    """
    now = services.clock.now()
    with services.db.read() as unit:
        seats, calls = unit.queue.seats(), unit.queue.live_calls()
    at = {seat.seat_id: seat.call_id for seat in seats if seat.state is SeatState.ON_CALL}
    for call in calls:
        if at.get(call.seat_id) != call.call_id:
            with passing_over(f"call {call.call_id} goes on"), services.db.write() as unit:
                drop(unit, unit.queue.call(call.call_id), SYSTEM, now, REASON, SeatEvent.LOST)
    talking = {call.seat_id for call in calls if at.get(call.seat_id) == call.call_id}
    for seat in seats:
        if seat.seat_id not in talking:
            with passing_over(f"seat {seat.seat_id} stays as it was"), services.db.write() as unit:
                _lose(unit, seat.seat_id, now)
    with services.db.write() as unit:
        for ticket in unit.queue.open_tickets():
            unit.queue.save_ticket(replace(ticket, present=False))


def _lose(unit: Unit, seat_id: str, now: datetime) -> None:
    if unit.queue.seat(seat_id).state is not SeatState.OFFLINE:
        lose(unit, seat_id, SYSTEM, now, REASON)


def index_old(services: Services) -> None:
    """Makes cases from before there was an index findable for the risk rules; nothing to do at any later start."""
    with services.db.read() as unit:
        old = unit.risk.unindexed()
    for case_id in old:
        with services.db.write() as unit:
            try:
                unit.risk.index(unit.cases.get(case_id))
            except (KeyMissing, TamperError) as error:
                _LOG.error("case %s could not be indexed: %s", case_id, error.code)


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
            await bus.read_back(read_back, recording, SYSTEM, bus.services)
    for track in case.tracks:
        if track.state is RecordingState.UPLOADED:
            await bus.read_back(read_track_back, track, SYSTEM, bus.services)
    if case.seal_requested_at is not None:
        await bus.execute(SealCase(SYSTEM, case.case_id))

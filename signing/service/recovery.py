"""What a start after a crash has to put right: nothing stays half-done, nothing is lost silently."""

import logging
from dataclasses import replace

from signing.domain.case import Case, RecordingState
from signing.domain.seat import SeatEvent, SeatState
from signing.service.bus import Bus
from signing.service.commands import SYSTEM, SealCase
from signing.service.handlers.calls import drop, lose
from signing.service.handlers.recordings import read_back
from signing.service.services import Services

_LOG = logging.getLogger(__name__)
REASON = "服务重新启动"


def reset(services: Services) -> None:
    """Calls in progress are dropped, their customers at the head of the queue; seats and pages have to report again."""
    now = services.clock.now()
    with services.db.write() as unit:
        for call in unit.queue.live_calls():
            drop(unit, call, SYSTEM, now, REASON, SeatEvent.LOST)
        for seat in unit.queue.seats():
            if seat.state is not SeatState.OFFLINE:
                lose(unit, seat.seat_id, SYSTEM, now, REASON)
        for ticket in unit.queue.open_tickets():
            unit.queue.save_ticket(replace(ticket, present=False))


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

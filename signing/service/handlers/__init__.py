"""One handler for each command, in modules by subject. ``HANDLERS`` is what the bus is built with."""

from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.handlers import (
    accounts,
    appointments,
    audit,
    calls,
    cases,
    disclosure,
    entry,
    identity,
    imports,
    listening,
    log_in,
    office,
    overflow,
    queue,
    reading,
    recordings,
    sealing,
    staff,
    stops,
    transfers,
)

HANDLERS: dict[type[Command], Handler] = {
    **accounts.HANDLERS,
    **appointments.HANDLERS,
    **audit.HANDLERS,
    **calls.HANDLERS,
    **cases.HANDLERS,
    **disclosure.HANDLERS,
    **entry.HANDLERS,
    **identity.HANDLERS,
    **imports.HANDLERS,
    **listening.HANDLERS,
    **log_in.HANDLERS,
    **office.HANDLERS,
    **overflow.HANDLERS,
    **queue.HANDLERS,
    **reading.HANDLERS,
    **recordings.HANDLERS,
    **sealing.HANDLERS,
    **staff.HANDLERS,
    **stops.HANDLERS,
    **transfers.HANDLERS,
}

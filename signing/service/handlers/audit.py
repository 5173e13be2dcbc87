"""Every look at something sensitive is itself on record, before it is shown."""

from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Command, RecordView
from signing.service.services import Services


def record_view(command: RecordView, services: Services) -> str:
    """→ SHA-256 of the access log's new line. Raises ``NotFound`` for another institution's case."""
    now = services.clock.now()
    with services.db.write() as unit:
        if command.case_id:
            scope.case(unit, command.actor, command.case_id)
        return unit.logs.record_view(command.actor, now, command.what, command.case_id, command.detail)


HANDLERS: dict[type[Command], Handler] = {RecordView: record_view}

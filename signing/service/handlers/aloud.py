"""Lines that a prepared sound reads into the call: which sound, of which words, and how far it was heard."""

from dataclasses import replace

from signing.domain import events
from signing.domain.case import party_of
from signing.domain.errors import ConflictError
from signing.domain.party import ReadAloud as Reading
from signing.service import scope
from signing.service.aloud_commands import EndReadAloud, ReadAloud
from signing.service.bus import Handler
from signing.service.commands import Command, ShowLine
from signing.service.handlers.common import require_open, save, seat_case, with_party
from signing.service.handlers.disclosure import gate, line_of, require_identified
from signing.service.services import Services


def read_aloud(command: ReadAloud, services: Services) -> None:
    """Refused where the line says something else by now. The line becomes the customer's caption too."""
    now = services.clock.now()
    gate(ShowLine(command.actor, command.case_id, command.party_id, command.line), services)
    with services.db.write() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        require_identified(party)
        line = line_of(case, party, command.line)
        if line.text != command.text:
            raise ConflictError("这一条告知刚刚变了", "请看屏幕上的新内容，再播放一次")
        party = replace(party, prompt_line=line.number, read_aloud=Reading(line.number, command.sha256))
        told = [events.read_aloud(party, line.number, command.sha256, recorded=command.recorded)]
        save(unit, with_party(case, party), command.actor, now, told)


def end_read_aloud(command: EndReadAloud, services: Services) -> None:
    """Only of the sound that was begun last, and once; also after the call, which may have ended it."""
    now = services.clock.now()
    with services.db.write() as unit:
        case = scope.case(unit, command.actor, command.case_id)
        require_open(case)
        party = party_of(case, command.party_id)
        if party.read_aloud != Reading(command.line, command.sha256):
            raise ConflictError("这一条没有在播放", "")
        party = replace(party, read_aloud=None)
        told = events.read_aloud_ended(
            party, command.line, command.sha256, whole=command.whole, seconds=command.seconds
        )
        save(unit, with_party(case, party), command.actor, now, [told])


HANDLERS: dict[type[Command], Handler] = {ReadAloud: read_aloud, EndReadAloud: end_read_aloud}

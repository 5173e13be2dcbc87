"""Lines that a prepared sound reads into the call: which sound, of which words, and how far it was heard."""

from dataclasses import replace

from signing.domain import events
from signing.domain.case import party_of
from signing.domain.errors import ConflictError, InputError
from signing.domain.party import Party
from signing.domain.party import ReadAloud as Reading
from signing.service import scope
from signing.service.aloud_commands import EndReadAloud, ReadAloud
from signing.service.bus import Handler
from signing.service.commands import Command, ShowLine
from signing.service.handlers.common import require_open, save, seat_case, with_party
from signing.service.handlers.disclosure import gate, line_of, require_identified
from signing.service.services import Services

LONGEST_SECONDS = 600.0


def read_aloud(command: ReadAloud, services: Services) -> str:
    """Refused where the line says something else by now. The line becomes the customer's caption too."""
    now = services.clock.now()
    gate(ShowLine(command.actor, command.case_id, command.party_id, command.line), services)
    with services.db.write() as unit:
        case, party, call = seat_case(unit, command.actor, command.case_id, command.party_id)
        require_identified(party)
        line = line_of(case, party, command.line)
        if line.text != command.text:
            raise ConflictError("这一条告知刚刚变了", "请看屏幕上的新内容，再播放一次")
        reading = Reading(line.number, command.sha256, services.ids.new("aloud"), call.call_id)
        party = replace(party, prompt_line=line.number, read_aloud=reading)
        told = [events.read_aloud(party, line.number, command.sha256, recorded=command.recorded)]
        save(unit, with_party(case, party), command.actor, now, told)
    return reading.reading_id


def end_read_aloud(command: EndReadAloud, services: Services) -> None:
    """Only of the reading that was begun last, once, and by the seat it was begun at; also after the call, which may
    have ended it."""
    if not 0 <= command.seconds <= LONGEST_SECONDS:
        raise InputError("朗读的时间不对", "")
    now = services.clock.now()
    with services.db.write() as unit:
        case = scope.case(unit, command.actor, command.case_id)
        require_open(case)
        party = party_of(case, command.party_id)
        reading = _going_on(party, command.reading_id)
        scope.recorded_call(unit, command.actor, reading.call_id)
        party = replace(party, read_aloud=None)
        told = events.read_aloud_ended(
            party, reading.line, reading.sha256, whole=command.whole, seconds=command.seconds
        )
        save(unit, with_party(case, party), command.actor, now, [told])


def _going_on(party: Party, reading_id: str) -> Reading:
    reading = party.read_aloud
    if reading is None or not reading_id or reading.reading_id != reading_id:
        raise ConflictError("这一条没有在播放", "")
    return reading


HANDLERS: dict[type[Command], Handler] = {ReadAloud: read_aloud, EndReadAloud: end_read_aloud}

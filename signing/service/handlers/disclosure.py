"""Disclosure: the agent reads line by line, the customer's answers are kept with their times."""

from dataclasses import replace
from functools import partial

from signing.domain import events
from signing.domain.case import Case, ScriptLine
from signing.domain.errors import ConflictError, InputError
from signing.domain.helper import require_alone
from signing.domain.party import DisclosureAnswer, Party, PartyEvent, PartyState
from signing.domain.phase import lines_missing, right
from signing.domain.risk.model import Stage
from signing.service import risk
from signing.service.bus import Handler
from signing.service.commands import AnswerLine, Command, ShowLine
from signing.service.handlers.common import require_heard, save, seat_case, step, with_party
from signing.service.services import Services
from signing.service.store import Unit

ANSWERS = ("yes", "no", "repeat", "nodded")


def show_line(command: ShowLine, services: Services) -> None:
    """The line becomes the customer's caption."""
    now = services.clock.now()
    gate(command, services)
    with services.db.write() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        require_identified(party)
        line = line_of(case, party, command.line)
        party = replace(party, prompt_line=line.number)
        save(unit, with_party(case, party), command.actor, now, [events.line_shown(party, line.number, line.text)])


def answer_line(command: AnswerLine, services: Services) -> Party:
    """Disclosure is complete with the last line that gets its answer. A wrong answer stays on record; a nod is none."""
    now = services.clock.now()
    if command.answer not in ANSWERS:
        raise InputError("没有这种回答", "请选：是、不是、请再说一遍、点头")
    gate(command, services)
    with services.db.write() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        require_identified(party)
        line = line_of(case, party, command.line)
        require_alone(party.helper, alone=line.alone)
        require_heard(unit, party)
        answer = DisclosureAnswer(line.number, command.answer, now)
        party = replace(party, answers=(*party.answers, answer), prompt_line=line.number)
        happenings = [events.line_answered(party, answer, right(command.answer, line.expected))]
        if not lines_missing(case, party):
            party = replace(step(party, PartyEvent.DISCLOSURE_COMPLETED), prompt_line=None)
            happenings.append(events.disclosure_completed(party))
        save(unit, with_party(case, party), command.actor, now, happenings)
        return party


def gate(command: ShowLine | AnswerLine, services: Services) -> None:
    """The rules are applied when the disclosure to a party begins; after that only what is still closed counts."""
    with services.db.read() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        require_identified(party)
    if party.prompt_line is None and not party.answers:
        risk.gate(command.actor, services, Stage.DISCLOSURE, partial(_case_to_inform, command))
    else:
        risk.require_open_step(case, Stage.DISCLOSURE, command.actor)


def _case_to_inform(command: ShowLine | AnswerLine, unit: Unit) -> Case:
    return seat_case(unit, command.actor, command.case_id, command.party_id)[0]


def require_identified(party: Party) -> None:
    if party.state is not PartyState.IDENTIFIED:
        raise ConflictError("现在不是风险告知的步骤", "请先完成身份核验；已完成的告知不需要重复")


def line_of(case: Case, party: Party, number: int) -> ScriptLine:
    for line in case.script:
        if line.number == number and line.is_for(party.party_id):
            return line
    raise InputError(f"告知没有第 {number} 条")


HANDLERS: dict[type[Command], Handler] = {ShowLine: show_line, AnswerLine: answer_line}

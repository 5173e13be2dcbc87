"""Disclosure: the agent reads line by line, the customer's answers are kept with their times."""

from dataclasses import replace

from signing.domain import events
from signing.domain.case import Case, ScriptLine
from signing.domain.errors import ConflictError, InputError
from signing.domain.party import DisclosureAnswer, Party, PartyEvent, PartyState
from signing.domain.phase import lines_missing
from signing.service.bus import Handler
from signing.service.commands import AnswerLine, Command, ShowLine
from signing.service.handlers.common import save, seat_case, step, with_party
from signing.service.services import Services

ANSWERS = ("yes", "no", "repeat", "nodded")


def show_line(command: ShowLine, services: Services) -> None:
    """The line becomes the customer's caption."""
    now = services.clock.now()
    with services.db.write() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        _require_identified(party)
        line = _line(case, party, command.line)
        party = replace(party, prompt_line=line.number)
        save(unit, with_party(case, party), command.actor, now, [events.line_shown(party, line.number, line.text)])


def answer_line(command: AnswerLine, services: Services) -> Party:
    """Disclosure is complete with the last line that gets its answer. A wrong answer stays on record."""
    now = services.clock.now()
    if command.answer not in ANSWERS:
        raise InputError("没有这种回答", "请选：是、不是、请再说一遍、点头")
    with services.db.write() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        _require_identified(party)
        line = _line(case, party, command.line)
        answer = DisclosureAnswer(line.number, command.answer, now)
        party = replace(party, answers=(*party.answers, answer), prompt_line=line.number)
        right = line.expected is None or line.expected == command.answer
        happenings = [events.line_answered(party, answer, right and command.answer != "repeat")]
        if not lines_missing(case, party):
            party = replace(step(party, PartyEvent.DISCLOSURE_COMPLETED), prompt_line=None)
            happenings.append(events.disclosure_completed(party))
        save(unit, with_party(case, party), command.actor, now, happenings)
        return party


def _require_identified(party: Party) -> None:
    if party.state is not PartyState.IDENTIFIED:
        raise ConflictError("现在不是风险告知的步骤", "请先完成身份核验；已完成的告知不需要重复")


def _line(case: Case, party: Party, number: int) -> ScriptLine:
    for line in case.script:
        if line.number == number and line.is_for(party.party_id):
            return line
    raise InputError(f"告知没有第 {number} 条")


HANDLERS: dict[type[Command], Handler] = {ShowLine: show_line, AnswerLine: answer_line}

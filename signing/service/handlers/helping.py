"""Helpers at a customer's side: declared, out of the picture for what must be answered alone, gone."""

from dataclasses import replace

from signing.domain import events
from signing.domain.case import Case
from signing.domain.errors import ConflictError, NotFound
from signing.domain.helper import Helper, aside, checked, returned
from signing.domain.party import Party, PartyState
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.handlers.common import customer, save, seat_case, with_party
from signing.service.helper_commands import DeclareHelper, DismissHelper, MoveHelper
from signing.service.services import Services
from signing.service.store import Unit


def declare(command: DeclareHelper, services: Services) -> Party:
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        case, party = _whose(unit, command)
        if party.state in (PartyState.SIGNED, PartyState.REFUSED):
            raise ConflictError("这位客户的手续已经结束", "不需要再登记协助人")
        by = "customer" if actor.kind == "party" else "agent"
        said = Helper(command.name, command.relation, by, now, command.id_number, command.phone)
        helper = checked(said, [one.id_number for one in case.parties])
        party = replace(party, helper=helper)
        save(unit, with_party(case, party), actor, now, [events.helper_declared(party, helper)])
        return party


def dismiss(command: DismissHelper, services: Services) -> Party:
    now = services.clock.now()
    with services.db.write() as unit:
        case, party = _whose(unit, command)
        if command.actor.kind == "party" and unit.queue.live_leg_of(party.party_id) is not None:
            raise ConflictError("通话中不能自行取消协助人", "请告诉客户经理，由客户经理确认协助人已离开后取消")
        helper = _helper(party)
        party = replace(party, helper=None)
        save(unit, with_party(case, party), command.actor, now, [events.helper_dismissed(party, helper)])
        return party


def move(command: MoveHelper, services: Services) -> Party:
    now = services.clock.now()
    with services.db.write() as unit:
        case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
        before = _helper(party)
        helper = aside(before, now) if command.aside else returned(before)
        if helper == before:
            return party
        party = replace(party, helper=helper)
        save(unit, with_party(case, party), command.actor, now, [events.helper_moved(party, helper)])
        return party


def _whose(unit: Unit, command: DeclareHelper | DismissHelper) -> tuple[Case, Party]:
    if command.actor.kind == "party":
        return customer(unit, command.actor)
    case, party, _ = seat_case(unit, command.actor, command.case_id, command.party_id)
    return case, party


def _helper(party: Party) -> Helper:
    if party.helper is None:
        raise NotFound("没有登记协助人", "请先登记协助人")
    return party.helper


HANDLERS: dict[type[Command], Handler] = {DeclareHelper: declare, DismissHelper: dismiss, MoveHelper: move}

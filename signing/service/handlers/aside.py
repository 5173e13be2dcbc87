"""One customer apart from the others in a call: not heard, or talked to alone."""

from dataclasses import replace

from signing.domain import events
from signing.domain.call import Call, Leg
from signing.domain.call import alone as held_apart
from signing.service.bus import Handler
from signing.service.commands import Command, MuteParty, TalkAlone
from signing.service.handlers import legs
from signing.service.handlers.calls import seat_call
from signing.service.handlers.common import chain, party_of
from signing.service.services import Services


def mute_party(command: MuteParty, services: Services) -> Leg:
    """→ the party's leg; the same wish again changes nothing."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        call, case = seat_call(unit, command.call_id, actor)
        leg = legs.open_leg(unit, call, command.party_id)
        if leg.muted is command.muted:
            return leg
        leg = replace(leg, muted=command.muted)
        unit.queue.save_leg(leg)
        chain(unit, case, actor, now, [events.party_muted(party_of(case, leg.party_id), call, leg.muted)])
        return leg


def talk_alone(command: TalkAlone, services: Services) -> Call:
    """→ the call; the same wish again changes nothing. Another party than before: those two change places."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        call, case = seat_call(unit, command.call_id, actor)
        if call.alone_with == command.party_id:
            return call
        happened = [] if call.alone_with is None else legs.end_alone(unit, call, case, now)
        if command.party_id is not None:
            leg = legs.open_leg(unit, call, command.party_id)
            changed = held_apart(legs.open_legs(unit, call), leg.party_id, now)
            for one in changed:
                unit.queue.save_leg(one)
            unit.queue.save_call(replace(unit.queue.call(call.call_id), alone_with=leg.party_id))
            others = legs.parties_of(case, [one for one in changed if one.apart])
            happened.append(events.alone_began(party_of(case, leg.party_id), call, others))
        chain(unit, case, actor, now, happened)
        return unit.queue.call(call.call_id)


HANDLERS: dict[type[Command], Handler] = {MuteParty: mute_party, TalkAlone: talk_alone}

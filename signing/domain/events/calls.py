"""The queue, and the calls of a case with their parties by name."""

from collections.abc import Sequence

from signing.domain.call import OUTCOME_TITLES, Call, Outcome
from signing.domain.events.base import Body, Happening, label, of
from signing.domain.masking import mask_name
from signing.domain.party import Party


def queue_joined(party: Party, ticket_id: str, priority: str, returning: bool) -> Happening:
    """Events of earlier versions name no ticket."""
    kind = "queue.rejoined" if returning else "queue.joined"
    return of(party, kind, ticket_id=ticket_id, priority=priority)


def queue_left(party: Party, ticket_id: str) -> Happening:
    return of(party, "queue.left", ticket_id=ticket_id)


def call_connected(party: Party, call: Call, seat_label: str) -> Happening:
    agent = mask_name(call.agent_name)
    return of(party, "call.connected", call_id=call.call_id, seat=seat_label, agent=agent)


def call_joined(party: Party, call: Call, seat_label: str, returning: bool) -> Happening:
    """Into a call that was live already."""
    return of(party, "call.rejoined" if returning else "call.joined", call_id=call.call_id, seat=seat_label)


def party_held(party: Party, call: Call, held: bool) -> Happening:
    return of(party, "call.held" if held else "call.resumed", call_id=call.call_id)


def party_muted(party: Party, call: Call, muted: bool) -> Happening:
    return of(party, "call.muted" if muted else "call.unmuted", call_id=call.call_id)


def alone_began(party: Party, call: Call, others: Sequence[Party]) -> Happening:
    """``others`` are on hold from now on."""
    held = {"held_ids": [one.party_id for one in others], "held": "、".join(label(one) for one in others)}
    return of(party, "call.alone_began", call_id=call.call_id, **held)


def alone_ended(party: Party, call: Call, others: Sequence[Party]) -> Happening:
    """``others`` are back in the call."""
    back = {"back_ids": [one.party_id for one in others], "back": "、".join(label(one) for one in others)}
    return of(party, "call.alone_ended", call_id=call.call_id, **back)


def party_removed(party: Party, call: Call, reason: str, requeued: bool) -> Happening:
    return of(party, "call.left", call_id=call.call_id, reason=reason, requeued=requeued)


def call_dropped(party: Party, call: Call, reason: str) -> Happening:
    return of(party, "call.dropped", call_id=call.call_id, reason=reason)


def call_ended(parties: Sequence[Party], call: Call, missing: list[str]) -> Happening:
    return _call(call, "call.ended", parties, reason=call.reason, missing=missing)


def transfer_requested(parties: Sequence[Party], call: Call, to_seat: str, reason: str) -> Happening:
    return _call(call, "call.transfer_requested", parties, to_seat=to_seat, reason=reason)


def transfer_failed(call: Call, to_seat: str, outcome: str) -> Happening:
    return _call(call, "call.transfer_failed", (), to_seat=to_seat, outcome=outcome)


def call_handed_over(parties: Sequence[Party], call: Call, seat_label: str, reason: str, taken: bool) -> Happening:
    """``call`` is the new one; ``taken``: by a supervisor at once, without a ring."""
    kind = "call.taken_over" if taken else "call.handed_over"
    agent = mask_name(call.agent_name)
    return _call(call, kind, parties, follows=call.follows, seat=seat_label, agent=agent, reason=reason)


def listening_changed(call: Call, name: str, listening: bool) -> Happening:
    kind = "call.listening_started" if listening else "call.listening_stopped"
    return _call(call, kind, (), supervisor=mask_name(name))


def whisper_changed(call: Call, name: str, on: bool) -> Happening:
    return _call(call, "call.whisper_started" if on else "call.whisper_stopped", (), supervisor=mask_name(name))


def call_wrapped_up(call: Call) -> Happening:
    outcome = call.outcome or Outcome.NOT_STATED
    words = {"outcome": outcome.value, "outcome_title": OUTCOME_TITLES[outcome], "note": call.outcome_note}
    return _call(call, "call.wrapped_up", (), seconds=call.wrap_up_seconds, **words)


def _call(call: Call, type_: str, parties: Sequence[Party], **body: object) -> Happening:
    """Of a call as a whole; ``parties`` are those it concerns, empty where it concerns the agent's side only."""
    whom: Body = {"call_id": call.call_id}
    if parties:
        whom |= {
            "party_ids": [party.party_id for party in parties],
            "parties": "、".join(label(party) for party in parties),
        }
    return Happening(type_, {**whom, **body})

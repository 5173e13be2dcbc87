"""Every state × event pair of every machine: where the table leads, and that nothing else leads anywhere."""

import re
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from signing.domain.call import (
    CALL,
    LEG,
    TRANSFER,
    CallEvent,
    CallState,
    LegEvent,
    LegState,
    TransferEvent,
    TransferState,
)
from signing.domain.case import DocumentState, RecordingState
from signing.domain.document import DOCUMENT, DocumentEvent
from signing.domain.errors import IllegalEvent
from signing.domain.machine import Machine
from signing.domain.party import PARTY, PartyEvent, PartyState
from signing.domain.queue import TICKET, TicketEvent, TicketState
from signing.domain.recording import RECORDING, RecordingEvent
from signing.domain.seat import SEAT, SeatEvent, SeatState

MACHINES: list[tuple[Machine[Any, Any], type[StrEnum], type[StrEnum]]] = [
    (SEAT, SeatState, SeatEvent),
    (TICKET, TicketState, TicketEvent),
    (CALL, CallState, CallEvent),
    (LEG, LegState, LegEvent),
    (TRANSFER, TransferState, TransferEvent),
    (DOCUMENT, DocumentState, DocumentEvent),
    (RECORDING, RecordingState, RecordingEvent),
    (PARTY, PartyState, PartyEvent),
]
PAIRS = [
    pytest.param(machine, state, event, id=f"{machine.name}-{state}-{event}")
    for machine, states, events in MACHINES
    for state, event in product(states, events)
]


@pytest.mark.parametrize(("machine", "state", "event"), PAIRS)
def test_each_pair_follows_the_table_or_is_refused(machine: Machine[Any, Any], state: StrEnum, event: StrEnum) -> None:
    before = dict(machine.table)
    if (state, event) in machine.table:
        assert machine.next(state, event) is machine.table[state, event]
        assert machine.allows(state, event)
    else:
        with pytest.raises(IllegalEvent) as refused:
            machine.next(state, event)
        assert machine.titles[state] in refused.value.message
        assert not re.search("[A-Za-z_]", refused.value.message), "people read it"
        assert not machine.allows(state, event)
    assert machine.table == before


@pytest.mark.parametrize("machine", [row[0] for row in MACHINES], ids=lambda machine: machine.name)
def test_every_state_has_a_title_and_can_be_reached(machine: Machine[Any, Any]) -> None:
    reached, waiting = {machine.initial}, [machine.initial]
    while waiting:
        here = waiting.pop()
        after = {to for (state, _), to in machine.table.items() if state is here} - reached
        reached |= after
        waiting += after
    assert reached == set(machine.initial.__class__.__members__.values()) == set(machine.titles)


FINAL: dict[str, set[StrEnum]] = {
    "seat": set(),
    "ticket": {TicketState.DONE, TicketState.LEFT},
    "call": {CallState.DROPPED, CallState.ENDED},
    "leg": {LegState.DROPPED, LegState.LEFT},
    "transfer": {*TransferState} - {TransferState.RINGING},
    "document": {DocumentState.SEALED, DocumentState.VOID},
    "recording": {RecordingState.VERIFIED, RecordingState.LOST},
    "party": {PartyState.REMOVED},
}


@pytest.mark.parametrize("machine", [row[0] for row in MACHINES], ids=lambda machine: machine.name)
def test_what_is_final_stays(machine: Machine[Any, Any]) -> None:
    states = set(machine.initial.__class__.__members__.values())
    leaving = {state for (state, _), after in machine.table.items() if after is not state}
    # A customer who signed may still prove the code on another phone, which moves nothing.
    assert states - leaving - {PartyState.SIGNED} == FINAL[machine.name]


def test_a_seat_that_rings_or_talks_cannot_log_out() -> None:
    for state in (SeatState.RINGING, SeatState.ON_CALL):
        assert not SEAT.allows(state, SeatEvent.LOGGED_OUT)


def test_a_lost_seat_is_offline_whatever_it_did() -> None:
    assert {SEAT.next(state, SeatEvent.LOST) for state in SeatState} == {SeatState.OFFLINE}


def walk(state: PartyState, taken: list[PartyEvent]) -> PartyState:
    for event in taken:
        state = PARTY.next(state, event)
    return state


def test_nobody_signs_before_reading_and_nobody_reads_before_identity() -> None:
    way = [PartyEvent.IDENTITY_ACCEPTED, PartyEvent.DISCLOSURE_COMPLETED, PartyEvent.READING_COMPLETED]
    for skipped in way:
        taken = [event for event in way if event is not skipped]
        with pytest.raises(IllegalEvent):
            walk(PartyState.READY, [*taken, PartyEvent.ALL_SIGNED])

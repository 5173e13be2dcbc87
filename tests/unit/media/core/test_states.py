"""Every state × event pair of both tables."""

import itertools

import pytest

from media.core.states import (
    CALL_TABLE,
    PEER_TABLE,
    CallEvent,
    CallState,
    PeerEvent,
    PeerState,
    next_call,
    next_peer,
    peer_event,
)
from media.errors import CommandRefused


@pytest.mark.parametrize(("state", "event"), list(itertools.product(CallState, CallEvent)))
def test_call_follows_its_table_or_refuses(state: CallState, event: CallEvent) -> None:
    if (state, event) in CALL_TABLE:
        assert next_call(state, event) is CALL_TABLE[state, event]
    else:
        with pytest.raises(CommandRefused):
            next_call(state, event)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(PeerState, PeerEvent)))
def test_peer_follows_its_table_or_refuses(state: PeerState, event: PeerEvent) -> None:
    if (state, event) in PEER_TABLE:
        assert next_peer(state, event) is PEER_TABLE[state, event]
    else:
        with pytest.raises(CommandRefused):
            next_peer(state, event)


def test_a_closed_call_is_closed_for_ever() -> None:
    assert not any(state is CallState.CLOSED for state, _ in CALL_TABLE)
    assert not any(state is PeerState.CLOSED for state, _ in PEER_TABLE)


def test_a_lost_customer_may_come_back_and_every_open_peer_may_be_lost_or_closed() -> None:
    assert next_peer(PeerState.LOST, PeerEvent.OFFERED) is PeerState.CONNECTING
    assert next_peer(PeerState.LOST, PeerEvent.CONNECTED) is PeerState.CONNECTED
    for state in set(PeerState) - {PeerState.CLOSED}:
        assert next_peer(state, PeerEvent.CLOSED) is PeerState.CLOSED


@pytest.mark.parametrize(
    ("word", "event"),
    [
        ("connected", PeerEvent.CONNECTED),
        ("failed", PeerEvent.LOST),
        ("disconnected", PeerEvent.LOST),
        ("closed", PeerEvent.CLOSED),
        ("connecting", None),
        ("new", None),
    ],
)
def test_words_of_the_specification(word: str, event: PeerEvent | None) -> None:
    assert peer_event(word) is event

"""The credit system's states, derived from the case."""

from dataclasses import replace

import pytest

from signing.domain.case import DocumentState, Package
from signing.domain.core_state import CORE_STATE_TITLES, CoreState, core_state
from signing.domain.party import PartyState
from signing.wire.core import CoreState as WireState
from tests.unit.domain.factories import NOW, make_case, make_document, make_party

SEALED = replace(make_document(), state=DocumentState.SEALED)


@pytest.mark.parametrize("state", [one for one in PartyState if one is not PartyState.SIGNED])
def test_open_until_all_have_signed(state: PartyState) -> None:
    assert core_state(make_case(make_party(state))) is CoreState.OPEN


def test_on_from_there() -> None:
    signed = make_case(make_party(PartyState.SIGNED))
    assert core_state(signed) is CoreState.SIGNED
    sealed = replace(signed, documents=(SEALED,))
    assert core_state(sealed) is CoreState.SEALED
    assert core_state(replace(sealed, package=Package("a" * 64, 1, NOW))) is CoreState.CLOSED


def test_two_parties_must_both_have_signed() -> None:
    first = make_party(PartyState.SIGNED)
    case = replace(make_case(first), parties=(first, make_party(PartyState.READ, "p2")))
    assert core_state(case) is CoreState.OPEN


def test_what_ended_is_ended() -> None:
    for state in (PartyState.INVITED, PartyState.SIGNED):
        assert core_state(replace(make_case(make_party(state)), abort_reason="客户不办了")) is CoreState.ENDED


def test_every_state_has_its_words_and_its_name_on_the_wire() -> None:
    assert set(CORE_STATE_TITLES) == set(CoreState)
    assert {one.value for one in WireState} == {one.value for one in CoreState}

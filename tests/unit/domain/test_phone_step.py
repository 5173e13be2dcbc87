"""The customer's screen follows from what is done, and never asks twice."""

from dataclasses import replace

import pytest

from signing.domain.document import seal, sign
from signing.domain.party import CardSide, Consent, Identity, Party, PartyState, Role
from signing.domain.phase import CONSENTS
from signing.domain.phone_step import PhoneStep, Place, place_of
from tests.unit.domain.factories import NOW, finished_case, make_case, make_document, make_party, make_signature


def step(party: Party, *, in_call: bool = False) -> PhoneStep:
    return place_of(make_case(party), party, in_call=in_call).step


def test_consents_one_screen_each_in_their_order() -> None:
    party, seen = make_party(PartyState.ENTERED), []
    for kind in CONSENTS:
        seen.append(step(party))
        party = replace(party, consents=(*party.consents, Consent(kind, kind != "face", "0" * 64, NOW)))
    assert seen == [
        PhoneStep.CONSENT_RECORDING,
        PhoneStep.CONSENT_FACE,
        PhoneStep.CONSENT_PERSONAL,
        PhoneStep.CONSENT_CREDIT,
    ]
    assert step(replace(party, state=PartyState.CONSENTED)) is PhoneStep.PRECHECK


@pytest.mark.parametrize("role", list(Role))
def test_who_neither_owes_nor_secures_is_not_asked_for_a_credit_inquiry(role: Role) -> None:
    party = replace(make_party(PartyState.ENTERED), role=role)
    given = tuple(Consent(kind, True, "0" * 64, NOW) for kind in CONSENTS[:-1])
    asked = step(replace(party, consents=given)) is PhoneStep.CONSENT_CREDIT
    assert asked == (role not in (Role.PRINCIPAL, Role.ATTORNEY, Role.CUSTODIAN, Role.POLICYHOLDER))


@pytest.mark.parametrize("state", [PartyState.READY, PartyState.IDENTIFIED, PartyState.INFORMED, PartyState.READ])
def test_without_a_call_what_needs_the_agent_waits_in_the_queue(state: PartyState) -> None:
    assert step(make_party(state)) is PhoneStep.QUEUE
    assert step(make_party(state), in_call=True) is not PhoneStep.QUEUE


def test_cards_then_waiting_for_the_agent() -> None:
    front = CardSide("front", NOW, "1" * 64, True)
    back = replace(front, side="back")
    party = make_party(PartyState.READY)
    assert step(party, in_call=True) is PhoneStep.ID_FRONT
    assert step(replace(party, identity=Identity(front)), in_call=True) is PhoneStep.ID_BACK
    assert step(replace(party, identity=Identity(front, back)), in_call=True) is PhoneStep.AWAIT_IDENTITY
    assert step(make_party(PartyState.IDENTIFIED), in_call=True) is PhoneStep.DISCLOSURE


def test_each_document_is_read_then_signed_before_the_next() -> None:
    first, second = make_document("d1", 1), make_document("d2", 1)
    party = make_party(PartyState.INFORMED)
    assert place_of(make_case(party, (first, second)), party, in_call=True) == Place(PhoneStep.READING, "d1")
    party = replace(party, reading={"d1": {1: 700}})
    assert place_of(make_case(party, (first, second)), party, in_call=True) == Place(PhoneStep.SIGNING, "d1")
    first = sign(first, make_signature())
    assert place_of(make_case(party, (first, second)), party, in_call=True) == Place(PhoneStep.READING, "d2")


def test_the_end() -> None:
    case = finished_case()
    (party,) = case.parties
    assert place_of(case, party, in_call=True).step is PhoneStep.AWAIT_SEAL
    sealed = replace(case, documents=(seal(case.documents[0], "9" * 64),))
    assert place_of(sealed, party, in_call=False).step is PhoneStep.DONE
    assert place_of(replace(case, abort_reason="x"), party, in_call=True).step is PhoneStep.ENDED
    assert step(make_party(PartyState.REFUSED)) is PhoneStep.ENDED

"""How cases end and stop, and what staff may do to them in which state."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signing.domain.case import ENDING_SENTENCES, ENDING_TITLES, Case, DocumentState, Ending, Package
from signing.domain.document import seal
from signing.domain.errors import ConflictError
from signing.domain.lifecycle import (
    CASE_LIFE,
    Operation,
    dispensable,
    ending_by_staff,
    expiry_of,
    first_expiry,
    locked,
    may_refuse,
    require,
    require_going_on,
)
from signing.domain.party import PartyState, Role
from signing.domain.phase import Phase, ending_of, is_open, is_stopped, phase_of, seal_blocked_by
from signing.domain.phone_step import PhoneStep, place_of
from tests.unit.domain.factories import NOW, finished_case, make_case, make_party, make_product

REFUSED = make_case(make_party(PartyState.REFUSED))
DONE = finished_case()
SEALED = replace(DONE, documents=(seal(DONE.documents[0], "9" * 64),), seal_requested_at=NOW)
CLOSED = replace(SEALED, package=Package("9" * 64, 1, NOW))


@pytest.mark.parametrize("ending", Ending)
def test_the_phase_of_an_ended_case_says_how_it_ended(ending: Ending) -> None:
    case = replace(make_case(), ending=ending, abort_reason="不办了")
    assert phase_of(case, waiting=True, in_call=True).value == ending.value
    assert not is_open(case)
    assert not is_stopped(replace(case, parties=REFUSED.parties))
    assert seal_blocked_by(case) == [f"业务{ENDING_TITLES[ending]}：不办了"]
    assert place_of(case, case.parties[0], in_call=True).step is PhoneStep.ENDED
    assert set(locked(case)) == set(Operation)
    assert ENDING_SENTENCES[ending]


def test_a_case_of_the_first_version_was_aborted() -> None:
    assert ending_of(replace(make_case(), abort_reason="x")) is Ending.ABORTED
    assert ending_of(make_case()) is None


def test_a_refusal_stops_the_case_for_everybody_and_ends_it_for_nobody() -> None:
    other = replace(make_party(PartyState.READY, "p2"), name="李大山")
    case = replace(REFUSED, parties=(*REFUSED.parties, other))
    assert is_stopped(case)
    assert is_open(case)
    assert phase_of(case, in_call=True) is Phase.STOPPED
    assert place_of(case, case.parties[0], in_call=True).step is PhoneStep.ENDED
    assert place_of(case, other, in_call=True).step is PhoneStep.STOPPED
    assert place_of(case, replace(other, state=PartyState.INVITED), in_call=False).step is PhoneStep.CODE
    with pytest.raises(ConflictError, match="借款人王"):
        require_going_on(case)
    require_going_on(make_case())
    assert ending_by_staff(case) is Ending.REFUSED
    assert ending_by_staff(make_case()) is Ending.ABORTED


@pytest.mark.parametrize(
    ("case", "allowed"),
    [
        (make_case(), {*Operation}),
        (REFUSED, {*Operation} - {Operation.REFUSE}),
        (DONE, {Operation.INVITE, Operation.ABORT, Operation.WITHDRAW}),
        (replace(DONE, seal_requested_at=NOW), {Operation.INVITE}),
        (SEALED, {Operation.INVITE}),
        (CLOSED, {Operation.INVITE}),
        (replace(make_case(), abort_reason="x"), set()),
    ],
)
def test_what_staff_may_do(case: Case, allowed: set[Operation]) -> None:
    assert {*Operation} - set(locked(case)) == allowed
    for operation in Operation:
        if operation in allowed:
            require(case, operation)
        else:
            with pytest.raises(ConflictError, match=locked(case)[operation]):
                require(case, operation)


def test_nobody_is_said_to_have_signed_who_has_refused() -> None:
    assert locked(REFUSED)[Operation.REFUSE] == "当事人都已签署，或已不再办理"
    assert locked(DONE)[Operation.REFUSE] == "当事人都已签署完毕"


def test_the_first_signature_closes_the_terms_also_while_others_have_still_to_sign() -> None:
    document = replace(DONE.documents[0], state=DocumentState.FROZEN, signer_party_ids=("p1", "p2"))
    case = replace(DONE, documents=(document,), parties=(*DONE.parties, make_party(PartyState.READ, "p2")))
    assert "签过的内容不能再改" in locked(case)[Operation.CHANGE_TERMS]
    assert Operation.REFUSE not in locked(case)


@pytest.mark.parametrize("state", PartyState)
def test_everybody_may_refuse_until_they_have_signed_everything(state: PartyState) -> None:
    gone = (PartyState.SIGNED, PartyState.REFUSED, PartyState.REMOVED)
    assert may_refuse(make_party(state)) is (state not in gone)


def test_who_can_be_done_without() -> None:
    product, borrower = make_product(), make_party()
    helper = replace(make_party(party_id="p2"), role=Role.CO_BORROWER)
    case = replace(make_case(), parties=(borrower, helper))
    assert not dispensable(product, case, borrower)
    assert dispensable(product, case, helper)
    signed = replace(case, documents=DONE.documents)
    assert not dispensable(product, signed, helper)


def test_the_end_by_time() -> None:
    product = make_product()
    assert first_expiry(product, NOW) == NOW + CASE_LIFE
    assert first_expiry(product, NOW, timedelta(days=3)) == NOW + timedelta(days=3)
    assert first_expiry(replace(product, valid_days=7), NOW, timedelta(days=3)) == NOW + timedelta(days=7)
    until = NOW + CASE_LIFE
    assert expiry_of(replace(make_case(), expires_at=until)) == until
    assert expiry_of(replace(REFUSED, expires_at=until)) == until
    for over in (DONE, CLOSED, replace(make_case(), abort_reason="x"), make_case()):
        assert expiry_of(replace(over, expires_at=None if over == make_case() else until)) is None

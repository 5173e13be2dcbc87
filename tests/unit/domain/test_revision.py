"""What a change of terms does to the facts, and how far each party is thrown back."""

from dataclasses import replace
from decimal import Decimal

import pytest

from signing.domain.case import DocumentState
from signing.domain.errors import IllegalEvent, InputError, NotFound
from signing.domain.party import PARTY, Identity, IdentityDecision, Party, PartyEvent, PartyState, Role
from signing.domain.revision import (
    PartyCorrection,
    TermsChange,
    as_they_were,
    changed_terms,
    corrected,
    other_people,
    others_are_liable,
    redrawn,
    revised_parties,
    thrown_back,
)
from tests.unit.domain.factories import NOW, finished_party, make_case, make_document, make_party, make_terms

S = PartyState
READER = replace(finished_party(), state=S.READ, identity=Identity(decision=IdentityDecision(True, "", "张", NOW)))


def test_terms_change_only_where_they_are_named() -> None:
    before = make_terms()
    after = changed_terms(before, TermsChange(amount=Decimal("90000.00"), purpose="购买肥料"))
    assert after == replace(before, amount=Decimal("90000.00"), purpose="购买肥料")
    assert changed_terms(before, TermsChange()) == before
    assert changed_terms(None, TermsChange()) is None
    with pytest.raises(InputError, match="不是借款"):
        changed_terms(None, TermsChange(term_months=6))


@pytest.mark.parametrize(
    ("state", "after"),
    [(S.INVITED, S.INVITED), (S.ENTERED, S.ENTERED), (S.CONSENTED, S.CONSENTED), (S.READY, S.READY),
     (S.IDENTIFIED, S.IDENTIFIED), (S.INFORMED, S.IDENTIFIED), (S.READ, S.IDENTIFIED)],
)  # fmt: skip
def test_nobody_keeps_more_than_their_identity(state: PartyState, after: PartyState) -> None:
    party = thrown_back(replace(READER, state=state, prompt_line=2))
    assert (party.state, party.answers, party.reading, party.prompt_line) == (after, (), {}, None)
    assert (party.consents, party.identity) == (READER.consents, READER.identity)


def test_a_signature_cannot_be_thrown_back() -> None:
    for event in (PartyEvent.TERMS_CHANGED, PartyEvent.IDENTITY_CHANGED, PartyEvent.PHONE_CHANGED, PartyEvent.REMOVED):
        with pytest.raises(IllegalEvent):
            PARTY.next(S.SIGNED, event)


def correct(party: Party, **change: object) -> Party:
    return corrected(party, PartyCorrection(party.party_id, **change))  # type: ignore[arg-type]


def test_a_right_name_or_number_asks_for_the_identity_again_and_keeps_the_consents() -> None:
    for change in ({"name": "王建军"}, {"id_number": "110105194912310021"}):
        party = correct(READER, **change)
        assert (party.state, party.identity, party.consents) == (S.READY, Identity(), READER.consents)
    assert correct(READER, name=READER.name, id_number=READER.id_number.lower()) == READER


def test_a_right_phone_asks_for_everything_again() -> None:
    party = correct(READER, phone="13900139000")
    assert (party.state, party.consents, party.precheck, party.identity) == (S.INVITED, (), None, Identity())


def test_address_and_share_ask_for_nothing() -> None:
    party = correct(READER, address="新村 3 号", share_percent=Decimal(40), changes_share=True)
    assert (party.state, party.address, party.share_percent) == (S.READ, "新村 3 号", Decimal(40))
    assert correct(party, address="新村 4 号").share_percent == Decimal(40)
    assert correct(party, changes_share=True).share_percent is None


def test_who_comes_who_stays_and_who_leaves() -> None:
    refused, stays = replace(READER, party_id="p1", state=S.REFUSED), replace(READER, party_id="p2")
    case = replace(make_case(), parties=(refused, stays))
    added = make_party(party_id="p3")
    parties, left = revised_parties(case, [PartyCorrection("p2", name="李四")], [added], ["p1"])
    assert [(one.party_id, one.state) for one in parties] == [("p2", S.READY), ("p3", S.INVITED)]
    assert [(one.party_id, one.state) for one in left] == [("p1", S.REMOVED)]
    with pytest.raises(NotFound):
        revised_parties(case, [], [], ["p9"])


def test_old_papers_are_void_and_kept_and_one_that_is_the_same_stays() -> None:
    contract, consent = make_document("d1"), replace(make_document("d2"), revisions=("b" * 64,))
    case = replace(make_case(), documents=(contract, consent))
    other = replace(make_document("d3"), revisions=("c" * 64,))
    once = redrawn(case, (other, replace(consent, document_id="d4")))
    assert once.documents == (other, consent)
    assert [(one.document_id, one.state) for one in once.superseded] == [("d1", DocumentState.VOID)]
    twice = redrawn(once, (replace(other, document_id="d5", signer_party_ids=("p1", "p2")), consent))
    assert [one.document_id for one in twice.superseded] == ["d1", "d3"]
    assert [one.document_id for one in twice.documents] == ["d5", "d2"]


def test_who_is_somebody_else() -> None:
    borrower, pledgor = make_party(), replace(make_party(), party_id="party_x", role=Role.PLEDGOR)
    before = replace(make_case(), parties=(borrower, pledgor))
    assert other_people(before, replace(before, parties=(replace(borrower, address="新址"), pledgor))) == frozenset()
    for change in ({"name": "王建军"}, {"id_number": "110105194912310021"}, {"phone": "13900139000"}):
        after = replace(before, parties=(replace(borrower, **change), pledgor))  # type: ignore[arg-type]
        assert other_people(before, after) == {borrower.party_id}
        assert others_are_liable(before, after)
        after = replace(before, parties=(borrower, replace(pledgor, **change)))  # type: ignore[arg-type]
        assert other_people(before, after) == {"party_x"}
        assert not others_are_liable(before, after), "a pledgor owes nothing"
    gone = replace(before, parties=(pledgor,))
    assert others_are_liable(before, gone)
    assert others_are_liable(gone, before)


def test_what_was_wrong_is_kept_to_be_masked() -> None:
    before = replace(make_case(), parties=(READER,))
    assert as_they_were(before, (replace(READER, address="新址"),)) == ()
    assert as_they_were(before, ()) == (), "who left is kept whole elsewhere"
    (wrong,) = as_they_were(before, (replace(READER, phone="13900139000"),))
    assert (wrong.name, wrong.id_number, wrong.phone) == (READER.name, READER.id_number, READER.phone)
    assert wrong.identity == Identity(), "and nothing of their way"

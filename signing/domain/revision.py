"""A change of terms before the first signature: which facts of a case change, and what each party keeps of their way.

What was read out, shown and answered is no longer the contract, so nobody keeps more than their identity; and that
only where the person whom it was about, and the phone it was proven on, are still the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from signing.domain.case import Case, Document, RepaymentMethod, Terms
from signing.domain.document import void
from signing.domain.errors import InputError, NotFound
from signing.domain.party import PARTY, Identity, Party, PartyEvent, Role


@dataclass(frozen=True)
class TermsChange:
    """Amount in yuan, rate in percent a year; None: as before."""

    amount: Decimal | None = None
    annual_rate_percent: Decimal | None = None
    term_months: int | None = None
    repayment_method: RepaymentMethod | None = None
    purpose: str | None = None
    account: str | None = None


AS_BEFORE = TermsChange()
LIABLE = frozenset({Role.BORROWER, Role.CO_BORROWER, Role.GUARANTOR})
"""Who answers for the debt with all they have."""


@dataclass(frozen=True)
class PartyCorrection:
    """None: as before. ``share_percent`` as it is to be where ``changes_share``, also where that is none."""

    party_id: str
    name: str | None = None
    id_number: str | None = None
    phone: str | None = None
    address: str | None = None
    share_percent: Decimal | None = None
    changes_share: bool = False


def changed_terms(terms: Terms | None, change: TermsChange) -> Terms | None:
    """Raises ``InputError`` where nothing is lent."""
    wanted = {name: value for name, value in vars(change).items() if value is not None}
    if terms is None:
        if wanted:
            raise InputError("这笔业务不是借款，没有金额、利率和期限", "请删去这些内容")
        return None
    return replace(terms, **wanted)


def corrected(party: Party, correction: PartyCorrection) -> Party:
    """The party with the right facts, thrown back as far as these make it necessary."""
    name = party.name if correction.name is None else correction.name.strip()
    number = party.id_number if correction.id_number is None else correction.id_number.upper()
    phone = correction.phone or party.phone
    address = party.address if correction.address is None else correction.address
    share = correction.share_percent if correction.changes_share else party.share_percent
    after = replace(party, name=name, id_number=number, phone=phone, address=address, share_percent=share)
    if (name, number) != (party.name, party.id_number):
        after = replace(_after(after, PartyEvent.IDENTITY_CHANGED), identity=Identity())
    if phone != party.phone:
        # Whoever held the other phone may have given these consents.
        after = replace(_after(after, PartyEvent.PHONE_CHANGED), identity=Identity(), consents=(), precheck=None)
    return after


def thrown_back(party: Party) -> Party:
    """Without what rested on the old terms. Consents stay: their wording speaks of no terms."""
    told = party.hears_again or bool(party.answers)
    after = _after(party, PartyEvent.TERMS_CHANGED)
    return replace(after, answers=(), prompt_line=None, read_aloud=None, reading={}, on_screen={}, hears_again=told)


def _after(party: Party, event: PartyEvent) -> Party:
    return replace(party, state=PARTY.next(party.state, event))


def revised_parties(
    case: Case, corrections: Iterable[PartyCorrection], added: Iterable[Party], removed: Iterable[str]
) -> tuple[tuple[Party, ...], tuple[Party, ...]]:
    """(the parties from now on, those who are none any more). Raises ``NotFound`` for a stranger."""
    known = {party.party_id for party in case.parties}
    by_id, gone = {one.party_id: one for one in corrections}, set(removed)
    if not (set(by_id) | gone) <= known:
        raise NotFound("没有找到要变更的当事人", "请以页面显示的当事人为准")
    stay = [party for party in case.parties if party.party_id not in gone]
    kept = [corrected(party, by_id[party.party_id]) if party.party_id in by_id else party for party in stay]
    left = [_after(party, PartyEvent.REMOVED) for party in case.parties if party.party_id in gone]
    return tuple([thrown_back(party) for party in kept] + list(added)), tuple(left)


def other_people(before: Case, after: Case) -> frozenset[str]:
    """party_ids of whoever came, went, or is not known by the same name, number and phone any more."""
    known, now = ({_who(party) for party in case.parties} for case in (before, after))
    return frozenset(party_id for party_id, *_ in known ^ now)


def as_they_were(before: Case, parties: Iterable[Party]) -> tuple[Party, ...]:
    """Those of ``before`` who are still parties under another name, number or phone, with no more than these facts."""
    now = {party.party_id: _who(party) for party in parties}
    wrong = (party for party in before.parties if now.get(party.party_id, _who(party)) != _who(party))
    return tuple(Party(party.party_id, party.role, party.name, party.id_number, party.phone) for party in wrong)


def others_are_liable(before: Case, after: Case) -> bool:
    """Whether what was said about the debtors and their guarantors was said about other people."""
    other = other_people(before, after)
    return any(party.party_id in other and party.role in LIABLE for party in (*before.parties, *after.parties))


def _who(party: Party) -> tuple[str, str, str, str]:
    return party.party_id, party.name, party.id_number, party.phone


def redrawn(case: Case, drawn: Iterable[Document]) -> Case:
    """With the papers of the new terms. One that came out the same to the byte stays; the others before it are void."""
    same = {(one.frozen_sha256, one.signer_party_ids): one for one in case.documents}
    documents = tuple(same.get((one.frozen_sha256, one.signer_party_ids), one) for one in drawn)
    gone = tuple(void(one) for one in case.documents if one not in documents)
    return replace(case, documents=documents, superseded=(*case.superseded, *gone))

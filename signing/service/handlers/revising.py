"""A change of terms before the first signature: rules run again, papers are made anew, everybody is told.

Making papers is slow and done outside any transaction; what they rest on is compared again before the commit.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from signing.domain import events
from signing.domain.case import Case, party_of
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.events import Happening
from signing.domain.lifecycle import Operation, require, require_going_on
from signing.domain.party import Party
from signing.domain.product import Product
from signing.domain.revision import AS_BEFORE, as_they_were, changed_terms, others_are_liable, redrawn, revised_parties
from signing.domain.security_rules import settled_guarantee, settled_subjects
from signing.service import risk
from signing.service.bus import Handler
from signing.service.commands import Actor, Command, OpenCase, PartyDraft
from signing.service.handlers.cases import check_facts, new_party, with_documents
from signing.service.handlers.common import save
from signing.service.handlers.lifecycle import fresh_link, let_go
from signing.service.lifecycle_commands import ChangeTerms
from signing.service.ports import Institution
from signing.service.queries import case_for
from signing.service.services import Services
from signing.service.store import Unit


def change_terms(command: ChangeTerms, services: Services) -> tuple[Case, dict[str, str]]:
    """→ the case, and the capabilities of those who need a link: who is new, and whose phone was wrong.

    Raises ``RuleBroken`` naming the rule, ``ConflictError`` after the first signature.
    """
    if not command.reason.strip():
        raise InputError("请填写变更的原因", "原因会记入证据链")
    if any(draft.helper is not None for draft in command.added):
        raise InputError("变更时不能登记协助人", "请在接通后由坐席登记协助人")
    now = services.clock.now()
    added = tuple(new_party(draft, services.ids) for draft in command.added)
    with services.db.read() as unit:
        before = _changeable(unit, command)
        product = services.products.get(before.product_id)
        command = _settled(command, product)
        revised = _revised(before, command, added, product, now)
        institution = unit.people.institution(before.institution_id)
        _check(revised, command, services, institution, now)
        risk.change_with_findings(unit, services, before, revised, command.actor, now)
    drawn = with_documents(revised, institution, services, now)
    with services.db.write() as unit:
        current = _changeable(unit, command)
        if _facts(current) != _facts(before):
            raise ConflictError("这笔业务刚刚有了别的变更", "请刷新后重试")
        after = replace(redrawn(_revised(current, command, added, product, now), drawn.documents), script=drawn.script)
        return _commit(unit, services, current, after, command, now)


def _settled(command: ChangeTerms, product: Product) -> ChangeTerms:
    if command.collateral is None:
        return command
    return replace(command, collateral=settled_subjects(product, command.collateral))


def _changeable(unit: Unit, command: ChangeTerms) -> Case:
    """While customers are talking, only at a seat that talks with them, or by a supervisor."""
    actor = command.actor
    case = case_for(unit, actor, command.case_id)
    require(case, Operation.CHANGE_TERMS)
    seats = {call.seat_id for call in unit.queue.live_calls_of(case.case_id)}
    if seats and actor.seat_id not in seats and actor.role != "supervisor":
        raise NotPermitted("当事人正在与其他席位通话", "请由接通的席位变更，或等通话结束")
    if command.in_person_reason:
        _check_override(unit, case, command)
    elif command.in_person_reason is None and not _changes_facts(command):
        raise InputError("没有要变更的内容", "请填写变更后的金额、当事人等；不变更的不必填")
    return case


def _check_override(unit: Unit, case: Case, command: ChangeTerms) -> None:
    """Four eyes, as for every other referral: nobody lets pass what they are changing themselves."""
    risk.check_in_person(unit, case, command.actor, command.in_person_reason or "")
    if _changes_facts(command):
        raise NotPermitted("不能放行自己的变更", "请先由坐席变更业务内容，再由主管单独写明现场面签的理由")


def _changes_facts(command: ChangeTerms) -> bool:
    whole = (command.collateral, command.mandate, command.particulars)
    people = command.corrected or command.added or command.removed
    return bool(people or command.terms != AS_BEFORE or any(one is not None for one in whole))


def _revised(case: Case, command: ChangeTerms, added: Sequence[Party], product: Product, now: datetime) -> Case:
    """The case with other facts, and still with its old papers."""
    require_going_on(replace(case, parties=tuple(one for one in case.parties if one.party_id not in command.removed)))
    parties, left = revised_parties(case, command.corrected, added, command.removed)
    terms = changed_terms(case.terms, command.terms)
    given = case.particulars if command.particulars is None else command.particulars
    changer = () if command.in_person_reason else (command.actor.actor_id,)
    after = replace(
        case,
        terms=terms,
        parties=parties,
        former_parties=(*case.former_parties, *left),
        put_right=(*case.put_right, *as_they_were(case, parties)),
        collateral=case.collateral if command.collateral is None else command.collateral,
        mandate=case.mandate if command.mandate is None else command.mandate,
        particulars=settled_guarantee(product, given, [party.role for party in parties]),
        terms_changed_at=now,
        terms_changers=tuple(dict.fromkeys((*case.terms_changers, *changer))),
    )
    return replace(after, in_person_reason=_override(case, after, command))


def _override(before: Case, after: Case, command: ChangeTerms) -> str:
    """A supervisor's override was for an amount and for people: it holds for less, and for nobody else."""
    if command.in_person_reason is not None:
        return command.in_person_reason.strip()
    more = before.terms is not None and after.terms is not None and after.terms.amount > before.terms.amount
    return "" if more or others_are_liable(before, after) else before.in_person_reason


def _check(revised: Case, command: ChangeTerms, services: Services, institution: Institution, now: datetime) -> None:
    """The product's rules as at opening."""
    opening = OpenCase(
        command.actor,
        revised.product_id,
        revised.terms,
        tuple(_draft(party) for party in revised.parties),
        collateral=revised.collateral,
        mandate=revised.mandate,
        particulars=revised.particulars,
    )
    check_facts(opening, services.products.get(revised.product_id), institution, now)


def _draft(party: Party) -> PartyDraft:
    return PartyDraft(party.role, party.name, party.id_number, party.phone, party.address, party.share_percent)


def _facts(case: Case) -> tuple[object, ...]:
    """What papers are made from, and which papers there are; not how far anybody has come."""
    papers = tuple(document.document_id for document in case.documents)
    people = tuple((party.party_id, _draft(party)) for party in case.parties)
    return case.terms, people, case.collateral, case.mandate, case.particulars, case.in_person_reason, papers


def _commit(
    unit: Unit, services: Services, before: Case, after: Case, command: ChangeTerms, now: datetime
) -> tuple[Case, dict[str, str]]:
    actor = command.actor
    unit.risk.hold(after)
    after, found = risk.change_with_findings(unit, services, before, after, actor, now)
    happened: list[Happening] = [
        events.terms_changed(before, after, command.reason.strip()),
        *found,
        *(events.document_voided(document) for document in before.documents if document not in after.documents),
        *(events.document_frozen(document) for document in after.documents if document not in before.documents),
    ]
    case = save(unit, after, actor, now, happened)
    unit.risk.index(case)
    unit.changes.branch_ids.add(case.branch_id)  # a referral is on the supervisors' boards at once
    links = _tell_parties(unit, services, before, case, actor, now)
    unit.changes.party_ids.update(party.party_id for party in before.parties)
    return case, links


def _tell_parties(
    unit: Unit, services: Services, before: Case, case: Case, actor: Actor, now: datetime
) -> dict[str, str]:
    """Who is none any more, or must prove their phone again, leaves call and queue. → capabilities by party_id."""
    links: dict[str, str] = {}
    known = {party.party_id: party for party in before.parties}
    happened: list[Happening] = []
    for party in case.parties:
        old = known.get(party.party_id)
        if old is None:
            happened.append(events.party_invited(party, _link(unit, services, case, party, now, links)))
        elif old.phone != party.phone:
            happened += [*let_go(unit, case, party, actor, now, "手机号有更正"), events.party_changed(old, party)]
            unit.access.revoke_sessions("party", party.party_id, now, "phone_changed")
            happened.append(events.link_renewed(party, _link(unit, services, case, party, now, links)))
        elif old != party:
            happened.append(events.party_changed(old, party))
    for party_id in set(known) - {party.party_id for party in case.parties}:
        party = party_of(case, party_id)
        unit.access.revoke_links(party_id)
        happened += [*let_go(unit, case, party, actor, now, "不再是当事人"), events.party_left(party)]
    for one in happened:
        unit.cases.append(case.case_id, one, actor, now)
    return links


def _link(unit: Unit, services: Services, case: Case, party: Party, now: datetime, links: dict[str, str]) -> datetime:
    invited = fresh_link(unit, services, case, party, now)
    links[party.party_id] = invited.capability
    return invited.expires_at


HANDLERS: dict[type[Command], Handler] = {ChangeTerms: change_terms}

"""Cases: opening one with its frozen documents and invitations."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from signing.domain import events, rules
from signing.domain.beijing import BEIJING
from signing.domain.case import Case, Document
from signing.domain.errors import InputError, NotFound
from signing.domain.helper import Helper, checked
from signing.domain.lifecycle import first_expiry
from signing.domain.particular_rules import check_particulars
from signing.domain.party import Party, Role
from signing.domain.product import Product
from signing.domain.security_rules import check_collateral, check_guarantee, settled_guarantee, settled_subjects
from signing.service import risk, scope
from signing.service.bus import Handler
from signing.service.commands import Actor, Command, OpenCase, PartyDraft
from signing.service.links import link_expiry
from signing.service.permissions import SYSTEM_KEY
from signing.service.ports import Frozen, Ids, Institution
from signing.service.services import Services
from signing.service.store import Link, Unit

Also = Callable[[Unit, Case, dict[str, str]], None]
"""What else belongs into the transaction of a new case, with each party's capability."""


def _nothing(unit: Unit, case: Case, capabilities: dict[str, str]) -> None:
    """The case alone."""


def open_case(
    command: OpenCase, services: Services, also: Also = _nothing, mark: Callable[[Case], Case] = lambda case: case
) -> tuple[Case, dict[str, str]]:
    """→ the case and each party's capability, which is told only here. Raises ``RuleBroken`` naming the rule.

    ``mark`` puts on the new case what only its caller knows.
    """
    now, product = services.clock.now(), services.products.get(command.product_id)
    with services.db.read() as unit:
        institution = unit.people.institution(command.actor.institution_id)
        branch_id = _branch(unit, command)
    command = settled(command, product, institution)
    check_facts(command, product, institution, now)
    bare = mark(bare_case(command, product, branch_id, services, now))
    try:
        with services.db.read() as unit:
            if command.in_person_reason:
                risk.check_in_person(unit, bare, command.actor, command.in_person_reason)
            risk.open_with_findings(unit, services, bare, now)
        return _opened(bare, institution, command.actor, services, now, also)
    except risk.NotToBeOpened as refused:
        risk.log_refusal(command.actor, services, refused, now)
        raise


def _opened(
    bare: Case, institution: Institution, actor: Actor, services: Services, now: datetime, also: Also
) -> tuple[Case, dict[str, str]]:
    with services.db.write() as unit:
        number = unit.cases.next_number(institution.institution_id, _beijing_day(now))
    case = with_documents(replace(bare, case_no=f"PQ{_beijing_day(now)}{number:04d}"), institution, services, now)
    return store_case(case, actor, services, now, also)


def _branch(unit: Unit, command: OpenCase) -> str:
    """The agent's own, or the one that the credit system names."""
    if command.actor.kind != SYSTEM_KEY:
        return unit.people.staff(command.actor.actor_id).branch_id
    try:
        return scope.branch(unit, command.actor, command.branch_id).branch_id
    except NotFound:
        raise InputError("没有这个网点", "请核对网点编号 branch_id，见 pingqian branch list") from None


def settled(command: OpenCase, product: Product, institution: Institution) -> OpenCase:
    """With what follows from product and institution: reckoning of interest, kinds of collateral and guarantee."""
    terms, collateral = command.terms, settled_subjects(product, command.collateral)
    given = settled_guarantee(product, command.particulars, [draft.role for draft in command.parties])
    if terms is not None and product.loan is not None:
        rule = product.loan.interest
        days = int(institution.day_count or rule.day_count)
        terms = replace(terms, interest=replace(rule, day_count=days))
    return replace(command, terms=terms, collateral=collateral, particulars=given)


def check_facts(command: OpenCase, product: Product, institution: Institution, now: datetime) -> None:
    """What the product itself asks for, when a case is opened and when its terms change; risk rules follow.

    Raises ``RuleBroken``.
    """
    terms = command.terms
    people = [
        rules.Person(draft.role, draft.name, draft.id_number.upper(), draft.share_percent) for draft in command.parties
    ]
    rules.check_terms(product, terms)
    rules.check_people(product, people)
    given, day = command.particulars, now.astimezone(BEIJING).date()
    check_particulars(product, terms, given, day, institution.lender)
    mode = given.cooperation.mode if given.cooperation else None
    guarantors = sum(draft.role is Role.GUARANTOR for draft in command.parties)
    check_collateral(product, terms, command.collateral, mode, institution.name, guaranteed=guarantors > 0)
    check_guarantee(product, given.guarantee, guarantors)
    rules.check_mandate(product, command.mandate)


def bare_case(command: OpenCase, product: Product, branch_id: str, services: Services, now: datetime) -> Case:
    return Case(
        case_id=services.ids.new("case"),
        case_no="",
        institution_id=command.actor.institution_id,
        branch_id=branch_id,
        product_id=product.product_id,
        product_title=product.title,
        terms=command.terms,
        opened_at=now,
        opened_by=command.actor.actor_id,
        parties=tuple(_with_helper(new_party(draft, services.ids), draft, command, now) for draft in command.parties),
        in_person_reason=command.in_person_reason,
        collateral=command.collateral,
        mandate=command.mandate,
        particulars=command.particulars,
        expires_at=first_expiry(product, now, services.limits.case_life),
    )


def _with_helper(party: Party, draft: PartyDraft, command: OpenCase, now: datetime) -> Party:
    said = draft.helper
    if said is None:
        return party
    if command.actor.kind != "staff":
        raise InputError("协助人不能由信贷系统登记", "请去掉协助人，由坐席在通话中登记")
    helper = Helper(said.name, said.relation, "agent", now, said.id_number, said.phone)
    return replace(party, helper=checked(helper, [one.id_number.upper() for one in command.parties]))


def new_party(draft: PartyDraft, ids: Ids) -> Party:
    return Party(
        ids.new("party"),
        draft.role,
        draft.name.strip(),
        draft.id_number.upper(),
        draft.phone,
        draft.address,
        share_percent=draft.share_percent,
        dialect=draft.dialect,
    )


def with_documents(case: Case, institution: Institution, services: Services, now: datetime) -> Case:
    frozen = services.documents.generate(case, institution, now)
    if not frozen:
        raise InputError("这个产品没有要签的文件", "请联系管理员检查产品配置")
    documents = tuple(_document(case, one, services) for one in frozen)
    return replace(case, documents=documents, script=services.documents.script(case, institution))


def _document(case: Case, frozen: Frozen, services: Services) -> Document:
    digest = services.blobs.put(case.case_id, frozen.pdf)
    return Document(
        services.ids.new("doc"),
        frozen.kind,
        frozen.title,
        frozen.pages,
        frozen.template_version,
        tuple(frozen.fields),
        (digest,),
        fields=dict(frozen.fields),
        lookup_code=frozen.lookup_code,
    )


def store_case(
    case: Case, actor: Actor, services: Services, now: datetime, also: Also = _nothing
) -> tuple[Case, dict[str, str]]:
    """What opening commits, with every look that belongs to it; the papers are made. Raises ``NotToBeOpened``."""
    expires_at = link_expiry(case, now, services.limits)
    capabilities = {party.party_id: services.ids.secret() for party in case.parties}
    invited = [events.party_invited(party, expires_at) for party in case.parties]
    helped = [events.helper_declared(party, party.helper) for party in case.parties if party.helper is not None]
    frozen = [events.document_frozen(document) for document in case.documents]
    with services.db.write() as unit:
        unit.risk.hold(case)
        case, found = risk.open_with_findings(unit, services, case, now)
        unit.cases.add(case)
        also(unit, case, capabilities)
        unit.risk.index(case)
        for happening in [events.case_opened(case), *found, *frozen, *invited, *helped]:
            unit.cases.append(case.case_id, happening, actor, now)
        for party_id, capability in capabilities.items():
            digest = services.secrets.digest("capability", capability)
            unit.access.add_link(Link(digest, case.case_id, party_id, expires_at))
        unit.changes.branch_ids.add(case.branch_id)  # a referral is on the supervisors' boards at once
    return case, capabilities


def _beijing_day(now: datetime) -> str:
    return (now + timedelta(hours=8)).strftime("%Y%m%d")


HANDLERS: dict[type[Command], Handler] = {OpenCase: open_case}

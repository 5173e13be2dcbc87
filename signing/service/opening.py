"""What is asked while a case is prepared: what may be opened, what is wrong with a draft, which papers it makes.

Nothing here opens or keeps anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from signing.domain import idcard
from signing.domain.beijing import BEIJING
from signing.domain.case import Case, Terms
from signing.domain.drafting import Against, Draft, Problem, problems, stand_in
from signing.domain.errors import InputError, RuleBroken
from signing.domain.money import in_digits, to_fen
from signing.domain.particulars import Mode
from signing.domain.party import Party, PartyState, Role
from signing.domain.phase import party_label
from signing.domain.product import Product
from signing.domain.queue import ELDER_AGE
from signing.domain.reference import Lpr, lpr_on
from signing.domain.risk.catalogue import RULES
from signing.domain.risk.model import Finding, Outcome, Stage
from signing.domain.rules import Person
from signing.domain.sample import Wanted, sample
from signing.domain.schedule import Schedule, add_months, build_schedule
from signing.domain.security_rules import Cover, cover_of
from signing.service import risk, scope
from signing.service.commands import Actor, OpenCase, PartyDraft
from signing.service.handlers.cases import bare_case, settled
from signing.service.permissions import asked
from signing.service.ports import Frozen, Institution
from signing.service.services import Services
from signing.service.store import Unit

PREVIEW = "预览"
DRAFT_PARTY = "draft_"
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "roster_line": ("amount",),
    "electronic_channel": ("amount",),
    "exposure": ("amount",),
    "lpr_cap": ("annual_rate_percent", "term_months"),
    "lpr_floor": ("annual_rate_percent", "term_months"),
    "age_at_maturity": ("term_months",),
    "guarantor_age": ("term_months",),
}
"""What must be typed for a finding to mean anything; the first says where it is shown. Others: at the person."""
_PHONES = frozenset({"same_phone", "velocity_phone"})


@dataclass(frozen=True)
class OpeningSnapshot:
    """``channel``: what the electronic channel alone may conclude, in yuan, where the institution has its own limit."""

    institution: Institution
    products: Sequence[Product]
    today: date
    lpr: Lpr | None
    channel: Decimal | None


@dataclass(frozen=True)
class Typed:
    """What could be read of a draft: ``values`` by path as ``drafting.stand_in`` takes them, and its people by place.

    A party of whom only the role can be read stands as that role.
    """

    product_id: str
    values: Mapping[str, object]
    people: tuple[PartyDraft | Role | None, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A ``Problem`` and how much it weighs: ``REFUSE`` stands against opening, ``REFER`` and ``WARN`` do not."""

    problem: Problem
    outcome: Outcome


@dataclass(frozen=True)
class Checked:
    """``notes``: (path, words)."""

    judged: Sequence[Judged]
    notes: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Papers:
    """``frozen`` in signing order, with the parties who sign each; ``plan`` None where nothing is lent."""

    frozen: Sequence[tuple[Frozen, Sequence[Party]]]
    plan: Schedule | None


@asked
def opening_catalogue(services: Services, actor: Actor) -> OpeningSnapshot:
    with services.db.read() as unit:
        institution = scope.home(unit, actor)
        now = services.clock.now()
        setting = unit.risk.settings(institution.institution_id)["electronic_channel"]
        own = (services.limits.electronic_channel, setting.numbers["limit"])
        limits = [limit for limit in own if limit is not None]
        return OpeningSnapshot(
            institution,
            list(services.products.all().values()),
            _today(now),
            _lpr(unit, services, institution.institution_id, now),
            min(limits) if limits and setting.on else None,
        )


def _lpr(unit: Unit, services: Services, institution_id: str, now: datetime) -> Lpr | None:
    own = unit.reference.all_lpr(institution_id)
    return lpr_on(_today(now), (*services.products.published_lpr(), *own))


def _today(now: datetime) -> date:
    return now.astimezone(BEIJING).date()


# --- a draft held against the rules -------------------------------------------------------------------------------


@asked
def check_draft(services: Services, actor: Actor, typed: Typed) -> Checked:
    """All that the product's rules and the risk rules say of what is typed. Raises ``InputError`` for no product."""
    now, product = services.clock.now(), services.products.get(typed.product_id)
    with services.db.read() as unit:
        institution = scope.home(unit, actor)
        lpr = _lpr(unit, services, institution.institution_id, now)
        spare = sample(product, Wanted(_today(now), lpr=lpr, lender=institution.lender))
        people = tuple(_person(one) for one in typed.people)
        draft = stand_in(product, spare, {**typed.values, "parties": people})
        against = Against(product, spare, _today(now), institution.lender, institution.name)
        found = [Judged(one, Outcome.REFUSE) for one in problems(draft, against)]
        case = _draft_case(typed, draft, product, actor, unit, now)
        risks = list(_of_risk(unit, services, case, draft, now))
        notes = [
            *_of_terms(draft, lpr, _today(now)),
            *_of_securities(draft, product),
            *_of_people(unit, case, product, now),
        ]
    return Checked([*found, *risks], notes)


def _person(one: PartyDraft | Role | None) -> Person | Role | None:
    if not isinstance(one, PartyDraft):
        return one
    return Person(one.role, one.name, one.id_number.upper(), one.share_percent)


def _draft_case(typed: Typed, draft: Draft, product: Product, actor: Actor, unit: Unit, now: datetime) -> Case:
    """As much of it as can be judged: nobody whose number is none."""
    people = [(number, one) for number, one in enumerate(typed.people) if isinstance(one, PartyDraft)]
    fit = [(number, one) for number, one in people if idcard.is_valid(one.id_number)]
    parties = tuple(
        Party(f"{DRAFT_PARTY}{number}", one.role, one.name.strip(), one.id_number.upper(), one.phone, one.address)
        for number, one in fit
    )
    branch_id = unit.people.staff(actor.actor_id).branch_id
    return Case(
        case_id="draft",
        case_no=PREVIEW,
        institution_id=scope.home(unit, actor).institution_id,
        branch_id=branch_id,
        product_id=product.product_id,
        product_title=product.title,
        terms=draft.terms,
        opened_at=now,
        opened_by=actor.actor_id,
        parties=parties,
        collateral=draft.collateral,
        mandate=draft.mandate,
        particulars=draft.particulars,
    )


def _of_risk(unit: Unit, services: Services, case: Case, draft: Draft, now: datetime) -> Iterator[Judged]:
    for finding in risk.found_at(unit, services, case, Stage.CREATION, now):
        needs = _NEEDS.get(finding.rule, ())
        if finding.outcome is Outcome.ALLOW or not set(needs) <= draft.typed:
            continue
        yield Judged(Problem(_place(finding, needs), finding.rule, finding.reason, finding.hint), finding.outcome)


def _place(finding: Finding, needs: Sequence[str]) -> str:
    if finding.party_id and (not needs or finding.rule in ("age_at_maturity", "guarantor_age")):
        number = finding.party_id.removeprefix(DRAFT_PARTY)
        return f"parties.{number}.{'phone' if finding.rule in _PHONES else 'id_number'}"
    return needs[0] if needs else ""


def known_rules() -> set[str]:
    """Those of creation, which a draft is held against."""
    return {rule.key for rule in RULES if Stage.CREATION in rule.stages}


# --- what is worth knowing ----------------------------------------------------------------------------------------


def _of_terms(draft: Draft, lpr: Lpr | None, today: date) -> Iterator[tuple[str, str]]:
    terms, typed = draft.terms, draft.typed
    if terms is None:
        return
    if "term_months" in typed:
        yield "term_months", f"今天放款的，{add_months(today, terms.term_months)} 到期"
    if lpr is not None and lpr.confirmed and {"annual_rate_percent", "term_months"} <= typed:
        base, years = lpr.for_months(terms.term_months), "五年期以上" if terms.term_months > 60 else "一年期"
        points = (terms.annual_rate_percent - base) * 100
        way = "相同" if not points else f"{'高' if points > 0 else '低'} {abs(points).normalize():f} 个基点"
        yield "annual_rate_percent", f"与 {lpr.day} 公布的{years} LPR {base:f}% {'' if not points else '相比'}{way}"


def _of_securities(draft: Draft, product: Product) -> Iterator[tuple[str, str]]:
    if "collateral" not in draft.typed or not draft.collateral:
        return
    value = sum((item.appraised_value for item in draft.collateral), Decimal(0))
    mode = draft.particulars.cooperation.mode if draft.particulars.cooperation else None
    cover = _cover(draft, product, mode)
    words = f"评估价值合计 {in_digits(value)} 元"
    if cover is not None and cover.most is not None:
        words += f"，最多可贷 {in_digits(to_fen(cover.most))} 元"
    yield "collateral", words


def _cover(draft: Draft, product: Product, mode: Mode | None) -> Cover | None:
    roles = [one.role if isinstance(one, Person) else one for one in draft.people]
    try:
        return cover_of(product, draft.collateral, mode, guaranteed=Role.GUARANTOR in roles)
    except RuleBroken:
        return None  # said by the rules already


def _of_people(unit: Unit, case: Case, product: Product, now: datetime) -> Iterator[tuple[str, str]]:
    for party in case.parties:
        told = [*_of_age(party, now), *_of_roster(unit, case, party, product)]
        if told:
            yield f"parties.{party.party_id.removeprefix(DRAFT_PARTY)}.id_number", "；".join(told)


def _of_age(party: Party, now: datetime) -> Iterator[str]:
    birth = idcard.birth_date(party.id_number)
    if birth is not None:
        age = idcard.age_on(birth, _today(now))
        yield f"{age} 周岁，老年客户，排队优先" if age >= ELDER_AGE else f"{age} 周岁"


def _of_roster(unit: Unit, case: Case, party: Party, product: Product) -> Iterator[str]:
    if product.loan is None or not product.loan.roster_line_required or party.role is not Role.BORROWER:
        return
    row = unit.people.household(case.institution_id, party.id_number)
    if row is not None and row.name == party.name:
        yield f"{row.village}名册，授信 {in_digits(row.line)} 元，{row.valid_until.astimezone(BEIJING):%Y-%m-%d} 到期"


# --- the papers it would make -------------------------------------------------------------------------------------


@asked
def preview_papers(services: Services, actor: Actor, command: OpenCase) -> Papers:
    """Each paper as it would be made now, marked 预览; slow. Raises ``InputError``."""
    now, product = services.clock.now(), services.products.get(command.product_id)
    with services.db.read() as unit:
        institution = scope.home(unit, actor)
        branch_id = unit.people.staff(actor.actor_id).branch_id
    command = settled(command, product, institution)
    case = replace(bare_case(command, product, branch_id, services, now), case_no=PREVIEW)
    made = services.documents.generate(case, institution, now, PREVIEW)
    if not made:
        raise InputError("这个产品没有要签的文件", "请联系管理员检查产品配置")
    signers = [[party for party in case.parties if party.party_id in one.fields] for one in made]
    return Papers(list(zip(made, signers, strict=True)), _plan(case.terms, _today(now)))


def _plan(terms: Terms | None, start: date) -> Schedule | None:
    if terms is None:
        return None
    return build_schedule(
        terms.repayment_method, terms.amount, terms.annual_rate_percent, terms.term_months, start, terms.interest
    )


# --- how the invitations stand ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LinkStanding:
    """``step``: made, sent, opened, entered or over. ``at``: since when, where that is known."""

    party: Party
    label: str
    step: str
    words: str
    at: datetime | None = None


_EVENTS = {
    "party.invited": ("made", "链接已生成，还没有发送"),
    "party.link_renewed": ("made", "已换发链接，还没有发送"),
    "party.link_sent": ("sent", "短信已发送，还没有打开"),
    "party.code_sent": ("opened", "已打开链接，正在验证手机"),
    "party.code_proven": ("entered", "已通过手机验证"),
}


@asked
def case_links(services: Services, actor: Actor, case_id: str) -> list[LinkStanding]:
    """Of each party, as the case's own events tell it."""
    with services.db.read() as unit:
        case = scope.own_case(unit, actor, case_id)
        last: dict[str, tuple[str, datetime]] = {}
        for event in unit.cases.events(case_id):
            if event.type in _EVENTS:
                last[str(event.body.get("party_id"))] = (event.type, event.at)
    return [_standing(party, last.get(party.party_id)) for party in case.parties]


def _standing(party: Party, last: tuple[str, datetime] | None) -> LinkStanding:
    if party.state is PartyState.REFUSED:
        return LinkStanding(party, party_label(party), "over", "已拒绝办理")
    kind, at = last if last is not None else ("party.invited", None)
    step, words = _EVENTS[kind]
    return LinkStanding(party, party_label(party), step, words, at)

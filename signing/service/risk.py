"""Where the risk rules meet the service: facts gathered, a step let through or closed, and all of it on the chain."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from signing.domain import events
from signing.domain.beijing import BEIJING
from signing.domain.case import Case, RecordingState
from signing.domain.errors import InputError, NotFound, NotPermitted, RuleBroken
from signing.domain.events import Happening
from signing.domain.party import Party, Role
from signing.domain.phase import party_label
from signing.domain.reference import Lpr, lpr_on
from signing.domain.revision import other_people, others_are_liable
from signing.domain.risk.catalogue import RULES
from signing.domain.risk.elsewhere import window_start
from signing.domain.risk.engine import acknowledge, evaluate, heaviest, merge, verdict
from signing.domain.risk.facts import Facts, Subject
from signing.domain.risk.model import Finding, Outcome, Stage, closed_by, said, waits_for
from signing.domain.risk.settings import Settings
from signing.domain.rules import RosterEntry
from signing.service.commands import Actor
from signing.service.permissions import check_override
from signing.service.services import Services
from signing.service.store import Unit


class NotToBeOpened(RuleBroken):
    """Raised where a rule refuses a case at its creation."""


LONGEST_REASON = 500
"""Characters of a supervisor's decision."""
FOR_CUSTOMERS = "这笔业务需要工作人员先行核实"
"""A customer is not told what the institution looks at."""


def found_at(unit: Unit, services: Services, case: Case, stage: Stage, now: datetime) -> tuple[Finding, ...]:
    """What the rules of ``stage`` say about the case as it is in ``unit``."""
    settings = unit.risk.settings(case.institution_id)
    return evaluate(settings, _facts(unit, services, case, settings, now), stage)


def _facts(unit: Unit, services: Services, case: Case, settings: Settings, now: datetime) -> Facts:
    loan = services.products.get(case.product_id).loan
    roster = loan is not None and loan.roster_line_required
    elsewhere = unit.risk.elsewhere(case, now - _longest(settings))
    agent, branch = (window_start(now, settings[key].numbers) for key in ("velocity_agent", "velocity_branch"))
    return Facts(
        now=now,
        opened_at=case.opened_at,
        subjects=tuple(
            Subject(
                party.party_id,
                party.role,
                party_label(party),
                party.name,
                party.id_number,
                party.phone,
                elsewhere.get(party.party_id, ()),
                _card_valid_until(party),
                _roster_entry(unit, case, party) if roster else None,
                _list_kinds(unit, case, party, now) if loan and loan.list_kind else frozenset(),
            )
            for party in case.parties
        ),
        terms=case.terms,
        loan=loan,
        in_person_reason=case.in_person_reason,
        channel_limit=services.limits.electronic_channel,
        lpr=_lpr(unit, services, case, now) if loan and loan.pricing else None,
        lender=unit.people.institution(case.institution_id).lender,
        branch_opened=unit.risk.opened(case, branch, by_agent=False),
        agent_opened=unit.risk.opened(case, agent, by_agent=True) if _by_a_person(unit, case) else 0,
        recordings_lost=tuple(one.lost_reason for one in case.recordings if one.state is RecordingState.LOST),
    )


def _by_a_person(unit: Unit, case: Case) -> bool:
    """A credit system may push in as many as it has."""
    try:
        unit.people.staff(case.opened_by)
    except NotFound:
        return False
    return True


def _longest(settings: Settings) -> timedelta:
    """The longest window that any rule looks back over phones and devices."""
    numbers = [setting.numbers for setting in settings.values() if setting.on]
    days = max((int(own["days"] or 0) for own in numbers if "days" in own), default=0)
    hours = max((int(own["hours"] or 0) for own in numbers if "hours" in own), default=0)
    return max(timedelta(days=days), timedelta(hours=hours))


def _roster_entry(unit: Unit, case: Case, party: Party) -> RosterEntry | None:
    row = unit.people.household(case.institution_id, party.id_number)
    return None if row is None else RosterEntry(row.name, row.line, row.valid_until)


def _list_kinds(unit: Unit, case: Case, party: Party, now: datetime) -> frozenset[str]:
    """Of the person; of a borrower also of what they run."""
    business = case.particulars.business if party.role is Role.BORROWER else None
    numbers = (party.id_number, *([business.credit_code] if business else ()))
    found = (unit.reference.memberships(case.institution_id, number, _today(now)) for number in numbers)
    return frozenset(membership.of.kind for memberships in found for membership in memberships)


def _lpr(unit: Unit, services: Services, case: Case, now: datetime) -> Lpr | None:
    """The one in force today, from what ships and what the institution has imported; the latter counts first."""
    own = unit.reference.all_lpr(case.institution_id)
    return lpr_on(_today(now), (*services.products.published_lpr(), *own))


def _today(now: datetime) -> date:
    return now.astimezone(BEIJING).date()


def _card_valid_until(party: Party) -> date | None:
    """From the card as it was read; None where it was not, or not legibly: the agent is asked about that anyway."""
    back = party.identity.back
    text = "" if back is None or back.validity_ok is None else back.fields.get("valid_until", "")
    if text == "长期":
        return date.max
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# --- at creation --------------------------------------------------------------------------------------------------


def open_with_findings(unit: Unit, services: Services, case: Case, now: datetime) -> tuple[Case, list[Happening]]:
    """The case with what the rules say at its creation. Raises ``RuleBroken`` where it may not be opened.

    Within the unit that stores the case: of two that are opened at once the second one sees the first.
    """
    findings = found_at(unit, services, case, Stage.CREATION, now)
    try:
        _refuse(findings, case, for_customer=False)
    except RuleBroken as refused:
        raise NotToBeOpened(refused.rule, refused.message, refused.hint) from None
    return replace(case, findings=findings), [events.risk_found(finding) for finding in findings]


def change_with_findings(
    unit: Unit, services: Services, before: Case, case: Case, actor: Actor, now: datetime
) -> tuple[Case, list[Happening]]:
    """A case whose terms change, with what the rules of creation say now. What was decided before stays where it
    covers what is found; what is about other people than before goes, and the rules judge anew.

    Raises ``RuleBroken`` where it may not be so.
    """
    gone, open_again = _about_others(before, case)
    kept = tuple(one for one in case.findings if one not in gone)
    bare = replace(case, findings=(*kept, *open_again))
    looked = look(unit, services, bare, actor, Stage.CREATION, now, other_facts=True)
    _refuse(looked.found, looked.case, for_customer=False)
    cleared = (events.risk_cleared(one) for one in gone)
    return looked.case, [*cleared, *(events.risk_found(one) for one in open_again), *looked.happenings]


def _about_others(before: Case, case: Case) -> tuple[list[Finding], list[Finding]]:
    """(findings about people who are not the same any more, those of them that are open again).

    A step that is not taken again would not find its own: what was found there stays, and is decided again.
    """
    other, labels = other_people(before, case), {party.party_id: party_label(party) for party in case.parties}
    if others_are_liable(before, case):
        other, labels = other | {""}, labels | {"": ""}
    gone = [one for one in case.findings if one.party_id in other]
    judged = {rule.key for rule in RULES if Stage.CREATION in rule.stages}
    stay = [one for one in gone if one.party_id in labels and one.rule not in judged]
    again = [replace(one, party=labels[one.party_id], decision=None, acknowledged=None) for one in stay]
    return gone, again


def log_refusal(actor: Actor, services: Services, refused: RuleBroken, now: datetime) -> None:
    """A case that was not opened has no chain; that somebody tried is on the access log."""
    with services.db.write() as unit:
        unit.logs.record_view(actor, now, "risk.refused", "", f"{refused.rule}：{refused.message}")


# --- at each later step -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Looked:
    """``found`` at the step now; ``case`` with its findings brought up to date, and what is to be chained."""

    case: Case
    found: tuple[Finding, ...]
    happenings: tuple[Happening, ...]


def gate(actor: Actor, services: Services, stage: Stage, load: Callable[[Unit], Case]) -> None:
    """Lets a step begin, or raises ``RuleBroken``. What was found is kept either way, the step itself untouched.

    ``load`` finds the case and checks that the caller may take the step at all.
    """
    now = services.clock.now()
    with services.db.read() as unit:
        looked = look(unit, services, load(unit), actor, stage, now)
    if looked.happenings:
        with services.db.write() as unit:
            looked = look(unit, services, load(unit), actor, stage, now)
            keep(unit, looked, actor, now)
    require_open_step(looked, stage, actor)


def look(
    unit: Unit,
    services: Services,
    case: Case,
    actor: Actor,
    stage: Stage,
    now: datetime,
    *,
    other_facts: bool = False,
) -> Looked:
    """Nothing is saved. Staff who take a step have seen the warnings that were there before it."""
    found = found_at(unit, services, case, stage, now)
    merged = merge(case.findings, found, stage, other_facts=other_facts)
    findings, acknowledged = merged.findings, tuple[Finding, ...]()
    if actor.kind == "staff":
        before = [one for one in findings if one not in merged.new]
        after, acknowledged = acknowledge(before, actor.name, now)
        findings = (*after, *merged.new)
    happenings = (
        *(events.risk_acknowledged(one) for one in acknowledged),
        *(events.risk_cleared(one) for one in merged.cleared),
        *(events.risk_found(one) for one in merged.new),
    )
    return Looked(replace(case, findings=findings), found, happenings)


def keep(unit: Unit, looked: Looked, actor: Actor, now: datetime) -> None:
    saved = unit.cases.save(looked.case)
    for happening in looked.happenings:
        unit.cases.append(saved.case_id, happening, actor, now)
    unit.changes.party_ids.update(party.party_id for party in saved.parties)
    unit.changes.branch_ids.add(saved.branch_id)  # the supervisors' boards


def require_open_step(looked: Looked | Case, stage: Stage, actor: Actor) -> None:
    """Raises ``RuleBroken`` named after the rule that refuses the step or the referral that keeps it closed.

    Of a case alone, only what was found before is known.
    """
    case = looked.case if isinstance(looked, Looked) else looked
    if isinstance(looked, Looked):
        _refuse(looked.found, case, for_customer=actor.kind == "party")
    closed = closed_by(case.findings, stage)
    if not closed:
        return
    if actor.kind == "party":
        raise RuleBroken(closed[0].rule, FOR_CUSTOMERS, "请稍候，或联系您的客户经理")
    words = "；".join(waits_for(finding) for finding in closed)
    raise RuleBroken(closed[0].rule, words, "主管在看板上放行后即可继续")


def _refuse(found: Sequence[Finding], case: Case, *, for_customer: bool) -> None:
    """Raises ``RuleBroken`` where the worst of what was found is a refusal."""
    if verdict(found) is not Outcome.REFUSE:
        return
    refusing = heaviest(found)
    if for_customer:
        raise RuleBroken(refusing[0].rule, FOR_CUSTOMERS, "请联系您的客户经理")
    raise RuleBroken(refusing[0].rule, "；".join(_words(refusing, case)), refusing[0].hint)


def _words(refusing: Iterable[Finding], case: Case) -> list[str]:
    """With several parties it is said whom it is about."""
    return [said(one) if len(case.parties) > 1 else one.reason for one in refusing]


# --- who decides --------------------------------------------------------------------------------------------------


def why_not_decide(unit: Unit, case: Case, actor: Actor) -> str:
    """Why this supervisor is no second pair of eyes for the case; empty where they are."""
    if case.opened_by == actor.actor_id:
        return "这笔业务由您建立，不能由您放行或退回"
    if actor.actor_id in (case.terms_changed_by, *case.terms_changers):
        return "这笔业务的内容由您变更，不能由您放行或退回"
    if any(call.staff_id == actor.actor_id for call in unit.queue.calls_of(case.case_id)):
        return "您接待过这笔业务的客户，不能由您放行或退回"
    return ""


def check_in_person(unit: Unit, case: Case, actor: Actor, reason: str) -> None:
    """Whether ``actor`` may note that somebody signed in person. Raises ``InputError``, ``NotPermitted``."""
    check_override(actor)
    check_reason(reason)
    if why := why_not_decide(unit, case, actor):
        raise NotPermitted(why, "请由另一位主管处理")


def check_reason(reason: str) -> None:
    """Why something may pass. Raises ``InputError``."""
    if not 2 <= len(reason.strip()) <= LONGEST_REASON:
        raise InputError(f"请写明理由，2 至 {LONGEST_REASON} 个字", "理由会记入证据链")

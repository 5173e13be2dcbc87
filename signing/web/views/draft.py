"""A draft as it was judged, the papers it makes, the people found for it, and the links of what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from signing.domain.beijing import BEIJING
from signing.domain.masking import mask_id_number, mask_name, mask_phone
from signing.domain.money import in_digits, in_words
from signing.domain.phase import party_label
from signing.domain.risk.model import Outcome
from signing.domain.schedule import Schedule
from signing.service.handlers.opening import FoundHousehold, Known
from signing.service.opening import Checked, Judged, LinkStanding, Papers
from signing.web.drafts import Misread
from signing.wire import opening as wire
from signing.wire.base import Tone

MONEY = ("amount", "appraised_value", "sum_insured", "premium", "outstanding")
_REFERRED = "可以建立，须主管放行后才能继续"


def checked_view(misread: Sequence[Misread], checked: Checked, draft: Mapping[str, Any]) -> wire.DraftChecked:
    problems = [*map(_misread, misread), *map(_judged, checked.judged)]
    notes = [*_money(draft), *(wire.DraftNote(path=path, text=words) for path, words in checked.notes)]
    return wire.DraftChecked(
        problems=problems,
        notes=notes,
        ready=not any(one.tone in (Tone.STOP, Tone.NOTICE) for one in problems),
    )


def _misread(one: Misread) -> wire.DraftProblem:
    return wire.DraftProblem(path=one.path, tone=Tone.NOTICE if one.empty else Tone.STOP, text=one.words, rule="shape")


def _judged(one: Judged) -> wire.DraftProblem:
    problem = one.problem
    tone = Tone.STOP if one.outcome is Outcome.REFUSE else Tone.CAUTION
    hint = _REFERRED if one.outcome is Outcome.REFER else problem.remedy
    if one.outcome is Outcome.REFER and problem.remedy:
        hint = f"{problem.remedy}；{_REFERRED}"
    return wire.DraftProblem(
        path=problem.path,
        tone=Tone.NOTICE if problem.missing else tone,
        text=problem.words,
        hint=hint,
        rule=problem.rule,
    )


def _money(value: Any, path: str = "") -> Iterator[wire.DraftNote]:
    """Every amount in capital numerals, wherever it stands."""
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        place = f"{path}.{name}" if path else str(name)
        if name in MONEY and isinstance(one, str) and (words := _words(one)):
            yield wire.DraftNote(path=place, text=words)
        yield from _money(one, place)


def _words(text: str) -> str:
    plain = text.replace(".", "", 1)
    if not plain.isascii() or not plain.isdecimal() or len(plain) > 14:
        return ""
    amount = Decimal(text)
    return f"人民币{in_words(amount)}" if amount == amount.quantize(Decimal("0.01")) else ""


def papers_view(papers: Papers) -> wire.DraftPapers:
    shown = [
        wire.DraftPaper.model_construct(
            kind=one.kind,
            title=one.title,
            pages=one.pages,
            signers=[party_label(party) for party in signers],
            pdf=one.pdf,
        )
        for one, signers in papers.frozen
    ]
    plan = papers.plan
    return wire.DraftPapers(
        papers=shown, plan=[] if plan is None else _rows(plan), plan_total="" if plan is None else _total(plan)
    )


def _rows(plan: Schedule) -> list[wire.PlanRow]:
    return [
        wire.PlanRow(
            number=row.number,
            due=row.due,
            principal=in_digits(row.principal),
            interest=in_digits(row.interest),
            total=in_digits(row.total),
            balance=in_digits(row.balance),
        )
        for row in plan.instalments
    ]


def _total(plan: Schedule) -> str:
    return f"本金 {in_digits(plan.principal)} 元，利息 {in_digits(plan.interest)} 元，合计 {in_digits(plan.total)} 元"


def households_view(found: Sequence[FoundHousehold], now: datetime, shown: int) -> wire.HouseholdsFound:
    rows = [
        wire.HouseholdRow(
            ref=one.ref,
            name_masked=mask_name(one.household.name),
            id_number_masked=mask_id_number(one.household.id_number),
            village=one.household.village,
            line=in_digits(one.household.line),
            valid_until=one.household.valid_until,
            expired=one.household.valid_until < now,
        )
        for one in found[:shown]
    ]
    return wire.HouseholdsFound(rows=rows, more=len(found) > shown)


def person_view(known: Known) -> wire.KnownPerson:
    party, case, household = known.party, known.case, known.household
    told = [
        f"{household.village}名册，授信 {in_digits(household.line)} 元" if household else "",
        f"曾于 {case.opened_at.astimezone(BEIJING):%Y-%m-%d} 办理{case.product_title}" if case else "",
    ]
    return wire.KnownPerson(
        name=known.name,
        id_number=known.id_number,
        phone=party.phone if party else "",
        address=party.address if party else "",
        dialect=party.dialect if party else "",
        told="；".join(part for part in told if part),
    )


def links_view(found: Sequence[LinkStanding], stand_in: bool) -> wire.LinkStates:
    return wire.LinkStates(links=[_link(one, stand_in) for one in found])


def _link(one: LinkStanding, stand_in: bool) -> wire.LinkState:
    at = "" if one.at is None else f"（{one.at.astimezone(BEIJING):%m-%d %H:%M}）"
    return wire.LinkState(
        party_id=one.party.party_id,
        label=one.label,
        phone_masked=mask_phone(one.party.phone),
        step=wire.LinkStep(one.step),
        words=f"{one.words}{at}",
        stand_in=stand_in,
    )

"""Every rule at its border: the last day, the last fen, the last case that passes, and the first that does not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from signing.domain.party import Role
from signing.domain.product import Pricing
from signing.domain.reference import Lpr
from signing.domain.risk.catalogue import BY_KEY, RULES
from signing.domain.risk.facts import Facts
from signing.domain.risk.model import Outcome, Stage
from signing.domain.rules import RosterEntry
from tests.unit.domain.factories import make_product, make_terms
from tests.unit.domain.risk.people import (
    ENTRY,
    NOW,
    TODAY,
    changed,
    facts,
    found,
    other,
    same_person,
    subject,
)

LOAN = make_product().loan


def test_an_ordinary_case_has_no_findings_at_any_step() -> None:
    assert not [finding for stage in Stage for finding in found(facts(), stage)]


def test_the_catalogue_is_sound() -> None:
    assert len(BY_KEY) == len(RULES)
    for rule in RULES:
        assert rule.stages
        assert rule.blocks is not Stage.CREATION, "a case that is not there yet cannot be closed"
        assert list(Outcome).index(rule.outcome) >= list(Outcome).index(rule.softest)


# --- age ----------------------------------------------------------------------------------------------------------


def born_to_be(age: int, on: date) -> date:
    """The birth date of somebody who turns ``age`` on that day."""
    return on.replace(year=on.year - age)


@pytest.mark.parametrize(
    ("born", "refused"), [(born_to_be(18, TODAY), False), (born_to_be(18, TODAY) + timedelta(1), True)]
)
@pytest.mark.parametrize("role", [Role.BORROWER, Role.GUARANTOR, Role.PLEDGOR, Role.ATTORNEY])
def test_eighteen_today_may_and_eighteen_tomorrow_may_not(born: date, refused: bool, role: Role) -> None:
    finding = found(facts(subject(born, role))).get("minor")
    assert (finding is not None) is refused
    if finding:
        assert finding.outcome is Outcome.REFUSE
        assert "17 周岁" in finding.reason


MATURITY = date(2027, 11, 26)


@pytest.mark.parametrize(
    ("rule", "role"),
    [("age_at_maturity", Role.BORROWER), ("age_at_maturity", Role.CO_BORROWER), ("guarantor_age", Role.GUARANTOR)],
)
def test_the_age_limit_counts_full_years_on_the_day_the_loan_ends(rule: str, role: Role) -> None:
    turns_the_day_after = born_to_be(71, MATURITY) + timedelta(1)
    assert rule not in found(facts(subject(turns_the_day_after, role)))
    finding = found(facts(subject(born_to_be(71, MATURITY), role)))[rule]
    assert finding.outcome is Outcome.REFER
    assert "2027-11-26" in finding.reason
    assert finding.facts == {"age": "71", "limit": "70", "maturity": "2027-11-26"}


def test_a_shorter_term_or_another_limit_lets_the_same_person_pass() -> None:
    born = born_to_be(71, MATURITY)
    assert "age_at_maturity" not in found(facts(subject(born), terms=make_terms("50000", 11)))
    assert "age_at_maturity" not in found(facts(subject(born)), settings=changed("age_at_maturity", age=71))
    assert "age_at_maturity" not in found(facts(subject(born, Role.CUSTODIAN)))
    assert "age_at_maturity" not in found(replace(facts(subject(born)), terms=None)), "nothing is lent"


# --- the identity card --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.IDENTITY, Stage.SIGNING, Stage.SEALING])
def test_a_card_is_good_on_its_last_day_and_expired_on_the_next(stage: Stage) -> None:
    assert "id_expired" not in found(facts(subject(card_valid_until=TODAY)), stage)
    finding = found(facts(subject(card_valid_until=TODAY - timedelta(1))), stage)["id_expired"]
    assert finding.outcome is Outcome.REFUSE
    assert "2026-11-25" in finding.reason


def test_the_day_is_beijings() -> None:
    """At 16:00 UTC the next day has begun in Beijing."""
    evening = facts(subject(card_valid_until=TODAY))
    assert "id_expired" not in found(replace(evening, now=NOW.replace(hour=15, minute=59)), Stage.IDENTITY)
    assert "id_expired" in found(replace(evening, now=NOW.replace(hour=16)), Stage.IDENTITY)


@pytest.mark.parametrize(
    ("until", "warned"),
    [
        (MATURITY, False),
        (MATURITY - timedelta(1), True),
        (TODAY, True),
        (TODAY - timedelta(1), False),  # that is the other rule's
        (date.max, False),
        (None, False),
    ],
)
def test_a_card_that_ends_before_the_loan_is_a_warning(until: date | None, warned: bool) -> None:
    findings = found(facts(subject(card_valid_until=until)), Stage.IDENTITY)
    assert ("id_expires_in_term" in findings) is warned
    if warned:
        assert findings["id_expires_in_term"].outcome is Outcome.WARN


# --- roster, line, channel, exposure ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "rule"),
    [
        (None, "roster"),
        (replace(ENTRY, name="李四"), "roster"),
        (replace(ENTRY, valid_until=NOW - timedelta(microseconds=1)), "roster"),
        (replace(ENTRY, valid_until=NOW), ""),
        (replace(ENTRY, line=Decimal("49999.99")), "roster_line"),
        (replace(ENTRY, line=Decimal("50000.00")), ""),
    ],
)
def test_roster_and_line(entry: RosterEntry | None, rule: str) -> None:
    findings = found(facts(subject(roster=entry)))
    assert list(findings) == ([rule] if rule else [])
    assert all(finding.outcome is Outcome.REFUSE for finding in findings.values())


def test_a_product_without_a_roster_asks_for_none() -> None:
    assert LOAN
    loan = replace(LOAN, roster_line_required=False)
    assert not found(facts(subject(roster=None), loan=loan))


def channel(amount: str, **change: Any) -> bool:
    rich = replace(ENTRY, line=Decimal("900000"))
    given = facts(subject(roster=rich), terms=make_terms(amount), **change)
    return "electronic_channel" in found(given)


def test_two_hundred_thousand_is_the_electronic_channels_limit() -> None:
    assert not channel("200000.00")
    assert channel("200000.01")
    assert not channel("200000.01", in_person_reason="客户已在上杭支行当面签字")
    assert channel("50000.01", channel_limit=Decimal("50000"))
    assert channel("250000", channel_limit=Decimal("900000")), "an institution may be stricter, never laxer"


def test_the_institutions_own_limit_counts_where_it_is_the_smallest() -> None:
    for limit, refers in (("50000.00", False), ("49999.99", True), ("999999.00", False)):
        finding = found(facts(), settings=changed("electronic_channel", limit=limit)).get("electronic_channel")
        assert (finding is not None) is refers, limit
        if finding:
            assert (finding.outcome, finding.blocks) == (Outcome.REFER, Stage.SIGNING)
            assert "49,999.99" in finding.reason


@pytest.mark.parametrize(("owed", "told"), [("450000.00", False), ("450000.01", True)])
def test_what_one_borrower_owes_is_added_up_to_the_fen(owed: str, told: bool) -> None:
    finding = found(facts(subject(elsewhere=(same_person(amount=Decimal(owed)),)))).get("exposure")
    assert (finding is not None) is told
    if finding:
        assert finding.facts["total"] == "500000.01"


@pytest.mark.parametrize(
    "change",
    [{"is_open": False}, {"role": Role.GUARANTOR}, {"amount": None}, {"same_number": False}],
)
def test_only_open_debts_of_the_same_person_count(change: dict[str, Any]) -> None:
    elsewhere = (same_person(**({"amount": Decimal("900000")} | change)),)
    assert "exposure" not in found(facts(subject(elsewhere=elsewhere)))


def test_one_large_loan_alone_is_no_exposure() -> None:
    rich = replace(ENTRY, line=Decimal("900000"))
    assert "exposure" not in found(facts(subject(roster=rich), terms=make_terms("900000")))


@pytest.mark.parametrize(
    ("kinds", "refused"), [((), True), (("上游名单",), True), (("乡村振兴名单", "上游名单"), False)]
)
def test_a_product_may_ask_for_a_list(kinds: tuple[str, ...], refused: bool) -> None:
    assert LOAN
    loan = replace(LOAN, list_kind="乡村振兴名单")
    given = facts(subject(list_kinds=frozenset(kinds)), subject(role=Role.CO_BORROWER, party_id="p2"), loan=loan)
    finding = found(given).get("list_membership")
    assert (finding is not None) is refused
    if finding:
        assert finding.outcome is Outcome.REFUSE
        assert "“乡村振兴名单”" in finding.reason


@pytest.mark.parametrize(
    ("points", "rate", "months", "refused"),
    [
        ("0", "3.00", 12, False),
        ("0", "3.0001", 12, True),
        ("100", "4.00", 60, False),
        ("100", "4.01", 60, True),
        ("100", "4.50", 61, False),  # priced by the five years' rate
        ("-50", "2.50", 12, False),
        ("-50", "2.51", 12, True),
    ],
)
def test_a_rate_may_be_bound_to_the_lpr(points: str, rate: str, months: int, refused: bool) -> None:
    assert LOAN
    loan = replace(LOAN, pricing=(Pricing(Decimal(points)),))
    lpr = Lpr(date(2026, 11, 20), Decimal("3.00"), Decimal("3.50"))
    given = facts(terms=make_terms("50000", months, rate), loan=loan, lpr=lpr)
    assert ("lpr_cap" in found(given)) is refused
    assert "没有 2026-11-26 可用的 LPR" in found(replace(given, lpr=None))["lpr_cap"].reason
    assert "lpr_cap" not in found(replace(given, loan=LOAN))


@pytest.mark.parametrize("rate", ["0.50", "3.00", "19.00"])
def test_nothing_is_priced_by_an_lpr_that_nobody_confirmed(rate: str) -> None:
    pricing = (Pricing(points_max=Decimal(100), points_min=Decimal(-50)),)
    lpr = Lpr(date(2026, 11, 20), Decimal("3.00"), Decimal("3.50"), confirmed=False)
    assert LOAN
    told = found(facts(terms=make_terms("50000", 12, rate), loan=replace(LOAN, pricing=pricing), lpr=lpr))
    assert "还没有核对过" in told["lpr_cap"].reason
    assert "导入" in told["lpr_cap"].hint
    assert "lpr_floor" not in told


# --- phones and devices -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [Stage.CREATION, Stage.ENTRY, Stage.DISCLOSURE])
def test_a_phone_that_stands_in_a_strangers_case(stage: Stage) -> None:
    finding = found(facts(subject(elsewhere=(other(same_phone=True),))), stage)["same_phone"]
    assert finding.outcome is Outcome.REFER
    assert "138****8000" in finding.reason
    assert "13800138000" not in str(finding)


@pytest.mark.parametrize(
    "change",
    [
        {"same_phone": False},
        {"related": True},
        {"same_number": True},
        {"opened_at": NOW - timedelta(days=90, seconds=1)},
    ],
)
def test_a_phone_of_the_same_people_or_of_long_ago_is_none(change: dict[str, Any]) -> None:
    elsewhere = (other(**({"same_phone": True} | change)),)
    assert "same_phone" not in found(facts(subject(elsewhere=elsewhere)))


def test_ninety_days_ago_is_still_inside_and_cases_are_counted_once() -> None:
    edge = other(same_phone=True, opened_at=NOW - timedelta(days=90))
    twice = (edge, edge, other(2, same_phone=True))
    assert found(facts(subject(elsewhere=twice)))["same_phone"].facts["cases"] == "2"
    assert "same_phone" not in found(facts(subject(elsewhere=twice)), settings=changed("same_phone", cases=3))


@pytest.mark.parametrize("stage", [Stage.ENTRY, Stage.IDENTITY, Stage.DISCLOSURE])
def test_a_device_with_the_cases_of_two_strangers(stage: Stage) -> None:
    first, second = other(1, same_device=True), other(2, same_device=True)
    assert "same_device" not in found(facts(subject(elsewhere=(first,))), stage)
    assert found(facts(subject(elsewhere=(first, second))), stage)["same_device"].size == 2
    assert "same_device" not in found(facts(subject(elsewhere=(first, second))), Stage.CREATION), "nobody came yet"


# --- guarantors and names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("others", "told"), [(2, False), (3, True)])
def test_whoever_stands_for_too_many_debts(others: int, told: bool) -> None:
    elsewhere = tuple(same_person(n, role=Role.GUARANTOR) for n in range(others))
    findings = found(facts(subject(role=Role.GUARANTOR, elsewhere=elsewhere)))
    assert ("guarantor_load" in findings) is told
    borrows = tuple(replace(one, role=Role.BORROWER) for one in elsewhere)
    closed = tuple(replace(one, is_open=False) for one in elsewhere)
    for none in (borrows, closed):
        assert "guarantor_load" not in found(facts(subject(role=Role.GUARANTOR, elsewhere=none)))


def test_one_number_under_two_names() -> None:
    assert "two_names" not in found(facts(subject(elsewhere=(same_person(),))))
    for unknown in (same_person(same_name=None), other(same_name=False)):
        assert "two_names" not in found(facts(subject(elsewhere=(unknown,))))
    finding = found(facts(subject(elsewhere=(same_person(same_name=False),))), Stage.IDENTITY)["two_names"]
    assert finding.outcome is Outcome.REFER


# --- velocity -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "kind"), [("velocity_person", "same_number"), ("velocity_phone", "same_phone")])
def test_the_fourth_case_within_a_day(rule: str, kind: str) -> None:
    def cases(count: int, hours: float = 1) -> Any:
        at = NOW - timedelta(hours=hours)
        rows = (other(n, related=True, opened_at=at, **{kind: True}) for n in range(count))
        return facts(subject(elsewhere=tuple(rows)))

    assert rule not in found(cases(2))
    finding = found(cases(3))[rule]
    assert finding.outcome is Outcome.REFER
    assert "24 小时内第 4 笔" in finding.reason
    assert rule in found(cases(3, 23.999))
    assert rule not in found(cases(3, 24)), "exactly a day ago is outside"


@pytest.mark.parametrize(
    ("rule", "field", "most"), [("velocity_branch", "branch_opened", 60), ("velocity_agent", "agent_opened", 20)]
)
def test_how_many_a_branch_or_an_agent_opens_within_an_hour(rule: str, field: str, most: int) -> None:
    assert rule not in found(busy(field, most - 1))
    finding = found(busy(field, most))[rule]
    assert finding.outcome is Outcome.WARN
    assert (finding.party_id, finding.party) == ("", "")


def busy(field: str, count: int) -> Facts:
    change: dict[str, Any] = {field: count}
    return replace(facts(), **change)


def test_what_was_declared_lost_is_told_at_the_seal_and_only_there() -> None:
    lost = replace(facts(), recordings_lost=("硬盘损坏", "电脑被盗"))
    assert "recording_lost" not in found(facts(), Stage.SEALING)
    assert "recording_lost" not in found(lost, Stage.SIGNING)
    finding = found(lost, Stage.SEALING)["recording_lost"]
    assert (finding.outcome, finding.blocks, finding.size) == (Outcome.ALLOW, Stage.SEALING, Decimal(2))
    assert finding.reason == "有 2 段录像已由主管声明遗失：硬盘损坏；电脑被盗"

"""The figures: what counts when, and that the parts sum to the whole."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.domain import figures as f
from signing.domain.case import DocumentState, Ending
from signing.domain.errors import InputError
from tests.unit.domain.factories import make_case, make_document

NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)  # twelve o'clock in Beijing
DAY = f.Span(date(2026, 12, 1), date(2026, 12, 1))
RULE = f.Rule(NOON)


def came(seconds: float | None, *, waiting: bool = False, ago: float = 3600, **where: str) -> f.Arrival:
    since = NOON - timedelta(seconds=ago)
    answered = None if seconds is None else since + timedelta(seconds=seconds)
    place = {"branch_id": "b1", "product_id": "p1", "staff_id": "s1", **where}
    return f.Arrival(**place, since=since, answered_at=answered, waiting=waiting)


def ended(ending: Ending | None, reason: str = "", amount: str | None = None) -> f.Result:
    given = None if amount is None else Decimal(amount)
    return f.Result("k1", "i1", "b1", "p1", "s1", NOON, ending, given, reason)


# --- single figures ---------------------------------------------------------------------------------------------------


def test_who_was_served_at_once_and_who_waited_make_the_average() -> None:
    made = f.measure([came(10), came(50), came(None, waiting=True, ago=90)], RULE)
    assert (made.arrivals, made.served, made.waiting, made.left) == (3, 2, 1, 0)
    assert made.average_wait == 30
    assert made.longest_wait == 90


def test_somebody_who_left_counts_as_not_served_in_time() -> None:
    made = f.measure([came(20), came(21), came(None)], RULE)
    assert made.level == pytest.approx(1 / 3)
    assert made.left == 1
    assert made.longest_wait == 21


@pytest.mark.parametrize(("ago", "level"), [(19.0, None), (20.0, None), (20.5, 0.0)])
def test_who_still_waits_counts_once_the_target_cannot_be_met(ago: float, level: float | None) -> None:
    assert f.measure([came(None, waiting=True, ago=ago)], RULE).level == level


def test_an_institutions_own_target_is_reckoned_beside_the_usual() -> None:
    made = f.measure([came(25), came(31)], f.Rule(NOON, own=f.Target(90, 30)))
    assert (made.level, made.own_level) == (0, 0.5)
    assert f.measure([came(5)], RULE).own_level == 1


def test_nothing_has_no_mean_and_no_share() -> None:
    made = f.measure([], RULE)
    assert (made.average_wait, made.average_talk, made.level, made.own_level) == (None, None, None, None)


def test_a_call_that_goes_on_is_counted_but_has_no_length_yet() -> None:
    begun = NOON - timedelta(minutes=10)
    over = f.Talk("b1", "p1", "s1", begun, begun + timedelta(minutes=4))
    made = f.measure([over, replace(over, ended_at=None)], RULE)
    assert (made.talks, made.talks_ended, made.average_talk) == (2, 1, 240)


def test_amounts_are_of_sealed_cases_and_exact() -> None:
    sealed = [ended(None, amount="0.10")] * 3
    made = f.measure([*sealed, ended(None), ended(Ending.REFUSED, "家里人不同意")], RULE)
    assert (made.cases, made.amount, made.ended) == (4, Decimal("0.30"), 1)


def test_only_printed_reasons_are_told() -> None:
    results = [
        ended(Ending.REFUSED, "家里人不同意"),
        ended(Ending.REFUSED, "王建国说他姐姐不同意"),
        ended(Ending.EXPIRED, "有效期至 2026-12-01 08:00，未签署齐全"),
    ]
    assert set(f.measure(results, RULE).endings) == {
        ("客户拒绝", "家里人不同意"),
        ("客户拒绝", f.OTHER_REASON),
        ("已过期", f.EXPIRED_REASON),
    }


def test_a_case_comes_out_when_the_last_paper_is_sealed_or_it_ends() -> None:
    begun = make_case(documents=(make_document("d1"), make_document("d2")))
    assert f.came_out(begun, NOON) is None
    half = (replace(begun.documents[0], state=DocumentState.SEALED), *begun.documents[1:])
    whole = tuple(replace(one, state=DocumentState.SEALED) for one in begun.documents)
    assert f.came_out(replace(begun, documents=half), NOON) is None
    sealed = f.came_out(replace(begun, documents=whole), NOON)
    assert sealed is not None
    assert begun.terms is not None
    assert (sealed.ending, sealed.amount, sealed.at) == (None, begun.terms.amount, NOON)
    over = f.came_out(replace(begun, ending=Ending.REFUSED, abort_reason="家里人不同意"), NOON)
    assert over is not None
    assert (over.ending, over.amount, over.reason) == (Ending.REFUSED, None, "家里人不同意")


# --- days -------------------------------------------------------------------------------------------------------------


def test_a_day_is_beijings() -> None:
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert DAY.since == midnight
    assert DAY.until == midnight + timedelta(days=1)
    assert f.span_of(None, None, midnight) == DAY
    assert f.span_of(None, None, midnight - timedelta(seconds=1)).first == date(2026, 11, 30)
    assert DAY.before == f.Span(date(2026, 11, 30), date(2026, 11, 30))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 12, 2), None),
        (date(2026, 12, 1), date(2026, 11, 30)),
        (date(2025, 1, 1), date(2026, 12, 1)),
        (date(1, 1, 1), date(1, 1, 2)),
    ],
)
def test_days_that_are_none_are_refused(first: date, last: date | None) -> None:
    with pytest.raises(InputError):
        f.span_of(first, last, NOON)


def test_half_hours_between_the_first_and_the_last_are_all_there() -> None:
    found = f.slots([came(1, ago=7200), came(1, ago=1800), came(1, ago=1)], DAY, RULE)
    assert [one.arrivals for one in found.values()] == [1, 0, 0, 2]
    assert next(iter(found)) == NOON - timedelta(hours=2)


def test_several_days_are_cut_into_days() -> None:
    span = f.Span(date(2026, 11, 29), date(2026, 12, 1))
    found = f.slots([came(1, ago=60), came(1, ago=2 * 86400)], span, RULE)
    assert [one.arrivals for one in found.values()] == [1, 0, 1]


# --- all of them together ---------------------------------------------------------------------------------------------

names = st.sampled_from(["b1", "b2", "b3"])
moments = st.integers(0, 86399).map(lambda seconds: DAY.since + timedelta(seconds=seconds))
lengths = st.none() | st.integers(0, 4000).map(lambda seconds: timedelta(seconds=seconds))
arrivals = st.builds(
    lambda a, b, c, at, length, waiting: f.Arrival(
        a, b, c, at, None if length is None else at + length, waiting and length is None
    ),
    names, names, names, moments, lengths, st.booleans(),
)  # fmt: skip
talks = st.builds(
    lambda a, b, c, at, length: f.Talk(a, b, c, at, None if length is None else at + length),
    names, names, names, moments, lengths,
)  # fmt: skip
results = st.builds(
    lambda a, b, c, at, ending, fen: f.Result("k", "i", a, b, c, at, ending, Decimal(fen) / 100, "家里人不同意"),
    names, names, names, moments, st.none() | st.sampled_from(Ending), st.integers(0, 10**9),
)  # fmt: skip
facts = st.lists(st.one_of(arrivals, talks, results), max_size=40)
SUMS = [one.name for one in fields(f.Measures) if one.name not in ("longest_wait", "endings")]


@settings(deadline=None)
@given(facts)
def test_branches_products_agents_and_half_hours_each_sum_to_the_total(made: list[f.Fact]) -> None:
    rule = f.Rule(DAY.until, own=f.Target(90, 60))
    total = f.measure(made, rule)
    for key in (f.branch_of, f.product_of, f.agent_of):
        parts = list(f.measure_by(made, key, rule).values())
        _sums_to(parts, total)
    _sums_to(list(f.slots(made, DAY, rule).values()), total)


def _sums_to(parts: list[f.Measures], total: f.Measures) -> None:
    for name in SUMS:
        assert sum((getattr(part, name) for part in parts), type(getattr(total, name))(0)) == getattr(total, name), name
    assert max((part.longest_wait for part in parts), default=0.0) == total.longest_wait
    counted = sum((part.endings for part in parts), type(total.endings)())
    assert counted == total.endings


@settings(deadline=None)
@given(facts)
def test_everybody_who_came_is_served_waits_or_left(made: list[f.Fact]) -> None:
    total = f.measure(made, f.Rule(DAY.until))
    assert total.arrivals == total.served + total.waiting + total.left
    assert 0 <= total.in_time <= total.served
    assert total.in_time <= total.decided <= total.arrivals
    assert sum(f.refusals(made).values()) == total.ended

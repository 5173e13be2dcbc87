"""How findings come together: the worst decides whatever the order, and what was decided stays decided."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.domain.risk.catalogue import RULES
from signing.domain.risk.engine import acknowledge, evaluate, heaviest, merge, verdict
from signing.domain.risk.facts import Facts
from signing.domain.risk.model import (
    OUTCOMES,
    STAGES,
    Decision,
    Finding,
    Outcome,
    Stage,
    closed_by,
    waits_for,
    weight,
    worst,
)
from signing.domain.risk.settings import DEFAULTS, digest_of
from tests.unit.domain.risk.people import NOW, a_finding, changed, facts, found, other, same_person, subject

RELEASED = Decision(True, "已电话核实", "陈主管", "staff_chen", NOW)
RETURNED = Decision(False, "不予办理", "陈主管", "staff_chen", NOW)

findings = st.builds(
    a_finding,
    rule=st.sampled_from([rule.key for rule in RULES]),
    outcome=st.sampled_from(OUTCOMES),
    party_id=st.sampled_from(["", "p1", "p2"]),
    reason=st.sampled_from(["一", "二"]),
    decision=st.sampled_from([None, RELEASED, RETURNED]),
)


def one_a_key(made: list[Finding]) -> list[Finding]:
    return list({finding.key: finding for finding in made}.values())


@given(st.lists(st.sampled_from(OUTCOMES)), st.randoms())
def test_the_worst_wins_in_any_order(outcomes: list[Outcome], random: object) -> None:
    shuffled = list(outcomes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert worst(shuffled) is worst(outcomes)
    assert all(weight(worst(outcomes)) >= weight(one) for one in outcomes)
    assert worst(outcomes) in {*outcomes, Outcome.ALLOW}


@given(st.lists(findings), findings)
def test_one_more_finding_never_makes_it_milder(made: list[Finding], more: Finding) -> None:
    assert weight(verdict([*made, more])) >= weight(verdict(made))
    assert verdict([*made, more]) is verdict([more, *made])
    assert {one.outcome for one in heaviest(made)} <= {verdict(made)}


@given(st.lists(findings), st.lists(findings), st.sampled_from(STAGES))
def test_merging_twice_is_merging_once(known: list[Finding], now: list[Finding], stage: Stage) -> None:
    first = merge(one_a_key(known), one_a_key(now), stage)
    again = merge(first.findings, one_a_key(now), stage)
    assert (again.new, again.cleared, again.findings) == ((), (), first.findings)
    keys = [finding.key for finding in first.findings]
    assert len(keys) == len(set(keys))
    assert {finding.key for finding in one_a_key(now)} <= set(keys), "nothing found is lost"


def test_with_every_rule_off_nothing_is_found() -> None:
    off = {key: replace(setting, on=False) for key, setting in DEFAULTS.items()}
    for stage in Stage:
        assert evaluate(off, crowd(), stage) == ()
    assert evaluate(DEFAULTS, crowd(), Stage.CREATION)


def crowd() -> Facts:
    strange = other(same_phone=True, same_device=True)
    return facts(subject(elsewhere=(strange, same_person(2, same_name=False))), agent_opened=99, branch_opened=99)


def test_outcome_and_closed_step_are_the_settings() -> None:
    own = {**DEFAULTS, "two_names": replace(DEFAULTS["two_names"], outcome=Outcome.REFUSE, blocks=Stage.IDENTITY)}
    finding = found(crowd(), settings=own)["two_names"]
    assert (finding.outcome, finding.blocks) == (Outcome.REFUSE, Stage.IDENTITY)


def test_a_step_that_is_past_cannot_be_closed() -> None:
    own = {**DEFAULTS, "exposure": replace(changed("exposure", limit=1)["exposure"], blocks=Stage.ENTRY)}
    given_facts = facts(subject(elsewhere=(same_person(),)))
    assert found(given_facts, Stage.CREATION, own)["exposure"].blocks is Stage.ENTRY
    assert found(given_facts, Stage.SIGNING, own)["exposure"].blocks is Stage.SIGNING


# --- what was decided ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("decision", "closed"), [(None, True), (RETURNED, True), (RELEASED, False)])
def test_a_referral_closes_its_step_and_all_after_it_until_it_is_released(
    decision: Decision | None, closed: bool
) -> None:
    finding = a_finding(decision=decision)
    for stage in Stage:
        shut = closed and STAGES.index(stage) >= STAGES.index(Stage.DISCLOSURE)
        assert bool(closed_by([finding], stage)) is shut, stage
    for outcome in (Outcome.ALLOW, Outcome.WARN, Outcome.REFUSE):
        assert not closed_by([replace(finding, outcome=outcome, decision=None)], Stage.SEALING)


def test_the_reason_why_a_step_is_closed_says_whose_turn_it_is() -> None:
    assert waits_for(a_finding()) == "等待主管处理“同一手机号”（借款人王*国：理由一）"
    assert "不予办理" in waits_for(a_finding(decision=RETURNED))


def test_the_same_again_keeps_the_decision_and_worse_asks_anew() -> None:
    before = a_finding(decision=RELEASED, size=2)
    for same in (a_finding(), a_finding(reason="另有 1 笔", size=1), a_finding(reason="另有 2 笔", size=2)):
        assert merge([before], [same], Stage.ENTRY).findings == (before,)
    for worse in (
        a_finding(reason="另有 3 笔", size=3),
        a_finding(reason="理由一", size=3),
        a_finding(reason="理由二"),
        a_finding(outcome=Outcome.REFUSE),
    ):
        merged = merge([before], [worse], Stage.ENTRY)
        assert merged.findings == merged.new == (worse,)


def test_what_is_no_longer_found_is_cleared_unless_somebody_decided_it() -> None:
    assert merge([a_finding()], [], Stage.ENTRY).cleared == (a_finding(),)
    assert merge([a_finding()], [], Stage.SEALING).findings == (a_finding(),), "that step does not look at phones"
    for decision in (RELEASED, RETURNED):
        assert merge([a_finding(decision=decision)], [], Stage.ENTRY).cleared == ()


def test_other_facts_clear_what_was_sent_back_and_leave_what_was_released() -> None:
    returned, released = a_finding(decision=RETURNED), a_finding(decision=RELEASED, party_id="p2")
    merged = merge([returned, released], [], Stage.CREATION, other_facts=True)
    assert (merged.cleared, merged.findings) == ((returned,), (released,))
    again = merge([returned], [a_finding()], Stage.CREATION, other_facts=True)
    assert again.findings == (returned,), "the same found again is still sent back"


def test_two_parties_are_two_findings() -> None:
    one, two = a_finding(decision=RELEASED), a_finding(party_id="p2")
    merged = merge([one], [a_finding(), two], Stage.ENTRY)
    assert merged.findings == (one, two)
    assert merged.new == (two,)


def test_only_warnings_that_nobody_has_seen_are_acknowledged() -> None:
    warning, referral = a_finding("velocity_agent", Outcome.WARN), a_finding()
    after, marked = acknowledge([warning, referral], "张秀英", NOW)
    assert [one.rule for one in marked] == ["velocity_agent"]
    assert after[1] is referral
    again, none = acknowledge(after, "李四", NOW)
    assert none == ()
    assert again == after


def test_a_finding_names_the_settings_that_were_in_force() -> None:
    shipped = found(crowd())["two_names"].rules_sha256
    assert shipped == digest_of(DEFAULTS)
    other_numbers = changed("same_phone", days=91)
    assert found(crowd(), settings=other_numbers)["two_names"].rules_sha256 == digest_of(other_numbers) != shipped

"""What the agent is told while a referral keeps a step closed."""

from dataclasses import replace

import pytest

from desktop.model import actions, risk
from desktop.model import workspace as w
from signing.wire.case import StepKey
from signing.wire.risk import RiskFinding, RiskOutcome, RiskStage
from signing.wire.staff import Presence
from tests.unit.desktop import views

REFERRED = views.finding()


@pytest.mark.parametrize(
    ("blocks", "step", "closed"),
    [
        (RiskStage.ENTRY, StepKey.IDENTITY, True),
        (RiskStage.IDENTITY, StepKey.IDENTITY, True),
        (RiskStage.DISCLOSURE, StepKey.IDENTITY, False),
        (RiskStage.DISCLOSURE, StepKey.DISCLOSURE, True),
        (RiskStage.DISCLOSURE, StepKey.READING, True),
        (RiskStage.SIGNING, StepKey.READING, False),
        (RiskStage.SIGNING, StepKey.SIGNING, True),
        (RiskStage.SEALING, StepKey.SIGNING, False),
        (RiskStage.DISCLOSURE, StepKey.PROOF, False),
        (RiskStage.DISCLOSURE, None, False),
    ],
)
def test_a_referral_closes_its_step_and_those_after_it(blocks: RiskStage, step: StepKey | None, closed: bool) -> None:
    case = views.case(findings=[REFERRED.model_copy(update={"blocks": blocks})])
    assert bool(risk.waits_for(case, step)) is closed


@pytest.mark.parametrize(
    ("finding", "said"),
    [
        (REFERRED, "等待主管处理“同一手机号”"),
        (views.finding(decision=views.decision(False)), "主管已退回“同一手机号”"),
        (views.finding(decision=views.decision()), ""),
        (views.finding(RiskOutcome.WARN), ""),
        (views.finding(RiskOutcome.REFUSE), ""),
    ],
)
def test_the_agent_is_told_whose_turn_it_is(finding: RiskFinding, said: str) -> None:
    words = risk.waits_for(views.case(findings=[finding]), StepKey.DISCLOSURE)
    assert words.startswith(said)
    assert bool(words) is bool(said)
    assert risk.waits_for(None, StepKey.DISCLOSURE) == ""


def test_nothing_is_primary_while_the_step_is_closed() -> None:
    def act(*findings: RiskFinding) -> actions.Act:
        about = views.case(StepKey.DISCLOSURE, findings=list(findings))
        state = w.State(view=views.view(Presence.ON_CALL, talk=views.call(), about=about))
        connected = state.media.with_line("p1", w.Line(peer="connected"))
        return actions.next_action(replace(state, media=connected)).act

    assert act() is actions.Act.ANSWER
    assert act(REFERRED) is actions.Act.WAIT
    assert act(views.finding(decision=views.decision())) is actions.Act.ANSWER

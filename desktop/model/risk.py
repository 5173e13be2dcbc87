"""Whether the risk rules keep the step at hand closed, and what the agent is told then. Pure."""

from signing.wire.case import CaseView, StepKey
from signing.wire.risk import RiskFinding, RiskOutcome, RiskStage

ORDER = list(RiskStage)
REACHED = {
    StepKey.IDENTITY: RiskStage.IDENTITY,
    StepKey.DISCLOSURE: RiskStage.DISCLOSURE,
    StepKey.READING: RiskStage.DISCLOSURE,
    StepKey.SIGNING: RiskStage.SIGNING,
}
"""The stage up to which a step needs everything open; reading goes on while signing is closed."""


def closes(finding: RiskFinding) -> bool:
    """A referral that nobody has decided, or that was sent back."""
    return finding.outcome is RiskOutcome.REFER and not (finding.decision and finding.decision.released)


def waits_for(case: CaseView | None, step: StepKey | None) -> str:
    """A sentence for the agent; empty where the step is open."""
    if case is None or step not in REACHED:
        return ""
    place = ORDER.index(REACHED[step])
    closed = [one for one in case.findings if closes(one) and one.blocks and ORDER.index(one.blocks) <= place]
    if not closed:
        return ""
    titles = "、".join(f"“{one.title}”" for one in closed)
    if any(one.decision for one in closed):
        return f"主管已退回{titles}，这一步不能继续，请向客户说明并终止业务"
    return f"等待主管处理{titles}，放行后即可继续；请客户稍候"

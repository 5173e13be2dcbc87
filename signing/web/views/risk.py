"""Findings of the risk rules as staff see them."""

from signing.domain.risk import model as domain
from signing.web.views.masked import NOTHING, Masker
from signing.wire.risk import RiskDecision, RiskFinding, RiskOutcome, RiskStage


def risk_finding(finding: domain.Finding, typed: Masker = NOTHING) -> RiskFinding:
    refers = finding.outcome is domain.Outcome.REFER
    return RiskFinding(
        rule=finding.rule,
        title=finding.title,
        outcome=RiskOutcome(finding.outcome),
        outcome_title=domain.OUTCOME_TITLES[finding.outcome],
        reason=typed.text(finding.reason),
        hint=finding.hint,
        party_id=finding.party_id or None,
        party=finding.party,
        stage_title=domain.STAGE_TITLES[finding.stage],
        blocks=RiskStage(finding.blocks) if refers else None,
        blocks_title=domain.STAGE_TITLES[finding.blocks] if refers else "",
        found_at=finding.found_at,
        acknowledged_by=finding.acknowledged.by if finding.acknowledged else "",
        decision=_decision(finding.decision, typed),
    )


def _decision(decision: domain.Decision | None, typed: Masker) -> RiskDecision | None:
    if decision is None:
        return None
    return RiskDecision(released=decision.released, reason=typed.text(decision.reason), by=decision.by, at=decision.at)

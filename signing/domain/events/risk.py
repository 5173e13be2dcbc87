"""What risk rules found, and what people decided about it. Reasons and facts are masked where they are made."""

from signing.domain.events.base import Happening
from signing.domain.masking import mask_name
from signing.domain.risk.model import OUTCOME_TITLES, STAGE_TITLES, Decision, Finding, Outcome, said


def risk_found(finding: Finding) -> Happening:
    refers = finding.outcome is Outcome.REFER
    return _of(
        "risk.found",
        finding,
        stage=finding.stage.value,
        stage_title=STAGE_TITLES[finding.stage],
        blocks=finding.blocks.value if refers else "",
        blocks_title=STAGE_TITLES[finding.blocks] if refers else "",
        facts=dict(finding.facts),
        rules_sha256=finding.rules_sha256,
    )


def risk_cleared(finding: Finding) -> Happening:
    return _of("risk.cleared", finding)


def risk_acknowledged(finding: Finding) -> Happening:
    by = mask_name(finding.acknowledged.by) if finding.acknowledged else ""
    return _of("risk.acknowledged", finding, by=by)


def risk_decided(finding: Finding, decision: Decision) -> Happening:
    kind = "risk.released" if decision.released else "risk.returned"
    return _of(kind, finding, decision_reason=decision.reason, by=mask_name(decision.by))


def _of(type_: str, finding: Finding, **body: object) -> Happening:
    common: dict[str, object] = {
        "rule": finding.rule,
        "rule_title": finding.title,
        "outcome": finding.outcome.value,
        "outcome_title": OUTCOME_TITLES[finding.outcome],
        "party_id": finding.party_id,
        "party": finding.party,
        "reason": finding.reason,
        "said": said(finding),
    }
    return Happening(type_, common | body)

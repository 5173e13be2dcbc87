"""What people decide about risk rules: a supervisor about a referral, an administrator about the rules themselves."""

import hashlib
from dataclasses import replace

from signing.domain import events
from signing.domain.case import Case
from signing.domain.errors import ConflictError, InputError, NotPermitted
from signing.domain.risk.model import Decision, Finding
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Command, OverrideRisk, SetRiskRules
from signing.service.handlers.common import require_open, save
from signing.service.risk import check_reason, why_not_decide
from signing.service.services import Services

LARGEST_RULES = 64_000


def override_risk(command: OverrideRisk, services: Services) -> Case:
    """Four eyes: raises ``NotPermitted`` for whoever opened the case or talks, or has talked, with its customers."""
    reason, now = command.reason.strip(), services.clock.now()
    check_reason(reason)
    with services.db.write() as unit:
        case = scope.home_case(unit, command.actor, command.case_id)
        require_open(case)
        if why := why_not_decide(unit, case, command.actor):
            raise NotPermitted(why, "请由另一位主管处理")
        chosen = [one for one in case.findings if _meant(one, command)]
        if not chosen:
            raise ConflictError("没有等待处理的这一项", "可能已由其他主管处理，请刷新后查看")
        decision = Decision(command.released, reason, command.actor.name, command.actor.actor_id, now)
        findings = tuple(replace(one, decision=decision) if one in chosen else one for one in case.findings)
        unit.changes.branch_ids.add(case.branch_id)
        happenings = [events.risk_decided(one, decision) for one in chosen]
        return save(unit, replace(case, findings=findings), command.actor, now, happenings)


def _meant(finding: Finding, command: OverrideRisk) -> bool:
    return finding.pending and finding.rule == command.rule and command.party_id in ("", finding.party_id)


def set_risk_rules(command: SetRiskRules, services: Services) -> None:
    """Raises ``InputError`` naming line, rule and key; then nothing has changed."""
    actor, now = command.actor, services.clock.now()
    if len(command.toml) > LARGEST_RULES:
        raise InputError("风险规则文件太大", "请只写与默认不同的部分")
    with services.db.write() as unit:
        scope.institution(unit, actor, command.institution_id)
        unit.risk.save_settings(command.institution_id, command.toml, now)
        digest = hashlib.sha256(command.toml.encode()).hexdigest()
        unit.logs.record_view(actor, now, "risk.rules", "", f"{command.institution_id} sha256={digest}")


HANDLERS: dict[type[Command], Handler] = {OverrideRisk: override_risk, SetRiskRules: set_risk_rules}

"""Steps, outcomes and findings of risk rules, and who has decided about them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Stage(StrEnum):
    """The moments at which rules are applied, in the order of a case's life."""

    CREATION = "creation"
    ENTRY = "entry"
    IDENTITY = "identity"
    DISCLOSURE = "disclosure"
    SIGNING = "signing"
    SEALING = "sealing"


STAGES = tuple(Stage)
STAGE_TITLES = {
    Stage.CREATION: "建立业务",
    Stage.ENTRY: "手机验证",
    Stage.IDENTITY: "身份核验",
    Stage.DISCLOSURE: "风险告知",
    Stage.SIGNING: "签署",
    Stage.SEALING: "用印",
}


class Outcome(StrEnum):
    """What follows from a finding, the mildest first."""

    ALLOW = "allow"
    WARN = "warn"
    REFER = "refer"
    REFUSE = "refuse"


OUTCOMES = tuple(Outcome)
OUTCOME_TITLES = {
    Outcome.ALLOW: "放行",
    Outcome.WARN: "提示",
    Outcome.REFER: "转主管",
    Outcome.REFUSE: "拒绝",
}


@dataclass(frozen=True)
class Decision:
    """A supervisor's, on a referral. ``released`` False: sent back, the step stays closed."""

    released: bool
    reason: str
    by: str
    by_id: str
    at: datetime


@dataclass(frozen=True)
class Acknowledgement:
    """By the agent who went on after the warning had been shown."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Finding:
    """What one rule has to say about a case or about one of its parties; personal data is masked in all of it."""

    rule: str
    title: str
    outcome: Outcome
    reason: str
    hint: str
    stage: Stage
    """Where it was found."""
    blocks: Stage
    """The step that a referral closes until a supervisor has decided."""
    found_at: datetime
    party_id: str = ""
    """Empty where it is about the case as a whole; ``party`` is the party in words."""
    party: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    size: Decimal | None = None
    rules_sha256: str = ""
    """Of the settings that were in force, as ``settings.as_toml`` writes them."""
    acknowledged: Acknowledgement | None = None
    decision: Decision | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What a later finding of the same rule about the same party is compared with."""
        return self.rule, self.party_id

    @property
    def pending(self) -> bool:
        """A referral that nobody has decided about."""
        return self.outcome is Outcome.REFER and self.decision is None

    @property
    def closes(self) -> bool:
        """Whether its step is closed now: not decided, or sent back."""
        return self.outcome is Outcome.REFER and not (self.decision and self.decision.released)

    def covers(self, later: "Finding") -> bool:
        """What a supervisor has let pass is that and no more: worse facts are a new finding."""
        if (self.key, self.outcome) != (later.key, later.outcome):
            return False
        if self.size is not None and later.size is not None:
            return later.size <= self.size
        return self.reason == later.reason


def weight(outcome: Outcome) -> int:
    return OUTCOMES.index(outcome)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of several rules together; ``ALLOW`` for none."""
    return max(outcomes, key=weight, default=Outcome.ALLOW)


def later(one: Stage, other: Stage) -> Stage:
    return max(one, other, key=STAGES.index)


def closed_by(findings: Iterable[Finding], stage: Stage) -> list[Finding]:
    """The referrals that keep ``stage`` closed: those of this step and of every earlier one."""
    place = STAGES.index(stage)
    return [one for one in findings if one.closes and STAGES.index(one.blocks) <= place]


def said(finding: Finding) -> str:
    """About whom, and what."""
    return f"{finding.party}：{finding.reason}" if finding.party else finding.reason


def waits_briefly(finding: Finding) -> str:
    """Beside the finding itself, where it need not be told again."""
    return f"{'主管已退回' if finding.decision else '待主管处理'}：{finding.title}"


def waits_for(finding: Finding) -> str:
    """Why its step is closed, in words for staff."""
    if finding.decision is None:
        return f"等待主管处理“{finding.title}”（{said(finding)}）"
    return f"主管已退回“{finding.title}”（{finding.decision.reason}），请终止业务"

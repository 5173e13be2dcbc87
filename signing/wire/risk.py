"""What the risk rules found about a case, and what supervisors decide about it. Everything arrives masked."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from signing.wire.base import Identifier, Message


class RiskOutcome(StrEnum):
    """The mildest first; the same names as ``signing.domain.risk.model.Outcome``."""

    ALLOW = "allow"
    WARN = "warn"
    REFER = "refer"
    REFUSE = "refuse"


class RiskStage(StrEnum):
    """In the order of a case's life; the same names as ``signing.domain.risk.model.Stage``."""

    CREATION = "creation"
    ENTRY = "entry"
    IDENTITY = "identity"
    DISCLOSURE = "disclosure"
    SIGNING = "signing"
    SEALING = "sealing"


class RiskDecision(Message):
    """A supervisor's. ``released`` False: sent back, the step stays closed."""

    released: bool
    reason: str
    by: str
    at: AwareDatetime


class RiskFinding(Message):
    """What a risk rule found, and whether somebody let it pass."""

    rule: Identifier
    title: str
    outcome: RiskOutcome
    outcome_title: str
    reason: str
    hint: str = ""
    party_id: Identifier | None = None
    party: str = ""
    """Whom it is about, in words; empty for the case as a whole."""
    stage_title: str
    """Where it was found."""
    blocks: RiskStage | None = None
    blocks_title: str = ""
    """The step that a referral closes until a supervisor has decided."""
    found_at: AwareDatetime
    acknowledged_by: str = ""
    """Who went on after the warning had been shown."""
    decision: RiskDecision | None = None


class RiskReferral(Message):
    """A line of the board's list 待主管处理."""

    case_id: Identifier
    case_no: str
    product_title: str
    amount: str
    """In yuan, as a decimal string; empty where nothing is lent."""
    branch: str
    opened_by: str
    finding: RiskFinding
    why_not: str = ""
    """Why this supervisor may not decide about it; empty where they may."""


class DecideRisk(Message):
    """POST /api/board/cases/{case_id}/risk → ``BoardView``. Without ``party_id``: all that the rule has referred."""

    rule: Identifier
    party_id: Identifier | None = None
    released: bool
    reason: Annotated[str, Field(min_length=2, max_length=500)]

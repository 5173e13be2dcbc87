"""The seal registry, as supervisor and auditor see it."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from signing.wire.base import Identifier, Message


class SealView(Message):
    """A registered seal; times in UTC, ``second_above`` in yuan. ``state_title``: 在用, 未启用, 已过期, 已暂停, 已停用.

    GET /api/seals/{seal_id}/picture is what it looks like, PNG.
    """

    seal_id: Identifier
    kind: Literal["contract", "official", "representative"]
    kind_title: str
    text: str
    number: str
    custodian: str
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    documents: list[str]
    """The kinds of paper it may go on; all where empty."""
    document_titles: list[str] = []
    """Their names."""
    second_above: str | None = None
    state_title: str
    retired_reason: str = ""
    suspended_at: AwareDatetime | None = None
    suspended_by: str = ""
    suspended_reason: str = ""


class SealUseView(Message):
    """A line of the log of uses. ``refused`` says why no seal was used; ``seal_id`` is then empty."""

    at: AwareDatetime
    seal_id: str
    case_id: Identifier
    case_no: str
    document_title: str
    by: str
    approved_by: str = ""
    sha256: str = ""
    refused: str = ""


class SealRegistry(Message):
    """GET /api/seals: the institution's seals, and their newest uses, newest first; with ``?seal_id=`` of that one."""

    seals: list[SealView]
    uses: list[SealUseView]


Reason = Annotated[str, Field(min_length=2, max_length=500, pattern=r"\S")]


class SuspendSeal(Message):
    """POST /api/seals/{seal_id}/suspend and …/resume: puts it aside until resumed, at once. → ``SealRegistry``"""

    reason: Reason


LONGEST_DAYS = 3653
"""From now until the end of a seal: ten years, which the service refuses to go beyond."""


class AmendSeal(Message):
    """POST /api/seals/{seal_id}/amend: who keeps it, until when it is valid; null: as it is. → ``SealRegistry``"""

    reason: Reason
    custodian: Annotated[str, Field(min_length=1, max_length=50, pattern=r"\S")] | None = None
    valid_until: AwareDatetime | None = None


class ApproveSealing(Message):
    """POST /api/cases/{case_id}/seal-approval: why the seals may, or may not, be used in a case above their amount."""

    approved: bool = True
    note: Reason

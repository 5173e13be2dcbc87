"""A case as a whole: how it ends before its seal, what changes its terms, and who is invited again."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from signing.wire.base import Identifier, Message
from signing.wire.call import Reason
from signing.wire.case import Phase
from signing.wire.particulars import NewParticulars, Yuan
from signing.wire.staff import NewCollateral, NewMandate, NewParty


class Operation(StrEnum):
    """What staff may do to a case as a whole; ``CaseView.locked`` says which of them its state forbids, and why."""

    CHANGE_TERMS = "change_terms"
    REFUSE = "refuse"
    INVITE = "invite"
    ABORT = "abort"
    WITHDRAW = "withdraw"


class WithdrawCase(Message):
    """POST /api/cases/{case_id}/withdraw → ``CaseView``. The institution takes back what it had offered."""

    reason: Reason


class RecordRefusal(Message):
    """POST /api/cases/{case_id}/parties/{party_id}/refusal → ``CaseView``. A customer said so to the agent."""

    reason: Reason


class Refuse(Message):
    """POST /api/phone/refuse → ``PhoneView``. By the customer; the reason is theirs to give or not."""

    reason: Annotated[str, Field(max_length=200)] = ""


class CorrectParty(Message):
    """What is left out stays as it is. A right name or number asks for the identity again, a right phone for all."""

    party_id: Identifier
    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    id_number: Annotated[str, Field(min_length=18, max_length=18)] | None = None
    phone: Annotated[str, Field(pattern=r"^1[3-9][0-9]{9}$")] | None = None
    address: Annotated[str, Field(max_length=200)] | None = None
    share_percent: Annotated[str, Field(pattern=r"^([0-9]{1,3}(\.[0-9]{1,2})?)?$")] | None = None
    """Empty: no share, so that each guarantor answers for the whole."""


class ChangeTerms(Message):
    """POST /api/cases/{case_id}/terms → ``CaseOpened``, with the links of those who need one.

    What is left out stays as it is; ``collateral`` and ``mandate`` are the whole of it. Only before the first
    signature: every paper is made anew, the old ones are void, and every party hears and reads again.
    """

    reason: Reason
    amount: Yuan | None = None
    annual_rate_percent: Annotated[str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,4})?$")] | None = None
    term_months: Annotated[int, Field(ge=1, le=360)] | None = None
    repayment_method: Literal["equal_instalment", "equal_principal", "interest_first", "bullet"] | None = None
    purpose: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    account: Annotated[str, Field(pattern=r"^[0-9]{10,25}$")] | None = None
    corrected: Annotated[list[CorrectParty], Field(max_length=8)] = []
    added: Annotated[list[NewParty], Field(max_length=8)] = []
    removed: Annotated[list[Identifier], Field(max_length=8)] = []
    collateral: Annotated[list[NewCollateral], Field(max_length=20)] | None = None
    mandate: NewMandate | None = None
    particulars: NewParticulars | None = None
    in_person_reason: Annotated[str, Field(max_length=500)] | None = None
    """Why the electronic channel's limit may be exceeded, at least two characters; empty takes it back.

    Only from a supervisor who neither opened the case nor ever changed its terms nor talked with its customers, and
    with no other change beside it.
    """


class FoundCase(Message):
    """An open case of the seat's branch. POST /api/seat/cases/{case_id}/take puts it on the desk."""

    case_id: Identifier
    case_no: str
    product_title: str
    parties: list[str]
    """Roles and masked names."""
    phase: Phase
    opened_at: AwareDatetime
    expires_at: AwareDatetime | None = None


class FoundCases(Message):
    """GET /api/seat/cases?q=TEXT: newest first; by case number, name or the last four digits of a phone."""

    rows: list[FoundCase]

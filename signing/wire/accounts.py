"""Accounts: second factor and password for their owners, the list for an administrator."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from signing.wire.base import Identifier, Message
from signing.wire.staff import Password, StaffRole, Username


class BeginTotp(Message):
    """POST /api/staff/totp → ``TotpEnrolment``"""

    username: Username
    password: Password


class TotpEnrolment(Message):
    """``uri`` is ``otpauth://totp/…``; ``squares`` the same as a QR code, a row a text of 0 and 1, border included."""

    uri: str
    secret: str
    squares: list[str]


class TakeAccount(Message):
    """POST /api/staff/take, where a log-in is refused with code ``owner_code``: a confirmed account, by its owner."""

    username: Username
    password: Password
    """The one that somebody else has set."""
    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")]
    """Handed over by whoever confirmed the account."""
    new: Password


class ChangePassword(Message):
    """POST /api/staff/password"""

    old: Password
    new: Password


class ResetPassword(Message):
    """POST /api/accounts/{staff_id}/password"""

    password: Password


class SetActive(Message):
    """PUT /api/accounts/{staff_id}/active"""

    active: bool


class RequireTotp(Message):
    """PUT /api/accounts/rules/totp"""

    role: StaffRole
    required: bool


class NewAccount(Message):
    """POST /api/accounts → ``AccountAdded``"""

    username: Username
    password: Password
    name: Annotated[str, Field(min_length=1, max_length=64)]
    role: StaffRole
    branch_id: Identifier
    seat_id: Identifier | None = None


class RestingCause(StrEnum):
    """What was done to an account; the same names as ``signing.domain.resting.Cause``."""

    ADDED = "added"
    PASSWORD = "password"  # noqa: S105 - what was reset
    TOTP = "totp"


class RestingChange(Message):
    """``by``: who made or reset the account."""

    cause: RestingCause
    title: str
    at: AwareDatetime
    by: str


class RestingRefusal(Message):
    """Not confirmed, and later enabled again."""

    at: AwareDatetime
    by: str
    reason: str


class RestingAccount(Message):
    """An account of a supervisor or auditor that waits for another one's confirmation."""

    staff_id: Identifier
    username: str
    name: str
    role: StaffRole
    branch: str
    since: AwareDatetime
    """The newest change or refusal."""
    changes: list[RestingChange]
    """All since it rests, oldest first."""
    refusal: RestingRefusal | None = None


class RestingAccounts(Message):
    """GET /api/accounts/resting, oldest first."""

    accounts: list[RestingAccount]


class ConfirmAccount(Message):
    """POST /api/accounts/{staff_id}/confirm → ``AccountConfirmed``. 409 where something has changed since ``since``."""

    since: AwareDatetime


class AccountConfirmed(Message):
    """``code``: told only here and once, for the account's owner; empty where nobody else chose the password."""

    code: str = ""


class RefuseAccount(Message):
    """POST /api/accounts/{staff_id}/refuse: the account is disabled."""

    since: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class AccountAdded(Message):
    """The new account's identifier."""

    staff_id: Identifier


class SessionRow(Message):
    """A log-in that is still good, by a reference that opens nothing."""

    ref: str
    since: AwareDatetime
    seen_at: AwareDatetime
    expires_at: AwareDatetime
    address: str


class Account(Message):
    """A member of staff and their log-ins, as the administrator sees them."""

    staff_id: Identifier
    username: str
    name: str
    role: StaffRole
    branch: str
    seat_id: Identifier | None = None
    active: bool
    resting: bool = False
    """Nobody can log in with it until another supervisor or auditor confirms it and its owner takes it."""
    locked_until: AwareDatetime | None = None
    factor: Literal["none", "pending", "confirmed"]
    factor_required: bool
    sessions: list[SessionRow]


class Accounts(Message):
    """GET /api/accounts"""

    accounts: list[Account]

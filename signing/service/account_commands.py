"""What is done with accounts of staff: by their owners, by an administrator, by the command line."""

from dataclasses import dataclass, field
from datetime import datetime

from signing.service.commands import Command


@dataclass(frozen=True)
class Enrolment:
    """``uri`` is ``otpauth://totp/…``, for an authenticator to scan; ``secret`` the same for typing in."""

    uri: str
    secret: str


@dataclass(frozen=True)
class BeginTotp(Command):
    """→ ``Enrolment``. At the first log-in, with the password; the first right code confirms it."""

    username: str
    password: str
    address: str = ""


@dataclass(frozen=True)
class TakeAccount(Command):
    """By a confirmed account's owner, with the code they were handed: ends its rest with a password of their own."""

    username: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    new: str = field(repr=False)
    address: str = ""


@dataclass(frozen=True)
class Sweep(Command):
    """→ how many rows were forgotten. By the system at a slow pace, a bounded number at a time."""


@dataclass(frozen=True)
class EnrolTotp(Command):
    """→ ``Enrolment``. On the service's own machine, handed over in person: required from now on."""

    staff_id: str


@dataclass(frozen=True)
class ResetTotp(Command):
    """For a lost authenticator: the next log-in enrols anew where the role requires it."""

    staff_id: str


@dataclass(frozen=True)
class RequireTotp(Command):
    """Whether an institution's log-ins of a role need a second factor. ``institution_id`` only from the system."""

    role: str
    required: bool
    institution_id: str = ""


@dataclass(frozen=True)
class ChangePassword(Command):
    """One's own. Ends the other sessions."""

    old: str
    new: str


@dataclass(frozen=True)
class ResetPassword(Command):
    """Somebody's. Ends all sessions of theirs."""

    staff_id: str
    password: str


@dataclass(frozen=True)
class SetActive(Command):
    """Who is not active cannot log in, and is out at once."""

    staff_id: str
    active: bool


@dataclass(frozen=True)
class ConfirmAccount(Command):
    """→ the code to hand to the account's owner; empty where none is needed, and the rest is over.

    ``since`` as it was shown: what has changed meanwhile has to be looked at again.
    """

    staff_id: str
    since: datetime | None = None


@dataclass(frozen=True)
class RefuseAccount(Command):
    """Disables an account that rests; enabled again, it still rests."""

    staff_id: str
    reason: str
    since: datetime | None = None


@dataclass(frozen=True)
class UnlockAccount(Command):
    staff_id: str


@dataclass(frozen=True)
class EndSession(Command):
    """``session_ref`` as ``accounts`` lists it."""

    staff_id: str
    session_ref: str

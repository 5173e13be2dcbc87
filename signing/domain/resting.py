"""Accounts of those who watch over others rest after they were made or reset, until another of them confirms."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

WATCHING = frozenset({"supervisor", "auditor"})
"""The roles that see what an administrator may not, and those that confirm."""


CODE_LIFE = timedelta(days=7)
CODE_TRIES = 5


class Cause(StrEnum):
    ADDED = "added"
    PASSWORD = "password"  # noqa: S105 - what was reset
    TOTP = "totp"


KNOWN_TO_ANOTHER = frozenset({Cause.ADDED, Cause.PASSWORD})
"""After these somebody else chose the password."""
CAUSES = {Cause.ADDED: "新添加的账号", Cause.PASSWORD: "密码被重设", Cause.TOTP: "动态口令被重设"}


@dataclass(frozen=True)
class Change:
    """``by_id``: who made or reset the account."""

    cause: Cause
    at: datetime
    by_id: str


@dataclass(frozen=True)
class Resting:
    """An account with which nobody can log in, and all that was done to it since the rest began, oldest first."""

    staff_id: str
    since: datetime
    """The newest change or refusal: a decision holds only for what was shown up to it."""
    changes: tuple[Change, ...]
    refused_at: datetime | None = None
    refused_by: str = ""
    refused_for: str = ""
    """Why, in the words of whoever refused it last."""
    code_hash: str = field(default="", repr=False)
    """Of the code that whoever confirmed it hands to its owner; empty where it is not confirmed."""
    code_until: datetime | None = None
    code_tries: int = 0
    """Wrong ones."""


def changed(before: Resting | None, staff_id: str, change: Change) -> Resting:
    """A further change hides none of those before; only the same by the same person takes its own place. A
    confirmation from before it, and its code, hold no longer."""
    if before is None:
        return Resting(staff_id, change.at, (change,))
    kept = (one for one in before.changes if (one.cause, one.by_id) != (change.cause, change.by_id))
    resting = replace(before, since=change.at, changes=(*kept, change))
    return replace(resting, code_hash="", code_until=None, code_tries=0)


def refused(resting: Resting, at: datetime, by_id: str, reason: str) -> Resting:
    """Remembered while it rests on: whoever confirms it after all has seen it."""
    return replace(resting, since=at, refused_at=at, refused_by=by_id, refused_for=reason)


def needs_code(resting: Resting) -> bool:
    """Whether its owner has to choose a password of their own before anybody is let in."""
    return any(one.cause in KNOWN_TO_ANOTHER for one in resting.changes)


def confirmed(resting: Resting, at: datetime, code_hash: str) -> Resting:
    """It rests on until its owner comes with the code."""
    return replace(resting, code_hash=code_hash, code_until=at + CODE_LIFE, code_tries=0)


def wrong_code(resting: Resting) -> Resting:
    return replace(resting, code_tries=resting.code_tries + 1)


def awaits_owner(resting: Resting, now: datetime) -> bool:
    """Whether it is confirmed, and the code still good; otherwise it waits to be confirmed, be it again."""
    good = resting.code_until is not None and now < resting.code_until and resting.code_tries < CODE_TRIES
    return good and bool(resting.code_hash)


def recorded(resting: Resting) -> str:
    """For the access log: each cause and who is behind it, and a refusal."""
    done = ", ".join(f"{one.cause.value} by {one.by_id}" for one in resting.changes)
    return f"{done}; refused by {resting.refused_by}: {resting.refused_for}" if resting.refused_at else done


@dataclass(frozen=True)
class Peer:
    """Another supervisor or auditor of the institution. ``able``: active and not resting, so that they can confirm."""

    staff_id: str
    able: bool


def must_rest(role: str, peers: Iterable[Peer], *, by_system: bool) -> bool:
    """Whether an account of ``role`` rests after it was made or reset.

    An administrator's change rests wherever there is a peer, able or not: disabling or resetting all of them must not
    open a way around them. The command line, which is left when nobody is able, asks for those that are.
    """
    return role in WATCHING and any(peer.able or not by_system for peer in peers)


def may_confirm(actor_id: str, resting: Resting, peers: Iterable[Peer], *, by_system: bool) -> bool:
    """By a peer that is able, and made none of the changes; by the command line where there is no such peer."""
    able = {peer.staff_id for peer in peers if peer.able}
    if by_system:
        return not able
    return actor_id in able and actor_id not in {resting.staff_id, *(one.by_id for one in resting.changes)}

"""Accounts of those who watch over others rest after they were made or reset, until another of them confirms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

WATCHING = frozenset({"supervisor", "auditor"})
"""The roles that see what an administrator may not, and those that confirm."""


class Cause(StrEnum):
    ADDED = "added"
    PASSWORD = "password"  # noqa: S105 - what was reset
    TOTP = "totp"


CAUSES = {Cause.ADDED: "新添加的账号", Cause.PASSWORD: "密码被重设", Cause.TOTP: "动态口令被重设"}


@dataclass(frozen=True)
class Resting:
    """An account with which nobody can log in. ``by_id``: who made or reset it."""

    staff_id: str
    cause: Cause
    since: datetime
    by_id: str


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
    """By a peer that is able, and did not make the change; by the command line where there is no such peer."""
    able = {peer.staff_id for peer in peers if peer.able}
    if by_system:
        return not able
    return actor_id in able and actor_id not in (resting.staff_id, resting.by_id)

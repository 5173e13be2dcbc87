"""Accounts of staff as an administrator sees them: locked or not, second factor, open sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from signing.domain.lockout import Tries, remaining
from signing.domain.resting import awaits_owner
from signing.service import scope
from signing.service.commands import Actor
from signing.service.permissions import asked
from signing.service.services import Services
from signing.service.sessions import why_over
from signing.service.store import Session, StaffMember, Unit

REF_LENGTH = 16


@dataclass(frozen=True)
class OpenSession:
    ref: str
    since: datetime
    seen_at: datetime
    expires_at: datetime
    address: str


@dataclass(frozen=True)
class Account:
    member: StaffMember
    branch: str
    locked_until: datetime | None
    factor: Literal["none", "pending", "confirmed"]
    factor_required: bool
    sessions: tuple[OpenSession, ...]
    resting: bool
    """Whether another supervisor or auditor has to confirm it before anybody can log in with it."""
    awaits_owner: bool = False
    """Of one that rests: confirmed, with a code that is still good."""


@asked
def accounts(services: Services, actor: Actor) -> list[Account]:
    """Of the caller's institution; of all where the system itself asks."""
    now = services.clock.now()
    with services.db.read() as unit:
        members = unit.people.all_staff(scope.own_institution(actor))
        return [_account(unit, services, member, now) for member in members]


def _account(unit: Unit, services: Services, member: StaffMember, now: datetime) -> Account:
    tries = unit.accounts.tries(name_hash(services, member.username))
    factor = unit.accounts.second_factor(member.staff_id)
    sessions = unit.access.sessions_of("staff", member.staff_id)
    resting = unit.accounts.resting(member.staff_id)
    return Account(
        member,
        unit.people.branch(member.branch_id).name,
        _locked(tries, now),
        "none" if factor is None else "pending" if factor.confirmed_at is None else "confirmed",
        factor_required(unit, services, member),
        tuple(_open(one) for one in sessions if why_over(one, now, services.limits) is None),
        resting is not None,
        resting is not None and awaits_owner(resting, now),
    )


def _locked(tries: Tries, now: datetime) -> datetime | None:
    return tries.locked_until if remaining(tries, now) else None


def _open(session: Session) -> OpenSession:
    seen = session.seen_at or session.created_at
    return OpenSession(ref_of(session), session.created_at, seen, session.expires_at, session.device)


def ref_of(session: Session) -> str:
    """Names a session without being of any use to log in with."""
    return session.token_hash[:REF_LENGTH]


def name_hash(services: Services, username: str) -> str:
    """Wrong tries are kept by it, so that nobody learns from the table what was typed."""
    return services.secrets.digest("account", username.casefold())


def factor_required(unit: Unit, services: Services, member: StaffMember) -> bool:
    rules = unit.accounts.factor_rules(member.institution_id)
    return rules.get(member.role, member.role in services.limits.factor_roles)

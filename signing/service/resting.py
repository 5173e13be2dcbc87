"""Which accounts of an institution wait to be confirmed, and who could."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from signing.domain.errors import NotLoggedIn
from signing.domain.resting import WATCHING, Cause, Change, Peer, Resting, awaits_owner, changed, must_rest, recorded
from signing.service import scope
from signing.service.commands import Actor
from signing.service.permissions import asked
from signing.service.services import Services
from signing.service.store import StaffMember, Unit


@dataclass(frozen=True)
class RestingAccount:
    """``names``: staff_id → name, of those who did something to it; the command line is not among them."""

    member: StaffMember
    branch: str
    resting: Resting
    names: Mapping[str, str]


@asked
def resting_accounts(services: Services, actor: Actor) -> list[RestingAccount]:
    """Of the caller's institution, oldest first; without those that were refused."""
    with services.db.read() as unit:
        return waiting_accounts(unit, actor, services.clock.now())


def waiting_accounts(unit: Unit, actor: Actor, now: datetime) -> list[RestingAccount]:
    """Without those that are confirmed and wait for their owner."""
    members = {member.staff_id: member for member in scope.all_staff(unit, actor)}
    found = (one for one in unit.accounts.all_resting() if one.staff_id in members and not awaits_owner(one, now))
    return [_shown(unit, members, one) for one in found if members[one.staff_id].active]


def _shown(unit: Unit, members: dict[str, StaffMember], resting: Resting) -> RestingAccount:
    member, who = members[resting.staff_id], {resting.refused_by, *(one.by_id for one in resting.changes)}
    names = {one: members[one].name for one in who if one in members}
    return RestingAccount(member, unit.people.branch(member.branch_id).name, resting, names)


def peers_of(unit: Unit, member: StaffMember) -> list[Peer]:
    """The institution's other supervisors and auditors."""
    resting = {one.staff_id for one in unit.accounts.all_resting()}
    return [
        Peer(one.staff_id, one.active and one.staff_id not in resting)
        for one in unit.people.all_staff(member.institution_id)
        if one.role in WATCHING and one.staff_id != member.staff_id
    ]


def lay_to_rest(unit: Unit, member: StaffMember, cause: Cause, actor: Actor, now: datetime) -> bool:
    """→ whether the account rests from here on. One that rests already goes on, with this change too."""
    before = unit.accounts.resting(member.staff_id)
    if before is None and not must_rest(member.role, peers_of(unit, member), by_system=actor.kind == "system"):
        return False
    resting = changed(before, member.staff_id, Change(cause, now, actor.actor_id))
    unit.accounts.save_resting(resting)
    unit.logs.record_view(actor, now, "account.resting", "", f"{member.staff_id} {recorded(resting)}")
    unit.changes.branch_ids.add(member.branch_id)
    return True


def stays_out(resting: Resting, now: datetime) -> NotLoggedIn:
    """Told only to whoever knows the password."""
    if awaits_owner(resting, now):
        return NotLoggedIn(
            "这个账号已经确认，须先设置您自己的密码",
            "请输入确认的同事交给您的 6 位确认码，并设置新密码",
            code="owner_code",
        )
    return NotLoggedIn(
        "这个账号刚添加或重设过，还不能登录",
        "须由本机构另一位主管或审计在“待确认账号”中确认；请联系他们",
        code="account_resting",
    )

"""Passwords, second factors, locks and sessions of staff; each change is a line of the access log."""

from dataclasses import replace
from datetime import datetime

from signing.domain.errors import ConflictError, InputError, NotFound, NotPermitted
from signing.domain.lockout import Tries
from signing.domain.passwords import check_password
from signing.domain.resting import Cause, Resting, awaits_owner, confirmed, may_confirm, needs_code, recorded
from signing.domain.resting import refused as refused_by
from signing.service import scope
from signing.service.account_commands import (
    ChangePassword,
    ConfirmAccount,
    EndSession,
    Enrolment,
    EnrolTotp,
    RefuseAccount,
    RequireTotp,
    ResetPassword,
    ResetTotp,
    SetActive,
    UnlockAccount,
)
from signing.service.accounts import name_hash, ref_of
from signing.service.bus import Handler
from signing.service.commands import Actor, Command
from signing.service.handlers.log_in import count_try, new_factor, proven, refused, still_proven
from signing.service.handlers.staff import ROLES
from signing.service.handlers.taking import code_digest
from signing.service.resting import lay_to_rest, peers_of
from signing.service.services import Services
from signing.service.store import StaffMember, Unit


def change_password(command: ChangePassword, services: Services) -> None:
    """A wrong old one counts like a wrong try at the door. Raises ``NotLoggedIn``, ``TooMany``, ``InputError``."""
    actor = command.actor
    with services.db.read() as unit:
        username = unit.people.staff(actor.actor_id).username
    check_password(command.new, username)  # first, so that no right old one counts as a wrong try
    attempt = count_try(services, username, "")
    proof = proven(services, username, command.old)
    if proof is None:
        refused(services, attempt, username, "")
        raise InputError("原密码不正确", "请重新输入；忘记密码请联系管理员")
    hashed = services.secrets.hash_password(command.new)
    now = services.clock.now()
    with services.db.write() as unit:
        member = still_proven(unit, proof)
        unit.accounts.save_tries(attempt.who, Tries())
        unit.people.save_staff(replace(member, password_hash=hashed))
        for session in unit.access.sessions_of("staff", actor.actor_id):
            if session.token_hash != actor.session_id:
                unit.access.revoke_session(session.token_hash, now, "password")
        unit.logs.record_view(actor, now, "password.changed", "", actor.actor_id)


def reset_password(command: ResetPassword, services: Services) -> None:
    with services.db.read() as unit:
        username = scope.staff(unit, command.actor, command.staff_id).username
    check_password(command.password, username)
    hashed = services.secrets.hash_password(command.password)
    now = services.clock.now()
    with services.db.write() as unit:
        member = scope.held_staff(unit, command.actor, command.staff_id)
        unit.people.save_staff(replace(member, password_hash=hashed))
        unit.access.revoke_sessions("staff", member.staff_id, now, "password")
        unit.logs.record_view(command.actor, now, "password.reset", "", member.staff_id)
        lay_to_rest(unit, member, Cause.PASSWORD, command.actor, now)
        _tell(unit, member)


def set_active(command: SetActive, services: Services) -> None:
    now = services.clock.now()
    if command.staff_id == command.actor.actor_id:
        raise InputError("不能停用自己的账号", "请由另一位管理员操作")
    with services.db.write() as unit:
        member = scope.held_staff(unit, command.actor, command.staff_id)
        unit.people.save_staff(replace(member, active=command.active))
        if not command.active:
            unit.access.revoke_sessions("staff", member.staff_id, now, "disabled")
        what = "account.enabled" if command.active else "account.disabled"
        unit.logs.record_view(command.actor, now, what, "", member.staff_id)
        _tell(unit, member)


def unlock(command: UnlockAccount, services: Services) -> None:
    with services.db.write() as unit:
        member = scope.staff(unit, command.actor, command.staff_id)
        unit.accounts.save_tries(name_hash(services, member.username), Tries())
        unit.logs.record_view(command.actor, services.clock.now(), "account.unlocked", "", member.staff_id)


def enrol_totp(command: EnrolTotp, services: Services) -> Enrolment:
    """In place of an authenticator that was confirmed it is a reset."""
    now = services.clock.now()
    with services.db.write() as unit:
        member = scope.held_staff(unit, command.actor, command.staff_id)
        before = unit.accounts.second_factor(member.staff_id)
        if before is not None and before.confirmed_at and lay_to_rest(unit, member, Cause.TOTP, command.actor, now):
            unit.access.revoke_sessions("staff", member.staff_id, now, "ended")
            _tell(unit, member)
        return new_factor(unit, services, member, now, command.actor)


def reset_totp(command: ResetTotp, services: Services) -> None:
    """Ends the sessions too: whoever has the lost telephone may also have the computer. Never one's own."""
    now = services.clock.now()
    if command.staff_id == command.actor.actor_id:
        raise NotPermitted("不能解除自己的动态口令", "请由另一位管理员操作，或在服务器上用 pingqian user totp")
    with services.db.write() as unit:
        member = scope.held_staff(unit, command.actor, command.staff_id)
        unit.accounts.remove_second_factor(member.staff_id)
        unit.access.revoke_sessions("staff", member.staff_id, now, "ended")
        unit.logs.record_view(command.actor, now, "totp.reset", "", member.staff_id)
        lay_to_rest(unit, member, Cause.TOTP, command.actor, now)
        _tell(unit, member)


def require_totp(command: RequireTotp, services: Services) -> None:
    if command.role not in ROLES:
        raise InputError("没有这种角色", f"可用的角色：{'、'.join(ROLES)}")
    actor = command.actor
    institution_id = scope.acting_for(actor, command.institution_id)
    with services.db.write() as unit:
        unit.people.institution(institution_id)
        unit.accounts.save_factor_rule(institution_id, command.role, command.required)
        detail = f"{institution_id} {command.role} {'required' if command.required else 'optional'}"
        unit.logs.record_view(actor, services.clock.now(), "totp.rule", "", detail)


def end_session(command: EndSession, services: Services) -> None:
    now = services.clock.now()
    with services.db.write() as unit:
        member = scope.staff(unit, command.actor, command.staff_id)
        found = [one for one in unit.access.sessions_of("staff", member.staff_id) if ref_of(one) == command.session_ref]
        if not found:
            raise NotFound("没有找到这次登录", "可能已经退出，请刷新列表")
        unit.access.revoke_session(found[0].token_hash, now, "ended")
        unit.logs.record_view(command.actor, now, "session.ended", "", f"{member.staff_id} {command.session_ref}")
        _tell(unit, member)


def confirm(command: ConfirmAccount, services: Services) -> str:
    """→ the code for its owner, kept only as a digest; empty where nobody else chose the password.

    Raises ``NotPermitted`` for anybody but an able peer, ``ConflictError`` where it does not rest like that."""
    now, actor, code = services.clock.now(), command.actor, ""
    with services.db.write() as unit:
        member, resting = _resting(unit, actor, command.staff_id, command.since, now)
        if needs_code(resting):
            code = services.ids.code()
            unit.accounts.save_resting(confirmed(resting, now, code_digest(services, member.staff_id, code)))
        else:
            unit.accounts.end_rest(member.staff_id)
        unit.logs.record_view(actor, now, "account.confirmed", "", f"{member.staff_id} {recorded(resting)}")
        unit.changes.branch_ids.add(member.branch_id)
    return code


def refuse(command: RefuseAccount, services: Services) -> None:
    """As ``confirm``. The account is disabled, and rests on: enabled again it waits for a confirmation again."""
    now, actor, reason = services.clock.now(), command.actor, command.reason.strip()
    if not reason:
        raise InputError("请填写不予确认的原因", "原因会记入操作记录")
    with services.db.write() as unit:
        member, resting = _resting(unit, actor, command.staff_id, command.since, now)
        unit.people.save_staff(replace(member, active=False))
        unit.access.revoke_sessions("staff", member.staff_id, now, "disabled")
        resting = refused_by(resting, now, actor.actor_id, reason)
        unit.accounts.save_resting(resting)
        unit.logs.record_view(actor, now, "account.refused", "", f"{member.staff_id} {recorded(resting)}")
        unit.changes.branch_ids.add(member.branch_id)
        _tell(unit, member)


def _resting(
    unit: Unit, actor: Actor, staff_id: str, since: datetime | None, now: datetime
) -> tuple[StaffMember, Resting]:
    member = scope.held_staff(unit, actor, staff_id)
    resting = unit.accounts.resting(staff_id)
    if resting is None or not member.active or awaits_owner(resting, now):
        raise ConflictError("这个账号没有待确认的变动", "可能已由他人处理，请刷新列表")
    if since is not None and since != resting.since:
        raise ConflictError("这个账号刚刚又有新的变动", "请看过新的变动后再确认")
    by_system = actor.kind == "system"
    if not may_confirm(actor.actor_id, resting, peers_of(unit, member), by_system=by_system):
        raise _not_by(by_system)
    return member, resting


def _not_by(by_system: bool) -> NotPermitted:
    if by_system:
        return NotPermitted("本机构有能够确认的主管或审计", "请由他们登录后在“待确认账号”中确认")
    return NotPermitted("不能确认自己的账号，或自己所做的变动", "请由本机构另一位主管或审计确认")


def _tell(unit: Unit, member: StaffMember) -> None:
    """Open sockets look again who they belong to."""
    unit.changes.party_ids.add(member.staff_id)
    if member.seat_id is not None:
        unit.changes.seat_ids.add(member.seat_id)


HANDLERS: dict[type[Command], Handler] = {
    ChangePassword: change_password,
    ResetPassword: reset_password,
    SetActive: set_active,
    UnlockAccount: unlock,
    EnrolTotp: enrol_totp,
    ResetTotp: reset_totp,
    ConfirmAccount: confirm,
    RefuseAccount: refuse,
    RequireTotp: require_totp,
    EndSession: end_session,
}

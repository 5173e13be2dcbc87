"""Passwords, second factors, locks and sessions of staff; each change is a line of the access log."""

from dataclasses import replace

from signing.domain.errors import InputError, NotFound, NotPermitted
from signing.domain.lockout import Tries
from signing.domain.passwords import check_password
from signing.service import scope
from signing.service.account_commands import (
    ChangePassword,
    EndSession,
    Enrolment,
    EnrolTotp,
    RequireTotp,
    ResetPassword,
    ResetTotp,
    SetActive,
    UnlockAccount,
)
from signing.service.accounts import name_hash, ref_of
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.handlers.log_in import count_try, new_factor, proven, refused, still_proven
from signing.service.handlers.staff import ROLES
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
    now = services.clock.now()
    with services.db.write() as unit:
        member = scope.held_staff(unit, command.actor, command.staff_id)
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
    RequireTotp: require_totp,
    EndSession: end_session,
}

"""Staff: logging out, and new accounts."""

import re
from dataclasses import replace

from signing.domain.errors import ConflictError, InputError
from signing.domain.passwords import check_password
from signing.domain.resting import Cause
from signing.domain.seat import SeatEvent, apply
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import AddStaff, Command, LogOut
from signing.service.handlers import legs
from signing.service.resting import lay_to_rest
from signing.service.services import Services
from signing.service.store import StaffMember

_USERNAME = re.compile(r"[\w.@-]{1,64}")
ROLES = ("agent", "supervisor", "auditor", "administrator")


def log_out(command: LogOut, services: Services) -> None:
    """Raises ``IllegalEvent`` while the seat rings or talks."""
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        if actor.seat_id is not None and unit.queue.seat(actor.seat_id).staff_id == actor.actor_id:
            before = unit.queue.seat(actor.seat_id)
            seat = apply(before, SeatEvent.LOGGED_OUT, now)
            legs.wrapped_up(unit, before, actor, now)
            seat = replace(seat, staff_id=None, case_id=None, call_id=None, ticket_id=None, last_call_id=None)
            unit.queue.save_seat(seat)
        unit.access.revoke_session(actor.session_id, now, "logged_out")
        if actor.kind == "staff":
            unit.logs.record_view(actor, now, "session.logged_out", "", "")
            unit.changes.party_ids.add(actor.actor_id)  # for its sockets, at whichever service


def add_staff(command: AddStaff, services: Services) -> str:
    """→ ``staff_id``. A supervisor or auditor rests, unless there is no other one."""
    if command.role not in ROLES:
        raise InputError("没有这种角色", f"可用的角色：{'、'.join(ROLES)}")
    _check_names(command.username, command.name)
    check_password(command.password, command.username)
    hashed, staff_id = services.secrets.hash_password(command.password), services.ids.new("staff")
    with services.db.write() as unit:
        if unit.people.staff_named(command.username) is not None:
            raise ConflictError("用户名已被使用", "请换一个用户名")
        branch = scope.branch(unit, command.actor, command.branch_id)
        if (
            command.seat_id is not None
            and scope.seat(unit, command.actor, command.seat_id).branch_id != branch.branch_id
        ):
            raise InputError("席位不属于该网点", "请选择本网点的席位")
        member = StaffMember(
            staff_id,
            command.username,
            command.name,
            command.role,
            branch.institution_id,
            branch.branch_id,
            hashed,
            command.seat_id,
        )
        unit.people.save_staff(member)
        now = services.clock.now()
        unit.logs.record_view(command.actor, now, "account.added", "", f"{staff_id} {command.role}")
        lay_to_rest(unit, member, Cause.ADDED, command.actor, now)
    return staff_id


def _check_names(username: str, name: str) -> None:
    """Raises ``InputError``."""
    if not _USERNAME.fullmatch(username):
        raise InputError(
            "用户名应为 1 到 64 个字母、数字、汉字或 . _ - @，不含空格", "请换一个用户名，如 zhang 或 zhang.san"
        )
    if not 0 < len(name.strip()) <= 64 or not name.isprintable():
        raise InputError("姓名应为 1 到 64 个字", "请填写本人姓名")


HANDLERS: dict[type[Command], Handler] = {LogOut: log_out, AddStaff: add_staff}

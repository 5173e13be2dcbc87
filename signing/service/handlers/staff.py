"""Staff: logging in and out, and accounts."""

from dataclasses import dataclass, replace
from datetime import datetime

from signing.domain.errors import ConflictError, InputError, NotLoggedIn, NotPermitted
from signing.domain.seat import SeatEvent, SeatState, apply
from signing.service.bus import Handler
from signing.service.commands import AddStaff, Command, LogIn, LogOut
from signing.service.handlers import legs
from signing.service.services import Services
from signing.service.snapshots import StaffSnapshot
from signing.service.store import Session, StaffMember, Unit

ROLES = ("agent", "supervisor", "auditor", "administrator")
SHORTEST_PASSWORD = 10


@dataclass(frozen=True)
class LoggedIn:
    token: str
    expires_at: datetime
    staff: StaffSnapshot


def log_in(command: LogIn, services: Services) -> LoggedIn:
    """Raises ``NotLoggedIn`` without saying whether it was the name or the password."""
    with services.db.read() as unit:
        member = unit.people.staff_named(command.username)
    # The slow hash is computed outside the write lock, and for unknown names too, so that time tells nothing.
    known = member is not None and member.active
    stored = member.password_hash if member is not None and known else ""
    if not services.secrets.password_matches(stored, command.password) or member is None:
        raise NotLoggedIn("用户名或密码不正确", "请重新输入；忘记密码请联系管理员")
    now = services.clock.now()
    token, expires_at = services.ids.secret(), now + services.limits.staff_session_life
    with services.db.write() as unit:
        digest = services.secrets.digest("session", token)
        unit.access.add_session(Session(digest, "staff", member.staff_id, None, now, expires_at))
        _take_seat(unit, member, now)
        return LoggedIn(token, expires_at, _snapshot(unit, member))


def _take_seat(unit: Unit, member: StaffMember, now: datetime) -> None:
    """A seat that is already on duty for this agent stays as it is: the window was only opened again."""
    if member.seat_id is None:
        return
    seat = unit.queue.seat(member.seat_id)
    if seat.state is SeatState.OFFLINE:
        seat = apply(seat, SeatEvent.LOGGED_IN, now)
    elif seat.staff_id != member.staff_id:
        raise ConflictError(f"{seat.label}正由其他坐席使用", "请换一个席位，或等对方退出")
    unit.queue.save_seat(replace(seat, staff_id=member.staff_id))


def _snapshot(unit: Unit, member: StaffMember) -> StaffSnapshot:
    return StaffSnapshot(
        member,
        unit.people.institution(member.institution_id),
        unit.people.branch(member.branch_id),
        None if member.seat_id is None else unit.queue.seat(member.seat_id),
    )


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
        unit.access.revoke_session(actor.session_id, now)


def add_staff(command: AddStaff, services: Services) -> str:
    """→ ``staff_id``"""
    if command.role not in ROLES:
        raise InputError("没有这种角色", f"可用的角色：{'、'.join(ROLES)}")
    if len(command.password) < SHORTEST_PASSWORD:
        raise InputError(f"密码至少 {SHORTEST_PASSWORD} 个字符", "请换一个更长的密码")
    hashed, staff_id = services.secrets.hash_password(command.password), services.ids.new("staff")
    with services.db.write() as unit:
        if unit.people.staff_named(command.username) is not None:
            raise ConflictError("用户名已被使用", "请换一个用户名")
        branch = unit.people.branch(command.branch_id)
        if command.actor.kind != "system" and branch.institution_id != command.actor.institution_id:
            raise NotPermitted("只能在本机构内添加人员")
        if command.seat_id is not None and unit.queue.seat(command.seat_id).branch_id != branch.branch_id:
            raise InputError("席位不属于该网点", "请选择本网点的席位")
        unit.people.save_staff(
            StaffMember(
                staff_id,
                command.username,
                command.name,
                command.role,
                branch.institution_id,
                branch.branch_id,
                hashed,
                command.seat_id,
            )
        )
    return staff_id


HANDLERS: dict[type[Command], Handler] = {LogIn: log_in, LogOut: log_out, AddStaff: add_staff}

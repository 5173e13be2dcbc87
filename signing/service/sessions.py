"""Whose a session is, and whether it still holds."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain.call import CallState
from signing.domain.case import party_of
from signing.domain.errors import LoggedOut, NotLoggedIn, OutsideError
from signing.service.commands import Actor
from signing.service.services import Limits, Services
from signing.service.store import Session, StaffMember, Unit

SEEN_EVERY = timedelta(minutes=1)

_ENDED = {
    "other_device": NotLoggedIn(
        "您已在另一部手机上继续办理，这部手机已退出",
        "如要改回这部手机，请在这里重新验证；如果不是您本人操作，请马上联系客户经理",
        code="other_device",
    ),
    "link_revoked": NotLoggedIn(
        "这条链接已停用", "请使用客户经理最新发给您的链接；没有收到请联系您的客户经理", code="link_revoked"
    ),
    "logged_out": LoggedOut(),
    "phone_changed": NotLoggedIn(
        "您登记的手机号已更正", "请用新手机号收到的链接重新验证；有疑问请联系客户经理", code="session_ended"
    ),
    "ended": NotLoggedIn("管理员结束了这次登录", "请重新登录；有疑问请联系管理员", code="session_ended"),
    "password": NotLoggedIn("密码已更改，这次登录已失效", "请用新密码重新登录", code="session_ended"),
    "disabled": NotLoggedIn("账号已停用", "请联系管理员", code="session_ended"),
}


@dataclass(frozen=True)
class Attendance:
    """``lapsed``: over by time, but in a live call that must go on; the password is asked for again."""

    actor: Actor
    lapsed: bool = False


def attend(services: Services, token: str, *, on_call: bool = False) -> Attendance:
    """``on_call``: for a seat's socket, which outlives its session while a call is live. Raises ``NotLoggedIn``."""
    now = services.clock.now()
    with services.db.read() as unit:
        session = unit.access.session(services.secrets.digest("session", token))
        over = why_over(session, now, services.limits)
        if session is None or (over is not None and not (on_call and _talks(unit, session))):
            raise over or _OVER
        found = Attendance(actor_of(unit, session), over is not None)
    if session.kind == "staff" and not found.lapsed:
        _see(services, session, now)
    return found


_OVER = NotLoggedIn("登录已失效", "请重新登录，或重新打开您的专属链接")


def why_over(session: Session | None, now: datetime, limits: Limits) -> NotLoggedIn | None:
    if session is None:
        return _OVER
    if session.revoked_at is not None:
        return _ENDED.get(session.ended, _OVER)
    if session.expires_at <= now:
        return _OVER
    if session.kind == "staff" and now - (session.seen_at or session.created_at) >= limits.staff_idle:
        minutes = int(limits.staff_idle.total_seconds() // 60)
        return NotLoggedIn(f"超过 {minutes} 分钟没有操作，已自动退出", "请重新登录")
    return None


def _talks(unit: Unit, session: Session) -> bool:
    """Over by time only, and the seat is in a live call of this member."""
    if session.kind != "staff" or session.revoked_at is not None:
        return False
    member = unit.people.staff(session.subject_id)
    if member.seat_id is None:
        return False
    seat = unit.queue.seat(member.seat_id)
    if seat.staff_id != member.staff_id or seat.call_id is None:
        return False
    return unit.queue.call(seat.call_id).state is CallState.LIVE


def _see(services: Services, session: Session, now: datetime) -> None:
    """To the minute, so that looking costs no write; a busy database must not refuse a look."""
    if session.seen_at is None or now - session.seen_at >= SEEN_EVERY:
        with suppress(OutsideError), services.db.write() as unit:
            unit.access.see_session(session.token_hash, now)


def actor_of(unit: Unit, session: Session) -> Actor:
    if session.kind == "staff":
        return staff_actor(unit.people.staff(session.subject_id), session.token_hash)
    case = unit.cases.get(session.case_id or "")
    party = party_of(case, session.subject_id)  # who is none any more may still read that it is so
    return Actor(
        "party",
        party.party_id,
        "customer",
        case.institution_id,
        party.name,
        case_id=case.case_id,
        session_id=session.token_hash,
    )


def staff_actor(member: StaffMember, session_id: str) -> Actor:
    if not member.active:
        raise _ENDED["disabled"]
    return Actor(
        "staff", member.staff_id, member.role, member.institution_id, member.name, member.seat_id, session_id=session_id
    )

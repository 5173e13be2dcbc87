"""Logging in: password, second factor, lock-out. Nothing here tells whether a name exists."""

from dataclasses import dataclass, replace
from datetime import datetime

from signing.domain.errors import ConflictError, NotLoggedIn, TooMany
from signing.domain.lockout import WINDOW, Tries, failed, remaining
from signing.domain.resting import Resting
from signing.domain.seat import SeatEvent, SeatState, apply
from signing.service.account_commands import BeginTotp, Enrolment
from signing.service.account_store import SecondFactor
from signing.service.accounts import factor_required, name_hash
from signing.service.bus import Handler
from signing.service.commands import BEARER, Actor, Command, LogIn
from signing.service.resting import stays_out
from signing.service.services import Services
from signing.service.sessions import staff_actor
from signing.service.snapshots import StaffSnapshot
from signing.service.store import Session, StaffMember, Unit

PURPOSE = "屏签"
_UNKNOWN = "unknown_name"
_RESTING = "resting_log_in"


@dataclass(frozen=True)
class LoggedIn:
    token: str
    expires_at: datetime
    staff: StaffSnapshot


@dataclass(frozen=True)
class Proof:
    """Whose password was right, and what second factor they had then."""

    member: StaffMember
    factor: SecondFactor | None


@dataclass(frozen=True)
class Attempt:
    """One try of a name: counted before it is judged, taken back where it was right as far as it went."""

    who: str
    before: Tries
    after: Tries
    at: datetime


def log_in(command: LogIn, services: Services) -> LoggedIn:
    """Raises ``NotLoggedIn`` for a wrong name or password alike; code ``totp_required`` where a code is wanted too,
    ``totp_enrol`` where an authenticator has to be set up first, ``account_resting`` where somebody has to confirm the
    account first, ``owner_code`` where its owner has to take it (``TakeAccount``); ``TooMany`` while the name is
    locked."""
    attempt = count_try(services, command.username, command.address)
    proof = proven(services, command.username, command.password)
    if proof is None:
        raise refused(services, attempt, command.username, command.address)
    try:
        with services.db.write() as unit:
            outcome = _admitted(unit, services, still_proven(unit, proof), command, attempt)
    except ConflictError:
        with services.db.write() as unit:
            take_back(unit, attempt)
        raise
    if isinstance(outcome, NotLoggedIn):
        raise outcome
    return outcome


def _admitted(
    unit: Unit, services: Services, member: StaffMember, command: LogIn, attempt: Attempt
) -> LoggedIn | NotLoggedIn:
    """In one unit, so that no code is used up for a session that comes to nothing."""
    resting = unit.accounts.resting(member.staff_id)
    if resting is not None:
        return kept_out(unit, resting, attempt, command.address)
    wanted = _second_factor(unit, services, member, command.code, attempt, command.address)
    return wanted or _open_session(unit, services, member, command.address)


def kept_out(unit: Unit, resting: Resting, attempt: Attempt, address: str) -> NotLoggedIn:
    """On the access log once in a while: whoever knows the password must not fill it."""
    take_back(unit, attempt)
    if not unit.accounts.uses(_RESTING, attempt.who, attempt.at - WINDOW):
        unit.accounts.add_use(_RESTING, attempt.who, attempt.at)
        unit.logs.record_view(BEARER, attempt.at, "login.resting", "", f"{resting.staff_id} {address}".strip())
    return stays_out(resting, attempt.at)


def count_try(services: Services, username: str, address: str) -> Attempt:
    now, who = services.clock.now(), name_hash(services, username)
    with services.db.write() as unit:
        before = unit.accounts.tries(who)
        if (wait := remaining(before, now)) is None:
            after = failed(before, now)
            unit.accounts.save_tries(who, after)
        else:
            _log(unit, services, now, "login.refused", username, address)
    if wait is not None:
        seconds = wait.total_seconds()
        raise TooMany(
            "输错次数太多，这个账号已暂时锁定", seconds, f"请约 {int(seconds // 60) + 1} 分钟后再试，或请管理员解锁"
        )
    return Attempt(who, before, after, now)


def proven(services: Services, username: str, password: str) -> Proof | None:
    """The slow hash is computed outside the write lock, and for unknown names too, so that time tells nothing."""
    with services.db.read() as unit:
        member = unit.people.staff_named(username)
        factor = unit.accounts.second_factor(member.staff_id if member is not None else "")
    stored = member.password_hash if member is not None and member.active else ""
    right = services.secrets.password_matches(stored, password)
    return Proof(member, factor) if right and member is not None else None


def still_proven(unit: Unit, proof: Proof) -> StaffMember:
    """The member as they are now, held until the unit ends. Raises ``NotLoggedIn`` where password, second factor or
    account have changed since: what ended all sessions must not let one more through."""
    member = unit.people.hold_staff(proof.member.staff_id)
    same = member.active and member.password_hash == proof.member.password_hash
    if not same or unit.accounts.second_factor(member.staff_id) != proof.factor:
        raise _wrong()
    return member


def refused(services: Services, attempt: Attempt, username: str, address: str) -> NotLoggedIn:
    with services.db.write() as unit:
        log_failure(unit, services, attempt, username, address)
    return _wrong()


def _wrong() -> NotLoggedIn:
    return NotLoggedIn("用户名或密码不正确", "请重新输入；忘记密码请联系管理员")


def log_failure(unit: Unit, services: Services, attempt: Attempt, username: str, address: str) -> None:
    _log(unit, services, attempt.at, "login.failed", username, address)
    if attempt.after.series > attempt.before.series:
        _log(unit, services, attempt.at, "account.locked", username, address)


def _log(unit: Unit, services: Services, now: datetime, what: str, username: str, address: str) -> None:
    """A name that is none may be a password typed into the wrong field: only its digest is kept, and only once in
    a while, so that whoever guesses names does not fill the log."""
    member = unit.people.staff_named(username)
    digest = name_hash(services, username)
    if member is None:
        if unit.accounts.uses(_UNKNOWN, digest, now - WINDOW):
            return
        unit.accounts.add_use(_UNKNOWN, digest, now)
    who = member.staff_id if member is not None else "未知用户 " + digest[:12]
    unit.logs.record_view(BEARER, now, what, "", f"{who} {address}".strip())


def _second_factor(
    unit: Unit, services: Services, member: StaffMember, code: str, attempt: Attempt, address: str
) -> NotLoggedIn | None:
    """None where the log-in may go on; then the wrong tries before are forgotten."""
    factor = unit.accounts.second_factor(member.staff_id)
    required = factor_required(unit, services, member)
    wanted = factor is not None and (required or factor.confirmed_at is not None or code)
    if required and factor is None:
        take_back(unit, attempt)
        return NotLoggedIn("首次登录需要先绑定动态口令", "请按提示用手机上的验证器扫码", code="totp_enrol")
    if not wanted or factor is None:
        unit.accounts.save_tries(attempt.who, Tries())
        return None
    if not code:
        take_back(unit, attempt)
        pending = factor.confirmed_at is None
        return NotLoggedIn("请输入手机验证器上的 6 位动态口令", code="totp_enrol" if pending else "totp_required")
    if not _right(unit, services, factor, code, attempt.at):
        log_failure(unit, services, attempt, member.username, address)
        return NotLoggedIn("动态口令不正确或已经用过", "请等验证器换出新的口令再输入", code="totp_wrong")
    unit.accounts.save_tries(attempt.who, Tries())
    if factor.confirmed_at is None:
        unit.accounts.save_second_factor(replace(factor, confirmed_at=attempt.at))
        unit.logs.record_view(staff_actor(member, ""), attempt.at, "totp.enrolled", "", address)
    return None


def _right(unit: Unit, services: Services, factor: SecondFactor, code: str, now: datetime) -> bool:
    """Once for each time step: a code that was seen over the shoulder is of no use."""
    step = services.secrets.totp_step(factor.secret, code, now)
    return step is not None and unit.accounts.use_step(factor.staff_id, step)


def take_back(unit: Unit, attempt: Attempt) -> None:
    """The password was right: this try does not count; all others do, be they from before or meanwhile.

    A lock is undone only where this very try set it and nothing has come since.
    """
    now = unit.accounts.tries(attempt.who)
    if now == attempt.after and now.series > attempt.before.series:
        unit.accounts.save_tries(attempt.who, attempt.before)
    elif attempt.at in now.failed_at:
        own = now.failed_at.index(attempt.at)  # once: another try may be of the same moment
        kept = (*now.failed_at[:own], *now.failed_at[own + 1 :])
        unit.accounts.save_tries(attempt.who, replace(now, failed_at=kept))


def _open_session(unit: Unit, services: Services, member: StaffMember, address: str) -> LoggedIn:
    now = services.clock.now()
    token, expires_at = services.ids.secret(), now + services.limits.staff_session_life
    digest = services.secrets.digest("session", token)
    unit.access.add_session(
        Session(digest, "staff", member.staff_id, None, now, expires_at, seen_at=now, device=address[:64])
    )
    _take_seat(unit, member, now)
    unit.logs.record_view(staff_actor(member, digest), now, "login.succeeded", "", address)
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


def begin_totp(command: BeginTotp, services: Services) -> Enrolment:
    """Raises as ``log_in`` does, and ``ConflictError`` where an authenticator is set up already."""
    attempt = count_try(services, command.username, command.address)
    proof = proven(services, command.username, command.password)
    if proof is None:
        raise refused(services, attempt, command.username, command.address)
    with services.db.write() as unit:
        member = still_proven(unit, proof)
        take_back(unit, attempt)
        resting = unit.accounts.resting(member.staff_id)
        factor = unit.accounts.second_factor(member.staff_id)
        if resting is None and (factor is None or factor.confirmed_at is None):
            return new_factor(unit, services, member, None, staff_actor(member, ""))
    if resting is not None:
        raise stays_out(resting, attempt.at)
    raise ConflictError("已经绑定过动态口令", "手机丢失或更换请联系管理员重置")  # outside: the try is taken back


def new_factor(
    unit: Unit, services: Services, member: StaffMember, confirmed_at: datetime | None, actor: Actor
) -> Enrolment:
    secret = services.secrets.new_totp()
    unit.accounts.remove_second_factor(member.staff_id)
    unit.accounts.save_second_factor(SecondFactor(member.staff_id, secret, confirmed_at))
    what = "totp.begun" if confirmed_at is None else "totp.enrolled"
    unit.logs.record_view(actor, services.clock.now(), what, "", member.staff_id)
    issuer = f"{PURPOSE} {unit.people.institution(member.institution_id).name}"
    return Enrolment(services.secrets.totp_uri(secret, member.username, issuer), secret)


HANDLERS: dict[type[Command], Handler] = {LogIn: log_in, BeginTotp: begin_totp}

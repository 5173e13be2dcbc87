"""Logging in: wrong tries, second factor, sessions that end, and what an administrator can do about it all."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.errors import ConflictError, InputError, NotFound, NotLoggedIn, NotPermitted, SigningError, TooMany
from signing.domain.seat import SeatState
from signing.service import account_commands as a
from signing.service import commands as c
from signing.service.accounts import Account, accounts
from signing.service.commands import BEARER, SYSTEM, Actor
from signing.service.handlers.accounts import reset_password, reset_totp, set_active
from signing.service.handlers.log_in import LoggedIn, count_try, take_back
from signing.service.services import Limits
from tests.integration.service.office import SteppedClock, in_call, log_in, open_app, start_command
from tests.postgres import both_databases

AGENT = "staff_zhang"
PASSWORD = "demo-agent-2026"


async def enter(app: App, password: str = PASSWORD, code: str = "", username: str = "zhang") -> LoggedIn:
    entered: LoggedIn = await app.bus.execute(c.LogIn(BEARER, username, password, code, "192.0.2.7"))
    return entered


async def refusal(app: App, password: str = PASSWORD, code: str = "", username: str = "zhang") -> SigningError:
    with pytest.raises(SigningError) as refused:
        await enter(app, password, code, username)
    return refused.value


def log_of(app: App) -> list[tuple[str, str]]:
    """(what, detail) of each line of the access log, oldest first."""
    with app.services.db.read() as unit:
        bodies = [json.loads(line)["body"] for line in unit.logs.views()]
    return [(body["what"], body["detail"]) for body in bodies]


def account(app: App, username: str = "zhang") -> Account:
    return next(one for one in accounts(app.services, SYSTEM) if one.member.username == username)


async def enrol(app: App, staff_id: str = AGENT) -> pyotp.TOTP:
    enrolment: a.Enrolment = await app.bus.execute(a.EnrolTotp(SYSTEM, staff_id))
    return pyotp.TOTP(enrolment.secret)


# --- lock-out -------------------------------------------------------------------------------------------------------


async def test_the_fifth_wrong_password_locks_and_the_lock_outlives_the_process(
    tmp_path: Path, clock: SteppedClock
) -> None:
    first = open_app(tmp_path / "data", clock=clock)
    for _ in range(5):
        assert isinstance(await refusal(first, "wrong"), NotLoggedIn)
    assert isinstance(await refusal(first), TooMany)
    await first.close()
    second = open_app(tmp_path / "data", clock=clock)
    assert isinstance(await refusal(second), TooMany)
    clock.pass_by(minutes=16)
    assert (await enter(second)).staff.member.staff_id == AGENT
    assert [what for what, _ in log_of(second)] == [
        *["login.failed"] * 5, "account.locked", *["login.refused"] * 2, "login.succeeded",
    ]  # fmt: skip
    await second.close()


async def test_names_that_there_are_not_lock_alike_and_are_not_told(app: App, clock: SteppedClock) -> None:
    said = []
    for username in ("zhang", "nobody"):
        answers = [await refusal(app, "wrong", username=username) for _ in range(6)]
        said.append([(type(one), one.code, one.message, one.hint) for one in answers])
    assert said[0] == said[1]
    unknown = [detail for what, detail in log_of(app) if what == "login.failed" and "未知用户" in detail]
    assert len(unknown) == 1, "one line in a quarter of an hour"
    assert not any("nobody" in detail for detail in unknown)
    clock.pass_by(minutes=16)
    await refusal(app, "wrong", username="nobody")
    assert sum("未知用户" in detail for _, detail in log_of(app)) == 2


@both_databases
async def test_many_at_once_are_not_let_through(app: App) -> None:
    answers = await asyncio.gather(*(refusal(app, "wrong") for _ in range(12)))
    assert sorted(type(one).__name__ for one in answers) == ["NotLoggedIn"] * 5 + ["TooMany"] * 7


@both_databases
async def test_each_series_locks_longer_and_success_forgets(app: App, clock: SteppedClock) -> None:
    for minutes in (15, 30):
        for _ in range(5):
            await refusal(app, "wrong")
        locked = await refusal(app)
        assert isinstance(locked, TooMany)
        assert locked.retry_after == pytest.approx(minutes * 60, abs=5)
        clock.pass_by(minutes=minutes, seconds=1)
    await enter(app)
    for _ in range(4):
        await refusal(app, "wrong")
    await enter(app)


async def test_an_administrator_unlocks(app: App) -> None:
    admin = await log_in(app, "admin", "demo-admin-2026")
    for _ in range(6):
        await refusal(app, "wrong")
    assert account(app).locked_until is not None
    await app.bus.execute(a.UnlockAccount(admin, AGENT))
    assert account(app).locked_until is None
    await enter(app)
    assert ("account.unlocked", AGENT) in log_of(app)


@both_databases
async def test_a_try_without_a_code_does_not_undo_the_lock_that_others_set_meanwhile(app: App) -> None:
    await enrol(app)
    slow = count_try(app.services, "zhang", "")
    for _ in range(4):
        assert (await refusal(app, code="000000")).code == "totp_wrong"
    with app.services.db.write() as unit:
        take_back(unit, slow)
    assert isinstance(await refusal(app), TooMany)


@both_databases
async def test_a_lock_that_only_the_try_itself_set_is_undone(app: App, clock: SteppedClock) -> None:
    totp = await enrol(app)
    for _ in range(4):
        assert (await refusal(app, code="000000")).code == "totp_wrong"
    assert (await refusal(app)).code == "totp_required"
    await enter(app, code=totp.at(clock.now()))


async def test_two_tries_of_one_moment_are_two(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = app.services.clock.now()
    monkeypatch.setattr(app.services.clock, "now", lambda: moment)
    one, _ = count_try(app.services, "zhang", ""), count_try(app.services, "zhang", "")
    with app.services.db.write() as unit:
        take_back(unit, one)
        assert unit.accounts.tries(one.who).failed_at == (moment,)


async def test_a_right_password_with_a_refused_wish_is_no_wrong_try(app: App) -> None:
    actor = await log_in(app)
    for _ in range(6):
        with pytest.raises(InputError, match="用户名"):
            await app.bus.execute(a.ChangePassword(actor, PASSWORD, "zhang-is-my-name"))
    await enrol(app)
    for _ in range(6):
        with pytest.raises(ConflictError, match="已经绑定"):
            await app.bus.execute(a.BeginTotp(BEARER, "zhang", PASSWORD))
    assert (await refusal(app)).code == "totp_required"


# --- what comes while the password is being checked -------------------------------------------------------------------


def meanwhile(app: App, monkeypatch: pytest.MonkeyPatch, change: Callable[[], object]) -> None:
    """``change`` happens once, after the next password was found right and before anything follows from it."""
    real, pending = app.services.secrets.password_matches, [change]

    def matches(password_hash: str, password: str) -> bool:
        right = real(password_hash, password)
        if pending:
            pending.pop()()
        return right

    monkeypatch.setattr(app.services.secrets, "password_matches", matches)


@both_databases
@pytest.mark.parametrize("what", ["password", "account", "factor"])
async def test_a_log_in_under_way_does_not_outlive_what_ends_all_sessions(
    app: App, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    code = (await enrol(app)).at(clock.now())
    changes: dict[str, Callable[[], object]] = {
        "password": lambda: reset_password(a.ResetPassword(SYSTEM, AGENT, "another long one"), app.services),
        "account": lambda: set_active(a.SetActive(SYSTEM, AGENT, False), app.services),
        "factor": lambda: reset_totp(a.ResetTotp(SYSTEM, AGENT), app.services),
    }
    meanwhile(app, monkeypatch, changes[what])
    assert isinstance(await refusal(app, code=code), NotLoggedIn)
    assert account(app).sessions == ()


@both_databases
async def test_a_change_of_password_does_not_enable_who_is_being_disabled(app: App) -> None:
    actor = await log_in(app)
    with app.services.db.write() as unit:
        unit.people.save_staff(replace(unit.people.hold_staff(AGENT), active=False))
        changing = asyncio.create_task(app.bus.execute(a.ChangePassword(actor, PASSWORD, "a much longer one")))
        await asyncio.sleep(1)  # it has come as far as it can before this unit's end
    with pytest.raises(SigningError):
        await changing
    assert not account(app).member.active


async def test_a_taken_seat_uses_up_no_code_and_is_no_wrong_try(app: App, clock: SteppedClock) -> None:
    totp = await enrol(app)
    with app.services.db.write() as unit:
        seat = unit.queue.seat(str(account(app).member.seat_id))
        unit.queue.save_seat(replace(seat, state=SeatState.AVAILABLE, staff_id="staff_chen"))
    clock.pass_by(seconds=30 - clock.now().timestamp() % 30)  # a step begins, so that none ends meanwhile
    code = totp.at(clock.now())
    for _ in range(6):
        assert isinstance(await refusal(app, code=code), ConflictError)
    with app.services.db.write() as unit:
        unit.queue.save_seat(seat)
    await enter(app, code=code)


# --- the second factor ----------------------------------------------------------------------------------------------


async def test_the_code_is_asked_for_and_counts_once(app: App, clock: SteppedClock) -> None:
    totp = await enrol(app)
    assert (await refusal(app)).code == "totp_required"
    code = totp.at(clock.now())
    await enter(app, code=code)
    assert (await refusal(app, code=code)).code == "totp_wrong"
    clock.pass_by(seconds=30)
    await enter(app, code=totp.at(clock.now()))
    # The step before the last used one is over, though the clock would still allow it.
    clock.pass_by(seconds=30)
    assert (await refusal(app, code=totp.at(clock.now() - timedelta(seconds=30)))).code == "totp_wrong"


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_one_step_off(app: App, clock: SteppedClock, steps: int, accepted: bool) -> None:
    totp = await enrol(app)
    clock.pass_by(seconds=45 - clock.now().timestamp() % 30)  # the middle of a step, so that none ends meanwhile
    code = totp.at(clock.now() + timedelta(seconds=30 * steps))
    if accepted:
        await enter(app, code=code)
    else:
        assert (await refusal(app, code=code)).code == "totp_wrong"


@both_databases
async def test_the_same_code_twice_at_once_lets_one_in(app: App, clock: SteppedClock) -> None:
    code = (await enrol(app)).at(clock.now())
    answers = await asyncio.gather(*(enter(app, code=code) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, LoggedIn) for one in answers) == 1


async def test_a_code_in_other_digits_is_a_wrong_one_and_no_error(app: App, clock: SteppedClock) -> None:
    code = (await enrol(app)).at(clock.now())
    for other in (code.translate(str.maketrans("0123456789", "０１２３４５６７８９")), "口令"):
        assert (await refusal(app, code=other)).code == "totp_wrong"


async def test_wrong_codes_lock_and_the_right_password_between_them_forgives_nothing(app: App) -> None:
    await enrol(app)
    for _ in range(4):
        assert (await refusal(app, code="000000")).code == "totp_wrong"
        assert (await refusal(app)).code == "totp_required"
    assert (await refusal(app, code="000000")).code == "totp_wrong"
    assert isinstance(await refusal(app), TooMany)


async def test_the_first_log_in_of_a_role_that_needs_it_enrols(app: App, clock: SteppedClock) -> None:
    admin = await log_in(app, "admin", "demo-admin-2026")
    await app.bus.execute(a.RequireTotp(admin, "agent", True))
    assert (await refusal(app)).code == "totp_enrol"
    with pytest.raises(NotLoggedIn):
        await app.bus.execute(a.BeginTotp(BEARER, "zhang", "wrong"))
    begun = await app.bus.execute(a.BeginTotp(BEARER, "zhang", PASSWORD))
    assert begun.uri.startswith("otpauth://totp/")
    assert account(app).factor == "pending"
    scanned = pyotp.parse_uri(begun.uri)
    assert isinstance(scanned, pyotp.TOTP)
    await enter(app, code=scanned.at(clock.now()))
    assert account(app).factor == "confirmed"
    with pytest.raises(ConflictError):
        await app.bus.execute(a.BeginTotp(BEARER, "zhang", PASSWORD))
    assert (await refusal(app)).code == "totp_required"


async def test_a_lost_authenticator_is_reset_and_the_sessions_with_it(app: App, clock: SteppedClock) -> None:
    totp = await enrol(app)
    entered = await enter(app, code=totp.at(clock.now()))
    admin = await log_in(app, "admin", "demo-admin-2026")
    await app.bus.execute(a.ResetTotp(admin, AGENT))
    with pytest.raises(NotPermitted):
        await app.bus.execute(a.ResetTotp(admin, admin.actor_id))
    with pytest.raises(NotLoggedIn):
        app.queries.authenticate(entered.token)
    await enter(app)
    assert ("totp.reset", AGENT) in log_of(app)


async def test_the_secret_is_not_in_the_database_file(tmp_path: Path) -> None:
    app = open_app(tmp_path / "data")
    enrolment = await app.bus.execute(a.EnrolTotp(SYSTEM, AGENT))
    with app.services.db.read() as unit:
        factor = unit.accounts.second_factor(AGENT)
        assert factor is not None
        assert factor.secret == enrolment.secret
    await app.close()
    for file in (tmp_path / "data").glob("pingqian.db*"):
        assert enrolment.secret.encode() not in file.read_bytes()


async def test_outside_the_demonstration_three_roles_need_it(tmp_path: Path) -> None:
    app = open_app(tmp_path / "data")
    real = app.services.limits.factor_roles
    assert real == frozenset()
    await app.close()

    assert Limits().factor_roles == {"supervisor", "auditor", "administrator"}


# --- sessions -------------------------------------------------------------------------------------------------------


async def test_half_an_hour_without_a_request_ends_a_session_and_requests_keep_it(
    app: App, clock: SteppedClock
) -> None:
    token = (await enter(app)).token
    for _ in range(4):
        clock.pass_by(minutes=20)
        app.queries.authenticate(token)
    clock.pass_by(minutes=30)
    with pytest.raises(NotLoggedIn, match="30 分钟没有操作"):
        app.queries.authenticate(token)


async def test_twelve_hours_end_a_session_however_busy(app: App, clock: SteppedClock) -> None:
    token = (await enter(app)).token
    for _ in range(35):
        clock.pass_by(minutes=20)
        app.queries.authenticate(token)
    clock.pass_by(minutes=20)
    with pytest.raises(NotLoggedIn):
        app.queries.authenticate(token)


async def test_a_session_that_ends_by_time_in_a_call_holds_the_socket_and_takes_no_command(
    app: App, clock: SteppedClock
) -> None:
    agent, _, _, call = await in_call(app)
    token = (await enter(app)).token
    clock.pass_by(hours=12)
    there = app.queries.attendance(token)
    assert there.lapsed
    assert there.actor.actor_id == agent.actor_id
    with pytest.raises(NotLoggedIn):
        app.queries.authenticate(token)
    fresh = app.queries.authenticate((await enter(app)).token)
    await app.bus.execute(start_command(fresh, call))
    await app.bus.execute(c.HangUp(fresh, call.call_id, "测试"))
    with pytest.raises(NotLoggedIn):
        app.queries.attendance(token)


@both_databases
async def test_an_administrator_lists_and_ends_sessions_even_in_a_call(app: App) -> None:
    await in_call(app)
    token = (await enter(app)).token
    sessions = account(app).sessions
    assert sessions[-1].address == "192.0.2.7"
    admin = await log_in(app, "admin", "demo-admin-2026")
    await app.bus.execute(a.EndSession(admin, AGENT, sessions[-1].ref))
    with pytest.raises(NotLoggedIn, match="管理员结束了这次登录"):
        app.queries.attendance(token)
    assert len(account(app).sessions) == len(sessions) - 1
    with pytest.raises(NotFound):
        await app.bus.execute(a.EndSession(admin, AGENT, "0" * 16))


async def test_who_is_disabled_is_out_at_once_and_cannot_come_back(app: App) -> None:
    token = (await enter(app)).token
    admin = await log_in(app, "admin", "demo-admin-2026")
    await app.bus.execute(a.SetActive(admin, AGENT, False))
    with pytest.raises(NotLoggedIn, match="停用"):
        app.queries.authenticate(token)
    assert isinstance(await refusal(app), NotLoggedIn)
    await app.bus.execute(a.SetActive(admin, AGENT, True))
    await enter(app)
    with pytest.raises(InputError):
        await app.bus.execute(a.SetActive(admin, admin.actor_id, False))


# --- passwords ------------------------------------------------------------------------------------------------------


async def test_changing_the_password_ends_the_other_sessions(app: App) -> None:
    other = (await enter(app)).token
    own = (await enter(app)).token
    actor = app.queries.authenticate(own)
    with pytest.raises(InputError, match="原密码"):
        await app.bus.execute(a.ChangePassword(actor, "wrong", "a much longer one"))
    with pytest.raises(InputError, match="用户名"):
        await app.bus.execute(a.ChangePassword(actor, PASSWORD, "zhang-is-my-name"))
    await app.bus.execute(a.ChangePassword(actor, PASSWORD, "a much longer one"))
    assert app.queries.authenticate(own) == actor
    with pytest.raises(NotLoggedIn, match="密码已更改"):
        app.queries.authenticate(other)
    assert isinstance(await refusal(app), NotLoggedIn)
    await enter(app, "a much longer one")


async def test_an_administrator_of_another_institution_finds_nobody(app: App) -> None:
    stranger = Actor("staff", "staff_x", "administrator", "inst_other", "外人")
    for command in (
        a.UnlockAccount(stranger, AGENT), a.ResetTotp(stranger, AGENT), a.SetActive(stranger, AGENT, False),
        a.ResetPassword(stranger, AGENT, "a much longer one"), a.EndSession(stranger, AGENT, "0" * 16),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await app.bus.execute(command)
    assert accounts(app.services, stranger) == []
    assert len(accounts(app.services, SYSTEM)) == len(demo_data.STAFF)

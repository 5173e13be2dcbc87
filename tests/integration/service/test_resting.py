"""Accounts of supervisors and auditors rest after they were made or reset, until another of them confirms."""

from collections.abc import Callable

import pyotp
import pytest

from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.errors import ConflictError, InputError, NotFound, NotLoggedIn, NotPermitted, SigningError, TooMany
from signing.domain.resting import CODE_TRIES, Cause
from signing.service import account_commands as a
from signing.service.accounts import accounts
from signing.service.board import board
from signing.service.commands import BEARER, SYSTEM, Actor, AddStaff, Command
from signing.service.ports import Institution
from signing.service.resting import resting_accounts
from signing.service.store import Branch, StaffMember
from tests.integration.service.office import SteppedClock, log_in
from tests.integration.service.test_accounts import enrol, enter, log_of, refusal
from tests.postgres import both_databases

AUDITOR, SUPERVISOR, NEW = "staff_lin", "staff_chen", "another long one"
OWN = "nobody else knows it"
BRANCH = demo_data.BRANCH.branch_id


@pytest.fixture
async def admin(app: App) -> Actor:
    return await log_in(app, "admin", "demo-admin-2026")


@pytest.fixture
async def chen(app: App) -> Actor:
    return await log_in(app, "chen", "demo-super-2026")


def rests(app: App, staff_id: str = AUDITOR) -> bool:
    return next(one.resting for one in accounts(app.services, SYSTEM) if one.member.staff_id == staff_id)


async def add(app: App, by: Actor, username: str, role: str = "auditor", branch_id: str = BRANCH) -> str:
    staff_id: str = await app.bus.execute(AddStaff(by, username, NEW, f"{username}某", role, branch_id))
    return staff_id


async def taken(app: App, username: str, code: str, password: str = NEW) -> str:
    """→ the password that the owner has chosen."""
    await app.bus.execute(a.TakeAccount(BEARER, username, password, code, OWN, "192.0.2.7"))
    return OWN


async def not_taken(app: App, code: str, password: str = NEW, new: str = OWN) -> SigningError:
    with pytest.raises(SigningError) as refused:
        await app.bus.execute(a.TakeAccount(BEARER, "lin", password, code, new, "192.0.2.7"))
    return refused.value


RESETS: dict[Cause, Callable[[Actor], Command]] = {
    Cause.PASSWORD: lambda by: a.ResetPassword(by, AUDITOR, NEW),
    Cause.TOTP: lambda by: a.ResetTotp(by, AUDITOR),
}


@both_databases
@pytest.mark.parametrize("cause", RESETS)
async def test_who_was_reset_stays_out_until_a_peer_confirms(app: App, admin: Actor, chen: Actor, cause: Cause) -> None:
    await app.bus.execute(RESETS[cause](admin))
    password = NEW if cause is Cause.PASSWORD else "demo-audit-2026"
    out = await refusal(app, password, username="lin")
    assert (out.code, out.message) == ("account_resting", "这个账号刚添加或重设过，还不能登录")
    assert "另一位主管或审计" in out.hint
    (shown,) = resting_accounts(app.services, chen)
    (change,) = shown.resting.changes
    assert (shown.member.staff_id, change.cause, shown.names[change.by_id]) == (AUDITOR, cause, "管理员")
    code = await app.bus.execute(a.ConfirmAccount(chen, AUDITOR, shown.resting.since))
    assert bool(code) is (cause is Cause.PASSWORD), "where nobody else chose the password there is none to choose"
    assert resting_accounts(app.services, chen) == []
    own = await taken(app, "lin", code) if code else password
    assert (await enter(app, own, username="lin")).staff.member.staff_id == AUDITOR
    assert not rests(app)
    said = [line for line in log_of(app) if line[0].startswith("account.")]
    detail = f"{AUDITOR} {cause} by staff_admin"
    after = [("account.taken", "192.0.2.7")] if code else []
    assert said == [("account.resting", detail), ("account.confirmed", detail), *after]


@both_databases
async def test_a_second_reset_hides_no_first(app: App, admin: Actor, chen: Actor, clock: SteppedClock) -> None:
    """A peer who asks Lin about the authenticator asks about the password too."""
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    clock.pass_by(seconds=5)
    await app.bus.execute(a.ResetTotp(SYSTEM, AUDITOR))
    (shown,) = resting_accounts(app.services, chen)
    assert [(one.cause, shown.names.get(one.by_id)) for one in shown.resting.changes] == [
        (Cause.PASSWORD, "管理员"), (Cause.TOTP, None),
    ]  # fmt: skip
    (board_row,) = board(app.services, chen).resting
    assert board_row == shown
    await app.bus.execute(a.ConfirmAccount(chen, AUDITOR, shown.resting.since))
    assert ("account.confirmed", f"{AUDITOR} password by staff_admin, totp by system") in log_of(app)


async def test_the_same_reset_again_takes_its_own_place_only(
    app: App, admin: Actor, chen: Actor, clock: SteppedClock
) -> None:
    for command in (a.ResetPassword(admin, AUDITOR, NEW), a.ResetTotp(admin, AUDITOR)) * 20:
        clock.pass_by(seconds=1)
        await app.bus.execute(command)
    (shown,) = resting_accounts(app.services, chen)
    assert [one.cause for one in shown.resting.changes] == [Cause.PASSWORD, Cause.TOTP]
    assert shown.resting.since == shown.resting.changes[-1].at


@both_databases
async def test_a_refused_new_account_stays_new_and_refused(
    app: App, admin: Actor, chen: Actor, clock: SteppedClock
) -> None:
    ghost = await add(app, admin, "ghost")
    (before,) = resting_accounts(app.services, chen)
    clock.pass_by(seconds=5)
    await app.bus.execute(a.RefuseAccount(chen, ghost, "没有这个人"))
    await app.bus.execute(a.SetActive(admin, ghost, True))
    with pytest.raises(ConflictError, match="新的变动"):
        await app.bus.execute(a.ConfirmAccount(chen, ghost, before.resting.since))
    await app.bus.execute(a.ResetTotp(admin, ghost))
    (shown,) = resting_accounts(app.services, chen)
    assert [one.cause for one in shown.resting.changes] == [Cause.ADDED, Cause.TOTP]
    assert (shown.names[shown.resting.refused_by], shown.resting.refused_for) == ("陈主管", "没有这个人")
    await app.bus.execute(a.ConfirmAccount(chen, ghost))
    told = f"{ghost} added by staff_admin, totp by staff_admin; refused by {SUPERVISOR}: 没有这个人"
    assert ("account.confirmed", told) in log_of(app)


async def test_a_new_auditor_and_a_new_supervisor_wait_and_an_agent_does_not(
    app: App, admin: Actor, chen: Actor
) -> None:
    made = {role: await add(app, admin, f"new{role}", role) for role in ("auditor", "supervisor", "agent")}
    assert {role: rests(app, staff_id) for role, staff_id in made.items()} == {
        "auditor": True, "supervisor": True, "agent": False,
    }  # fmt: skip
    assert (await refusal(app, NEW, username="newauditor")).code == "account_resting"
    code = await app.bus.execute(a.ConfirmAccount(chen, made["auditor"]))
    await enter(app, await taken(app, "newauditor", code), username="newauditor")


async def test_only_who_knows_the_password_is_told_and_no_try_is_counted(
    app: App, admin: Actor, clock: SteppedClock
) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    assert (await refusal(app, "wrong", username="lin")).code == "not_logged_in"
    for _ in range(8):
        out = await refusal(app, NEW, username="lin")
        assert not isinstance(out, TooMany)
        assert out.code == "account_resting"
    assert log_of(app).count(("login.resting", f"{AUDITOR} 192.0.2.7")) == 1, "who knows the password fills no log"
    clock.pass_by(minutes=16)
    await refusal(app, NEW, username="lin")
    assert log_of(app).count(("login.resting", f"{AUDITOR} 192.0.2.7")) == 2


async def test_no_authenticator_is_bound_while_the_account_rests(app: App, admin: Actor) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    with pytest.raises(NotLoggedIn) as out:
        await app.bus.execute(a.BeginTotp(BEARER, "lin", NEW))
    assert out.value.code == "account_resting"
    with app.services.db.read() as unit:
        assert unit.accounts.second_factor(AUDITOR) is None


@both_databases
async def test_a_refusal_disables_and_what_is_enabled_again_still_rests(app: App, admin: Actor, chen: Actor) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    with pytest.raises(InputError):
        await app.bus.execute(a.RefuseAccount(chen, AUDITOR, " "))
    await app.bus.execute(a.RefuseAccount(chen, AUDITOR, "林审计没有申请重设"))
    assert (await refusal(app, NEW, username="lin")).code == "not_logged_in"
    assert resting_accounts(app.services, chen) == []
    assert (
        "account.refused",
        f"{AUDITOR} password by staff_admin; refused by {SUPERVISOR}: 林审计没有申请重设",
    ) in log_of(app)
    await app.bus.execute(a.SetActive(admin, AUDITOR, True))
    assert (await refusal(app, NEW, username="lin")).code == "account_resting"
    assert [one.member.staff_id for one in resting_accounts(app.services, chen)] == [AUDITOR]


async def test_who_confirms_is_another_able_one_of_the_same_institution(
    app: App, admin: Actor, chen: Actor, clock: SteppedClock
) -> None:
    lin = await log_in(app, "lin", "demo-audit-2026")
    await app.bus.execute(a.ResetPassword(admin, SUPERVISOR, NEW))
    elsewhere = Actor("staff", "staff_far", "supervisor", "inst_far", "远主管")
    for actor, kind in ((chen, NotPermitted), (admin, NotPermitted), (SYSTEM, NotPermitted), (elsewhere, NotFound)):
        with pytest.raises(kind):
            await app.bus.execute(a.ConfirmAccount(actor, SUPERVISOR))
    assert rests(app, SUPERVISOR)
    code = await app.bus.execute(a.ConfirmAccount(lin, SUPERVISOR))
    assert rests(app, SUPERVISOR), "until its owner comes"
    with pytest.raises(ConflictError):
        await app.bus.execute(a.ConfirmAccount(lin, SUPERVISOR))
    await taken(app, "chen", code)
    assert not rests(app, SUPERVISOR)
    with pytest.raises(ConflictError):
        await app.bus.execute(a.ConfirmAccount(lin, SUPERVISOR))


async def test_what_changed_since_it_was_shown_is_looked_at_again(
    app: App, admin: Actor, chen: Actor, clock: SteppedClock
) -> None:
    await app.bus.execute(a.ResetTotp(admin, AUDITOR))
    (shown,) = resting_accounts(app.services, chen)
    clock.pass_by(seconds=5)
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    for late in (
        a.ConfirmAccount(chen, AUDITOR, shown.resting.since),
        a.RefuseAccount(chen, AUDITOR, "x", shown.resting.since),
    ):
        with pytest.raises(ConflictError, match="新的变动"):
            await app.bus.execute(late)
    assert rests(app)


async def test_an_administrator_finds_no_way_around_by_putting_the_others_out(app: App, admin: Actor) -> None:
    """All watchers disabled or reset: what is made now rests too, and the command line is what is left."""
    await app.bus.execute(a.SetActive(admin, AUDITOR, False))
    await app.bus.execute(a.ResetPassword(admin, SUPERVISOR, NEW))
    own = await add(app, admin, "mine")
    assert [rests(app, one) for one in (SUPERVISOR, own)] == [True, True]
    for username in ("mine", "chen"):
        assert (await refusal(app, NEW, username=username)).code == "account_resting"
    code = await app.bus.execute(a.ConfirmAccount(SYSTEM, SUPERVISOR))
    await enter(app, await taken(app, "chen", code), username="chen")
    with pytest.raises(NotPermitted):
        await app.bus.execute(a.ConfirmAccount(SYSTEM, own))


async def test_the_very_first_of_an_institution_needs_nobody(app: App) -> None:
    with app.services.db.write() as unit:
        unit.people.add_institution(Institution("inst_b", "乙社", "乙社", "乙县", "1", "乙", "9"))
        unit.people.add_branch(Branch("branch_b", "inst_b", "乙支行"))
        unit.people.save_staff(StaffMember("adm_b", "admb", "乙管", "administrator", "inst_b", "branch_b", "x"))
    admin = Actor("staff", "adm_b", "administrator", "inst_b", "乙管")
    first = await add(app, admin, "firstone", "supervisor", "branch_b")
    second = await add(app, admin, "secondone", "auditor", "branch_b")
    assert [rests(app, one) for one in (first, second)] == [False, True]
    await enter(app, NEW, username="firstone")


async def test_the_command_line_waits_too_where_somebody_can_look(app: App) -> None:
    await app.bus.execute(a.ResetPassword(SYSTEM, AUDITOR, NEW))
    assert rests(app)
    made = await add(app, SYSTEM, "further", "supervisor")
    assert rests(app, made)


async def test_a_second_authenticator_from_the_command_line_is_a_reset_and_a_first_is_none(app: App) -> None:
    await enrol(app, AUDITOR)
    assert not rests(app)
    totp: pyotp.TOTP = await enrol(app, AUDITOR)
    assert rests(app)
    out = await refusal(app, "demo-audit-2026", totp.now(), username="lin")
    assert out.code == "account_resting"


async def test_open_sessions_of_who_rests_are_over(app: App, admin: Actor) -> None:
    token = (await enter(app, "demo-audit-2026", username="lin")).token
    await app.bus.execute(a.ResetTotp(admin, AUDITOR))
    with pytest.raises(NotLoggedIn):
        app.queries.authenticate(token)


async def test_the_board_shows_what_waits(app: App, admin: Actor, chen: Actor) -> None:
    assert board(app.services, chen).resting == []
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    assert [one.member.name for one in board(app.services, chen).resting] == ["林审计"]


async def test_ones_own_new_password_is_no_reset(app: App) -> None:
    lin = await log_in(app, "lin", "demo-audit-2026")
    await app.bus.execute(a.ChangePassword(lin, "demo-audit-2026", NEW))
    assert not rests(app)
    await enter(app, NEW, username="lin")


async def test_an_agent_may_be_reset_as_before(app: App, admin: Actor) -> None:
    await app.bus.execute(a.ResetPassword(admin, "staff_zhang", NEW))
    await enter(app, NEW)


# --- whoever set the password is out after a confirmation too ---------------------------------------------------------


@both_databases
async def test_the_administrator_who_typed_the_password_gets_in_nowhere(app: App, admin: Actor, chen: Actor) -> None:
    real = await add(app, admin, "wang")
    code = await app.bus.execute(a.ConfirmAccount(chen, real))
    assert (await refusal(app, NEW, username="wang")).code == "owner_code"
    with pytest.raises(NotLoggedIn) as out:
        await app.bus.execute(a.BeginTotp(BEARER, "wang", NEW))
    assert out.value.code == "owner_code"
    with app.services.db.read() as unit:
        assert unit.accounts.second_factor(real) is None
    assert (await enter(app, await taken(app, "wang", code), username="wang")).staff.member.staff_id == real
    assert (await refusal(app, NEW, username="wang")).code == "not_logged_in"
    assert (await not_taken_again(app, code)).code == "not_logged_in"


async def not_taken_again(app: App, code: str) -> SigningError:
    with pytest.raises(SigningError) as refused:
        await app.bus.execute(a.TakeAccount(BEARER, "wang", NEW, code, "yet another long one"))
    return refused.value


@both_databases
async def test_wrong_codes_are_counted_and_spend_it(app: App, admin: Actor, chen: Actor, clock: SteppedClock) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    code = await app.bus.execute(a.ConfirmAccount(chen, AUDITOR))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    said = []
    for _ in range(CODE_TRIES):
        said.append(await not_taken(app, wrong))
        clock.pass_by(minutes=6)  # no lock-out in between
    assert [one.code for one in said] == ["owner_code_wrong"] * (CODE_TRIES - 1) + ["account_resting"]
    assert "还可以试 4 次" in said[0].hint
    assert (await not_taken(app, code)).code == "account_resting"
    (again,) = resting_accounts(app.services, chen)
    assert ("account.code_spent", f"{AUDITOR} 192.0.2.7") in log_of(app)
    renewed = await app.bus.execute(a.ConfirmAccount(chen, AUDITOR, again.resting.since))
    await enter(app, await taken(app, "lin", renewed), username="lin")


async def test_a_wrong_code_is_a_wrong_try_at_the_door(app: App, admin: Actor, chen: Actor) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    code = await app.bus.execute(a.ConfirmAccount(chen, AUDITOR))
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(3):
        await not_taken(app, wrong)
    for _ in range(2):
        await refusal(app, "wrong", username="lin")
    assert isinstance(await not_taken(app, code), TooMany)


async def test_a_code_of_a_week_ago_is_none_and_another_confirmation_gives_a_new_one(
    app: App, admin: Actor, chen: Actor, clock: SteppedClock
) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    code = await app.bus.execute(a.ConfirmAccount(chen, AUDITOR))
    clock.pass_by(minutes=7 * 24 * 60)
    assert (await not_taken(app, code)).code == "account_resting"
    fresh = await log_in(app, "chen", "demo-super-2026")
    assert [one.member.staff_id for one in resting_accounts(app.services, fresh)] == [AUDITOR]
    await taken(app, "lin", await app.bus.execute(a.ConfirmAccount(fresh, AUDITOR)))


async def test_a_change_after_the_confirmation_makes_its_code_void(
    app: App, admin: Actor, chen: Actor, clock: SteppedClock
) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    code = await app.bus.execute(a.ConfirmAccount(chen, AUDITOR))
    clock.pass_by(seconds=5)
    await app.bus.execute(a.ResetTotp(admin, AUDITOR))
    assert (await not_taken(app, code)).code == "account_resting"
    (shown,) = resting_accounts(app.services, chen)
    assert [one.cause for one in shown.resting.changes] == [Cause.PASSWORD, Cause.TOTP]


async def test_the_owner_chooses_another_password_than_the_one_that_is_known(
    app: App, admin: Actor, chen: Actor
) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    code = await app.bus.execute(a.ConfirmAccount(chen, AUDITOR))
    assert "不能与现在的密码相同" in (await not_taken(app, code, new=NEW)).message
    assert "密码至少" in (await not_taken(app, code, new="short")).message
    assert (await not_taken(app, code, password="not the password")).code == "not_logged_in"
    await taken(app, "lin", code)


async def test_there_is_nothing_to_take_where_an_account_does_not_rest(app: App) -> None:
    assert isinstance(await not_taken(app, "123456", password="demo-audit-2026"), ConflictError)
    await enter(app, "demo-audit-2026", username="lin")


async def test_the_code_is_nowhere_but_with_who_confirmed(app: App, admin: Actor, chen: Actor) -> None:
    await app.bus.execute(a.ResetPassword(admin, AUDITOR, NEW))
    code = await app.bus.execute(a.ConfirmAccount(chen, AUDITOR))
    with app.services.db.read() as unit:
        resting = unit.accounts.resting(AUDITOR)
        assert all(code.encode() not in line for line in unit.logs.views())
    assert resting is not None
    assert len(resting.code_hash) == 64, "a digest"
    assert resting.code_hash not in repr(resting)

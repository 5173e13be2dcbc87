"""Log-in and accounts over a real server: second factor, lock-outs, sessions ended under an open socket."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest

from signing.adapters import demo_data
from signing.service import account_commands as a
from signing.service.accounts import accounts
from signing.service.commands import SYSTEM
from tests.integration.service.office import SteppedClock
from tests.integration.web.running import PASSWORDS, Running, Socket, running, socket_to

AGENT = "staff_zhang"


async def log_in(service: Running, username: str, code: str = "") -> tuple[int, dict[str, object]]:
    body = {"username": username, "password": PASSWORDS[username]} | ({"code": code} if code else {})
    async with service.client() as http:
        answer = await http.post("/api/staff/login", json=body)
    return answer.status_code, dict(answer.json())


async def test_the_first_log_in_with_an_authenticator(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        async with service.client(await service.log_in("admin")) as admin:
            rule = {"role": "supervisor", "required": True}
            assert (await admin.put("/api/accounts/rules/totp", json=rule)).status_code == 204
        status, refused = await log_in(service, "chen")
        assert (status, refused["code"]) == (401, "totp_enrol")
        async with service.client() as http:
            wrong = await http.post("/api/staff/totp", json={"username": "chen", "password": "wrong"})
            begun = await http.post("/api/staff/totp", json={"username": "chen", "password": PASSWORDS["chen"]})
            odd = await http.post("/api/staff/login", json={"username": "chen", "password": "x", "code": "12a456"})
        assert (wrong.status_code, begun.status_code, odd.status_code) == (401, 200, 422)
        rows = begun.json()["squares"]
        assert all(set(row) <= {"0", "1"} and len(row) == len(rows) for row in rows)
        assert begun.headers["cache-control"] == "no-store"
        totp = pyotp.parse_uri(begun.json()["uri"])
        assert isinstance(totp, pyotp.TOTP)
        assert totp.secret == begun.json()["secret"]
        code = totp.now()
        assert (await log_in(service, "chen", code))[0] == 200
        status, refused = await log_in(service, "chen", code)
        assert (status, refused["code"]) == (401, "totp_wrong")
        assert (await log_in(service, "chen"))[1]["code"] == "totp_required"


async def test_the_administrator_sees_locks_and_sessions_and_ends_them(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        token = await service.log_in("zhang")
        async with service.client() as http:
            for _ in range(5):
                await http.post("/api/staff/login", json={"username": "zhang", "password": "wrong"})
        assert (await log_in(service, "zhang"))[0] == 429
        async with (
            service.client(await service.log_in("admin")) as admin,
            socket_to(service.ws + "/api/seat/ws", token) as seat,
        ):
            await seat.next("seat.view")
            zhang = await account(admin, "zhang")
            assert zhang["locked_until"] is not None
            assert (await admin.post(f"/api/accounts/{AGENT}/unlock")).status_code == 204
            assert (await account(admin, "zhang"))["locked_until"] is None
            ref = zhang["sessions"][0]["ref"]
            assert zhang["sessions"][0]["address"] == "127.0.0.1"
            assert (await admin.post(f"/api/accounts/{AGENT}/sessions/{ref}/end")).status_code == 204
            assert (await seat.next("gone"))["reason"] == "ended"
        async with service.client(token) as http:
            refused = await http.get("/api/staff/view")
        assert (refused.status_code, refused.json()["code"]) == (401, "session_ended")
        assert (await log_in(service, "zhang"))[0] == 200


async def account(admin: httpx.AsyncClient, username: str) -> dict[str, Any]:
    listed = (await admin.get("/api/accounts")).json()["accounts"]
    return next(dict(one) for one in listed if one["username"] == username)


async def test_accounts_are_added_disabled_and_their_passwords_changed(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        new = {"username": "huang", "password": "long-enough-2026", "name": "黄五", "role": "agent",
               "branch_id": demo_data.BRANCH.branch_id}  # fmt: skip
        async with service.client(await service.log_in("admin")) as admin:
            added = await admin.post("/api/accounts", json=new)
            assert added.status_code == 201
            bad = await admin.post("/api/accounts", json=new | {"username": "other", "password": "other-other"})
            assert (bad.status_code, bad.json()["message"]) == (422, "密码里不能有用户名")
            at = f"/api/accounts/{added.json()['staff_id']}"
            async with service.client() as http:
                entered = await http.post("/api/staff/login", json={"username": "huang", "password": new["password"]})
            async with service.client(entered.json()["token"]) as own:
                change = {"old": new["password"], "new": "another-long-one"}
                assert (await own.post("/api/staff/password", json=change)).status_code == 204
                wrong = await own.post("/api/staff/password", json=change)
                assert (wrong.status_code, wrong.json()["message"]) == (422, "原密码不正确")
                assert (await admin.put(f"{at}/active", json={"active": False})).status_code == 204
                assert (await own.get("/api/audit/cases")).json()["code"] == "session_ended"


async def test_an_open_socket_keeps_a_session_and_its_absence_ends_it(tmp_path: Path) -> None:
    clock = SteppedClock()
    async with running(tmp_path / "data", clock=clock) as service:
        token = await service.log_in("zhang")
        async with socket_to(service.ws + "/api/seat/ws", token) as seat:
            await seat.next("seat.view")
            for _ in range(3):
                clock.pass_by(minutes=20)
                service.web.hub.changed()  # as every fifteen seconds
                await seat.send(type="ping", n=1)
                await until_seen(service, clock)
        async with service.client(token) as http:
            assert (await http.get("/api/staff/view")).status_code == 200
            clock.pass_by(minutes=31)
            assert "没有操作" in (await http.get("/api/staff/view")).json()["message"]


async def until_seen(service: Running, clock: SteppedClock) -> None:
    """Until the service has noted that the session's owner is there."""

    def seen() -> bool:
        (mine,) = [one for one in accounts(service.web.services, SYSTEM) if one.member.staff_id == AGENT]
        return (clock.now() - mine.sessions[-1].seen_at).total_seconds() < 60

    for _ in range(200):
        if await asyncio.to_thread(seen):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the session's owner was not noticed")


async def test_no_log_line_holds_a_secret_or_a_code(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with running(tmp_path / "data") as service:
        enrolment = await service.web.execute(a.EnrolTotp(SYSTEM, AGENT))
        code = pyotp.TOTP(enrolment.secret).now()
        assert (await log_in(service, "zhang", code))[0] == 200
    out, err = capfd.readouterr()
    for secret in (enrolment.secret, code, PASSWORDS["zhang"]):
        assert secret not in out + err


async def test_a_reset_auditor_waits_for_the_supervisor_who_sees_it_on_the_board(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        supervisor = await service.log_in("chen")
        async with (
            service.client(await service.log_in("admin")) as admin,
            service.client(supervisor) as chen,
            socket_to(service.ws + "/api/board/ws", supervisor) as board,
        ):
            assert (await board.next("board.view"))["resting"] == []
            new = {"password": PASSWORDS["lin"]}
            assert (await admin.post("/api/accounts/staff_lin/password", json=new)).status_code == 204
            status, refused = await log_in(service, "lin")
            assert (status, refused["code"]) == (401, "account_resting")
            assert "另一位主管或审计" in str(refused["hint"])
            (pushed,) = (await next_resting(board))["resting"]
            (change,) = pushed["changes"]
            assert (pushed["name"], change["title"], change["by"]) == ("林审计", "密码被重设", "管理员")
            assert (await chen.get("/api/accounts/resting")).json()["accounts"] == [pushed]
            listed = (await admin.get("/api/accounts")).json()["accounts"]
            assert [one["username"] for one in listed if one["resting"]] == ["lin"]
            own = await admin.post("/api/accounts/staff_lin/confirm", json={"since": pushed["since"]})
            assert own.status_code == 403
            old = await chen.post("/api/accounts/staff_lin/confirm", json={"since": "2026-01-01T00:00:00Z"})
            assert (old.status_code, old.json()["message"]) == (409, "这个账号刚刚又有新的变动")
            done = await chen.post("/api/accounts/staff_lin/confirm", json={"since": pushed["since"]})
            assert done.status_code == 200
            assert done.headers["cache-control"] == "no-store"
            assert (await board.view_where("board.view", "resting", []))["resting"] == []
            assert (await log_in(service, "lin"))[1]["code"] == "owner_code"
            async with service.client() as http:
                body = {"username": "lin", "password": PASSWORDS["lin"], "new": "lin's-own-2026-x"}
                odd = await http.post("/api/staff/take", json=body | {"code": "12345x"})
                body["code"] = done.json()["code"]
                same = await http.post("/api/staff/take", json=body | {"new": PASSWORDS["lin"]})
                mine = await http.post("/api/staff/take", json=body | {"new": "only-the-owner-1"})
                assert (odd.status_code, same.status_code, mine.status_code) == (422, 422, 204)
                owner = {"username": "lin", "password": "only-the-owner-1"}
                assert (await http.post("/api/staff/login", json=owner)).status_code == 200
            assert (await log_in(service, "lin"))[1]["code"] == "not_logged_in"


async def next_resting(board: Socket) -> dict[str, Any]:
    while True:
        view = await board.next("board.view")
        if view["resting"]:
            return view


async def test_a_second_reset_is_pushed_beside_the_first(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        supervisor = await service.log_in("chen")
        async with (
            service.client(await service.log_in("admin")) as admin,
            service.client(supervisor) as chen,
            socket_to(service.ws + "/api/board/ws", supervisor) as board,
        ):
            await admin.post("/api/accounts/staff_lin/password", json={"password": PASSWORDS["lin"]})
            (first,) = (await next_resting(board))["resting"]
            assert (await admin.post("/api/accounts/staff_lin/totp/reset")).status_code == 204
            (both,) = (await chen.get("/api/accounts/resting")).json()["accounts"]
            assert [one["title"] for one in both["changes"]] == ["密码被重设", "动态口令被重设"]
            assert both["since"] > first["since"]
            await board.view_where("board.view", "resting", [both])
            body = {"since": both["since"], "reason": "密码没有申请重设"}
            assert (await chen.post("/api/accounts/staff_lin/refuse", json=body)).status_code == 204
            await admin.put("/api/accounts/staff_lin/active", json={"active": True})
            (again,) = (await chen.get("/api/accounts/resting")).json()["accounts"]
            assert (again["refusal"]["by"], again["refusal"]["reason"]) == ("陈主管", "密码没有申请重设")


async def test_a_refused_account_is_out(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        async with service.client(await service.log_in("admin")) as admin:
            new = {"username": "mine", "password": "a-long-phrase-1", "name": "某", "role": "auditor",
                   "branch_id": demo_data.BRANCH.branch_id}  # fmt: skip
            added = (await admin.post("/api/accounts", json=new)).json()["staff_id"]
        async with service.client(await service.log_in("lin")) as lin:
            (waiting,) = (await lin.get("/api/accounts/resting")).json()["accounts"]
            body = {"since": waiting["since"], "reason": "没有接到通知"}
            assert (await lin.post(f"/api/accounts/{added}/refuse", json=body)).status_code == 204
            assert (await lin.get("/api/accounts/resting")).json()["accounts"] == []
        async with service.client() as http:
            tried = await http.post("/api/staff/login", json={"username": "mine", "password": "a-long-phrase-1"})
        assert tried.json()["code"] == "not_logged_in"

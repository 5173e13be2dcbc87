"""Log-in, roles, bodies, headers over a real server."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.integration.web.running import BORROWER, CASE, PASSWORDS, SECRETS, Running, running

CHINESE = re.compile(r"[一-鿿]")


async def test_the_staff_journey_through_the_door(tmp_path: Path) -> None:
    """One server for what only reads: starting one costs more than the requests."""
    async with running(tmp_path / "data") as service:
        await refuses_wrong_passwords_alike(service)
        await ends_a_session_at_log_out(service)
        await shows_the_other_seats_to_who_may_hand_a_call_over(service)
        await answers_every_path_with_strict_headers(service)
        await refuses_bodies_that_are_too_large_or_wrong(service)
        await says_whether_it_is_alive(service)
        await many_guesses_at_once_are_not_let_through(service)
        await locks_out_after_five_failures(service)


async def refuses_wrong_passwords_alike(service: Running) -> None:
    async with service.client() as http:
        known = await http.post("/api/staff/login", json={"username": "zhang", "password": "wrong"})
        unknown = await http.post("/api/staff/login", json={"username": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 401
    assert known.json() == unknown.json()
    assert known.headers["www-authenticate"] == "Bearer"


async def ends_a_session_at_log_out(service: Running) -> None:
    token = await service.log_in("lin")
    async with service.client(token) as http:
        assert (await http.get("/api/audit/cases")).status_code == 200
        assert (await http.post("/api/staff/logout")).status_code == 204
        gone = await http.get("/api/audit/cases")
    assert gone.status_code == 401
    assert (gone.json()["code"], gone.json()["message"]) == ("not_logged_in", "您已退出登录")


async def shows_the_other_seats_to_who_may_hand_a_call_over(service: Running) -> None:
    seen = {}
    for username in ("zhang", "chen", "lin", "admin"):
        async with service.client(await service.log_in(username)) as http:
            answer = await http.get("/api/seat/colleagues")
            seen[username] = (answer.status_code, [seat["seat_id"] for seat in answer.json().get("seats", [])])
    assert seen == {"zhang": (200, ["seat_01"]), "chen": (200, ["seat_07"]), "lin": (403, []), "admin": (403, [])}


async def answers_every_path_with_strict_headers(service: Running) -> None:
    async with service.client() as http:
        for path, status in (
            ("/s", 200),
            ("/", 200),
            ("/api/phone/view", 401),
            ("/nowhere", 404),
            ("/phone/x.js", 404),
        ):
            answer = await http.get(path)
            assert answer.status_code == status, path
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert "camera=(self)" in answer.headers["permissions-policy"]
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert "server" not in answer.headers
            assert "set-cookie" not in answer.headers
        assert (await http.get("/api/phone/view")).headers["cache-control"] == "no-store"
        page = await http.get("/s")
        assert f"connect-src 'self' {service.ws}" in page.headers["content-security-policy"]
        assert (await http.get("/s", headers={"If-None-Match": page.headers["etag"]})).status_code == 304
        assert (await http.get("/phone/../app.py")).status_code == 404
        assert (await http.get("/openapi.json")).status_code == 404
        wrong_method = await http.delete("/api/staff/login")
        assert (wrong_method.status_code, wrong_method.json()["code"]) == (405, "method_not_allowed")


async def refuses_bodies_that_are_too_large_or_wrong(service: Running) -> None:
    token = await service.log_in("zhang")
    async with service.client(token) as http:
        large = await http.post("/api/cases", content=b"x" * (256 * 1024 + 1))
        assert large.status_code == 413

        async def endless() -> object:
            for _ in range(400):
                yield b" " * 1024

        streamed = await http.post("/api/cases", content=endless())  # type: ignore[arg-type]
        assert streamed.status_code == 413
        broken = await http.post("/api/cases", content=b"{", headers={"Content-Type": "application/json"})
        assert (broken.status_code, broken.json()["message"]) == (422, "内容不是正确的 JSON")
        wrong = await http.post("/api/cases", json=CASE | {"amount": "18万", "term_months": 0})
        assert wrong.json()["message"] == "“金额”格式不正确；“期限”不能小于 1"
        snapshot = "/api/cases/case_1/parties/party_1/snapshot"
        at = {"X-Captured-At": "2026-11-24T02:10:00Z", "Content-Type": "image/jpeg"}
        assert (await http.post(snapshot, content=b"GIF89a", headers=at)).status_code == 415
        assert (await http.post(snapshot, content=b"\xff\xd8\xff")).status_code == 422
        odd = await http.get("/api/cases/" + "a" * 65)
        assert odd.json()["message"] == "“业务编号”格式不正确"


async def says_whether_it_is_alive(service: Running) -> None:
    async with service.client() as http:
        assert (await http.get("/livez")).status_code == 200
        assert (await http.get("/readyz")).status_code == 200


async def many_guesses_at_once_are_not_let_through(service: Running) -> None:
    wrong = {"username": "chen", "password": "wrong"}
    async with service.client() as http:
        answers = await asyncio.gather(*(http.post("/api/staff/login", json=wrong) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7


async def locks_out_after_five_failures(service: Running) -> None:
    wrong = {"username": "admin", "password": "wrong"}
    async with service.client() as http:
        for _ in range(5):
            assert (await http.post("/api/staff/login", json=wrong)).status_code == 401
        right = await http.post("/api/staff/login", json={"username": "Admin", "password": PASSWORDS["admin"]})
        assert right.status_code == 429
        assert 880 <= int(right.headers["retry-after"]) <= 900
        assert CHINESE.search(right.json()["hint"])
        assert (await http.get("/livez")).status_code == 200


async def test_the_log_holds_no_secret(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        token = await service.customer(opened)
        capability = opened.invitations[0].url.partition("#")[2]
        async with service.client(await service.log_in("lin")) as http:
            await http.post("/api/audit/cases/search", json={"text": BORROWER.name})
            await http.get(f"/api/audit/cases/{opened.case.case_id}")
        await asyncio.sleep(0.1)
    out, err = capfd.readouterr()
    assert "/api/audit/cases/{case_id} 200" in err
    for secret in (*SECRETS, token, capability):
        assert secret not in out + err

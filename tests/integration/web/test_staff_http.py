"""Log-in, roles, bodies, headers over a real server."""

import asyncio
import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from signing.web.app import SUBJECTS
from tests.integration.web.running import BORROWER, CASE, PASSWORDS, ROLES, SECRETS, Running, running

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
    assert CHINESE.search(gone.json()["message"])


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
        assert 290 <= int(right.headers["retry-after"]) <= 300
        assert CHINESE.search(right.json()["hint"])
        assert (await http.get("/livez")).status_code == 200


# --- who may do what ------------------------------------------------------------------------------------------------

PUBLIC = {"/livez", "/readyz", "/", "/s", "/phone/{path:path}", "/demo/messages", "/demo/messages.json",
          "/api/staff/login", "/api/phone/open", "/api/phone/code", "/api/phone/redeem"}  # fmt: skip
ANY_STAFF = {"/api/staff/logout"}
CASE_READERS = {"/api/cases/{case_id}", "/api/cases/{case_id}/images/{sha256}",
                "/api/cases/{case_id}/documents/{document_id}.pdf",
                "/api/audit/cases/{case_id}/documents/{document_id}.pdf"}  # fmt: skip
SUPERVISION = ("/takeover", "/listen", "/listen/stop", "/whisper", "/lost")
BODIES: dict[str, object] = {
    "/api/cases": CASE,
    "/api/seat/presence": {"presence": "away"},
    "/api/cases/{case_id}/parties/{party_id}/identity": {"accepted": True},
    "/api/cases/{case_id}/parties/{party_id}/prompt": {"line": 1},
    "/api/cases/{case_id}/parties/{party_id}/disclosure": {"line": 1, "answer": "yes"},
    "/api/cases/{case_id}/abort": {"reason": "x"},
    "/api/calls/{call_id}/recordings": {
        "started_at": "2026-11-24T02:10:00Z", "width": 1, "height": 1, "frame_rate": 1, "video_codec": "h264",
        "audio_codec": "aac",
    },
    "/api/recordings/{recording_id}/finish": {
        "ended_at": "2026-11-24T02:10:00Z", "duration_seconds": 1, "size": 1, "sha256": "0" * 64, "segments": [],
    },
    "/api/board/seats/{seat_id}/presence": {"available": False, "reason": "x"},
    "/api/board/calls/{call_id}/transfer": {"reason": "x"},
    "/api/calls/{call_id}/transfer": {"reason": "x"},
    "/api/calls/{call_id}/takeover": {"reason": "x"},
    "/api/calls/{call_id}/whisper": {"on": True},
    "/api/calls/{call_id}/parties/{party_id}/hold": {"held": True},
    "/api/calls/{call_id}/parties/{party_id}/remove": {"reason": "x"},
    "/api/cases/{case_id}/callmode": {"mode": "separate"},
    "/api/recordings/{recording_id}/lost": {"reason": "x"},
    "/api/phone/consents": {"kind": "face", "granted": True, "text_sha256": "0" * 64},
    "/api/phone/precheck": {"camera": True, "microphone": True, "loudspeaker": True, "network": True},
    "/api/phone/documents/{document_id}/reading": {"pages": [{"page": 1, "milliseconds": 1}]},
    "/api/phone/documents/{document_id}/sign": {
        "sha256": "0" * 64, "strokes": {"width": 1, "height": 1, "strokes": []},
    },
}  # fmt: skip
NOT_YET = {
    ("/api/phone/documents/{document_id}/copy", "customer"): "文件尚未用印",
    ("/api/cases/{case_id}/seal", "agent"): "只有接通过这笔业务的席位",
    ("/api/cases/{case_id}/seal", "supervisor"): "只有接通过这笔业务的席位",
}
"""Right in role, refused for the state of the case."""
SEATLESS = "没有分配席位"
"""The demonstration's supervisor may do what a seat does, but has none."""
VALUES = {"side": "front", "number": "1", "sha256": "0" * 64}


def all_routes() -> list[tuple[str, str]]:
    routes = [route for subject in SUBJECTS for route in subject.router.routes if isinstance(route, APIRoute)]
    found = [(method, route.path) for route in routes for method in route.methods or ()]
    return sorted((method, path) for method, path in found if path not in PUBLIC)


def allowed(path: str) -> set[str]:
    if path.startswith("/api/phone/"):
        return {"customer"}
    if path in ANY_STAFF:
        return set(ROLES.values())
    if path in CASE_READERS:
        return {"agent", "supervisor", "auditor"}
    if path.startswith("/api/audit/"):
        return {"supervisor", "auditor"}
    if path.startswith("/api/board/") or path.endswith(SUPERVISION):
        return {"supervisor"}
    return {"agent", "supervisor"}


async def test_every_route_refuses_whoever_may_not(tmp_path: Path) -> None:
    """Routes × roles: without a token 401, with the wrong role 403, with the right one anything else."""
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        tokens = {ROLES[name]: await service.log_in(name) for name in ROLES}
        tokens["customer"] = await service.customer(opened)
        document = opened.case.documents[0].document_id
        values = VALUES | {"case_id": opened.case.case_id, "document_id": document}
        routes = all_routes()
        assert len(routes) > 35
        wrong = [line for method, path in routes for line in await tried(service, method, path, values, tokens)]
    assert not wrong, "\n".join(wrong)


async def tried(service: Running, method: str, path: str, values: dict[str, str], tokens: dict[str, str]) -> list[str]:
    wrong = []
    at = re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], "none_1"), path)
    headers = {"X-Captured-At": "2026-11-24T02:10:00Z"}
    options: dict[str, object] = {"json": BODIES.get(path, {})}
    if method == "PUT" or path.endswith("/snapshot"):
        options = {"content": b"\xff\xd8\xff\xe0"}
        headers["Content-Type"] = "image/jpeg"
    async with service.client() as http:
        nobody = await http.request(method, at, headers=headers, **options)  # type: ignore[arg-type]
        if nobody.status_code != 401:
            wrong.append(f"{method} {path} without a token: {nobody.status_code}")
    for role, token in tokens.items():
        if role in allowed(path) and path in ("/api/staff/logout", "/api/cases/{case_id}/abort"):
            continue
        async with service.client(token) as http:
            answer = await http.request(method, at, headers=headers, **options)  # type: ignore[arg-type]
        if (later := NOT_YET.get((path, role))) is not None:
            assert later in answer.text
            continue
        refused = answer.status_code == 403 and not (role == "supervisor" and SEATLESS in answer.text)
        if refused != (role not in allowed(path)) or answer.status_code in (401, 500):
            wrong.append(f"{method} {path} as {role}: {answer.status_code} {answer.text[:100]}")
    return wrong


async def test_the_log_holds_no_secret(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with running(tmp_path / "data") as service:
        opened = await service.open_case()
        token = await service.customer(opened)
        capability = opened.invitations[0].url.partition("#")[2]
        async with service.client(await service.log_in("lin")) as http:
            await http.get("/api/audit/cases", params={"q": BORROWER.name})
            await http.get(f"/api/audit/cases/{opened.case.case_id}")
        await asyncio.sleep(0.1)
    out, err = capfd.readouterr()
    assert "/api/audit/cases/{case_id} 200" in err
    for secret in (*SECRETS, token, capability):
        assert secret not in out + err

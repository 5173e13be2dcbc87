"""Every route of the running service × every kind of caller, against a table to read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute

from tests.integration.web.core import ORDER, issue
from tests.integration.web.running import CASE, PARTY, ROLES, Running, running, socket_to

# Columns: nobody, agent, supervisor, auditor, administrator, customer. x: may; anything but 401 and 403 comes back.
CALLERS = ("nobody", "agent", "supervisor", "auditor", "administrator", "customer")
MATRIX = """
GET  /                                                            xxxxxx
HEAD /                                                            xxxxxx
GET  /api/accounts                                                ....x.
POST /api/accounts                                                ....x.
PUT  /api/accounts/rules/totp                                     ....x.
POST /api/accounts/{staff_id}/password                            ....x.
PUT  /api/accounts/{staff_id}/active                              ....x.
POST /api/accounts/{staff_id}/unlock                              ....x.
GET  /api/accounts/resting                                        ..xx..
POST /api/accounts/{staff_id}/confirm                             ..xx..
POST /api/accounts/{staff_id}/refuse                              ..xx..
POST /api/accounts/{staff_id}/totp/reset                          ....x.
POST /api/accounts/{staff_id}/sessions/{session_ref}/end          ....x.
GET  /api/opening/catalogue                                       .xx...
POST /api/opening/check                                           .xx...
POST /api/opening/preview                                         .xx...
POST /api/opening/roster                                          .xx...
POST /api/opening/person                                          .xx...
POST /api/opening/draft-key                                       .xx...
GET  /api/cases/{case_id}/links                                   .xx...
POST /api/cases/{case_id}/parties/{party_id}/link/send            .xx...
GET  /api/audit/cases                                             ..xx..
GET  /api/audit/cases/{case_id}                                   ..xx..
GET  /api/audit/cases/{case_id}/documents/{document_id}.pdf       .xxx..
GET  /api/audit/cases/{case_id}/media/{media_id}                  ..xx..
GET  /api/audit/cases/{case_id}/package                           ..xx..
GET  /api/audit/cases/{case_id}/package.ers                       ..xx..
POST /api/audit/cases/{case_id}/verify                            ..xx..
POST /api/audit/cases/search                                      ..xx..
GET  /api/audit/recordings/{recording_id}                         ..xx..
POST /api/board/calls/{call_id}/hangup                            ..x...
POST /api/board/calls/{call_id}/transfer                          ..x...
POST /api/board/cases/{case_id}/risk                              ..x...
POST /api/appointments/{appointment_id}/cancel                    .xx...
POST /api/board/queue/pause                                       ..x...
POST /api/board/queue/resume                                      ..x...
POST /api/board/queue/stop                                        ..x...
PUT  /api/board/seats/{seat_id}/ability                           ..x...
POST /api/cases/{case_id}/parties/{party_id}/appointment          .xx...
GET  /api/cases/{case_id}/appointments                            .xx...
POST /api/phone/dialect                                           .....x
POST /api/board/seats/{seat_id}/presence                          ..x...
GET  /api/board/figures.xlsx                                      ..xx..
GET  /api/board/figures                                           ..xx..
GET  /api/board/view                                              ..x...
WS   /api/board/ws                                                ..x...
POST /api/calls/{call_id}/hangup                                  .xx...
POST /api/calls/{call_id}/listen                                  ..x...
POST /api/calls/{call_id}/listen/stop                             ..x...
POST /api/calls/{call_id}/parties/{party_id}/admit                .xx...
POST /api/calls/{call_id}/parties/{party_id}/hold                 .xx...
POST /api/calls/{call_id}/parties/{party_id}/mute                 .xx...
POST /api/calls/{call_id}/alone                                   .xx...
POST /api/calls/{call_id}/parties/{party_id}/remove               .xx...
POST /api/calls/{call_id}/parties/{party_id}/quality               .xx...
POST /api/calls/{call_id}/parties/{party_id}/connection            .xx...
POST /api/calls/{call_id}/lines                                    .xx...
POST /api/calls/{call_id}/doubt                                    .xx...
POST /api/calls/{call_id}/recordings                              .xx...
POST /api/calls/{call_id}/takeover                                ..x...
POST /api/calls/{call_id}/transfer                                .xx...
POST /api/calls/{call_id}/whisper                                 ..x...
POST /api/cases                                                   .xx...
GET  /api/cases/{case_id}                                         .xxx..
POST /api/cases/{case_id}/abort                                   .xx...
POST /api/cases/{case_id}/callmode                                .xx...
GET  /api/cases/{case_id}/documents/{document_id}.pdf             .xxx..
GET  /api/cases/{case_id}/images/{sha256}                         .xxx..
POST /api/cases/{case_id}/parties/{party_id}/disclosure           .xx...
POST /api/cases/{case_id}/parties/{party_id}/identity             .xx...
POST /api/cases/{case_id}/parties/{party_id}/helper               .xx...
DELETE /api/cases/{case_id}/parties/{party_id}/helper             .xx...
PUT  /api/cases/{case_id}/parties/{party_id}/helper/aside         .xx...
POST /api/cases/{case_id}/parties/{party_id}/link                 .xx...
POST /api/cases/{case_id}/parties/{party_id}/prompt               .xx...
POST /api/cases/{case_id}/parties/{party_id}/read-aloud           .xx...
POST /api/cases/{case_id}/parties/{party_id}/read-aloud/ended     .xx...
POST /api/cases/{case_id}/parties/{party_id}/reveal               .xxx..
POST /api/cases/{case_id}/parties/{party_id}/snapshot             .xx...
POST /api/cases/{case_id}/seal                                    .xx...
POST /api/cases/{case_id}/seal-approval                           ..x...
POST /api/check/paper                                             xxxxxx
GET  /api/check/codes/{code}                                      xxxxxx
GET  /check                                                       xxxxxx
HEAD /check                                                       xxxxxx
GET  /check/{path:path}                                           xxxxxx
HEAD /check/{path:path}                                           xxxxxx
GET  /api/seals                                                   ..xx..
GET  /api/seals/{seal_id}/picture                                 ..xx..
POST /api/seals/{seal_id}/suspend                                 ..x...
POST /api/seals/{seal_id}/resume                                  ..x...
POST /api/seals/{seal_id}/amend                                   ..x...
POST /api/imports/{kind}                                          ....x.
GET  /api/phone/backfill/{call_id}                                .....x
POST /api/phone/backfill/{call_id}                                .....x
PUT  /api/phone/backfill/{call_id}                                .....x
POST /api/phone/code                                              xxxxxx
POST /api/phone/consents                                          .....x
GET  /api/phone/documents/{document_id}/copy                      .....x
GET  /api/phone/documents/{document_id}/pages/{number}            .....x
GET  /api/phone/documents/{document_id}/place                     .....x
POST /api/phone/documents/{document_id}/reading                   .....x
POST /api/phone/documents/{document_id}/sign                      .....x
POST /api/phone/helper                                            .....x
DELETE /api/phone/helper                                          .....x
PUT  /api/phone/id-card/{side}                                    .....x
POST /api/phone/open                                              xxxxxx
POST /api/phone/precheck                                          .....x
POST /api/phone/refuse                                            .....x
POST /api/cases/{case_id}/withdraw                                .xx...
POST /api/cases/{case_id}/terms                                   .xx...
POST /api/cases/{case_id}/parties/{party_id}/refusal              .xx...
POST /api/phone/queue/join                                        .....x
POST /api/phone/queue/leave                                       .....x
POST /api/phone/redeem                                            xxxxxx
GET  /api/phone/consents/{consent}/voice                          .....x
GET  /api/phone/view                                              .....x
WS   /api/phone/ws                                                .....x
GET  /api/recordings/{recording_id}/segments                      .xx...
PUT  /api/recordings/{recording_id}/segments/{index}              .xx...
POST /api/recordings/{recording_id}/assemble                      .xx...
POST /api/calls/{call_id}/tracks                                  .xx...
POST /api/recordings/{recording_id}/track/finish                  .xx...
POST /api/recordings/{recording_id}/track/assemble                .xx...
POST /api/recordings/{recording_id}/track/lost                    .xx...
POST /api/calls/{call_id}/spool-key                               .xx...
POST /api/recordings/{recording_id}/finish                        .xx...
POST /api/recordings/{recording_id}/lost                          ..x...
POST /api/calls/{call_id}/recordings/lost                         ..x...
POST /api/seat/cases/{case_id}/take                               .xx...
GET  /api/seat/cases                                              .xx...
GET  /api/seat/colleagues                                         .xx...
GET  /api/seat/relays                                             .xx...
POST /api/seat/offers/{ticket_id}/accept                          .xx...
POST /api/seat/offers/{ticket_id}/reject                          .xx...
POST /api/seat/presence                                           .xx...
POST /api/seat/wrapup/finish                                      .xx...
WS   /api/seat/ws                                                 .xx...
POST /api/staff/login                                             xxxxxx
POST /api/staff/totp                                              xxxxxx
POST /api/staff/take                                              xxxxxx
POST /api/staff/password                                          .xxxx.
POST /api/staff/logout                                            .xxxx.
GET  /api/staff/view                                              .xx...
POST /api/transfers/{transfer_id}/accept                          .xx...
POST /api/transfers/{transfer_id}/cancel                          .xx...
POST /api/transfers/{transfer_id}/reject                          .xx...
GET  /demo/messages                                               xxxxxx
GET  /demo/messages.json                                          xxxxxx
GET  /healthz                                                     xxxxxx
GET  /livez                                                       xxxxxx
GET  /phone/voice/{key}                                           xxxxxx
HEAD /phone/voice/{key}                                           xxxxxx
GET  /phone/{path:path}                                           xxxxxx
HEAD /phone/{path:path}                                           xxxxxx
GET  /readyz                                                      xxxxxx
GET  /s                                                           xxxxxx
HEAD /s                                                           xxxxxx
"""

CORE = """
POST /api/core/v1/cases
GET  /api/core/v1/cases
GET  /api/core/v1/cases/{case_id}
POST /api/core/v1/cases/{case_id}/cancel
POST /api/core/v1/cases/{case_id}/appointments
GET  /api/core/v1/cases/{case_id}/appointments
GET  /api/core/v1/cases/{case_id}/appointments/{appointment_id}
POST /api/core/v1/cases/{case_id}/appointments/{appointment_id}/cancel
GET  /api/core/v1/cases/{case_id}/documents/{document_id}.pdf
GET  /api/core/v1/cases/{case_id}/package
GET  /api/core/v1/cases/{case_id}/package.ers
GET  /api/core/v1/cases/{case_id}/verdict
"""
"""For the credit system's key alone. Above, it may what everybody may."""
CORE_SYSTEM = "core system"

AUTHORISATION = {
    "product_id": "credit_inquiry_only",
    "particulars": {"inquiry": {"purpose": "审核贷款申请", "valid_until": "2099-12-31"}},
    "parties": [{**PARTY, "role": "authoriser"}],
}
"""The case with the fewest papers."""
BODIES: dict[str, object] = {
    "/api/phone/backfill/{call_id}": {"keeps": "sound"},
    "/api/cases": CASE,
    "/api/opening/check": {"draft": CASE},
    "/api/opening/preview": {"draft": AUTHORISATION},
    "/api/opening/roster": {"text": "秀兰"},
    "/api/opening/person": {"id_number": "11010519491231002X"},
    "/api/cases/{case_id}/parties/{party_id}/link/send": {"capability": "kX3v9Q0mT2b7Yw5LrN8cUg"},
    "/api/core/v1/cases": ORDER | {"reference": "LOAN-1"},
    "/api/core/v1/cases/{case_id}/cancel": {"reason": "x"},
    "/api/core/v1/cases/{case_id}/appointments": {
        "party_id": "none_1", "starts_at": "2026-11-24T02:10:00Z", "ends_at": "2026-11-24T02:40:00Z",
    },
    "/api/core/v1/cases/{case_id}/appointments/{appointment_id}/cancel": {"reason": "x"},
    "/api/accounts": {
        "username": "zhang", "password": "another-2026-11", "name": "x", "role": "agent",
        "branch_id": "branch_shanghang",
    },
    "/api/accounts/rules/totp": {"role": "agent", "required": False},
    "/api/accounts/{staff_id}/password": {"password": "another-2026-11"},
    "/api/accounts/{staff_id}/confirm": {"since": "2026-11-24T02:10:00Z"},
    "/api/accounts/{staff_id}/refuse": {"since": "2026-11-24T02:10:00Z", "reason": "x"},
    "/api/accounts/{staff_id}/active": {"active": True},
    "/api/staff/password": {"old": "wrong", "new": "another-2026-11"},
    "/api/seat/presence": {"presence": "away"},
    "/api/cases/{case_id}/parties/{party_id}/identity": {"accepted": True},
    "/api/cases/{case_id}/parties/{party_id}/prompt": {"line": 1},
    "/api/cases/{case_id}/parties/{party_id}/read-aloud": {"line": 1},
    "/api/cases/{case_id}/parties/{party_id}/read-aloud/ended": {
        "reading_id": "aloud_1", "whole": True, "seconds": 1,
    },
    "/api/cases/{case_id}/parties/{party_id}/disclosure": {"line": 1, "answer": "yes"},
    "/api/cases/{case_id}/abort": {"reason": "x"},
    "/api/cases/{case_id}/parties/{party_id}/helper": {"name": "李强", "relation": "子女"},
    "/api/cases/{case_id}/parties/{party_id}/helper/aside": {"aside": True},
    "/api/phone/helper": {"name": "李强", "relation": "子女"},
    "/api/cases/{case_id}/withdraw": {"reason": "x"},
    "/api/cases/{case_id}/terms": {"reason": "x"},
    "/api/cases/{case_id}/parties/{party_id}/refusal": {"reason": "x"},
    "/api/calls/{call_id}/recordings": {
        "started_at": "2026-11-24T02:10:00Z", "width": 1, "height": 1, "frame_rate": 1, "video_codec": "h264",
        "audio_codec": "aac",
    },
    "/api/recordings/{recording_id}/finish": {
        "ended_at": "2026-11-24T02:10:00Z", "duration_seconds": 1, "size": 1, "sha256": "0" * 64, "segments": [],
    },
    "/api/calls/{call_id}/tracks": {"party_id": "none_1", "started_at": "2026-11-24T02:10:00Z", "video_codec": "VP8"},
    "/api/recordings/{recording_id}/track/finish": {
        "ended_at": "2026-11-24T02:10:00Z", "duration_seconds": 1, "size": 1, "sha256": "0" * 64, "gaps": [],
        "segments": [{"index": 0, "offset": 0, "size": 1, "start_seconds": 0, "sha256": "0" * 64, "chain": "0" * 64}],
    },
    "/api/recordings/{recording_id}/track/lost": {"reason": "x"},
    "/api/board/seats/{seat_id}/presence": {"available": False, "reason": "x"},
    "/api/board/seats/{seat_id}/ability": {"products": [], "dialects": ["hakka"]},
    "/api/seals/{seal_id}/suspend": {"reason": "印章送检"},
    "/api/seals/{seal_id}/resume": {"reason": "检查完毕"},
    "/api/seals/{seal_id}/amend": {"reason": "换人保管", "custodian": "档案室"},
    "/api/board/queue/pause": {"message": "请稍候", "reason": "午饭"},
    "/api/board/queue/stop": {"message": "请稍候", "reason": "停电"},
    "/api/board/queue/resume": {"reason": "好了"},
    "/api/appointments/{appointment_id}/cancel": {"reason": "改期"},
    "/api/cases/{case_id}/parties/{party_id}/appointment": {
        "starts_at": "2026-11-24T02:10:00Z", "ends_at": "2026-11-24T02:40:00Z",
    },
    "/api/phone/dialect": {"dialect": "hakka"},
    "/api/board/calls/{call_id}/transfer": {"reason": "x"},
    "/api/board/cases/{case_id}/risk": {"rule": "same_phone", "released": True, "reason": "已核实"},
    "/api/calls/{call_id}/transfer": {"reason": "x"},
    "/api/calls/{call_id}/takeover": {"reason": "x"},
    "/api/calls/{call_id}/whisper": {"on": True},
    "/api/calls/{call_id}/parties/{party_id}/hold": {"held": True},
    "/api/calls/{call_id}/parties/{party_id}/mute": {"muted": True},
    "/api/calls/{call_id}/alone": {"party_id": None},
    "/api/calls/{call_id}/parties/{party_id}/remove": {"reason": "x"},
    "/api/calls/{call_id}/lines": {"lines": [{"party_id": "none_1", "bars": 4, "cause": "fine"}]},
    "/api/calls/{call_id}/parties/{party_id}/quality": {
        "since": "2026-11-24T02:10:00Z", "until": "2026-11-24T02:10:30Z", "bars": 2, "cause": "lossy", "mean": 3.2,
        "least": 2.1, "figures": {"loss_up": 0.1},
        "told_by_phone": {"bars": 1, "cause": "unsteady", "mean": 2.0, "least": 1.0, "concealed_down": 1.0},
    },
    "/api/calls/{call_id}/parties/{party_id}/connection": {
        "since": "2026-11-24T02:10:00Z", "seat_fingerprint": "sha-256 " + ":".join(["AB"] * 32),
        "phone_fingerprint": "sha-256 " + ":".join(["CD"] * 32),
    },
    "/api/calls/{call_id}/doubt": {"kind": "black", "since": "2026-11-24T02:10:00Z"},
    "/api/cases/{case_id}/callmode": {"mode": "separate"},
    "/api/cases/{case_id}/seal-approval": {"note": "同意用印"},
    "/api/cases/{case_id}/parties/{party_id}/reveal": {"what": "phone", "reason": "核对号码"},
    "/api/recordings/{recording_id}/lost": {"reason": "x"},
    "/api/calls/{call_id}/recordings/lost": {"reason": "x"},
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
ENDS = {
    "/api/staff/logout", "/api/cases/{case_id}/abort", "/api/cases/{case_id}/withdraw", "/api/cases/{case_id}/terms",
    "/api/phone/refuse", "/api/core/v1/cases/{case_id}/cancel",
}  # fmt: skip
"""Not tried by whoever may: it would end what the other tries need."""
VALUES = {
    "kind": "lpr",
    "key": "welcome",
    "consent": "recording",
    "side": "front",
    "number": "1",
    "index": "0",
    "sha256": "0" * 64,
    "path": "page.css",
    "code": "G6N7-BL66",
    "session_ref": "0" * 16,
    "media_id": "0" * 64,
}
HEADERS = {
    "X-Captured-At": "2026-11-24T02:10:00Z", "X-Segment-Sha256": "0" * 64, "X-Segment-Chain": "0" * 64,
    "X-Segment-Start": "0", "X-Kept-Since": "2026-11-24T02:10:00Z", "X-Kept-Until": "2026-11-24T02:10:04Z",
}  # fmt: skip
WITHOUT_TOKEN = {
    "/api/staff/login",
    "/api/staff/totp",
    "/api/staff/take",
    "/api/phone/open",
    "/api/phone/code",
    "/api/phone/redeem",
}
"""These answer 401 of their own to what is wrong in the body."""


def table() -> dict[tuple[str, str], set[str]]:
    rows = [line.split() for line in MATRIX.strip().splitlines()]
    staff = {(method, path): _marked(marks) for method, path, marks in rows}
    return staff | {(method, path): {CORE_SYSTEM} for method, path in map(str.split, CORE.strip().splitlines())}


def routes(app: FastAPI | APIRouter) -> Iterator[tuple[str, str]]:
    for route in app.routes:
        inner = getattr(route, "original_router", None)  # an included router stands for its routes
        if inner is not None:
            yield from routes(inner)
        elif isinstance(route, APIRoute):
            yield from ((method, route.path) for method in route.methods or ())
        elif isinstance(route, APIWebSocketRoute):
            yield "WS", route.path


def _marked(marks: str) -> set[str]:
    may = {who for who, mark in zip(CALLERS, marks, strict=True) if mark == "x"}
    return may | {CORE_SYSTEM} if "nobody" in may else may


@pytest.mark.timeout(480)
async def test_every_route_refuses_whoever_may_not(tmp_path: Path) -> None:
    """Without a token 401, with the wrong role 403, with the right one anything else."""
    async with running(tmp_path / "data") as service:
        rows = table()
        app = service.server.config.app
        assert isinstance(app, FastAPI)
        found = sorted(set(routes(app)))
        assert found == sorted(rows), "a route without a row, or a row without a route"
        opened = await service.open_case()
        tokens = {"nobody": ""} | {ROLES[name]: await service.log_in(name) for name in ROLES}
        tokens["customer"] = await service.customer(opened)
        tokens[CORE_SYSTEM] = (await issue(service)).key
        values = VALUES | {"case_id": opened.case.case_id, "document_id": opened.case.documents[0].document_id}
        wrong = []
        for (method, path), may in rows.items():
            for caller, token in tokens.items():
                if path in ENDS and caller in may:
                    continue
                tried = _tried_socket if method == "WS" else _tried
                verdict = await tried(service, method, path, values, token, caller)
                if verdict != (caller in may):
                    wrong.append(f"{method} {path} as {caller}: {'let in' if verdict else 'refused'}")
    assert not wrong, "\n".join(wrong)


async def _tried(service: Running, method: str, path: str, values: dict[str, str], token: str, caller: str) -> bool:
    at = re.sub(r"\{(\w+)(:path)?\}", lambda name: values.get(name[1], "none_1"), path)
    headers = HEADERS.copy()
    options: dict[str, object] = {"json": BODIES.get(path, {})}
    json_put = path.startswith(("/api/accounts", "/api/board", "/api/cases"))
    if (method == "PUT" and not json_put) or path.endswith("/snapshot"):
        options = {"content": b"\xff\xd8\xff\xe0"}
        headers["Content-Type"] = "image/jpeg"
    async with service.client(token) as http:
        answer = await http.request(method, at, headers=headers, **options)  # type: ignore[arg-type]
    assert answer.status_code < 500, (method, path, caller, answer.text)
    if (later := NOT_YET.get((path, caller))) is not None:
        assert later in answer.text
        return True
    if path in WITHOUT_TOKEN:
        return answer.status_code != 403
    refused = {401} if caller == "nobody" else {403}
    assert answer.status_code != 401 or caller == "nobody", (method, path, caller, answer.text)
    return answer.status_code not in refused


async def _tried_socket(
    service: Running, method: str, path: str, values: dict[str, str], token: str, caller: str
) -> bool:
    async with socket_to(service.ws + path, token or "no-such-token") as line:
        first = await line.connection.recv()
    return '"refused"' not in str(first)

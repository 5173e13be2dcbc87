"""Every route with an identifier in its path and every kind of socket frame, tried by another institution's people.

A new route has its row and its body in ``test_matrix``; that its path is tried here follows by itself.
"""

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

from fastapi import FastAPI

from signing.service import commands as c
from signing.service import queue_commands as q
from signing.service.commands import SYSTEM, Actor
from signing.service.store import Session
from signing.wire import signal
from tests.integration.service.county import FAR, HOME, County
from tests.integration.service.office import SteppedClock, film, finish_command, start_command
from tests.integration.web.running import Running, Socket, running, socket_to
from tests.integration.web.test_matrix import BODIES, HEADERS, VALUES, routes

STAFF = ("agent", "supervisor", "auditor", "administrator")
OF_ONES_OWN = {
    "/api/imports/{kind}", "/api/phone/id-card/{side}", "/phone/{path:path}", "/phone/voice/{key}",
    "/api/phone/consents/{consent}/voice",
}  # fmt: skip
"""The path names nothing that is stored."""
HARMLESS = {"/api/calls/{call_id}/listen/stop": 200}
"""Ends the caller's own listening; nobody's else."""
MARKS = ("case_first", "party_first", "seat_one", "one号席", "one经理", "PQ000001", "first")


@dataclass
class World:
    """The first institution has a live call, a ringing transfer, a finished recording and an appointment."""

    service: Running
    county: County
    ids: dict[str, str]
    tokens: dict[str, str]

    def frozen(self) -> object:
        """All but the ring of the transfer, which the running service itself ends in time."""

        def look(unit: Any) -> object:
            types = [one.type for one in unit.cases.events("case_first") if one.type != "call.transfer_failed"]
            seat, call = unit.queue.seat("seat_one"), unit.queue.call(self.ids["call_id"])
            return (unit.cases.get("case_first"), types, seat, call)

        return self.county.look(look)


async def at_work(service: Running) -> World:
    county = County(service.web, SteppedClock())  # type: ignore[arg-type]
    await asyncio.to_thread(county.set_up)
    one, two = county.staff("one"), county.staff("two")
    first = county.customer("first")
    await county.do(c.SetPresence(one, True))
    await county.do(c.JoinQueue(first))
    ticket_id = await _rung(county, one)
    call = await county.do(c.AcceptOffer(one, ticket_id))
    recording_id = await county.do(start_command(one, call))
    await county.do(finish_command(one, recording_id, film(1), call.started_at))
    await county.do(c.SetPresence(two, True))
    transfer = await county.do(c.TransferCall(one, call.call_id, "方言", two.seat_id))
    soon = county.clock.now() + timedelta(hours=1)
    booked = await county.do(q.MakeAppointment(one, "case_first", first.actor_id, soon, soon + timedelta(minutes=30)))
    ids = {
        "case_id": "case_first", "party_id": "party_first", "call_id": call.call_id, "recording_id": recording_id,
        "transfer_id": transfer.transfer_id, "ticket_id": ticket_id, "seat_id": "seat_one", "document_id": "doc_first",
        "appointment_id": booked.appointment_id, "staff_id": "staff_one", "branch_id": "branch_east",
        "seal_id": county.look(lambda unit: unit.seals.of(HOME)[0].seal_id),
    }  # fmt: skip
    strangers = {role: county.staff(f"foreign_{role}", FAR, role) for role in STAFF}
    strangers["customer"] = county.customer("foreigner", FAR)
    return World(service, county, ids, {role: _token(county, role, who) for role, who in strangers.items()})


async def _rung(county: County, agent: Actor) -> str:
    for _ in range(200):
        if (ticket_id := county.seat(agent).ticket_id) is not None:
            return ticket_id
        await asyncio.sleep(0.05)
    raise AssertionError("the seat never rang")


def _finished() -> dict[str, Any]:
    """A promise that is whole in itself, so that only whose recording it is can be wrong."""
    shot = film(1)
    segments = [
        {"index": s.index, "offset": s.offset, "size": s.size, "start_seconds": s.start_seconds, "sha256": s.sha256,
         "chain": s.chain} for s in shot.segments
    ]  # fmt: skip
    return {
        "ended_at": "2026-11-24T02:10:00Z", "duration_seconds": 1, "size": len(shot.data), "sha256": shot.sha256,
        "segments": segments,
    }  # fmt: skip


def _token(county: County, role: str, who: Actor) -> str:
    """A session as the log-in leaves it."""
    services, now = county.app.services, county.clock.now()
    token = f"token-of-a-foreign-{role}"
    kind = "party" if role == "customer" else "staff"
    digest = services.secrets.digest("session", token)
    with services.db.write() as unit:
        unit.access.add_session(
            Session(digest, kind, who.actor_id, who.case_id, now, now + timedelta(hours=1), seen_at=now)
        )
    return token


async def test_no_route_with_an_identifier_tells_another_institution_anything(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        world = await at_work(service)
        before, values = world.frozen(), VALUES | world.ids
        app = service.server.config.app
        assert isinstance(app, FastAPI)
        paths = sorted({(method, path) for method, path in routes(app) if "{" in path} - {("WS", "")})
        named = set(re.findall(r"\{(\w+)", "".join(path for _, path in paths)))
        assert named <= set(values), "an identifier that this world has not"
        wrong = []
        for method, path in paths:
            if path in OF_ONES_OWN:
                continue
            for role, token in world.tokens.items():
                wrong += await _tried(service, method, path, values, role, token)
        assert not wrong, "\n".join(wrong)
        assert world.frozen() == before


async def _tried(service: Running, method: str, path: str, values: dict[str, str], role: str, token: str) -> list[str]:
    at = re.sub(r"\{(\w+)(:path)?\}", lambda name: values[name[1]], path)
    headers = HEADERS.copy()
    options: dict[str, Any] = {
        "json": _finished() if path.endswith("/finish") and "recordings" in path else BODIES.get(path, {})
    }
    if path.endswith("/snapshot") or "/segments/" in path or (method == "PUT" and "/backfill/" in path):
        options = {"content": b"\xff\xd8\xff\xe0"}
        headers["Content-Type"] = "image/jpeg"
        headers["X-Segment-Sha256"] = hashlib.sha256(b"\xff\xd8\xff\xe0").hexdigest()
    async with service.client(token) as http:
        answer = await http.request(method, at, headers=headers, **options)
    faults = []
    if answer.status_code not in (403, 404, HARMLESS.get(path)) and not _out_of_turn(path, answer.status_code):
        faults.append(f"{method} {path} as {role}: {answer.status_code} {answer.text[:200]}")
    faults += [f"{method} {path} as {role} tells {mark}" for mark in MARKS if mark in answer.text.replace(at, "")]
    return faults


def _out_of_turn(path: str, status: int) -> bool:
    """A customer's own papers, looked for in their own case, which has come to no such step."""
    return path.startswith("/api/phone/documents/") and status == 409


async def test_no_kind_of_frame_reaches_into_another_institution(tmp_path: Path) -> None:
    kinds = {kind.model_fields["type"].default for kind in get_args(get_args(signal.ClientFrame)[0])}
    assert kinds == {"hello", "ping", "sdp", "lead"}, "a kind of frame that is not tried below"
    async with running(tmp_path / "data") as service:
        world = await at_work(service)
        for role, path in (("agent", "seat"), ("supervisor", "seat"), ("supervisor", "board"), ("customer", "phone")):
            async with socket_to(f"{service.ws}/api/{path}/ws", world.tokens[role]) as line:
                view = await line.next(f"{path}.view")
                told = [mark for mark in MARKS if mark in json.dumps(view, ensure_ascii=False)]
                assert told == [], (role, path)
                for kind in ("offer", "answer"):
                    for party_id in ("party_first", "staff:staff_one", "self"):
                        await _offered(line, world.ids["call_id"], kind, party_id)
                await _led(line, world.ids["call_id"])
                await line.send(type="ping", n=7)
                assert set(await line.next("pong")) == {"type", "n", "server_time"}
                # What happens there is not pushed here.
                await world.county.do(c.HoldParty(Actor("staff", "staff_one", "agent", "inst_demo", "", "seat_one"),
                                                  world.ids["call_id"], "party_first", path == "seat"))  # fmt: skip
                await line.silent(0.3)


async def _offered(line: Socket, call_id: str, kind: str, party_id: str) -> None:
    await line.send(type="sdp", call_id=call_id, party_id=party_id, kind=kind, sdp="v=0")
    refused = json.dumps(await line.next("refused"), ensure_ascii=False)
    assert not any(mark in refused for mark in MARKS), refused


async def _led(line: Socket, call_id: str) -> None:
    where = {"party_id": "party_first", "document_id": "doc_first", "page": 1, "kind": "page"}
    await line.send(type="lead", call_id=call_id, **where)
    refused = json.dumps(await line.next("refused"), ensure_ascii=False)
    assert not any(mark in refused for mark in MARKS), refused


async def test_a_token_of_the_wrong_kind_opens_no_socket(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        world = await at_work(service)
        for role, path in (("customer", "seat"), ("customer", "board"), ("agent", "board"), ("agent", "phone")):
            async with socket_to(f"{service.ws}/api/{path}/ws", world.tokens[role]) as line:
                assert json.loads(await line.connection.recv())["type"] == "refused"
        await world.county.do(c.LoseSeat(SYSTEM, "seat_two"))

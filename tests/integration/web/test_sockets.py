"""The two WebSockets over a real server: views, signalling, replacement, heartbeat, goodbye."""

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from signing.web import presence, sockets
from tests.integration.web.running import Running, Socket, running, socket_to

OFFER = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HEARTBEAT_SECONDS", 2.0)
    monkeypatch.setattr(presence, "SEAT_GRACE_SECONDS", 1.0)
    monkeypatch.setattr(presence, "SEAT_HELD_SECONDS", 1.0)
    monkeypatch.setattr(presence, "CALL_GRACE_SECONDS", 1.0)


async def test_a_socket_asks_who_is_there(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        agent, auditor = await service.log_in("zhang"), await service.log_in("lin")
        await is_refused(service.ws + "/api/seat/ws", "no-such-token", "not_logged_in")
        await is_refused(service.ws + "/api/seat/ws", auditor, "not_permitted")
        await is_refused(service.ws + "/api/phone/ws", agent, "not_permitted")
        await other_origins_are_turned_away(service, agent)
        await a_newer_socket_replaces_the_older(service, agent)
        await frames_out_of_place_are_refused_and_the_socket_stays(service, agent)
        await silence_closes_a_socket(service, agent)
        await logging_out_closes_the_socket(service)
        await an_older_window_logging_out_leaves_the_newer_alone(service)


async def is_refused(url: str, token: str, code: str) -> None:
    async with socket_to(url, token) as line:
        assert (await line.next("refused"))["error"]["code"] == code
        with pytest.raises(ConnectionClosed):
            await line.connection.recv()


async def other_origins_are_turned_away(service: Running, token: str) -> None:
    url = service.ws + "/api/seat/ws"
    with pytest.raises(InvalidStatus):
        async with connect(url, origin=Origin("https://evil.example")):
            pass
    async with socket_to(url, token, origin=Origin(service.url)) as line:
        assert (await line.next("seat.view"))["staff"]["seat_label"] == "07号席"


async def a_newer_socket_replaces_the_older(service: Running, token: str) -> None:
    url = service.ws + "/api/seat/ws"
    async with socket_to(url, token) as older:
        await older.next("seat.view")
        async with socket_to(url, token) as newer:
            await newer.next("seat.view")
            assert (await older.next("gone"))["reason"] == "replaced"
            with pytest.raises(ConnectionClosed):
                await older.connection.recv()
            await newer.send(type="ping", n=7)
            assert (await newer.next("pong"))["n"] == 7


async def frames_out_of_place_are_refused_and_the_socket_stays(service: Running, token: str) -> None:
    async with socket_to(service.ws + "/api/seat/ws", token) as line:
        for frame in ({"type": "shout"}, {"type": "hello", "token": "x"}, {"type": "ping"}, {"type": "ping", "n": -1}):
            await line.connection.send(json.dumps(frame))
            assert (await line.next("refused"))["error"]["message"]
        await line.connection.send("not json")
        assert (await line.next("refused"))["error"]["message"] == "内容不是正确的 JSON"
        await line.send(type="sdp", call_id="call_1", kind="answer", sdp=OFFER)
        assert (await line.next("refused"))["error"]["code"] == "conflict"
        await line.send(type="ping", n=1)
        await line.next("pong")


async def silence_closes_a_socket(service: Running, token: str) -> None:
    began = time.monotonic()
    async with socket_to(service.ws + "/api/seat/ws", token) as line:
        async for _ in line.connection:
            pass
        assert line.connection.close_code == 1001
    assert 1.5 < time.monotonic() - began < 60


async def logging_out_closes_the_socket(service: Running) -> None:
    for username, side in (("zhang", "seat"), ("chen", "board")):
        token = await service.log_in(username)
        async with socket_to(service.ws + f"/api/{side}/ws", token) as line:
            await line.next(f"{side}.view")
            async with service.client(token) as http:
                assert (await http.post("/api/staff/logout")).status_code == 204
            assert (await line.next("gone"))["reason"] == "logged_out"
            with pytest.raises(ConnectionClosed) as closed:
                await line.connection.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == sockets.NORMAL


async def an_older_window_logging_out_leaves_the_newer_alone(service: Running) -> None:
    older, newer = await service.log_in("zhang"), await service.log_in("zhang")
    async with socket_to(service.ws + "/api/seat/ws", newer) as line:
        await line.next("seat.view")
        async with service.client(older) as http:
            assert (await http.post("/api/staff/logout")).status_code == 204
        await line.send(type="ping", n=7)
        assert (await line.next("pong"))["n"] == 7
        await line.silent(0.5)


async def post(http: httpx.AsyncClient, path: str, body: object = None) -> dict[str, object]:
    answer = await http.post(path, json=body if body is not None else {})
    assert answer.status_code < 300, (path, answer.text)
    return dict(answer.json()) if answer.content else {}


async def keep_alive(*lines: Socket) -> None:
    n = 0
    while True:
        n += 1
        for line in lines:
            await line.send(type="ping", n=n)
        await asyncio.sleep(0.5)


async def to_the_queue(service: Running, token: str) -> None:
    async with service.client(token) as http:
        for _ in range(4):
            consent = (await http.get("/api/phone/view")).json()["consent"]
            given = {"kind": consent["kind"], "granted": True, "text_sha256": consent["sha256"]}
            await post(http, "/api/phone/consents", given)
        await post(
            http, "/api/phone/precheck", {"camera": True, "microphone": True, "loudspeaker": True, "network": True}
        )
        await post(http, "/api/phone/queue/join")


async def test_a_call_is_signalled_between_its_own_two_ends(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        first, second = await service.open_case(), await service.open_case()
        agent = await service.log_in("zhang")
        phone, stranger = await service.customer(first), await service.customer(second)
        await to_the_queue(service, phone)
        async with (
            socket_to(service.ws + "/api/seat/ws", agent) as seat,
            socket_to(service.ws + "/api/phone/ws", phone) as caller,
            socket_to(service.ws + "/api/phone/ws", stranger) as other,
        ):
            pinging = asyncio.create_task(keep_alive(seat, caller, other))
            try:
                call_id, party_id = await connected(service, agent, seat, caller)
                await sdp_goes_both_ways(seat, caller, call_id, party_id)
                await strangers_get_nothing(seat, other, call_id)
            finally:
                pinging.cancel()
                await asyncio.gather(pinging, return_exceptions=True)
            await a_phone_that_goes_drops_the_call_after_its_grace(seat, caller)
        await a_seat_that_goes_is_offline_after_its_grace(service, agent)


async def connected(service: Running, agent: str, seat: Socket, caller: Socket) -> tuple[str, str]:
    async with service.client(agent) as http:
        await post(http, "/api/seat/presence", {"presence": "available"})
        offer = (await seat.view_where("seat.view", "presence", "ringing"))["offer"]
        view = await post(http, f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")
    call = view["call"]
    assert isinstance(call, dict)
    assert call["phone_online"]
    shown = await caller.view_where("phone.view", "step", "id_front")
    assert shown["call"]["call_id"] == call["call_id"]
    return str(call["call_id"]), str(call["party_id"])


async def sdp_goes_both_ways(seat: Socket, caller: Socket, call_id: str, party_id: str) -> None:
    await caller.send(type="sdp", call_id=call_id, kind="offer", sdp=OFFER)
    offer = await seat.next("sdp")
    assert (offer["party_id"], offer["sdp"], offer["kind"]) == (party_id, OFFER, "offer")
    await seat.send(type="sdp", call_id=call_id, party_id=party_id, kind="answer", sdp="v=0\r\nanswer")
    assert (await caller.next("sdp"))["sdp"] == "v=0\r\nanswer"
    await caller.send(type="sdp", call_id=call_id, kind="answer", sdp=OFFER)
    assert (await caller.next("refused"))["error"]["code"] == "input"


async def strangers_get_nothing(seat: Socket, other: Socket, call_id: str) -> None:
    await other.send(type="sdp", call_id=call_id, kind="offer", sdp="v=0\r\nstranger")
    assert (await other.next("refused"))["error"]["code"] == "conflict"
    await seat.send(type="sdp", call_id=call_id, party_id="party_other", kind="answer", sdp=OFFER)
    assert (await seat.next("refused"))["error"]["code"] == "conflict"


async def a_phone_that_goes_drops_the_call_after_its_grace(seat: Socket, caller: Socket) -> None:
    pinging = asyncio.create_task(keep_alive(seat))
    try:
        await caller.connection.close()
        while (view := await seat.next("seat.view"))["call"] is not None:
            assert view["presence"] == "on_call"
            if not view["call"]["phone_online"]:
                break
        dropped = await seat.view_where("seat.view", "call", None)
        assert dropped["presence"] == "available"
        assert dropped["queue"][0]["priority"] == "断线重连"
    finally:
        pinging.cancel()
        await asyncio.gather(pinging, return_exceptions=True)


async def a_seat_that_goes_is_offline_after_its_grace(service: Running, agent: str) -> None:
    presence_now = ""
    async with service.client(agent) as http, asyncio.timeout(60):
        while presence_now != "offline":
            await asyncio.sleep(0.2)
            presence_now = (await http.get("/api/staff/view")).json()["presence"]


async def test_a_change_is_pushed_and_shutdown_says_goodbye(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        agent = await service.log_in("zhang")
        async with socket_to(service.ws + "/api/seat/ws", agent) as seat:
            await seat.next("seat.view")
            async with service.client(agent) as http:
                await post(http, "/api/seat/presence", {"presence": "away", "reason": "午餐"})
            assert (await seat.view_where("seat.view", "presence_reason", "午餐"))["presence"] == "away"
            service.server.should_exit = True
            assert (await seat.next("gone"))["reason"] == "shutdown"
    names = [task.get_name() for task in asyncio.all_tasks()]
    assert not [name for name in names if name.startswith(("ws-", "seat-grace", "refresh", "dispatch", "server"))]

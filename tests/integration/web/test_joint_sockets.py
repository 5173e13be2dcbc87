"""A call of three over real sockets: each phone's offer reaches the seat under its own name, and a supervisor's too."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from signing.web import presence
from signing.wire.staff import CaseOpened
from tests.integration.service.family import OTHERS
from tests.integration.web.running import CASE, PARTY, Running, Socket, running, socket_to
from tests.integration.web.test_sockets import keep_alive, post, to_the_queue
from tests.postgres import both_databases

PARTIES = [PARTY, *({"role": p.role.value, "name": p.name, "id_number": p.id_number, "phone": p.phone,
                     "address": p.address} for p in OTHERS)]  # fmt: skip


async def entered(service: Running) -> tuple[CaseOpened, list[str]]:
    """→ the case of three, and a session token for each party."""
    async with service.client(await service.log_in("zhang")) as http:
        opened = CaseOpened.model_validate(await post(http, "/api/cases", {**CASE, "parties": PARTIES}))
    tokens = []
    for invitation in opened.invitations:
        one = opened.model_copy(update={"invitations": [invitation]})
        tokens.append(await service.customer(one))
        await to_the_queue(service, tokens[-1])
    return opened, tokens


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CALL_GRACE_SECONDS", 1.0)


@both_databases
async def test_three_phones_one_seat_and_a_supervisor(tmp_path: Path, database: str) -> None:
    async with running(tmp_path / "data", database) as service, AsyncExitStack() as stack:
        opened, tokens = await entered(service)
        agent, chief = await service.log_in("zhang"), await service.log_in("chen")
        seat = await stack.enter_async_context(socket_to(service.ws + "/api/seat/ws", agent))
        board = await stack.enter_async_context(socket_to(service.ws + "/api/board/ws", chief))
        phones = [await stack.enter_async_context(socket_to(service.ws + "/api/phone/ws", token)) for token in tokens]
        http = await stack.enter_async_context(service.client(agent))
        over = await stack.enter_async_context(service.client(chief))
        pinging = asyncio.create_task(keep_alive(seat, board, *phones))
        try:
            call_id, ids = await all_in(http, seat, opened)
            await each_offer_is_named(seat, phones, call_id, ids)
            await holding_is_seen(http, phones[1], call_id, ids[1])
            await muting_is_seen(http, seat, phones[1], call_id, ids[1])
            await talking_alone_is_seen(http, seat, phones[1], call_id, ids[0])
            await a_supervisor_listens(over, seat, board, call_id)
            await one_leaves_and_comes_back(service, stack, seat, phones, tokens, ids)
        finally:
            pinging.cancel()
            await asyncio.gather(pinging, return_exceptions=True)


async def all_in(http: httpx.AsyncClient, seat: Socket, opened: CaseOpened) -> tuple[str, list[str]]:
    await post(http, "/api/seat/presence", {"presence": "available"})
    offer = (await seat.view_where("seat.view", "presence", "ringing"))["offer"]
    view = await post(http, f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")
    call = view["call"]
    assert isinstance(call, dict)
    ids = [party.party_id for party in opened.case.parties]
    for party in call["parties"]:
        if party["state"] == "waiting":
            view = await post(http, f"/api/calls/{call['call_id']}/parties/{party['party_id']}/admit")
    shown = view["call"]
    assert isinstance(shown, dict)
    assert [(party["state"], party["online"]) for party in shown["parties"]] == [("live", True)] * 3
    return str(call["call_id"]), ids


async def each_offer_is_named(seat: Socket, phones: list[Socket], call_id: str, ids: list[str]) -> None:
    for phone, party_id in zip(phones, ids, strict=True):
        await phone.send(type="sdp", call_id=call_id, kind="offer", sdp=f"v=0 {party_id}")
        offer = await seat.next("sdp")
        assert (offer["party_id"], offer["sdp"]) == (party_id, f"v=0 {party_id}")
        await seat.send(type="sdp", call_id=call_id, party_id=party_id, kind="answer", sdp=f"to {party_id}")
        assert (await phone.next("sdp"))["sdp"] == f"to {party_id}"


async def holding_is_seen(http: httpx.AsyncClient, phone: Socket, call_id: str, party_id: str) -> None:
    await post(http, f"/api/calls/{call_id}/parties/{party_id}/hold", {"held": True})
    while not (view := await phone.next("phone.view"))["call"]["held"]:
        pass
    assert "请稍候" in view["notice"]["text"]
    await post(http, f"/api/calls/{call_id}/parties/{party_id}/hold", {"held": False})


async def muting_is_seen(http: httpx.AsyncClient, seat: Socket, phone: Socket, call_id: str, party_id: str) -> None:
    await post(http, f"/api/calls/{call_id}/parties/{party_id}/mute", {"muted": True})
    while not (view := await phone.next("phone.view"))["call"]["muted"]:
        pass
    assert "静音" in view["notice"]["text"]
    while not any(one["muted"] for one in (await seat.next("seat.view"))["call"]["parties"]):
        pass
    await post(http, f"/api/calls/{call_id}/parties/{party_id}/mute", {"muted": False})
    while any(one["muted"] for one in (await seat.next("seat.view"))["call"]["parties"]):
        pass


async def talking_alone_is_seen(
    http: httpx.AsyncClient, seat: Socket, other: Socket, call_id: str, party_id: str
) -> None:
    """``other``: the phone of somebody who waits meanwhile."""
    await post(http, f"/api/calls/{call_id}/alone", {"party_id": party_id})
    while not (shown := await other.next("phone.view"))["call"]["held"]:
        pass
    assert "单独谈话" in shown["notice"]["text"]
    await seen_at(seat, party_id, ["live", "held", "held"])
    await post(http, f"/api/calls/{call_id}/alone", {})
    await seen_at(seat, None, ["live"] * 3)


async def seen_at(seat: Socket, alone_with: str | None, states: list[str]) -> None:
    while (call := (await seat.next("seat.view"))["call"])["alone_with"] != alone_with:
        pass
    assert [one["state"] for one in call["parties"]] == states


async def a_supervisor_listens(over: httpx.AsyncClient, seat: Socket, board: Socket, call_id: str) -> None:
    await board.send(type="sdp", call_id=call_id, kind="offer", sdp="v=0 chief")
    assert (await board.next("refused"))["error"]["code"] == "conflict"
    view = await post(over, f"/api/calls/{call_id}/listen")
    assert view["listening"] == [call_id]
    await board.send(type="sdp", call_id=call_id, kind="offer", sdp="v=0 chief")
    offer = await seat.next("sdp")
    assert (offer["party_id"], offer["sdp"]) == ("staff:staff_chen", "v=0 chief")
    await seat.send(type="sdp", call_id=call_id, party_id="staff:staff_chen", kind="answer", sdp="to chief")
    assert (await board.next("sdp"))["sdp"] == "to chief"
    await post(over, f"/api/calls/{call_id}/whisper", {"on": True})
    while not any(one["whispering"] for one in (await seat.next("seat.view"))["call"]["listeners"]):
        pass
    await post(over, f"/api/calls/{call_id}/listen/stop")
    while (await seat.next("seat.view"))["call"]["listeners"]:
        pass
    await seat.send(type="sdp", call_id=call_id, party_id="staff:staff_chen", kind="answer", sdp="x")
    assert (await seat.next("refused"))["error"]["code"] == "conflict"


async def one_leaves_and_comes_back(
    service: Running, stack: AsyncExitStack, seat: Socket, phones: list[Socket], tokens: list[str], ids: list[str]
) -> None:
    """The call goes on with the others; the page that returns is in it again without anybody's doing."""
    await phones[2].connection.close()
    while (view := await seat.next("seat.view"))["call"]["parties"][2]["state"] != "dropped":
        assert view["presence"] == "on_call"
    assert [party["state"] for party in view["call"]["parties"]] == ["live", "live", "dropped"]
    await stack.enter_async_context(socket_to(service.ws + "/api/phone/ws", tokens[2]))
    while (await seat.next("seat.view"))["call"]["parties"][2]["state"] != "live":
        pass

"""The agent leads a phone through a paper: whom it reaches, what is refused, and what a slow phone is spared."""

import asyncio
from pathlib import Path
from typing import Any

from signing.service.commands import Actor
from signing.web.hub import Link
from signing.web.limits import RateLimit
from signing.web.sides import SeatSide
from signing.wire.signal import Lead, Pong
from tests.integration.web.in_call import InCall, in_call
from tests.integration.web.running import running, socket_to

MARK = {"kind": "mark", "page": 1, "x": 0.1, "y": 0.25, "w": 0.5, "h": 0.1}


async def lead(call: InCall, **changes: Any) -> dict[str, Any]:
    """Sent by the seat; returns the frame as it was meant."""
    view = (await call.desk.get(f"/api/cases/{call.case_id}")).json()
    paper = view["documents"][0]["document_id"]
    frame = {"call_id": call.call_id, "party_id": call.party_id, "document_id": paper, **MARK, **changes}
    await call.seat.send(type="lead", **frame)
    return frame


async def test_a_phone_is_led_and_nobody_else(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service:
        stranger = await service.customer(await service.open_case())
        async with in_call(service) as call, socket_to(service.ws + "/api/phone/ws", stranger) as other:
            await other.next("phone.view")
            sent = await lead(call)
            assert await call.phone.next("lead") == {"type": "lead", **sent}
            await lead(call, kind="over")
            assert (await call.phone.next("lead"))["kind"] == "over"
            await other.silent(0.3)
            await what_is_not_theirs_is_refused(call)
            await only_a_seat_leads(call)


async def test_more_than_a_hand_can_make_is_let_go_and_the_end_of_leading_is_not(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, in_call(service) as call:
        service.web.limits.lead = RateLimit(limit=2, seconds=3600)
        for share in (0.1, 0.2):
            await lead(call, x=share)
            assert (await call.phone.next("lead"))["x"] == share
        for _ in range(40):
            await lead(call, x=0.3)
        await asyncio.sleep(0.3)  # or the end would take the place of what waits
        await lead(call, kind="over")
        assert (await call.phone.next("lead"))["kind"] == "over"
        await lead(call, page=200)
        assert "没有这一页" in (await call.seat.next("refused"))["error"]["message"], "nothing before it was refused"


async def test_a_call_that_the_seat_was_not_yet_shown_is_led_too(tmp_path: Path) -> None:
    async with running(tmp_path / "data") as service, in_call(service) as call:
        actor = await service.web.ask(service.web.queries.authenticate, call.agent)
        side = SeatSide(service.web, call.agent, actor, Link("seat:not shown", actor, frozenset()))
        paper = (await call.desk.get(f"/api/cases/{call.case_id}")).json()["documents"][0]["document_id"]
        frame = {"call_id": call.call_id, "party_id": call.party_id, "document_id": paper, **MARK}
        await side.lead(Lead.model_validate(frame))
        assert await call.phone.next("lead") == {"type": "lead", **frame}


async def what_is_not_theirs_is_refused(call: InCall) -> None:
    for wrong, code in (
        ({"call_id": "call_other"}, "conflict"),
        ({"party_id": "party_other"}, "conflict"),
        ({"document_id": "doc_other"}, "input"),
        ({"page": 200}, "input"),
        ({"x": 1.5}, "input"),
        ({"kind": "shout"}, "input"),
    ):
        await lead(call, **wrong)
        assert (await call.seat.next("refused"))["error"]["code"] == code, wrong


async def only_a_seat_leads(call: InCall) -> None:
    frame = {"call_id": call.call_id, "party_id": call.party_id, "document_id": "doc_other", **MARK}
    await call.phone.send(type="lead", **frame)
    assert (await call.phone.next("refused"))["error"]["code"] == "input"


async def test_a_slow_phone_gets_only_where_the_hand_is_now() -> None:
    link = Link("party:one", Actor("party", "one", "customer", "inst", ""), frozenset())
    facts = {"call_id": "c", "party_id": "one", "document_id": "d", "page": 1, "kind": "point", "y": 0.5}
    ways = [Lead.model_validate({**facts, "x": share / 100}) for share in range(100)]
    link.send(ways[0])
    link.send(Pong.model_validate({"n": 1, "server_time": "2026-11-27T00:00:00Z"}))
    for way in ways[1:]:
        link.send(way)
    frames = await asyncio.wait_for(link.wait(), 1)
    assert [frame.type for frame in frames] == ["pong", "lead"]
    assert frames[-1] == ways[-1]

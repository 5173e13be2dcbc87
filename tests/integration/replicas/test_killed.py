"""kill -9 of a service in the middle of a call: the others go on with it, and its media never notice."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from signing.web.presence import RESTART_GRACE_SECONDS
from tests.integration.replicas.cluster import Line, cluster, customer, line, logged_in
from tests.integration.replicas.office import Records
from tests.integration.replicas.sound import End

pytestmark = pytest.mark.timeout(480)
BACK_SECONDS = 10.0
"""The promise to clients of a service that was killed."""
SILENCE_SECONDS = 3.0
"""Blocks come every 20 ms; a test machine may be busy for a while, but no end may lose the other."""


async def exchanged(phone: Line, seat: Line, call_id: str, number: str, ends: tuple[End, End] | None = None) -> None:
    """An offer and its answer, each told to the other end exactly once."""
    offered = await ends[0].offer() if ends else f"v=0 offer {number}"
    await phone.send(type="sdp", call_id=call_id, kind="offer", sdp=offered, offer_id=number)
    offer = await seat.until(lambda: next(f for f in seat.of("sdp") if f["offer_id"] == number))
    answered = await ends[1].answer(offer["sdp"]) if ends else "v=0 answer"
    back = {"call_id": call_id, "party_id": offer["party_id"], "kind": "answer", "sdp": answered}
    await seat.send(type="sdp", **back, offer_id=number)
    answer = await phone.until(lambda: next(f for f in phone.of("sdp") if f["offer_id"] == number))
    if ends:
        await ends[0].accept(answer["sdp"])
    for end in (phone, seat):
        assert len([f for f in end.of("sdp") if f["offer_id"] == number]) == 1


@asynccontextmanager
async def both_ends() -> AsyncIterator[tuple[End, End]]:
    ends = End(), End()
    try:
        yield ends
    finally:
        await asyncio.gather(*(end.close() for end in ends))


async def test_a_call_goes_on_whichever_service_is_killed(tmp_path: Path, postgres_database: str) -> None:
    """Phone and seat are at different services; each of them is killed in turn."""
    data = tmp_path / "data"
    with cluster(data, postgres_database, 2) as made:
        agent = await logged_in(made, first=0)
        hand, case_id = await customer(made, agent, first=1)
        async with line(agent, "/api/seat/ws") as seat, line(hand, "/api/phone/ws") as phone, both_ends() as ends:
            assert (seat.url, phone.url) == tuple(made.urls)
            await agent.post("/api/seat/presence", {"presence": "available"})
            await hand.post("/api/phone/queue/join")
            offer = await seat.until(lambda: seat.view["offer"])
            await agent.post(f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")
            call_id = (await phone.until(lambda: phone.view["call"]))["call_id"]
            await exchanged(phone, seat, call_id, "1", ends)
            await seat.until(lambda: ends[0].heard and ends[1].heard)
            await seat.until(lambda: seat.view["call"]["phone_online"])

            made.services[0].kill()
            await seat.until(lambda: seat.gaps)
            await exchanged(phone, seat, call_id, "2")
            await asyncio.to_thread(made.add)
            made.services[1].kill()
            killed = time.monotonic()
            await asyncio.gather(seat.until(lambda: len(seat.gaps) > 1), phone.until(lambda: phone.gaps))
            await exchanged(phone, seat, call_id, "3")

            # Longer than the lease and any grace: whoever looks after the dead must find both ends here.
            await asyncio.sleep(max(0.0, killed + RESTART_GRACE_SECONDS + 8 - time.monotonic()))
            assert seat.view["presence"] == "on_call"
            assert seat.view["call"]["call_id"] == phone.view["call"]["call_id"] == call_id
            assert not seat.of("gone")
            assert not phone.of("gone")
            silences = [end.longest_silence() for end in ends]
            print(f"seat back after {seat.gaps} s, phone after {phone.gaps} s, longest silence {silences} s")
            assert max(silences) < SILENCE_SECONDS
            assert [end.states for end in ends] == [["connecting", "connected"]] * 2
            assert max(seat.gaps + phone.gaps) < BACK_SECONDS
            await agent.post(f"/api/calls/{call_id}/hangup", {"reason": "测试结束"})
            await phone.until(lambda: phone.view["call"] is None)
    records = Records(data, postgres_database)
    kinds = records.kinds(case_id)
    records.close()
    assert (kinds["call.connected"], kinds["call.ended"], kinds["call.dropped"]) == (1, 1, 0)

"""kill -9 of a service while others go on: in a call, and while customers are being given to seats."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest

from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import Keyring
from signing.domain.ledger import verify_chain
from tests.integration.replicas.cluster import Line, cluster, customer, line, logged_in

pytestmark = pytest.mark.timeout(300)


def kinds_of(data: Path, database: str, case_id: str) -> Counter[str]:
    """The types of the case's events, whose chain is checked; the access log's too."""
    engine, keyring = open_engine(database), Keyring(data / "kek.bin")
    with SqlDatabase(engine, keyring, CaseKeys(engine, keyring)).read() as unit:
        found = Counter(event.type for event in unit.cases.events(case_id))
        verify_chain(unit.logs.views())
    engine.dispose()
    return found


async def exchanged(phone: Line, seat: Line, call_id: str, number: str) -> None:
    """An offer and its answer, each told to the other end exactly once."""
    await phone.send(type="sdp", call_id=call_id, kind="offer", sdp=f"v=0 offer {number}", offer_id=number)
    offer = await seat.until(lambda: next(f for f in seat.of("sdp") if f["offer_id"] == number))
    answer = {"call_id": call_id, "party_id": offer["party_id"], "kind": "answer", "sdp": "v=0 answer"}
    await seat.send(type="sdp", **answer, offer_id=number)
    await phone.until(lambda: next(f for f in phone.of("sdp") if f["offer_id"] == number))
    for end in (phone, seat):
        assert len([f for f in end.of("sdp") if f["offer_id"] == number]) == 1


async def test_a_call_goes_on_whichever_service_is_killed(tmp_path: Path, postgres_database: str) -> None:
    """Phone and seat are at different services; each of them is killed in turn."""
    data = tmp_path / "data"
    with cluster(data, postgres_database, 2) as made:
        agent = await logged_in(made, first=0)
        hand, case_id = await customer(made, agent, first=1)
        async with line(agent, "/api/seat/ws") as seat, line(hand, "/api/phone/ws") as phone:
            assert (seat.url, phone.url) == tuple(made.urls)
            await agent.post("/api/seat/presence", {"presence": "available"})
            await hand.post("/api/phone/queue/join")
            offer = await seat.until(lambda: seat.view["offer"])
            await agent.post(f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")
            call_id = (await phone.until(lambda: phone.view["call"]))["call_id"]
            await exchanged(phone, seat, call_id, "1")
            await seat.until(lambda: seat.view["call"]["phone_online"])

            made.services[0].kill()
            await seat.until(lambda: seat.gaps)
            await exchanged(phone, seat, call_id, "2")
            made.add()
            made.services[1].kill()
            killed = time.monotonic()
            await asyncio.gather(seat.until(lambda: len(seat.gaps) > 1), phone.until(lambda: phone.gaps))
            await exchanged(phone, seat, call_id, "3")
            print("back after", seat.gaps, phone.gaps)
            assert max(seat.gaps + phone.gaps) < 10

            await asyncio.sleep(max(0.0, killed + 38 - time.monotonic()))  # longer than any grace
            assert seat.view["presence"] == "on_call"
            assert seat.view["call"]["call_id"] == phone.view["call"]["call_id"] == call_id
            assert not seat.of("gone")
            assert not phone.of("gone")
            await agent.post(f"/api/calls/{call_id}/hangup", {"reason": "测试结束"})
            await phone.until(lambda: phone.view["call"] is None)
    kinds = kinds_of(data, postgres_database, case_id)
    assert (kinds["call.connected"], kinds["call.ended"], kinds["call.dropped"]) == (1, 1, 0)

"""The database dies in the middle of work and comes back after fifteen seconds: nobody else dies, nothing is lost."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from signing.adapters.database.engine import open_engine, upgrade
from tests.integration.replicas.cluster import Client, Cluster, cluster, line
from tests.integration.replicas.office import Records, furnish
from tests.postgres import Postgres, postgres

pytestmark = pytest.mark.timeout(480)
AWAY_SECONDS = 15.0


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """Of this test alone, since it is stopped."""
    with postgres() as running:
        yield running


async def status(made: Cluster, path: str) -> list[int]:
    async with httpx.AsyncClient(timeout=20, trust_env=False) as http:
        return [(await http.get(url + path)).status_code for url in made.urls]


async def test_the_database_is_away_for_fifteen_seconds(tmp_path: Path, own_server: Postgres) -> None:
    data, address = tmp_path / "data", own_server.create()
    engine = open_engine(address)
    upgrade(engine)
    engine.dispose()
    office = await asyncio.to_thread(furnish, data, address, 1, 2)
    (talking, second), (token,) = office.customers, office.agents
    with cluster(data, address, 2) as made:
        agent = Client(lambda: made.urls, token)
        hand, later = (Client(lambda: made.urls, office.customers[one], 1) for one in (talking, second))
        async with line(agent, "/api/seat/ws") as seat, line(hand, "/api/phone/ws") as phone:
            await agent.post("/api/seat/presence", {"presence": "available"})
            await hand.post("/api/phone/queue/join")
            offer = await seat.until(lambda: seat.view["offer"])
            await agent.post(f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")
            call_id = (await phone.until(lambda: phone.view["call"]))["call_id"]
            acknowledged = 0
            party_id = (await seat.until(lambda: seat.view["call"]))["party_id"]
            hold = f"/api/calls/{call_id}/parties/{party_id}/hold"
            for held in (True, False, True, False):
                await agent.post(hold, {"held": held})
                acknowledged += 1

            own_server.stop()
            stopped = time.monotonic()
            assert await status(made, "/readyz") == [503, 503]
            assert await status(made, "/healthz") == [200, 200]
            async with httpx.AsyncClient(base_url=made.urls[0], timeout=20, trust_env=False) as http:
                refused = await http.get("/api/staff/view", headers={"Authorization": f"Bearer {token}"})
            assert refused.status_code == 503
            assert refused.json()["message"] == "数据库忙或不可用"
            waiting = asyncio.create_task(later.ask("POST", "/api/phone/queue/join", seconds=90))
            await asyncio.sleep(max(0.0, stopped + AWAY_SECONDS - time.monotonic()))
            assert await status(made, "/healthz") == [200, 200]
            await asyncio.to_thread(own_server.start)

            back = time.monotonic()
            while await status(made, "/readyz") != [200, 200]:
                assert time.monotonic() - back < 60
                await asyncio.sleep(0.1)
            ready = time.monotonic() - back
            await agent.post(hold, {"held": True})
            await agent.post(hold, {"held": False})
            await waiting
            well = time.monotonic() - back
            print(f"ready after {ready:.1f} s, working after {well:.1f} s; breaks {seat.gaps} {phone.gaps}")
            assert well < 15
            assert all(service.lives for service in made.services)

            await asyncio.sleep(8)  # a lease and more: nobody may have been taken for dead
            assert seat.view["call"]["call_id"] == phone.view["call"]["call_id"] == call_id
            assert seat.gaps == phone.gaps == [], "no socket had to be opened again"
            await agent.post(f"/api/calls/{call_id}/hangup", {"reason": "测试结束"})
            await agent.post("/api/seat/wrapup/finish")
            async with line(later, "/api/phone/ws"):
                await seat.until(lambda: seat.view["offer"])
    records = Records(data, address)
    kinds = records.kinds(talking)
    assert kinds["call.held"] + kinds["call.resumed"] == acknowledged + 2
    assert (kinds["call.connected"], kinds["call.ended"], kinds["call.dropped"]) == (1, 1, 0)
    assert records.kinds(second)["queue.joined"] == 1
    records.close()

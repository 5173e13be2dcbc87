"""What may happen once happens once, whichever services are asked at the same moment."""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.integration.replicas.cluster import Client, Cluster, cluster, customer, line, logged_in
from tests.integration.replicas.office import Records
from tests.integration.web.running import CASE

pytestmark = pytest.mark.timeout(480)


async def redeemed(made: Cluster, body: dict[str, str], times: int) -> Counter[int]:
    """Statuses of so many redemptions at once, the services in turn."""

    async def one(number: int) -> int:
        url = made.urls[number % len(made.urls)]
        async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as http:
            return (await http.post("/api/phone/redeem", json=body)).status_code

    return Counter(await asyncio.gather(*(one(number) for number in range(times))))


async def test_a_code_opens_one_session_and_a_seat_has_one_socket(tmp_path: Path, postgres_database: str) -> None:
    data = tmp_path / "data"
    with cluster(data, postgres_database, 2, "--no-notify") as made:
        agent = await logged_in(made)
        opened = await agent.post("/api/cases", CASE)
        capability = {"capability": opened["invitations"][0]["url"].partition("#")[2]}
        nobody = Client(lambda: made.urls)
        await nobody.post("/api/phone/code", capability)
        code = (await nobody.get("/demo/messages.json"))[0]["code"]
        statuses = await redeemed(made, capability | {"code": code}, 50)
        assert statuses[200] == 1
        assert set(statuses) <= {200, 401, 429}
        assert statuses[401] >= 2, "both services were asked for the same code"

        same = Client(agent.urls, agent.token, first=1)
        async with line(agent, "/api/seat/ws") as first, line(same, "/api/seat/ws") as second:
            assert first.url != second.url
            await first.until(lambda: first.of("gone"))
            assert first.of("gone")[0]["reason"] == "replaced"
    records = Records(data, postgres_database)
    assert records.kinds(str(opened["case"]["case_id"]))["party.code_proven"] == 1
    records.close()


@pytest.mark.parametrize(("username", "side"), [("zhang", "seat"), ("chen", "board")])
async def test_who_logs_out_at_one_service_is_told_so_at_the_other(
    tmp_path: Path, postgres_database: str, username: str, side: str
) -> None:
    with cluster(tmp_path / "data", postgres_database, 2) as made:
        here = await logged_in(made, username, first=0)
        there = Client(here.urls, here.token, first=1)
        async with line(there, f"/api/{side}/ws") as window:
            assert window.url == made.urls[1]
            await here.post("/api/staff/logout")
            await window.until(lambda: window.of("gone"))
            assert [frame["reason"] for frame in window.of("gone")] == ["logged_out"]


async def test_without_notify_a_call_is_made_all_the_same(tmp_path: Path, postgres_database: str) -> None:
    with cluster(tmp_path / "data", postgres_database, 2, "--no-notify") as made:
        agent = await logged_in(made, first=0)
        hand, _ = await customer(made, agent, first=1)
        async with line(agent, "/api/seat/ws") as seat, line(hand, "/api/phone/ws") as phone:
            await agent.post("/api/seat/presence", {"presence": "available"})
            await hand.post("/api/phone/queue/join")
            offer = await seat.until(lambda: seat.view["offer"])
            await agent.post(f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")
            call_id = (await phone.until(lambda: phone.view["call"]))["call_id"]
            await phone.send(type="sdp", call_id=call_id, kind="offer", sdp="v=0", offer_id="1")
            await seat.until(lambda: seat.of("sdp"))
            assert len(seat.of("sdp")) == 1

"""Customers are given to seats while services die and stand still: each is served once, and none is lost."""

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from signing.domain.lease import LEASE_SECONDS
from tests.integration.replicas.cluster import Client, Cluster, Line, cluster, line
from tests.integration.replicas.office import Furnished, Records, furnish

pytestmark = pytest.mark.timeout(480)
SEATS, CUSTOMERS = 3, 8


async def work(agent: Client, seat: Line) -> None:
    """Takes every ring, talks a moment, hangs up. What was refused meanwhile is shown by the next view."""
    await agent.post("/api/seat/presence", {"presence": "available"})
    while True:
        with suppress(AssertionError, StopIteration):
            view = seat.view
            if view["offer"]:
                await agent.post(f"/api/seat/offers/{view['offer']['ticket']['ticket_id']}/accept")
            elif view["call"]:
                await asyncio.sleep(0.3)
                await agent.post(f"/api/calls/{view['call']['call_id']}/hangup", {"reason": "办完"})
                await agent.post("/api/seat/wrapup/finish")
            elif view["presence"] in ("away", "offline"):
                await agent.post("/api/seat/presence", {"presence": "available"})
            elif view["presence"] == "wrap_up":
                await agent.post("/api/seat/wrapup/finish")
        await asyncio.sleep(0.1)


async def watch(records: Records, seen: list[int]) -> None:
    while True:
        seen.append(await asyncio.to_thread(records.require_one_place_each))
        await asyncio.sleep(0.05)


async def served(made: Cluster, office: Furnished, records: Records, trouble: object) -> list[Line]:
    """Until nobody waits any more; → all lines."""
    assert callable(trouble)
    async with AsyncExitStack() as stack:
        agents = [Client(lambda: made.urls, token, n) for n, token in enumerate(office.agents)]
        hands = [Client(lambda: made.urls, token, n) for n, token in enumerate(office.customers.values())]
        seats = [await stack.enter_async_context(line(one, "/api/seat/ws")) for one in agents]
        phones = [await stack.enter_async_context(line(one, "/api/phone/ws")) for one in hands]
        seen: list[int] = []
        tasks = [asyncio.create_task(work(*pair)) for pair in zip(agents, seats, strict=True)]
        tasks.append(watching := asyncio.create_task(watch(records, seen)))
        try:
            await asyncio.gather(*(hand.post("/api/phone/queue/join") for hand in hands))
            await trouble(made)
            until = time.monotonic() + 120
            while records.open_tickets():
                assert time.monotonic() < until, "somebody is still waiting"
                assert not watching.done(), watching.exception()
                await asyncio.sleep(0.2)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert max(seen) > 0
        assert watching.cancelled()
        return [*seats, *phones]


async def kills(made: Cluster) -> None:
    await asyncio.sleep(1.0)
    made.services[0].kill()
    await asyncio.to_thread(made.add)
    made.services[1].kill()
    await asyncio.to_thread(made.add)


async def pauses(made: Cluster) -> None:
    """Longer than the lease, so that the others have given it up before it wakes."""
    await asyncio.sleep(0.7)
    made.services[0].pause()
    await asyncio.sleep(LEASE_SECONDS + 3)
    made.services[0].wake()
    await asyncio.sleep(3)


@pytest.mark.parametrize("trouble", [kills, pauses])
async def test_each_is_served_once_whatever_dies_or_stands_still(
    tmp_path: Path, postgres_database: str, trouble: object
) -> None:
    data = tmp_path / "data"
    office = await asyncio.to_thread(furnish, data, postgres_database, SEATS, CUSTOMERS)
    records = Records(data, postgres_database)
    with cluster(data, postgres_database, 2) as made:
        lines = await served(made, office, records, trouble)
        assert sum(service.lives for service in made.services) == 2
    gaps = [gap for one in lines for gap in one.gaps]
    print(f"{len(gaps)} came back, the slowest after {max(gaps, default=0.0):.1f} s")
    for case_id in office.customers:
        kinds = records.kinds(case_id)
        assert kinds["call.connected"] + kinds["call.joined"] == kinds["call.ended"] + kinds["call.dropped"], case_id
        assert kinds["call.ended"] == 1
        assert kinds["queue.joined"] == 1
    records.close()

"""SIGTERM of a service during a call: whoever does not come back is let go after the grace, as after a kill."""

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from signing.web.presence import RESTART_GRACE_SECONDS
from tests.integration.replicas.cluster import Line, Service, cluster, customer, line, logged_in
from tests.integration.replicas.office import Records

pytestmark = pytest.mark.timeout(300)
SOON = 15.0
"""More than the grace that a busy machine may take."""


async def stop(service: Service) -> None:
    """As a rolling restart does."""
    service.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(service.process.wait, 30) is not None


async def dropped(seat: Line, stopped: float) -> None:
    """The call ends by itself, not before the time that the phone has."""
    await seat.until(lambda: seat.view["call"] is None, RESTART_GRACE_SECONDS + SOON)
    assert time.monotonic() - stopped > RESTART_GRACE_SECONDS - 1


@pytest.mark.parametrize("peer", [True, False], ids=["two services", "one service restarted"])
async def test_a_phone_that_does_not_come_back_is_dropped(tmp_path: Path, postgres_database: str, peer: bool) -> None:
    data = tmp_path / "data"
    with cluster(data, postgres_database, 2 if peer else 1) as made:
        agent = await logged_in(made, first=len(made.urls) - 1)
        hand, case_id = await customer(made, agent, first=0)
        async with line(agent, "/api/seat/ws") as seat, AsyncExitStack() as held:
            phone = await held.enter_async_context(line(hand, "/api/phone/ws"))
            await agent.post("/api/seat/presence", {"presence": "available"})
            await hand.post("/api/phone/queue/join")
            offer = await seat.until(lambda: seat.view["offer"])
            await agent.post(f"/api/seat/offers/{offer['ticket']['ticket_id']}/accept")
            await phone.until(lambda: phone.view["call"])
            await seat.until(lambda: seat.view["call"] and seat.view["call"]["phone_online"])
            if not peer:
                # Once with everybody back: the call goes on over a restart.
                await stop(made.services[0])
                await asyncio.to_thread(made.add)
                await asyncio.gather(seat.until(lambda: seat.gaps), phone.until(lambda: phone.gaps))
                await asyncio.sleep(RESTART_GRACE_SECONDS + 3)
                assert seat.view["call"] is not None
                assert phone.view["call"] is not None
            stopping = asyncio.create_task(stop(made.services[-1] if not peer else made.services[0]))
            stopped = time.monotonic()
            await held.aclose()  # the phone is gone with its service
            await stopping
            if not peer:
                await asyncio.to_thread(made.add)
            await dropped(seat, stopped)
    records = Records(data, postgres_database)
    kinds = records.kinds(case_id)
    records.close()
    assert (kinds["call.connected"], kinds["call.dropped"]) == (1, 1)

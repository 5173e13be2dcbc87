"""Phone and seat are told of the relay by the real service, each with a log-in that a real coturn takes."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from aioice.turn import create_turn_endpoint

from signing.domain.relaying import VALID
from signing.web.ice import Ice
from tests.integration.web.in_call import in_call
from tests.integration.web.running import running
from tests.turn import HOST, SECRET, coturn


async def port_on(server: dict[str, Any], port: int) -> int:
    """A place on the relay with this log-in."""
    transport, _ = await create_turn_endpoint(
        asyncio.DatagramProtocol, (HOST, port), server["username"], server["credential"]
    )
    found: int = transport.get_extra_info("sockname")[1]
    transport.close()
    await asyncio.sleep(0.2)
    return found


async def test_each_end_of_a_call_has_a_login_of_its_own_that_the_relay_takes(tmp_path: Path) -> None:
    with coturn(tmp_path) as relay:
        async with running(tmp_path / "data") as service:
            urls = [relay.url(way) for way in ("udp", "tcp", "tls")]
            service.web.ice = Ice(["stun:stun.example:3478"], urls, SECRET)
            async with in_call(service) as call:
                phone = (await call.hand.get("/api/phone/view")).json()["call"]["ice_servers"]
                seat = (await call.desk.get("/api/staff/view")).json()["call"]["ice_servers"]
        told = [servers[1] for servers in (phone, seat)]
        assert [server["urls"] for server in told] == [urls, urls]
        assert told[0]["username"].endswith(f":{call.party_id}")
        assert told[0]["username"] != told[1]["username"]
        assert [await port_on(server, relay.port) > 0 for server in told] == [True, True]
        assert SECRET.decode() not in f"{phone}{seat}"
        assert timedelta(hours=8) < VALID, "longer than a working day's longest call"

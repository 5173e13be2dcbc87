"""A case with its agent and its customer in a live call, as most of what is tried over the real service begins."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from tests.integration.web.running import Running, Socket, socket_to
from tests.integration.web.test_sockets import connected, keep_alive, to_the_queue


@dataclass(frozen=True)
class InCall:
    """``desk`` and ``hand``: HTTP as the agent and as the customer; ``agent``: the agent's token."""

    case_id: str
    party_id: str
    call_id: str
    agent: str
    seat: Socket
    phone: Socket
    desk: httpx.AsyncClient
    hand: httpx.AsyncClient

    @property
    def at(self) -> str:
        return f"/api/cases/{self.case_id}/parties/{self.party_id}"


@asynccontextmanager
async def in_call(service: Running) -> AsyncIterator[InCall]:
    """Both sockets are kept alive to the end of the block."""
    opened = await service.open_case()
    agent, customer = await service.log_in("zhang"), await service.customer(opened)
    await to_the_queue(service, customer)
    async with (
        socket_to(service.ws + "/api/seat/ws", agent) as seat,
        socket_to(service.ws + "/api/phone/ws", customer) as phone,
        service.client(agent) as desk,
        service.client(customer) as hand,
    ):
        pinging = asyncio.create_task(keep_alive(seat, phone))
        try:
            call_id, party_id = await connected(service, agent, seat, phone)
            yield InCall(opened.case.case_id, party_id, call_id, agent, seat, phone, desk, hand)
        finally:
            pinging.cancel()
            await asyncio.gather(pinging, return_exceptions=True)

"""Clients that send commands as fast as they are answered, and remember exactly what was acknowledged."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from signing.commandline.bench.load.crowd import Crowd, Guest, Place

Json = Mapping[str, Any]
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Promise:
    """The service said 2xx: an event of this type is in the case's chain, and its line has ``mark`` in it."""

    case_id: str
    type: str
    mark: str


@dataclass(frozen=True)
class Leave:
    """The service said 2xx to giving up this place: then it was left, or its call had ended just before."""

    case_id: str
    ticket_id: str


@dataclass
class Account:
    """What a whole run was told. ``unknown``: no answer came, so that either is right."""

    promises: list[Promise] = field(default_factory=list)
    looks: dict[str, int] = field(default_factory=dict)
    """case_id → looks at it that were acknowledged; each is a line of the access log."""
    leaves: list[Leave] = field(default_factory=list)
    acknowledged: int = 0
    refused: int = 0
    broken: int = 0
    """500 and above: the service itself failed."""
    unknown: int = 0
    numbers: "count[int]" = field(default_factory=count)


class Gone(Exception):
    """Raised where the service does not answer any more."""


@dataclass
class Hammer:
    """One life of the service: every client at once until it is gone."""

    url: str
    crowd: Crowd
    account: Account

    async def run(self) -> None:
        async with httpx.AsyncClient(base_url=self.url, timeout=TIMEOUT_SECONDS) as http:
            clients = [Client(http, self.account) for _ in range(2)]
            guests = {guest.party_id: guest for guest in self.crowd.guests}
            work = [
                *(_until_gone(clients[0].customer, guest) for guest in self.crowd.guests),
                *(_until_gone(clients[1].agent, place, guests) for place in self.crowd.places),
            ]
            await asyncio.gather(*work)


async def _until_gone(turn: Callable[..., Awaitable[None]], *who: object) -> None:
    try:
        while True:
            await turn(*who)
    except Gone:
        return


@dataclass
class Client:
    http: httpx.AsyncClient
    account: Account

    async def send(self, method: str, token: str, path: str, body: Json | None = None) -> Json | None:
        """→ the answer, None where it was refused. Raises ``Gone``."""
        headers = {"Authorization": f"Bearer {token}"}
        try:
            answer = await self.http.request(method, path, json=body, headers=headers)
        except httpx.HTTPError:
            self.account.unknown += method != "GET"
            raise Gone from None
        if answer.status_code >= 300:
            self.account.refused += 1
            self.account.broken += answer.status_code >= 500 and answer.status_code != 503
            await asyncio.sleep(0.05)
            return None
        self.account.acknowledged += method != "GET"
        return dict(answer.json())

    async def customer(self, guest: Guest) -> None:
        """Into the queue and, after a while, out of it again; who is talking stays."""
        view = await self.send("GET", guest.token, "/api/phone/view")
        if view is not None and view["call"] is None:
            await (self._join(guest) if view["queue"] is None else self._leave(guest, view["queue"]["ticket_id"]))
        await asyncio.sleep(random.uniform(0.05, 0.3))  # noqa: S311 - no secret

    async def _join(self, guest: Guest) -> None:
        view = await self.send("POST", guest.token, "/api/phone/queue/join", {})
        if view is None:
            return
        place = view["queue"] or view["call"]  # taken already
        if place is not None:  # else the call was over before the answer was made, and has promises of its own
            self.account.promises.append(Promise(guest.case_id, "queue.joined", place["ticket_id"]))

    async def _leave(self, guest: Guest, ticket_id: str) -> None:
        if random.random() < 0.7:  # noqa: S311 - no secret
            return
        if await self.send("POST", guest.token, "/api/phone/queue/leave", {}) is not None:
            self.account.leaves.append(Leave(guest.case_id, ticket_id))

    async def agent(self, place: Place, guests: Mapping[str, Guest]) -> None:
        """Whatever the seat's state asks for: be available, accept, look, hang up, wrap up."""
        view = await self.send("GET", place.token, "/api/staff/view")
        if view is None:
            return
        if view["call"] is not None:
            await self._hang_up(place, view, guests)
        elif view["presence"] == "wrap_up":
            await self._wrap_up(place, view)
        elif view["offer"] is not None:
            await self._accept(place, view["offer"]["ticket"]["ticket_id"], guests)
        elif view["presence"] != "available":
            await self.send("POST", place.token, "/api/seat/presence", {"presence": "available"})
        else:
            await asyncio.sleep(0.05)

    async def _accept(self, place: Place, ticket_id: str, guests: Mapping[str, Guest]) -> None:
        view = await self.send("POST", place.token, f"/api/seat/offers/{ticket_id}/accept", {})
        if view is not None and view["call"] is not None:
            case_id = guests[view["call"]["party_id"]].case_id
            self.account.promises.append(Promise(case_id, "call.connected", view["call"]["call_id"]))
            await self._look(place, case_id)

    async def _look(self, place: Place, case_id: str) -> None:
        if await self.send("GET", place.token, f"/api/cases/{case_id}") is not None:
            self.account.looks[case_id] = self.account.looks.get(case_id, 0) + 1

    async def _hang_up(self, place: Place, view: Json, guests: Mapping[str, Guest]) -> None:
        call, reason = view["call"], f"第{next(self.account.numbers)}次挂断"
        case_id = guests[call["party_id"]].case_id
        if await self.send("POST", place.token, f"/api/calls/{call['call_id']}/hangup", {"reason": reason}) is not None:
            self.account.promises.append(Promise(case_id, "call.ended", reason))

    async def _wrap_up(self, place: Place, view: Json) -> None:
        case, note = view["case"], f"第{next(self.account.numbers)}次整理"
        body = {"outcome": "other", "note": note}
        if await self.send("POST", place.token, "/api/seat/wrapup/finish", body) is not None and case is not None:
            self.account.promises.append(Promise(case["case_id"], "call.wrapped_up", note))

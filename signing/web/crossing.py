"""Sockets of one call at different services: what is handed over by the others, and what is said of sockets here."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from signing.domain.call import Call, Leg
from signing.domain.errors import ConflictError, OutsideError
from signing.service.replica import OTHER_DEVICE
from signing.service.sharing import LiveSocket, Signal
from signing.web.context import Web
from signing.web.hub import Link
from signing.web.presence import AGAIN_SECONDS, Presence
from signing.wire.signal import Lead, Sdp

FRAMES: dict[str, type[Sdp | Lead]] = {"sdp": Sdp, "lead": Lead}
"""The kinds of ``Signal`` whose body is a frame's JSON."""


@dataclass
class Crossing:
    """Listens to the replica for the hub and for presence."""

    web: Web
    presence: Presence

    def attach(self) -> None:
        told = self.web.replica.told
        told.signalled, told.orphaned = self._signalled, self._orphaned
        told.moved, told.sockets, told.returned = self._moved, self._sockets, self._returned

    def _signalled(self, signal: Signal) -> None:
        link = self.web.hub.find(signal.key)
        if link is None:
            return
        if (kind := FRAMES.get(signal.kind)) is not None:
            link.send(kind.model_validate_json(signal.body))
        elif signal.body.decode() == link.link_id:
            link.leave("other_device" if signal.kind == OTHER_DEVICE else "replaced")

    def _orphaned(self, orphans: Sequence[LiveSocket]) -> None:
        self.presence.tasks.start(f"adopt {id(orphans)}", self._adopt(orphans))

    async def _adopt(self, orphans: Sequence[LiveSocket]) -> None:
        """Also the calls whose ends the dead service was itself still waiting for."""
        calls, legs = await self._live()
        for call in calls:
            self.presence.expect(call, [leg for leg in legs if leg.call_id == call.call_id])
        self.presence.adopt(orphans, {call.seat_id for call in calls})

    async def _live(self) -> tuple[list[Call], list[Leg]]:
        """Asked until the database answers: nobody else looks after the dead."""
        while True:
            try:
                calls = await self.web.ask(self.web.queries.live_calls)
                return calls, await self.web.ask(self.web.queries.open_legs)
            except OutsideError:
                await asyncio.sleep(AGAIN_SECONDS)

    def _moved(self, socket: LiveSocket) -> None:
        link = self._link(socket)
        if link is not None:
            link.leave("replaced")

    def _returned(self, socket: LiveSocket) -> None:
        """Unless it went meanwhile, which is told already, or another has come in its place, which tells itself."""
        if self._link(socket) is not None:
            self.presence.returned(socket.key, socket.owner)

    def _link(self, socket: LiveSocket) -> Link | None:
        link = self.web.hub.find(socket.key)
        return link if link is not None and link.link_id == socket.link_id else None

    def _sockets(self) -> list[LiveSocket]:
        """They are asked for after a time without news, so that all are looked at again too."""
        self.web.hub.changed()
        return [LiveSocket(link.key, link.link_id, "", link.owner) for link in self.web.hub.links()]


async def pass_on(web: Web, key: str, frame: Sdp | Lead, absent: str, case_id: str) -> None:
    """To the socket ``key``, wherever it is. Raises ``ConflictError`` ``absent`` where it is nowhere."""
    elsewhere = await web.replica.elsewhere(key)
    link = web.hub.find(key)
    if elsewhere is not None:
        if not await web.replica.send(elsewhere, Signal(key, frame.type, frame.model_dump_json().encode(), case_id)):
            raise ConflictError(absent, "连接恢复后会自动重试")
    elif link is None:
        raise ConflictError(absent, "连接恢复后会自动重试")
    else:
        link.send(frame)

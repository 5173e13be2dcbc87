"""Finding the path on a line that loses packets.

aioice sends a check again after half a second, then after one, two and four, and until one of its own is answered
nothing else passes. Chromium pings every 48 ms in that time. So a check that is still open is sent again as it is every
tenth of a second, and at once when the other end's own check has just come that way; its answer serves whichever copy
it belongs to. One check leaves at a time, so that many pairs of addresses do not fill a thin line.
"""

import asyncio
from collections.abc import Callable

from aiortc import RTCIceTransport

from media.rtc import names
from media.rtc.names import Check
from media.rtc.tasks import end

STEP_SECONDS = 0.05
"""Between two checks of whatever pairs (RFC 8445, 14.2)."""
APART_SECONDS = 0.1
"""Between two copies of the same."""
ANSWER_APART_SECONDS = 0.03
"""The same, where the other end's check shows that the way is open."""
EAGER_SECONDS = 10.0
"""After that the pace is aioice's own: nobody is there."""


class Turns:
    """Which of several checks is due; times in seconds of one clock. ``apart``: between two copies of one."""

    def __init__(self, apart: float) -> None:
        self._apart = apart
        self._last: dict[bytes, float] = {}

    def due(self, open_checks: list[Check], now: float, apart: float | None = None) -> Check | None:
        """The one that has waited longest, if any has waited for long enough. A check first seen has just been sent."""
        waited = [(self._last.setdefault(check.id, now), check) for check in open_checks]
        since, check = min(waited, key=lambda item: item[0], default=(now, None))
        return check if now - since >= (self._apart if apart is None else apart) else None

    def sent(self, check: Check, now: float) -> None:
        """Notes that it has left again."""
        self._last[check.id] = now


class Checks:
    """Of one transport. It is to be made before the transport starts, and ends with the checks themselves."""

    def __init__(self, transport: RTCIceTransport) -> None:
        self._ice = names.ice(transport)
        self._turns = Turns(APART_SECONDS)
        self._clock: Callable[[], float] = asyncio.get_running_loop().time
        names.around_checks(self._ice, self._hurry)
        names.after_incoming_check(self._ice, self._came)

    async def _hurry(self, connect: names.Connects) -> None:
        again = asyncio.get_running_loop().create_task(self._repeat())
        try:
            await connect()
        finally:
            await end(again)

    async def _repeat(self) -> None:
        until = self._clock() + EAGER_SECONDS
        while self._clock() < until:
            self._send(names.open_checks(self._ice))
            await asyncio.sleep(STEP_SECONDS)

    def _came(self, way: names.Way) -> None:
        self._send([check for check in names.open_checks(self._ice) if check.way == way], ANSWER_APART_SECONDS)

    def _send(self, among: list[Check], apart: float | None = None) -> None:
        now = self._clock()
        if (check := self._turns.due(among, now, apart)) is not None:
            self._turns.sent(check, now)
            check.send()

"""The clockwork of the views: the crowd is told at a bounded rate, and every view is looked at again after a while."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle

from signing.web.context import Web
from signing.web.hub import Link

log = logging.getLogger("pingqian.web")

TICK_SECONDS = 0.25
MOST = 60
"""So many are told of the crowd in one tick: whatever moves, the seats' own business comes before it."""
PHONE_PACE = 2.5
"""A phone is told of the crowd once in so many seconds, less often in a rush, from an order that is at most so old."""
SEAT_PACE = 1.0
BOARD_PACE = 1.0
ORDER_AGE = timedelta(seconds=PHONE_PACE)
REFRESH_SECONDS = 15.0
"""Every seat and board is looked at again this often: what changes by time alone, and sessions that ended."""
PHONE_REFRESH_SECONDS = 60.0
"""Every phone. What rings or talks is pushed to it by its changes; the wait by the crowd's."""


async def keep_pace(web: Web) -> None:
    """Runs until it is cancelled."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        chosen = web.hub.turns(web.monotonic(), MOST)
        phones = [link for link in chosen if link.owner.kind == "party"]
        for link in chosen:
            if link.owner.kind != "party":
                link.touch()
        if phones:
            await _tell_phones(web, phones)


async def _tell_phones(web: Web, phones: Sequence[Link]) -> None:
    """Who is to be told of something newer than the order that is shown keeps their turn, for the order after it."""
    await _newest_order(web)
    order = web.queries.lineups.newest
    for link in phones:
        link.move()
        if order is None or order.changes < link.lags_since:
            link.lagging = True


async def _newest_order(web: Web) -> None:
    try:
        await web.ask(web.queries.lineup, ORDER_AGE)
    except Exception as error:
        # The clockwork must not stand still; the phones keep what they were shown, and the next turn tries again.
        log.warning("the order of the queue could not be read: %s", getattr(error, "code", type(error).__name__))


async def refresh(web: Web) -> None:
    """Touches every link once in its time, a few at each tick, so that they do not all ask at once."""
    ticks = round(REFRESH_SECONDS / TICK_SECONDS)
    rounds = round(PHONE_REFRESH_SECONDS / REFRESH_SECONDS)
    for number in cycle(range(ticks * rounds)):
        await asyncio.sleep(TICK_SECONDS)
        for link in web.hub.links():
            if _is_turn(link, number, ticks, ticks * rounds):
                link.touch()


def _is_turn(link: Link, number: int, ticks: int, phone_ticks: int) -> bool:
    """Each link has a place of its own in the round, given by its identifier."""
    every = phone_ticks if link.owner.kind == "party" else ticks
    return number % every == int(link.link_id[:8], 16) % every

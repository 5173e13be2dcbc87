"""Forgetting what is over: wrong tries, codes, sessions, and what was told to a credit system. Never evidence."""

from datetime import timedelta

from signing.domain.lockout import LONGEST_LOCK
from signing.service.account_commands import Sweep
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.services import Services

AT_ONCE = 500
"""Of each kind in one run; the rest waits for the next."""
TRIES_KEPT = LONGEST_LOCK
"""After this a series of locks begins anew, as if there had been none."""
CODES_KEPT = timedelta(days=1)
SESSIONS_KEPT = timedelta(days=30)
"""Until then whoever comes back is told why the session is over."""
DELIVERIES_KEPT = timedelta(days=90)
"""Delivered or given up; until then they can be sent again."""


def sweep(command: Sweep, services: Services) -> int:
    """Safe to run at several replicas at once. Each kind is a unit of its own, so that none holds up the others."""
    now = services.clock.now()
    with services.db.write() as unit:
        count = unit.sweeper.tries(now - TRIES_KEPT, AT_ONCE)
    with services.db.write() as unit:
        count += unit.sweeper.codes(now - CODES_KEPT, AT_ONCE)
    with services.db.write() as unit:
        count += unit.sweeper.sessions(now - SESSIONS_KEPT, AT_ONCE)
    with services.db.write() as unit:
        return count + unit.sweeper.deliveries(now - DELIVERIES_KEPT, AT_ONCE)


HANDLERS: dict[type[Command], Handler] = {Sweep: sweep}

"""When an account may be tried: five wrong tries in a quarter of an hour lock it, each further series for longer."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

TRIES = 5
WINDOW = timedelta(minutes=15)
FIRST_LOCK = timedelta(minutes=15)
LONGEST_LOCK = timedelta(days=1)


@dataclass(frozen=True)
class Tries:
    """Of one name, be there an account of it or not. ``series``: how often it was locked since the last success."""

    failed_at: tuple[datetime, ...] = ()
    series: int = 0
    locked_until: datetime | None = None


def lock_time(series: int) -> timedelta:
    """A quarter of an hour for the first series, doubled with each further one, up to a day."""
    return min(LONGEST_LOCK, FIRST_LOCK * (1 << min(series - 1, 10)))


def remaining(tries: Tries, now: datetime) -> timedelta | None:
    """How long the name is still locked; None where it may be tried."""
    if tries.locked_until is None or tries.locked_until <= now:
        return None
    return tries.locked_until - now


def failed(tries: Tries, now: datetime) -> Tries:
    """Counted before it is known whether the try is right, so that many at once are not all let through."""
    if tries.locked_until is not None and now - tries.locked_until >= LONGEST_LOCK:
        tries = replace(tries, series=0, locked_until=None)
    recent = (*(at for at in tries.failed_at if now - at < WINDOW), now)
    if len(recent) < TRIES:
        return replace(tries, failed_at=recent)
    series = tries.series + 1
    return Tries((), series, now + lock_time(series))

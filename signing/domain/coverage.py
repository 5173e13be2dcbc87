"""What of a case's calls no recording is known of: the seal waits for it, since it may lie on a seat's disk.

A recording that begins while the service is away is told later. Until then all the service knows is that a call was
held and that nothing of some stretch of it was ever announced; that is never taken for nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain.beijing import BEIJING
from signing.domain.call import Call, CallState
from signing.domain.case import Recording

UNSEEN = timedelta(minutes=2)
"""A shorter stretch is not asked about: the first picture takes its time, and so does noticing that a seat is gone."""


@dataclass(frozen=True)
class Unknown:
    """A stretch of a call that is over, of which no recording is known."""

    call_id: str
    since: datetime
    until: datetime

    @property
    def in_words(self) -> str:
        """When, in Beijing time."""
        begin, end = self.since.astimezone(BEIJING), self.until.astimezone(BEIJING)
        return f"{begin:%m-%d %H:%M:%S} 至 {end:%H:%M:%S}"


def unknown(calls: Iterable[Call], recordings: Iterable[Recording]) -> list[Unknown]:
    """Every such stretch of ``calls``. A recording that was declared lost counts: it is known that it existed."""
    known = tuple(recordings)
    return [stretch for call in calls for stretch in _of(call, [one for one in known if one.call_id == call.call_id])]


def _of(call: Call, recordings: list[Recording]) -> Iterator[Unknown]:
    if call.state is CallState.LIVE or call.ended_at is None:
        return
    place = call.started_at
    for begin, end in sorted((one.started_at, one.ended_at or call.ended_at) for one in recordings):
        if begin - place > UNSEEN:
            yield Unknown(call.call_id, place, begin)
        place = max(place, end)
    if call.ended_at - place > UNSEEN:
        yield Unknown(call.call_id, place, call.ended_at)

"""What of the check of a recording goes on record: a doubt that lasts, and when it was over. Pure.

What cannot become good again is told at once, anything else after LASTS. Seconds are file time of one recording.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from media.core.doubts import Doubt, Kind
from media.ports import AGENT
from signing.wire.quality import DoubtKind, ReportDoubt

LASTS = 10.0
Identity = tuple[Kind, str, str]


@dataclass(frozen=True)
class DoubtLog:
    """``open``: what is wrong now, as it was first said; ``told``: what of it is on record as not over."""

    open: Mapping[Identity, Doubt] = field(default_factory=dict)
    told: frozenset[Identity] = frozenset()


Noted = tuple[DoubtLog, list[ReportDoubt]]


def noted(log: DoubtLog, doubts: Sequence[Doubt], seconds: float, started_at: datetime) -> Noted:
    """What the check says after ``seconds`` of a recording that began then, with what is to be told of it."""
    now = {doubt.identity: log.open.get(doubt.identity, doubt) for doubt in doubts}
    over = [log.open[one] for one in log.open if one in log.told and one not in now]
    due = {one for one, doubt in now.items() if doubt.kind.lasting or seconds - doubt.since >= LASTS} - log.told
    reports = [_report(doubt, started_at, seconds) for doubt in over]
    reports += [_report(doubt, started_at) for one, doubt in now.items() if one in due]
    return DoubtLog(now, (log.told & now.keys()) | due), reports


def closed(log: DoubtLog, seconds: float, started_at: datetime) -> Noted:
    """The recording is over: so is what was wrong with it, but for what stays in it."""
    return noted(log, [doubt for doubt in log.open.values() if doubt.kind.lasting], seconds, started_at)


def _report(doubt: Doubt, started_at: datetime, until: float | None = None) -> ReportDoubt:
    of_agent = doubt.party_id == AGENT
    return ReportDoubt(
        kind=DoubtKind(doubt.kind.value),
        since=started_at + timedelta(seconds=doubt.since),
        until=None if until is None else started_at + timedelta(seconds=max(until, doubt.since)),
        party_id=doubt.party_id if doubt.party_id and not of_agent else None,
        of_agent=of_agent,
    )

"""What goes on record of a customer's line: stretches, one after another, closed when the word changes and from time to
time, ever more rarely. Pure; times are aware UTC on the service's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from media.core.quality import Cause, Judgement, Way, bars_of, cause
from signing.wire.quality import LineCause, LineFigures, ReportQuality

EXACT = 80
"""So many stretches of a party are closed where a break begins or ends, to the look, however short they are; in later
ones the breaks are counted in seconds."""
LEAST = ((10, timedelta(seconds=30)), (20, timedelta(seconds=60)), (EXACT, timedelta(seconds=300)))
"""Any other stretch lasts at least so long while fewer than so many of the party have been told…"""
RAREST = timedelta(seconds=720)
"""… and so long thereafter: what is left of ``signing.domain.quality.MOST`` then lasts for eight hours."""
QUIET = timedelta(seconds=300)
"""So long a stretch is in which the word does not change; the first of a call is no longer than SOON."""
SOON = timedelta(seconds=60)
SHORTEST = timedelta(seconds=4)
"""What is left at the end of a call is told if it lasted so long."""

LOOK = timedelta(seconds=2)
"""What one judgement is of."""
UNSEEN = 3 * LOOK
"""After more than so long without a judgement nobody measured: the party was held, or no connection stood."""

_WORST = {one: place for place, one in enumerate(Cause)}


@dataclass(frozen=True)
class Open:
    """A stretch that goes on. ``word`` is what was said first in it, ``last`` what is said now; ``broken``: for how
    long nothing came."""

    since: datetime
    until: datetime
    word: tuple[int, Cause]
    last: tuple[int, Cause]
    worst: tuple[int, Cause]
    total: float
    count: int
    least: float
    figures: LineFigures
    broken: timedelta


@dataclass(frozen=True)
class Report:
    party_id: str
    message: ReportQuality


@dataclass(frozen=True)
class Log:
    """Of the parties of one call. ``told``: how many stretches of each party have been closed."""

    open: Mapping[str, Open] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)


def noted(log: Log, party_id: str, judged: Judgement, trip: float | None, now: datetime) -> tuple[Log, list[Report]]:
    """A judgement and the round trip in ms; with the stretch that it closes, if any."""
    word, going = _word(judged), log.open.get(party_id)
    if going is None or now - going.until > UNSEEN:
        log, reports = closed(log, party_id)
        return _with(log, party_id, _begin(word, judged, trip, now - LOOK, now)), reports
    if _is_edge(going, word) and log.told.get(party_id, 0) < EXACT:
        log, reports = _told(log, party_id, going) if going.until > going.since else (log, [])
        return _with(log, party_id, _begin(word, judged, trip, going.until, max(going.until, now))), reports
    going = _extended(going, word, judged, trip, now)
    if not _is_due(going, log.told.get(party_id, 0)):
        return _with(log, party_id, going), []
    log, reports = _told(log, party_id, going)
    return _with(log, party_id, _begin(word, judged, trip, going.until, going.until)), reports


def closed(log: Log, party_id: str | None = None) -> tuple[Log, list[Report]]:
    """The end of one party's time in the call, or of the call for all."""
    reports = list[Report]()
    for one in [one for one in log.open if party_id in (None, one)]:
        going = log.open[one]
        log = replace(log, open={other: rest for other, rest in log.open.items() if other != one})
        if _lasted(going) >= (LOOK if going.worst[0] == 0 else SHORTEST):
            log, more = _told(log, one, going)
            reports += more
    return log, reports


def _told(log: Log, party_id: str, going: Open) -> tuple[Log, list[Report]]:
    told = {**log.told, party_id: log.told.get(party_id, 0) + 1}
    return replace(log, told=told), [Report(party_id, _message(going))]


def _word(judged: Judgement) -> tuple[int, Cause]:
    """What is shown; but a break is over on record with the first look in which something came."""
    if judged.bars == 0 and not judged.look.silent:
        return bars_of(judged.score), cause(judged.look)
    return judged.bars, judged.cause


def _is_edge(going: Open, word: tuple[int, Cause]) -> bool:
    """Whether a break begins or ends here."""
    return (going.last[0] == 0) is not (word[0] == 0)


def _with(log: Log, party_id: str, going: Open) -> Log:
    return replace(log, open={**log.open, party_id: going})


def _lasted(going: Open) -> timedelta:
    return going.until - going.since


def _is_due(going: Open, told: int) -> bool:
    lasted = _lasted(going)
    if lasted < next((least for below, least in LEAST if told < below), RAREST):
        return False
    return going.last != going.word or lasted >= (QUIET if told else SOON)


def _begin(word: tuple[int, Cause], judged: Judgement, trip: float | None, since: datetime, now: datetime) -> Open:
    broken = now - since if word[0] == 0 else timedelta()
    return Open(since, now, word, word, word, judged.score, 1, judged.score, _figures(judged, trip), broken)


def _extended(going: Open, word: tuple[int, Cause], judged: Judgement, trip: float | None, now: datetime) -> Open:
    until = max(going.until, now)
    return replace(
        going,
        until=until,
        last=word,
        worst=_worst(going.worst, word),
        total=going.total + judged.score,
        count=going.count + 1,
        least=min(going.least, judged.score),
        figures=_worse(going.figures, _figures(judged, trip)),
        broken=going.broken + (until - going.until if word[0] == 0 else timedelta()),
    )


def _worst(one: tuple[int, Cause], other: tuple[int, Cause]) -> tuple[int, Cause]:
    """A break is the word of a stretch only where it is all of it; else it is told by its seconds."""
    if (one[0] == 0) is not (other[0] == 0):
        return max(one, other, key=lambda word: word[0])
    return min(one, other, key=lambda word: (word[0], -_WORST[word[1]]))


def _message(going: Open) -> ReportQuality:
    bars, cause = going.worst
    return ReportQuality(
        since=going.since,
        until=going.until,
        bars=bars,
        cause=LineCause(cause),
        mean=round(going.total / going.count, 2),
        least=round(going.least, 2),
        figures=going.figures,
        broken_seconds=round(going.broken.total_seconds(), 1),
    )


def _figures(judged: Judgement, trip: float | None) -> LineFigures:
    """Within what the message can hold; nothing is known of a line on which nothing came."""
    look = judged.look
    if look.silent:
        return LineFigures()
    return LineFigures(
        round_trip_ms=None if trip is None else _milliseconds(trip),
        delay_ms=_milliseconds(1000 * max(look.up.delay, look.down.delay)),
        loss_up=_share(look.up.loss),
        loss_down=_share(look.down.loss),
        frozen_up=_share(look.up.frozen),
        frozen_down=_share(look.down.frozen),
        concealed_up=_share(look.up.concealed),
        concealed_down=_share(look.down.concealed),
        pictures_up=_rate(look.up),
        pictures_down=_rate(look.down),
    )


def _share(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


def _milliseconds(value: float) -> float:
    return round(min(60_000.0, max(0.0, value)), 1)


def _rate(way: Way) -> float | None:
    return None if way.pictures is None else round(min(240.0, max(0.0, way.pictures)), 1)


_LEAST_IS_WORST = ("pictures_up", "pictures_down")


def _worse(one: LineFigures, other: LineFigures) -> LineFigures:
    found: dict[str, Any] = {}
    for name in LineFigures.model_fields:
        known = [value for value in (getattr(one, name), getattr(other, name)) if value is not None]
        found[name] = (min if name in _LEAST_IS_WORST else max)(known) if known else None
    return LineFigures(**found)

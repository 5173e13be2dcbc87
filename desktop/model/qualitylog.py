"""What goes on record of a customer's line: stretches, one after another, closed when the word changes and from time to
time, ever more rarely. Pure; times are aware UTC on the service's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from media.core.quality import Cause, Judgement, Way
from signing.wire.quality import LineCause, LineFigures, ReportQuality

LEAST = (timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=300))
"""A stretch lasts at least so long: the first ten of a party, the next ten, all later ones."""
STEP = 10
QUIET = timedelta(seconds=300)
"""So long a stretch is in which the word does not change; the first of a call is no longer than SOON."""
SOON = timedelta(seconds=60)
SHORTEST = timedelta(seconds=4)
"""What is left at the end of a call is told if it lasted so long."""

LOOK = timedelta(seconds=2)
"""What the first judgement of a party is of."""

_WORST = {one: place for place, one in enumerate(Cause)}


@dataclass(frozen=True)
class Open:
    """A stretch that goes on. ``word`` is what was shown first in it, ``last`` what is shown now."""

    since: datetime
    until: datetime
    word: tuple[int, Cause]
    last: tuple[int, Cause]
    worst: tuple[int, Cause]
    total: float
    count: int
    least: float
    figures: LineFigures


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
    word = (judged.bars, judged.cause)
    going = log.open.get(party_id)
    if going is None:
        return _with(log, party_id, _begin(word, judged, trip, now - LOOK, now)), []
    going = _extended(going, word, judged, trip, now)
    if not _is_due(going, log.told.get(party_id, 0)):
        return _with(log, party_id, going), []
    told = {**log.told, party_id: log.told.get(party_id, 0) + 1}
    following = _begin(word, judged, trip, going.until, going.until)
    return _with(replace(log, told=told), party_id, following), [Report(party_id, _message(going))]


def closed(log: Log, party_id: str | None = None) -> tuple[Log, list[Report]]:
    """The end of one party's time in the call, or of the call for all."""
    gone = [one for one in log.open if party_id in (None, one)]
    reports = [Report(one, _message(log.open[one])) for one in gone if _lasted(log.open[one]) >= SHORTEST]
    kept = {one: going for one, going in log.open.items() if one not in gone}
    return replace(log, open=kept), reports


def _with(log: Log, party_id: str, going: Open) -> Log:
    return replace(log, open={**log.open, party_id: going})


def _lasted(going: Open) -> timedelta:
    return going.until - going.since


def _is_due(going: Open, told: int) -> bool:
    lasted = _lasted(going)
    if lasted < LEAST[min(told // STEP, len(LEAST) - 1)]:
        return False
    return going.last != going.word or lasted >= (QUIET if told else SOON)


def _begin(word: tuple[int, Cause], judged: Judgement, trip: float | None, since: datetime, now: datetime) -> Open:
    return Open(since, now, word, word, word, judged.score, 1, judged.score, _figures(judged, trip))


def _extended(going: Open, word: tuple[int, Cause], judged: Judgement, trip: float | None, now: datetime) -> Open:
    return replace(
        going,
        until=max(going.until, now),
        last=word,
        worst=min(going.worst, word, key=lambda one: (one[0], -_WORST[one[1]])),
        total=going.total + judged.score,
        count=going.count + 1,
        least=min(going.least, judged.score),
        figures=_worse(going.figures, _figures(judged, trip)),
    )


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

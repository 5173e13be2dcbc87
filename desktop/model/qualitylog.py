"""What goes on record of a customer's line: stretches, one after another, closed when the word changes and from time to
time, ever more rarely. Pure; times are aware UTC on the service's clock.

Word, marks and figures are those of the seat's own measurements; what the phone told goes beside them (``phoneword``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from desktop.model import phoneword
from desktop.model.lineword import Word, milliseconds, rate, share, word_of, worse_of
from media.core.quality import Judgement
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
"""After more than so long without a judgement nobody measured: the party was held."""


@dataclass(frozen=True)
class Open:
    """A stretch that goes on. ``word`` is what was said first in it, ``last`` what is said now; ``broken``: for how
    long nothing came."""

    since: datetime
    until: datetime
    word: Word
    last: Word
    worst: Word
    total: float
    count: int
    least: float
    figures: LineFigures
    broken: timedelta
    told: phoneword.Told | None


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
    word, going = word_of(_own(judged)), log.open.get(party_id)
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


def _own(judged: Judgement) -> Judgement:
    """What the seat's own measurements say."""
    return judged if judged.own is None else judged.own


def _is_edge(going: Open, word: Word) -> bool:
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


def _begin(word: Word, judged: Judgement, trip: float | None, since: datetime, now: datetime) -> Open:
    broken, score = now - since if word[0] == 0 else timedelta(), _own(judged).score
    figures, told = _figures(_own(judged), trip), phoneword.added(None, judged)
    return Open(since, now, word, word, word, score, 1, score, figures, broken, told)


def _extended(going: Open, word: Word, judged: Judgement, trip: float | None, now: datetime) -> Open:
    until, own = max(going.until, now), _own(judged)
    return replace(
        going,
        until=until,
        last=word,
        worst=worse_of(going.worst, word),
        total=going.total + own.score,
        count=going.count + 1,
        least=min(going.least, own.score),
        figures=_worse(going.figures, _figures(own, trip)),
        broken=going.broken + (until - going.until if word[0] == 0 else timedelta()),
        told=phoneword.added(going.told, judged),
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
        broken_seconds=round(going.broken.total_seconds(), 1),
        told_by_phone=phoneword.message_of(going.told),
    )


def _figures(judged: Judgement, trip: float | None) -> LineFigures:
    """Within what the message can hold; nothing is known of a line on which nothing came."""
    look = judged.look
    if look.silent:
        return LineFigures()
    return LineFigures(
        round_trip_ms=None if trip is None else milliseconds(trip),
        delay_ms=milliseconds(1000 * max(look.up.delay, look.down.delay)),
        loss_up=share(look.up.loss),
        loss_down=share(look.down.loss),
        frozen_up=share(look.up.frozen),
        concealed_up=share(look.up.concealed),
        pictures_up=rate(look.up.pictures),
    )


_LEAST_IS_WORST = ("pictures_up",)


def _worse(one: LineFigures, other: LineFigures) -> LineFigures:
    found: dict[str, Any] = {}
    for name in LineFigures.model_fields:
        known = [value for value in (getattr(one, name), getattr(other, name)) if value is not None]
        found[name] = (min if name in _LEAST_IS_WORST else max)(known) if known else None
    return LineFigures(**found)

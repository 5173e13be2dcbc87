"""What a customer's phone told of its own side over a stretch, kept apart from what the seat measured. Pure.

The page runs in the customer's hands and can be altered to tell anything: nothing of this is a measurement of ours.
"""

from collections.abc import Callable
from dataclasses import dataclass

from desktop.model.lineword import Word, milliseconds, rate, share, word_of, worse_of
from media.core.phonestats import PhoneStats
from media.core.quality import Judgement
from signing.wire.quality import LineCause, LineTold


@dataclass(frozen=True)
class Told:
    """``worst``, ``total``, ``count``, ``least``: of the judgements that count in what the phone told; and the worst
    that it told: shares 0…1, pictures a second and seconds of waiting, None where it did not tell."""

    worst: Word
    total: float
    count: int
    least: float
    frozen: float
    concealed: float
    pictures: float | None
    waits: float | None


def added(before: Told | None, judged: Judgement) -> Told | None:
    """With one judgement more; nothing comes of one for which the phone told nothing."""
    if judged.told is None:
        return before
    fresh = _of(judged, judged.told)
    return fresh if before is None else _both(before, fresh)


def _of(judged: Judgement, told: PhoneStats) -> Told:
    figures = (told.frozen, told.concealed, told.pictures, told.waits)
    return Told(word_of(judged), judged.score, 1, judged.score, *figures)


def _both(one: Told, other: Told) -> Told:
    return Told(
        worst=worse_of(one.worst, other.worst),
        total=one.total + other.total,
        count=one.count + other.count,
        least=min(one.least, other.least),
        frozen=max(one.frozen, other.frozen),
        concealed=max(one.concealed, other.concealed),
        pictures=_known(min, one.pictures, other.pictures),
        waits=_known(max, one.waits, other.waits),
    )


def _known(choose: Callable[[list[float]], float], *values: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return choose(known) if known else None


def message_of(told: Told | None) -> LineTold | None:
    """Within what the message can hold."""
    if told is None:
        return None
    return LineTold(
        bars=max(1, told.worst[0]),
        cause=LineCause(told.worst[1]),
        mean=round(told.total / told.count, 2),
        least=round(told.least, 2),
        frozen_down=share(told.frozen),
        concealed_down=share(told.concealed),
        pictures_down=rate(told.pictures),
        waits_ms=None if told.waits is None else milliseconds(1000 * told.waits),
    )

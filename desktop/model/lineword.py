"""The word for a line on record, bars and cause; what is shown may stand for some seconds longer. Pure."""

from media.core.quality import Cause, Judgement, bars_of, cause

Word = tuple[int, Cause]

_WORST = {one: place for place, one in enumerate(Cause)}


def word_of(judged: Judgement) -> Word:
    """What is shown; but a break is over on record with the first look in which something came."""
    if judged.bars == 0 and not judged.look.silent:
        return bars_of(judged.score), cause(judged.look)
    return judged.bars, judged.cause


def worse_of(one: Word, other: Word) -> Word:
    """A break is the word of a stretch only where it is all of it; else it is told by its seconds."""
    if (one[0] == 0) is not (other[0] == 0):
        return max(one, other, key=lambda word: word[0])
    return min(one, other, key=lambda word: (word[0], -_WORST[word[1]]))


def share(value: float) -> float:
    """0…1, as a message can hold it."""
    return round(min(1.0, max(0.0, value)), 4)


def milliseconds(value: float) -> float:
    return round(min(60_000.0, max(0.0, value)), 1)


def rate(value: float | None) -> float | None:
    """A second; None stays unknown."""
    return None if value is None else round(min(240.0, max(0.0, value)), 1)

"""Reads one side of a second-generation resident ID card from a phone's picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from media.vision import fields as fields_of
from media.vision.fields import Fields
from media.vision.layout import hull, rows, upright_share
from media.vision.ocr import Line
from media.vision.pictures import GLARING, Quality, Rgb, fit, measure, turned

WORKING_SIDE = 1280
"""Pixels of the longer side that OCR sees: half the time of 2,000 and the same text."""
FAR = 0.45
"""A card whose print is narrower than this share of the picture gets a second, closer look."""
MIN_PRINT = 420
"""Pixels across the print below which reading is luck."""
NEEDED = {"front": ("name", "number"), "back": ("valid_from", "valid_until")}
TOO_DARK = "照片太暗，请到亮一点的地方重拍"
BLURRED = "照片模糊，请擦一擦镜头、拿稳手机后重拍"
NO_CARD = "没有找到身份证，请把身份证放平、拍满画面后重拍"
PARTIAL = "只拍到身份证的一部分或有字看不清，请把四个角都拍进去后重拍"


class Reads(Protocol):
    def read(self, picture: Rgb) -> list[Line]: ...


@dataclass(frozen=True)
class CardReading:
    """``side`` is ``front``, ``back`` or None; ``reason`` says in Chinese why it is not readable, else is empty.

    ``quality`` is of the print's surroundings where a card was found, of the whole picture otherwise.
    ``quarter_turns`` counter-clockwise set the picture upright.
    """

    side: str | None
    readable: bool
    reason: str
    quality: Quality
    fields: Fields = field(default_factory=dict)
    labels: int = 0
    quarter_turns: int = 0
    problems: tuple[str, ...] = ()


def read_card(picture: Rgb, reader: Reads) -> CardReading:
    """Finds which side it is, which way up, and what it says. Half a second upright, 2 s where all turns are tried."""
    small = fit(picture, WORKING_SIDE)
    lines = reader.read(small)
    best = _parsed(lines, 0)
    turns = _turns_to_try(lines, best)
    if turns and turns[0] != 2:
        best = replace(best, readable=False, labels=0)  # read letter by letter, but its lines are columns
    for quarter_turns in turns:
        again = reader.read(turned(small, quarter_turns))
        reading = _parsed(again, quarter_turns)
        if (reading.readable, reading.labels) > (best.readable, best.labels):
            best, lines = reading, again
        if best.readable:
            break
    upright = turned(picture, best.quarter_turns)
    if not best.readable and best.labels >= 1:
        best = _closer(upright, lines, best, reader)
    return _judged(upright, lines, best)


def _parsed(lines: Sequence[Line], quarter_turns: int) -> CardReading:
    found = rows(lines)
    front, back = fields_of.front(found), fields_of.back(found)
    marks = fields_of.evidence(found, fields_of.FRONT_LABELS) + ("number" in front)
    other = fields_of.evidence(found, fields_of.BACK_LABELS) + ("valid_until" in back)
    blank = Quality(0, 0, 0, 0, 0)
    if marks == other == 0:
        return CardReading(None, False, "", blank, quarter_turns=quarter_turns)
    side, values, labels = ("front", front, marks) if marks >= other else ("back", back, other)
    readable = all(name in values for name in NEEDED[side]) and labels >= 2
    return CardReading(side, readable, "", blank, values, labels, quarter_turns)


def _turns_to_try(lines: Sequence[Line], first: CardReading) -> tuple[int, ...]:
    """Counter-clockwise quarter turns, the likeliest first; none where the picture is upright or has no text.

    The engine sets tall pieces of text upright by one counter-clockwise turn: if that made labels, it was right.
    """
    if len(lines) < 3:
        return ()
    if upright_share(lines) < 0.5:
        return (1, 3, 2) if first.labels >= 2 else (3, 1, 2)
    return () if first.readable or first.labels >= 3 else (2, 1, 3)


def _closer(upright: Rgb, lines: Sequence[Line], best: CardReading, reader: Reads) -> CardReading:
    """Cuts the print out of the full picture and reads it again, for a card held far away."""
    left, top, right, bottom = hull(lines)
    scale = max(upright.shape[:2]) / max(fit(upright, WORKING_SIDE).shape[:2])
    if (right - left) * scale > FAR * upright.shape[1]:
        return best
    margin = int(0.25 * (right - left))
    cut = upright[
        max(0, int((top - margin) * scale)) : int((bottom + margin) * scale),
        max(0, int((left - margin) * scale)) : int((right + margin) * scale),
    ]
    again = _parsed(reader.read(fit(cut, WORKING_SIDE)), best.quarter_turns)
    return again if (again.readable, again.labels) > (best.readable, best.labels) else best


def _judged(upright: Rgb, lines: Sequence[Line], best: CardReading) -> CardReading:
    """Adds the measures, and the one reason that helps most where the card was not read."""
    whole = measure(fit(upright, WORKING_SIDE))
    if best.side is None:
        return replace(best, quality=whole, reason=_why(whole, NO_CARD))
    scale = max(upright.shape[:2]) / max(fit(upright, WORKING_SIDE).shape[:2])
    left, top, right, bottom = (max(0, int(v * scale)) for v in hull(lines))
    near = measure(upright[top:bottom, left:right])
    if not best.readable:
        return replace(best, quality=near, reason=_why(near, PARTIAL))
    return replace(best, quality=near, problems=tuple(_problems(near)))


def _why(quality: Quality, otherwise: str) -> str:
    if quality.dark:
        return TOO_DARK
    return BLURRED if quality.blurred else otherwise


def _problems(quality: Quality) -> list[str]:
    found = []
    if quality.dark:
        found.append("照片偏暗，请核对读出的内容")
    if quality.blurred:
        found.append("照片有些模糊，请核对读出的内容")
    if quality.glare > GLARING:
        found.append("身份证上有反光，请核对读出的内容")
    if quality.width < MIN_PRINT:
        found.append("身份证拍得太小，请核对读出的内容")
    return found

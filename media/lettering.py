"""What is written on the stage with Pillow: header, labels, notices, chips. Made when it changes, and then kept."""

from functools import lru_cache

import numpy as np
from PIL import ImageDraw

from media import text
from media.core.layout import Box, even
from media.pictures import from_rgb
from media.ports import Picture

CLOCK_WIDTH = 420
NOTICE = (360, 200)
"""Width and height of a notice in a tile that has room for it."""
SMALL_NOTICE = 150
"""Height of a small one, which the lowest tile still holds."""
TWO_LINES = 420
"""Width of a label below which title and line stand one under the other."""
VERY_NARROW = 200
"""Width of a label below which its words are smaller, so that role and name still fit."""
BARS_WIDTH = 40
CHIP_HEIGHT = 30
DARK = "#0B0F0E"


def draw_header(draw: ImageDraw.ImageDraw, box: Box, seat: str, case_no: str, aside: str) -> None:
    """The strip at the top without its clock."""
    draw.rectangle((0, 0, box.width, box.height - 3), fill=text.SURFACE)
    draw.rectangle((0, box.height - 2, box.width, box.height - 1), fill=text.LINE)
    middle = box.height / 2 - 1
    used = text.write(draw, (20, middle), seat, size=22, colour=text.INK, bold=True, room=420)
    start = 20 + used + 24
    draw.line((start - 12, 14, start - 12, box.height - 16), fill=text.LINE, width=2)
    room = box.width - CLOCK_WIDTH - start - 12
    used = text.write(draw, (start, middle), f"业务 {case_no}", size=22, colour=text.MUTED, room=room)
    if aside:
        _draw_aside(draw, start + used + 20, middle, aside, room - used - 32)


def _draw_aside(draw: ImageDraw.ImageDraw, left: float, middle: float, words: str, room: float) -> None:
    """On a ground of its own, so that nobody who watches misses it."""
    shown = text.shortened(words, text.font(20, bold=True), room - 24)
    right = left + text.font(20, bold=True).getlength(shown) + 24
    draw.rounded_rectangle((left, middle - 16, right, middle + 15), radius=6, fill=text.CAUTION_PAPER)
    text.write(draw, (left + 12, middle), shown, size=20, colour=text.CAUTION, bold=True)


def tile_picture(width: int, height: int, label_height: int, title: str, line: str, bars: int | None) -> Picture:
    """An empty tile: the ground of a picture of ``height``, and the label below it; all even."""
    image, draw = text.sheet(width, height + label_height)
    right, label = width - 1, Box(0, height, width, label_height)
    draw.rounded_rectangle((0, 0, right, height + label_height - 1), radius=8, fill=text.SURFACE)
    draw.rectangle((0, 8, right, height - 1), fill=DARK)
    draw.rounded_rectangle((0, 0, right, 16), radius=8, fill=DARK)
    draw.rectangle((0, height, right, height + 1), fill=text.LINE)
    _draw_label(draw, label, title, line, 0 if bars is None else BARS_WIDTH)
    if bars is not None:
        _draw_bars(draw, label, bars)
    return from_rgb(np.asarray(image))


def _draw_label(draw: ImageDraw.ImageDraw, label: Box, title: str, line: str, taken: int) -> None:
    """``taken``: pixels at its right that are another's."""
    if label.width < TWO_LINES:
        _draw_small_label(draw, label, title, line, taken)
        return
    middle = label.y + label.height / 2
    used = text.write(draw, (label.x + 16, middle), title, size=22, colour=text.INK, bold=True, room=label.width * 0.55)
    room = label.width - used - 48 - taken
    right = label.x + label.width - 16 - taken
    text.write(draw, (right, middle), line, size=20, colour=text.MUTED, anchor="rm", room=room)


def _draw_small_label(draw: ImageDraw.ImageDraw, label: Box, title: str, line: str, taken: int) -> None:
    """In a narrow tile the line stands under the title."""
    very = label.width < VERY_NARROW
    margin, large, small = (6, 16, 14) if very else (10, 20, 16)
    room = label.width - 2 * margin - taken
    upper, lower = (label.x + margin, label.y + 15), (label.x + margin, label.y + 36)
    middle = (label.x + margin, label.y + label.height / 2)
    above = room + taken if very else room
    text.write(draw, upper if line or very else middle, title, size=large, colour=text.INK, bold=True, room=above)
    text.write(draw, lower, line, size=small, colour=text.MUTED, room=room)


def _draw_bars(draw: ImageDraw.ImageDraw, label: Box, bars: int) -> None:
    """At the right of the label four bars of growing height; what is missing lies, and a broken path has a cross.

    In a very narrow one they stand beside the second line, so that the first has room for role and name.
    """
    low = label.height - 5 if label.width < VERY_NARROW else label.height // 2 + 9
    left, low = label.x + label.width - BARS_WIDTH, label.y + low
    colour = text.STOP if bars < 2 else text.CAUTION if bars == 2 else text.PRIMARY
    for number in range(4):
        x = left + 7 * number
        height = 5 + 4 * number if number < bars else 2
        draw.rectangle((x, low - height, x + 4, low), fill=colour if number < bars else text.MUTED)
    if bars == 0:
        draw.line((left, low - 17, left + 11, low - 6), fill=colour, width=3)
        draw.line((left + 11, low - 17, left, low - 6), fill=colour, width=3)


def clock_strip(clock: str, recording: bool, height: int) -> Picture:
    """The header's right end: date and time, and whether it is being recorded."""
    image, draw = text.sheet(CLOCK_WIDTH, height - 2, text.SURFACE)
    middle = height / 2 - 1
    used = text.write(draw, (CLOCK_WIDTH - 20, middle), clock, size=22, colour=text.INK, anchor="rm")
    if recording:
        right = CLOCK_WIDTH - 20 - used - 20
        words = text.write(draw, (right, middle), "录制中", size=20, colour=text.STOP, anchor="rm")
        dot = right - words - 14
        draw.ellipse((dot - 6, middle - 6, dot + 6, middle + 6), fill=text.STOP)
    return from_rgb(np.asarray(image))


@lru_cache(maxsize=64)
def chip(word: str, most: int) -> Picture:
    """A word in caution's colours, at most ``most`` pixels wide."""
    face = text.font(18, bold=True)
    shown = text.shortened(word, face, most - 20)
    width = even(face.getlength(shown) + 20)
    image, draw = text.sheet(width, CHIP_HEIGHT, text.CAUTION_PAPER)
    text.write(draw, (width / 2, CHIP_HEIGHT / 2), shown, size=18, colour=text.CAUTION, bold=True, anchor="mm")
    return from_rgb(np.asarray(image))


@lru_cache(maxsize=48)
def notice(title: str, line: str, width: int, *, small: bool, alarm: bool, crossed: bool) -> Picture:
    """The words of a state, ``width`` pixels wide."""
    height = SMALL_NOTICE if small else NOTICE[1]
    image, draw = text.sheet(width, height, DARK)
    colour = text.CAUTION if alarm else text.MUTED
    _draw_camera(draw, width // 2, 40 if small else 52, colour, crossed=crossed)
    size = min(26 if small else 32, (width - 8) // len(title))
    text.write(draw, (width / 2, 96 if small else 122), title, size=size, colour=colour, bold=True, anchor="mm")
    place, room = (width / 2, 132 if small else 168), width - 8
    size = min(16 if small else 20, max(12, room // len(line)))
    text.write(draw, place, line, size=size, colour=text.MUTED, anchor="mm", room=room)
    return from_rgb(np.asarray(image))


HOLD_WORDS = "工作人员正在与其他人办理，很快回来。请不要关闭页面"
APART_WORDS = "工作人员正在与另一位当事人单独谈话，很快回来。请不要关闭页面"


def hold_picture(width: int, height: int, words: str = HOLD_WORDS) -> Picture:
    """What a customer who is held sees instead of the stage."""
    image, draw = text.sheet(width, height)
    middle = height / 2
    text.write(draw, (width / 2, middle - 28), "请稍候", size=56, colour=text.INK, bold=True, anchor="mm")
    text.write(draw, (width / 2, middle + 40), words, size=20, colour=text.MUTED, anchor="mm", room=width - 24)
    return from_rgb(np.asarray(image))


def _draw_camera(draw: ImageDraw.ImageDraw, x: int, y: int, colour: str, crossed: bool) -> None:
    draw.rounded_rectangle((x - 34, y - 22, x + 14, y + 22), radius=6, outline=colour, width=4)
    draw.polygon([(x + 20, y - 6), (x + 36, y - 16), (x + 36, y + 16), (x + 20, y + 6)], outline=colour, width=4)
    if crossed:
        draw.line((x - 40, y + 30, x + 40, y - 30), fill=DARK, width=12)
        draw.line((x - 40, y + 30, x + 40, y - 30), fill=colour, width=4)

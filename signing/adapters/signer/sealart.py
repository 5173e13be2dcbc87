"""The institution's seals as vectors, drawn from what the registry holds.

Round: ring, star, name along the arc, purpose below, number at the bottom; proportions after 国发〔1999〕25号, 40 mm
across, star in the middle, the name from left to right around it. Square: the legal representative's name in seal
order, columns from the right, in a frame.
"""

from math import ceil, cos, pi, radians, sin

from signing.adapters.signer.handwriting import circle
from signing.adapters.signer.outlines import Glyphs, number, rotated
from signing.domain.seals import RegisteredSeal, SealKind
from signing.service.ports import Institution

RED = (0xC8 / 255, 0x10 / 255, 0x2E / 255)
"""Seal red #C8102E, used for nothing else."""
PURPOSE = "合同专用章"
NOTE = "（演示）"
_COLOUR = "{:.3f} {:.3f} {:.3f} rg {:.3f} {:.3f} {:.3f} RG".format(*RED, *RED)
_WIDEST_ARC = 262.0
"""Degrees that the longest name takes; the rest is the number's."""


def draw_seal(institution: Institution, seal: RegisteredSeal, bold: Glyphs, size: float) -> str:
    """PDF operators in a box of ``size`` points."""
    if seal.kind is SealKind.REPRESENTATIVE:
        return draw_square(seal.text, bold, size)
    return draw_round(seal.text, PURPOSE if seal.kind is SealKind.CONTRACT else "", seal.number, bold, size)


def draw_round(name: str, purpose: str, digits: str, bold: Glyphs, diameter: float) -> str:
    middle = diameter / 2
    ring = diameter * 0.028
    raised = 0.015 if purpose else -0.015
    parts = [
        _COLOUR,
        f"{number(ring)} w {circle(middle, middle, middle - ring / 2 - 0.3)} S",
        _star(middle, middle + diameter * raised, diameter * 0.155),
        _arc_above(name, bold, middle, diameter),
        _centred(purpose, bold, middle, diameter * 0.245, diameter * 0.088),
        _centred(NOTE, bold, middle, diameter * (0.155 if purpose else 0.19), diameter * 0.062),
        _arc_below(digits, bold, middle, diameter),
    ]
    return " ".join(filter(None, parts))


def draw_square(name: str, bold: Glyphs, side: float) -> str:
    """``name`` with 印 after it where that fills the square: 林建华印, 王丹之印; longer names as they are."""
    text = seal_text(name)
    line = side * 0.035
    inset = line * 1.9
    parts = [_COLOUR, f"{number(line)} w {number(line / 2)} {number(line / 2)} {_square(side - line)} re S"]
    columns = _columns(text)
    width = (side - 2 * inset) / len(columns)
    for place, column in enumerate(columns):
        height = (side - 2 * inset) / len(column)
        x = side - inset - (place + 1) * width
        for row, character in enumerate(column):
            y = side - inset - (row + 1) * height
            # Song's box: 0.12 of the em below the base line; each character fills its cell but for a hair's breadth.
            matrix = (width * 0.94, 0.0, 0.0, height * 0.94, x + width * 0.03, y + height * (0.03 + 0.12 * 0.94))
            parts.append(bold.place(character, matrix))
    return " ".join(parts)


def seal_text(name: str) -> str:
    """What the square seal reads: two characters take 之印, three 印; the dot of longer names is left out."""
    plain = "".join(character for character in name if character not in "·・• ")
    return plain + {1: "印", 2: "之印", 3: "印"}.get(len(plain), "")


def _columns(text: str) -> list[str]:
    """From the right, each read downwards, as even as can be."""
    count = max(1, ceil(len(text) ** 0.5 - 1e-9)) if len(text) > 2 else 1
    per = ceil(len(text) / count)
    return [text[start : start + per] for start in range(0, len(text), per)]


def _square(side: float) -> str:
    return f"{number(side)} {number(side)}"


def _star(x: float, y: float, radius: float) -> str:
    inner = radius * sin(pi / 10) / sin(3 * pi / 10)
    points = []
    for index in range(10):
        angle = pi / 2 + index * pi / 5
        reach = radius if index % 2 == 0 else inner
        points.append(f"{number(x + cos(angle) * reach)} {number(y + sin(angle) * reach)}")
    return f"{points[0]} m {' '.join(f'{point} l' for point in points[1:])} h f"


def _arc_above(text: str, bold: Glyphs, middle: float, diameter: float) -> str:
    """The name, upright along the ring; the more characters, the wider the arc and the narrower the letters."""
    count = max(len(text), 1)
    span = min(_WIDEST_ARC, 22.0 * (count - 1)) if count > 1 else 0.0
    step = span / (count - 1) if count > 1 else 0.0
    height = diameter * (0.125 if count <= 12 else 0.115)
    foot = middle - diameter * 0.052 - height * 0.92
    chord = 2 * (foot + height * 0.4) * sin(radians(min(step, 40.0) / 2)) if step else height
    width = min(height, chord * 0.92)
    parts = []
    for index, character in enumerate(text):
        turn = span / 2 - index * step
        angle = radians(90 + turn)
        # The glyph's box is centred on its radius; 0.12 is how far Song's strokes reach below the base line.
        across = bold.advance(character, width) / 2
        x = middle + cos(angle) * (foot + 0.12 * height) - cos(radians(turn)) * across
        y = middle + sin(angle) * (foot + 0.12 * height) - sin(radians(turn)) * across
        parts.append(bold.place(character, rotated(turn, x, y, width, height)))
    return " ".join(filter(None, parts))


def _arc_below(text: str, bold: Glyphs, middle: float, diameter: float) -> str:
    """Digits along the lower ring, read from left to right with their feet outwards."""
    size, step = diameter * 0.048, 5.2
    reach = middle - diameter * 0.05
    parts = []
    for index, character in enumerate(text):
        turn = (index - (len(text) - 1) / 2) * step
        angle = radians(270 + turn)
        across = bold.advance(character, size) / 2
        x = middle + cos(angle) * reach - cos(radians(turn)) * across
        y = middle + sin(angle) * reach - sin(radians(turn)) * across
        parts.append(bold.place(character, rotated(turn, x, y, size, size)))
    return " ".join(filter(None, parts))


def _centred(text: str, bold: Glyphs, middle: float, y: float, size: float) -> str:
    return bold.line(text, middle - bold.advance(text, size) / 2, y, size) if text else ""

"""The institution's round seal as vectors: ring, star, name along the arc, purpose below, number at the bottom.

Proportions after 国发〔1999〕25号: 40 mm across, star in the middle, the name from left to right around it.
"""

import hashlib
from math import cos, pi, radians, sin

from signing.adapters.signer.handwriting import circle
from signing.adapters.signer.outlines import Glyphs, number, rotated
from signing.service.ports import Institution

RED = (0xC8 / 255, 0x10 / 255, 0x2E / 255)
"""Seal red #C8102E, used for nothing else."""
PURPOSE = "合同专用章"
NOTE = "（演示）"


def seal_number(institution: Institution) -> str:
    """Thirteen digits as on a registered seal: region, then a number of our own making."""
    region = "".join(character for character in institution.credit_code[2:8] if character.isdigit()).ljust(6, "0")
    digest = hashlib.sha256(f"seal\n{institution.institution_id}".encode()).digest()
    return region + f"{int.from_bytes(digest[:4], 'big') % 10_000_000:07d}"


def draw_seal(institution: Institution, bold: Glyphs, diameter: float) -> str:
    """PDF operators in a box of ``diameter`` points."""
    middle = diameter / 2
    ring = diameter * 0.028
    parts = [
        "{:.3f} {:.3f} {:.3f} rg {:.3f} {:.3f} {:.3f} RG".format(*RED, *RED),
        f"{number(ring)} w {circle(middle, middle, middle - ring / 2 - 0.3)} S",
        _star(middle, middle + diameter * 0.015, diameter * 0.155),
        _arc_above(institution.seal_name, bold, middle, diameter),
        _centred(PURPOSE, bold, middle, diameter * 0.245, diameter * 0.088),
        _centred(NOTE, bold, middle, diameter * 0.155, diameter * 0.062),
        _arc_below(seal_number(institution), bold, middle, diameter),
    ]
    return " ".join(parts)


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
    span = min(250.0, 22.0 * (count - 1)) if count > 1 else 0.0
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
    return " ".join(parts) + " f"


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
    return " ".join(parts) + " f"


def _centred(text: str, bold: Glyphs, middle: float, y: float, size: float) -> str:
    return bold.line(text, middle - bold.advance(text, size) / 2, y, size) + " f"

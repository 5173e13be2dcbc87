"""A time code in the picture itself: blocks of black and white that survive a low bit rate and any scaling.

Forty cells in a grid at the top left: 20 bits of the sender's time in milliseconds (modulo 17 minutes), 12 bits of the
picture's number, 8 bits of checksum over both. Cells are read in rows, the highest bit first.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.ports import Plane

WIDTH, HEIGHT = 640, 360
"""Of the picture that is sent; a receiver may get it scaled."""
COLUMNS, ROWS, CELL = 10, 4, 32
BLACK, WHITE = 16, 235
TIME_BITS, NUMBER_BITS, CHECK_BITS = 20, 12, 8
TIME_WRAP, NUMBER_WRAP = 1 << TIME_BITS, 1 << NUMBER_BITS
_MIDDLE = 126


@dataclass(frozen=True)
class Code:
    """``sent_ms`` modulo TIME_WRAP, ``number`` modulo NUMBER_WRAP."""

    sent_ms: int
    number: int


def bits(code: Code) -> npt.NDArray[np.uint8]:
    """The forty cells, 1 is white, of shape (ROWS, COLUMNS)."""
    value = (code.sent_ms % TIME_WRAP) << NUMBER_BITS | code.number % NUMBER_WRAP
    word = value << CHECK_BITS | checksum(value)
    cells = [word >> shift & 1 for shift in reversed(range(ROWS * COLUMNS))]
    return np.array(cells, dtype=np.uint8).reshape(ROWS, COLUMNS)


def checksum(value: int) -> int:
    """CRC-8 (polynomial 0x07, from 0x5A on, so that an empty picture is no code) of 32 bits, highest byte first."""
    crc = 0x5A
    for shift in (24, 16, 8, 0):
        crc ^= value >> shift & 0xFF
        for _ in range(8):
            crc = (crc << 1 ^ 0x07) & 0xFF if crc & 0x80 else crc << 1
    return crc


def paint(luma: Plane, code: Code) -> None:
    """Writes the code into the luma of a picture of WIDTH × HEIGHT."""
    cells = np.where(bits(code) == 1, WHITE, BLACK).astype(np.uint8)
    luma[: ROWS * CELL, : COLUMNS * CELL] = np.kron(cells, np.ones((CELL, CELL), dtype=np.uint8))


def read(luma: Plane) -> Code | None:
    """The code of a received picture of any size; None where it cannot be read."""
    height, width = luma.shape
    cell_high, cell_wide = CELL * height / HEIGHT, CELL * width / WIDTH
    cells = [
        luma[_middle(row, cell_high), _middle(column, cell_wide)].mean() > _MIDDLE
        for row in range(ROWS)
        for column in range(COLUMNS)
    ]
    return parse([int(cell) for cell in cells])


def _middle(index: int, size: float) -> slice:
    return slice(int((index + 0.25) * size), max(int((index + 0.25) * size) + 1, int((index + 0.75) * size)))


def parse(cells: list[int]) -> Code | None:
    """The code of forty bits; None where the checksum is wrong."""
    word = 0
    for cell in cells:
        word = word << 1 | cell
    value = word >> CHECK_BITS
    if checksum(value) != word & ((1 << CHECK_BITS) - 1):
        return None
    return Code(value >> NUMBER_BITS, value % NUMBER_WRAP)


def since(sent_ms: int, now_ms: float) -> float:
    """Milliseconds from a code's time to ``now_ms`` of the same clock, whatever the wrap."""
    return (now_ms - sent_ms) % TIME_WRAP

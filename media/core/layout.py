"""Where everything stands on the stage. All numbers are pixels and even, so that the chroma planes fit."""

from dataclasses import dataclass

HEADER = 48
MARGIN = 16
LABEL = 48
MOST_IN_ONE_ROW = 3


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Tile:
    """One person: their picture above, their label strip below."""

    picture: Box
    label: Box


@dataclass(frozen=True)
class StageLayout:
    """The header strip and the tiles, the agent's first."""

    width: int
    height: int
    header: Box
    tiles: tuple[Tile, ...]


def even(value: float) -> int:
    """The even whole number at or below ``value``."""
    return int(value) // 2 * 2


def stage_layout(width: int, height: int, people: int) -> StageLayout:
    """Equal tiles for ``people`` ≥ 1: one row up to three, two rows above; a shorter last row stands in the middle.

    Two rows of many are better than three of few: phones are held upright, and their pictures are tall. Raises
    ValueError below one.
    """
    if people < 1:
        raise ValueError("a stage holds at least one person")
    columns = people if people <= MOST_IN_ONE_ROW else -(-people // 2)
    rows = -(-people // columns)
    tile_width = even((width - MARGIN * (columns + 1)) / columns)
    tile_height = even((height - HEADER - MARGIN * (rows + 1)) / rows)
    tiles = tuple(
        _tile(
            _left(width, tile_width, min(columns, people - index // columns * columns), index % columns),
            HEADER + MARGIN + (index // columns) * (tile_height + MARGIN),
            tile_width,
            tile_height,
        )
        for index in range(people)
    )
    return StageLayout(width, height, Box(0, 0, width, HEADER), tiles)


def _left(width: int, tile_width: int, in_row: int, column: int) -> int:
    """Where a tile begins, so that a row of ``in_row`` tiles stands in the middle."""
    used = in_row * tile_width + (in_row - 1) * MARGIN
    return even((width - used) / 2) + column * (tile_width + MARGIN)


def _tile(x: int, y: int, width: int, height: int) -> Tile:
    return Tile(Box(x, y, width, height - LABEL), Box(x, y + height - LABEL, width, LABEL))


def fit(source_width: int, source_height: int, box: Box) -> Box:
    """The largest even rectangle of the source's shape, centred in ``box``; ValueError for an empty source."""
    if source_width <= 0 or source_height <= 0:
        raise ValueError("an empty picture has no shape")
    scale = min(box.width / source_width, box.height / source_height)
    width = max(2, even(min(box.width, source_width * scale + 0.5)))
    height = max(2, even(min(box.height, source_height * scale + 0.5)))
    return Box(box.x + even((box.width - width) / 2), box.y + even((box.height - height) / 2), width, height)

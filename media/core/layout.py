"""Where everything stands on the stage. All numbers are pixels and even, so that the chroma planes fit."""

from dataclasses import dataclass
from enum import StrEnum

HEADER = 48
MARGIN = 16
LABEL = 48
MOST_IN_ONE_ROW = 3
STRIP_ROWS = 3
STRIP_SHARES = (0.25, 0.1875, 0.125)
"""Of the stage's width, one tile of a strip of one, two or three columns."""
CROWD = 7
"""From so many people on, who speaks is shown large: equal tiles would be stamps on a phone."""
PAGE_SHAPE = 210 / 297


class Layout(StrEnum):
    """How the stage is arranged, as the agent chooses it.

    auto: a page with the faces beside it while one is shown, who speaks large in a crowd, equal tiles else. grid and
    speaker stay as they are whatever happens, and show no page.
    """

    AUTO = "auto"
    GRID = "grid"
    SPEAKER = "speaker"


class Shape(StrEnum):
    """An arrangement of tiles."""

    GRID = "grid"
    SPEAKER = "speaker"
    DOCUMENT = "document"


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Tile:
    """One person or page: the picture above, the label strip below."""

    picture: Box
    label: Box


@dataclass(frozen=True)
class StageLayout:
    """The header strip and the tiles: in a grid the agent's first, with a speaker the large one first."""

    width: int
    height: int
    header: Box
    tiles: tuple[Tile, ...]
    page: Tile | None = None


def even(value: float) -> int:
    """The even whole number at or below ``value``."""
    return int(value) // 2 * 2


def shape_of(layout: Layout, people: int, *, page: bool) -> Shape:
    """What an agent's choice comes to. ``people`` with the agent; ``page``: there is one to be shown."""
    if layout is Layout.AUTO and page:
        return Shape.DOCUMENT
    crowd = layout is Layout.AUTO and people >= CROWD
    return Shape.SPEAKER if crowd or layout is Layout.SPEAKER else Shape.GRID


def stage_layout(width: int, height: int, people: int, shape: Shape = Shape.GRID) -> StageLayout:
    """Tiles for ``people`` ≥ 1, the agent among them. Raises ValueError below one."""
    if people < 1:
        raise ValueError("a stage holds at least one person")
    header, whole = Box(0, 0, width, HEADER), Box(0, HEADER, width, height - HEADER)
    if shape is Shape.DOCUMENT:
        page, beside = _page(whole)
        tiles = _rows(beside, people, min(people, 2 if people <= 2 * STRIP_ROWS else 3))
        return StageLayout(width, height, header, tiles, page)
    if shape is Shape.SPEAKER and people > 2:
        return StageLayout(width, height, header, _speaker(whole, people))
    # two rows of many are better than three of few: phones are held upright, and their pictures are tall
    columns = people if people <= MOST_IN_ONE_ROW else -(-people // 2)
    return StageLayout(width, height, header, _rows(whole, people, columns))


def _rows(area: Box, people: int, columns: int) -> tuple[Tile, ...]:
    """Equal tiles in ``area``, margins around them; a shorter last row stands in the middle."""
    rows = -(-people // columns)
    width = even((area.width - MARGIN * (columns + 1)) / columns)
    height = even((area.height - MARGIN * (rows + 1)) / rows)
    return tuple(
        _tile(
            area.x + _left(area.width, width, min(columns, people - index // columns * columns), index % columns),
            area.y + MARGIN + (index // columns) * (height + MARGIN),
            width,
            height,
        )
        for index in range(people)
    )


def _speaker(area: Box, people: int) -> tuple[Tile, ...]:
    """A large tile at the left; the others at its right in columns of three, all of one size."""
    columns = -(-(people - 1) // STRIP_ROWS)
    width = even(area.width * STRIP_SHARES[min(columns, len(STRIP_SHARES)) - 1])
    height = even((area.height - MARGIN * (STRIP_ROWS + 1)) / STRIP_ROWS)
    large = area.width - columns * (width + MARGIN) - 2 * MARGIN
    tall = STRIP_ROWS * (height + MARGIN) - MARGIN
    strip = (
        _tile(
            area.x + large + 2 * MARGIN + index % columns * (width + MARGIN),
            area.y + MARGIN + index // columns * (height + MARGIN),
            width,
            height,
        )
        for index in range(people - 1)
    )
    return (_tile(area.x + MARGIN, area.y + MARGIN, large, tall), *strip)


def _page(area: Box) -> tuple[Tile, Box]:
    """An upright page at the left in its full height, and what is left beside it."""
    height = even(area.height - 2 * MARGIN)
    width = even((height - LABEL) * PAGE_SHAPE)
    beside = Box(area.x + MARGIN + width, area.y, area.width - MARGIN - width, area.height)
    return _tile(area.x + MARGIN, area.y + MARGIN, width, height), beside


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

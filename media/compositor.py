"""Composes the stage in YUV planes: header strip, tiles, label strips.

What is written (seat, case, labels, clock, "画面中断") is drawn with Pillow only where it changes and kept as planes,
and so is the page of a paper; per picture there is one copy of the base and one resize a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from media import lettering, text
from media.core.layout import Box, Shape, StageLayout, Tile, fit, stage_layout
from media.pictures import copied, from_rgb, paste
from media.ports import Picture

Label = tuple[str, str, int | None]
"""Title, line, bars."""
CHIP_STEP = lettering.CHIP_HEIGHT + 4
FRAME = 4
SPEAKING = (156, 126, 83)
"""``text.PRIMARY`` as Y, U, V."""


class TileState(Enum):
    """What a tile shows: the picture, or in words why there is none."""

    LIVE = ("", "")
    WAITING = ("等待接入", "客户打开链接后自动出现")
    CONNECTING = ("正在接通", "正在建立连接")
    STALE = ("画面中断", "恢复后自动继续")
    DROPPED = ("已断线", "重新接入后自动继续")
    BLACK = ("画面全黑", "摄像头可能已关闭或被遮住")
    CAMERA_OFF = ("摄像头已关闭", "只有声音")
    UNPLUGGED = ("摄像头已断开", "插回后自动继续")
    HELD = ("请稍候", "暂时不在通话中")
    APART = ("请稍候", "正在与他人单独谈话")

    @property
    def words(self) -> tuple[str, str]:
        """Title and second line."""
        return self.value


LACKING = (TileState.STALE, TileState.DROPPED, TileState.BLACK, TileState.UNPLUGGED)
"""Something is wrong."""


@dataclass(frozen=True)
class TileView:
    """One person on the stage. ``picture`` is shown only where ``state`` is LIVE; who speaks has a frame."""

    title: str
    line: str = ""
    state: TileState = TileState.WAITING
    picture: Picture | None = None
    speaking: bool = False
    bars: int | None = None
    """Of the network, 0…4; None: not known, or of no matter."""
    marks: tuple[str, ...] = ()
    """Short words on the picture: what must be known of this person besides what is seen of them."""


@dataclass(frozen=True)
class Header:
    """The strip at the top. ``clock`` is the date and the time to the second, in Beijing time.

    ``aside``: what holds for the call as a whole, such as that one person is talked to alone.
    """

    seat: str
    case_no: str
    clock: str
    recording: bool = False
    aside: str = ""


@dataclass(frozen=True, eq=False)
class Page:
    """A page that is being read: its picture, and which it is."""

    picture: Picture
    title: str
    which: str = ""


class Compositor:
    """Keeps the drawn base between pictures. Not thread-safe: one owner."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._key: object = None
        self._labels: tuple[Label | None, ...] = ()
        self._layout = stage_layout(width, height, 1)
        self._base = from_rgb(np.zeros((height, width, 3), dtype=np.uint8))
        self._clock: object = None

    @property
    def places(self) -> tuple[Box, ...]:
        """Where the pictures of the last ``compose`` lie, in the order of its tiles."""
        return tuple(tile.picture for tile in self._layout.tiles)

    def compose(
        self,
        header: Header,
        tiles: Sequence[TileView],
        captured_ns: int,
        shape: Shape = Shape.GRID,
        page: Page | None = None,
    ) -> Picture:
        """A new stage picture; raises ``Unavailable`` where no Chinese font is installed.

        ``tiles`` in the order of the layout's; ``page`` is shown only where ``shape`` has a place for one.
        """
        self._refresh(header, tiles, shape, page)
        canvas = copied(self._base, captured_ns)
        for tile, view in zip(self._layout.tiles, tiles, strict=True):
            self._fill(canvas, tile, view)
            if view.speaking:
                _frame(canvas, tile.picture)
        return canvas

    def _refresh(self, header: Header, tiles: Sequence[TileView], shape: Shape, page: Page | None) -> None:
        key = (replace(header, clock="", recording=False), len(tiles), shape, page)
        if key != self._key:
            self._layout = stage_layout(self._width, self._height, len(tiles), shape)
            self._base = _draw_base(self._layout, header, page)
            self._key, self._clock, self._labels = key, None, (None,) * len(tiles)
        labels = tuple((view.title, view.line, view.bars) for view in tiles)
        for tile, label, before in zip(self._layout.tiles, labels, self._labels, strict=True):
            if label != before:
                _paste_tile(self._base, tile, label)
        self._labels = labels
        clock = (header.clock, header.recording)
        if clock != self._clock:
            strip = lettering.clock_strip(header.clock, header.recording, self._layout.header.height)
            paste(self._base, strip, Box(self._width - strip.width, 0, strip.width, strip.height))
            self._clock = clock

    @staticmethod
    def _fill(canvas: Picture, tile: Tile, view: TileView) -> None:
        box = tile.picture
        if view.state is TileState.LIVE and view.picture is not None:
            paste(canvas, view.picture, fit(view.picture.width, view.picture.height, box))
        else:
            notice = _notice(view.state, box)
            x, y = box.x + (box.width - notice.width) // 4 * 2, box.y + (box.height - notice.height) // 4 * 2
            paste(canvas, notice, Box(x, y, notice.width, notice.height))
        for number, word in enumerate(view.marks):
            chip = lettering.chip(word, box.width - 12)
            paste(canvas, chip, Box(box.x + 6, box.y + 6 + number * CHIP_STEP, chip.width, chip.height))


def _draw_base(layout: StageLayout, header: Header, page: Page | None) -> Picture:
    """The stage without people."""
    image, draw = text.sheet(layout.width, layout.height)
    lettering.draw_header(draw, layout.header, header.seat, header.case_no, header.aside)
    base = from_rgb(np.asarray(image))
    if layout.page is not None and page is not None:
        _paste_tile(base, layout.page, (page.title, page.which, None))
        paste(base, page.picture, fit(page.picture.width, page.picture.height, layout.page.picture))
    return base


def _paste_tile(base: Picture, tile: Tile, label: Label) -> None:
    """An empty tile with its label."""
    whole = Box(tile.picture.x, tile.picture.y, tile.picture.width, tile.picture.height + tile.label.height)
    paste(base, lettering.tile_picture(whole.width, tile.picture.height, tile.label.height, *label), whole)


def _notice(state: TileState, box: Box) -> Picture:
    """What stands in ``box`` instead of a picture."""
    alarm = state in LACKING
    small = box.width < lettering.NOTICE[0] or box.height < lettering.NOTICE[1]
    width = min(lettering.NOTICE[0], box.width)
    crossed = alarm or state is TileState.CAMERA_OFF
    return lettering.notice(*state.words, width, small=small, alarm=alarm, crossed=crossed)


def _frame(canvas: Picture, box: Box) -> None:
    """A line round a picture, in the primary colour."""
    for plane, colour, part in zip((canvas.y, canvas.u, canvas.v), SPEAKING, (1, 2, 2), strict=True):
        x, y, right, low = (value // part for value in (box.x, box.y, box.x + box.width, box.y + box.height))
        wide = FRAME // part
        for left, top, end, bottom in (
            (x, y, right, y + wide),
            (x, low - wide, right, low),
            (x, y, x + wide, low),
            (right - wide, y, right, low),
        ):
            plane[top:bottom, left:end] = colour

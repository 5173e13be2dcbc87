"""Composes the stage in YUV planes: header strip, tiles, label strips.

What is written (seat, case, labels, clock, "画面中断") is drawn with Pillow only when it changes and kept as planes;
per picture there is one copy of the base and one resize a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

import numpy as np
from PIL import ImageDraw

from media import text
from media.core.layout import Box, StageLayout, Tile, fit, stage_layout
from media.pictures import copied, from_rgb, paste
from media.ports import Picture

CLOCK_WIDTH = 420
NOTICE_WIDTH = 360
TWO_LINES = 400
"""Width of a label below which title and line stand one under the other."""
BARS_WIDTH = 40
DARK = "#0B0F0E"
FRAME = 4
SPEAKING = (156, 126, 83)
"""``text.PRIMARY`` as Y, U, V."""


class TileState(Enum):
    """What a tile shows: the picture, or in words why there is none."""

    LIVE = ("", "")
    WAITING = ("等待接入", "客户打开链接后自动出现")
    CONNECTING = ("正在接通", "正在建立连接")
    STALE = ("画面中断", "恢复后自动继续")
    BLACK = ("画面全黑", "摄像头可能已关闭或被遮住")
    CAMERA_OFF = ("摄像头已关闭", "只有声音")
    HELD = ("请稍候", "暂时不在通话中")

    @property
    def words(self) -> tuple[str, str]:
        """Title and second line."""
        return self.value


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


@dataclass(frozen=True)
class Header:
    """The strip at the top. ``clock`` is the date and the time to the second, in Beijing time."""

    seat: str
    case_no: str
    clock: str
    recording: bool = False


class Compositor:
    """Keeps the drawn base between pictures. Not thread-safe: one owner."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._key: object = None
        self._layout = stage_layout(width, height, 1)
        self._base = from_rgb(np.zeros((height, width, 3), dtype=np.uint8))
        self._clock: object = None

    @property
    def places(self) -> tuple[Box, ...]:
        """Where the pictures of the last ``compose`` lie, in the order of its tiles."""
        return tuple(tile.picture for tile in self._layout.tiles)

    def compose(self, header: Header, tiles: Sequence[TileView], captured_ns: int) -> Picture:
        """A new stage picture; raises ``Unavailable`` where no Chinese font is installed."""
        self._refresh(header, tiles)
        canvas = copied(self._base, captured_ns)
        for tile, view in zip(self._layout.tiles, tiles, strict=True):
            self._fill(canvas, tile, view)
            if view.speaking:
                _frame(canvas, tile.picture)
        return canvas

    def _refresh(self, header: Header, tiles: Sequence[TileView]) -> None:
        labels = tuple((view.title, view.line, view.bars) for view in tiles)
        key = (replace(header, clock="", recording=False), labels)
        if key != self._key:
            self._layout = stage_layout(self._width, self._height, len(tiles))
            self._base = _draw_base(self._layout, header, labels)
            self._key, self._clock = key, None
        clock = (header.clock, header.recording)
        if clock != self._clock:
            strip = _draw_clock(header, self._layout.header.height)
            paste(self._base, strip, Box(self._width - CLOCK_WIDTH, 0, CLOCK_WIDTH, self._layout.header.height - 2))
            self._clock = clock

    @staticmethod
    def _fill(canvas: Picture, tile: Tile, view: TileView) -> None:
        if view.state is TileState.LIVE and view.picture is not None:
            paste(canvas, view.picture, fit(view.picture.width, view.picture.height, tile.picture))
            return
        box = tile.picture
        notice = _notice(view.state, min(NOTICE_WIDTH, box.width))
        x, y = box.x + (box.width - notice.width) // 4 * 2, box.y + (box.height - notice.height) // 4 * 2
        paste(canvas, notice, Box(x, y, notice.width, notice.height))


def _draw_base(layout: StageLayout, header: Header, labels: Sequence[tuple[str, str, int | None]]) -> Picture:
    image, draw = text.sheet(layout.width, layout.height)
    _draw_header(draw, layout, header)
    for tile, (title, line, bars) in zip(layout.tiles, labels, strict=True):
        _draw_tile(draw, tile, title, line, 0 if bars is None else BARS_WIDTH)
        if bars is not None:
            _draw_bars(draw, tile.label, bars)
    return from_rgb(np.asarray(image))


def _draw_header(draw: ImageDraw.ImageDraw, layout: StageLayout, header: Header) -> None:
    box = layout.header
    draw.rectangle((0, 0, box.width, box.height - 3), fill=text.SURFACE)
    draw.rectangle((0, box.height - 2, box.width, box.height - 1), fill=text.LINE)
    middle = box.height / 2 - 1
    used = text.write(draw, (20, middle), header.seat, size=22, colour=text.INK, bold=True, room=420)
    start = 20 + used + 24
    draw.line((start - 12, 14, start - 12, box.height - 16), fill=text.LINE, width=2)
    room = layout.width - CLOCK_WIDTH - start - 12
    text.write(draw, (start, middle), f"业务 {header.case_no}", size=22, colour=text.MUTED, room=room)


def _draw_tile(draw: ImageDraw.ImageDraw, tile: Tile, title: str, line: str, taken: int) -> None:
    """``taken``: pixels at the right of the label that are another's."""
    picture, label = tile.picture, tile.label
    whole = (picture.x, picture.y, picture.x + picture.width - 1, label.y + label.height - 1)
    draw.rounded_rectangle(whole, radius=8, fill=text.SURFACE)
    draw.rectangle((picture.x, picture.y + 8, whole[2], label.y - 1), fill=DARK)
    draw.rounded_rectangle((picture.x, picture.y, whole[2], picture.y + 16), radius=8, fill=DARK)
    draw.rectangle((label.x, label.y, whole[2], label.y + 1), fill=text.LINE)
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
    room = label.width - 20 - taken
    upper, lower = (label.x + 10, label.y + 15), (label.x + 10, label.y + 36)
    middle = (label.x + 10, label.y + label.height / 2)
    text.write(draw, upper if line else middle, title, size=20, colour=text.INK, bold=True, room=room)
    text.write(draw, lower, line, size=16, colour=text.MUTED, room=room)


def _draw_bars(draw: ImageDraw.ImageDraw, label: Box, bars: int) -> None:
    """At the right of the label four bars of growing height; what is missing lies, and a broken path has a cross."""
    left, low = label.x + label.width - BARS_WIDTH, label.y + label.height // 2 + 9
    colour = text.STOP if bars < 2 else text.CAUTION if bars == 2 else text.PRIMARY
    for number in range(4):
        x = left + 7 * number
        height = 5 + 4 * number if number < bars else 2
        draw.rectangle((x, low - height, x + 4, low), fill=colour if number < bars else text.MUTED)
    if bars == 0:
        draw.line((left, low - 17, left + 11, low - 6), fill=colour, width=3)
        draw.line((left + 11, low - 17, left, low - 6), fill=colour, width=3)


def _draw_clock(header: Header, height: int) -> Picture:
    image, draw = text.sheet(CLOCK_WIDTH, height - 2, text.SURFACE)
    middle = height / 2 - 1
    used = text.write(draw, (CLOCK_WIDTH - 20, middle), header.clock, size=22, colour=text.INK, anchor="rm")
    if header.recording:
        right = CLOCK_WIDTH - 20 - used - 20
        words = text.write(draw, (right, middle), "录制中", size=20, colour=text.STOP, anchor="rm")
        dot = right - words - 14
        draw.ellipse((dot - 6, middle - 6, dot + 6, middle + 6), fill=text.STOP)
    return from_rgb(np.asarray(image))


@lru_cache(maxsize=32)
def _notice(state: TileState, width: int) -> Picture:
    """The words of a state, ``width`` pixels wide and at most 150 high, which the lowest tile still holds."""
    title, line = state.words
    narrow = width < NOTICE_WIDTH
    height = 150 if narrow else 200
    image, draw = text.sheet(width, height, DARK)
    colour = text.CAUTION if state in (TileState.STALE, TileState.BLACK) else text.MUTED
    crossed = state in (TileState.STALE, TileState.BLACK, TileState.CAMERA_OFF)
    _draw_camera(draw, width // 2, 40 if narrow else 52, colour, crossed=crossed)
    size = 26 if narrow else 32
    text.write(draw, (width / 2, 96 if narrow else 122), title, size=size, colour=colour, bold=True, anchor="mm")
    place = (width / 2, 132 if narrow else 168)
    text.write(draw, place, line, size=16 if narrow else 20, colour=text.MUTED, anchor="mm", room=width - 12)
    return from_rgb(np.asarray(image))


def hold_picture(width: int, height: int) -> Picture:
    """What a customer who is held sees instead of the stage."""
    image, draw = text.sheet(width, height)
    middle = height / 2
    text.write(draw, (width / 2, middle - 28), "请稍候", size=56, colour=text.INK, bold=True, anchor="mm")
    words = "工作人员正在与其他人办理，很快回来。请不要关闭页面"
    text.write(draw, (width / 2, middle + 40), words, size=22, colour=text.MUTED, anchor="mm")
    return from_rgb(np.asarray(image))


def _frame(canvas: Picture, box: Box) -> None:
    """A line round a picture, in the primary colour."""
    for plane, colour, part in zip((canvas.y, canvas.u, canvas.v), SPEAKING, (1, 2, 2), strict=True):
        x, y, right, low = (value // part for value in (box.x, box.y, box.x + box.width, box.y + box.height))
        wide = FRAME // part
        plane[y : y + wide, x:right] = plane[low - wide : low, x:right] = colour
        plane[y:low, x : x + wide] = plane[y:low, right - wide : right] = colour


def _draw_camera(draw: ImageDraw.ImageDraw, x: int, y: int, colour: str, crossed: bool) -> None:
    draw.rounded_rectangle((x - 34, y - 22, x + 14, y + 22), radius=6, outline=colour, width=4)
    draw.polygon([(x + 20, y - 6), (x + 36, y - 16), (x + 36, y + 16), (x + 20, y + 6)], outline=colour, width=4)
    if crossed:
        draw.line((x - 40, y + 30, x + 40, y - 30), fill=DARK, width=12)
        draw.line((x - 40, y + 30, x + 40, y - 30), fill=colour, width=4)

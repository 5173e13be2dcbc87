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


class TileState(Enum):
    """What a tile shows: the picture, or in words why there is none."""

    LIVE = ("", "")
    WAITING = ("等待接入", "客户打开链接后自动出现")
    CONNECTING = ("正在接通", "正在建立连接")
    STALE = ("画面中断", "恢复后自动继续")
    BLACK = ("画面全黑", "摄像头可能已关闭或被遮住")
    CAMERA_OFF = ("摄像头已关闭", "只有声音")

    @property
    def words(self) -> tuple[str, str]:
        """Title and second line."""
        return self.value


@dataclass(frozen=True)
class TileView:
    """One person on the stage. ``picture`` is shown only where ``state`` is LIVE."""

    title: str
    line: str = ""
    state: TileState = TileState.WAITING
    picture: Picture | None = None


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

    def compose(self, header: Header, tiles: Sequence[TileView], captured_ns: int) -> Picture:
        """A new stage picture; raises ``Unavailable`` where no Chinese font is installed."""
        self._refresh(header, tiles)
        canvas = copied(self._base, captured_ns)
        for tile, view in zip(self._layout.tiles, tiles, strict=True):
            self._fill(canvas, tile, view)
        return canvas

    def _refresh(self, header: Header, tiles: Sequence[TileView]) -> None:
        labels = tuple((view.title, view.line) for view in tiles)
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
        notice = _notice(view.state)
        box = tile.picture
        x, y = box.x + (box.width - notice.width) // 4 * 2, box.y + (box.height - notice.height) // 4 * 2
        paste(canvas, notice, Box(x, y, notice.width, notice.height))


def _draw_base(layout: StageLayout, header: Header, labels: Sequence[tuple[str, str]]) -> Picture:
    image, draw = text.sheet(layout.width, layout.height)
    _draw_header(draw, layout, header)
    for tile, (title, line) in zip(layout.tiles, labels, strict=True):
        _draw_tile(draw, tile, title, line)
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


def _draw_tile(draw: ImageDraw.ImageDraw, tile: Tile, title: str, line: str) -> None:
    picture, label = tile.picture, tile.label
    whole = (picture.x, picture.y, picture.x + picture.width - 1, label.y + label.height - 1)
    draw.rounded_rectangle(whole, radius=8, fill=text.SURFACE)
    draw.rectangle((picture.x, picture.y + 8, whole[2], label.y - 1), fill="#0B0F0E")
    draw.rounded_rectangle((picture.x, picture.y, whole[2], picture.y + 16), radius=8, fill="#0B0F0E")
    draw.rectangle((label.x, label.y, whole[2], label.y + 1), fill=text.LINE)
    middle = label.y + label.height / 2
    used = text.write(draw, (label.x + 16, middle), title, size=22, colour=text.INK, bold=True, room=label.width * 0.55)
    room = label.width - used - 48
    text.write(draw, (label.x + label.width - 16, middle), line, size=20, colour=text.MUTED, anchor="rm", room=room)


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


@lru_cache(maxsize=8)
def _notice(state: TileState) -> Picture:
    title, line = state.words
    width, height = 360, 200
    image, draw = text.sheet(width, height, "#0B0F0E")
    colour = text.CAUTION if state in (TileState.STALE, TileState.BLACK) else text.MUTED
    _draw_camera(
        draw, width // 2, 52, colour, crossed=state in (TileState.STALE, TileState.BLACK, TileState.CAMERA_OFF)
    )
    text.write(draw, (width / 2, 122), title, size=32, colour=colour, bold=True, anchor="mm")
    text.write(draw, (width / 2, 168), line, size=20, colour=text.MUTED, anchor="mm")
    return from_rgb(np.asarray(image))


def _draw_camera(draw: ImageDraw.ImageDraw, x: int, y: int, colour: str, crossed: bool) -> None:
    draw.rounded_rectangle((x - 34, y - 22, x + 14, y + 22), radius=6, outline=colour, width=4)
    draw.polygon([(x + 20, y - 6), (x + 36, y - 16), (x + 36, y + 16), (x + 20, y + 6)], outline=colour, width=4)
    if crossed:
        draw.line((x - 40, y + 30, x + 40, y - 30), fill="#0B0F0E", width=12)
        draw.line((x - 40, y + 30, x + 40, y - 30), fill=colour, width=4)

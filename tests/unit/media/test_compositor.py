"""The stage as it is seen."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media import text
from media.compositor import FRAME, Compositor, Header, Page, TileState, TileView
from media.core.layout import HEADER as HEIGHT
from media.core.layout import Box, Shape, Tile, stage_layout
from media.errors import Unavailable
from media.lettering import APART_WORDS, BARS_WIDTH, HOLD_WORDS, chip, hold_picture
from media.pictures import from_rgb, to_rgb
from media.ports import Picture

HEADER = Header("上杭支行 · 07号席", "2026-00318", "2026-11-24 10:31:05")
RED = from_rgb(np.full((480, 640, 3), (220, 20, 20), dtype=np.uint8))
TALL = from_rgb(np.full((640, 480, 3), (20, 20, 220), dtype=np.uint8))
AGENT, CUSTOMER = stage_layout(1280, 720, 2).tiles


def _cut(picture: Picture, box: Box) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return to_rgb(picture)[box.y : box.y + box.height, box.x : box.x + box.width]


def _compose(*tiles: TileView, header: Header = HEADER) -> Picture:
    return Compositor(1280, 720).compose(header, tiles, 5)


def _live(picture: Picture, title: str = "王建国", line: str = "") -> TileView:
    return TileView(title, line, TileState.LIVE, picture)


def test_pictures_stand_in_their_tiles_with_their_shape_kept() -> None:
    stage = _compose(_live(RED), _live(TALL))
    assert (stage.width, stage.height, stage.captured_ns) == (1280, 720, 5)
    red = (_cut(stage, AGENT.picture)[:, :, 0] > 150).nonzero()
    blue = (_cut(stage, CUSTOMER.picture)[:, :, 2] > 150).nonzero()
    assert np.ptp(red[1]) / np.ptp(red[0]) == pytest.approx(4 / 3, rel=0.02)
    assert np.ptp(blue[1]) / np.ptp(blue[0]) == pytest.approx(3 / 4, rel=0.02)


@pytest.mark.parametrize("state", [state for state in TileState if state is not TileState.LIVE])
def test_what_is_missing_is_written_and_never_an_old_picture(state: TileState) -> None:
    stage = _compose(_live(TALL), TileView("王建国", "", state, RED))
    tile = _cut(stage, CUSTOMER.picture)
    assert not (tile[:, :, 0].astype(int) > tile[:, :, 1].astype(int) + 100).any(), "the old picture shows"
    assert tile.std() > 5, "nothing is written"


def test_the_words_for_what_is_missing_differ() -> None:
    missing = [state for state in TileState if state is not TileState.LIVE]
    seen = {_cut(_compose(_live(RED), TileView("x", "", state)), CUSTOMER.picture).tobytes() for state in missing}
    assert len(seen) == len(missing)


def test_clock_label_and_recording_mark_are_drawn_anew_when_they_change() -> None:
    compositor = Compositor(1280, 720)
    first = compositor.compose(HEADER, [_live(RED), _live(TALL)], 1)
    again = compositor.compose(HEADER, [_live(RED), _live(TALL)], 2)
    assert np.array_equal(first.y, again.y)
    later = Header(HEADER.seat, HEADER.case_no, "2026-11-24 10:31:06")
    marked = Header(HEADER.seat, HEADER.case_no, later.clock, recording=True)
    pictures = [
        compositor.compose(later, [_live(RED), _live(TALL)], 3),
        compositor.compose(marked, [_live(RED), _live(TALL)], 4),
        compositor.compose(marked, [_live(RED), _live(TALL, line="借款人 · 风险告知")], 5),
    ]
    for before, after in zip([again, *pictures[:-1]], pictures, strict=True):
        assert not np.array_equal(before.y, after.y)
    assert np.array_equal(again.y, first.y), "an earlier picture must not change under a reader"


def test_the_clock_has_tabular_figures() -> None:
    face = text.font(22)
    assert len({face.getlength(digit) for digit in "0123456789"}) == 1


def test_texts_too_long_stay_in_their_strip() -> None:
    long = "很长很长的名字和说明文字" * 12
    stage = _compose(_live(RED, long, long), _live(RED, long, long), header=Header(long, long, HEADER.clock))
    short = _compose(_live(RED), _live(RED))
    for tile in (AGENT, CUSTOMER):
        gap = Box(tile.label.x + tile.label.width, tile.label.y, 14, tile.label.height)
        assert np.array_equal(_cut(stage, gap), _cut(short, gap))
    assert text.shortened(long, text.font(20), 200).endswith("…")
    assert text.font(20).getlength(text.shortened(long, text.font(20), 200)) <= 200
    assert text.shortened("短", text.font(20), 200) == "短"


def _with_bars(bars: int | None, line: str = "", people: int = 2) -> Picture:
    return _compose(*[TileView("王建国", line, TileState.LIVE, RED, bars=bars)] * people)


def test_each_number_of_bars_looks_different_and_stands_clear_of_the_words() -> None:
    labels = {bars: _cut(_with_bars(bars), CUSTOMER.label).tobytes() for bars in (None, 0, 1, 2, 3, 4)}
    assert len(set(labels.values())) == 6
    long = "很长很长的说明文字" * 12
    for people, tiles in ((2, (AGENT, CUSTOMER)), (8, stage_layout(1280, 720, 8).tiles)):
        full, empty = _with_bars(3, long, people), _with_bars(3, "", people)
        for tile in tiles:
            right = tile.label.x + tile.label.width
            corner = Box(right - BARS_WIDTH, tile.label.y, BARS_WIDTH, tile.label.height)
            assert np.array_equal(_cut(full, corner), _cut(empty, corner)), "the words run into the bars"


@pytest.mark.parametrize("people", [1, 3, 4])
def test_any_number_of_people_finds_room(people: int) -> None:
    tiles: tuple[Tile, ...] = stage_layout(1280, 720, people).tiles
    stage = _compose(*[_live(RED, str(number)) for number in range(people)])
    assert all((_cut(stage, tile.picture)[:, :, 0] > 150).any() for tile in tiles)


def test_chinese_is_drawn_not_tofu() -> None:
    drawn = set()
    for word in ("画", "面", "断", "席"):
        image, pen = text.sheet(40, 40)
        text.write(pen, (20, 20), word, size=32, colour=text.INK, anchor="mm")
        drawn.add(image.tobytes())
    assert len(drawn) == 4


def test_no_chinese_font_is_said_clearly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "FONTS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    text.font_files.cache_clear()
    with pytest.raises(Unavailable, match="没有找到中文字体"):
        text.font_files()
    text.font_files.cache_clear()


def test_fontconfig_is_asked_where_no_known_place_holds_a_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "FONTS", ())
    text.font_files.cache_clear()
    found = text.font_files()
    text.font_files.cache_clear()
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "file"], capture_output=True, check=True, text=True).stdout
    assert found.regular in listed


def _marked(*marks: str, state: TileState = TileState.LIVE) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return _cut(_compose(_live(RED), TileView("王建国", "", state, TALL, marks=marks)), CUSTOMER.picture)


@pytest.mark.parametrize("state", [TileState.LIVE, TileState.CAMERA_OFF, TileState.DROPPED])
def test_marks_stand_on_the_picture_one_under_the_other(state: TileState) -> None:
    plain, one, two = (_marked(*words, state=state) for words in ((), ("已静音",), ("已静音", "协助人在场")))
    changed = [np.abs(plain.astype(int) - other.astype(int)).max(axis=2) > 30 for other in (one, two)]
    assert changed[0][:40].any()
    assert not changed[0][40:].any()
    assert (changed[1][:40] == changed[0][:40]).mean() > 0.99
    assert changed[1][40:80].any()


def test_a_mark_too_long_for_its_tile_is_shortened() -> None:
    assert chip("协助人已回避", 400).width > 100
    assert chip("协助人已回避" * 9, 148).width <= 148


def test_a_page_stands_in_its_place_with_its_name_and_is_drawn_once() -> None:
    page = Page(from_rgb(np.full((1188, 840, 3), 240, dtype=np.uint8)), "《个人借款合同》", "第 2 页，共 6 页")
    layout = stage_layout(1280, 720, 2, Shape.DOCUMENT)
    assert layout.page is not None
    compositor, tiles = Compositor(1280, 720), [_live(RED), _live(TALL)]
    stage = compositor.compose(HEADER, tiles, 1, Shape.DOCUMENT, page)
    assert _cut(stage, layout.page.picture).mean() > 225
    assert (_cut(stage, layout.tiles[1].picture)[:, :, 2] > 150).any()
    other = compositor.compose(HEADER, tiles, 2, Shape.DOCUMENT, Page(page.picture, page.title, "第 3 页，共 6 页"))
    assert not np.array_equal(_cut(stage, layout.page.label), _cut(other, layout.page.label))
    without = compositor.compose(HEADER, tiles, 3)
    assert np.array_equal(without.y, _compose(*tiles).y)


def test_what_holds_for_the_whole_call_stands_in_the_header_clear_of_the_clock() -> None:
    said = Header(HEADER.seat, HEADER.case_no, HEADER.clock, aside="单独谈话：保证人 李*梅" + "很长" * 40)
    plain, aside = (_compose(_live(RED), _live(RED), header=header) for header in (HEADER, said))
    strip = Box(0, 0, 1280 - 420, 46)
    assert not np.array_equal(_cut(plain, strip), _cut(aside, strip))
    clock = Box(1280 - 420, 0, 420, 46)
    assert np.array_equal(_cut(plain, clock), _cut(aside, clock))


@pytest.mark.parametrize("people", range(3, 10))
def test_in_each_shape_everybody_is_seen(people: int) -> None:
    for shape in Shape:
        stage = Compositor(1280, 720).compose(HEADER, [_live(RED, str(number)) for number in range(people)], 1, shape)
        tiles = stage_layout(1280, 720, people, shape).tiles
        assert all((_cut(stage, tile.picture)[:, :, 0] > 150).mean() > 0.3 for tile in tiles)


@pytest.mark.parametrize("people", range(2, 10))
@pytest.mark.parametrize("shape", Shape)
def test_what_is_missing_is_written_inside_its_tile(shape: Shape, people: int) -> None:
    """And in full: of the words of each state the last line is not cut off by the label."""
    live, layout = [_live(RED)] * people, stage_layout(1280, 720, people, shape)
    page = Page(RED, "《个人借款合同》")
    compositor = Compositor(1280, 720)
    plain = compositor.compose(HEADER, live, 1, shape, page)
    for state in TileState:
        if state is TileState.LIVE:
            continue
        tiles = [TileView("王建国", "", state)] * people
        stage = compositor.compose(HEADER, tiles, 2, shape, page)
        outside = np.ones((720, 1280), dtype=bool)
        for tile in layout.tiles:
            box = tile.picture
            outside[box.y : box.y + box.height, box.x : box.x + box.width] = False
            assert _cut(stage, box).std() > 5
        assert np.array_equal(plain.y[outside], stage.y[outside]), state


def test_in_the_narrowest_tile_role_and_name_are_whole_beside_the_bars() -> None:
    narrow = stage_layout(1280, 720, 8, Shape.SPEAKER).tiles[-1].label
    face = text.font(16, bold=True)
    assert face.getlength("共同借款人 丁*山") <= narrow.width - 12
    tiles = [TileView("共同借款人 丁*山", "风险告知", TileState.LIVE, RED, bars=bars) for bars in [3] * 8]
    bare = [TileView("共同借款人 丁*山", "风险告知", TileState.LIVE, RED) for _ in tiles]
    one, other = (Compositor(1280, 720).compose(HEADER, views, 1, Shape.SPEAKER) for views in (tiles, bare))
    upper = Box(narrow.x, narrow.y, narrow.width, 24)
    assert np.array_equal(_cut(one, upper), _cut(other, upper)), "the bars take room from the name"


def test_who_waits_is_told_why() -> None:
    held, apart = (to_rgb(hold_picture(640, 360, words)) for words in (HOLD_WORDS, APART_WORDS))
    assert not np.array_equal(held, apart)
    for picture in (held, apart):
        lit = (picture[200:240].max(axis=2) > 90).nonzero()[1]
        assert lit.min() > 8
        assert lit.max() < 632, "the words are cut off"


def test_who_speaks_has_a_frame_and_nobody_else() -> None:
    quiet = _compose(_live(RED), _live(TALL))
    speaking = _compose(_live(RED), TileView("王建国", "", TileState.LIVE, TALL, speaking=True))
    changed = (quiet.y != speaking.y).nonzero()
    box = CUSTOMER.picture
    assert (int(changed[1].min()), int(changed[0].min())) == (box.x, box.y)
    assert (int(changed[1].max()), int(changed[0].max())) == (box.x + box.width - 1, box.y + box.height - 1)
    middle = slice(box.y + FRAME, box.y + box.height - FRAME), slice(box.x + FRAME, box.x + box.width - FRAME)
    assert np.array_equal(quiet.y[middle], speaking.y[middle]), "the picture itself is left alone"


@pytest.mark.parametrize(
    "other",
    [
        Header("永定支行 · 02号席", HEADER.case_no, HEADER.clock),
        Header(HEADER.seat, "2026-00319", HEADER.clock),
        Header(HEADER.seat, HEADER.case_no, "2026-11-25 10:31:05"),
        Header(HEADER.seat, HEADER.case_no, "2026-11-24 10:31:06"),
    ],
    ids=["seat", "case", "date", "second"],
)
def test_seat_case_date_and_second_are_each_burned_in(other: Header) -> None:
    before, after = _compose(_live(RED), _live(TALL)), _compose(_live(RED), _live(TALL), header=other)
    rows = (before.y != after.y).nonzero()[0]
    assert rows.size
    assert rows.max() < HEIGHT, "nothing else changes"

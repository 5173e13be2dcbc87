"""Geometry of the stage."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.layout import CROWD, Box, Layout, Shape, fit, shape_of, stage_layout


def _inside(inner: Box, outer: Box) -> bool:
    return (
        inner.x >= outer.x
        and inner.y >= outer.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def _apart(a: Box, b: Box) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


@pytest.mark.parametrize("people", range(1, 10))
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (854, 480)])
@pytest.mark.parametrize("shape", Shape)
def test_everything_is_even_inside_and_apart(shape: Shape, size: tuple[int, int], people: int) -> None:
    layout = stage_layout(*size, people, shape)
    stage = Box(0, 0, *size)
    tiles = [*layout.tiles, *([layout.page] if layout.page is not None else [])]
    everything = [layout.header, *(box for tile in tiles for box in (tile.picture, tile.label))]
    assert (layout.page is not None) is (shape is Shape.DOCUMENT)
    assert len(layout.tiles) == people
    for box in everything:
        assert _inside(box, stage)
        assert not any(value % 2 for value in (box.x, box.y, box.width, box.height))
        assert min(box.width, box.height) > 0
    assert all(_apart(a, b) for a, b in itertools.combinations(everything, 2))


def test_two_people_stand_side_by_side_in_equal_tiles() -> None:
    agent, customer = stage_layout(1280, 720, 2).tiles
    assert agent.picture.y == customer.picture.y
    assert (agent.picture.width, agent.picture.height) == (customer.picture.width, customer.picture.height)
    assert agent.picture.x < customer.picture.x


@pytest.mark.parametrize(("people", "rows"), [(3, [3]), (4, [2, 2]), (5, [3, 2]), (7, [4, 3]), (9, [5, 4])])
def test_a_shorter_last_row_stands_in_the_middle(people: int, rows: list[int]) -> None:
    tiles = stage_layout(1280, 720, people).tiles
    heights = sorted({tile.picture.y for tile in tiles})
    assert [sum(tile.picture.y == y for tile in tiles) for y in heights] == rows
    for y in heights:
        row = [tile.picture for tile in tiles if tile.picture.y == y]
        assert abs(row[0].x - (1280 - row[-1].x - row[-1].width)) <= 4


@pytest.mark.parametrize("people", range(1, 10))
@pytest.mark.parametrize("shape", Shape)
def test_no_face_is_a_stamp(shape: Shape, people: int) -> None:
    """Upright pictures of phones, 3 : 4, and lying ones of cameras: of either at least 100 pixels are seen."""
    for tile in stage_layout(1280, 720, people, shape).tiles:
        upright, lying = fit(480, 640, tile.picture), fit(640, 480, tile.picture)
        assert min(upright.width, lying.height) >= 100
        assert tile.label.width >= 150, "role and name of a customer need so much"


@pytest.mark.parametrize("people", range(3, 10))
def test_who_speaks_is_several_times_as_large_as_the_others_who_are_all_alike(people: int) -> None:
    large, *strip = stage_layout(1280, 720, people, Shape.SPEAKER).tiles
    area = large.picture.width * large.picture.height
    sizes = {(tile.picture.width, tile.picture.height) for tile in strip}
    assert len(sizes) == 1
    assert area > 6 * strip[0].picture.width * strip[0].picture.height
    assert min(tile.picture.x for tile in strip) > large.picture.x + large.picture.width
    assert large.picture.y == strip[0].picture.y
    assert large.label.y + large.label.height == strip[0].picture.y + 3 * (strip[0].picture.height + 48) + 2 * 16


def test_two_have_nobody_to_put_into_a_strip() -> None:
    assert stage_layout(1280, 720, 2, Shape.SPEAKER).tiles == stage_layout(1280, 720, 2).tiles


def test_a_page_is_upright_and_takes_the_whole_height_beside_the_faces() -> None:
    for people in range(1, 10):
        layout = stage_layout(1280, 720, people, Shape.DOCUMENT)
        assert layout.page is not None
        page = layout.page.picture
        assert page.width / page.height == pytest.approx(210 / 297, rel=0.01)
        assert page.height >= 590
        assert all(tile.picture.x >= page.x + page.width + 16 for tile in layout.tiles)


@pytest.mark.parametrize(
    ("layout", "people", "page", "shape"),
    [
        (Layout.AUTO, 2, False, Shape.GRID),
        (Layout.AUTO, CROWD - 1, False, Shape.GRID),
        (Layout.AUTO, CROWD, False, Shape.SPEAKER),
        (Layout.AUTO, 2, True, Shape.DOCUMENT),
        (Layout.AUTO, CROWD, True, Shape.DOCUMENT),
        (Layout.GRID, CROWD, True, Shape.GRID),
        (Layout.SPEAKER, 3, True, Shape.SPEAKER),
    ],
)
def test_what_the_agents_choice_comes_to(layout: Layout, people: int, page: bool, shape: Shape) -> None:
    assert shape_of(layout, people, page=page) is shape


def test_an_empty_stage_is_refused() -> None:
    with pytest.raises(ValueError):
        stage_layout(1280, 720, 0)


@given(
    st.integers(2, 4000),
    st.integers(2, 4000),
    st.integers(0, 300).map(lambda n: 2 * n),
    st.integers(8, 700).map(lambda n: 2 * n),
    st.integers(8, 700).map(lambda n: 2 * n),
)
def test_fit_keeps_the_shape_and_stays_inside(width: int, height: int, x: int, box_width: int, box_height: int) -> None:
    box = Box(x, x, box_width, box_height)
    placed = fit(width, height, box)
    assert _inside(placed, box)
    assert not any(value % 2 for value in (placed.x, placed.y, placed.width, placed.height))
    assert placed.width >= box.width - 2 or placed.height >= box.height - 2
    if min(placed.width, placed.height) > 20:
        assert placed.width / placed.height == pytest.approx(width / height, rel=0.2)


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (-2, 4)])
def test_an_empty_picture_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError):
        fit(*size, Box(0, 0, 100, 100))

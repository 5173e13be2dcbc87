"""Seals as vectors: within their shape at any length of name, in seal red, and readable."""

from dataclasses import replace
from itertools import pairwise
from math import atan2, degrees, hypot

import pytest

from signing.adapters.documents.fontbuild import ensure_fonts
from signing.adapters.signer.outlines import Glyphs, glyphs
from signing.adapters.signer.sealart import _columns, draw_round, draw_seal, draw_square, seal_text
from signing.adapters.signer.sealpicture import picture
from signing.domain.seals import SealKind
from tests.paper import INSTITUTION
from tests.paths import spots
from tests.unit.domain.test_seals import CONTRACT, SQUARE

SIZE = 113.39
MIDDLE = SIZE / 2


@pytest.fixture(scope="module")
def bold() -> Glyphs:
    return glyphs(ensure_fonts()["Bold"])


def _reach(operators: str) -> float:
    return max(hypot(x - MIDDLE, y - MIDDLE) for x, y in spots(operators))


@pytest.mark.parametrize("kind", [SealKind.CONTRACT, SealKind.OFFICIAL])
def test_a_round_seal_fills_its_circle_and_nothing_beyond(kind: SealKind, bold: Glyphs) -> None:
    operators = draw_seal(INSTITUTION, replace(CONTRACT, kind=kind), bold, SIZE)
    # Control points of a circle lie outside it by a seventh.
    assert MIDDLE * 0.9 < _reach(operators) < MIDDLE * 1.15
    assert operators.startswith("0.784 0.063 0.180 rg"), "seal red"


@pytest.mark.parametrize("count", [1, 2, 6, 12, 18, 26, 40, 50])
def test_the_name_fits_however_long(count: int, bold: Glyphs) -> None:
    assert _reach(draw_round("信" * count, "合同专用章", "3508000000001", bold, SIZE)) < MIDDLE * 1.15


@pytest.mark.parametrize("count", [12, 26, 50])
def test_neighbours_on_the_arc_do_not_touch(count: int, bold: Glyphs) -> None:
    """Each character keeps to its own sector of the ring."""
    sectors = []
    blank = spots(draw_round("", "", "", bold, SIZE))
    for place in range(count):
        text = "　" * place + "口" + "　" * (count - place - 1)
        own = [spot for spot in spots(draw_round(text, "", "", bold, SIZE)) if spot not in blank]
        turns = sorted((degrees(atan2(y - MIDDLE, x - MIDDLE)) - 90 + 180) % 360 for x, y in own)
        sectors.append((turns[0], turns[-1]))
    sectors.sort()
    assert all(before[1] <= after[0] + 0.01 for before, after in pairwise(sectors))


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("林建华", "林建华印", ["林建", "华印"]),
        ("王丹", "王丹之印", ["王丹", "之印"]),
        ("欧阳建国", "欧阳建国", ["欧阳", "建国"]),
        ("买买提·吐尔逊", "买买提吐尔逊", ["买买", "提吐", "尔逊"]),
        ("阿卜杜热合曼", "阿卜杜热合曼", ["阿卜", "杜热", "合曼"]),
    ],
)
def test_a_square_seal_reads_as_one_is_cut(name: str, text: str, columns: list[str], bold: Glyphs) -> None:
    assert seal_text(name) == text
    assert _columns(text) == columns
    found = spots(draw_square(name, bold, 51.0))
    assert found
    assert all(-0.1 <= x <= 51.1 and -0.1 <= y <= 51.1 for x, y in found)


def test_the_first_column_is_on_the_right(bold: Glyphs) -> None:
    right = spots(draw_square("口", bold, 51.0))
    two = spots(draw_square("口口口", bold, 51.0))
    assert min(x for x, _ in two) < 25 < max(x for x, _ in two)
    assert right


def test_pictures_are_pictures(bold: Glyphs) -> None:
    for seal in (CONTRACT, SQUARE):
        png = picture(INSTITUTION, seal, 200)
        assert png.startswith(b"\x89PNG")
    assert picture(INSTITUTION, CONTRACT) != picture(INSTITUTION, replace(CONTRACT, number="3508009999999"))

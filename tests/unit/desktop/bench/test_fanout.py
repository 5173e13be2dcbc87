"""The rows of fan-out from loads: the ratio beside aiortc's own, and nothing claimed where pictures are missing."""

import pytest

from desktop.bench.fanout import KEPT, MANY, TIMES, table
from media.lab.fanout import Load
from media.lab.scene import RATE


def loads(one: float, many: float, pictures: float = RATE) -> list[Load]:
    return [Load(1, one, RATE, 1.0, 1), Load(MANY, many, pictures, 7.5, 1)]


STOCK, SPOKEN, STOCK_SPOKEN, ALL = loads(0.2, 1.16), loads(0.1, 0.25), loads(0.25, 1.5), loads(0.1, 0.22)


def test_the_ratio_stands_beside_that_of_aiortc() -> None:
    first = table(loads(0.1, 0.18), STOCK, SPOKEN, STOCK_SPOKEN, ALL)[0]
    assert first.ours == pytest.approx(1.8)
    assert first.anchor == pytest.approx(5.8)
    assert first.target == "≤ 2"
    assert first.met


@pytest.mark.parametrize(("many", "met"), [(0.1 * TIMES, True), (0.1 * TIMES + 0.001, False)])
def test_the_aim(many: float, met: bool) -> None:
    assert table(loads(0.1, many), STOCK, SPOKEN, STOCK_SPOKEN, ALL)[0].met is met
    assert table(SPOKEN, STOCK, loads(0.1, many), STOCK_SPOKEN, ALL)[3].met is met, "with voices likewise"
    assert table(SPOKEN, STOCK, SPOKEN, STOCK_SPOKEN, loads(0.1, many))[6].met is met, "and with all at once"


def test_who_sends_fewer_pictures_has_met_nothing() -> None:
    few = loads(0.1, 0.11, KEPT * RATE - 0.1)
    first = table(few, STOCK, SPOKEN, STOCK_SPOKEN, ALL)[0]
    assert not first.met
    assert "不可信" in first.goal
    assert "不可信" in table(loads(0.1, 0.18), STOCK, few, STOCK_SPOKEN, ALL)[3].goal, "with voices likewise"


def test_what_is_only_recorded() -> None:
    rest = table(loads(0.1, 0.18), STOCK, SPOKEN, STOCK_SPOKEN, ALL)[1:]
    assert [row.met for row in rest] == [None, None, False, None, None, False, None, None]
    assert [round(row.ours, 2) for row in rest] == [18.0, 10.0, 2.5, 25.0, 10.0, 2.2, 22.0, 7.5]
    assert [row.anchor and round(row.anchor, 2) for row in rest] == [116.0, 20.0, 6.0, 150.0, 25.0, None, None, None]

"""Handwriting and seal as vectors: within their box, and nothing that is not a path."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.adapters.signer import handwriting
from signing.domain.errors import InputError
from tests.paper import strokes
from tests.paths import spots

POINTS = st.fixed_dictionaries(
    {
        "x": st.floats(0, 340, allow_nan=False),
        "y": st.floats(0, 200, allow_nan=False),
        "t": st.floats(0, 10_000, allow_nan=False),
        "pressure": st.floats(0, 1, allow_nan=False),
    }
)
LINES = st.lists(st.lists(POINTS, min_size=1, max_size=12), min_size=1, max_size=5)


@given(LINES)
def test_ink_stays_in_its_box(lines: list[list[dict[str, float]]]) -> None:
    data = json.dumps({"width": 340, "height": 200, "strokes": lines}).encode()
    operators = handwriting.draw(data, 10, 20, 180, 50)
    assert (operators[:2], operators[-2:]) == ("q ", " Q"), "its scale and pen are nobody else's"
    for x, y in spots(operators):
        assert 10 - handwriting.PEN <= x <= 190 + handwriting.PEN
        assert 20 - handwriting.PEN <= y <= 70 + handwriting.PEN


def test_slow_ink_is_thicker_than_fast_ink() -> None:
    def area(milliseconds: float) -> float:
        line = [{"x": 10.0 * i, "y": 0.0, "t": milliseconds * i, "pressure": 0.5} for i in range(12)]
        found = spots(handwriting.draw(json.dumps({"strokes": [line]}).encode(), 0, 0, 200, 60))
        return max(y for _, y in found) - min(y for _, y in found)

    assert area(60) > area(8) * 1.2


def _one_point(**changes: float) -> bytes:
    return json.dumps({"strokes": [[{"x": 1.0, "y": 1.0, "t": 0.0, "pressure": 0.5} | changes]]}).encode()


STRANGE = [
    *(_one_point(**{key: value}) for key in ("x", "y", "t", "pressure") for value in (math.nan, math.inf)),
    *(_one_point(x=1e300), _one_point(y=-1e300), _one_point(pressure=2.0)),
    *(b"[]", b"[" * 200_000, b"null", b'{"strokes":[[1]]}', b'{"strokes":[[{"x":1e999,"y":1,"t":1}]]}'),
]


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"strokes":[]}', b'{"strokes":[[]]}', b'{"strokes":[[{"x":1}]]}', *STRANGE]
)
def test_what_is_no_handwriting_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        handwriting.read_strokes(data)


def test_strokes_of_the_tests_are_drawn() -> None:
    assert len(spots(handwriting.draw(strokes(), 0, 0, 190, 60))) > 300


def test_a_dot_is_a_disc_of_the_pens_width() -> None:
    """A line without length under round caps (ISO 32000-2, 8.5.3.2)."""
    operators = handwriting.draw(_one_point(), 0, 0, 190, 60).split()
    width = float(operators[operators.index("w") - 1]) / handwriting.GRAIN
    assert width == pytest.approx(handwriting.PEN * 1.2)
    first, second = operators[operators.index("m") - 2 : operators.index("m")], operators[-5:-3]
    assert first == second
    assert operators[operators.index("J") - 1] == "1"

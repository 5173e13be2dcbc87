"""What the customer's page says of itself: taken within bounds, and not too often."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.core.phonestats import LEAST_APART, Pace, PhoneStats, stats_of

WHOLE: dict[str, object] = {
    "kind": "stats", "fps": 14.5, "sent": 15, "frozen": 0.02, "concealed": 0.01, "lost": 0.05, "waits": 0.08,
    "available": 412_000, "limit": "bandwidth", "hidden": False,
}  # fmt: skip


def test_what_a_browser_tells_is_taken() -> None:
    assert stats_of(WHOLE) == PhoneStats(14.5, 15.0, 0.02, 0.01, 0.05, 0.08, 412_000.0, "bandwidth", False)


def test_what_a_browser_does_not_tell_is_not_known() -> None:
    assert stats_of({"kind": "stats"}) == PhoneStats()
    assert stats_of({"kind": "stats", "fps": None, "limit": ""}) == PhoneStats()


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "quality"}, {"fps": -1}, {"fps": 1e6}, {"fps": "15"}, {"fps": True}, {"frozen": 1.01},
        {"concealed": float("nan")}, {"available": float("inf")}, {"available": 10**400}, {"waits": [1]}, {"lost": {}},
        {"limit": "gpu"}, {"limit": 3}, {"limit": ["cpu"]},
    ],
)  # fmt: skip
def test_what_cannot_be_is_no_message(changed: dict[str, object]) -> None:
    assert stats_of(WHOLE | changed) is None


def test_only_a_plain_yes_says_that_the_page_is_hidden() -> None:
    assert [stats_of(WHOLE | {"hidden": said}) for said in (1, "true", None)] == [stats_of(WHOLE)] * 3
    assert stats_of(WHOLE | {"hidden": True}) != stats_of(WHOLE)


PLAIN = st.none() | st.booleans() | st.floats() | st.integers() | st.sampled_from(["cpu", "none", "x", ""])
JSON = PLAIN | st.lists(PLAIN, max_size=2)


@given(st.dictionaries(st.sampled_from(sorted(WHOLE)), JSON))
def test_nothing_that_comes_raises_and_all_that_is_taken_is_within_bounds(message: dict[str, object]) -> None:
    found = stats_of(json.loads(json.dumps(message)) | {"kind": "stats"})
    if found is not None:
        assert all(0 <= share <= 1 for share in (found.frozen, found.concealed, found.lost))
        assert found.pictures is None or 0 <= found.pictures <= 240


def test_what_comes_too_often_is_passed_over() -> None:
    pace = Pace()
    taken = [pace.allows(number * 0.01) for number in range(1000)]
    assert taken[0]
    assert sum(taken) <= 10 / LEAST_APART + 1
    assert pace.allows(12.0)

"""What of a call no recording is known of."""

from dataclasses import replace

import pytest

from signing.domain.call import Call, CallState
from signing.domain.case import Recording, RecordingState
from signing.domain.coverage import UNSEEN, unknown
from tests.unit.domain.factories import later, make_call, make_recording

MINUTES = 60.0


def held(minutes: float = 30) -> Call:
    return replace(make_call(), state=CallState.ENDED, ended_at=later(minutes * MINUTES))


def filmed(since: float, until: float | None, state: RecordingState = RecordingState.VERIFIED) -> Recording:
    """``since`` and ``until`` in minutes of the call."""
    end = None if until is None else later(until * MINUTES)
    return replace(make_recording(state), started_at=later(since * MINUTES), ended_at=end)


@pytest.mark.parametrize(
    ("recordings", "minutes"),
    [
        ((), [(0, 30)]),
        ((filmed(0.5, 29),), []),
        ((filmed(0, 10),), [(10, 30)]),
        ((filmed(20, 30),), [(0, 20)]),
        ((filmed(0, 10), filmed(15, 30)), [(10, 15)]),
        ((filmed(15, 30), filmed(0, 14)), []),
        ((filmed(0, 25), filmed(5, 10)), [(25, 30)]),
        ((filmed(0, None, RecordingState.RECORDING),), []),
        ((filmed(0, None, RecordingState.LOST),), []),
        ((filmed(-0.2, 31),), []),
    ],
)
def test_what_is_unknown_is_what_nothing_was_announced_for(
    recordings: tuple[Recording, ...], minutes: list[tuple[float, float]]
) -> None:
    found = [(one.since, one.until) for one in unknown([held()], recordings)]
    assert found == [(later(begin * MINUTES), later(end * MINUTES)) for begin, end in minutes]


def test_two_minutes_are_not_asked_about_and_a_moment_more_is() -> None:
    assert unknown([replace(held(), ended_at=held().started_at + UNSEEN)], []) == []
    assert len(unknown([replace(held(), ended_at=later(UNSEEN.total_seconds() + 0.001))], [])) == 1


def test_a_recording_of_another_call_says_nothing_and_a_live_call_waits_for_its_end() -> None:
    other = replace(filmed(0, 30), call_id="call_2")
    assert [one.call_id for one in unknown([held()], [other])] == ["call_1"]
    assert unknown([make_call()], []) == []


def test_it_is_told_in_beijing_time() -> None:
    assert unknown([held()], [])[0].in_words == "11-24 10:10:00 至 10:40:00"

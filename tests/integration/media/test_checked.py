"""A real call's recording is checked while it runs: nothing is said while all is well, and a fault within seconds."""

import time
from collections.abc import Callable
from pathlib import Path

from media import ports
from media.core.doubts import Kind
from tests.integration.media.phone import Phone
from tests.integration.media.seat import Seat
from tests.integration.media.test_call import connect

WITHIN = 5.0


def recorded(seat: Seat, phone: Phone, path: Path) -> None:
    """A call of which some seconds are on disk."""
    seat.open()
    connect(seat, phone)
    seat.post(ports.StartRecording("c1", path))
    pump(seat, phone, lambda checked: checked.index >= 3)


def pump(
    seat: Seat, phone: Phone, holds: Callable[[ports.RecordingChecked], object], timeout: float = 12.0
) -> ports.RecordingChecked:
    """Lets the page run until a check says so."""
    end, since = time.monotonic() + timeout, len(seat.events)
    while True:
        for event in seat.events[since:]:
            if isinstance(event, ports.RecordingChecked) and holds(event):
                return event
        assert time.monotonic() < end, [event for event in seat.events if isinstance(event, ports.RecordingChecked)][
            -3:
        ]
        phone.page.wait_for_timeout(50)


def test_a_call_in_which_all_is_well_says_nothing_and_is_read_back_before_it_ends(
    seat: Seat, phone: Phone, recording_path: Path
) -> None:
    recorded(seat, phone, recording_path)
    phone.page.wait_for_timeout(8000)
    seat.post(ports.SetMuted("c1", True))
    phone.page.wait_for_timeout(4000)
    seat.post(ports.StopRecording("c1"))
    ended = seat.wait(ports.RecordingEnded)
    checks = seat.all(ports.RecordingChecked)
    assert [check.doubts for check in checks if check.doubts] == []
    newest = ended.segments[-1].index
    assert (checks[-1].index, checks[-1].unread, checks[-1].missed) == (newest, newest + 1, 0)
    assert abs(checks[-1].until_seconds - ended.duration_seconds) < 0.1
    assert {check.path for check in checks} == {recording_path}
    lag = [check.index for check in checks]
    assert lag == sorted(lag)


def _reached(seat: Seat, phone: Phone, index: int) -> None:
    pump(seat, phone, lambda checked: checked.index >= index)


def test_each_fragment_is_read_back_soon_after_it_was_written(seat: Seat, phone: Phone, recording_path: Path) -> None:
    recorded(seat, phone, recording_path)
    for _ in range(5):
        since = len(seat.events)
        segment = seat.wait(ports.SegmentClosed, since=since)
        began = time.monotonic()
        _reached(seat, phone, segment.index)
        assert time.monotonic() - began < 3, "a fragment later it is done"


def test_a_camera_that_turns_black_is_told_in_time_and_taken_back(
    seat: Seat, phone: Phone, recording_path: Path
) -> None:
    recorded(seat, phone, recording_path)
    before = seat.all(ports.RecordingChecked)[-1].until_seconds
    phone.mute_camera(True)
    told = pump(seat, phone, lambda checked: checked.doubts)
    assert [(doubt.kind, doubt.party_id, doubt.words) for doubt in told.doubts] == [
        (Kind.BLACK, "p1", "王建国的画面全黑")
    ]
    assert told.until_seconds - before <= WITHIN + 1, "the page itself takes a moment"
    phone.mute_camera(False)
    pump(seat, phone, lambda checked: not checked.doubts)


def test_a_file_that_is_altered_in_the_middle_of_a_call_is_told(seat: Seat, phone: Phone, recording_path: Path) -> None:
    recorded(seat, phone, recording_path)
    second = seat.all(ports.SegmentClosed)[2]
    with recording_path.open("r+b") as file:
        file.seek(second.offset + second.size // 2)
        file.write(b"rewritten")
    told = pump(seat, phone, lambda checked: checked.doubts)
    assert [(doubt.kind, doubt.words) for doubt in told.doubts] == [(Kind.ALTERED, "录像第 2 段写好后被改动")]

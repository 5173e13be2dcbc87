"""File time ↔ events, and values as people read them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.audit.events import lanes
from desktop.model import replay, wording
from signing.wire.audit import KeptMedia, MediaKind
from signing.wire.case import RecordingState
from tests.unit.desktop import views


def test_only_events_of_this_recording_are_on_its_track() -> None:
    events = [views.event(1, None), views.event(2, 1.0), views.event(3, 9.0, "r2"), views.event(4, 0.5)]
    track = replay.track(events, "r1")
    assert track.offsets == (0.5, 1.0)
    assert track.rows == (3, 1)


@pytest.mark.parametrize(("seconds", "row"), [(0.0, None), (0.9, None), (1.0, 0), (4.99, 0), (5.0, 1), (99.0, 1)])
def test_the_current_event_is_the_last_one_passed(seconds: float, row: int | None) -> None:
    assert replay.track([views.event(1, 1.0), views.event(2, 5.0)], "r1").row_at(seconds) == row


@given(st.lists(st.floats(0, 3600), max_size=40), st.floats(0, 3600))
def test_no_later_event_is_ever_current(offsets: list[float], now: float) -> None:
    events = [views.event(number, offset) for number, offset in enumerate(offsets, 1)]
    row = replay.track(events, "r1").row_at(now)
    passed = [offset for offset in offsets if offset <= now]
    if row is not None:
        assert offsets[row] <= now + 0.001
        assert not passed or offsets[row] >= max(passed)
    else:
        assert not passed


def test_parts_are_numbered_as_they_began_and_each_event_keeps_its_own_recordings_time() -> None:
    later = views.recording(recording_id="r2").model_copy(update={"duration_seconds": 256.0})
    later = later.model_copy(update={"started_at": views.NOW + timedelta(minutes=3)})
    lost = views.recording(RecordingState.FINISHED, "r3").model_copy(
        update={"started_at": views.NOW + timedelta(minutes=9), "duration_seconds": 999.0}
    )
    case = views.audit_case()
    about = case.case.model_copy(update={"recordings": [lost, later, views.recording()]})
    parts = replay.parts(case.model_copy(update={"case": about}))
    began = wording.time_of_day(later.started_at)[:5]
    assert [part.recording.recording_id for part in parts] == ["r1", "r2", "r3"]
    assert parts[1].title == f"第 2 段 {began} · 04:16"
    assert replay.first_choice(parts) == parts[1]
    assert replay.place(views.event(1, 16.0, "r2"), parts) == "2 段 00:16"
    assert replay.place(views.event(1, 16.0, "r1"), parts[:1]) == "00:16"
    assert replay.place(views.event(1, None, "r1"), parts) == ""


def test_a_partys_own_track_keeps_the_recordings_clock() -> None:
    """It began ten seconds after the recording, and ends before it."""
    case = views.audit_case()
    (part,) = replay.parts(case)
    at = part.recording.started_at + timedelta(seconds=10)
    media = KeptMedia(
        media_id="t1", party="借款人王*国", kind=MediaKind.MATROSKA, by_phone=False, started_at=at, seconds=30.0
    )
    assert [replay.moment_in(media, part, seconds) for seconds in (9.0, 10.0, 12.5, 40.0, 41.0)] == [
        None, 0.0, 2.5, 30.0, None,
    ]  # fmt: skip
    assert replay.moment_of(media, 2.5, (part,)) == (part, 12.5)
    assert replay.moment_of(media, -11.0, (part,)) is None
    assert replay.moment_of(media, 1.0, ()) is None
    events = [views.event(1, 5.0), views.event(2, 12.0), views.event(3, None, None), views.event(4, 12.0, "r2")]
    assert [(one.seq, one.recording_id, one.offset_seconds) for one in replay.beside(events, media, (part,))] == [
        (2, "t1", 2.0)
    ]
    assert replay.media_title(media).startswith("借款人王*国的原始画面 ")
    phones = media.model_copy(update={"by_phone": True})
    assert replay.moment_in(phones, part, 12.0) is None, "a phone has its own clock"
    assert replay.moment_of(phones, 1.0, (part,)) is None
    lost = media.model_copy(update={"lost": "还没有收齐"})
    assert replay.media_title(lost) == "借款人王*国的原始画面（不能播放：还没有收齐）"
    assert replay.moment_in(lost, part, 12.0) is None


def test_lanes_group_events_by_family() -> None:
    events = [views.event(1, 3.0), views.event(2, 1.0, kind="document.signed"), views.event(3, 2.0, kind="odd.thing")]
    found = {lane.title: lane.seconds for lane in lanes(events, "r1")}
    assert found == {"身份": (3.0,), "告知": (), "文书": (1.0,), "客户": (), "其他": (2.0,)}


def test_the_heads_of_each_recording_stand_on_one_line_where_the_first_would() -> None:
    events = [
        views.event(1, 1.0), views.head(2, 2.0), views.event(3, 3.0), views.head(4, 12.0), views.head(5, 0.5, "r2"),
        views.head(6, 22.0), views.head(7, 9.0, "r2"), views.event(8, 30.0),
    ]  # fmt: skip
    first, second = replay.Heads("r1", (1, 3, 5)), replay.Heads("r2", (4, 6))
    assert replay.lines(events) == (0, first, 2, second, 7)
    assert replay.folded(replay.lines(events)) == {1, 3, 5, 4, 6}
    assert replay.lines(events, {"r1"}) == (0, first, 1, 3, 5, 2, second, 7)
    assert replay.folded(replay.lines(events, {"r1"})) == {4, 6}
    assert first.title(events, ()) == "录像链值上链 3 次，00:02 至 00:22"
    assert replay.track(events, "r1", replay.folded(replay.lines(events))).rows == (0, 2, 7)


def test_a_single_head_stands_for_itself_and_heads_without_a_place_are_told_by_the_clock() -> None:
    assert replay.lines([views.head(1, 2.0), views.head(2, 2.0, "r2")]) == (0, 1)
    events = [views.head(1, None), views.head(2, None)]
    (heads,) = replay.lines(events)
    assert isinstance(heads, replay.Heads)
    first, last = (wording.time_of_day(event.at) for event in events)
    assert heads.title(events, ()) == f"录像链值上链 2 次，{first} 至 {last}"


@given(st.lists(st.sampled_from(("r1", "r2", "")), max_size=40), st.sets(st.sampled_from(("r1", "r2"))))
def test_no_event_is_lost_or_told_twice(kinds: list[str], opened: set[str]) -> None:
    events = [views.head(n, 1.0 * n, kind) if kind else views.event(n, 1.0 * n) for n, kind in enumerate(kinds)]
    found = replay.lines(events, opened)
    told = [line for line in found if isinstance(line, int)]
    assert sorted([*told, *replay.folded(found)]) == list(range(len(events)))


def test_heads_are_no_marks_on_the_line() -> None:
    found = {
        lane.title: lane.seconds for lane in lanes([views.head(1, 2.0), views.event(2, 3.0, kind="odd.thing")], "r1")
    }
    assert found["其他"] == (3.0,)


@pytest.mark.parametrize(
    ("amount", "text"), [("180000.00", "¥180,000.00"), ("0.5", "¥0.50"), ("1234567890.12", "¥1,234,567,890.12")]
)
def test_money(amount: str, text: str) -> None:
    assert wording.money(amount) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (252.9, "04:12"), (3852, "1:04:12"), (-3, "00:00")])
def test_duration(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


def test_times_are_shown_as_beijing_time() -> None:
    at = datetime(2026, 11, 23, 18, 5, 6, tzinfo=UTC)
    assert wording.day_and_time(at) == "2026-11-24 02:05:06"
    assert wording.time_of_day(at) == "02:05:06"


def test_sizes_and_shares() -> None:
    assert wording.size(41_200_000) == "41.2 MB"
    assert wording.size(900) == "0.9 KB"
    assert (wording.percent(0, 0), wording.percent(1, 3), wording.percent(9, 3)) == (0, 33, 100)


def test_stand_ins_are_named_once() -> None:
    text = wording.stand_ins(["演示\uff1a短信不发送", "核验为模拟"])
    assert text == "演示替身\uff1a短信不发送\uff1b核验为模拟"

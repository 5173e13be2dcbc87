"""What a phone may bring of a call: only what the seat did not see or hear, and nothing that nobody may keep."""

from datetime import UTC, datetime, timedelta

import pytest

from signing.domain.backfill import EDGE, KINDS, Piece, Span, is_of_its_kind, is_wanted, joined, lacking, shut
from signing.domain.events.base import at

BEGIN = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
PARTY, CALL = "party_1", "call_1"
Line = tuple[str, dict[str, object]]


def after(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def line(kind: str, seconds: float, **body: object) -> Line:
    return kind, {"party_id": PARTY, "call_id": CALL, "at": at(after(seconds)), **body}


def quality(since: float, until: float, **body: object) -> Line:
    span = {"since": at(after(since)), "until": at(after(until))}
    return line("call.quality", until, **{"bars": 2, **span, **body})


def between(since: float, until: float) -> Span:
    return Span(after(since), after(until))


def lost(*lines: Line, end: float = 600) -> list[Span]:
    """Without the edges."""
    spans = lacking(lines, PARTY, CALL, after(end))
    return [Span(span.since + EDGE, span.until - EDGE) for span in spans]


def test_from_a_drop_to_the_return_and_to_the_end_of_a_call_nobody_returned_to() -> None:
    dropped, back = line("call.dropped", 60), line("call.rejoined", 95)
    assert lost(dropped, back) == [between(60, 95)]
    assert lost(dropped, back, line("call.dropped", 300), end=420) == [between(60, 95), between(300, 420)]
    assert lost(dropped, line("call.dropped", 70), back) == [between(60, 95)], "told twice is one drop"


@pytest.mark.parametrize(
    "body",
    [
        {"broken_seconds": 2.0},
        {"bars": 0},
        {"figures": {"frozen_up": 0.3}},
        {"figures": {"concealed_up": 0.2}},
    ],
)
def test_a_stretch_that_was_not_seen_or_heard_lacks(body: dict[str, object]) -> None:
    assert lost(quality(10, 30, **body)) == [between(10, 30)]


@pytest.mark.parametrize("body", [{}, {"bars": 1}, {"figures": {"frozen_up": 0.29, "concealed_up": 0.1}}])
def test_a_bad_line_that_carried_lacks_nothing(body: dict[str, object]) -> None:
    assert lost(quality(10, 30, **body)) == []


def test_what_is_told_of_others_or_of_another_call_is_not_this_customers() -> None:
    others = quality(10, 30, broken_seconds=5.0, party_id="party_2"), line("call.dropped", 40, call_id="call_2")
    assert lost(*others) == []


def test_what_meets_is_one() -> None:
    assert joined([between(20, 30), between(0, 12), between(12, 15), between(22, 25)]) == [
        between(0, 15),
        between(20, 30),
    ]
    near = quality(10, 30, bars=0), line("call.dropped", 33), line("call.rejoined", 40)
    assert len(lacking(near, PARTY, CALL, after(600))) == 1


def test_on_hold_nothing_may_be_kept() -> None:
    lines = line("call.held", 10), line("call.resumed", 50)
    assert shut(lines, PARTY, CALL, after(600)) == [between(10, 50)]
    assert shut(lines[:1], PARTY, CALL, after(600)) == [between(10, 600)]
    assert shut(lines, "party_2", CALL, after(600)) == []


def test_outside_during_a_talk_with_another_nothing_may_be_kept() -> None:
    alone = (
        line("call.alone_began", 10, party_id="party_2", held_ids=[PARTY]),
        line("call.alone_ended", 20, party_id="party_2", back_ids=[PARTY]),
    )
    assert shut(alone, PARTY, CALL, after(600)) == [between(10, 20)]
    assert shut(alone, "party_2", CALL, after(600)) == []


def piece(since: float, until: float) -> Piece:
    return Piece(CALL, after(since), after(until), "video/webm")


def test_a_piece_is_wanted_where_it_meets_what_lacks_and_touches_nothing_shut() -> None:
    lacks, shut_out = [between(60, 95)], [between(80, 85)]
    assert is_wanted(piece(56, 60), lacks, [])
    assert is_wanted(piece(90, 99), lacks, shut_out)
    assert not is_wanted(piece(50, 59), lacks, [])
    assert not is_wanted(piece(78, 81), lacks, shut_out)


@pytest.mark.parametrize("kind", list(KINDS))
def test_bytes_say_their_kind(kind: str) -> None:
    place, magic = KINDS[kind]
    data = bytes(place) + magic + b"rest"
    alike = [each for each in KINDS if is_of_its_kind(each, data)]
    assert {each.rpartition("/")[2] for each in alike} == {kind.rpartition("/")[2]}, "sound alone comes in the same box"
    assert not is_of_its_kind(kind, data[1:])
    assert not is_of_its_kind(kind, b"")

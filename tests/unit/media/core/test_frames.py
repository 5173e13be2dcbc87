"""Frames out of packets: in order, at once, over loss, reordering, duplicates and wraps."""

import random
from dataclasses import replace

import pytest

from media.core.frames import MOST, Frame, FrameBuffer, Piece


def stream(frames: int, packets: int = 3, key_every: int = 1000, first: int = 65_530) -> list[Piece]:
    """Frames of ``packets`` packets, the data naming frame and packet."""
    made = []
    for frame in range(frames):
        for place in range(packets):
            made.append(
                Piece(
                    sequence=first + frame * packets + place,
                    timestamp=frame * 6000,
                    marker=place == packets - 1,
                    data=f"{frame}.{place} ".encode(),
                    starts=place == 0,
                    key=place == 0 and frame % key_every == 0,
                    arrived=frame / 15,
                )
            )
    return made


def whole(frame: int, packets: int = 3) -> bytes:
    return b"".join(f"{frame}.{place} ".encode() for place in range(packets))


def run(buffer: FrameBuffer, pieces: list[Piece]) -> list[Frame]:
    out = []
    for piece in pieces:
        buffer.insert(piece)
        out += buffer.pop()
    return out


def test_a_frame_is_let_go_with_its_last_packet() -> None:
    buffer, pieces = FrameBuffer(), stream(2)
    assert run(buffer, pieces[:2]) == []
    (frame,) = run(buffer, pieces[2:3])
    assert (frame.data, frame.key, frame.damaged) == (whole(0), True, False)
    assert buffer.waits(9.0) == 0


@pytest.mark.parametrize("seed", range(8))
def test_order_and_copies_do_not_matter(seed: int) -> None:
    pieces, shuffler = stream(60), random.Random(seed)
    near = sorted([*pieces, *shuffler.sample(pieces, 40)], key=lambda p: p.sequence + shuffler.uniform(0, 8))
    got = run(FrameBuffer(), near)
    assert [frame.data for frame in got] == [whole(number) for number in range(60)]
    assert not any(frame.damaged for frame in got)


def test_nothing_begins_before_a_key_frame() -> None:
    buffer, pieces = FrameBuffer(), stream(8, key_every=5)
    got = run(buffer, pieces[4:])
    assert [frame.timestamp // 6000 for frame in got] == [5, 6, 7]


def test_a_key_frame_that_is_coming_is_known() -> None:
    buffer, pieces = FrameBuffer(), stream(2)
    assert not buffer.key_coming
    run(buffer, [pieces[0], pieces[2]])
    assert buffer.key_coming
    run(buffer, [pieces[1], pieces[3]])
    assert not buffer.key_coming


def test_a_hole_holds_what_follows_until_it_is_filled() -> None:
    buffer, pieces = FrameBuffer(), stream(5)
    got = run(buffer, [piece for piece in pieces if piece is not pieces[4]])
    assert [frame.timestamp for frame in got] == [0]
    assert buffer.next == pieces[3].sequence
    assert buffer.waits(pieces[3].arrived + 0.7) == pytest.approx(0.7)
    assert len(run(buffer, [pieces[4]])) == 4


@pytest.mark.parametrize("place", [3, 4, 5])
def test_a_key_frame_behind_a_hole_is_taken_at_once(place: int) -> None:
    """Wherever in its frame the hole is: what was lost may never come."""
    buffer, pieces = FrameBuffer(), stream(8, key_every=6)
    lost = pieces[place]
    got = run(buffer, [piece for piece in pieces if piece is not lost])
    assert [frame.timestamp // 6000 for frame in got] == [0, 6, 7]
    assert not any(frame.damaged for frame in got)
    assert run(buffer, [lost]) == [], "too late"


def test_what_is_abandoned_goes_on_damaged_until_a_key_frame() -> None:
    buffer, pieces = FrameBuffer(), stream(9, key_every=7)
    run(buffer, [piece for piece in pieces[:12] if piece is not pieces[4]])
    buffer.abandon()
    went_on = buffer.pop()
    assert [(frame.timestamp // 6000, frame.damaged) for frame in went_on] == [(2, True), (3, True)]
    rest = run(buffer, pieces[12:])
    states = [(frame.timestamp // 6000, frame.damaged) for frame in rest]
    assert states == [(4, True), (5, True), (6, True), (7, False), (8, False)]


def test_padding_fills_its_place_only() -> None:
    pieces = stream(2)
    padding = replace(pieces[3], data=b"", starts=False, marker=False, timestamp=0)
    moved = [replace(piece, sequence=piece.sequence + 1) for piece in pieces[3:]]
    assert [frame.data for frame in run(FrameBuffer(), [*pieces[:3], padding, *moved])] == [whole(0), whole(1)]


def test_a_marker_that_is_missing_does_not_join_two_frames() -> None:
    pieces = stream(2)
    pieces[2] = replace(pieces[2], marker=False)
    assert [frame.data for frame in run(FrameBuffer(), pieces)] == [whole(0), whole(1)]


def test_it_never_keeps_more_than_it_may() -> None:
    buffer, pieces = FrameBuffer(), stream(4 * MOST // 3)
    run(buffer, [piece for piece in pieces if piece is not pieces[4]])
    assert len(buffer._pieces) <= MOST

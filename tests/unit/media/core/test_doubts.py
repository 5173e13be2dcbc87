"""Pieces of a recording in, doubts out: by traces of what the engine knew and what was decoded."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from media.core.doubts import APART, MOST, SPOKEN, Doubt, Judge, Kind, Piece, Step, clock, newly
from media.core.looks import Look, Showing
from tests.unit.media.core.test_lag import speech
from tests.unit.media.core.test_looks import moving

TALK = speech(1, 5000)


def looks(index: int, **changes: object) -> tuple[Look, ...]:
    numbers = range(5 * (index - 1), 5 * index)
    made = [Look(n / 5, "p1", "王建国", Showing.LIVE, n, moving(n), moving(n), 230) for n in numbers]
    return tuple(replace(look, **changes) for look in made)  # type: ignore[arg-type]


def steps(index: int, late: int = 0, loud: float = 1.0) -> tuple[Step, ...]:
    """A second of talk, of which the recording holds ``loud``, ``late`` steps of 20 ms after its time."""
    numbers = range(50 * (index - 1), 50 * index)
    return tuple(Step(n / 50, TALK[n], TALK[n], loud * TALK[max(0, n - late)]) for n in numbers)


def piece(index: int, **changes: object) -> Piece:
    """A second in which all is well; piece 1 is the first."""
    start = index - 1.0
    good = Piece(index, start, start + 1, start, start + 1, 230, looks(index), steps(index))
    return replace(good, **changes)  # type: ignore[arg-type]


def judged(pieces: Iterable[Piece], judge: Judge | None = None) -> list[tuple[Doubt, ...]]:
    judge = judge or Judge()
    return [judge.take(one) for one in pieces]


def kinds(doubts: Iterable[Doubt]) -> list[Kind]:
    return [doubt.kind for doubt in doubts]


def test_an_hour_of_which_nothing_can_be_said_says_nothing() -> None:
    assert set(judged(piece(index) for index in range(1, 90))) == {()}


def test_a_quiet_minute_says_nothing() -> None:
    quiet = [replace(step, said=0.001, mixed=0.001, recorded=0.0) for step in steps(1)]
    assert set(judged(piece(index, steps=tuple(quiet)) for index in range(1, 61))) == {()}


def test_a_muted_mix_is_told_while_someone_speaks_and_taken_back_when_heard() -> None:
    judge = Judge()
    judged((piece(index) for index in range(1, 6)), judge)
    told = judged((piece(index, steps=steps(index, loud=0.0)) for index in range(6, 10)), judge)
    assert kinds(told[-1]) == [Kind.SILENT]
    assert next(n for n, doubts in enumerate(told) if doubts) <= 3, "within five seconds"
    assert told[-1][0].since == pytest.approx(5, abs=1)
    assert judged((piece(index) for index in range(10, 14)), judge)[-1] == ()


def test_a_word_that_is_lost_here_and_there_is_no_silent_recording() -> None:
    for share in (3, 5):
        patchy = [
            piece(i, steps=tuple(replace(s, recorded=0.0) if n % share == 0 else s for n, s in enumerate(steps(i))))
            for i in range(1, 20)
        ]
        assert Kind.SILENT not in {kind for doubts in judged(patchy) for kind in kinds(doubts)}


def test_a_sentence_that_is_too_short_is_not_judged() -> None:
    few = tuple(replace(step, said=0.2 if n < SPOKEN - 10 else 0.0, recorded=0.0) for n, step in enumerate(steps(1)))
    assert judged([piece(1, steps=few)]) == [()]


@pytest.mark.parametrize("late", [-12, 10])
def test_sound_at_another_place_is_told_with_how_far(late: int) -> None:
    judge = Judge()
    judged((piece(index) for index in range(1, 6)), judge)
    moved = [
        tuple(Step(n / 50, TALK[n], TALK[n], TALK[n - late]) for n in range(50 * (index - 1), 50 * index))
        for index in range(6, 12)
    ]
    told = judged((piece(6 + n, steps=one) for n, one in enumerate(moved)), judge)
    assert next(n for n, doubts in enumerate(told) if doubts) <= 3, "within five seconds"
    assert kinds(told[-1]) == [Kind.APART]
    assert f"{'晚' if late > 0 else '早'}约 {abs(late) * 20}" in told[-1][0].words
    assert judged((piece(index) for index in range(12, 18)), judge)[-1] == ()


def test_sound_that_is_a_little_late_all_the_time_is_good() -> None:
    late = round(APART / 0.02) // 2
    assert set(judged(piece(index, steps=steps(index, late)) for index in range(2, 30))) == {()}


def test_sound_that_drifts_is_told_before_it_is_far() -> None:
    told = judged(piece(index, steps=steps(index, 2 + index // 8)) for index in range(2, 40))
    first = next(n for n, doubts in enumerate(told) if doubts)
    assert kinds(told[first]) == [Kind.APART]


def test_time_stamps_that_part_are_told() -> None:
    told = judged(piece(index, sound_start=index - 1 + 0.05 * (index - 1)) for index in range(1, 5))
    assert told[1] == ()
    assert kinds(told[3]) == [Kind.APART]
    assert "晚约 150 毫秒" in told[3][0].words


def test_a_fragment_that_is_missing_is_a_hole_that_stays() -> None:
    judge = Judge()
    judged([piece(1), piece(2)], judge)
    told = judged([piece(3, start=2.9, end=3.9, sound_start=2.9, sound_end=3.9)], judge)[0]
    assert [(doubt.kind, doubt.since) for doubt in told] == [(Kind.HOLE, 2.0), (Kind.HOLE, 2.0)]
    assert "画面在 00:02" in told[0].words
    assert "声音在 00:02" in told[1].words
    assert judged([piece(4, start=3.9, end=4.9, sound_start=3.9)], judge)[0] == told


def test_a_piece_that_the_check_left_out_is_no_hole() -> None:
    assert judged([piece(1), piece(2), piece(5), piece(6)])[-1] == ()


def test_a_black_stage_is_told_once_and_not_for_every_tile() -> None:
    dark = [piece(index, brightest=20, looks=looks(index, brightest=20)) for index in range(1, 4)]
    told = judged(dark)[-1]
    assert [(doubt.kind, doubt.party_id, doubt.words) for doubt in told] == [(Kind.BLACK, "", "录像的画面全黑")]


def test_each_persons_tile_is_judged_for_itself() -> None:
    judge = Judge()
    for index in range(1, 7):
        frozen = looks(index, mark=3, party_id="p2", label="李桂英")
        judge.take(piece(index, looks=(*looks(index), *frozen)))
    told = judge.standing(6.0)
    assert [(doubt.kind, doubt.party_id, doubt.words) for doubt in told] == [
        (Kind.FROZEN, "p2", "李桂英的画面静止不动")
    ]
    assert judge.take(piece(7)) == (), "who left is no longer judged"


def test_what_was_found_on_the_disk_stays_and_is_kept_once() -> None:
    judge = Judge()
    found = Doubt(Kind.ALTERED, 3.0, "录像第 4 段写好后被改动")
    for _ in range(3):
        judge.note(found)
    judge.note(replace(found, words="录像第 5 段写好后被改动"))
    assert len(judge.take(piece(1))) == 2
    assert judge.take(piece(2))[0] == found


def test_a_file_in_ruins_does_not_say_so_for_each_of_its_parts() -> None:
    judge = Judge()
    for index in range(1, 50):
        judge.note(Doubt(Kind.UNREADABLE, float(index), f"录像第 {index} 段从磁盘上读不到"))
    judge.note(Doubt(Kind.ALTERED, 3.0, "录像第 4 段写好后被改动"))
    found = kinds(judge.take(piece(1)))
    assert (found.count(Kind.UNREADABLE), found.count(Kind.ALTERED)) == (MOST, 1)


def test_only_what_was_not_there_before_is_new() -> None:
    black, silent = Doubt(Kind.BLACK, 1.0, "甲的画面全黑", "p1"), Doubt(Kind.SILENT, 1.0, "…")
    assert newly([black, silent], []) == [black, silent]
    assert newly([replace(black, since=2.0), replace(silent, words="……")], [black, silent]) == []
    assert newly([replace(black, party_id="p2")], [black]) == [replace(black, party_id="p2")]
    hole = Doubt(Kind.HOLE, 1.0, "录像的画面在 00:01 处缺了一截")
    later = replace(hole, words="录像的画面在 00:09 处缺了一截")
    assert newly([hole, later], [hole]) == [later], "each hole is one of its own"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_says_what_to_do(kind: Kind) -> None:
    assert len(kind.remedy) > 5
    assert kind.value == kind.name.lower()


def test_the_clock_counts_minutes() -> None:
    assert [clock(seconds) for seconds in (0, 61.9, 3600)] == ["00:00", "01:01", "60:00"]

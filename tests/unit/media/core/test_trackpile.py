"""What came of one person: its order, its moments, and what lacks."""

from media.core.matroska import PICTURE, SOUND
from media.core.trackpile import Bit, Gap, Holes, Lack, Pile, blocks


def sound(number: int, arrived: float, source: int = 1) -> Bit:
    return Bit(SOUND, source, number * 960, arrived, None, True, False, bytes([number % 256]))


def picture(number: int, arrived: float, *, key: bool = False, source: int = 1) -> Bit:
    return Bit(PICTURE, source, number * 6000, arrived, None, key, False, b"p%d" % number, "VP8")


def test_packets_that_overtook_each_other_stand_in_their_order_and_copies_once() -> None:
    pile = Pile()
    for bit in (sound(0, 1.0), sound(2, 1.04), sound(1, 1.05), sound(2, 1.06), sound(3, 1.061)):
        pile.put(bit)
    taken = pile.take(2.0)
    assert [one.bit.timestamp // 960 for one in taken] == [0, 1, 2, 3]
    assert [round(one.at - taken[0].at, 3) for one in taken] == [0.0, 0.02, 0.04, 0.06]


def test_what_comes_after_its_piece_is_left_out() -> None:
    pile = Pile()
    pile.put(sound(5, 1.0))
    assert len(pile.take(2.0)) == 1
    pile.put(sound(4, 2.1))
    pile.put(sound(6, 2.1))
    assert [one.bit.timestamp // 960 for one in pile.take(3.0)] == [6]


def test_what_came_after_the_moment_waits() -> None:
    pile = Pile()
    pile.put(sound(0, 1.0))
    pile.put(sound(50, 2.0))
    assert len(pile.take(1.5)) == 1
    assert pile.begun == 2.0
    assert len(pile.take(9.0)) == 1
    assert pile.begun is None


def test_a_new_connection_begins_its_timestamps_anew_and_goes_on_in_time() -> None:
    pile = Pile()
    for number in range(5):
        pile.put(sound(1000 + number, 10.0 + number * 0.02))
    pile.put(sound(3, 15.0, source=2))
    first, *_, last = pile.take(20.0)
    assert round(last.at - first.at, 3) == 5.0
    pile.put(sound(4, 15.02, source=2))
    assert [round(one.at - first.at, 3) for one in pile.take(20.0)] == [5.02]


def test_times_of_one_track_never_go_back() -> None:
    pile = Pile()
    pile.put(sound(0, 10.5))
    (slow,) = pile.take(11.0)
    pile.put(sound(1, 10.02))
    pile.put(sound(2, 10.04))
    times = [one.at for one in pile.take(11.0)]
    assert slow.at < times[0] < times[1]


def test_the_first_picture_that_needs_no_other() -> None:
    pile = Pile()
    pile.put(picture(0, 1.0))
    assert pile.first_picture() is None
    pile.put(picture(1, 1.1, key=True))
    assert pile.first_picture() == picture(1, 1.1, key=True)


def test_blocks_count_from_the_files_zero() -> None:
    pile = Pile()
    pile.put(picture(0, 7.25, key=True))
    pile.put(sound(9, 7.5))
    made = blocks(pile.take(8.0), 7.0)
    assert [(block.track, block.milli, block.key) for block in made] == [(PICTURE, 250, True), (SOUND, 500, True)]


def test_stretches_without_picture_or_sound_are_named() -> None:
    holes = Holes()
    assert holes.see(PICTURE, 0.1, False) == holes.see(SOUND, 0.9, False) == []
    assert holes.see(PICTURE, 3.0, False) == [Gap(0.1, 3.0, Lack.PICTURE)]
    assert holes.see(SOUND, 1.8, False) == []
    assert holes.end(3.5) == [Gap(1.8, 3.5, Lack.SOUND)]


def test_who_is_muted_is_lacking_for_that_and_nothing_else() -> None:
    holes = Holes()
    holes.see(PICTURE, 1.0, False)
    holes.see(SOUND, 1.0, False)
    assert holes.shut(1.5, 20.0, Lack.MUTED) == [Gap(1.5, 20.0, Lack.MUTED)]
    assert holes.see(PICTURE, 20.4, False) == holes.see(SOUND, 20.1, False) == []


def test_pictures_that_lean_on_lost_ones_are_a_gap_until_they_are_mended() -> None:
    holes = Holes()
    holes.see(SOUND, 0.0, False)
    assert holes.see(PICTURE, 0.2, True) == holes.see(PICTURE, 0.3, True) == []
    assert holes.see(PICTURE, 0.7, False) == [Gap(0.2, 0.7, Lack.DAMAGED)]
    holes.see(PICTURE, 0.8, True)
    assert holes.end(0.9) == [Gap(0.8, 0.9, Lack.DAMAGED)]

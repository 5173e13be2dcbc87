"""Fragments made the moment their last picture is there."""

import struct

import pytest

from media.core.boxes import boxes, child, fragment_span
from media.core.fragment import Fragments, Run, Sample, fragment, length_prefixed
from media.errors import BrokenRecording
from tests.unit.media.core.test_boxes import _box, _trak

HEADER = _box("ftyp", b"iso5") + _box("moov", _trak(1, "vide", 15_360, 0) + _trak(2, "soun", 48_000, 0))
BLOCK = 1024


class Taken:
    """What was handed over: (start, data)."""

    def __init__(self) -> None:
        self.all: list[tuple[float, bytes]] = []
        self.fragments = Fragments(HEADER, 15, lambda data, start: self.all.append((start, data)))

    def pictures(self, *numbers: int) -> None:
        for number in numbers:
            self.fragments.picture(number, b"picture%d" % number, number % 15 == 0)

    def starts(self) -> list[float]:
        return [start for start, _ in self.all]


def spans(data: bytes) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    moof = next(box for box in boxes(data) if box.kind == "moof")
    return fragment_span(data, moof, 1, 15_360), fragment_span(data, moof, 2, 48_000)


def test_nothing_is_handed_over_before_the_first_sample_and_then_the_header() -> None:
    taken = Taken()
    assert taken.all == []
    taken.pictures(0)
    assert taken.all == [(0.0, HEADER)]


def test_a_second_is_handed_over_with_its_last_picture() -> None:
    taken = Taken()
    taken.pictures(*range(14))
    assert taken.starts() == [0.0]
    taken.pictures(14)
    assert taken.starts() == [0.0, 0.0]
    taken.pictures(*range(15, 30))
    assert taken.starts() == [0.0, 0.0, 1.0]
    assert spans(taken.all[2][1]) == ((1.0, 2.0), None)


@pytest.mark.parametrize("last", [12, 13])
def test_a_second_whose_last_picture_never_came_lasts_until_the_next_begins(last: int) -> None:
    taken = Taken()
    taken.pictures(*range(last + 1))
    assert len(taken.all) == 1
    taken.pictures(15)
    assert spans(taken.all[1][1]) == ((0.0, 1.0), None)
    taken.pictures(18)
    taken.fragments.end(20)
    assert spans(taken.all[2][1])[0] == (1.0, 20 / 15)


def test_a_further_key_picture_within_a_second_ends_no_fragment() -> None:
    taken = Taken()
    taken.pictures(0, 1, 2)
    taken.fragments.picture(3, b"another encoder", True)
    assert taken.starts() == [0.0]
    taken.pictures(14)
    assert spans(taken.all[1][1])[0] == (0.0, 1.0)


def test_sound_lies_where_it_belongs_whichever_fragment_takes_it() -> None:
    taken = Taken()
    for number in range(40):
        taken.fragments.sound(number * BLOCK, b"sound", BLOCK)
    taken.pictures(*range(15))
    taken.fragments.sound(40 * BLOCK, b"late", BLOCK)
    taken.pictures(*range(15, 30))
    first, second = spans(taken.all[1][1])[1], spans(taken.all[2][1])[1]
    assert first == (0.0, 40 * BLOCK / 48_000)
    assert second == (40 * BLOCK / 48_000, 41 * BLOCK / 48_000)


def test_sound_ahead_of_pictures_that_come_late_waits_for_them() -> None:
    """On a machine that is too busy to compose them in time; what a kill leaves must be of one length."""
    taken = Taken()
    for number in range(100):
        taken.fragments.sound(number * BLOCK, b"sound", BLOCK)
    taken.pictures(*range(30))
    first, second = spans(taken.all[1][1])[1], spans(taken.all[2][1])[1]
    assert first is not None
    assert second is not None
    assert first[1] == second[0] == pytest.approx(1.0, abs=BLOCK / 48_000)
    assert second[1] == pytest.approx(2.0, abs=BLOCK / 48_000)
    taken.fragments.end(30)
    assert spans(taken.all[3][1])[1] == (second[1], 100 * BLOCK / 48_000)


def test_the_last_sound_is_kept_behind_the_last_picture_and_begins_where_that_ends() -> None:
    taken = Taken()
    taken.pictures(*range(15))
    taken.fragments.sound(45_000, b"word", BLOCK)
    taken.fragments.end(15)
    assert taken.starts() == [0.0, 0.0, 1.0]
    assert spans(taken.all[2][1])[0] is None
    taken.fragments.end(15)
    assert len(taken.all) == 3, "there is nothing more"


def test_data_is_found_where_the_run_says() -> None:
    runs = [
        Run(1, 30_720, [Sample(b"key", 1024), Sample(b"between", 1024, key=False)]),
        Run(2, 96_000, [Sample(b"sound", BLOCK)]),
    ]
    data = fragment(7, runs)
    moof, mdat = boxes(data)
    assert data[mdat.body : mdat.end] == b"keybetweensound"
    mfhd = child(data, moof, "mfhd")
    assert mfhd is not None
    assert struct.unpack_from(">I", data, mfhd.body + 4)[0] == 7
    places = []
    for traf in (box for box in boxes(data, moof.body, moof.end) if box.kind == "traf"):
        trun = child(data, traf, "trun")
        assert trun is not None
        places.append(struct.unpack_from(">I", data, trun.body + 8)[0])
    assert [data[place : place + 3] for place in places] == [b"key", b"sou"]


@pytest.mark.parametrize(
    ("stream", "units"),
    [
        (b"\0\0\0\1sps\0\0\0\1pps\0\0\1slice", [b"sps", b"pps", b"slice"]),
        (b"\0\0\1slice\0\0\0", [b"slice"]),
        (b"\0\0\0\1a\0\0\3\1b", [b"a\0\0\3\1b"]),
        (b"", []),
    ],
)
def test_units_get_their_length_in_place_of_a_start_code(stream: bytes, units: list[bytes]) -> None:
    assert length_prefixed(stream) == b"".join(struct.pack(">I", len(unit)) + unit for unit in units)


def test_a_header_without_sound_is_refused() -> None:
    with pytest.raises(BrokenRecording, match="声音"):
        Fragments(_box("moov", _trak(1, "vide", 15_360, 0)), 15, lambda data, start: None)

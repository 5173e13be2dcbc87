"""Byte streams of H.264 into the form that files hold."""

from media.core.avc import configuration, units, with_lengths

SPS, PPS, IDR = b"\x67\x42\xe0\x1f\xaa\xbb", b"\x68\xce\x3c\x80", b"\x65\x88\x84\x00\x00\x03\x01\x11"
STREAM = b"\0\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\0\1" + IDR


def test_units_are_found_behind_short_and_long_marks() -> None:
    assert units(STREAM) == [SPS, PPS, IDR]
    assert units(b"") == []


def test_lengths_stand_in_the_place_of_marks() -> None:
    assert with_lengths(STREAM) == b"\0\0\0\6" + SPS + b"\0\0\0\4" + PPS + b"\0\0\0\x08" + IDR


def test_the_record_holds_profile_level_and_parameter_sets() -> None:
    record = configuration(STREAM)
    assert record == b"\1\x42\xe0\x1f\xff\xe1\0\6" + SPS + b"\1\0\4" + PPS


def test_a_picture_without_parameter_sets_has_no_record() -> None:
    assert configuration(b"\0\0\0\1" + IDR) is None
    assert configuration(b"\0\0\0\1" + SPS + b"\0\0\0\1" + IDR) is None

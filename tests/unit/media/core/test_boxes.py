"""Finding boxes in an MP4."""

import struct

import pytest

from media.core.boxes import box_at, boxes, child, fragment_span, video_track
from media.errors import BrokenRecording


def _box(kind: str, body: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind.encode()) + body


def _trak(number: int, kind: str, timescale: int, version: int) -> bytes:
    times = bytes(16 if version else 8)
    head = bytes([version, 0, 0, 0])
    tkhd = _box("tkhd", head + times + struct.pack(">I", number))
    mdhd = _box("mdhd", head + times + struct.pack(">I", timescale))
    hdlr = _box("hdlr", bytes(8) + kind.encode() + bytes(12))
    return _box("trak", tkhd + _box("mdia", mdhd + hdlr))


def _traf(number: int, start: int, version: int) -> bytes:
    tfhd = _box("tfhd", bytes(4) + struct.pack(">I", number))
    tfdt = _box("tfdt", bytes([version, 0, 0, 0]) + struct.pack(">Q" if version else ">I", start))
    return _box("traf", tfhd + tfdt)


def test_boxes_follow_one_another_and_a_torn_one_is_not_there() -> None:
    data = _box("ftyp", b"iso5") + _box("moov") + _box("mdat", b"12345")
    assert [(box.kind, box.start, box.size) for box in boxes(data)] == [
        ("ftyp", 0, 12),
        ("moov", 12, 8),
        ("mdat", 20, 13),
    ]
    for cut in range(1, 13):
        assert [box.kind for box in boxes(data[:-cut])] == ["ftyp", "moov"]


def test_a_64_bit_size_is_read() -> None:
    data = struct.pack(">I4sQ", 1, b"mdat", 20) + b"abcd"
    box = box_at(data, 0, len(data))
    assert box is not None
    assert (box.size, box.body, box.end) == (20, 16, 20)
    assert box_at(data, 0, 12) is None


@pytest.mark.parametrize("data", [struct.pack(">I4s", 0, b"mdat"), struct.pack(">I4s", 7, b"mdat")])
def test_a_senseless_size_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenRecording):
        box_at(data, 0, len(data))


@pytest.mark.parametrize("version", [0, 1])
def test_the_video_track_and_its_start_are_found(version: int) -> None:
    moov = _box("moov", _trak(1, "soun", 48_000, version) + _trak(2, "vide", 15_360, version))
    top = box_at(moov, 0, len(moov))
    assert top is not None
    assert video_track(moov, top) == (2, 15_360)
    moof = _box("moof", _box("mfhd") + _traf(1, 480_000, version) + _traf(2, 30_720, version))
    fragment = box_at(moof, 0, len(moof))
    assert fragment is not None
    assert fragment_span(moof, fragment, 2, 15_360) == (2.0, 2.0)
    assert fragment_span(moof, fragment, 3, 15_360) is None


def test_a_file_without_video_is_refused() -> None:
    moov = _box("moov", _trak(1, "soun", 48_000, 0))
    top = box_at(moov, 0, len(moov))
    assert top is not None
    assert child(moov, top, "mvex") is None
    with pytest.raises(BrokenRecording):
        video_track(moov, top)

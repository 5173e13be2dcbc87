"""Just enough of the ISO base media file format (ISO/IEC 14496-12) to find fragments and when they start."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from media.errors import BrokenRecording

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True)
class Mp4Box:
    """A box: its four-letter kind, where it starts, how long its header and the whole of it are."""

    kind: str
    start: int
    header: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size

    @property
    def body(self) -> int:
        return self.start + self.header


def box_at(data: Buffer, start: int, end: int) -> Mp4Box | None:
    """The whole box at ``start``; None where it is not all there. Raises ``BrokenRecording`` for a senseless size."""
    if end - start < 8:
        return None
    size, kind = struct.unpack_from(">I4s", data, start)
    header = 8
    if size == 1:
        if end - start < 16:
            return None
        size, header = struct.unpack_from(">Q", data, start + 8)[0], 16
    if size < header:
        raise BrokenRecording("录像文件的结构损坏")
    if start + size > end:
        return None
    return Mp4Box(kind.decode("latin-1"), start, header, size)


def boxes(data: Buffer, start: int = 0, end: int | None = None) -> Iterator[Mp4Box]:
    """The whole boxes one after another."""
    stop = len(data) if end is None else end
    while (box := box_at(data, start, stop)) is not None:
        yield box
        start = box.end


def child(data: Buffer, parent: Mp4Box, kind: str) -> Mp4Box | None:
    """The first child of that kind."""
    return next((box for box in boxes(data, parent.body, parent.end) if box.kind == kind), None)


def video_track(data: Buffer, moov: Mp4Box) -> tuple[int, int]:
    """As ``track_of``, for the pictures."""
    return track_of(data, moov, "vide")


def track_of(data: Buffer, moov: Mp4Box, kind: str) -> tuple[int, int]:
    """(track number, timescale) of the first track of ``kind``, ``vide`` or ``soun``; raises ``BrokenRecording``."""
    for trak in (box for box in boxes(data, moov.body, moov.end) if box.kind == "trak"):
        tkhd, mdia = child(data, trak, "tkhd"), child(data, trak, "mdia")
        hdlr = child(data, mdia, "hdlr") if mdia else None
        mdhd = child(data, mdia, "mdhd") if mdia else None
        if tkhd and hdlr and mdhd and bytes(data[hdlr.body + 8 : hdlr.body + 12]) == kind.encode():
            return _after_times(data, tkhd), _after_times(data, mdhd)
    raise BrokenRecording("录像文件里没有画面" if kind == "vide" else "录像文件里没有声音")


def _after_times(data: Buffer, box: Mp4Box) -> int:
    """The 32-bit number after the creation and modification times of a tkhd or mdhd."""
    version = data[box.body]
    return int(struct.unpack_from(">I", data, box.body + (20 if version == 1 else 12))[0])


def fragment_span(data: Buffer, moof: Mp4Box, track: int, timescale: int) -> tuple[float, float] | None:
    """(start, end) in seconds of a fragment's run of ``track`` (tfdt, trun); None where it holds nothing of that track.

    The end is the start where the run does not say how long its samples last.
    """
    for traf in (box for box in boxes(data, moof.body, moof.end) if box.kind == "traf"):
        tfhd, tfdt = child(data, traf, "tfhd"), child(data, traf, "tfdt")
        if tfhd and tfdt and struct.unpack_from(">I", data, tfhd.body + 4)[0] == track:
            layout = ">Q" if data[tfdt.body] == 1 else ">I"
            start = int(struct.unpack_from(layout, data, tfdt.body + 4)[0])
            trun = child(data, traf, "trun")
            return start / timescale, (start + (_lasts(data, trun) if trun else 0)) / timescale
    return None


def _lasts(data: Buffer, trun: Mp4Box) -> int:
    """The durations of a run together, where it has them sample by sample."""
    flags, count = struct.unpack_from(">II", data, trun.body)
    if not flags & 0x100:
        return 0
    begin = trun.body + 8 + 4 * bin(flags & 0x5).count("1")
    step = 4 * bin(flags & 0xF00).count("1")
    return sum(struct.unpack_from(">I", data, begin + step * number)[0] for number in range(count))

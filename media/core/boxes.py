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
    """(track number, timescale) of the first video track; raises ``BrokenRecording``."""
    for trak in (box for box in boxes(data, moov.body, moov.end) if box.kind == "trak"):
        tkhd, mdia = child(data, trak, "tkhd"), child(data, trak, "mdia")
        hdlr = child(data, mdia, "hdlr") if mdia else None
        mdhd = child(data, mdia, "mdhd") if mdia else None
        if tkhd and hdlr and mdhd and bytes(data[hdlr.body + 8 : hdlr.body + 12]) == b"vide":
            return _after_times(data, tkhd), _after_times(data, mdhd)
    raise BrokenRecording("录像文件里没有画面")


def _after_times(data: Buffer, box: Mp4Box) -> int:
    """The 32-bit number after the creation and modification times of a tkhd or mdhd."""
    version = data[box.body]
    return int(struct.unpack_from(">I", data, box.body + (20 if version == 1 else 12))[0])


def fragment_start(data: Buffer, moof: Mp4Box, track: int, timescale: int) -> float | None:
    """Seconds at which a fragment's run of ``track`` starts (tfdt); None where it holds nothing of that track."""
    for traf in (box for box in boxes(data, moof.body, moof.end) if box.kind == "traf"):
        tfhd, tfdt = child(data, traf, "tfhd"), child(data, traf, "tfdt")
        if tfhd and tfdt and struct.unpack_from(">I", data, tfhd.body + 4)[0] == track:
            layout = ">Q" if data[tfdt.body] == 1 else ">I"
            return float(struct.unpack_from(layout, data, tfdt.body + 4)[0] / timescale)
    return None

"""Fragments of an MP4 (ISO/IEC 14496-12, 8.8), made the moment they are complete.

FFmpeg's own muxer ends a fragment only when the first picture of the next one has come, which is a fragment more that
a kill can cost. Here each second ends with its last picture; the sound is then some hundredths of a second behind, and
what belongs to the second's end lies in the next fragment. Times in the tracks are absolute, so players do not mind.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from media.core.boxes import Mp4Box, boxes, track_of

KEY, BETWEEN = 0x02000000, 0x01010000
"""Sample flags: depends on no other; depends on others and is no place to begin at."""


@dataclass(frozen=True)
class Sample:
    """One picture or block of sound as it is stored; ``lasts`` in units of its track."""

    data: bytes
    lasts: int
    key: bool = True


@dataclass(frozen=True)
class Run:
    """Samples of one track that follow one another from ``start``, in units of the track."""

    track: int
    start: int
    samples: Sequence[Sample]


def length_prefixed(stream: bytes) -> bytes:
    """H.264 from start codes (Annex B) to lengths of four bytes (ISO/IEC 14496-15), as an MP4 stores it."""
    units = (unit.rstrip(b"\0") for unit in stream.split(b"\0\0\1"))
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units if unit)


def fragment(number: int, runs: Sequence[Run]) -> bytes:
    """``moof`` and ``mdat``; ``number`` counts from one."""
    size = 24 + sum(64 + 12 * len(run.samples) for run in runs)
    trafs, place = b"", size + 8
    for run in runs:
        trafs += _traf(run, place)
        place += sum(len(sample.data) for sample in run.samples)
    content = b"".join(sample.data for run in runs for sample in run.samples)
    return _box("moof", _box("mfhd", struct.pack(">II", 0, number)) + trafs) + _box("mdat", content)


def _traf(run: Run, place: int) -> bytes:
    tfhd = _box("tfhd", struct.pack(">II", 0x020000, run.track))  # offsets count from the moof
    tfdt = _box("tfdt", struct.pack(">IQ", 0x01000000, run.start))
    rows = b"".join(
        struct.pack(">III", sample.lasts, len(sample.data), KEY if sample.key else BETWEEN) for sample in run.samples
    )
    trun = _box("trun", struct.pack(">III", 0x000701, len(run.samples), place) + rows)
    return _box("traf", tfhd + tfdt + trun)


def _box(kind: str, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind.encode()) + body


class Fragments:
    """Collects samples and hands over each fragment with its start in seconds: with the first sample the header, then
    one a second.

    A fragment ends with the last picture of its second, or where that never came, before the next second's first. Each
    second must begin with a key picture.
    """

    def __init__(self, header: bytes, rate: int, store: Callable[[bytes, float], object]) -> None:
        """``header``: ``ftyp`` and ``moov`` of one video and one audio track; ``rate`` in pictures a second."""
        moov = _moov(header)
        self._video, timescale = track_of(header, moov, "vide")
        self._audio, self._tick = track_of(header, moov, "soun")
        self._unit, self._rate, self._store = timescale // rate, rate, store
        self._pictures: list[tuple[int, bytes, bool]] = []
        self._sounds: list[tuple[int, Sample]] = []
        self._made = 0
        self._until = 0
        self._header = header

    def picture(self, number: int, data: bytes, key: bool) -> None:
        """The picture number ``number`` of the file; lasts until the next one, or until the second ends."""
        self._begin()
        if self._pictures and self._pictures[0][0] // self._rate != number // self._rate:
            self._close(number)
        self._pictures.append((number, data, key))
        if (number + 1) % self._rate == 0:
            self._close(number + 1)

    def sound(self, position: int, data: bytes, lasts: int) -> None:
        """Sound from the sample ``position`` on."""
        self._begin()
        self._sounds.append((position, Sample(data, lasts)))

    def _begin(self) -> None:
        header, self._header = self._header, b""
        if header:
            self._store(header, 0.0)

    def end(self, until: int) -> None:
        """Hands over what is left; the last picture lasts until the number ``until``."""
        if self._pictures or self._sounds:
            self._close(until, ended=True)

    def _close(self, until: int, ended: bool = False) -> None:
        """Sound that is ahead of pictures which come late stays for the fragment that it belongs to."""
        end = until * self._tick // self._rate
        taken = [one for one in self._sounds if ended or one[0] < end]
        runs = [run for run in (self._seen(until), self._heard(taken)) if run is not None]
        start = self._pictures[0][0] if self._pictures else self._until
        self._pictures, self._sounds, self._until = [], self._sounds[len(taken) :], until
        self._made += 1
        self._store(fragment(self._made, runs), start / self._rate)

    def _seen(self, until: int) -> Run | None:
        if not self._pictures:
            return None
        numbers = [number for number, _, _ in self._pictures]
        lasts = [after - number for number, after in zip(numbers, [*numbers[1:], until], strict=True)]
        samples = [
            Sample(data, length * self._unit, key) for (_, data, key), length in zip(self._pictures, lasts, strict=True)
        ]
        return Run(self._video, numbers[0] * self._unit, samples)

    def _heard(self, taken: Sequence[tuple[int, Sample]]) -> Run | None:
        return Run(self._audio, taken[0][0], [sample for _, sample in taken]) if taken else None


def _moov(header: bytes) -> Mp4Box:
    return next(box for box in boxes(header) if box.kind == "moov")

"""The recordings of a call or a case in one file that any player opens, without encoding any of them again.

File time is the clock's time: where nobody recorded, a card stands for as long as that lasted, made by the recorder's
own encoder so that it fits the file's parameter sets. What lasted longer than ``LONGEST_GAP`` (the night between two
calls) is shown for ``SHORT_CARD`` seconds and says how long it was. Every part and every gap is a chapter.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from media.core.mixing import RATE
from media.encoding import Encoder
from media.errors import BrokenRecording
from media.parts import Parts
from media.pictures import from_rgb
from media.ports import Picture
from media.text import CAUTION, MUTED, sheet, write

SHORTEST_GAP, LONGEST_GAP = 0.3, 600.0
SHORT_CARD = 5.0
BEIJING = timezone(timedelta(hours=8))
MILLI = Fraction(1, 1000)


@dataclass(frozen=True)
class Part:
    """A whole recording, and when it began and ended by the service's clock."""

    source: Path | Parts[Any]
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True)
class Piece:
    """Where something lies in the joined file, in seconds. ``lacking``: how long nothing was recorded; 0 of a part."""

    start: float
    end: float
    title: str
    lacking: float = 0.0


@dataclass(frozen=True)
class Joined:
    """What was made. ``pieces`` cover the file from its beginning to its end."""

    seconds: float
    pieces: tuple[Piece, ...]

    @property
    def gaps(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.lacking)


def join(parts: Sequence[Part], target: Path) -> Joined:
    """Writes ``target``, an MP4. Raises ``BrokenRecording`` where there is nothing, or the parts have not the same
    format, and OSError."""
    ordered = sorted(parts, key=lambda part: part.started_at)
    if not ordered:
        raise BrokenRecording("没有录像可以拼接")
    with av.open(target, "w", format="mp4", options={"movflags": "faststart"}) as out:
        joining = _Joining(out)
        for number, part in enumerate(ordered):
            if number:
                joining.gap(ordered[number - 1].ended_at, part.started_at)
            title = f"第 {number + 1} 段 {_clock(part.started_at)}—{_clock(part.ended_at)}"
            joining.add(part.source, title)
        joining.mark()
    return Joined(round(float(joining.end), 3), tuple(joining.pieces))


@dataclass
class _Joining:
    out: OutputContainer
    end: Fraction = Fraction(0)
    pieces: list[Piece] = field(default_factory=list)
    _streams: dict[str, Stream] = field(default_factory=dict)
    _formats: dict[str, object] = field(default_factory=dict)
    _rate: int = 15

    def add(self, source: Path | Parts[Any] | io.BytesIO, title: str, lacking: float = 0.0) -> None:
        """Every packet of ``source``, behind what is there already."""
        start = self.end
        try:
            with av.open(source, "r") as container:
                self._require_same(container)
                self._copy(container, start)
        except av.FFmpegError as error:
            raise BrokenRecording(f"{title} 无法读取") from error
        self.pieces.append(Piece(float(start), float(self.end), title, lacking))

    def _require_same(self, container: InputContainer) -> None:
        for stream in (*container.streams.video[:1], *container.streams.audio[:1]):
            context = stream.codec_context
            found = (context.name, bytes(context.extradata or b""))
            if self._formats.setdefault(stream.type, found) != found:
                raise BrokenRecording("各段录像的画面或声音格式不同，不重新编码就拼不成一个文件")
            if stream.type not in self._streams:
                self._streams[stream.type] = self.out.add_stream_from_template(stream)
        if "video" not in self._streams:
            raise BrokenRecording("录像里没有画面")
        self._rate = round(container.streams.video[0].average_rate or self._rate)

    def _copy(self, container: InputContainer, start: Fraction) -> None:
        wanted = [*container.streams.video[:1], *container.streams.audio[:1]]
        for packet in container.demux(wanted):
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            base = packet.time_base
            shift = round(start / base)
            self.end = max(self.end, start + (packet.pts + (packet.duration or 0)) * base)
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            packet.stream = self._streams[packet.stream.type]
            self.out.mux(packet)

    def gap(self, since: datetime, until: datetime) -> None:
        """A card for the time in which nothing was recorded."""
        lacking = (until - since).total_seconds()
        if lacking < SHORTEST_GAP:
            return
        shown = lacking if lacking <= LONGEST_GAP else SHORT_CARD
        video = self._streams["video"]
        assert isinstance(video, VideoStream)
        words = f"此处没有录像：{_lasting(lacking)}"
        card = _card(video.width, video.height, words, f"{_clock(since)} — {_clock(until)}")
        self.add(io.BytesIO(_filmed(card, self._rate, shown, since)), words, lacking)

    def mark(self) -> None:
        """A chapter for each piece."""
        self.out.set_chapters(
            [
                {
                    "id": number,
                    "start": round(piece.start * 1000),
                    "end": round(piece.end * 1000),
                    "time_base": MILLI,
                    "metadata": {"title": piece.title},
                }
                for number, piece in enumerate(self.pieces, 1)
            ]
        )


def _filmed(card: Picture, rate: int, seconds: float, at: datetime) -> bytes:
    """The card for so long, with silence: a recording like any other."""
    film = bytearray()

    def keep(data: bytes, _: float) -> None:
        film.extend(data)

    encoder = Encoder(keep, card.width, card.height, rate, at)
    encoder.picture(card, 0)
    until = max(1, round(seconds * rate))
    for number in (*range(rate, until, rate), until):  # picture and sound side by side
        encoder.fill_sound(number * RATE // rate)
        encoder.fill_pictures(number)
    encoder.close()
    return bytes(film)


def _card(width: int, height: int, words: str, when: str) -> Picture:
    image, pen = sheet(width, height)
    size = max(12, height // 18)
    write(pen, (width / 2, height / 2 - size), words, size=size, colour=CAUTION, bold=True, anchor="mm", room=width)
    write(pen, (width / 2, height / 2 + size), when, size=size * 2 // 3, colour=MUTED, anchor="mm", room=width)
    return from_rgb(np.asarray(image, dtype=np.uint8))


def _clock(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _lasting(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} 秒"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} 小时 {minutes} 分 {rest} 秒" if hours else f"{minutes} 分 {rest} 秒"

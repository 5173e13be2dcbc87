"""Reads a recording back: decodes every picture and every sample, and holds it against its chain of segments.

``findings`` say that evidence is really lacking; ``advice`` is for a person to look at. Imports PyAV and numpy only, so
that the service can use it too.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
from av import AudioFrame, VideoFrame
from av.container import InputContainer

from media.core.chain import ZERO, Link, Segment, check, check_one, link
from media.decoded import frames, level, luma, picture_end, step_of, wave
from media.errors import BrokenRecording
from media.fragments import FragmentSink
from media.parts import Parts
from media.recovery import mapped, segments_of

LENGTHS_APART = 0.5
HOLE = 0.25
FROZEN, BLACK, SILENT = 5.0, 3.0, 10.0
DARK = 40
QUIET = 0.001


@dataclass(frozen=True)
class ReadBack:
    """What was found. Times in seconds; ``findings`` empty: the recording is whole."""

    duration_seconds: float
    frames: int
    video_codec: str
    audio_codec: str
    width: int
    height: int
    audio_seconds: float
    findings: tuple[str, ...]
    advice: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is lacking."""
        return not self.findings


@dataclass
class Stretches:
    """Collects the stretches of at least ``shortest`` seconds in which something held."""

    shortest: float
    found: list[tuple[float, float]] = field(default_factory=list)
    _since: float | None = None
    _until: float = 0.0

    def observe(self, start: float, end: float, holds: bool) -> None:
        """It held, or not, between ``start`` and ``end``."""
        if not holds:
            self.close()
            return
        self._since = start if self._since is None else self._since
        self._until = end

    def close(self) -> None:
        """Ends a stretch that runs."""
        if self._since is not None and self._until - self._since >= self.shortest:
            self.found.append((self._since, self._until))
        self._since = None


class _Pictures:
    def __init__(self) -> None:
        self.frames = self.corrupt = 0
        self.end = 0.0
        self.holes: list[float] = []
        self.frozen, self.black = Stretches(FROZEN), Stretches(BLACK)
        self._last: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None = None

    def take(self, frame: VideoFrame, step: float) -> None:
        start = frame.time or 0.0
        self.frames += 1
        self.corrupt += frame.is_corrupt
        if start - self.end > HOLE:
            self.holes.append(self.end)
        seen = luma(frame)[::2, ::2]
        same = self._last is not None and np.array_equal(seen, self._last)
        self.end = picture_end(frame, step)
        self.frozen.observe(start, self.end, bool(same))
        self.black.observe(start, self.end, int(seen.max()) < DARK)
        self._last = seen.copy()


class _Sound:
    def __init__(self) -> None:
        self.end = 0.0
        self.holes: list[float] = []
        self.silent = Stretches(SILENT)

    def take(self, frame: AudioFrame) -> None:
        start = frame.time or 0.0
        if start - self.end > HOLE:
            self.holes.append(self.end)
        self.end = start + frame.samples / frame.sample_rate
        self.silent.observe(start, self.end, level(wave(frame)) < QUIET)


def read_back(
    source: Path | bytes | Parts[Any], segments: Sequence[Segment], on_progress: Callable[[float], None] | None = None
) -> ReadBack:
    """Reads a whole recording; never raises for what is wrong with it. OSError where the file cannot be opened.

    ``on_progress`` is called about every second of picture with the seconds decoded so far.
    """
    pictures, sound = _Pictures(), _Sound()
    codecs: dict[str, str] = {}
    if isinstance(source, Parts):
        findings = _each_against_chain(source, segments)
    else:
        with _content(source) as content:
            findings = _against_chain(content, segments)
    try:
        with av.open(io.BytesIO(source) if isinstance(source, bytes) else source, "r") as container:
            width, height = _open_streams(container, codecs)
            findings += _decode(container, pictures, sound, on_progress)
    except (av.FFmpegError, ValueError, IndexError) as error:
        width = height = 0
        findings.append(f"录像无法读取（{type(error).__name__}）")
    findings += _judge(pictures, sound, codecs)
    return ReadBack(
        duration_seconds=round(pictures.end, 3),
        frames=pictures.frames,
        video_codec=codecs.get("video", ""),
        audio_codec=codecs.get("audio", ""),
        width=width,
        height=height,
        audio_seconds=round(sound.end, 3),
        findings=tuple(findings),
        advice=tuple(_advise(pictures, sound)),
    )


@contextmanager
def _content(source: Path | bytes) -> Iterator[memoryview]:
    if isinstance(source, bytes) or source.stat().st_size == 0:
        yield memoryview(source if isinstance(source, bytes) else b"")
        return
    with mapped(source) as view:
        yield view


def _against_chain(content: memoryview, segments: Sequence[Segment]) -> list[str]:
    findings = check(segments, content)
    if not segments:
        findings.append("没有分段清单")
    try:
        real = list(segments_of(content))
    except BrokenRecording as error:
        return [*findings, str(error)]
    return findings + _against_real(real, segments)


def _each_against_chain(parts: Parts[Any], segments: Sequence[Segment]) -> list[str]:
    """As ``_against_chain``, of one segment after another."""
    findings = [] if segments else ["没有分段清单"]
    previous, end = ZERO, 0
    real: list[Link] = []
    sink = FragmentSink(lambda data, start: real.append(link(real[-1] if real else None, data, start)))
    for number, item in enumerate(segments):
        data = parts.segment(number)
        findings += check_one(number, item, previous, end, data)
        previous, end = item.chain, item.offset + item.size
        try:
            sink.write(data)
        except BrokenRecording as error:
            return [*findings, str(error)]
    return findings + _against_real(real, segments)


def _against_real(real: Sequence[Segment], segments: Sequence[Segment]) -> list[str]:
    findings: list[str] = []
    wrong = [a.index for a, b in zip(real, segments, strict=False) if abs(a.start_seconds - b.start_seconds) > 0.001]
    if len(real) != len(segments):
        findings.append(f"文件有 {len(real)} 段，清单却列了 {len(segments)} 段")
    return findings + [f"第 {index} 段的开始时间与清单不符" for index in wrong]


def _open_streams(container: InputContainer, codecs: dict[str, str]) -> tuple[int, int]:
    width = height = 0
    for stream in container.streams:
        codecs.setdefault(stream.type, stream.codec_context.name if stream.codec_context else "")
    for video in container.streams.video[:1]:
        video.thread_type = "AUTO"
        width, height = video.width, video.height
    return width, height


def _decode(
    container: InputContainer, pictures: _Pictures, sound: _Sound, on_progress: Callable[[float], None] | None
) -> list[str]:
    step = step_of(container)
    bad = 0
    for frame in frames(container):
        if isinstance(frame, VideoFrame):
            pictures.take(frame, step)
            if on_progress and step and pictures.frames % round(1 / step) == 0:
                on_progress(pictures.end)
        elif isinstance(frame, AudioFrame):
            sound.take(frame)
        else:
            bad += 1
    return [f"有 {bad} 处无法解码"] if bad else []


def _judge(pictures: _Pictures, sound: _Sound, codecs: dict[str, str]) -> list[str]:
    findings = []
    if not pictures.frames:
        findings.append("没有画面" if "video" not in codecs else "画面一帧也解不出来")
    if not sound.end:
        findings.append("没有声音" if "audio" not in codecs else "声音一段也解不出来")
    if pictures.corrupt:
        findings.append(f"有 {pictures.corrupt} 帧画面损坏")
    if pictures.frames and sound.end and abs(pictures.end - sound.end) > LENGTHS_APART:
        findings.append(f"画面 {pictures.end:.1f} 秒，声音 {sound.end:.1f} 秒，长短不一")
    findings += [f"画面在 {_clock(at)} 处缺了一截" for at in pictures.holes]
    return findings + [f"声音在 {_clock(at)} 处缺了一截" for at in sound.holes]


def _advise(pictures: _Pictures, sound: _Sound) -> list[str]:
    advice = []
    for words, stretches in (
        ("画面静止", pictures.frozen),
        ("画面全黑", pictures.black),
        ("没有声音", sound.silent),
    ):
        stretches.close()
        advice += [f"{_clock(start)} 至 {_clock(end)} {words}" for start, end in stretches.found]
    return advice


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"

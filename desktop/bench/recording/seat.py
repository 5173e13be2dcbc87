"""A whole seat with four customers against FFmpeg doing the same work; and how late its loop is with six."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop.bench.recording import anchor
from desktop.bench.recording.anchor import FOUR
from media.errors import Unavailable
from media.lab.wholeseat import Load, load
from signing.commandline.bench.table import NotMeasured, Row, at_most

SIX = 6
TIMES, MOST_LATE_MS = 1.5, 10.0
LENGTH = 10.0
LEAST_PICTURES = 13.5
"""A second from each customer, of 15: a seat that gets fewer has less to do."""


@dataclass(frozen=True)
class Anchor:
    """Of FFmpeg, in processors: the ``work`` of a seat with FOUR customers, and ``reading_back`` what it recorded."""

    work: float
    reading_back: float


def rows(folder: Path, seconds: float, told: Callable[[str], None]) -> list[Row]:
    """Four calls and FFmpeg's runs."""
    four = _load(FOUR, seconds, told)
    whole = _load(FOUR, seconds, told, tracks=True)
    theirs = anchored(folder)
    work, back = 100 * theirs.work, 100 * theirs.reading_back
    told(f"ffmpeg 做同样的解码、合成和编码：{work:.0f} % 核，另加回读 {back:.1f} % 核")
    six = _load(SIX, seconds, told, tracks=True, lateness=True)
    alone = _load(SIX, seconds, told, voices=False, recorded=False, lateness=True)
    return table(four, whole, theirs, six, alone)


def anchored(folder: Path) -> Anchor:
    """FFmpeg's side."""
    return Anchor(anchor.share(folder, LENGTH), anchor.reading_back(folder, LENGTH))


def table(four: Load, whole: Load, theirs: Anchor, six: Load, alone: Load) -> list[Row]:
    """The goal counts the stage, sent, recorded encrypted and checked, against FFmpeg's work without reading back,
    which a row below adds. Each customer's own tracks, which FFmpeg does not keep, are in ``whole`` and in ``six``.
    """
    work = 100 * theirs.work
    return [
        at_most(f"整个坐席，{FOUR} 位客户，录制并发送", 100 * four.cores, work, TIMES, "% 核"),
        Row(f"整个坐席，{FOUR} 位客户，另存各位客户单独的音视频", 100 * whole.cores, "% 核", anchor=work),
        Row("其中边录边查（参照：ffmpeg 解码录像）", 100 * four.checking, "% 核", anchor=100 * theirs.reading_back),
        Row(
            f"事件循环迟到 p99，{SIX} 位客户，有声音和录像（参照：只有画面）", six.late_ms, "毫秒",
            f"≤ {MOST_LATE_MS:g}", six.late_ms <= MOST_LATE_MS, alone.late_ms,
        ),
        Row(f"整个坐席，{SIX} 位客户", 100 * six.cores, "% 核", anchor=100 * alone.cores),
    ]  # fmt: skip


def _load(
    customers: int,
    seconds: float,
    told: Callable[[str], None],
    *,
    voices: bool = True,
    recorded: bool = True,
    tracks: bool = False,
    lateness: bool = False,
) -> Load:
    try:
        found = load(customers, seconds, voices=voices, recorded=recorded, tracks=tracks, lateness=lateness)
    except Unavailable as error:
        raise NotMeasured(str(error)) from error
    refuse_too_few(found)
    what = "有声音、录像和单独的音视频" if tracks else "有声音和录像" if recorded else "只有画面"
    doubts = f"，录像检查：{'；'.join(found.doubts)}" if found.doubts else ""
    late = f"，循环迟到 p99 {found.late_ms:.1f} 毫秒" if lateness else ""
    told(f"{customers} 位客户，{what}：{100 * found.cores:.0f} % 核{late}{doubts}")
    return found


def refuse_too_few(found: Load) -> None:
    """Raises ``NotMeasured`` where the customers could not send what they should."""
    if found.pictures is not None and found.pictures < LEAST_PICTURES:
        words = f"电脑太忙：一位客户每秒只送到 {found.pictures:.1f} 幅画面，测出的用量会偏低"
        raise NotMeasured(words, "请在空闲的电脑上重测，或用 chrt -r 2 运行")

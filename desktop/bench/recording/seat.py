"""A whole seat with four customers against FFmpeg doing the same work; and how late its loop is with six."""

from collections.abc import Callable
from pathlib import Path

from desktop.bench.recording.footage import PICTURES, Footage, stage
from desktop.bench.recording.sides import ffmpeg, processor_seconds
from media.core.mixing import RATE
from media.encoding import ENCODER_OPTIONS, MUXER_OPTIONS
from media.errors import Unavailable
from media.lab.wholeseat import Load, load
from signing.commandline.bench.table import NotMeasured, Row, at_most

FOUR, SIX = 4, 6
RECEIVED = (640, 360)
TIMES, MOST_LATE_MS = 1.5, 10.0
LENGTH = 10.0
PLACES = ("0_0", "w0_0", "0_h0", "w0_h0")


def rows(folder: Path, seconds: float, told: Callable[[str], None]) -> list[Row]:
    """Two calls and FFmpeg's run."""
    four = _load(FOUR, seconds, told)
    anchor = ffmpegs_share(folder)
    told(f"ffmpeg 做同样的解码、合成和编码：{100 * anchor:.0f} % 核")
    six, alone = _load(SIX, seconds, told), _load(SIX, seconds, told, voices=False, recorded=False)
    return table(four, anchor, six, alone)


def table(four: Load, anchor: float, six: Load, alone: Load) -> list[Row]:
    """``anchor`` in processors, of FFmpeg."""
    return [
        at_most(f"整个坐席，{FOUR} 位客户，录制并发送", 100 * four.cores, 100 * anchor, TIMES, "% 核"),
        Row(
            f"事件循环迟到 p99，{SIX} 位客户，有声音和录像（参照：只有画面）", six.late_ms, "毫秒",
            f"≤ {MOST_LATE_MS:g}", six.late_ms <= MOST_LATE_MS, alone.late_ms,
        ),
        Row(f"整个坐席，{SIX} 位客户", 100 * six.cores, "% 核", anchor=100 * alone.cores),
    ]  # fmt: skip


def _load(
    customers: int, seconds: float, told: Callable[[str], None], *, voices: bool = True, recorded: bool = True
) -> Load:
    try:
        found = load(customers, seconds, voices=voices, recorded=recorded)
    except Unavailable as error:
        raise NotMeasured(str(error)) from error
    what = "有声音和录像" if recorded else "只有画面"
    doubts = f"，录像检查：{'；'.join(found.doubts)}" if found.doubts else ""
    told(f"{customers} 位客户，{what}：{100 * found.cores:.0f} % 核，循环迟到 p99 {found.late_ms:.1f} 毫秒{doubts}")
    return found


def ffmpegs_share(folder: Path) -> float:
    """Processor time a second of FFmpeg's command that does the same as the seat with FOUR customers."""
    footage = stage(folder, LENGTH, RECEIVED, people=1)
    received = [sent(footage, folder / f"received{index}.mp4") for index in range(FOUR)]
    return processor_seconds(command(received, folder)) / footage.seconds


def sent(footage: Footage, path: Path) -> Path:
    """As a customer sends it: H.264 of about half a megabit, and Opus."""
    width, height = footage.size
    processor_seconds(
        [
            ffmpeg(), "-nostdin", "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p",
            "-s", f"{width}x{height}", "-r", str(PICTURES), "-i", footage.pictures,
            "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", footage.sound,
            "-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-b:v", "500k",
            "-c:a", "libopus", "-b:a", "32k", path,
        ]
    )  # fmt: skip
    return path


def command(received: list[Path], folder: Path) -> list[str]:
    """Decodes four, puts them side by side at 720p, encodes that for the file and at 360p for the customers.

    The sound of four is mixed, once for the file and once for each customer. In real time, as the seat does it: a
    processor that waits in between works less well than one that does not.
    """
    options = [part for name, value in ENCODER_OPTIONS.items() for part in (f"-{name}:v", value)]
    muxer = [part for name, value in MUXER_OPTIONS.items() for part in (f"-{name}", value)]
    inputs = [part for path in received for part in ("-re", "-i", str(path))]
    ears = [f"[a{index}]" for index in range(FOUR)]
    sounds = "".join(f"[{index}:a]" for index in range(FOUR))
    graph = ";".join(
        [
            f"{''.join(f'[{index}:v]' for index in range(FOUR))}xstack=inputs={FOUR}:layout={'|'.join(PLACES)},"
            "split[large][small0]",
            f"[small0]scale={RECEIVED[0]}:{RECEIVED[1]}[small]",
            f"{sounds}amix=inputs={FOUR},asplit={FOUR + 1}[all]{''.join(ears)}",
        ]
    )
    voices = [part for index in range(FOUR) for part in _voice(ears[index], folder / f"ear{index}.ogg")]
    return [
        ffmpeg(), "-nostdin", "-y", "-v", "error", *inputs, "-filter_complex", graph,
        "-map", "[large]", "-map", "[all]", "-c:v", "libx264", *options, "-threads:v", "1",
        "-force_key_frames", "expr:gte(t,n_forced)", "-c:a", "aac", "-b:a", "64k", *muxer, str(folder / "file.mp4"),
        "-map", "[small]", "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-threads:v", "1",
        "-b:v", "600k", str(folder / "small.mp4"), *voices,
    ]  # fmt: skip


def _voice(label: str, path: Path) -> list[str]:
    return ["-map", label, "-c:a", "libopus", "-b:a", "32k", str(path)]

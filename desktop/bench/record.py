"""``pingqian bench record``: recording and stage in figures, each beside its anchor in the same run."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from signing.commandline.bench.queue import whole_number
from signing.commandline.bench.table import NotMeasured, Row

SECONDS, MINUTES, KILLS = 10.0, 30.0, 5
Part = Callable[[Path, argparse.Namespace], list[Row]]


class Record:
    name = "record"
    help = "录像：编码、合成、强行终止的损失、音画错开等，与 ffmpeg 等参照并列"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        parts = "、".join(f"{name} {title}" for name, (title, _) in PARTS.items())
        add(
            "--part",
            action="append",
            default=[],
            choices=list(PARTS),
            metavar="项",
            help=f"只测这一项，可写多次：{parts}",
        )
        add(
            "--seconds",
            type=_from(1, 300),
            default=SECONDS,
            metavar="秒",
            help=f"比较处理器用量时录多长（默认 {SECONDS:g}）",
        )
        add(
            "--minutes",
            type=_from(0.1, 120),
            default=MINUTES,
            metavar="分",
            help=f"测音画错开时录多长（默认 {MINUTES:g}，约需一分半）",
        )
        add("--kills", type=whole_number, default=KILLS, metavar="数量", help=f"强行终止的次数（默认 {KILLS}）")
        add("--seed", type=int, default=1, metavar="种子", help="抖动、丢帧和终止时刻的随机数种子")

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        """Raises ``NotMeasured`` without FFmpeg's command or the desktop extra."""
        out: list[Row] = []
        try:
            for name in arguments.part or PARTS:
                with tempfile.TemporaryDirectory(prefix="pingqian-bench-") as folder:
                    out += PARTS[name][1](Path(folder), arguments)
        except ImportError as error:
            raise NotMeasured("测量录像的组件没有装齐", '请先安装：pip install "pingqian[demo]"') from error
        return out


def _from(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"须在 {least:g} 到 {most:g} 之间")
        return value

    return number


def _encode(folder: Path, arguments: argparse.Namespace) -> list[Row]:
    from desktop.bench.recording.encode import rows

    return rows(folder, arguments.seconds, _told)


def _composite(folder: Path, arguments: argparse.Namespace) -> list[Row]:
    from desktop.bench.recording.composite import rows

    return rows(folder, arguments.seconds, _told)


def _killed(folder: Path, arguments: argparse.Namespace) -> list[Row]:
    from desktop.bench.recording.killed import rows

    return rows(folder, arguments.kills, arguments.seed, _told)


def _skew(folder: Path, arguments: argparse.Namespace) -> list[Row]:
    from desktop.bench.recording.skew import rows

    return rows(folder, arguments.minutes, arguments.seed, _told)


def _seat(folder: Path, arguments: argparse.Namespace) -> list[Row]:
    from desktop.bench.recording.seat import rows

    return rows(folder, arguments.seconds, _told)


def _fanout(folder: Path, arguments: argparse.Namespace) -> list[Row]:
    from desktop.bench.fanout import rows

    return rows(arguments.seconds, _told)


def _window(folder: Path, arguments: argparse.Namespace) -> list[Row]:
    from desktop.bench.recording.window import rows

    return rows(arguments.seconds, _told)


def _told(words: str) -> None:
    """A line for who waits."""
    print(words, file=sys.stderr, flush=True)


PARTS: Mapping[str, tuple[str, Part]] = {
    "encode": ("编码", _encode),
    "seat": ("整个坐席和事件循环", _seat),
    "fanout": ("分发给各位客户", _fanout),
    "composite": ("合成录像", _composite),
    "kill": ("强行终止", _killed),
    "skew": ("音画错开", _skew),
    "window": ("窗口里的画面", _window),
}
RECORD = Record()

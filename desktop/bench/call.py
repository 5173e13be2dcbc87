"""``pingqian bench call``: calls over emulated links, ours and Chromium's own in turn on the same link and seed."""

import argparse
import os
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from media.errors import Unavailable
from media.lab import linkfile
from signing.commandline.bench.queue import whole_number
from signing.commandline.bench.table import NotMeasured, Row

if TYPE_CHECKING:
    from media.lab.trial import Trial, Way

PHONE = Path(str(files("signing"))) / "web" / "phone"
SEEDS = 5
SECONDS = 20.0


class Call:
    name = "call"
    help = "音视频通话：在模拟的弱网上，本系统与 Chromium 自身的通话并列"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        own = "、".join(linkfile.built_in())
        links = f"自带的链路（{own}）或链路文件（TOML），可写多次；默认依次测全部自带的链路，约一小时"
        add("--link", action="append", default=[], metavar="链路", help=links)
        add(
            "--seeds",
            type=whole_number,
            default=SEEDS,
            metavar="数量",
            help=f"每条链路换几个随机数种子（默认 {SEEDS}）",
        )
        add("--seconds", type=_seconds, default=SECONDS, metavar="秒", help=f"每次测多久（默认 {SECONDS:g} 秒）")

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        """Raises ``NotMeasured`` without browser or desktop extra, on Windows, and for a link that cannot be."""
        if os.name == "nt":  # its sockets and pipes cannot be waited for together
            raise NotMeasured("模拟链路只能在 Linux 上运行", "请换一台 Linux 电脑测量")
        try:
            links = [linkfile.load(name) for name in arguments.link or linkfile.built_in()]
            return _measured(links, arguments.seeds, arguments.seconds)
        except Unavailable as error:
            raise NotMeasured(str(error)) from error
        except ImportError as error:
            raise NotMeasured("测量通话的组件没有装齐", '请先安装：pip install "pingqian[demo]"') from error


def _seconds(text: str) -> float:
    value = float(text)
    if not 3 <= value <= 600:
        raise argparse.ArgumentTypeError("须在 3 到 600 秒之间")
    return value


def _measured(links: list[linkfile.LinkFile], seeds: int, seconds: float) -> list[Row]:
    from desktop.bench.callrows import machine_rows, rows
    from media.lab.pages import browsing
    from media.lab.trial import Kind, trial

    out: list[Row] = []
    everything: list[Trial] = []
    with browsing(PHONE) as pages:
        for link in links:
            done: list[Trial] = []
            for seed in range(1, seeds + 1):
                for kind in Kind:
                    done.append(trial(kind, link, seed, seconds, pages))
                    print(f"{link.name} 种子 {seed} {told(done[-1])}", file=sys.stderr, flush=True)
            out += rows(link.name, done)
            everything += done
    return [*out, *machine_rows(everything)]


def told(trial: "Trial") -> str:
    """One call in a line, for who waits."""
    who = {"chromium": "Chromium↔Chromium", "ours": "Chromium↔坐席"}[trial.kind.value]
    trust = "" if trial.trusted else "（机器超载，不可信）"
    return f"{who}：手机→坐席 {_way(trial.up)}；坐席→手机 {_way(trial.down)}{trust}"


def _way(way: "Way") -> str:
    pictures, sound = way.pictures, way.sound
    return (
        f"{pictures.per_second:.1f} 帧/秒，冻结 {100 * pictures.frozen_share:.1f} %，画面晚 {_ms(pictures.delay_ms)}，"
        f"声音缺 {100 * sound.missing_share:.1f} %、晚 {_ms(sound.delay_ms)}，发送 {way.offered_kbps:.0f} kbit/s"
    )


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} 毫秒"


CALL = Call()

"""``pingqian bench crash``: the service is killed again and again under load, and nothing acknowledged may be lost."""

import argparse
import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from signing.commandline.bench.queue import database_of, whole_number
from signing.commandline.bench.table import Row

if TYPE_CHECKING:
    from signing.commandline.bench.load.crowd import Crowd
    from signing.commandline.bench.load.hammer import Account
    from signing.commandline.bench.load.reckoning import Reckoning

LONGEST_LIFE = 1.5
"""Seconds between a life's first acknowledged command and its end, at most: by then it is in the middle of things."""
AT_ONCE = 0.1
"""The share of lives that end while the service still puts right what the last one left."""
FIRST_SECONDS = 30.0


class Crash:
    name = "crash"
    help = "强行终止（kill -9）：服务在负载下被反复终止，已答复的事件一个不少"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("--kills", type=whole_number, default=100, metavar="数量", help="强行终止的次数（默认 100）")
        add("--database", default="", metavar="URL", help="空的 PostgreSQL 数据库（默认用临时目录里的 SQLite）")
        add("--postgres", action="store_true", help="临时启动一个 PostgreSQL 来测量")
        add("--seats", type=whole_number, default=4, metavar="数量", help="席位数（默认 4）")
        add("--customers", type=whole_number, default=12, metavar="数量", help="客户数（默认 12）")
        add("--seed", type=int, default=1, metavar="种子", help="终止时刻的随机数种子")

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        with tempfile.TemporaryDirectory(prefix="pingqian-bench-") as folder, database_of(arguments) as database:
            return killed(Path(folder), database, arguments)


def killed(folder: Path, database: str, arguments: argparse.Namespace) -> list[Row]:
    from signing.commandline.bench.load.crowd import gather
    from signing.commandline.bench.load.hammer import Account
    from signing.commandline.bench.load.process import serving
    from signing.commandline.bench.load.reckoning import reckon

    data, chance = folder / "data", random.Random(arguments.seed)  # noqa: S311 - repeatable on purpose
    seats, customers = arguments.seats, arguments.customers
    crowd = gather(data, database, branches=1, seats=seats, customers=customers, waiting=False)
    account, starts = Account(), []
    options = ["--database", database] if database else []
    for _ in range(arguments.kills):
        pause = None if chance.random() < AT_ONCE else chance.uniform(0, LONGEST_LIFE)
        starts.append(_one_life(data, options, crowd, account, pause))
    with serving(data, options):
        pass  # once more in peace: it starts, and it stops as it is asked to
    return _rows(account, reckon(data, database, crowd, account), arguments.kills, max(starts))


def _one_life(data: Path, options: list[str], crowd: "Crowd", account: "Account", pause: float | None) -> float:
    """→ how many seconds the service took to listen. ``pause`` None: killed at once."""
    from signing.commandline.bench.load.hammer import Hammer
    from signing.commandline.bench.load.process import serving

    before = time.monotonic()
    with serving(data, options) as process:
        started = time.monotonic() - before

        async def live() -> None:
            work = asyncio.create_task(Hammer(process.url, crowd, account).run())
            if pause is not None:
                await _first_answer(account, work)
                await asyncio.sleep(pause)
            await asyncio.to_thread(process.kill)
            await work

        asyncio.run(live())
    return started


async def _first_answer(account: "Account", work: "asyncio.Task[None]") -> None:
    """Waits for one more acknowledged command, but not for ever."""
    before, until = account.acknowledged, time.monotonic() + FIRST_SECONDS
    while account.acknowledged == before and time.monotonic() < until and not work.done():  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def _rows(account: "Account", found: "Reckoning", kills: int, slowest: float) -> list[Row]:
    return [
        Row("强行终止", float(kills), "次"),
        Row("已答复的指令", float(account.acknowledged), "个", "> 0", account.acknowledged > 0),
        Row("链上的事件", float(found.events), "个"),
        _none("丢失的已答复事件", found.lost),
        _none("重复的事件", found.doubled),
        _none("不完整的事件链", found.broken),
        _none("服务自身出错的答复", account.broken),
        Row("doctor 核对记录链", float(found.doctor), "次", "1", found.doctor),
        Row("最慢的一次启动", slowest, "秒"),
    ]


def _none(goal: str, times: int) -> Row:
    return Row(goal, float(times), "个", "0", times == 0)


CRASH = Crash()

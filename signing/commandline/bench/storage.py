"""``pingqian bench storage``: what keeping something costs, and whether it costs more after a year of cases.

The same questions are put to the same service twice: with a day's cases in its database, and with as many behind them
as ``--cases`` says. A year of ten thousand a day is 3,650,000; with fewer the figures show how costs grow, and a cost
that goes with the depth of an index grows by one more step from there to the year.
"""

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from signing.commandline.bench.table import Row, at_most

if TYPE_CHECKING:
    from signing.commandline.bench.questions import Office

BLOB_BYTES = 4_000_000
YEAR = 3_650_000
CASES = YEAR // 10
TIMES = 2.0


def _positive(text: str) -> int:
    """Raises ``ArgumentTypeError``."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"“{text}”应为 1 以上的整数")
    return int(text)


class Storage:
    name = "storage"
    help = "存储：一年的业务之后，各项操作比只有一天的业务时慢多少；写入文件与直接写盘相比"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add(
            "--cases",
            type=_positive,
            default=CASES,
            metavar="数量",
            help=f"库里的业务数（默认 {CASES}；一整年为 {YEAR}）",
        )
        add("--events", type=int, default=40, metavar="数量", help="每笔业务的事件数（默认 40）")
        add("--rounds", type=int, default=15, metavar="数量", help="每项重复的次数（默认 15）")
        add("--database", default="", metavar="URL", help="PostgreSQL 空库的地址（默认临时目录里的 SQLite）")
        add("--blobs-only", action="store_true", help="只测写入文件")

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        with tempfile.TemporaryDirectory(prefix="pingqian-bench-") as folder:
            rows = [] if arguments.blobs_only else _year_rows(Path(folder), arguments)
            return [*rows, _blob_row(Path(folder), arguments.rounds)]


def milliseconds(act: Callable[[int], object], rounds: int) -> float:
    """The median of ``rounds`` runs; each is told its number."""
    taken = []
    for number in range(rounds):
        before = time.perf_counter()
        act(number)
        taken.append(time.perf_counter() - before)
    return median(taken) * 1000


def _year_rows(folder: Path, arguments: argparse.Namespace) -> list[Row]:
    from signing.commandline.bench.questions import opened_office

    with opened_office(folder / "data", arguments.database) as office:
        office.fill_day()
        before = _asked(office, arguments.rounds)
        office.fill_year(arguments.cases, arguments.events, _told)
        after = _asked(office, arguments.rounds)
    return [at_most(goal, after[goal], before[goal], TIMES, "毫秒") for goal in before]


def _asked(office: "Office", rounds: int) -> dict[str, float]:
    found = {}
    for goal, question in office.questions().items():
        milliseconds(question, 3)  # so that neither side pays for what is done once
        found[goal] = milliseconds(question, rounds)
    return found


def _told(done: int) -> None:
    if done % 10_000 == 0:
        print(f"已放入 {done} 笔", file=sys.stderr, flush=True)


def _blob_row(folder: Path, rounds: int) -> Row:
    """A blob put durably and encrypted, beside a bare file written and fsynced."""
    from signing.adapters.blobs import FolderBlobs

    data = [secrets.token_bytes(BLOB_BYTES) for _ in range(rounds)]
    key = secrets.token_bytes(32)
    blobs = FolderBlobs(folder / "blobs", lambda _: key)
    bare = milliseconds(lambda number: _write(folder / f"bare-{number}", data[number]), rounds)
    ours = milliseconds(lambda number: blobs.put("case_bench", data[number]), rounds)
    return at_most("写入 4 MB 文件（加密、落盘）", ours, bare, 4, "毫秒")


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


STORAGE = Storage()

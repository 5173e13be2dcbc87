"""``pingqian bench storage``: what keeping something costs, beside the bare operation of the machine."""

import argparse
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from signing.commandline.bench.table import Row, at_most

BLOB_BYTES = 4_000_000


class Storage:
    name = "storage"
    help = "存储：写入一份文件与直接写盘相比"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--rounds", type=int, default=15, metavar="N", help="每项重复的次数（默认 15）")

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        with tempfile.TemporaryDirectory(prefix="pingqian-bench-") as folder:
            return [_blob_row(Path(folder), arguments.rounds)]


def milliseconds(act: Callable[[int], object], rounds: int) -> float:
    """The median of ``rounds`` runs; each is told its number."""
    taken = []
    for number in range(rounds):
        before = time.perf_counter()
        act(number)
        taken.append(time.perf_counter() - before)
    return median(taken) * 1000


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

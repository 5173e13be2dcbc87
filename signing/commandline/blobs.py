"""``pingqian blobs``: move a service's files to another place, or read all of them back; every digest is checked."""

import argparse
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from signing.adapters.blob_place import CREDENTIALS, FOLDER, how_to_give, open_objects, open_source, record, recorded
from signing.adapters.blobs import Objects, SealedBlobs, place_of
from signing.commandline.serve import DEFAULT_DATA, locked
from signing.commandline.user import opened
from signing.domain.errors import InputError, SigningError

WORKERS = 4
"""Each holds one file in memory."""
_TOLD_EVERY = 500
_LISTED = 20


@dataclass
class Tally:
    """What was done so far; ``faults`` name the file and say what is wrong with it."""

    files: int = 0
    size: int = 0
    copied: int = 0
    faults: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, size: int, *, copied: bool) -> None:
        with self._lock:
            self.files += 1
            self.size += size
            self.copied += copied
            if self.files % _TOLD_EVERY == 0:
                print(f"已核对 {self.files} 份，{self.size / 1e9:.2f} GB", file=sys.stderr, flush=True)

    def fault(self, name: str, words: str) -> None:
        with self._lock:
            self.faults.append(f"{name}：{words}")


def copy(source: SealedBlobs, target: Objects) -> Tally:
    """Every sealed file as it is, then read back from ``target``, opened and its digest compared.

    What is there already is read back too. A fault in one file stops none of the others.
    """
    tally = Tally()

    def one(name: str) -> None:
        copied = not target.has(name)
        if copied:
            sealed = source.objects.get(name)
            source.opened(*place_of(name), sealed)
            target.put(name, sealed)
        tally.add(len(source.opened(*place_of(name), target.get(name))), copied=copied)

    _for_each(source.objects.names(), one, tally)
    return tally


def check(blobs: SealedBlobs) -> Tally:
    """Reads every file, opens it and compares its digest."""
    tally = Tally()
    _for_each(blobs.objects.names(), lambda name: tally.add(len(blobs.get(*place_of(name))), copied=False), tally)
    return tally


def _for_each(names: Iterator[str], act: Callable[[str], None], tally: Tally) -> None:
    def one(name: str) -> None:
        try:
            act(name)
        except SigningError as error:
            tally.fault(name, error.message)

    with ThreadPoolExecutor(WORKERS) as workers:
        for _ in workers.map(one, names):
            pass


class BlobsCommand:
    name = "blobs"
    help = "搬迁或核对服务保存的文件"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        moving = actions.add_parser("copy", help="把全部文件复制到另一处，并逐份读回核对摘要（服务可以在运行）")
        moving.add_argument("--from", dest="origin", default="", metavar="地址", help="默认为数据目录现在的存放处")
        moving.add_argument("--to", required=True, metavar="地址", help="s3://存储桶/前缀，或一个目录")
        moving.add_argument("--switch", action="store_true", help="全部无误后，服务改用新的存放处（须先停止服务）")
        checking = actions.add_parser("check", help="读出每一份文件，核对摘要")
        for action in (moving, checking):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")
            action.add_argument(
                "--objects-file", type=Path, metavar="文件", help="对象存储的访问密钥（默认从环境变量或数据目录读）"
            )

    def run(self, arguments: argparse.Namespace) -> int:
        """Exit 1 where a file is not what it was; nothing is switched then."""
        with opened(arguments.data, objects_file=arguments.objects_file) as app:
            blobs = app.services.blobs
            assert isinstance(blobs, SealedBlobs)
            if arguments.action == "check":
                return _said(check(blobs), "已核对")
            return _copy(arguments, blobs)


def _copy(arguments: argparse.Namespace, blobs: SealedBlobs) -> int:
    data, to = arguments.data, arguments.to
    source = blobs
    if arguments.origin:
        source = SealedBlobs(open_source(arguments.origin, data, arguments.objects_file), blobs.key_of)
    if to.rstrip("/") == (recorded(data) or str(data / FOLDER)):
        raise InputError("要复制到的地方就是现在的存放处", "请用 --to 给出另一处")
    if arguments.switch and "://" not in to:
        raise InputError("只能改用对象存储", "目录里的副本可以作为备份")
    with locked(data) if arguments.switch else nullcontext():
        code = _said(copy(source, open_objects(to, data, arguments.objects_file)), "已复制并核对")
        if arguments.switch and code == 0:
            record(data, to)
            print(f"服务今后使用 {to}；原来的文件没有删除，确认无误后可自行移走")
            if arguments.objects_file is not None and not (data / CREDENTIALS).exists():
                print(f"今后的命令也要用到访问密钥：请{how_to_give(data)}")
    return code


def _said(tally: Tally, done: str) -> int:
    new = f"，其中新复制 {tally.copied} 份" if tally.copied else ""
    print(f"{done} {tally.files} 份文件，{tally.size / 1e9:.2f} GB{new}")
    for fault in tally.faults[:_LISTED]:
        print(f"✗ {fault}", file=sys.stderr)
    if tally.faults:
        print(f"有 {len(tally.faults)} 份文件有问题，请先查明", file=sys.stderr)
    return 1 if tally.faults else 0


BLOBS = BlobsCommand()

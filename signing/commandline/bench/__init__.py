"""``pingqian bench``: our figures beside their anchors, measured in the same run on the same machine.

A subject is an object with ``name``, ``help``, ``configure(parser)`` and ``measure(arguments) -> rows``. Its module
imports what is heavy inside ``measure``: every subject is loaded to list them.
"""

import argparse
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from typing import Protocol

from signing.commandline.bench.table import Row, as_json, as_text

SUBJECTS: Sequence[str] = (
    "signing.commandline.bench.storage:STORAGE",
    "signing.commandline.bench.queue:QUEUE",
    "signing.commandline.bench.crash:CRASH",
    "signing.commandline.bench.seal:SEAL",
    "signing.commandline.bench.phone:PHONE",
    "desktop.bench.call:CALL",
    "desktop.bench.record:RECORD",
)


class Subject(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def help(self) -> str: ...

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def measure(self, arguments: argparse.Namespace) -> list[Row]:
        """What was measured. Raises ``SigningError`` where it could not be tried."""
        ...


class Bench:
    name = "bench"
    help = "测量本机的各项性能指标，并与参照值并列"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        subjects = parser.add_subparsers(title="测量", metavar="测量", required=True)
        for where in SUBJECTS:
            subject: Subject = EntryPoint(where, where, "").load()
            child = subjects.add_parser(subject.name, help=subject.help, description=subject.help)
            subject.configure(child)
            child.add_argument("--json", action="store_true", help="以 JSON 输出")
            child.set_defaults(subject=subject)

    def run(self, arguments: argparse.Namespace) -> int:
        """Exit 1 where a target is missed."""
        subject: Subject = arguments.subject
        rows = subject.measure(arguments)
        print(as_json(rows) if arguments.json else as_text(rows))
        return 1 if any(row.met is False for row in rows) else 0


BENCH = Bench()

"""``pingqian archive``: how long the time-stamps of closed packages hold, and renewing them now."""

import argparse
import asyncio
from collections.abc import Iterator
from pathlib import Path

from signing.bootstrap import App
from signing.commandline.export import case_id_of
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.archive import ArchiveRecord
from signing.domain.beijing import BEIJING
from signing.service.commands import SYSTEM
from signing.service.handlers.archiving import Renewed
from signing.service.seal_commands import RenewArchives
from signing.service.store import Unit

SHOWN = 50


class ArchiveCommand:
    name = "archive"
    help = "查看证据包的归档时间戳到哪一年，现在就续期"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        listing = actions.add_parser("list", help="各年到期的证据包有多少，哪些没有续成；有没续成的返回 1")
        renew = actions.add_parser("renew", help="现在续期：到期前一年以内的全部，或所给的业务")
        for action in (listing, renew):
            action.add_argument("case", nargs="*", metavar="业务编号", help="只看、只续这些业务")
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        """Raises ``SigningError``."""
        with opened(arguments.data) as app:
            if arguments.action == "renew":
                return _renew(app, arguments.case)
            with app.services.db.read() as unit:
                rows = _rows(unit, arguments.case) if arguments.case else unit.archives.failing(SHOWN)
                lines = [_line(unit, row) for row in rows]
                ends = unit.archives.by_year()
            if not arguments.case:
                print("\n".join(_overview(ends)))
            print("\n".join(lines) if lines else "没有续期失败的证据包")
            return 1 if any(row.reason for row in rows) else 0


def _rows(unit: Unit, cases: list[str]) -> list[ArchiveRecord]:
    return unit.archives.several([case_id_of(unit, said) for said in cases])


def _overview(ends: dict[int | None, int]) -> Iterator[str]:
    yield f"已封存的证据包 {sum(ends.values()):,} 个；归档时间戳的证书到期前一年起，服务自动续期"
    for year in sorted(ends, key=lambda one: one or 0):
        yield f"  {'还没有查看' if year is None else f'{year} 年到期'}\t{ends[year]:,} 个"


def _line(unit: Unit, row: ArchiveRecord) -> str:
    until = "到期日未知" if row.until is None else f"至 {row.until.astimezone(BEIJING):%Y-%m-%d}"
    told = f"{unit.cases.get(row.case_id).case_no}\t续期 {row.renewals} 次，{until}"
    return f"{told}\t没有续成（{row.tries} 次）：{row.reason}" if row.reason else told


def _renew(app: App, cases: list[str]) -> int:
    with app.services.db.read() as unit:
        chosen = tuple(row.case_id for row in _rows(unit, cases))
    done, failed = 0, dict[str, str]()
    while True:
        renewed: Renewed = asyncio.run(app.bus.execute(RenewArchives(SYSTEM, chosen)))
        done, failed = done + len(renewed.done), failed | renewed.failed
        for row in renewed.done:
            with app.services.db.read() as unit:
                print(_line(unit, row), flush=True)
        if not renewed.left:
            break
    for case_id, reason in failed.items():
        with app.services.db.read() as unit:
            print(f"{unit.cases.get(case_id).case_no}\t{reason}")
    print(f"续期 {done} 个，没有续成 {len(failed)} 个" if done or failed else "现在没有需要续期的证据包")
    return 1 if failed else 0


ARCHIVE = ArchiveCommand()

"""``pingqian figures``: the figures of a day or several, on the screen or as a workbook, from the own store."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from signing.bootstrap import App
from signing.commandline.institution import name_of
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.errors import InputError
from signing.domain.whynot import why
from signing.service.commands import SYSTEM, Actor
from signing.service.figure_sheets import sheets_of
from signing.service.figures import OUTSIDER, FiguresSnapshot, figures


class FiguresCommand:
    name = "figures"
    help = "一天或几天的经营数字，可导出 XLSX"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("institution", metavar="机构编号", help="见 pingqian branch list")
        parser.add_argument("--day", default="", metavar="日期", help="哪一天，如 2026-12-01（默认今天）")
        parser.add_argument("--until", default="", metavar="日期", help="到哪一天为止（含），与 --day 一起给")
        parser.add_argument("--xlsx", type=Path, metavar="文件", help="写成 XLSX 文件，不覆盖已有的")
        parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        """Raises ``SigningError``. What leaves as a file is on the access log first."""
        if arguments.until and not arguments.day:
            raise InputError("只给了 --until", "请同时用 --day 给出开始日期")
        with opened(arguments.data) as app:
            name_of(app, arguments.institution)
            who = replace(SYSTEM, institution_id=arguments.institution)
            found = figures(app.services, who, _day(arguments.day), _day(arguments.until))
            if arguments.xlsx is None:
                print("\n".join(_lines(found)))
            else:
                _write(app, who, found, arguments.xlsx)
        return 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError(f"“{text}”不是日期", "请写成 2026-12-01 这样") from None


def _write(app: App, who: Actor, found: FiguresSnapshot, target: Path) -> None:
    data = app.services.tables.write(sheets_of(found))
    with app.services.db.write() as unit:
        said = f"命令行导出 {found.span.first} 至 {found.span.last}"
        unit.logs.record_view(who, app.services.clock.now(), "figures", "", said)
    try:
        with target.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise InputError(f"无法写入 {target}（{why(error)}）", "请换一个文件名") from None
    print(f"已写成 {target}")


def _lines(found: FiguresSnapshot) -> Iterator[str]:
    total, before = found.total, found.before
    assert before is not None
    yield f"{found.institution}　{found.span.first} 至 {found.span.last}"
    yield f"笔数 {total.cases}（上期 {before.cases}）　人次 {total.served}（上期 {before.served}）"
    yield f"金额 {total.amount:,.2f} 元（上期 {before.amount:,.2f}）　平均通话 {_time(total.average_talk)}"
    level = "－" if total.level is None else f"{total.level:.0%}"
    yield f"来客 {total.arrivals}　放弃 {total.left}　平均等候 {_time(total.average_wait)}　服务水平 {level}"
    for key, one in found.branches.items():
        yield f"\t{found.names.get(key, OUTSIDER)}\t笔数 {one.cases}\t金额 {one.amount:,.2f}\t接通 {one.served}"
    for (_, _, _, cause), count in found.refusals.items():
        yield f"\t{cause[0]}：{cause[1]}\t{count} 笔"


def _time(seconds: float | None) -> str:
    return "－" if seconds is None else f"{int(seconds) // 60}:{int(seconds) % 60:02}"


FIGURES = FiguresCommand()

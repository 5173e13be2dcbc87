"""``pingqian import``: the roster 名册, lists 名单 and the LPR from CSV or XLSX; ``roster import`` as before."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from signing.bootstrap import App
from signing.commandline.institution import name_of
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.errors import InputError
from signing.domain.imports import LIST_COLUMNS, LPR_COLUMNS, ROSTER_COLUMNS
from signing.domain.imports.base import Column
from signing.domain.whynot import why
from signing.service.commands import SYSTEM
from signing.service.import_tables import TABLE_TITLES, ImportReport, ImportTable, TableKind

COLUMNS: dict[TableKind, tuple[Sequence[Column], str]] = {
    TableKind.ROSTER: (ROSTER_COLUMNS, "额度以元为单位；有效期当日仍有效。名册里已有的人按文件更新，其余的人不动。"),
    TableKind.LIST: (LIST_COLUMNS, "证件号码是身份证号或统一社会信用代码；有效期、备注可不填。名单整份按文件替换。"),
    TableKind.LPR: (LPR_COLUMNS, "利率是百分数，如 3.45；按日期从早到晚排列。已有的日期按文件更正，其余不动。"),
}


class ImportCommand:
    name = "import"
    help = "导入名册、名单、LPR（CSV 或 XLSX）"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        kinds = parser.add_subparsers(title="种类", metavar="种类", dest="kind", required=True)
        for kind in TableKind:
            words = f"导入{TABLE_TITLES[kind]}；先核对整个文件，有一行不对就一行也不导入"
            configure_kind(kinds.add_parser(kind.value, help=words, description=words, epilog=described(kind)), kind)

    def run(self, arguments: argparse.Namespace) -> int:
        return run(arguments, TableKind(arguments.kind))


class RosterCommand:
    """The older spelling of ``import roster``."""

    name = "roster"
    help = "导入整村授信名册（同 import roster）"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        words = "从 CSV 或 XLSX 文件导入；先核对整个文件，有一行不对就一行也不导入"
        reading = actions.add_parser("import", help=words, description=words, epilog=described(TableKind.ROSTER))
        configure_kind(reading, TableKind.ROSTER)

    def run(self, arguments: argparse.Namespace) -> int:
        return run(arguments, TableKind.ROSTER)


def described(kind: TableKind) -> str:
    columns, rule = COLUMNS[kind]
    return f"第一行是列名：{'，'.join(f'{one.key} 或 {one.title}' for one in columns)}。{rule}"


def configure_kind(parser: argparse.ArgumentParser, kind: TableKind) -> None:
    parser.add_argument("file", type=Path, metavar="文件", help="CSV（UTF-8 或 GB 18030）或 XLSX 文件")
    every = "；不给则导入到每家机构" if kind is TableKind.LPR else ""
    parser.add_argument(
        "--institution",
        required=kind is not TableKind.LPR,
        default="",
        metavar="编号",
        help=f"机构编号，见 pingqian branch list{every}",
    )
    if kind is TableKind.LIST:
        parser.add_argument("--name", required=True, metavar="名称", help="名单的名称，如 上杭县乡村振兴名单")
        parser.add_argument("--kind", required=True, dest="list_kind", metavar="种类", help="种类，如 乡村振兴名单")
        parser.add_argument("--update", action="store_true", help="只增加和更正，不删去文件里没有的成员")
    if kind is TableKind.ROSTER:
        parser.add_argument("--replace", action="store_true", help="删去文件里没有的人")
    parser.add_argument("--check", action="store_true", help="只核对并报告，不导入")
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")


def run(arguments: argparse.Namespace, kind: TableKind) -> int:
    """0: imported, or would be. 1: the file has bad rows. Raises ``SigningError``."""
    command = _command(arguments, kind, read_file(arguments.file))
    with opened(arguments.data) as app:
        target = _target(app, command)
        report: ImportReport = asyncio.run(app.bus.execute(replace(command, check=True)))
        if report.faults:
            print("\n".join(faults_in_words(arguments.file, report)))
            return 1
        if not command.check:
            report = asyncio.run(app.bus.execute(command))
    print(in_words(report, target))
    return 0


def read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"不能读取 {path}（{why(error)}）", "请检查路径") from None


def _target(app: App, command: ImportTable) -> str:
    """``“龙岩农信社”的名单“上杭县乡村振兴名单”``. Raises ``NotFound``."""
    if not command.institution_id:
        return f"各家机构的{TABLE_TITLES[command.kind]}"
    name = name_of(app, command.institution_id)
    return f"“{name}”的{TABLE_TITLES[command.kind]}{f'“{command.list_name}”' if command.list_name else ''}"


def _command(arguments: argparse.Namespace, kind: TableKind, data: bytes) -> ImportTable:
    changes = {TableKind.ROSTER: {"replace": getattr(arguments, "replace", None)}}
    changes[TableKind.LIST] = {"replace": not getattr(arguments, "update", False)}
    return ImportTable(
        SYSTEM,
        kind,
        data,
        arguments.institution,
        getattr(arguments, "name", ""),
        getattr(arguments, "list_kind", ""),
        check=arguments.check,
        **changes.get(kind, {}),
    )


def faults_in_words(path: Path, report: ImportReport) -> list[str]:
    rows = len({fault.row for fault in report.faults})
    head = f"{path} 共 {report.rows} 行，有 {rows} 行不对，没有导入任何一行"
    return [head, *map(str, report.faults), "请改正后重新导入"]


def in_words(report: ImportReport, target: str) -> str:
    counts = f"新增 {report.added}，更正 {report.changed}，删去 {report.removed}，相同 {report.unchanged}"
    did = "已导入" if report.applied else "核对无误，尚未导入；将导入"
    return f"{did} {report.rows} 行到{target}：{counts}\n文件摘要 SHA-256：{report.sha256}"


IMPORT = ImportCommand()
ROSTER = RosterCommand()

"""``pingqian roster``: the village roster 整村授信, brought in from a table."""

import argparse
import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.beijing import BEIJING
from signing.domain.errors import InputError, NotFound
from signing.domain.idcard import is_valid
from signing.service.ports import Household

COLUMNS = {
    "id_number": "身份证号",
    "name": "姓名",
    "village": "村",
    "line": "授信额度",
    "valid_until": "有效期",
}
LARGEST_FILE = 64 << 20
_LINE = re.compile(r"\d{1,12}(\.\d{1,2})?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class RosterCommand:
    name = "roster"
    help = "导入整村授信名册"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        words = "从 CSV 文件导入；先核对整个文件，有一行不对就一行也不导入"
        columns = "第一行是列名：" + "，".join(f"{name} {called}" for name, called in COLUMNS.items())
        epilog = f"{columns}。额度以元为单位；有效期如 2027-12-31，当日仍有效。名册里已有的人按文件更新。"
        reading = actions.add_parser("import", help=words, description=words, epilog=epilog)
        reading.add_argument("file", type=Path, metavar="文件", help="CSV 文件，UTF-8 或 GBK")
        reading.add_argument("--institution", required=True, metavar="编号", help="机构编号，见 pingqian branch list")
        reading.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        """Raises ``InputError`` naming every bad line, ``NotFound``."""
        households = read_roster(arguments.file)
        with opened(arguments.data) as app, app.services.db.write() as unit:
            try:
                institution = unit.people.institution(arguments.institution)
            except NotFound as error:
                raise NotFound(error.message, "请用 pingqian branch list 查看机构编号") from None
            for household in households:
                unit.people.save_household(institution.institution_id, household)
        print(f"已导入 {len(households)} 户到“{institution.name}”的名册")
        return 0


def read_roster(path: Path) -> list[Household]:
    """Raises ``InputError`` with a line for each bad row; it repeats no personal data."""
    rows = list(_rows(path))
    bad, found, first = [], [], dict[str, int]()
    for number, row in rows:
        faults = _faults(row)
        earlier = first.setdefault(row["id_number"].upper(), number)
        if earlier != number:
            faults.append(f"身份证号与第 {earlier} 行重复")
        if faults:
            bad.append(f"第 {number} 行：{'，'.join(faults)}")
        else:
            found.append(_household(row))
    if bad:
        raise InputError("\n".join([f"{path} 有 {len(bad)} 行不对，没有导入任何一行", *bad]), "请改正后重新导入")
    if not found:
        raise InputError(f"{path} 里没有名册内容", "请从第二行起每户一行")
    return found


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number in the file and the row's values by column; empty lines are passed over."""
    reader = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        lacking = [f"{name}（{called}）" for name, called in COLUMNS.items() if name not in (reader.fieldnames or ())]
        if lacking:
            raise InputError(f"{path} 的第一行缺少列：{'、'.join(lacking)}", f"列名应为 {','.join(COLUMNS)}")
        for row in reader:
            yield reader.line_num, {name: (row[name] or "").strip() for name in COLUMNS}
    except csv.Error:
        raise InputError(f"{path} 第 {reader.reader.line_num} 行不是正确的 CSV", "请检查这一行的引号") from None


def _text(path: Path) -> str:
    """Spreadsheets in China write GBK as often as UTF-8."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"{path} 太大", "请分成几个文件导入")
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"不能读取 {path}（{error.strerror}）", "请检查路径") from None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InputError(f"{path} 不是 UTF-8 或 GBK 编码的文本", "请另存为 CSV 后重试")


def _faults(row: Mapping[str, str]) -> list[str]:
    faults = [] if is_valid(row["id_number"]) else ["身份证号（id_number）不正确"]
    for name in ("name", "village"):
        if not 0 < len(row[name]) <= 60 or not row[name].isprintable():
            faults.append(f"{COLUMNS[name]}（{name}）应为 1 到 60 个字")
    if not _LINE.fullmatch(row["line"]) or Decimal(row["line"]) == 0:
        faults.append("授信额度（line）应为大于 0 的数，至多两位小数")
    if _day(row["valid_until"]) is None:
        faults.append("有效期（valid_until）应为 2027-12-31 这样的日期")
    return faults


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _household(row: Mapping[str, str]) -> Household:
    last = datetime.combine(date.fromisoformat(row["valid_until"]), time(23, 59, 59), BEIJING)
    line = Decimal(row["line"]).quantize(Decimal("0.01"))
    return Household(row["id_number"].upper(), row["name"], row["village"], line, last.astimezone(UTC))


ROSTER = RosterCommand()

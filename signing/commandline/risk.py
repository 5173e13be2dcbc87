"""``pingqian risk``: an institution's risk rules, checked, listed and set on the service's own machine."""

import argparse
import asyncio
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from signing.adapters.risk_file import read_settings
from signing.bootstrap import App
from signing.commandline.institution import name_of
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.errors import InputError
from signing.domain.risk.catalogue import RULES
from signing.domain.risk.model import OUTCOME_TITLES, STAGE_TITLES, Outcome
from signing.domain.risk.rule import Rule
from signing.domain.risk.settings import DEFAULTS, Setting, Settings, as_toml
from signing.domain.whynot import why
from signing.service.commands import SYSTEM, SetRiskRules

HEADINGS = ("规则", "名称", "何时", "结果", "数值")


class RiskCommand:
    name = "risk"
    help = "检查、列出、设置各机构的风险规则"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        words = "检查风险规则的配置，并列出各机构在用的规则；给出文件时只检查文件"
        check = actions.add_parser("check", help=words, description=words)
        check.add_argument("file", type=Path, metavar="文件", nargs="?", help="要检查的 TOML 文件")
        words = "打印一家机构全部规则的 TOML（没有设置的为默认值），可作为自己文件的底稿"
        show = actions.add_parser("show", help=words, description=words)
        words = "按 TOML 文件设置一家机构的风险规则（只写与默认不同的部分）；有一处错误就什么都不改"
        setting = actions.add_parser("set", help=words, description=words)
        setting.add_argument("file", type=Path, metavar="文件", help="TOML 文件")
        for action in (show, setting):
            action.add_argument(
                "--institution", required=True, metavar="编号", help="机构编号，见 pingqian branch list"
            )
        for action in (check, show, setting):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        """``check``: 1 where a configuration is wrong. Raises ``SigningError``."""
        if arguments.action == "check" and arguments.file is not None:
            return _check_file(arguments.file)
        with opened(arguments.data) as app:
            if arguments.action == "check":
                return _check(app)
            name_of(app, arguments.institution)
            if arguments.action == "show":
                with app.services.db.read() as unit:
                    print(as_toml(unit.risk.settings(arguments.institution)), end="")
            else:
                text = _text(arguments.file)
                read_settings(f"{arguments.file} ", text)  # names the file where it is wrong
                asyncio.run(app.bus.execute(SetRiskRules(SYSTEM, arguments.institution, text)))
                print("已设置，从下一步操作起生效")
        return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"不能读取 {path}（{why(error)}）", "请检查路径") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} 不是 UTF-8 编码的文本", "请另存为 UTF-8 后重试") from None


def _check_file(path: Path) -> int:
    text = _text(path)
    try:
        settings = read_settings(f"{path} ", text)
    except InputError as error:
        print(f"{error.message}。{error.hint}")
        return 1
    print("\n".join(table(settings)))
    return 0


def _check(app: App) -> int:
    with app.services.db.read() as unit:
        houses = sorted({branch.institution_id for branch in unit.people.branches()})
        named = {house: unit.people.institution(house).name for house in houses}
    wrong = 0
    for house in houses:
        print(f"{named[house]}（{house}）")
        try:
            with app.services.db.read() as unit:
                print("\n".join(table(unit.risk.settings(house))))
        except InputError as error:
            wrong += 1
            print(f"{error.message}。{error.hint}")
        print()
    if not houses:
        print("还没有机构，以下是默认的规则")
        print("\n".join(table(DEFAULTS)))
    return 1 if wrong else 0


# --- the table ----------------------------------------------------------------------------------------------------


def table(settings: Settings) -> Iterator[str]:
    """A line a rule, in columns; what differs from the defaults is marked with ``*``."""
    rows = [HEADINGS, *(_row(rule, settings[rule.key]) for rule in RULES)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(HEADINGS))]
    for row in rows:
        yield "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(rule: Rule, setting: Setting) -> Sequence[str]:
    mark = "" if setting == DEFAULTS[rule.key] else " *"
    stages = "、".join(STAGE_TITLES[stage] for stage in rule.stages)
    return (f"{rule.key}{mark}", rule.title, stages, _outcome(setting), "，".join(_numbers(rule, setting)))


def _outcome(setting: Setting) -> str:
    if not setting.on:
        return "已关闭"
    refers = setting.outcome is Outcome.REFER
    return OUTCOME_TITLES[setting.outcome] + (f"，停在{STAGE_TITLES[setting.blocks]}" if refers else "")


def _numbers(rule: Rule, setting: Setting) -> Iterator[str]:
    for number in rule.numbers:
        value = setting.numbers[number.key]
        yield f"{number.title} {'未设' if value is None else f'{value:,}'}"


def _width(text: str) -> int:
    """In columns of a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


RISK = RiskCommand()

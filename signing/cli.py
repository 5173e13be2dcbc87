"""``pingqian``: one table of sub-commands. Other packages add theirs through the entry points ``pingqian.commands``.

A command is an object with ``name``, ``help``, ``configure(parser)`` and ``run(arguments) -> exit code``. Exit codes:
0 done, 1 the answer is no, 2 could not be tried.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

from signing.commandline.parser import Parser
from signing.domain.errors import SigningError, StorageFull
from signing.domain.whynot import why

GROUP = "pingqian.commands"

BUILT_IN: Sequence[tuple[str, str, str]] = (
    ("serve", "signing.commandline.serve:SERVE", "启动服务"),
    ("branch", "signing.commandline.branch:BRANCH", "建立、列出机构、网点和席位；设置和暂停排队"),
    ("import", "signing.commandline.tables:IMPORT", "导入名册、名单、LPR（CSV 或 XLSX）"),
    ("roster", "signing.commandline.tables:ROSTER", "导入整村授信名册（同 import roster）"),
    ("user", "signing.commandline.user:USER", "管理工作人员账号"),
    ("case", "signing.commandline.case:CASE", "开立、查看业务"),
    ("keys", "signing.commandline.keys:KEYS", "轮换、列出主密钥"),
    ("figures", "signing.commandline.figures:FIGURES", "一天或几天的经营数字，可导出 XLSX"),
    ("seals", "signing.commandline.seals:SEALS", "登记、列出、绘制、停用印章，查看用印记录"),
    ("standin", "signing.commandline.standin:STAND_IN", "启动认证机构或时间戳服务的替身，试 signing.toml"),
    ("risk", "signing.commandline.risk:RISK", "检查、列出、设置各机构的风险规则"),
    ("core-key", "signing.commandline.core_key:CORE_KEY", "签发、列出、撤销信贷系统的接口密钥"),
    ("webhooks", "signing.commandline.webhooks:WEBHOOKS", "登记、停用回调地址，查看和重发通知"),
    ("voices", "signing.commandline.voices:VOICES", "列出、合成客户手机页面的朗读；换成自己录的声音"),
    ("openapi", "signing.commandline.openapi:OPENAPI", "写出全部 HTTP 接口的 OpenAPI 说明"),
    ("doctor", "signing.commandline.doctor:DOCTOR", "检查本机环境"),
    ("verify", "signing.evidence.command:VERIFY", "离线核验证据包"),
    ("archive", "signing.commandline.archive:ARCHIVE", "查看、续期证据包的归档时间戳"),
    ("export", "signing.commandline.export:EXPORT", "导出证据包"),
    ("simulate", "signing.commandline.simulate:SIMULATE", "推演排队等候时间"),
    ("blobs", "signing.commandline.blobs:BLOBS", "搬迁或核对服务保存的文件"),
    ("bench", "signing.commandline.bench:BENCH", "测量性能指标"),
    ("templates", "signing.adapters.documents.commands:TEMPLATES", "检查文书模板和产品文件"),
    ("products", "signing.adapters.documents.commands:PRODUCTS", "列出产品目录"),
)
"""Name, where its command object is, and its help: modules are loaded only when their command is used."""

_EXTENSIONS = {"demo": "演示：服务、坐席窗口、客户链接一次备好；或无人值守走完全程"}
"""Help of our own commands in other packages, so that listing them does not import Qt."""

_EXTRAS = {"desktop": "desktop", "media": "desktop"}


class CliCommand(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def help(self) -> str: ...

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


class NotLoadable(Exception):
    """Raised where the module of a command cannot be imported; the message says what to install."""


def _sources() -> dict[str, tuple[EntryPoint, str]]:
    """Every command's name → where it is loaded from, and its help. The table above wins over entry points."""
    found = {point.name: (point, _EXTENSIONS.get(point.name, "由扩展提供")) for point in entry_points(group=GROUP)}
    found |= {name: (EntryPoint(name, where, GROUP), words) for name, where, words in BUILT_IN}
    return found


def load(point: EntryPoint) -> CliCommand:
    try:
        command: CliCommand = point.load()
    except (ImportError, AttributeError) as error:
        package = point.value.split(".")[0]
        extra = "demo" if point.name == "demo" else _EXTRAS.get(package)
        missing = getattr(error, "name", None) or package
        fix = f'请先安装：pip install "pingqian[{extra}]"' if extra else "请重新安装 pingqian"
        raise NotLoadable(f"命令 {point.name} 需要的组件 {missing} 没有安装或不完整。{fix}") from error
    return command


def build_parser(chosen: str | None) -> argparse.ArgumentParser:
    """Only the ``chosen`` command's module is loaded; the others are listed by name. Raises ``NotLoadable``."""
    parser = Parser(prog="pingqian", description="屏签：屏对屏面签服务")
    commands = parser.add_subparsers(title="命令", metavar="命令", required=True)
    for name, (point, words) in sorted(_sources().items()):
        if name != chosen:
            commands.add_parser(name, help=words)
            continue
        command = load(point)
        child = commands.add_parser(name, help=command.help, description=command.help)
        command.configure(child)
        child.set_defaults(run=command.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """The entry point; returns the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    try:
        parsed = build_parser(chosen).parse_args(arguments)
        return int(parsed.run(parsed))
    except NotLoadable as error:
        return _fail(str(error))
    except StorageFull as error:
        return _fail(f"{error.message}。请腾出磁盘空间后再运行一次")
    except SigningError as error:
        return _fail("。".join(part for part in (error.message, error.hint) if part))
    except OSError as error:
        return _fail(_refused(error))
    except KeyboardInterrupt:
        return 130


def _refused(error: OSError) -> str:
    """What no command has told in better words of its own."""
    where = error.filename2 or error.filename
    if where is None or isinstance(where, int):
        return f"没有完成（{why(error)}）"
    return f"{os.fsdecode(where)} 不能使用（{why(error)}）。请检查路径和权限"


def _fail(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

"""``pingqian core-key``: the credit system's keys for ``/api/core/v1``."""

import argparse
import asyncio
from datetime import datetime
from pathlib import Path

from signing.bootstrap import App
from signing.commandline.institution import looked_up
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.beijing import BEIJING
from signing.service.commands import SYSTEM
from signing.service.core_commands import AddCoreKey, IssuedKey, RevokeCoreKey


class CoreKeyCommand:
    name = "core-key"
    help = "签发、列出、撤销信贷系统的接口密钥"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        words = "签发密钥；只显示这一次。同一系统可有两个有效密钥：先签发新的，换上后再撤销旧的"
        add = actions.add_parser("add", help=words, description=words)
        add.add_argument("--institution", required=True, metavar="编号", help="机构编号，见 pingqian branch list")
        add.add_argument("--name", required=True, metavar="名称", help="系统名称，如 信贷系统")
        add.add_argument(
            "--allow", action="append", default=[], metavar="网段", help="只允许从这里使用，如 10.1.0.0/16；可重复"
        )
        listing = actions.add_parser("list", help="列出密钥的编号、状态和最近使用时间")
        revoke = actions.add_parser("revoke", help="撤销密钥，立即生效")
        revoke.add_argument("key", metavar="密钥编号", help="见 pingqian core-key list")
        for action in (add, listing, revoke):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        """Raises ``SigningError``."""
        with opened(arguments.data) as app:
            {"add": _add, "list": _list, "revoke": _revoke}[arguments.action](app, arguments)
        return 0


def _add(app: App, arguments: argparse.Namespace) -> None:
    command = AddCoreKey(SYSTEM, arguments.institution, arguments.name, tuple(arguments.allow))
    with looked_up():
        issued: IssuedKey = asyncio.run(app.bus.execute(command))
    print(f"编号\t{issued.key_id}\n密钥\t{issued.key}")
    print("密钥只显示这一次，请立即交给系统管理人员妥善保存")


def _list(app: App, arguments: argparse.Namespace) -> None:
    with app.services.db.read() as unit:
        keys = unit.core.keys()
    for key in keys:
        used = (
            "从未使用"
            if key.last_used_at is None
            else f"最近使用 {key.last_used_at.astimezone(BEIJING):%Y-%m-%d %H:%M}"
        )
        state = "有效" if key.revoked_at is None else f"{key.revoked_at.astimezone(BEIJING):%Y-%m-%d %H:%M} 撤销"
        print(f"{key.key_id}\t{key.institution_id}\t{key.name}\t{state}\t{used}\t{key.allowed or '不限来源'}")
    if not keys:
        print("还没有密钥，请用 pingqian core-key add 签发")


def _minute(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def _revoke(app: App, arguments: argparse.Namespace) -> None:
    asyncio.run(app.bus.execute(RevokeCoreKey(SYSTEM, arguments.key)))
    print(f"已撤销 {arguments.key}")


CORE_KEY = CoreKeyCommand()

"""``pingqian keys``: the key-encryption keys that everything at rest hangs on."""

import argparse
import sys
from pathlib import Path

from signing.adapters import keyfile
from signing.adapters.database import rotation
from signing.adapters.keys import Keyring
from signing.bootstrap import App
from signing.commandline.serve import DEFAULT_DATA
from signing.commandline.user import opened
from signing.domain.beijing import BEIJING


class KeysCommand:
    name = "keys"
    help = "轮换、列出保护数据的主密钥"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        actions = parser.add_subparsers(title="操作", metavar="操作", dest="action", required=True)
        listing = actions.add_parser("list", help="列出主密钥，以及各自保护着多少把数据密钥")
        rotating = actions.add_parser("rotate", help="换用新的主密钥（服务可以在运行；中断后再次运行即继续）")
        destroying = actions.add_parser("destroy", help="彻底删除一把已退役的主密钥；轮换前的备份从此打不开")
        destroying.add_argument("key", metavar="编号", help="主密钥编号，见 pingqian keys list")
        for action in (listing, rotating, destroying):
            action.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help="服务的数据目录")

    def run(self, arguments: argparse.Namespace) -> int:
        with opened(arguments.data) as app:
            keyring = Keyring(arguments.data / keyfile.NAME)
            if arguments.action == "list":
                return _list(app, keyring)
            if arguments.action == "rotate":
                return _rotate(app, keyring)
            rotation.destroy(app.engine, keyring, arguments.key)
            print(f"已删除 {arguments.key}，其保护的旧备份不能再打开")
            return 0


def _list(app: App, keyring: Keyring) -> int:
    used = rotation.in_use(app.engine)
    for kek in keyring.keks:
        state = "现用" if kek == keyring.current else "已退役" if kek.retired_at else "待退役"
        made = kek.made_at.astimezone(BEIJING)
        print(f"{kek.key_id}\t{state}\t{made:%Y-%m-%d %H:%M}\t保护 {used.get(kek.key_id, 0)} 把数据密钥")
    return 0


def _rotate(app: App, keyring: Keyring) -> int:
    def told(done: int, whole: int) -> None:
        print(f"已换 {done}/{whole}", file=sys.stderr, flush=True)

    done = rotation.rotate(app.engine, keyring, told)
    print(f"已换用 {keyring.current.key_id}，重新保护 {done} 把数据密钥；请立即备份 {keyfile.NAME}")
    return 0


KEYS = KeysCommand()

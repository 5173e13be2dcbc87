"""The options of ``serve`` about STUN and TURN."""

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from signing.domain.errors import InputError
from signing.domain.whynot import why

if TYPE_CHECKING:
    from signing.web.ice import Ice

STUN = re.compile(r"stun:[\w.\-]+(:\d{1,5})?")
TURN = re.compile(r"(turn:[\w.\-]+(:\d{1,5})?(\?transport=(udp|tcp))?|turns:[\w.\-]+(:\d{1,5})?(\?transport=tcp)?)")
FORMS = "turn:turn.example.cn:3478（UDP）、turn:turn.example.cn:3478?transport=tcp 或 turns:turn.example.cn:443（TLS）"
SHORTEST_SECRET = 16
_STUN_HINT = "请写成 stun:turn.example.cn:3478，用域名或 IPv4 地址，坐席不认 IPv6 地址；TURN 中继请用 --turn"


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    add = parser.add_argument
    add("--ice", action="append", default=[], metavar="URL", help="STUN 服务器地址，可重复")
    add(
        "--turn",
        action="append",
        default=[],
        metavar="URL",
        help="TURN 中继地址，如 turn:turn.example.cn:3478?transport=udp，可重复，先写的优先",
    )
    add("--turn-secret-file", type=Path, metavar="文件", help="与 coturn 的 static-auth-secret 相同的密钥")


def ice_of(arguments: argparse.Namespace) -> "Ice":
    """Raises ``InputError`` for an address that phones cannot use, and where the secret is missing or weak."""
    from signing.web.ice import Ice

    for url in arguments.ice:
        if not STUN.fullmatch(url):
            raise InputError(f"--ice {url} 不是 STUN 地址", _STUN_HINT)
    for url in arguments.turn:
        if not TURN.fullmatch(url):
            hint = f"请写成 {FORMS}，用域名或 IPv4 地址"
            raise InputError(f"--turn {url} 不是 TURN 地址", hint)
    if not arguments.turn:
        return Ice(arguments.ice)
    return Ice(arguments.ice, arguments.turn, _secret(arguments.turn_secret_file))


def _secret(path: Path | None) -> bytes:
    if path is None:
        raise InputError("--turn 要和 --turn-secret-file 一起给", "文件里写与 coturn 的 static-auth-secret 相同的密钥")
    try:
        if os.name != "nt" and path.stat().st_mode & 0o007:
            raise InputError(f"密钥文件 {path} 其他用户也能读", f"请运行 chmod 600 {path}，文件归运行服务的用户所有")
        secret = path.read_bytes().strip()
    except OSError as error:
        raise InputError(f"不能读取 {path}（{why(error)}）", "请检查 --turn-secret-file 的路径和权限") from None
    if len(secret) < SHORTEST_SECRET:
        message = "请用 openssl rand -hex 32 生成，写进文件，并写进 coturn 的 static-auth-secret"
        raise InputError(f"{path} 里的密钥太短，至少 {SHORTEST_SECRET} 个字符", message)
    return secret

"""``pingqian standin ca|tsa``: a CA or time-stamping authority to try ``signing.toml`` with, marked as a stand-in."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from signing.domain.errors import InputError
from signing.domain.whynot import why

if TYPE_CHECKING:
    from signing.adapters.standin.ca import StandInCa

FAULTS = {
    "timeout": "应答太迟",
    "wrong_digest": "签的是另一个摘要",
    "refused": "拒绝",
    "half": "应答中断",
    "garbage": "应答不是应答",
    "other_request": "答的是别的请求",
}
LATE = 60.0
"""Seconds that the fault ``timeout`` waits: longer than any service does."""
PORTS = {"ca": 8601, "tsa": 8602}


class StandInCommand:
    name = "standin"
    help = "启动认证机构或时间戳服务的替身，用来试 signing.toml；没有任何法律效力"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        kinds = parser.add_subparsers(title="替身", metavar="替身", dest="kind", required=True)
        words = {"ca": "认证机构：收摘要，还签名（POST /sign，GET /certificate）", "tsa": "时间戳服务：RFC 3161"}
        for kind, said in words.items():
            add = kinds.add_parser(kind, help=said, description=said).add_argument
            add("--listen", default=f"127.0.0.1:{PORTS[kind]}", metavar="地址", help="监听的地址和端口，默认只听本机")
            add("--folder", type=Path, required=True, metavar="目录", help="密钥和证书放在哪里；两个替身可以共用")
            add("--fault", choices=sorted(FAULTS), default="", help="、".join(f"{k} {v}" for k, v in FAULTS.items()))
            add("--token-file", type=Path, metavar="文件", help="来访者须出示的口令（Bearer）")

    def run(self, arguments: argparse.Namespace) -> int:
        """Serves until it is interrupted. Raises ``InputError``."""
        from signing.adapters.standin.ca import StandInCa

        host, port = _address(arguments.listen)
        ca = StandInCa.open(arguments.folder)
        ca.fault, ca.late, ca.token = arguments.fault, LATE, _token(arguments.token_file)
        (arguments.folder / ROOT).write_bytes(ca.root_pem)
        try:
            server = ca.server(host, port, lambda line: print(line, flush=True))
        except OSError as error:
            raise InputError(f"不能监听 {arguments.listen}（{why(error)}）", "请换一个端口") from error
        _say(arguments, ca, server.server_port)
        with server:
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                print("替身已停止", flush=True)
        return 0


ROOT = "trust-root.pem"


def _say(arguments: argparse.Namespace, ca: "StandInCa", port: int) -> None:
    host = arguments.listen.rpartition(":")[0]
    url = f"http://{host}:{port}"
    table = {"ca": f'[seal]\nkind = "remote"\nurl = "{url}"', "tsa": f'[tsa]\nurl = "{url}"'}[arguments.kind]
    token = '\ntoken_file = "standin.token"' if ca.token else ""
    root = (arguments.folder / ROOT).resolve()
    print("这是替身：由它签发的印章和时间戳没有任何法律效力，各处都会标明“替身”。")
    if ca.fault:
        print(f"故障：{FAULTS[ca.fault]}")
    print(f"正在监听 {url}；把下面的内容写进数据目录的 signing.toml，然后重启服务：\n")
    print(f'{table}{token}\n\n[trust]\nroots = ["{root}"]\n', flush=True)


def _address(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"([\w.\-]+):(\d{1,5})", text)
    if not found or int(found[2]) > 65535:
        raise InputError(f"--listen {text} 不是地址和端口", "请写成 127.0.0.1:8601")
    return found[1], int(found[2])


def _token(path: Path | None) -> str:
    try:
        return path.read_text().strip() if path else ""
    except OSError as error:
        raise InputError(f"不能读取 {path}（{why(error)}）", "请检查 --token-file") from error


STAND_IN = StandInCommand()

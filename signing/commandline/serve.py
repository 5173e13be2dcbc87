"""``pingqian serve``: the service on one machine, from a data folder that only one process may use."""

import argparse
import fcntl
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from signing.commandline import relays
from signing.domain.errors import ConflictError, InputError, NotFound
from signing.domain.whynot import why

if TYPE_CHECKING:
    from signing.bootstrap import App
    from signing.service.services import Services
    from signing.web.ice import Ice

DEFAULT_DATA = Path("pingqian-data")
LISTENING = "服务已启动："
"""What the line begins with that ends in the service's own address; others wait for it."""
EMPTY = "目录写错了的，请用 --data 改正；第一次使用的，请先运行 pingqian branch add 建立机构和网点"


@contextmanager
def locked(data: Path, *, shared: bool = False) -> Iterator[None]:
    """Holds the data folder for this process, or together with others that share it.

    Raises ``ConflictError`` where another has it for itself, ``InputError``.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (data / "serve.lock").open("a")
    except OSError as error:
        raise InputError(f"数据目录 {data} 不能写入（{why(error)}）", "请换一个目录，或调整目录权限") from None
    with file:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            raise ConflictError(
                f"数据目录 {data} 正被另一个服务使用", "请先停止那个服务，或用 --data 换一个目录"
            ) from None
        yield


def listening(host: str, port: int) -> socket:
    """Raises ``ConflictError`` where the port is taken, ``InputError`` where the address is not ours."""
    from signing.web.server import bind

    try:
        return bind(host, port)
    except OverflowError:
        raise InputError(f"端口 {port} 不在 0 到 65535 之间", "请用 --port 换一个端口") from None
    except OSError as error:
        message = f"不能在 {host}:{port} 上监听（{why(error)}）"
        raise ConflictError(message, "请用 --port 换一个端口，或停止占用它的程序") from None


def address_in_words(scheme: str, host: str, sock: socket) -> str:
    """The URL to print; a wildcard address is shown as this machine's own."""
    port = sock.getsockname()[1]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - recognised, not bound
    return f"{scheme}://{f'[{shown}]' if ':' in shown else shown}:{port}"


class Serve:
    name = "serve"
    help = "启动服务"

    def configure(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        add("--host", default="127.0.0.1", metavar="地址", help="监听的地址，局域网用 0.0.0.0（默认 127.0.0.1）")
        add("--port", type=int, default=8000, metavar="端口", help="监听的端口，0 表示任选（默认 8000）")
        add("--data", type=Path, default=DEFAULT_DATA, metavar="目录", help=f"数据目录（默认 {DEFAULT_DATA}）")
        add(
            "--database",
            default="",
            metavar="URL",
            help="数据库地址（默认读环境变量 PINGQIAN_DATABASE，再默认用 SQLite）",
        )
        add("--objects", default="", metavar="URL", help="文件存放处 s3://存储桶/前缀（默认在数据目录里）")
        add("--objects-file", type=Path, metavar="文件", help="对象存储的访问密钥（默认从环境变量 AWS_… 读）")
        add("--base-url", default="", metavar="URL", help="客户链接用的地址（默认为监听的地址）")
        add("--no-notify", action="store_true", help="多台服务共用 PostgreSQL 时不用 NOTIFY，只按秒查询")
        add("--demo", action="store_true", help="放入演示数据；短信等外部系统用有标记的替身")
        add("--tls-cert", type=Path, metavar="PEM", help="服务器证书（含中间证书）")
        add("--tls-key", type=Path, metavar="PEM", help="服务器证书的私钥")
        add("--tls-demo", action="store_true", help="自动生成演示用的局域网根证书和服务器证书")
        add("--behind-tls", action="store_true", help="前面的代理已提供 HTTPS")
        add("--proxy", default="", metavar="地址", help="信任其 X-Forwarded-For 的代理地址，多个用逗号分开")
        relays.configure(parser)

    def run(self, arguments: argparse.Namespace) -> int:
        """Runs until SIGTERM or SIGINT. Raises ``SigningError`` before it listens."""
        _check_tls(arguments)
        checked_base_url(arguments.base_url)
        ice = relays.ice_of(arguments)
        if not arguments.demo:
            _require_made(arguments.data)
        with _held(arguments), listening(arguments.host, arguments.port) as sock:
            _serve(arguments, sock, ice)
        return 0


def _require_made(data: Path) -> None:
    """A mistyped name makes no second, empty service. Raises ``NotFound``."""
    from signing.adapters import keyfile

    if data.exists() and not data.is_dir():
        raise InputError(f"{data} 不是目录", "请用 --data 指定服务的数据目录")
    keyfile.require(data)
    if not keyfile.exists(data):
        raise NotFound(f"{data} 里没有服务的数据，没有启动，也没有建立任何文件", EMPTY)


def _held(arguments: argparse.Namespace) -> AbstractContextManager[None]:
    """Services on PostgreSQL share their data folder: its key, and the files where they lie in it."""
    from signing.adapters.database.engine import is_shared
    from signing.adapters.database.place import address_of

    return locked(arguments.data, shared=is_shared(address_of(arguments.data, arguments.database)))


def _check_tls(arguments: argparse.Namespace) -> None:
    if (arguments.tls_cert is None) != (arguments.tls_key is None):
        raise InputError("--tls-cert 和 --tls-key 要一起给", "请补上另一个")
    if arguments.tls_demo and arguments.tls_cert is not None:
        raise InputError("--tls-demo 不能与 --tls-cert 一起用", "请只用其中一种")
    for path in (arguments.tls_cert, arguments.tls_key):
        if path is not None and not path.is_file():
            raise InputError(f"没有找到文件 {path}", "请检查路径")


def checked_base_url(url: str) -> str:
    """As it is. Raises ``InputError`` for one that a phone would not open as a link."""
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise InputError(f"地址 {url} 不完整", "请写成 https://sign.example.cn 这样，以 https:// 开头")
    return url


def _serve(arguments: argparse.Namespace, sock: socket, ice: "Ice") -> None:
    from signing.adapters.blob_place import require_reachable
    from signing.bootstrap import build, seed_demo
    from signing.config import Settings
    from signing.web import logs
    from signing.web.app import create_app
    from signing.web.routes.demo import ROOT_PATH
    from signing.web.server import Server, settings

    logs.configure()
    certificate, key, root = _tls_files(arguments)
    url = address_in_words("https" if certificate else "http", arguments.host, sock)
    app = build(
        Settings(
            arguments.data,
            arguments.database,
            arguments.base_url or url,
            arguments.objects,
            arguments.objects_file,
            notify=not arguments.no_notify,
            demo=arguments.demo,
        )
    )
    require_reachable(app.services.blobs)
    if root:
        print(f"演示用根证书的下载地址：{app.settings.base_url}{ROOT_PATH}", file=sys.stderr, flush=True)
    if arguments.demo:
        seed_demo(app)
    else:
        require_signing_for_ours(app)
        _warn_of_demo_accounts(app)
        _warn_of_an_empty_folder(app)
    fastapi = create_app(app, secure=certificate is not None or arguments.behind_tls, ice=ice, demo_root=root)
    hub = fastapi.state.web.hub
    server = Server(settings(fastapi, certificate, key, arguments.proxy), hub, lambda: _ready(url, app.services))
    server.run([sock])


def require_signing_for_ours(app: "App") -> None:
    """Raises ``InputError`` where ``signing.toml`` names an institution that this service does not have."""
    from signing.adapters.signer import LocalSigner

    with app.services.db.read() as unit:
        known = {branch.institution_id for branch in unit.people.branches()}
    if isinstance(app.services.signer, LocalSigner):
        app.services.signer.require_institutions(known)


def _warn_of_demo_accounts(app: "App") -> None:
    from signing.adapters import demo_data

    names = "、".join(demo_data.active_accounts(app.services.db))
    if names:
        words = f"注意：这里有演示账号 {names}，其密码是公开的。正式使用前请逐个停用：pingqian user disable 用户名"
        print(words, file=sys.stderr, flush=True)


def _warn_of_an_empty_folder(app: "App") -> None:
    """It was just made: on purpose, or because its name was mistyped."""
    with app.services.db.read() as unit:
        empty = not unit.people.branches()
    if empty:
        words = f"注意：{app.settings.data} 里还没有机构和账号，谁也不能登录。"
        words += "请先停止服务。" + EMPTY
        print(words, file=sys.stderr, flush=True)


def _ready(url: str, services: "Services") -> None:
    """Says where it listens; then the models load, so that the first customer does not wait for them."""
    from signing.adapters.identity_process import IdentityProcess

    print(f"{LISTENING}{url}", flush=True)
    if isinstance(services.identity, IdentityProcess):
        services.identity.warm_up()


def _tls_files(arguments: argparse.Namespace) -> tuple[Path | None, Path | None, bytes]:
    """Certificate, key, and the demonstration's root in PEM, or nothing."""
    if not arguments.tls_demo:
        return arguments.tls_cert, arguments.tls_key, b""
    from signing.web import tls

    names = tls.local_names(arguments.host, urlsplit(arguments.base_url).hostname or "")
    files = tls.ensure(arguments.data / "tls", arguments.data / "lan-ca.pem", names, datetime.now(UTC))
    print(f"演示用根证书：{files.ca}（装到手机上才会被信任）", file=sys.stderr)
    return files.certificate, files.key, files.ca.read_bytes()


SERVE = Serve()

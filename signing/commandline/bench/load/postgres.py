"""A PostgreSQL server of one measurement's own: in a temporary folder, reached by a socket there, then thrown away."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from signing.domain.errors import OutsideError

PLACES = sorted((str(found) for found in Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
"""Where Debian keeps the server's programs, the newest first; looked at before the PATH."""
ACCOUNT = "postgres"
WAIT_SECONDS = 60
_SETTINGS = {"listen_addresses": "", "shared_buffers": "128MB", "max_connections": "120"}
"""All else is the server's default: above all, fsync and synchronous_commit are on."""


@contextmanager
def throw_away() -> Iterator[str]:
    """The address of an empty database on a server that runs while entered. Raises ``OutsideError``."""
    folder = Path(tempfile.mkdtemp(prefix="pq-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            account = _account()
            os.chown(folder, account.pw_uid, account.pw_gid)
        _initialise(folder)
        server = _start(folder)
        try:
            _wait(folder, server)
            yield f"postgresql://{ACCOUNT}@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(WAIT_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        raise OutsideError("本机没有 postgres 账号，不能启动 PostgreSQL", "请安装 postgresql-15") from None


def _as_account() -> list[str]:
    """In front of a command: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return []
    return [_found("setpriv"), f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--init-groups"]


def _found(program: str) -> str:
    path = shutil.which(program, path=os.pathsep.join([*PLACES, os.environ.get("PATH", "")]))
    if path is None:
        raise OutsideError(
            f"本机没有 {program}，不能启动 PostgreSQL", "请安装 postgresql-15，或用 --database 指定数据库"
        )
    return path


def _initialise(folder: Path) -> None:
    command = [_found("initdb"), "-D", str(folder / "data"), "-A", "trust", "-U", ACCOUNT, "-E", "UTF8"]
    ran = subprocess.run(
        [*_as_account(), *command, "--locale=C.UTF-8"], capture_output=True, text=True, check=False, cwd=folder
    )
    if ran.returncode:
        raise OutsideError("PostgreSQL 没有建立数据目录", ran.stderr.strip()[-200:])


def _start(folder: Path) -> "subprocess.Popen[bytes]":
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = [_found("postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen([*_as_account(), *command], stdout=log, stderr=log, cwd=folder)


def _wait(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    import psycopg

    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            psycopg.connect(f"postgresql://{ACCOUNT}@/postgres?host={folder}").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                said = (folder / "log").read_text(encoding="utf-8", errors="replace").strip()
                raise OutsideError("PostgreSQL 没有启动", said[-200:]) from None
            time.sleep(0.05)
        else:
            return

"""A real PostgreSQL server for the tests: in a folder of its own, reached by a socket there, gone with the tests."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

BINARIES = Path("/usr/lib/postgresql/15/bin")
_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "16MB",
    "max_connections": "120",
    "max_wal_size": "128MB",
    "deadlock_timeout": "200ms",
    "recovery_init_sync_method": "syncfs",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


def _account() -> list[str]:
    """In front of a command: PostgreSQL refuses root, so root becomes ``postgres``; and all end with the tests."""
    setpriv = [_found("setpriv"), "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return setpriv
    return [*setpriv, "--reuid=postgres", "--regid=postgres", "--init-groups"]


def _found(program: str) -> str:
    path = shutil.which(program, path=f"{BINARIES}:{os.environ.get('PATH', '')}")
    assert path, f"{program} is missing: apt-get install postgresql-15 util-linux (installer/system-packages.txt)"
    return path


@dataclass
class Postgres:
    """``folder`` has the data and the socket. ``stop`` and ``start`` as a power cut and the return of the power."""

    folder: Path
    _process: "subprocess.Popen[bytes] | None" = None
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def initialise(self) -> None:
        command = [_found("initdb"), "-D", str(self.folder / "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8"]
        self._run([*command, "--locale=C.UTF-8", "--no-sync"])

    def _run(self, command: Sequence[str]) -> None:
        ran = subprocess.run([*_account(), *command], capture_output=True, text=True, check=False, cwd=self.folder)
        assert ran.returncode == 0, ran.stderr

    def start(self) -> None:
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        command = [_found("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *settings]
        log = (self.folder / "log").open("ab")
        with log:
            self._process = subprocess.Popen([*_account(), *command], stdout=log, stderr=log, cwd=self.folder)
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.dsn("postgres")).close()
            except psycopg.OperationalError:
                assert self._process is not None
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < until, (self.folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """At once, as ``pg_ctl stop -m immediate``."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(60)
            self._process = None

    def dsn(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def create(self, template: str = "template0") -> str:
        """→ the address of a fresh database."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.dsn(name)

    def drop(self, address: str) -> None:
        self.execute(f"DROP DATABASE {database_of(address)} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            connection.execute(statement.encode())


def database_of(address: str) -> str:
    return address.partition("@/")[2].partition("?")[0]


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Running while entered."""
    folder = Path(tempfile.mkdtemp(prefix="pq-pg-", dir="/tmp"))  # a socket's path is at most 107 bytes long
    server = Postgres(folder)
    try:
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
        server.initialise()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""For tests whose fixtures ask for ``database``."""

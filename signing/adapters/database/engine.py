"""The engine, its settings for SQLite and PostgreSQL, and migrations."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from signing.adapters.database.faults import told
from signing.domain.errors import InputError

BUSY_MILLISECONDS = 15_000
_PRAGMAS = (
    f"busy_timeout = {BUSY_MILLISECONDS}",  # first: the next one waits for those who start beside this process
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
)
LOCK_SECONDS = 5
"""How long a statement waits for a row that another process holds."""
IDLE_SECONDS = 5
"""PostgreSQL itself ends a transaction whose process has stood still for so long: a stalled replica commits nothing."""
ASIDE_SECONDS = 60
_SESSION = {
    "TimeZone": "UTC",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    "synchronous_commit": "on",
    "client_encoding": "UTF8",
    "application_name": "pingqian",
}
ALIVE = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
          "tcp_user_timeout": 10_000}  # fmt: skip
_MIGRATING = 0x5051_0001
"""The advisory lock of whoever migrates."""


def url_of(address: str) -> URL:
    """``sqlite:///PATH`` or ``postgresql://USER:PASSWORD@HOST/NAME``. Raises ``InputError``, without the address."""
    try:
        url = make_url(address)
    except ArgumentError:
        raise InputError("数据库地址不正确", "格式：postgresql://用户:密码@主机:端口/库名") from None
    kind = url.get_backend_name()
    if kind == "sqlite":
        return url
    if kind not in ("postgresql", "postgres"):
        raise InputError("不支持这种数据库", "请使用 PostgreSQL（postgresql://…），或不指定而用内置的 SQLite")
    return url.set(drivername="postgresql+psycopg")


def is_shared(address: str) -> bool:
    """Whether several services may use this database at once."""
    return url_of(address).get_backend_name() == "postgresql"


def open_engine(address: str) -> Engine:
    """One per process. On SQLite a unit of work that writes takes the write lock at once (``BEGIN IMMEDIATE``).

    On PostgreSQL it reads what is committed and locks what it works on; one that only reads has a snapshot. Errors
    never show the parameters of a statement, nor the address.
    """
    url = url_of(address)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, pool_size=16, max_overflow=16, hide_parameters=True)
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
        return engine
    return _postgres(url, pool_size=12, max_overflow=8, pool_timeout=10)


def open_aside(engine: Engine, connections: int) -> Engine:
    """Connections that no unit of work of ``engine`` can use up, to the same PostgreSQL; closed together with it.

    Whoever asks while all are taken waits.
    """
    aside = _postgres(engine.url, pool_size=connections, max_overflow=0, pool_timeout=ASIDE_SECONDS)
    event.listen(engine, "engine_disposed", lambda _: aside.dispose())
    return aside


def _postgres(url: URL, **pool: int) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    return create_engine(
        url,
        **pool,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={"options": options, **ALIVE},
    )


def _configure(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def transaction_options(engine: Engine, *, write: bool) -> dict[str, Any]:
    """Execution options of a unit of work's connection."""
    if engine.dialect.name == "sqlite":
        return {"write": write}
    return {} if write else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Brings the tables to ``revision``, one process at a time; nothing happens where they are there already.

    Raises ``OutsideError`` where the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with told(), engine.connect().execution_options(write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@dataclass(frozen=True)
class Facts:
    """What the database is, in words; and what is wrong with it, as its remedy."""

    words: str
    remedy: str = ""


def facts_of(engine: Engine) -> Facts:
    """Raises ``OutsideError`` where it does not answer."""
    with told(), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            return Facts(f"SQLite {connection.execute(text('SELECT sqlite_version()')).scalar()}")
        names = ("server_version", "server_version_num", "server_encoding", "fsync", "full_page_writes")
        found = {name: str(connection.execute(text(f"SHOW {name}")).scalar()) for name in names}
    return Facts(f"PostgreSQL {found['server_version'].split()[0]}", _remedy(found))


def _remedy(found: dict[str, str]) -> str:
    if int(found["server_version_num"]) < 150_000:
        return "请升级到 PostgreSQL 15 或更新的版本"
    if found["server_encoding"] != "UTF8":
        return "请用 UTF8 编码重建数据库：createdb -E UTF8 -T template0 库名"
    unsafe = [name for name in ("fsync", "full_page_writes") if found[name] != "on"]
    return f"断电会丢失已确认的记录，请在 postgresql.conf 里设 {unsafe[0]} = on" if unsafe else ""

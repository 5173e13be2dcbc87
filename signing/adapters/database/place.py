"""Which database a data folder belongs to: the SQLite inside it, or the server that its file ``database.url`` names."""

import os
from collections.abc import Mapping
from pathlib import Path

from signing.adapters.database.engine import is_shared, url_of
from signing.domain.errors import InputError

RECORD = "database.url"
OWN = "pingqian.db"
VARIABLE = "PINGQIAN_DATABASE"
"""Better than the command line, which every process of the machine can read."""


def address_of(data: Path, given: str = "", environment: Mapping[str, str] = os.environ) -> str:
    """What was given, else the environment's, else what was used here before, else SQLite in the folder.

    Raises ``InputError`` where the folder already belongs to another kind of database.
    """
    path, own = data / RECORD, data / OWN
    wanted = given or environment.get(VARIABLE, "")
    if not wanted:
        return path.read_text(encoding="utf-8").strip() if path.exists() else f"sqlite:///{own}"
    if is_shared(wanted):
        if own.exists():
            raise InputError("这个数据目录用的是内置数据库", "请换一个数据目录，或不指定 --database")
    elif path.exists():
        raise InputError("这个数据目录用的是 PostgreSQL", "请换一个数据目录，或给出原来的 --database")
    return wanted


def remember(data: Path, address: str) -> None:
    """Keeps a server's address, without its password, so that no command falls back to an empty database of its own."""
    path = data / RECORD
    if path.exists() or not is_shared(address):
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(url_of(address)._replace(password=None, drivername="postgresql").render_as_string() + "\n")
    partial.replace(path)

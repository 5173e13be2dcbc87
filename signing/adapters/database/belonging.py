"""Which key file a database belongs to: a mark of it in the database, written at the first opening, compared at
each.

The mark is derived from the file's root key, which no rotation changes; so an older copy of the same file has it too.
It says nothing about any key.
"""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from signing.adapters import keyfile
from signing.adapters.database.account_schema import keyring_mark
from signing.adapters.database.engine import is_shared, upgrade, url_of
from signing.adapters.database.faults import told
from signing.adapters.database.rows import insert_into
from signing.adapters.database.schema import data_key
from signing.adapters.keys import Keyring
from signing.domain.errors import OutsideError, TamperError

_ONE = "keyring"


def open_keyring(data: Path, engine: Engine, address: str) -> Keyring:
    """The folder's keys for this database, both made where there is neither; the database is migrated.

    Raises ``OutsideError`` where one of them is there and the other's part is lacking, or is another's.
    """
    if not keyfile.exists(data):
        keyfile.require(data)
        if _may_hold_data(address):
            upgrade(engine)
            _require_unmarked(engine, data)
    keyring = Keyring(data / keyfile.NAME)
    upgrade(engine)
    _require_own(engine, keyring)
    return keyring


def _may_hold_data(address: str) -> bool:
    return is_shared(address) or Path(url_of(address).database or "").exists()


def _require_unmarked(engine: Engine, data: Path) -> None:
    """Another service of the folder may be making the keys just now; they are there before the mark is here."""
    with told(), engine.connect() as connection:
        held = bool(_mark(connection)) or connection.execute(select(data_key.c.case_id).limit(1)).first() is not None
    if held and not keyfile.exists(data):
        raise keyfile.missing("这个数据库里有服务的数据，但数据目录里的")


def _mark(connection: Connection) -> str:
    return str(connection.execute(select(keyring_mark.c.mark)).scalar() or "")


def _require_own(engine: Engine, keyring: Keyring) -> None:
    mark = keyring.derive("mark").hex()
    with told(), engine.connect() as connection:
        found = _mark(connection)
    if not found:
        found = _marked(engine, keyring, mark)
    if found != mark:
        raise _foreign()


def _marked(engine: Engine, keyring: Keyring, mark: str) -> str:
    """The mark that is there afterwards: this one, or that of whoever was first."""
    with told(), engine.connect().execution_options(write=True) as connection, connection.begin():
        if not _opens(connection, keyring):
            raise _foreign()
        row = {"name": _ONE, "mark": mark}
        connection.execute(insert_into(connection, keyring_mark).values(row).on_conflict_do_nothing())
        return _mark(connection)


def _opens(connection: Connection, keyring: Keyring) -> bool:
    """Whether a database of before there was a mark is under these keys, as far as its data keys tell."""
    rows = list(_of_each_key(connection, keyring))
    if not rows:
        return connection.execute(select(data_key.c.case_id).limit(1)).first() is None
    try:
        for row in rows:
            keyring.unwrap(*row)
    except TamperError:
        return False
    return True


def _of_each_key(connection: Connection, keyring: Keyring) -> Iterator[tuple[str, str, bytes]]:
    """One data key for each key-encryption key of the file."""
    columns = (data_key.c.case_id, data_key.c.kek_id, data_key.c.wrapped)
    for kek in keyring.keks:
        for row in connection.execute(select(*columns).where(data_key.c.kek_id == kek.key_id).limit(1)):
            yield row.case_id, row.kek_id, row.wrapped


def _foreign() -> OutsideError:
    return OutsideError(
        f"这个 {keyfile.NAME} 不是这个数据库的",
        f"请恢复这个数据库自己的 {keyfile.NAME}，或用 --data、--database 指定配套的数据目录和数据库；数据没有改动",
    )

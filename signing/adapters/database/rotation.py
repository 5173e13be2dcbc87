"""A new key-encryption key for everything: each case's data key is wrapped again, some at a time.

A row changes with its key's identifier in one statement, and both keys are in the file all the while; so a rotation may
be killed at any point and taken up again, and the service goes on reading and writing. What the service wraps under the
older key before it has seen the newer one is found by the next look.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, bindparam, func, select, update

from signing.adapters.database.schema import data_key
from signing.adapters.keys import Keyring
from signing.domain.errors import ConflictError, NotFound

BATCH = 500
PAUSE_SECONDS = 0.02
"""Between batches, so that others get the write lock too."""
KEPT_AFTER = timedelta(hours=1)
"""How long a retired key stays in the file at least: longer than any unit of work that still wraps under it."""


def in_use(engine: Engine) -> dict[str, int]:
    """Key identifier → how many data keys are wrapped under it."""
    counted = select(data_key.c.kek_id, func.count()).group_by(data_key.c.kek_id)
    with engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(counted)}


def rotate(engine: Engine, keyring: Keyring, told: Callable[[int, int], None], batch: int = BATCH) -> int:
    """→ how many data keys were wrapped again. ``told(done, all)`` after each batch.

    Makes a new key, unless an earlier rotation was not finished: then that one is. The older keys are retired only when
    nothing uses them.
    """
    if not _unfinished(engine, keyring):
        keyring.add_key()
    waiting, done = _waiting(engine, keyring), 0
    while (wrapped := _again(engine, keyring, batch)) > 0:
        done += wrapped
        told(done, max(done, waiting))
        time.sleep(PAUSE_SECONDS)
    keyring.retire_others()
    return done


def destroy(engine: Engine, keyring: Keyring, key_id: str, now: datetime | None = None) -> None:
    """Raises ``NotFound``; ``ConflictError`` where something needs the key, or may still."""
    kek = next((kek for kek in keyring.keks if kek.key_id == key_id), None)
    if kek is None:
        raise NotFound(f"没有密钥 {key_id}", "请用 pingqian keys list 查看")
    if kek.retired_at is None:
        raise ConflictError(f"密钥 {key_id} 还没有退役", "请先运行 pingqian keys rotate")
    if number := in_use(engine).get(key_id, 0):
        raise ConflictError(f"还有 {number} 把数据密钥由 {key_id} 保护", "请再运行一次 pingqian keys rotate")
    if (now or datetime.now(UTC)) - kek.retired_at < KEPT_AFTER:
        raise ConflictError(f"密钥 {key_id} 退役不到一小时，可能还有正在写入的业务用到", "请一小时后再试")
    keyring.destroy(key_id)


def _unfinished(engine: Engine, keyring: Keyring) -> bool:
    return any(kek.retired_at is None for kek in keyring.keks[:-1]) or _waiting(engine, keyring) > 0


def _waiting(engine: Engine, keyring: Keyring) -> int:
    current = keyring.current.key_id
    return sum(number for kek_id, number in in_use(engine).items() if kek_id != current)


def _again(engine: Engine, keyring: Keyring, batch: int) -> int:
    """One batch in one transaction; 0 where nothing is left."""
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        rows = _older(connection, keyring.current.key_id, batch)
        changes = [_wrapped_again(keyring, *row) for row in rows]
        if changes:
            connection.execute(_REWRAP, changes)
    return len(rows)


def _older(connection: Connection, current: str, batch: int) -> list[tuple[str, str, bytes]]:
    """The index finds them on either side of the current key's own rows."""
    columns = (data_key.c.case_id, data_key.c.kek_id, data_key.c.wrapped)
    found: list[tuple[str, str, bytes]] = []
    for side in (data_key.c.kek_id < current, data_key.c.kek_id > current):
        rows = connection.execute(select(*columns).where(side).limit(batch - len(found)).with_for_update())
        found += [(row.case_id, row.kek_id, row.wrapped) for row in rows]
    return found


_REWRAP = (
    update(data_key)
    .where(data_key.c.case_id == bindparam("of"), data_key.c.kek_id == bindparam("before"))
    .values(kek_id=bindparam("after"), wrapped=bindparam("sealed"))
)


def _wrapped_again(keyring: Keyring, case_id: str, kek_id: str, wrapped: bytes) -> dict[str, object]:
    after, sealed = keyring.wrap(case_id, keyring.unwrap(case_id, kek_id, wrapped))
    return {"of": case_id, "before": kek_id, "after": after, "sealed": sealed}

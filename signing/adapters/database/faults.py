"""The database's errors as ours: whose fault it is, and whether the same work would succeed another time.

Messages of the driver may hold addresses, names and values; only its five-character code is looked at.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from signing.domain.errors import Contended, OutsideError, SigningError, StorageFull

_AGAIN = {"40001", "40P01"}
"""serialization_failure, deadlock_detected"""
_FULL = {"53100"}
"""disk_full"""
_UNIQUE, _FOREIGN = "23505", "23503"
_PRIMARY = 0xFF
"""Of SQLite's extended codes, the part that says the kind (sqlite.org/rescode.html)."""
_SHUT = {
    sqlite3.SQLITE_READONLY: (
        "数据目录不能写入（没有权限，或磁盘是只读的）",
        "请用运行服务的用户执行；就是该用户的，请检查数据目录的权限和磁盘",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "数据库文件打不开",
        "请用运行服务的用户执行；就是该用户的，请检查数据目录的权限，或稍后重试",
    ),
}


@contextmanager
def told() -> Iterator[None]:
    """What the database refuses inside is raised as ours."""
    try:
        yield
    except SQLAlchemyError as error:
        if (fault := fault_of(error)) is None:
            raise
        raise fault from error


def fault_of(error: SQLAlchemyError) -> SigningError | None:
    """None where it is a mistake of our own, which must not be told as anything else."""
    code = getattr(getattr(error, "orig", None), "sqlstate", None)
    sqlite = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & _PRIMARY
    if code in _AGAIN or (code == _UNIQUE and isinstance(error, IntegrityError)):
        return Contended()
    if code in _FULL or sqlite == sqlite3.SQLITE_FULL:
        return StorageFull()
    if sqlite in _SHUT:
        return OutsideError(*_SHUT[sqlite])
    if isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return away()
    if type(error).__name__ == "TimeoutError":  # the pool's
        return away()
    if code is not None and code[:2] in ("08", "25", "53", "55", "57"):
        return away()
    return None


def away() -> OutsideError:
    return OutsideError("数据库忙或不可用", "请稍后重试；若持续出现请联系管理员")

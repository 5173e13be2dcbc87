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
    if code in _AGAIN or (code == _UNIQUE and isinstance(error, IntegrityError)):
        return Contended()
    if code in _FULL or getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return StorageFull()
    if isinstance(error, OperationalError) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return away()
    if type(error).__name__ == "TimeoutError":  # the pool's
        return away()
    if code is not None and code[:2] in ("08", "25", "53", "55", "57"):
        return away()
    return None


def away() -> OutsideError:
    return OutsideError("数据库忙或不可用", "请稍后重试；若持续出现请联系管理员")

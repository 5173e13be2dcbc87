"""What rows of before lack: the search index, and the seal on typed words. At a start, some at a time, each batch for
good."""

import logging
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, func, select, text, update

from signing.adapters.database.cases import opened
from signing.adapters.database.faults import told
from signing.adapters.database.figures import SqlFigures
from signing.adapters.database.finding import keep_index
from signing.adapters.database.schema import CLEAR, WORDS, event
from signing.adapters.database.schema import case as cases
from signing.adapters.database.vault import CaseKeys
from signing.adapters.database.words import clear_words, opened_words, sealed_words
from signing.adapters.keys import INDEX_VERSION
from signing.domain.case import Case
from signing.domain.errors import KeyMissing, TamperError
from signing.domain.figures import CAME_OUT_BY, came_out

_LOG = logging.getLogger(__name__)
BATCH = 200
_TO_WRITE_ANEW = 1
"""SQLite's ``user_version`` from the first batch until the file is written anew: a start may be killed between."""
UNREADABLE = -1
"""The index version of a case that could not be opened: it is found by its number, and reported by ``doctor``."""


def fill_index(engine: Engine, keys: CaseKeys) -> int:
    """→ how many cases were looked at; nothing where all are indexed."""
    done = 0
    while True:
        with told(), engine.connect().execution_options(write=True) as connection, connection.begin():
            wanted = select(cases.c.case_id).where(cases.c.index_version == 0).limit(BATCH).with_for_update()
            case_ids = list(connection.execute(wanted).scalars())
            for case_id in case_ids:
                _fill(connection, keys, case_id)
        done += len(case_ids)
        if len(case_ids) < BATCH:
            return done


def _fill(connection: Connection, keys: CaseKeys, case_id: str) -> None:
    version = INDEX_VERSION
    try:
        row = connection.execute(select(cases).where(cases.c.case_id == case_id)).mappings().one()
        case = opened(keys.within(connection, case_id), row)
        keep_index(connection, keys, case)
        _keep_result(connection, keys, case, row["changed_at"])
    except (KeyMissing, TamperError):
        _LOG.error("case %s cannot be opened and is not in the search index", case_id)
        version = UNREADABLE
    connection.execute(update(cases).where(cases.c.case_id == case_id).values(index_version=version))


def _keep_result(connection: Connection, keys: CaseKeys, case: Case, changed_at: datetime) -> None:
    """As of the event by which it came out."""
    came = (event.c.case_id == case.case_id, event.c.type.in_(CAME_OUT_BY))
    at = connection.execute(select(func.max(event.c.at)).where(*came)).scalar()
    if (result := came_out(case, at or changed_at)) is not None:
        SqlFigures(connection, keys).keep(result)


def seal_words(engine: Engine, keys: CaseKeys) -> int:
    """→ how many rows had words in the clear; nothing of them is left in SQLite's files.

    PostgreSQL keeps what was overwritten until ``VACUUM FULL``, which only its administrator may choose a time for.
    """
    done = sum(_seal_table(engine, keys, table) for table in WORDS)
    if engine.dialect.name == "sqlite":
        _write_anew(engine)
    return done


def _seal_table(engine: Engine, keys: CaseKeys, table: Table) -> int:
    (key,), done, last = table.primary_key, 0, ""
    while True:
        with told(), engine.connect().execution_options(write=True) as connection, connection.begin():
            clear = select(table).where(text(CLEAR[table]), key > last).order_by(key).limit(BATCH)
            rows = connection.execute(clear.with_for_update()).mappings().all()
            sealed = sum(_seal_row(connection, keys, table, row) for row in rows)
            if sealed and engine.dialect.name == "sqlite":
                connection.exec_driver_sql(f"PRAGMA user_version = {_TO_WRITE_ANEW}")
            done += sealed
        if len(rows) < BATCH:
            return done
        last = rows[-1][key.name]


def _seal_row(connection: Connection, keys: CaseKeys, table: Table, row: Mapping[Any, Any]) -> bool:
    """What a service of before wrote into a row that is sealed already goes over the sealed."""
    (key,) = table.primary_key
    try:
        case_key, row_id = keys.within(connection, row["case_id"]), row[key.name]
        said = {} if row["sealed"] is None else opened_words(case_key, table, row_id, row["sealed"])
        sealed = sealed_words(case_key, table, row_id, said | clear_words(table, row))
    except (KeyMissing, TamperError):
        _LOG.error("words of case %s cannot be sealed: its key cannot be opened", row["case_id"])
        return False
    blank = dict.fromkeys(WORDS[table], "")
    connection.execute(update(table).where(key == row_id).values(**blank, sealed=sealed))
    return True


def _write_anew(engine: Engine) -> None:
    """The whole file, where that is due, so that pages that are free hold nothing of before; then the log in front of
    it is emptied. Where somebody reads meanwhile, the next start tries again."""
    raw = engine.raw_connection()
    try:
        (mark,) = raw.cursor().execute("PRAGMA user_version").fetchone()
        if mark == _TO_WRITE_ANEW:
            raw.cursor().execute("VACUUM")
            busy, *_ = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                _LOG.error(_STILL_SHOWN)
            else:
                raw.cursor().execute("PRAGMA user_version = 0")
    except sqlite3.OperationalError:
        _LOG.exception(_STILL_SHOWN)
    finally:
        raw.close()


_STILL_SHOWN = "words are sealed, but free pages of the file may show them: VACUUM it while no service runs"

"""What was opened before never hides what the database says now."""

import pytest
from sqlalchemy import Engine, select, update

from signing.adapters.database import SqlDatabase
from signing.adapters.database.schema import case as cases
from signing.domain.case import Case
from signing.domain.errors import TamperError
from tests.postgres import both_databases

pytestmark = both_databases


def read(db: SqlDatabase, case_id: str) -> Case:
    with db.read() as unit:
        return unit.cases.get(case_id)


def test_a_row_that_was_tampered_with_is_refused_though_it_was_read_before(
    db: SqlDatabase, case: Case, engine: Engine
) -> None:
    read(db, case.case_id)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        where = cases.c.case_id == case.case_id
        sealed = bytearray(connection.execute(select(cases.c.sealed).where(where)).scalar_one())
        sealed[len(sealed) // 2] ^= 1
        connection.execute(update(cases).where(where).values(sealed=bytes(sealed)))
    with pytest.raises(TamperError):
        read(db, case.case_id)
    with db.read() as unit:
        assert unit.cases.several([case.case_id]) == {}, "left out of many, not taken from memory"


def save_and_undo(db: SqlDatabase, case: Case) -> None:
    with db.write() as unit:
        saved = unit.cases.save(unit.cases.get(case.case_id))
        assert unit.cases.get(case.case_id).version == saved.version
        raise ZeroDivisionError


def test_what_was_undone_is_not_kept(db: SqlDatabase, case: Case) -> None:
    with pytest.raises(ZeroDivisionError):
        save_and_undo(db, case)
    assert read(db, case.case_id).version == case.version


def test_several_are_those_that_are_there(db: SqlDatabase, case: Case) -> None:
    with db.read() as unit:
        assert unit.cases.several([case.case_id, "case_none"]) == {case.case_id: read(db, case.case_id)}
        assert unit.cases.several([]) == {}

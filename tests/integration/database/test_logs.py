"""The access log lies sealed; lines of before that are read as they are, and the chain goes through both."""

import json
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text

from signing.adapters.database import SqlDatabase
from signing.adapters.database.schema import access_log
from signing.domain.errors import TamperError
from signing.domain.ledger import GENESIS, append, verify_chain
from signing.service.commands import SYSTEM
from tests.postgres import both_databases
from tests.unit.domain.factories import NOW

REASON = "客户王建国的儿子来电询问"


def rows(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(access_log).order_by(access_log.c.seq)).mappings()]


def look(db: SqlDatabase) -> str:
    with db.write() as unit:
        return unit.logs.record_view(SYSTEM, NOW, "reveal", "case_1", REASON)


@both_databases
def test_a_line_lies_sealed_and_comes_back(db: SqlDatabase, engine: Engine) -> None:
    digest = look(db)
    (row,) = rows(engine)
    assert (row["line"], row["sha256"]) == (b"", digest)
    assert REASON.encode() not in row["sealed"]
    with db.read() as unit:
        (line,) = unit.logs.views()
    assert json.loads(line)["body"]["detail"] == REASON


@both_databases
def test_lines_of_before_are_in_the_same_chain(db: SqlDatabase, engine: Engine) -> None:
    who = {"kind": "system", "id": "system", "role": "system", "name": "系统"}
    old = append(GENESIS, 1, NOW, who, "view.recorded", {"what": "case", "case_id": "case_1", "detail": ""})
    values = {"seq": 1, "at": NOW, "actor_id": "system", "case_id": "case_1"}
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(insert(access_log).values(**values, sha256=old.sha256, line=old.data))
    look(db)
    with db.read() as unit:
        lines = unit.logs.views()
    assert lines[0] == old.data
    verify_chain(lines)


@both_databases
def test_a_line_in_anothers_place_is_refused(db: SqlDatabase, engine: Engine) -> None:
    look(db)
    look(db)
    on_event = "" if engine.dialect.name == "sqlite" else " ON access_log"
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(text(f"DROP TRIGGER access_log_no_update{on_event}"))
        swap = "UPDATE access_log SET sealed = (SELECT sealed FROM access_log WHERE seq = 1) WHERE seq = 2"
        connection.execute(text(swap))
    with db.read() as unit, pytest.raises(TamperError):
        unit.logs.views()

"""What only a database server can do: die, stand still, be somewhere else, hold a password."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import IDLE_SECONDS, facts_of, open_engine, url_of
from signing.adapters.database.place import address_of, remember
from signing.cli import main
from signing.domain import events
from signing.domain.case import Case, Ending
from signing.domain.errors import Contended, InputError, OutsideError
from signing.service.again import again
from signing.service.commands import SYSTEM
from tests.postgres import Postgres, database_of
from tests.unit.domain.factories import NOW

SECRET = "geheim-5ecret"
NOWHERE = f"postgresql://clerk:{SECRET}@127.0.0.1:1/signing"


@pytest.fixture
def database(postgres_database: str) -> str:
    return postgres_database


def test_its_settings_are_those_of_evidence(engine: Engine) -> None:
    with engine.connect() as connection:
        names = ("fsync", "synchronous_commit", "transaction_isolation", "timezone", "server_encoding")
        found = [connection.execute(text(f"SHOW {name}")).scalar() for name in names]
    assert found == ["on", "on", "read committed", "UTC", "UTF8"]
    facts = facts_of(engine)
    assert facts.words.startswith("PostgreSQL 15")
    assert facts.remedy == ""


def test_times_are_utc_wherever_the_server_stands(server: Postgres, database: str, db: SqlDatabase, case: Case) -> None:
    server.execute(f"ALTER DATABASE {database_of(database)} SET timezone = 'Asia/Shanghai'")
    engine = open_engine(database)
    elsewhere = SqlDatabase(engine, db._keyring, db._keys)
    with elsewhere.read() as unit:
        assert unit.cases.get(case.case_id) == case
        assert unit.cases.events(case.case_id)[0].at == NOW
    with psycopg.connect(database) as plain:
        assert plain.execute("SELECT opened_at FROM case_file").fetchone() == (case.opened_at.replace(tzinfo=None),)
    engine.dispose()


def test_a_table_that_only_grows_cannot_be_emptied(engine: Engine, case: Case) -> None:
    for table in ("event", "access_log", "log_entry"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(f"TRUNCATE {table} CASCADE"))


def test_a_snapshot_stays_what_it_was(db: SqlDatabase, case: Case) -> None:
    with db.read() as before:
        assert before.cases.get(case.case_id) == case
        with db.write() as unit:
            unit.cases.save(replace(case, abort_reason="x"))
        assert before.cases.get(case.case_id) == case


def test_a_connection_that_was_cut_is_told_in_our_words(db: SqlDatabase, engine: Engine, case: Case) -> None:
    def cut() -> None:
        with db.write() as unit:
            unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, "x", ()), SYSTEM, NOW)
            with engine.connect() as other:
                everyone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                other.execute(text(f"{everyone} AND datname = current_database()"))
            unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, "y", ()), SYSTEM, NOW)

    with pytest.raises(OutsideError, match="数据库忙或不可用"):
        cut()
    with db.read() as unit:
        assert len(unit.cases.events(case.case_id)) == 1


def test_a_unit_that_stands_still_is_ended_by_the_server(db: SqlDatabase, case: Case) -> None:
    """So a stalled process neither keeps others waiting for ever nor commits what it believed before."""

    def stalled() -> None:
        with db.write() as unit:
            unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, "late", ()), SYSTEM, NOW)
            time.sleep(IDLE_SECONDS + 1)

    with pytest.raises(OutsideError):
        stalled()
    with db.write() as unit:
        unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, "in time", ()), SYSTEM, NOW)
    with db.read() as unit:
        assert [event.body.get("reason") for event in unit.cases.events(case.case_id)][1:] == ["in time"]


def test_of_two_that_wait_for_each_other_one_begins_again(db: SqlDatabase, case: Case) -> None:
    """The server names a victim; its work is done again, and both are done."""
    second = replace(case, case_id="case_second", case_no="PQ2")
    with db.write() as unit:
        unit.cases.add(second)
    gate, tries = threading.Barrier(2), list[str]()

    def crossed(first: str, then: str) -> None:
        with db.write() as unit:
            tries.append(first)
            unit.cases.append(first, events.case_ended(Ending.ABORTED, "1", ()), SYSTEM, NOW)
            if len(tries) <= 2:
                gate.wait(60)
            unit.cases.append(then, events.case_ended(Ending.ABORTED, "2", ()), SYSTEM, NOW)

    pairs = ((case.case_id, second.case_id), (second.case_id, case.case_id))
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(again, crossed, *pair) for pair in pairs]
        assert [one.result(30) for one in done] == [None, None]
    assert len(tries) == 3
    with db.read() as unit:
        assert [len(unit.cases.events(one)) for one in (case.case_id, second.case_id)] == [3, 2]


# --- where it is ------------------------------------------------------------------------------------------------------


def test_the_folder_remembers_its_server_without_the_password(tmp_path: Path) -> None:
    assert address_of(tmp_path, "", {}) == f"sqlite:///{tmp_path / 'pingqian.db'}"
    remember(tmp_path, address_of(tmp_path, "", {"PINGQIAN_DATABASE": NOWHERE}))
    assert address_of(tmp_path, "", {}) == "postgresql://clerk@127.0.0.1:1/signing"
    assert SECRET not in "".join(path.read_text() for path in tmp_path.iterdir())
    with pytest.raises(InputError, match="PostgreSQL"):
        address_of(tmp_path, "sqlite:///other.db", {})


def test_a_folder_with_a_database_of_its_own_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "pingqian.db").touch()
    with pytest.raises(InputError, match="内置数据库"):
        address_of(tmp_path, NOWHERE, {})


@pytest.mark.parametrize("address", ["mysql://u:p@h/d", "nonsense", f"oracle://clerk:{SECRET}@h/d"])
def test_what_is_no_address_of_ours_is_refused_unsaid(address: str) -> None:
    with pytest.raises(InputError) as refused:
        url_of(address)
    assert SECRET not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize("command", [["serve", "--demo", "--port", "0"], ["doctor"]])
def test_a_database_that_is_away_is_said_without_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main([*command, "--data", str(tmp_path / "data"), "--database", NOWHERE]) != 0
    out, err = capsys.readouterr()
    assert "数据库忙或不可用" in out + err
    assert SECRET not in out + err
    assert "Traceback" not in out + err


def test_the_doctor_knows_it(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    main(["doctor", "--data", str(tmp_path / "data"), "--database", database])
    assert "✓ 正常  数据库：PostgreSQL 15" in capsys.readouterr().out


def test_contended_is_a_conflict_for_whoever_does_not_try_again() -> None:
    assert "请刷新后重试" in Contended().hint

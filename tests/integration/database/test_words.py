"""What staff typed about a customer: sealed in its row, compared as stored, sealed later in rows of before."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, select, text, update
from sqlalchemy.event import listen

from signing.adapters.database import SqlDatabase, schema
from signing.adapters.database.backfill import _seal_table, seal_words
from signing.adapters.database.vault import CaseKeys
from signing.adapters.database.words import UNREADABLE
from signing.adapters.keys import Keyring
from signing.domain.call import Call, CallEvent, CallState, Leg, LegEvent, Outcome, Transfer, apply_leg, end
from signing.domain.case import Case
from signing.domain.errors import Contended
from signing.domain.queue import Priority, Ticket
from signing.domain.seat import Seat
from signing.service.store import StaffMember, Unit
from tests.postgres import both_databases
from tests.unit.domain.factories import NOW

HUNG_UP, NOTE, LEFT, PASSED_ON = "客户王建国要照顾病人", "称李秀兰不同意担保", "老人听不清", "客户只讲畲话"
LONG_AGO = "多年前的一句话"
CALL = Call("call_1", "", "seat_1", "staff_1", "张秀英", NOW)


@pytest.fixture
def call(db: SqlDatabase, case: Case) -> Call:
    """A live call of ``case`` with one leg, and a transfer that rings."""
    made = replace(CALL, case_id=case.case_id)
    ticket = Ticket("ticket_1", case.case_id, "party_1", "inst_demo", "branch_shanghang", NOW, Priority.NORMAL)
    with db.write() as unit:
        for number in (1, 2):
            unit.queue.save_seat(Seat(f"seat_{number}", "inst_demo", "branch_shanghang", f"0{number}号席", NOW))
        agent = StaffMember("staff_1", "a", "张秀英", "agent", "inst_demo", "branch_shanghang", "hash", "seat_1")
        unit.people.save_staff(agent)
        unit.queue.save_ticket(ticket)
        unit.queue.save_call(made)
        unit.queue.save_leg(Leg("leg_1", "call_1", case.case_id, "party_1", "ticket_1", NOW, NOW))
        unit.queue.save_transfer(Transfer("xfer_1", "call_1", case.case_id, "seat_1", "seat_2", PASSED_ON, NOW))
    return made


def finish(unit: Unit) -> None:
    """Hung up with a reason, wrapped up with a note."""
    unit.queue.save_leg(apply_leg(unit.queue.legs_of("call_1")[0], LegEvent.REMOVED, NOW, LEFT))
    ended = end(unit.queue.call("call_1"), CallEvent.HUNG_UP, NOW + timedelta(minutes=7), HUNG_UP)
    unit.queue.save_call(replace(ended, outcome=Outcome.OTHER, outcome_note=NOTE))


def stored(engine: Engine, table: Table) -> dict[str, Any]:
    with engine.connect() as connection:
        return dict(connection.execute(select(table)).mappings().one())


def writing(engine: Engine, work: Callable[[Connection], object]) -> None:
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        work(connection)


@both_databases
def test_words_come_back_and_lie_sealed(db: SqlDatabase, engine: Engine, call: Call) -> None:
    with db.write() as unit:
        finish(unit)
    with db.read() as unit:
        back = unit.queue.call("call_1")
        assert (back.reason, back.outcome_note, back.state) == (HUNG_UP, NOTE, CallState.ENDED)
        assert unit.queue.ended_calls("branch_shanghang", NOW, 9) == [back]
        assert unit.queue.calls_of(call.case_id) == [back]
        assert unit.queue.legs_of("call_1")[0].reason == LEFT
        assert unit.queue.transfer("xfer_1").reason == PASSED_ON
    for table, names in schema.WORDS.items():
        row = stored(engine, table)
        assert [row[name] for name in names] == [""] * len(names), table.name
        assert row["sealed"] is not None


@both_databases
def test_no_words_take_no_seal(db: SqlDatabase, engine: Engine, call: Call) -> None:
    assert stored(engine, schema.call)["sealed"] is None
    assert stored(engine, schema.leg)["sealed"] is None


@both_databases
def test_the_same_words_keep_their_bytes_and_others_do_not(db: SqlDatabase, engine: Engine, call: Call) -> None:
    with db.write() as unit:
        finish(unit)
    first = stored(engine, schema.call)["sealed"]
    with db.write() as unit:
        unit.queue.save_call(replace(unit.queue.call("call_1"), wrap_up_seconds=30.0))
    assert stored(engine, schema.call) | {"sealed": first} == stored(engine, schema.call)
    with db.write() as unit:
        unit.queue.save_call(replace(unit.queue.call("call_1"), outcome_note="另一句"))
        unit.queue.save_call(replace(unit.queue.call("call_1"), reason=""))
    assert stored(engine, schema.call)["sealed"] != first
    with db.read() as unit:
        assert (unit.queue.call("call_1").reason, unit.queue.call("call_1").outcome_note) == ("", "另一句")


@both_databases
def test_who_read_the_words_before_they_changed_comes_too_late(db: SqlDatabase, engine: Engine, call: Call) -> None:
    """The comparison is of what is stored, sealed or not."""
    with db.write() as unit:
        finish(unit)
    before = stored(engine, schema.call)

    def late() -> None:
        with db.write() as unit:
            (read,) = unit.queue.ended_calls("branch_shanghang", NOW, 9)
            connection = unit.queue._connection  # type: ignore[attr-defined]
            connection.execute(update(schema.call).values(sealed=b"another's"))
            unit.queue.save_call(replace(read, outcome_note="来晚了"))

    with pytest.raises(Contended):
        late()
    assert stored(engine, schema.call) == before


@both_databases
def test_rows_of_before_are_read_and_sealed_when_they_change(db: SqlDatabase, engine: Engine, call: Call) -> None:
    writing(engine, lambda it: it.execute(update(schema.call).values(reason=HUNG_UP, outcome_note=NOTE, sealed=None)))
    with db.write() as unit:
        old = unit.queue.call("call_1")
        assert (old.reason, old.outcome_note) == (HUNG_UP, NOTE)
        unit.queue.save_call(replace(old, wrap_up_seconds=30.0))
    row = stored(engine, schema.call)
    assert (row["reason"], row["outcome_note"]) == ("", "")
    with db.read() as unit:
        assert unit.queue.call("call_1") == replace(old, wrap_up_seconds=30.0)


def _as_before(connection: Connection) -> None:
    connection.execute(update(schema.call).values(reason=HUNG_UP, outcome_note=NOTE, sealed=None))
    connection.execute(update(schema.leg).values(reason=LEFT, sealed=None))
    connection.execute(update(schema.transfer).values(reason=PASSED_ON, sealed=None))


@both_databases
def test_rows_of_before_are_sealed_at_the_next_start(
    db: SqlDatabase, engine: Engine, keyring: Keyring, call: Call
) -> None:
    writing(engine, _as_before)
    keys = CaseKeys(engine, keyring)
    assert seal_words(engine, keys) == 3
    assert seal_words(engine, keys) == 0
    for table, names in schema.WORDS.items():
        assert [stored(engine, table)[name] for name in names] == [""] * len(names)
    with db.read() as unit:
        assert unit.queue.call("call_1") == replace(call, reason=HUNG_UP, outcome_note=NOTE)
        assert unit.queue.legs_of("call_1")[0].reason == LEFT
        assert unit.queue.transfer("xfer_1").reason == PASSED_ON


def test_more_rows_than_one_batch_are_sealed(db: SqlDatabase, engine: Engine, keyring: Keyring, call: Call) -> None:
    with db.write() as unit:
        for number in range(450):
            unit.queue.save_call(replace(call, call_id=f"call_{number:04}", state=CallState.ENDED))
    writing(engine, lambda it: it.execute(update(schema.call).values(reason=HUNG_UP)))
    assert seal_words(engine, CaseKeys(engine, keyring)) == 451


WORDS = [one.encode() for one in (HUNG_UP, NOTE, LEFT, PASSED_ON)]


@pytest.fixture
def old_rows(engine: Engine, call: Call, tmp_path: Path) -> Callable[[], list[str]]:
    """Rows of before, and free pages that a service of before left as they were. → what the files show of them."""
    writing(engine, _as_before)
    with closing(sqlite3.connect(str(engine.url.database))) as database:
        database.execute("PRAGMA secure_delete = OFF")
        for reason in (LONG_AGO * 2000, HUNG_UP):
            database.execute("UPDATE call SET reason = ?", (reason,))
            database.commit()

    def shown() -> list[str]:
        return [word.decode() for word in (*WORDS, LONG_AGO.encode()) if word in _bytes(tmp_path)]

    assert shown() == [HUNG_UP, NOTE, LEFT, PASSED_ON, LONG_AGO], "what is looked for would be found"
    return shown


def test_nothing_of_rows_of_before_is_left_in_the_files(
    engine: Engine, keyring: Keyring, old_rows: Callable[[], list[str]]
) -> None:
    """Neither in pages that are free since, nor in the write-ahead log."""
    seal_words(engine, CaseKeys(engine, keyring))
    assert old_rows() == []


def test_a_start_that_was_killed_after_sealing_is_made_good_by_the_next(
    engine: Engine, keyring: Keyring, old_rows: Callable[[], list[str]]
) -> None:
    for table in schema.WORDS:
        _seal_table(engine, CaseKeys(engine, keyring), table)
    assert LONG_AGO in old_rows()
    assert seal_words(engine, CaseKeys(engine, keyring)) == 0
    assert old_rows() == []


def test_a_reader_that_holds_the_log_is_told_and_the_next_start_empties_it(
    engine: Engine, keyring: Keyring, old_rows: Callable[[], list[str]], caplog: pytest.LogCaptureFixture
) -> None:
    listen(engine, "checkout", lambda raw, *_: raw.execute("PRAGMA busy_timeout = 100").close())
    with closing(sqlite3.connect(str(engine.url.database))) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM call").fetchall()
        assert seal_words(engine, CaseKeys(engine, keyring)) == 3
        assert "VACUUM it while no service runs" in caplog.text
    assert old_rows() != []
    seal_words(engine, CaseKeys(engine, keyring))
    assert old_rows() == []


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


@both_databases
def test_a_row_written_by_a_service_of_before_keeps_both_words(
    db: SqlDatabase, engine: Engine, keyring: Keyring, call: Call
) -> None:
    """During an update of several services, an older one writes its note in the clear beside the sealed reason."""
    with db.write() as unit:
        unit.queue.save_call(end(unit.queue.call("call_1"), CallEvent.HUNG_UP, NOW, HUNG_UP))
    writing(engine, lambda it: it.execute(update(schema.call).values(outcome_note=NOTE)))
    assert seal_words(engine, CaseKeys(engine, keyring)) == 1
    with db.read() as unit:
        assert (unit.queue.call("call_1").reason, unit.queue.call("call_1").outcome_note) == (HUNG_UP, NOTE)


@both_databases
def test_words_that_cannot_be_opened_are_told_so_and_kept(
    db: SqlDatabase, engine: Engine, keyring: Keyring, call: Call
) -> None:
    """The lists that hold this call have others in them; and a later start does not stop at its case."""
    with db.write() as unit:
        finish(unit)
    writing(engine, lambda it: it.execute(text("UPDATE data_key SET kek_id = 'destroyed'")))
    before = stored(engine, schema.call)
    later = SqlDatabase(engine, keyring, CaseKeys(engine, keyring))
    with later.write() as unit:
        (told,) = unit.queue.ended_calls("branch_shanghang", NOW, 9)
        assert told.reason == UNREADABLE
        unit.queue.save_call(replace(told, wrap_up_seconds=30.0))
    assert stored(engine, schema.call)["sealed"] == before["sealed"]
    writing(engine, lambda it: it.execute(update(schema.leg).values(reason=LEFT)))
    assert seal_words(engine, CaseKeys(engine, keyring)) == 0
    assert stored(engine, schema.leg)["reason"] == LEFT


@both_databases
def test_a_call_whose_key_is_gone_can_end_without_its_words(
    db: SqlDatabase, engine: Engine, keyring: Keyring, call: Call, caplog: pytest.LogCaptureFixture
) -> None:
    writing(engine, lambda it: it.execute(text("UPDATE data_key SET kek_id = 'destroyed'")))
    with SqlDatabase(engine, keyring, CaseKeys(engine, keyring)).write() as unit:
        finish(unit)
    row = stored(engine, schema.call)
    assert (row["state"], row["reason"], row["sealed"]) == (CallState.ENDED, "", None)
    assert "cannot be sealed" in caplog.text
    assert HUNG_UP not in caplog.text


@both_databases
def test_words_of_another_row_are_not_taken_for_its_own(db: SqlDatabase, engine: Engine, call: Call) -> None:
    with db.write() as unit:
        finish(unit)
    foreign = stored(engine, schema.leg)["sealed"]
    writing(engine, lambda it: it.execute(update(schema.call).values(sealed=foreign)))
    with db.read() as unit:
        assert unit.queue.call("call_1").reason == UNREADABLE


def test_what_is_in_the_clear_is_found_by_an_index(engine: Engine) -> None:
    """A start does not read all the calls of years."""
    with sqlite3.connect(str(engine.url.database)) as database:
        for table in schema.WORDS:
            (key,) = table.primary_key
            clear = f"SELECT * FROM {table.name} WHERE ({schema.CLEAR[table]}) AND {key.name} > '' ORDER BY {key.name}"
            plan = " ".join(row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {clear}"))
            assert f"ix_{table.name}_clear" in plan, plan
    database.close()

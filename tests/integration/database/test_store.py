"""The database's promises: migrations give the declared tables, old versions lose, half a unit leaves nothing."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from signing.adapters import demo_data
from signing.adapters.blobs import FolderBlobs
from signing.adapters.clock import SystemIds
from signing.adapters.database import SqlDatabase
from signing.adapters.database.engine import open_engine, upgrade
from signing.adapters.database.schema import metadata
from signing.adapters.database.vault import CaseKeys
from signing.adapters.keys import KeyedSecrets, Keyring
from signing.domain import events
from signing.domain.case import Case, Ending
from signing.domain.errors import ConflictError, KeyMissing, NotFound, OutsideError, TamperError
from signing.domain.ledger import inclusion_proof, leaf_hash, merkle_root
from signing.domain.resting import Cause, Change, Resting
from signing.service.case_list import CaseQuery
from signing.service.commands import SYSTEM
from signing.service.store import Changes
from tests.postgres import Postgres, both_databases
from tests.unit.domain.factories import NOW, make_case


def in_dialect(engine: Engine, statement: str) -> str:
    """The few words that the two databases spell differently."""
    own = engine.dialect.name == "sqlite"
    words = {"bytes": "BLOB", "on_event": ""} if own else {"bytes": "bytea", "on_event": " ON event"}
    return statement.format(drop="DROP TRIGGER", **words)


@both_databases
def test_migrations_make_exactly_the_declared_tables(engine: Engine) -> None:
    upgrade(engine)  # a second start changes nothing
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_sqlite_is_set_for_evidence(engine: Engine) -> None:
    with engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")}
        assert found == {"journal_mode": "wal", "synchronous": 2}
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1, "what is written over leaves no trace"


@both_databases
def test_a_case_comes_back_equal(db: SqlDatabase, case: Case) -> None:
    with db.read() as unit:
        assert unit.cases.get(case.case_id) == case
        assert unit.cases.find(CaseQuery("inst_demo"), 10) == [case]
        assert unit.cases.unfinished() == [case.case_id]


@both_databases
def test_another_institutions_case_does_not_exist(db: SqlDatabase, case: Case) -> None:
    with db.read() as unit, pytest.raises(NotFound):
        unit.cases.get(case.case_id, "inst_other")


@both_databases
def test_the_older_version_loses_and_chains_nothing(db: SqlDatabase, case: Case) -> None:
    with db.write() as unit:
        assert unit.cases.save(replace(case, abort_reason="first")).version == 1

    def second() -> None:
        with db.write() as unit:
            unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, "second", ()), SYSTEM, NOW)
            unit.cases.save(replace(case, abort_reason="second"))

    with pytest.raises(ConflictError):
        second()
    with db.read() as unit:
        assert unit.cases.get(case.case_id).abort_reason == "first"
        assert len(unit.cases.events(case.case_id)) == 1


@both_databases
def test_changes_are_told_after_the_commit_and_only_then(db: SqlDatabase, case: Case) -> None:
    told: list[Changes] = []
    db.on_commit = told.append

    def fail() -> None:
        with db.write() as unit:
            unit.cases.save(case)
            raise NotFound("x")

    with pytest.raises(NotFound):
        fail()
    assert told == []
    with db.write() as unit:
        unit.cases.save(case)
        assert told == []
    assert [changes.case_ids for changes in told] == [{case.case_id}]


@both_databases
def test_a_closed_chain_takes_nothing_more(db: SqlDatabase, case: Case) -> None:
    with db.write() as unit:
        unit.cases.append(case.case_id, events.package_closed("PQ1", "3" * 64), SYSTEM, NOW)

    def late() -> None:
        with db.write() as unit:
            unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, "late", ()), SYSTEM, NOW)

    with pytest.raises(ConflictError):
        late()


@both_databases
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_file SET version = version + 1",
        "UPDATE case_file SET sealed = CAST('00' AS {bytes})",
        "{drop} event_no_update{on_event}; UPDATE event SET sha256 = '00'",
        "{drop} event_no_update{on_event}; UPDATE event SET sealed = (SELECT sealed FROM case_file)",
    ],
)
def test_what_was_changed_behind_our_back_is_not_read(
    db: SqlDatabase, engine: Engine, case: Case, statement: str
) -> None:
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        for one in in_dialect(engine, statement).split(";"):
            connection.execute(text(one))

    def look() -> None:
        with db.read() as unit:
            unit.cases.get(case.case_id)
            unit.cases.events(case.case_id)

    with pytest.raises(TamperError):
        look()


@both_databases
def test_a_deleted_event_breaks_the_chain(db: SqlDatabase, engine: Engine, case: Case) -> None:
    with db.write() as unit:
        for number in range(3):
            unit.cases.append(case.case_id, events.case_ended(Ending.ABORTED, str(number), ()), SYSTEM, NOW)
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(text(in_dialect(engine, "{drop} event_no_delete{on_event}")))
        connection.execute(text("DELETE FROM event WHERE seq = 2"))
    with db.read() as unit, pytest.raises(TamperError):
        unit.cases.events(case.case_id)


@both_databases
def test_case_numbers_count_for_each_day_and_institution(db: SqlDatabase) -> None:
    with db.write() as unit:
        first = [unit.cases.next_number("inst_demo", day) for day in ("20261124", "20261124", "20261125")]
    assert first == [1, 2, 1]


@both_databases
def test_the_roster_is_found_by_number_and_not_readable(db: SqlDatabase, engine: Engine) -> None:
    borrower = demo_data.BORROWER
    with db.read() as unit:
        found = unit.people.household("inst_demo", borrower.id_number.lower())
        assert found is not None
        assert (found.name, found.line) == (borrower.name, demo_data.LINE)
        assert unit.people.household("inst_demo", "440524188001010014") is None
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM household")).all()
    kept = b"".join(value.encode() if isinstance(value, str) else value for row in rows for value in row)
    assert kept
    assert borrower.name.encode() not in kept
    assert borrower.id_number.encode() not in kept


@both_databases
def test_a_log_entry_is_kept_once_for_each_case(db: SqlDatabase, case: Case) -> None:
    with db.write() as unit:
        assert [unit.logs.add_leaf(case.case_id, entry, NOW) for entry in (b"first", b"second")] == [0, 0]
        assert unit.logs.leaves() == [b"first"]


@both_databases
def test_the_logs_head_and_proofs_are_those_of_all_its_entries(db: SqlDatabase, case: Case) -> None:
    for number in range(21):
        with db.write() as unit:
            unit.cases.add(replace(case, case_id=f"logged_{number}", case_no=f"PQX{number}"))
            assert unit.logs.add_leaf(f"logged_{number}", b"%d" % number, NOW) == number
    with db.read() as unit:
        leaves = [leaf_hash(entry) for entry in unit.logs.leaves()]
        for index in range(21):
            proof = unit.logs.proof(index)
            assert (proof.size, proof.root) == (21, merkle_root(leaves))
            assert list(proof.path) == inclusion_proof(index, leaves)
        with pytest.raises(IndexError):
            unit.logs.proof(21)


def test_a_log_of_before_gets_its_nodes(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0013")
    raw = engine.raw_connection()
    raw.execute("PRAGMA foreign_keys = OFF")
    for number in range(13):
        row = (number, f"case_{number}", "2026-11-24 02:10:00.000000", b"%d" % number)
        raw.execute("INSERT INTO log_entry (position, case_id, at, entry) VALUES (?, ?, ?, ?)", row)
    raw.commit()
    raw.close()
    upgrade(engine)
    keyring = Keyring(tmp_path / "keyring.json")
    with SqlDatabase(engine, keyring, CaseKeys(engine, keyring)).read() as unit:
        leaves = [leaf_hash(b"%d" % number) for number in range(13)]
        assert unit.logs.proof(5).root == merkle_root(leaves)
        assert list(unit.logs.proof(5).path) == inclusion_proof(5, leaves)
    engine.dispose()


def test_an_account_that_rested_before_rests_on_for_what_was_done_then(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0018")
    raw = engine.raw_connection()
    raw.execute("PRAGMA foreign_keys = OFF")
    row = ("staff_old", "added", "2026-11-24 02:10:00.000000", "staff_admin")
    raw.execute("INSERT INTO resting_account (staff_id, cause, since, by_id) VALUES (?, ?, ?, ?)", row)
    raw.commit()
    raw.close()
    upgrade(engine)
    keyring = Keyring(tmp_path / "keyring.json")
    at = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
    with SqlDatabase(engine, keyring, CaseKeys(engine, keyring)).read() as unit:
        assert unit.accounts.all_resting() == [Resting("staff_old", at, (Change(Cause.ADDED, at, "staff_admin"),))]
    engine.dispose()


@both_databases
def test_a_key_of_another_installation_opens_nothing(
    tmp_path: Path, engine: Engine, db: SqlDatabase, case: Case
) -> None:
    stranger = Keyring(tmp_path / "other.bin")
    other = SqlDatabase(engine, stranger, CaseKeys(engine, stranger))
    with other.read() as unit, pytest.raises(KeyMissing):
        unit.cases.get(case.case_id)


def test_a_key_file_is_private_complete_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keyring.json"
    first = Keyring(path).digest("x", "y")
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keyring(path).digest("x", "y") == first
    assert [entry.name for entry in path.parent.iterdir()] == ["keyring.json"]
    path.write_bytes(b"short")
    with pytest.raises(OutsideError):
        Keyring(path)


def test_the_same_number_differs_by_purpose_and_key(tmp_path: Path, keyring: Keyring) -> None:
    other = Keyring(tmp_path / "other.bin")
    digests = {keyring.digest("code:a", "123456"), keyring.digest("code:b", "123456"), other.digest("code:a", "123456")}
    assert len(digests) == 3


def test_passwords(keyring: Keyring) -> None:
    secrets = KeyedSecrets(keyring)
    hashed = secrets.hash_password("demo-agent-2026")
    assert secrets.password_matches(hashed, "demo-agent-2026")
    for stored, tried in ((hashed, "demo-agent-2025"), ("", ""), ("", "x"), ("no hash", "x")):
        assert not secrets.password_matches(stored, tried)


@both_databases
def test_a_case_whose_key_is_gone_gets_no_other(db: SqlDatabase, engine: Engine, keyring: Keyring, case: Case) -> None:
    """A fresh key would open nothing of it, and hide that a backup is needed."""
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM data_key"))
    keys = CaseKeys(engine, keyring)
    later = SqlDatabase(engine, keyring, keys)
    with later.read() as unit, pytest.raises(KeyMissing):
        unit.cases.get(case.case_id)
    with later.read() as unit, pytest.raises(KeyMissing):
        unit.cases.events(case.case_id)
    with pytest.raises(KeyMissing), later.write() as unit:
        unit.cases.save(case)
    with pytest.raises(KeyMissing), later.write() as unit:
        unit.cases.append(case.case_id, events.case_opened(case), SYSTEM, NOW)
    with pytest.raises(KeyMissing):
        keys.of(case.case_id)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM data_key")).scalar() == 0


@both_databases
def test_a_case_takes_the_key_that_its_files_have_already(db: SqlDatabase, engine: Engine, keyring: Keyring) -> None:
    """Its papers are stored before it is."""
    keys = CaseKeys(engine, keyring)
    key = keys.of("case_new")
    with db.write() as unit:
        made = replace(make_case(), case_id="case_new", institution_id="inst_demo", branch_id="branch_shanghang")
        unit.cases.add(made)
    assert CaseKeys(engine, keyring).of("case_new") == key
    with SqlDatabase(engine, keyring, CaseKeys(engine, keyring)).read() as unit:
        assert unit.cases.get("case_new") == made


@both_databases
def test_blobs_are_stored_once_and_only_for_their_case(tmp_path: Path, engine: Engine, keyring: Keyring) -> None:
    blobs = FolderBlobs(tmp_path / "blobs", CaseKeys(engine, keyring).of)
    digest = blobs.put("case_1", b"contract")
    (path,) = (path for path in (tmp_path / "blobs").rglob("*") if path.is_file())
    before = path.read_bytes()
    assert blobs.put("case_1", b"contract") == digest
    assert path.read_bytes() == before
    assert b"contract" not in before
    assert blobs.get("case_1", digest) == b"contract"
    for case_id, wanted in (
        ("case_2", digest),
        ("case_1", "0" * 64),
        ("../case_1", digest),
        ("case_1", "../" + digest),
    ):
        with pytest.raises(NotFound):
            blobs.get(case_id, wanted)


@both_databases
def test_a_blob_moved_to_another_case_is_refused(tmp_path: Path, engine: Engine, keyring: Keyring) -> None:
    blobs = FolderBlobs(tmp_path / "blobs", CaseKeys(engine, keyring).of)
    digest = blobs.put("case_1", b"contract")
    (path,) = (path for path in (tmp_path / "blobs").rglob("*") if path.is_file())
    target = tmp_path / "blobs" / "case_2" / digest[:2] / digest
    target.parent.mkdir(parents=True)
    path.rename(target)
    with pytest.raises(TamperError):
        blobs.get("case_2", digest)


@both_databases
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, engine: Engine, keyring: Keyring) -> None:
    folder = tmp_path / "blobs"
    blobs = FolderBlobs(folder, CaseKeys(engine, keyring).of)
    (folder / "case_1").write_bytes(b"a file where a folder has to be")
    with pytest.raises(OutsideError):
        blobs.put("case_1", b"contract")


def test_identifiers_sort_by_time_and_fit_a_path() -> None:
    ids = [SystemIds().new("case") for _ in range(200)]
    assert len(set(ids)) == 200
    assert [one[:15] for one in ids] == sorted(one[:15] for one in ids)
    assert all(len(one) == 31 and one.replace("_", "").isalnum() for one in ids)
    assert all(len(SystemIds().code()) == 6 for _ in range(50))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_calls_of_the_first_version_get_their_leg(tmp_path: Path, server: Postgres, kind: str) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}" if kind == "sqlite" else server.create())
    upgrade(engine, "0001")
    at = "2026-11-24 02:10:00.000000"
    rows = [
        "INSERT INTO institution VALUES ('i', 'n', 's', 'a', 'h', 'r', 'c')",
        "INSERT INTO branch VALUES ('b', 'i', 'n')",
        f"INSERT INTO seat VALUES ('s', 'i', 'b', '07', '{at}', 'on_call', '', 'u', 't', 'k', 'c')",
        "INSERT INTO staff VALUES ('u', 'zhang', 'n', 'agent', 'i', 'b', 'x', 's', TRUE)",
        f"INSERT INTO case_file VALUES ('c', 'PQ1', 'i', 'b', 'p', '{at}', FALSE, 1, CAST('00' AS {{bytes}}))",
        f"INSERT INTO ticket VALUES ('t', 'c', 'p', 'i', 'b', '{at}', '3', 'connected', 's', NULL, NULL, TRUE)",
        f"INSERT INTO call VALUES ('k', 'c', 'p', 't', 's', 'u', 'n', '{at}', 'live', NULL, '')",
        f"INSERT INTO call VALUES ('e', 'c', 'p', 't', 's', 'u', 'n', '{at}', 'ended', '{at}', '')",
    ]
    with engine.begin() as connection:
        for row in rows:
            connection.execute(text(in_dialect(engine, row)))
    upgrade(engine)
    keyring = Keyring(tmp_path / "keyring.json")
    with SqlDatabase(engine, keyring, CaseKeys(engine, keyring)).read() as unit:
        (leg,) = unit.queue.open_legs()
        assert (leg.call_id, leg.party_id, leg.ticket_id) == ("k", "p", "t")
        assert [one.state.value for one in unit.queue.legs_of("e")] == ["left"]
        assert unit.queue.ticket("t").joint
        assert unit.queue.live_call_of("p") == unit.queue.call("k")
    names = "leg_id, call_id, case_id, party_id, ticket_id, joined_at, since, state, reason, muted, apart"
    values = "'x', call_id, case_id, party_id, ticket_id, joined_at, since, 'held', '', muted, apart"
    second = f"INSERT INTO leg ({names}) SELECT {values} FROM leg WHERE leg_id = 'k'"
    with engine.begin() as connection, pytest.raises(IntegrityError, match="party_id"):
        connection.execute(text(second))
    engine.dispose()

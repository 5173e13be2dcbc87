"""Key-encryption keys: taken over from the first version, rotated under a running service, killed in the middle."""

import asyncio
import hashlib
import hmac
import json
import random
import secrets
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text, update

from signing.adapters import keyfile
from signing.adapters.database import rotation
from signing.adapters.database.engine import open_engine, upgrade
from signing.adapters.database.schema import data_key
from signing.adapters.database.vault import KEPT, CaseKeys
from signing.adapters.keys import Keyring
from signing.adapters.sealed import seal
from signing.cli import main
from signing.commandline.doctor import _keys
from signing.domain.errors import ConflictError, NotFound, OutsideError, TamperError
from tests.integration.service.office import open_app
from tests.integration.web.running import CASE, Running, running
from tests.postgres import both_databases


def fill(engine: Engine, keyring: Keyring, number: int) -> dict[str, bytes]:
    """Data keys of ``number`` cases, as stored."""
    keys = {f"case_{index:05}": secrets.token_bytes(32) for index in range(number)}
    rows = [dict(zip(("kek_id", "wrapped"), keyring.wrap(one, key), strict=True)) for one, key in keys.items()]
    with engine.begin() as connection:
        connection.execute(insert(data_key), [{"case_id": c, **row} for c, row in zip(keys, rows, strict=True)])
    return keys


def opened_keys(engine: Engine, keyring: Keyring, wanted: dict[str, bytes]) -> dict[str, bytes]:
    case_keys = CaseKeys(engine, keyring)
    return {case_id: case_keys.of(case_id) for case_id in wanted}


def rotate(engine: Engine, keyring: Keyring, batch: int = 100) -> int:
    return rotation.rotate(engine, keyring, lambda done, whole: None, batch)


# --- the key file -------------------------------------------------------------------------------------------------


def test_a_key_of_the_first_version_becomes_the_first_of_a_ring(tmp_path: Path, engine: Engine) -> None:
    old = secrets.token_bytes(32)
    (tmp_path / keyfile.OLD_NAME).write_bytes(old)
    wrapped = seal(old, b"d" * 32, "data-key:case_1")
    with engine.begin() as connection:
        connection.execute(insert(data_key), {"case_id": "case_1", "kek_id": "k1", "wrapped": wrapped})
    keyring = Keyring(tmp_path / keyfile.NAME)
    before = hmac.new(keyfile.hkdf(old, "digests"), b"session\x00token", hashlib.sha256).hexdigest()
    assert keyring.digest("session", "token") == before
    for purpose in ("roster", "stand-in-messages"):
        assert keyring.derive(purpose) == keyfile.hkdf(old, purpose)
    assert CaseKeys(engine, keyring).of("case_1") == b"d" * 32
    assert not (tmp_path / keyfile.OLD_NAME).exists()
    assert (tmp_path / keyfile.NAME).stat().st_mode & 0o777 == 0o600
    rotate(engine, keyring)
    again = Keyring(tmp_path / keyfile.NAME)
    assert again.digest("session", "token") == before
    assert again.derive("roster") == keyfile.hkdf(old, "roster")
    assert CaseKeys(engine, again).of("case_1") == b"d" * 32


def test_data_keys_of_before_count_as_the_first_keys(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0003")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO data_key (case_id, wrapped) VALUES ('case_1', x'00')"))
    upgrade(engine)
    assert rotation.in_use(engine) == {keyfile.FIRST_ID: 1}
    engine.dispose()


def test_a_stranger_among_the_key_files_is_not_taken(tmp_path: Path) -> None:
    Keyring(tmp_path / keyfile.NAME)
    (tmp_path / keyfile.OLD_NAME).write_bytes(secrets.token_bytes(32))
    with pytest.raises(OutsideError, match="不同"):
        Keyring(tmp_path / keyfile.NAME)
    assert (tmp_path / keyfile.OLD_NAME).exists()


@pytest.mark.parametrize("damage", [b"", b"short", b"{}", b'{"format": 1, "keys": [], "service": {}}'])
def test_a_damaged_file_is_said(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / keyfile.NAME).write_bytes(damage)
    with pytest.raises(OutsideError, match="损坏"):
        Keyring(tmp_path / keyfile.NAME)


def test_a_short_key_of_the_first_version_is_said(tmp_path: Path) -> None:
    (tmp_path / keyfile.OLD_NAME).write_bytes(b"short")
    with pytest.raises(OutsideError, match="长度"):
        Keyring(tmp_path / keyfile.NAME)


def test_service_keys_are_bound_to_their_names(tmp_path: Path, keyring: Keyring) -> None:
    read = json.loads((tmp_path / keyfile.NAME).read_text())
    service = read["service"]
    service["root"], service["index.1"] = service["index.1"], service["root"]
    (tmp_path / keyfile.NAME).write_text(json.dumps(read))
    with pytest.raises(TamperError):
        Keyring(tmp_path / keyfile.NAME)


def test_no_key_is_in_what_a_keyring_says_of_itself(keyring: Keyring) -> None:
    assert keyring.current.key.hex() not in repr(keyring.keks)
    assert repr(keyring.current.key) not in repr(keyring.keks)


# --- rotation -----------------------------------------------------------------------------------------------------


@both_databases
def test_every_data_key_is_wrapped_again_and_stays_what_it_was(engine: Engine, keyring: Keyring) -> None:
    keys = fill(engine, keyring, 950)
    digest = keyring.digest("capability", "x")
    assert rotate(engine, keyring) == 950
    assert rotation.in_use(engine) == {keyring.current.key_id: 950}
    assert opened_keys(engine, keyring, keys) == keys
    assert [kek.retired_at is None for kek in keyring.keks] == [False, True]
    assert keyring.digest("capability", "x") == digest
    assert rotate(engine, keyring) == 950
    assert opened_keys(engine, keyring, keys) == keys
    assert len(keyring.keks) == 3


def test_another_process_sees_the_new_key_without_a_stop(tmp_path: Path, engine: Engine, keyring: Keyring) -> None:
    keys = fill(engine, keyring, 20)
    other = Keyring(tmp_path / keyfile.NAME)
    rotate(engine, other)
    assert opened_keys(engine, keyring, keys) == keys
    assert keyring.new_wrapped("case_x")[0] == other.current.key_id


@both_databases
def test_what_a_slow_writer_wraps_late_is_found_by_the_next_look(engine: Engine, keyring: Keyring) -> None:
    first = keyring.current
    rotate(engine, keyring)
    late = seal(first.key, b"l" * 32, "data-key:late")
    with engine.begin() as connection:
        connection.execute(insert(data_key), {"case_id": "late", "kek_id": first.key_id, "wrapped": late})
    later = datetime.now(UTC) + timedelta(hours=2)
    with pytest.raises(ConflictError, match="还有 1 把"):
        rotation.destroy(engine, keyring, first.key_id, later)
    assert rotate(engine, keyring) == 1
    assert len(keyring.keks) == 2, "the rotation was gone on with, not begun anew"
    assert CaseKeys(engine, keyring).of("late") == b"l" * 32


@both_databases
def test_a_key_is_destroyed_only_when_nothing_needs_it(tmp_path: Path, engine: Engine, keyring: Keyring) -> None:
    keys = fill(engine, keyring, 10)
    first, now = keyring.current, datetime.now(UTC)
    with pytest.raises(ConflictError, match="没有退役"):
        rotation.destroy(engine, keyring, first.key_id, now)
    rotate(engine, keyring)
    with pytest.raises(ConflictError, match="一小时"):
        rotation.destroy(engine, keyring, first.key_id, now)
    with pytest.raises(NotFound):
        rotation.destroy(engine, keyring, "k9", now)
    rotation.destroy(engine, keyring, first.key_id, now + timedelta(hours=2))
    assert first.key.hex() not in (tmp_path / keyfile.NAME).read_text()
    assert opened_keys(engine, Keyring(tmp_path / keyfile.NAME), keys) == keys


def test_a_row_of_an_unknown_key_says_what_to_restore(engine: Engine, keyring: Keyring) -> None:
    keys = fill(engine, keyring, 1)
    with engine.begin() as connection:
        connection.execute(update(data_key).values(kek_id="k7-000000"))
    with pytest.raises(OutsideError, match="k7-000000"):
        opened_keys(engine, keyring, keys)


def test_a_row_wrapped_for_another_case_is_refused(engine: Engine, keyring: Keyring) -> None:
    fill(engine, keyring, 2)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE data_key SET wrapped = (SELECT wrapped FROM data_key WHERE case_id='case_00001')")
        )
    with pytest.raises(TamperError):
        CaseKeys(engine, keyring).of("case_00000")


def test_the_cache_of_open_keys_is_bounded(engine: Engine, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signing.adapters.database.vault.KEPT", 5)
    case_keys = CaseKeys(engine, keyring)
    keys = fill(engine, keyring, 12)
    assert {case_id: case_keys.of(case_id) for case_id in keys} == keys
    assert len(case_keys._known) == 5
    assert KEPT > 1000


_ROTATE = """
import sys
from pathlib import Path
from signing.adapters.database import rotation
from signing.adapters.database.engine import open_engine
from signing.adapters.keys import Keyring
folder = Path(sys.argv[1])
engine, keyring = open_engine(sys.argv[2]), Keyring(folder / "keyring.json")
print("begin", flush=True)
rotation.rotate(engine, keyring, lambda done, whole: print(done, flush=True), 40)
print("end", flush=True)
"""


@both_databases
def test_kill_dash_nine_at_any_point_loses_no_key(
    tmp_path: Path, database: str, engine: Engine, keyring: Keyring
) -> None:
    keys = fill(engine, keyring, 1500)
    chance, kills = random.Random(5), 0
    for _ in range(40):
        with subprocess.Popen(
            [sys.executable, "-c", _ROTATE, str(tmp_path), database], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "begin"
            time.sleep(chance.uniform(0.0, 0.25))
            process.send_signal(signal.SIGKILL)
            finished = "end" in process.stdout.read()
        kills += not finished
        assert len(Keyring(tmp_path / keyfile.NAME).keks) <= 3
        sample = dict(chance.sample(sorted(keys.items()), 60))
        assert opened_keys(engine, Keyring(tmp_path / keyfile.NAME), sample) == sample
        if finished:
            break
    assert kills >= 3
    rotate(engine, keyring)
    assert opened_keys(engine, Keyring(tmp_path / keyfile.NAME), keys) == keys
    assert list(rotation.in_use(engine)) == [keyring.current.key_id]


# --- a running service and the command line -----------------------------------------------------------------------


async def test_a_running_service_goes_on_through_a_rotation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with running(tmp_path / "data") as service:
        token, opened = await service.log_in("zhang"), await service.open_case()
        customer = await service.customer(opened)
        assert await asyncio.to_thread(main, ["keys", "rotate", "--data", str(tmp_path / "data")]) == 0
        async with service.client(token) as http:
            again = await http.get(f"/api/cases/{opened.case.case_id}")
            assert again.status_code == 200, "session, case and its key are as before"
            path = f"/api/cases/{opened.case.case_id}/documents/{opened.case.documents[0].document_id}.pdf"
            assert (await http.get(path)).content.startswith(b"%PDF")
            assert (await http.post("/api/cases", json=CASE)).status_code == 201, "the roster is read"
        assert service.web.queries.authenticate(customer).kind == "party"
        await _enters_by_the_same_link(service, opened.invitations[0].url)
    await asyncio.to_thread(main, ["keys", "list", "--data", str(tmp_path / "data")])
    said = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[1] for line in said[-2:]] == ["已退役", "现用"]
    assert "保护 0 把" in said[-2]
    assert "保护 2 把" in said[-1]


async def _enters_by_the_same_link(service: Running, url: str) -> None:
    capability = url.partition("#")[2]
    async with service.client() as http:
        assert (await http.post("/api/phone/code", json={"capability": capability})).status_code == 200
        body = {"capability": capability, "code": await service.code()}
        assert (await http.post("/api/phone/redeem", json=body)).status_code == 200


def test_doctor_looks_at_the_keys(tmp_path: Path) -> None:
    assert _keys(tmp_path / "data").ok
    app = open_app(tmp_path / "data")
    app.services.blobs.put("case_1", b"x")
    app.engine.dispose()
    path = tmp_path / "data" / keyfile.NAME
    assert _keys(tmp_path / "data").ok is True
    path.chmod(0o640)
    assert _keys(tmp_path / "data").ok is False
    path.chmod(0o600)
    backup = path.read_bytes()
    added = Keyring(path).add_key()
    assert _keys(tmp_path / "data").ok is None, "a rotation is not finished"
    assert main(["keys", "rotate", "--data", str(tmp_path / "data")]) == 0
    assert _keys(tmp_path / "data").ok is True
    path.write_bytes(backup)
    found = _keys(tmp_path / "data")
    assert found.ok is False
    assert added.key_id in found.detail

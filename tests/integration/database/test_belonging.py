"""A key file that is lost, or another database's: nothing opens, and nothing new is made over what is there."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from signing.adapters import keyfile
from signing.adapters.database import rotation
from signing.adapters.database.account_schema import keyring_mark
from signing.adapters.database.belonging import open_keyring
from signing.adapters.database.engine import open_engine, upgrade
from signing.adapters.database.schema import data_key
from signing.adapters.keys import Keyring
from signing.bootstrap import build
from signing.cli import main
from signing.commandline.doctor import examine
from signing.config import Settings
from signing.domain.errors import OutsideError
from tests.postgres import both_databases


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def opened(data: Path, database: str) -> Keyring:
    engine = open_engine(database)
    try:
        return open_keyring(data, engine, database)
    finally:
        engine.dispose()


def make(data: Path) -> None:
    """A service's folder, as the first command leaves it."""
    asyncio.run(build(Settings(data)).close())


# --- lost ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("serve", "--port", "0"),
        ("case", "list"),
        ("user", "list"),
        ("keys", "list"),
        ("branch", "add", "b1", "--name", "支行", "--institution", "i1"),
    ],
)
def test_lost_keys_are_told_and_no_new_ones_made(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "data")
    (tmp_path / "data" / keyfile.NAME).unlink()
    assert main([*words, "--data", str(tmp_path / "data")]) == 2
    said = capsys.readouterr().err
    assert "keyring.json 缺失" in said
    assert "请从备份恢复 keyring.json" in said
    assert not (tmp_path / "data" / keyfile.NAME).exists()


@pytest.mark.parametrize("trace", ["pingqian.db", "database.url", "objects.url", "blobs/ab"])
def test_whatever_a_service_left_is_data(trace: str, tmp_path: Path) -> None:
    data = folder(tmp_path / "data")
    (data / "blobs").mkdir()
    keyfile.require(data)
    (data / trace).write_text("postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(OutsideError, match="缺失"):
        build(Settings(data))
    assert not (data / keyfile.NAME).exists()


def test_the_doctor_finds_lost_keys(tmp_path: Path) -> None:
    make(tmp_path / "data")
    (tmp_path / "data" / keyfile.NAME).unlink()
    found = {one.what: one for one in examine(tmp_path / "data") if one.what in ("主密钥", "记录链")}
    for finding in found.values():
        assert finding.ok is False
        assert "keyring.json 缺失" in finding.detail
        assert "请从备份恢复" in finding.remedy
    assert len(found) == 2


# --- another's ----------------------------------------------------------------------------------------------------


@both_databases
def test_a_second_folder_is_not_taken_for_this_databases(database: str, tmp_path: Path) -> None:
    first, second = folder(tmp_path / "first"), folder(tmp_path / "second")
    opened(first, database)
    with pytest.raises(OutsideError, match="缺失"):
        opened(second, database)
    assert not (second / keyfile.NAME).exists()


@both_databases
def test_services_that_start_at_once_in_one_folder_have_one_key(database: str, tmp_path: Path) -> None:
    data = folder(tmp_path / "data")
    with ThreadPoolExecutor(4) as starting:
        keyrings = list(starting.map(lambda _: opened(data, database), range(4)))
    assert len({keyring.derive("mark") for keyring in keyrings}) == 1


@both_databases
def test_another_databases_keys_are_refused(database: str, tmp_path: Path) -> None:
    mine, other = folder(tmp_path / "mine"), folder(tmp_path / "other")
    opened(mine, database)
    Keyring(other / keyfile.NAME)
    with pytest.raises(OutsideError, match="不是这个数据库的"):
        opened(other, database)
    opened(mine, database)


@both_databases
def test_the_mark_outlives_rotation_and_an_older_copy_of_the_keys(database: str, tmp_path: Path) -> None:
    data = folder(tmp_path / "data")
    keyring = opened(data, database)
    shutil.copy(data / keyfile.NAME, tmp_path / "older.json")
    keyring.add_key()
    keyring.retire_others()
    opened(data, database)
    shutil.copy(tmp_path / "older.json", data / keyfile.NAME)
    assert len(opened(data, database).keks) == 1


@both_databases
def test_a_database_of_before_gets_the_mark_of_what_opens_it(database: str, tmp_path: Path) -> None:
    data, other = folder(tmp_path / "data"), folder(tmp_path / "other")
    keyring = opened(data, database)
    Keyring(other / keyfile.NAME)
    engine = open_engine(database)
    key_id, wrapped = keyring.wrap("case_1", b"d" * 32)
    with engine.begin() as connection:
        connection.execute(delete(keyring_mark))
        connection.execute(insert(data_key), {"case_id": "case_1", "kek_id": key_id, "wrapped": wrapped})
    with pytest.raises(OutsideError, match="不是这个数据库的"):
        opened(other, database)
    opened(data, database)
    with engine.connect() as connection:
        assert connection.execute(select(keyring_mark.c.mark)).scalar() == keyring.derive("mark").hex()
    engine.dispose()


def test_keys_of_one_name_are_told_apart_by_what_they_open(tmp_path: Path) -> None:
    """All first keys were called ``k1``."""
    address = f"sqlite:///{tmp_path / 'pingqian.db'}"
    engine = open_engine(address)
    upgrade(engine)
    mine, other = folder(tmp_path / "mine"), folder(tmp_path / "other")
    for data in (mine, other):
        (data / keyfile.OLD_NAME).write_bytes(data.name.encode().ljust(32))
    key_id, wrapped = Keyring(mine / keyfile.NAME).wrap("case_1", b"d" * 32)
    assert key_id == "k1"
    with engine.begin() as connection:
        connection.execute(insert(data_key), {"case_id": "case_1", "kek_id": key_id, "wrapped": wrapped})
    with pytest.raises(OutsideError, match="不是这个数据库的"):
        opened(other, address)
    assert rotation.in_use(engine) == {"k1": 1}
    opened(mine, address)
    engine.dispose()


def test_first_keys_of_two_folders_have_two_names(tmp_path: Path) -> None:
    first, second = (Keyring(folder(tmp_path / name) / keyfile.NAME) for name in ("a", "b"))
    assert first.current.key_id.startswith("k1-")
    assert first.current.key_id != second.current.key_id
    assert first.add_key().key_id.startswith("k2-")

"""A folder that may not be used, a full disk, a name that nobody has: told in Chinese, exit 2, never a traceback."""

import argparse
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop import app as desktop
from signing import cli
from signing.adapters.database.engine import facts_of, open_engine
from signing.adapters.documents import fontbuild
from signing.adapters.documents import fonts as paper_fonts
from signing.bootstrap import build
from signing.config import Settings
from signing.domain.errors import OutsideError, StorageFull

NOBODY = 65534


@pytest.fixture
def data() -> Iterator[Path]:
    """A service's data, in a place that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="pingqian-"))
    folder.chmod(0o755)
    build(Settings(folder / "data")).engine.dispose()
    yield folder / "data"
    (folder / "data").chmod(0o700)
    shutil.rmtree(folder)


@contextmanager
def somebody_else() -> Iterator[None]:
    """Permissions do not bind root; as anybody else they do already."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    capsys.readouterr()
    assert cli.main([str(word) for word in words]) == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("words", [("case", "list"), ("core-key", "list"), ("voices",), ("serve",)])
def test_a_folder_that_may_not_be_entered_is_told(
    data: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    data.chmod(0)
    with somebody_else():
        said = refused(capsys, *words, "--data", data)
    assert f"数据目录 {data} 不能读取（没有权限）。请用运行服务的用户执行，例如 sudo -u pingqian" in said


def test_keys_that_may_not_be_read_are_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.chmod(0o755)
    (data / "keyring.json").chmod(0)
    with somebody_else():
        assert "不能读取（没有权限）" in refused(capsys, "case", "list", "--data", data)


def test_the_doctor_goes_on_past_a_folder_that_may_not_be_entered(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data.chmod(0)
    with somebody_else():
        assert cli.main(["doctor", "--data", str(data)]) == 1
    said = capsys.readouterr().out
    assert f"✗ 不行  数据目录：{data} 不能读取（没有权限）\n        办法：请用运行服务的用户执行" in said
    assert "openssl" in said


def test_a_folder_that_may_only_be_read_is_no_busy_database(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "keyring.json").chmod(0o644)
    data.chmod(0o555)
    with somebody_else():
        said = refused(capsys, "case", "list", "--data", data)
    assert "数据目录不能写入（没有权限" in said
    assert "忙" not in said


def test_a_database_that_does_not_open_is_no_busy_one(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="数据库文件打不开"):
        facts_of(open_engine(f"sqlite:///{tmp_path / 'nosuch' / 'pingqian.db'}"))


def test_recordings_of_a_folder_that_is_not_there_are_not_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "nosuch"
    said = refused(capsys, "voices", "--data", missing)
    assert said == refused(capsys, "case", "list", "--data", missing)
    assert f"{missing} 里没有服务的数据" in said


class Failing:
    name = "bench"
    help = "测量"
    error: Exception

    def configure(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int:
        raise self.error


FAILING = Failing()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/a/b"), "/a/b 不能使用（没有权限）"),
        (OSError(errno.ENOSPC, "No space left"), "没有完成（磁盘已满）"),
        (StorageFull(), "服务器磁盘已满，没有存下。请腾出磁盘空间后再运行一次"),
    ],
)
def test_what_no_command_has_told_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, told: str
) -> None:
    monkeypatch.setattr(cli, "BUILT_IN", (("bench", f"{__name__}:FAILING", "测量"),))
    monkeypatch.setattr(FAILING, "error", error, raising=False)
    said = refused(capsys, "bench")
    assert told in said
    assert "录像" not in said
    assert not re.search("[A-Z]", said)


@pytest.mark.parametrize("server", ["nonsense", "ftp://a.example", "http://", "http://a:99999", "127.0.0.1:8080"])
def test_a_window_starts_with_an_address_only(capsys: pytest.CaptureFixture[str], server: str) -> None:
    with pytest.raises(SystemExit) as left:
        desktop.parser().parse_args(["--server", server])
    assert left.value.code == 2
    assert f"“{server}”不是服务的地址，请写成 https://" in capsys.readouterr().err


@pytest.mark.parametrize("server", ["https://sign.example.cn", "http://127.0.0.1:8080", "http://[::1]:80/"])
def test_an_address_is_taken_as_it_is(server: str) -> None:
    assert desktop.parser().parse_args(["--server", server]).server == server


def test_fonts_that_are_there_are_not_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PINGQIAN_FONTS", str(tmp_path))
    for weight in fontbuild.WEIGHTS:
        (tmp_path / f"PingqianSong-{weight}-{fontbuild.FORMAT}.ttf").touch()
    assert paper_fonts.main() == 0
    assert capsys.readouterr().out == f"宋体字库已经备好：{tmp_path}\n"


def test_a_name_that_nobody_has_names_the_command_that_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert "pingqian products" in refused(capsys, "products", "nosuch")
    said = refused(capsys, "templates", "preview", "nosuch")
    assert said == "没有这份文书模板：nosuch。列出全部模板：pingqian templates list\n"

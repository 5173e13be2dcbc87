"""``pingqian verify`` and ``export`` as a person or a program meets them."""

import argparse
import json
from pathlib import Path

import pytest

from signing import cli
from signing.evidence.command import ExportCommand
from signing.evidence.core.container import pack
from tests.fakes.notary import Notary
from tests.unit.evidence.samples import entries_of


@pytest.fixture
def path(package: bytes, tmp_path: Path) -> Path:
    (tmp_path / "SH2026-0001.asice").write_bytes(package)
    return tmp_path / "SH2026-0001.asice"


@pytest.fixture
def root(notary: Notary, tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(b"# text around it\r\n" + notary.trust_pem())
    return tmp_path / "root.pem"


def test_a_valid_package_is_shown_as_a_table(path: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", str(path), "--trust", str(root)]) == 0
    said = capsys.readouterr().out
    assert "结论：已验证" in said
    assert "通过  recordings/rec_1.mp4" in said
    assert "不符" not in said
    assert "根证书取自包内" not in said


def test_a_changed_package_names_the_first_bad_item(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = entries_of(path.read_bytes())
    path.write_bytes(pack(entries | {"case.json": b'{"case_id":"case_2"}'}))
    assert cli.main(["verify", str(path), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["first_bad_item"]) == ("altered", "case.json")
    assert cli.main(["verify", str(path)]) == 1
    assert "不符  case.json" in capsys.readouterr().out


def test_what_is_no_package_is_not_readable(
    path: Path, root: Path, notary: Notary, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["verify", str(root)]) == 2
    assert cli.main(["verify", str(path.with_name("nothing.asice"))]) == 2
    root.write_bytes(notary.tsa.pem())
    assert cli.main(["verify", str(path), "--trust", str(root)]) == 2
    assert "没有可用的根证书" in capsys.readouterr().err


def test_an_export_never_overwrites(package: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ExportCommand(lambda _: package)
    parser = argparse.ArgumentParser()
    command.configure(parser)
    arguments = parser.parse_args(["SH2026-0001", "--out", str(tmp_path / "out.asice")])
    assert command.run(arguments) == 0
    assert (tmp_path / "out.asice").read_bytes() == package
    assert command.run(arguments) == 2
    assert "无法写入" in capsys.readouterr().err

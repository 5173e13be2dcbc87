"""``pingqian verify`` and ``export`` as a person or a program meets them."""

import argparse
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from signing import cli
from signing.domain.readable import whole_of
from signing.evidence.bundle import standalone_verifier
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
    assert "结论：已验证：18 项，签名 1，时间戳 1；另有 1 项未核对" in said, (
        "what was not looked at is part of the verdict"
    )
    assert "通过  recordings/rec_1.mp4" in said
    assert "不符" not in said
    assert "根证书取自包内" not in said


def test_a_changed_package_names_the_first_bad_item(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = entries_of(path.read_bytes())
    path.write_bytes(whole_of(pack(entries | {"case.json": b'{"case_id":"case_2"}'})))
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


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(8):
            file.writestr(f"zeros{number}", bytes(20_000_000))


def _overlap(path: Path) -> None:
    """Ten rows of the directory for one entry: a small file that would be read ten times."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("once", bytes(1000))
    data = path.read_bytes()
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    rows = data[at:end] * 10
    path.write_bytes(data[:at] + rows + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 10, 10, len(rows), at, 0))


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 << 30)


MEASURED = """
import pathlib, resource, subprocess, sys
left = subprocess.run(sys.argv[1:]).returncode
pathlib.Path("kilobytes").write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(left)
"""
"""Runs a command and keeps its peak of memory: a child of this process counts with what this one has grown to."""

UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "没有这个文件"),
    "folder": (Path.mkdir, "文件夹"),
    "empty": (Path.touch, "不是 ZIP 文件"),
    "text": (lambda path: path.write_text("你好"), "不是 ZIP 文件"),
    "sparse": (_sparse, "不是 ZIP 文件"),
    "bomb": (_bomb, "展开后过大"),
    "overlap": (_overlap, "互相重叠"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_both_verifiers_say_why_they_cannot_read(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sparse file has 3 GB, which need not be read."""
    make, words = UNREADABLE[kind]
    make(tmp_path / kind)
    (tmp_path / "verify.py").write_bytes(standalone_verifier())
    command = [sys.executable, "-c", MEASURED, sys.executable, "-I", "verify.py", kind]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, cli.main(["verify", str(tmp_path / kind)])) == (2, 2)
    own = capsys.readouterr()
    for said in (done.stdout + done.stderr, own.out + own.err):
        assert words in said
        assert "Errno" not in said
    assert 1000 < int((tmp_path / "kilobytes").read_text()) <= 500_000


def test_an_export_never_overwrites(package: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ExportCommand(lambda _, target: (target.write(package), b"renewals"), lambda _: [])
    parser = argparse.ArgumentParser()
    command.configure(parser)
    arguments = parser.parse_args(["SH2026-0001", "--out", str(tmp_path / "out.asice")])
    assert command.run(arguments) == 0
    assert (tmp_path / "out.asice").read_bytes() == package
    assert (tmp_path / "out.asice.ers").read_bytes() == b"renewals"
    assert "归档续期记录" in capsys.readouterr().out
    assert command.run(arguments) == 2
    assert "无法写入" in capsys.readouterr().err


def test_a_film_is_made_once_and_what_it_holds_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def film(arguments: argparse.Namespace) -> list[str]:
        arguments.film.write_bytes(b"film")
        return ["第 1 段", "此处没有录像"]

    command = ExportCommand(lambda *_: (0, b""), film)
    parser = argparse.ArgumentParser()
    command.configure(parser)
    arguments = parser.parse_args(["SH2026-0001", "--film", str(tmp_path / "film.mp4")])
    assert command.run(arguments) == 0
    assert capsys.readouterr().out == "第 1 段\n此处没有录像\n"
    assert command.run(arguments) == 2
    assert "不会覆盖" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        parser.parse_args(["SH2026-0001"])

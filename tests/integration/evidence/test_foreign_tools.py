"""What others make of a package: ``unzip``, ``openssl``, and the ``verify.py`` it carries, alone in an empty folder."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing.domain.readable import whole_of
from signing.evidence.core.container import pack
from signing.evidence.core.manifest import ARCHIVE, MANIFEST, SIGNATURE, TIMESTAMP
from signing.evidence.package import AsicPackageBuilder
from signing.evidence.verify import judge_package
from tests.fakes.notary import Notary
from tests.unit.evidence.samples import entries_of, parts_of

EVENTS = 6
AT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)


@pytest.fixture(scope="module", params=[False, True], ids=["rsa", "ecdsa"])
def notary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Notary:
    return Notary.found(tmp_path_factory.mktemp("notary"), elliptic=request.param)


@pytest.fixture(scope="module")
def package(notary: Notary) -> bytes:
    return whole_of(asyncio.run(AsicPackageBuilder(notary).build(parts_of(), AT)))


@pytest.fixture
def unpacked(package: bytes, notary: Notary, tmp_path: Path) -> Path:
    (tmp_path / "PACKAGE.asice").write_bytes(package)
    subprocess.run(["unzip", "-q", "PACKAGE.asice", "-d", "case"], cwd=tmp_path, check=True, timeout=30)
    folder = tmp_path / "case"
    (tmp_path / "ROOT.pem").write_bytes(notary.trust_pem())
    pems = sorted((folder / "certificates").glob("*.pem"))
    (tmp_path / "all.pem").write_bytes(b"".join(path.read_bytes() for path in pems))
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_unzip_finds_nothing_wrong(package: bytes, tmp_path: Path) -> None:
    (tmp_path / "p.asice").write_bytes(package)
    done = run(tmp_path, "unzip", "-t", "p.asice")
    assert (done.returncode, "No errors detected" in done.stdout) == (0, True)
    assert package[30:69] == b"mimetypeapplication/vnd.etsi.asic-e+zip"


def test_openssl_verifies_the_signature(unpacked: Path) -> None:
    verify = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", SIGNATURE, "-purpose", "any"]
    trust = ["-CAfile", "../ROOT.pem", "-certfile", "../all.pem", "-out", "../out"]
    assert run(unpacked, *verify, "-content", MANIFEST, *trust).returncode == 0
    assert run(unpacked, *verify, "-content", ARCHIVE, *trust).returncode != 0


def test_openssl_verifies_the_time_stamp(unpacked: Path) -> None:
    verify = ["openssl", "ts", "-verify", "-in", TIMESTAMP, "-token_in", "-CAfile", "../ROOT.pem"]
    assert run(unpacked, *verify, "-untrusted", "../all.pem", "-data", ARCHIVE).returncode == 0
    assert run(unpacked, *verify, "-untrusted", "../all.pem", "-data", MANIFEST).returncode != 0


def commands_of(guide: str) -> Iterator[str]:
    """The indented blocks of the guide, as a person would paste them."""
    for block in re.findall(r"(?:^ {4,}\S.*\n|^\n(?= {4,}\S))+", guide, re.MULTILINE):
        lines = [line for line in block.splitlines() if line.strip()]
        indent = min(len(line) - len(line.lstrip()) for line in lines)
        text = "\n".join(line[indent:] for line in lines)
        if text.startswith(("openssl", "python3 -")) and "-I verify.py" not in text:
            yield text


def test_the_guide_can_be_followed_step_by_step(unpacked: Path) -> None:
    shutil.copy(unpacked.parent / "ROOT.pem", unpacked)
    shutil.copy(unpacked.parent / "all.pem", unpacked)
    commands = list(commands_of((unpacked / "VERIFY.md").read_text("utf-8")))
    assert len(commands) == 4
    done = [run(unpacked, "bash", "-ec", command) for command in commands]
    assert [row.returncode for row in done] == [0] * 4, [row.stderr for row in done]
    said = "".join(row.stdout for row in done)
    assert "BAD" not in said
    objects = len(entries_of((unpacked.parent / "PACKAGE.asice").read_bytes())) - 5
    assert said.count("OK ") == objects + (objects + 2) + EVENTS


@pytest.fixture
def verify_alone(package: bytes, notary: Notary, tmp_path: Path) -> Path:
    """A folder with nothing but the program, a package and a root."""
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "verify.py").write_bytes(entries_of(package)["verify.py"])
    (folder / "p.asice").write_bytes(package)
    (folder / "root.pem").write_bytes(notary.trust_pem())
    return folder


def alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-I", "-S", "-W", "error", "verify.py", *arguments]
    env = {"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"}
    return subprocess.run(program, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60)


def test_the_packed_program_reaches_the_same_verdict(verify_alone: Path, package: bytes, notary: Notary) -> None:
    done = alone(verify_alone, "p.asice", "--json", "--trust", "root.pem")
    assert (done.returncode, done.stderr) == (0, "")
    ours = judge_package(package, notary.trust_pem())
    said = json.loads(done.stdout)
    assert (said["verdict"], said["first_bad_item"]) == (ours.verdict, ours.first_bad_item)
    assert [item["name"] for item in said["items"]] == [row.name for row in ours.rows]
    table = alone(verify_alone, "p.asice")
    assert table.returncode == 0
    assert "根证书取自包内" in table.stdout
    assert "结论：已验证" in table.stdout


@pytest.mark.parametrize("name", ["case.json", "verify.py", SIGNATURE, TIMESTAMP, ARCHIVE, MANIFEST])
def test_the_packed_program_names_the_bad_item(verify_alone: Path, package: bytes, name: str) -> None:
    entries = entries_of(package)
    data = entries[name]
    broken = data[:-40] + bytes([data[-40] ^ 4]) + data[-39:] if len(data) > 40 else data[:-1]
    (verify_alone / "p.asice").write_bytes(whole_of(pack(entries | {name: broken})))
    done = alone(verify_alone, "p.asice", "--json", "--trust", "root.pem")
    assert (done.returncode, json.loads(done.stdout)["first_bad_item"]) == (1, name)


def test_the_packed_program_does_not_believe_another_root(
    verify_alone: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Notary.found(tmp_path_factory.mktemp("stranger"))
    (verify_alone / "root.pem").write_bytes(stranger.trust_pem())
    done = alone(verify_alone, "p.asice", "--json", "--trust", "root.pem")
    assert (done.returncode, json.loads(done.stdout)["first_bad_item"]) == (1, TIMESTAMP)


def test_the_packed_program_says_what_it_cannot_read(verify_alone: Path) -> None:
    (verify_alone / "p.asice").write_bytes(b"")
    assert alone(verify_alone, "p.asice").returncode == 2
    (verify_alone / "p.asice").write_bytes(b"PK\x05\x06" + bytes(18))
    assert alone(verify_alone, "p.asice").returncode == 2
    assert alone(verify_alone, "nothing.asice").returncode == 2
    assert alone(verify_alone, "p.asice", "--trust", "verify.py").returncode == 2

"""The commands an auditor types in the eleventh year: a package with its record, and a paper that it vouches for."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from signing import cli
from signing.adapters.signer import LocalSigner
from signing.evidence.bundle import standalone_verifier
from signing.evidence.renewing import RenewalRecords
from tests.integration.evidence.sealed import build, open_signer, sealed_parts
from tests.unit.evidence.samples import entries_of

YEAR = timedelta(days=365)


class Later:
    """The machine's clock, put forward."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        from signing.adapters.clock import SystemClock

        return SystemClock().now() + self._by


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``case.asice`` with its ``case.asice.ers`` of nine years later, ``root.pem``, and the papers by themselves."""
    folder = tmp_path_factory.mktemp("desk")
    signer = open_signer(folder / "pki")
    package = asyncio.run(build(signer, asyncio.run(sealed_parts(signer))))
    later = LocalSigner.open(folder / "pki", Later(9.2 * YEAR))
    (record,) = asyncio.run(RenewalRecords(later).renewed([(package, b"")]))
    (folder / "case.asice").write_bytes(package)
    (folder / "case.asice.ers").write_bytes(record)
    (folder / "root.pem").write_bytes(later.trust_pem())
    (folder / "verify.py").write_bytes(standalone_verifier())
    for name, data in entries_of(package).items():
        if name.startswith("documents/"):
            (folder / Path(name).name).write_bytes(data)
    return folder


@pytest.fixture
def day(desk: Path) -> Callable[[float], str]:
    return lambda years: f"{Later(years * YEAR).now():%Y-%m-%d}"


Verify = Callable[..., tuple[int, str]]


@pytest.fixture
def verify(desk: Path, capsys: pytest.CaptureFixture[str]) -> Verify:
    def run(name: str, *arguments: str) -> tuple[int, str]:
        code = cli.main(["verify", str(desk / name), "--trust", str(desk / "root.pem"), *arguments])
        said = capsys.readouterr()
        return code, said.out + said.err

    return run


def test_the_record_beside_a_package_is_picked_up(verify: Verify, day: Callable[[float], str]) -> None:
    code, out = verify("case.asice", "--at", day(11))
    assert code == 0, out
    assert "归档时间戳续期 1 次，至 " in out
    assert "通过  归档续期记录（第 1 次）" in out


def test_without_it_the_verdict_says_what_the_proof_rests_on(
    verify: Verify, day: Callable[[float], str], desk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    alone = tmp_path / "case.asice"
    alone.write_bytes((desk / "case.asice").read_bytes())
    assert cli.main(["verify", str(alone), "--trust", str(desk / "root.pem"), "--at", day(11)]) == 1
    assert "结论：证明已过期：META-INF/timestamp001.tst" in capsys.readouterr().out
    named = ["--record", str(desk / "case.asice.ers"), "--at", day(11)]
    assert cli.main(["verify", str(alone), "--trust", str(desk / "root.pem"), *named]) == 0
    assert cli.main(["verify", str(alone), "--record", str(tmp_path / "none.ers")]) == 2


def test_the_packed_program_knows_records_too(desk: Path, day: Callable[[float], str]) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "verify.py", "case.asice", "--trust", "root.pem", *arguments]
        return subprocess.run(command, cwd=desk, capture_output=True, text=True, check=False)

    done = run("--at", day(11), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "归档时间戳续期 1 次" in json.loads(done.stdout)["headline"]
    late = run("--at", day(17))
    assert late.returncode == 1
    assert "之后没有再续期" in late.stdout


def test_a_paper_whose_own_time_stamp_is_over_is_proved_by_its_package(
    verify: Verify, day: Callable[[float], str], desk: Path
) -> None:
    code, out = verify("doc_1.pdf", "--at", day(11))
    assert code == 1
    assert "证书已经到期，之后没有续期" in out
    code, out = verify("doc_1.pdf", "--at", day(11), "--package", str(desk / "case.asice"))
    assert code == 0, out
    assert "归档时间戳续期 1 次" in out
    assert "文书逐字节收在其中" in out
    other = desk / "other.pdf"
    other.write_bytes((desk / "doc_1.pdf").read_bytes() + b"\n")
    code, out = verify("other.pdf", "--at", day(11), "--package", str(desk / "case.asice"))
    assert code == 1
    assert "没有与它逐字节相同的文书" in out
    code, out = verify("doc_1.pdf", "--at", day(17), "--package", str(desk / "case.asice"))
    assert code == 1
    assert "证据包没有通过核验" in out


def test_a_day_that_is_none_is_refused(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["verify", str(desk / "case.asice"), "--at", "soon"])
    assert "不是日期" in capsys.readouterr().err

"""``pingqian standin``: a program that an operator starts, whose printed lines are a ``signing.toml`` that works."""

import asyncio
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from signing import cli
from signing.adapters.documents import PaperDocuments
from signing.adapters.signer import open_signer
from signing.adapters.signer.remote import Place, RemoteKey
from signing.adapters.standin.ca import StandInCa
from signing.domain.errors import InputError, OutsideError
from signing.service.pdf_report import PaperReport
from tests.fakes.outside_ca import OutsideCa
from tests.paper import BORROWER, INSTITUTION, case, signing_context


@contextmanager
def started(*arguments: str) -> Iterator[str]:
    """What the program says up to its ``signing.toml``."""
    command = [sys.executable, "-m", "signing.cli", "standin", *arguments]
    program = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"}
    )
    assert program.stdout is not None
    said = ""
    try:
        while "roots = [" not in said:
            line = program.stdout.readline()
            assert line, f"the program ended: {said}"
            said += line
        yield said
    finally:
        program.terminate()
        program.wait(30)
        program.stdout.close()


def toml_of(said: str) -> str:
    return said[said.index("[seal]" if "[seal]" in said else "[tsa]") :]


def test_what_is_printed_is_what_signing_needs(tmp_path: Path) -> None:
    """CA and TSA over one folder, then a paper signed and sealed with them, and judged."""
    keys, data = str(tmp_path / "keys"), tmp_path / "data"
    with (
        started("ca", "--listen", "127.0.0.1:0", "--folder", keys) as ca,
        started("tsa", "--listen", "127.0.0.1:0", "--folder", keys) as tsa,
    ):
        assert "没有任何法律效力" in ca
        table = toml_of(ca).split("[trust]")[0] + toml_of(tsa)
        assert set(tomllib.loads(table)) == {"seal", "tsa", "trust"}
        data.mkdir()
        (data / "signing.toml").write_text(table, encoding="utf-8")
        report = asyncio.run(_sealed(data))
    assert report.verdict.value == "valid", report.headline
    seal, stamp = report.revisions[-2:]
    assert (seal.who, stamp.who) == ("外部机构印章（替身）", "外部时间戳（替身）")
    assert report.notes == ("第 2 次修订、第 3 次修订用的是替身机构的证书，仅供试用，不具有法律效力",)


async def _sealed(data: Path) -> PaperReport:
    signer, now = open_signer(data / "pki"), datetime.now(UTC)
    assert signer.outside_is_stand_in
    frozen = PaperDocuments().generate(case(BORROWER), INSTITUTION, now)[0]
    signed = await signer.sign_as_customer(frozen.pdf, signing_context(frozen, BORROWER, now))
    return signer.examine(await signer.seal(signed.pdf, INSTITUTION, now, "全部当事人已签署"))


def test_a_fault_is_said_and_shown(tmp_path: Path) -> None:
    with started("ca", "--listen", "127.0.0.1:0", "--folder", str(tmp_path / "keys"), "--fault", "refused") as said:
        assert "故障：拒绝" in said
        url = tomllib.loads(toml_of(said))["seal"]["url"]
        with pytest.raises(OutsideError, match="拒绝了请求"):
            asyncio.run(_signed(url))


async def _signed(url: str, token: str = "") -> bytes:
    key = await RemoteKey.open(Place(url, token))
    return await key.sign_digest(bytes(range(32)))


def test_who_does_not_bring_the_word_is_turned_away(tmp_path: Path) -> None:
    word = tmp_path / "word"
    word.write_text("sesame\n")
    with started(
        "ca", "--listen", "127.0.0.1:0", "--folder", str(tmp_path / "keys"), "--token-file", str(word)
    ) as said:
        url = tomllib.loads(toml_of(said))["seal"]["url"]
        assert "token_file" in said
        with pytest.raises(OutsideError, match="401"):
            asyncio.run(_signed(url))
        assert asyncio.run(_signed(url, "sesame"))


def test_the_same_folder_gives_the_same_authority(tmp_path: Path) -> None:
    first = StandInCa.open(tmp_path)
    assert StandInCa.open(tmp_path).root_pem == first.root_pem
    (tmp_path / "seal.pem").write_bytes(b"nothing")
    with pytest.raises(InputError, match="替身证书无法读取"):
        StandInCa.open(tmp_path)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"digest": "00", "digest_algorithm": "sha256"}', b"\xff"])
@pytest.mark.parametrize("path", ["/sign", "/"])
def test_what_is_no_request_is_refused_and_the_next_one_served(body: bytes, path: str) -> None:
    with OutsideCa().serving() as ca:
        assert httpx.post(f"{ca.url}{path}", content=body).status_code == 400
        assert httpx.post(f"{ca.url}/sign", content=b"x" * 200_000).status_code == 413
        assert httpx.get(f"{ca.url}/root.pem").content == ca.root_pem
        assert asyncio.run(_signed(ca.url))


@pytest.mark.parametrize("listen", ["8601", "127.0.0.1:99999", "nowhere at all"])
def test_an_address_that_is_none_is_refused(listen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["standin", "ca", "--listen", listen, "--folder", str(tmp_path)]) != 0
    assert "不是地址和端口" in capsys.readouterr().err

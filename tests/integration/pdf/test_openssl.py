"""Tokens, evidence signatures, certificates and revocation lists judged by a stock ``openssl``."""

import hashlib
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from signing.adapters.pki import Authority
from signing.adapters.signer import open_signer
from signing.domain.errors import InputError, TamperError
from signing.evidence.core.pdf import pdf_fields
from tests.integration.pdf.conftest import Loan

_SHA256 = SHA256()
DATA = "面签证据".encode() * 100


def _openssl(folder: Path, *command: str) -> tuple[int, str]:
    done = subprocess.run(["openssl", *command], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(loan: Loan, tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(loan.signer.trust_pem())
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "other").write_bytes(DATA[:-1] + b"x")
    return tmp_path


async def test_timestamps(loan: Loan, folder: Path) -> None:
    token = await loan.signer.timestamp(hashlib.sha256(DATA).digest())
    (folder / "token").write_bytes(token)
    verify = ["ts", "-verify", "-in", "token", "-token_in", "-CAfile", "root.pem", "-data"]
    assert _openssl(folder, *verify, "data")[0] == 0
    assert _openssl(folder, *verify, "other")[0] != 0
    text = _openssl(folder, "ts", "-reply", "-in", "token", "-token_in", "-text")[1]
    assert "Policy OID: 2.25." in text
    with pytest.raises(InputError):
        await loan.signer.timestamp(b"short")


async def test_evidence_signatures(loan: Loan, folder: Path) -> None:
    (folder / "signature").write_bytes((await loan.signer.sign_evidence(DATA)).der)
    verify = ["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "signature"]
    verify += ["-CAfile", "root.pem", "-out", "out", "-content"]
    code, text = _openssl(folder, *verify, "data")
    assert code == 0, text
    assert _openssl(folder, *verify, "other")[0] != 0


def test_certificates_and_revocation_lists(loan: Loan, folder: Path) -> None:
    files = loan.signer.chain_pem()
    assert {path.split("/")[0] for path in files} == {"certificates", "revocation"}
    for path, data in files.items():
        (folder / path.replace("/", "_")).write_bytes(data)
    lists = []
    for name in ("root", "issuing"):
        convert = ["crl", "-inform", "DER", "-in", f"revocation_{name}.crl", "-out", f"{name}.crl.pem"]
        assert _openssl(folder, *convert)[0] == 0
        lists += ["-CRLfile", f"{name}.crl.pem"]
    chain = ["verify", "-crl_check_all", *lists, "-CAfile", "root.pem", "-untrusted", "certificates_issuing.pem"]
    for path in files:
        if path.startswith("certificates/") and "root" not in path and "seal-maker" not in path:
            code, text = _openssl(folder, *chain, path.replace("/", "_"))
            assert code == 0, text
    signer = folder / "customer.der"
    signer.write_bytes(loan.first.certificate_der)
    assert _openssl(folder, "x509", "-inform", "DER", "-in", "customer.der", "-out", "customer.pem")[0] == 0
    assert _openssl(folder, *chain, "customer.pem")[0] == 0


def test_keys_are_encrypted_and_nobody_elses_to_read(loan: Loan, tmp_path: Path) -> None:
    open_signer(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "roots.pem"]
    assert len(files) == 5
    assert b"KEY" not in (tmp_path / "roots.pem").read_bytes(), "the one that is handed out"
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        assert b"BEGIN PRIVATE KEY" not in path.read_bytes()
        assert b"BEGIN EC PRIVATE KEY" not in path.read_bytes()
    assert (tmp_path / "ca").stat().st_mode & 0o777 == 0o700


def test_the_authority_is_the_same_after_a_restart(tmp_path: Path) -> None:
    assert open_signer(tmp_path).trust_pem() == open_signer(tmp_path).trust_pem()


def test_two_starts_at_once_make_one_authority(tmp_path: Path) -> None:
    roots: list[bytes] = []

    def start() -> None:
        roots.append(Authority.open(tmp_path, datetime.now(UTC)).root.certificate.fingerprint(_SHA256))

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(roots) == 6
    assert len(set(roots)) == 1


def test_a_damaged_authority_is_named(tmp_path: Path) -> None:
    open_signer(tmp_path)
    (tmp_path / "ca" / "tsa.pem").write_bytes(b"nothing")
    with pytest.raises(TamperError):
        open_signer(tmp_path)


def test_every_signature_of_a_paper_is_verified_by_cms_alone(loan: Loan, folder: Path) -> None:
    """The CMS taken out of the PDF, over the bytes that it says it covers."""
    found = list(pdf_fields(loan.sealed))
    assert [field.is_timestamp for field in found] == [False, False, False, True]
    for number, field in enumerate(found):
        (folder / f"{number}.cms").write_bytes(field.cms)
        (folder / f"{number}.data").write_bytes(field.covered)
        (folder / f"{number}.bad").write_bytes(field.covered[:-1] + b"?")
        if field.is_timestamp:
            verify = ["ts", "-verify", "-in", f"{number}.cms", "-token_in", "-CAfile", "root.pem", "-data"]
        else:
            verify = ["cms", "-verify", "-binary", "-inform", "DER", "-in", f"{number}.cms", "-purpose", "any"]
            verify += ["-CAfile", "root.pem", "-out", "out", "-content"]
        code, text = _openssl(folder, *verify, f"{number}.data")
        assert code == 0, text
        assert _openssl(folder, *verify, f"{number}.bad")[0] != 0

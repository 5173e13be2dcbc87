"""Signatures judged by two further tools with cryptography of their own: GnuPG's ``gpgsm`` and GnuTLS's ``certtool``.

GnuTLS does not read one-time certificates: its parser of object identifiers ends at 64 bits an arc, and ours are made
from a UUID (ITU-T X.667). It judges the seal and the archive's time-stamp.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from signing.adapters.signer import open_signer
from signing.evidence.core.pdf import PdfField, pdf_fields
from tests.integration.pdf.conftest import Loan

Run = Callable[..., str]


@pytest.fixture
def gpgsm(loan: Loan) -> Iterator[Run]:
    """In a home of its own, whose path is short enough for the agent's socket; it trusts what ``trusting`` is."""
    home = Path(tempfile.mkdtemp(prefix="gpg-", dir="/tmp"))
    env = {**os.environ, "GNUPGHOME": str(home), "LC_ALL": "C.UTF-8"}

    def run(field: PdfField, covered: bytes | None = None, trusting: bytes | None = None) -> str:
        root = loan.signer.trust_pem() if trusting is None else trusting
        (home / "root.pem").write_bytes(root)
        shown = ["openssl", "x509", "-in", "root.pem", "-noout", "-fingerprint", "-sha1"]
        print_ = subprocess.run(shown, cwd=home, capture_output=True, text=True, check=True).stdout
        (home / "trustlist.txt").write_text(f"{print_.strip().split('=')[1]} S relax\n")
        (home / "gpgsm.conf").write_text("disable-crl-checks\n")
        (home / "cms").write_bytes(field.cms)
        (home / "data").write_bytes(field.covered if covered is None else covered)
        for words in (["--import", "root.pem"], ["--assume-binary", "--status-fd", "1", "--verify", "cms", "data"]):
            done = subprocess.run(
                ["gpgsm", "--batch", *words], cwd=home, env=env, capture_output=True, text=True, timeout=60
            )
        return done.stdout

    yield run
    subprocess.run(["gpgconf", "--kill", "all"], env=env, check=False)
    shutil.rmtree(home)


def _signatures(pdf: bytes) -> list[PdfField]:
    return [field for field in pdf_fields(pdf) if not field.is_timestamp]


def test_gpgsm_believes_every_signature_of_a_paper(loan: Loan, gpgsm: Run) -> None:
    fields = _signatures(loan.sealed)
    assert len(fields) == 3, "two borrowers and the institution"
    for field in fields:
        said = gpgsm(field)
        assert "[GNUPG:] GOODSIG" in said, said
        assert "[GNUPG:] TRUST_FULLY" in said, said


def test_gpgsm_refuses_a_changed_paper(loan: Loan, gpgsm: Run) -> None:
    field = _signatures(loan.sealed)[0]
    changed = bytearray(field.covered)
    changed[len(changed) // 2] ^= 1
    said = gpgsm(field, bytes(changed))
    assert "[GNUPG:] BADSIG" in said
    assert "GOODSIG" not in said


def test_gpgsm_does_not_believe_another_root(loan: Loan, gpgsm: Run, tmp_path: Path) -> None:
    said = gpgsm(_signatures(loan.sealed)[0], trusting=open_signer(tmp_path).trust_pem())
    assert "TRUST_FULLY" not in said


def _certtool(folder: Path, field: PdfField, root: bytes, covered: bytes | None = None) -> tuple[int, str]:
    (folder / "root.pem").write_bytes(root)
    (folder / "cms").write_bytes(field.cms)
    (folder / "data").write_bytes(field.covered if covered is None else covered)
    command = ["certtool", "--p7-verify", "--inder", "--infile", "cms", "--load-ca-certificate", "root.pem"]
    command += [] if field.is_timestamp else ["--load-data", "data"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_gnutls_believes_the_seal_and_the_archives_time_stamp(loan: Loan, tmp_path: Path) -> None:
    seal, stamp = list(pdf_fields(loan.sealed))[-2:]
    assert (seal.is_timestamp, stamp.is_timestamp) == (False, True)
    for field in (seal, stamp):
        code, said = _certtool(tmp_path, field, loan.signer.trust_pem())
        assert code == 0, said
        assert "Signature status: ok" in said


def test_gnutls_refuses_what_is_changed_and_another_root(loan: Loan, tmp_path: Path) -> None:
    seal = list(pdf_fields(loan.sealed))[-2]
    assert _certtool(tmp_path, seal, loan.signer.trust_pem(), seal.covered + b"x")[0] != 0
    assert _certtool(tmp_path, seal, open_signer(tmp_path / "other").trust_pem())[0] != 0

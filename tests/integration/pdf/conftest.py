"""A signed and sealed loan, made once, and the foreign tools that look at it."""

import asyncio
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from signing.adapters.documents import PaperDocuments
from signing.adapters.signer import LocalSigner, open_signer
from signing.service.ports import Frozen, SignedRevision
from tests.paper import BORROWER, INSTITUTION, WIFE, case, signing_context

Run = Callable[..., str]


@dataclass(frozen=True)
class Loan:
    """Every revision of one document of two borrowers, and of one of a single person."""

    signer: LocalSigner
    frozen: Frozen
    first: SignedRevision
    second: SignedRevision
    sealed: bytes
    single: Frozen
    single_signed: SignedRevision
    single_sealed: bytes


@pytest.fixture(scope="session")
def loan(tmp_path_factory: pytest.TempPathFactory) -> Loan:
    return asyncio.run(_make(tmp_path_factory.mktemp("pki")))


async def _make(folder: Path) -> Loan:
    signer = open_signer(folder)
    now = datetime.now(UTC)
    made = PaperDocuments().generate(case(BORROWER, WIFE), INSTITUTION, now)
    frozen, single = made[-1], made[0]
    first = await signer.sign_as_customer(frozen.pdf, signing_context(frozen, BORROWER, now))
    second = await signer.sign_as_customer(first.pdf, signing_context(frozen, WIFE, now))
    sealed = await signer.seal(second.pdf, INSTITUTION, now, "全部当事人已签署")
    alone = await signer.sign_as_customer(single.pdf, signing_context(single, BORROWER, now))
    alone_sealed = await signer.seal(alone.pdf, INSTITUTION, now, "全部当事人已签署")
    return Loan(signer, frozen, first, second, sealed, single, alone, alone_sealed)


@pytest.fixture(scope="session")
def nss_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[LocalSigner], Path]:
    """An NSS database that trusts a signer's root and nothing else."""

    def make(signer: LocalSigner) -> Path:
        folder = tmp_path_factory.mktemp("nss")
        root = folder / "root.pem"
        root.write_bytes(signer.trust_pem())
        subprocess.run(["certutil", "-N", "-d", f"sql:{folder}", "--empty-password"], check=True)
        trust = ["certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "CT,C,C", "-i", str(root)]
        subprocess.run(trust, check=True)
        return folder

    return make


@pytest.fixture(scope="session")
def nss(loan: Loan, nss_of: Callable[[LocalSigner], Path]) -> Path:
    return nss_of(loan.signer)


@pytest.fixture
def pdfsig(nss: Path, tmp_path: Path) -> Callable[[bytes], str]:
    """Poppler's judgement of some bytes, as text: it exits 0 whatever it finds."""

    def judge(pdf: bytes) -> str:
        path = tmp_path / "judged.pdf"
        path.write_bytes(pdf)
        return subprocess.run(["pdfsig", "-nssdir", f"sql:{nss}", path], capture_output=True, text=True).stdout

    return judge

"""The short judgement before a seal: nothing but our own revisions, one for one, and no other paper's."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.adapters.signer import open_signer
from signing.adapters.signer.untouched import changes
from signing.evidence.core.x509 import read_pem
from tests.integration.pdf.conftest import Loan
from tests.paper import WIFE, signing_context


def _changes(loan: Loan, pdf: bytes, trust: bytes | None = None) -> list[str]:
    files = loan.signer.chain_pem()
    pool = [der for name, pem in files.items() if name.endswith(".pem") for der in read_pem(pem, "CERTIFICATE")]
    revisions = PdfFileReader(io.BytesIO(pdf)).xrefs.total_revisions
    return changes(pdf, revisions, loan.signer.trust_pem() if trust is None else trust, pool)


def _drawn_over(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    RawContent(b"1 0 0 rg 100 100 200 200 re f").add_to_page(writer, 0)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@pytest.mark.parametrize("which", ["first", "second"])
def test_papers_as_their_signers_left_them_are_good(loan: Loan, which: str) -> None:
    assert _changes(loan, getattr(loan, which).pdf) == []


def test_what_is_appended_is_seen(loan: Loan) -> None:
    assert _changes(loan, _drawn_over(loan.second.pdf)) != []


async def test_what_was_drawn_between_two_signatures_is_seen(loan: Loan) -> None:
    """The second signature covers it, as if its signer had been shown something else."""
    context = signing_context(loan.frozen, WIFE, datetime.now(UTC))
    second = await loan.signer.sign_as_customer(_drawn_over(loan.first.pdf), context)
    assert _changes(loan, second.pdf) == ["有一次修订不属于任何签名"]


def test_a_changed_byte_is_seen(loan: Loan) -> None:
    pdf = bytearray(loan.second.pdf)
    pdf[len(loan.frozen.pdf) // 2] ^= 1
    assert _changes(loan, bytes(pdf)) != []


def test_another_authority_is_not_believed(loan: Loan, tmp_path: Path) -> None:
    assert _changes(loan, loan.second.pdf, open_signer(tmp_path).trust_pem()) != []


def test_a_sealed_paper_is_no_longer_its_signers_alone(loan: Loan) -> None:
    assert _changes(loan, loan.sealed) == ["有签名不是当事人为这份文书所作"]

"""Papers made by others: a stranger with a good certificate, a file that is made to hold the check page up."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata
from pyhanko_certvalidator import ValidationContext

from signing.adapters.documents import PaperDocuments
from signing.adapters.documents.fontbuild import ensure_fonts
from signing.adapters.pki.tsa import to_asn1
from signing.adapters.signer import LocalSigner, sealing
from signing.adapters.signer.holders import FileKey, HeldSigner
from signing.adapters.signer.keys import BuiltInTimeStamper
from signing.adapters.signer.local import _usual
from signing.adapters.signer.revision import DatedSigner, Drawing, open_writer, signature_fields
from signing.adapters.signer.revisions import MOST, judge_paper
from signing.service.pdf_report import PaperReport, PaperVerdict
from tests.fakes.outside_ca import OutsideCa, identity
from tests.integration.pdf.conftest import Loan
from tests.integration.pdf.test_holders import office, sealed
from tests.paper import BORROWER, INSTITUTION, case

SECONDS = 20.0
"""Of the check of a small file, on a machine that has other things to do; a quiet one takes less than two."""


# --- a stranger's certificate -----------------------------------------------------------------------------------------


async def test_another_customer_of_a_trusted_ca_signs_and_seals_nothing(tmp_path: Path, loan: Loan) -> None:
    """Anybody may buy a certificate there: it makes them neither the institution nor one of its customers."""
    with OutsideCa().serving() as ca:
        signer = office(tmp_path, loan, ca, f'[seal]\nkind = "remote"\nurl = "{ca.url}"')
        true = await sealed(signer, loan)
        assert signer.examine(true).verdict is PaperVerdict.VALID, "the institution's own seal of the same CA"
        forged = await forgery(signer, ca)
        report = signer.examine(forged)
        assert report.verdict is PaperVerdict.ALTERED
        said = " ".join(report.faults)
        assert "机构印章用的不是本系统登记的证书" in said
        assert "当事人签名用的不是一次性证书" in said


async def forgery(signer: LocalSigner, ca: OutsideCa) -> bytes:
    """A loan that the institution never made: its own blank paper, signed and sealed by the stranger alone."""
    now, stranger = datetime.now(UTC), identity("随便一个客户", ca.issuing)
    holder = FileKey(stranger.key, stranger.certificate, (ca.issuing.certificate,))
    stamper = BuiltInTimeStamper(ca.tsa, lambda: datetime.now(UTC))
    pdf = PaperDocuments().generate(case(BORROWER), INSTITUTION, now)[0].pdf
    for field in [name for name in signature_fields(open_writer(pdf).prev) if name.startswith("sign_")]:
        about = PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
        signing = DatedSigner(
            about,
            HeldSigner(holder),
            timestamper=stamper,
            stamp_style=Drawing(border_width=0, operators="0 0 10 10 re f"),
            at=now,
        )
        out = BytesIO()
        await signing.async_sign_pdf(open_writer(pdf), existing_fields_only=True, bytes_reserved=30000, output=out)
        pdf = out.getvalue()
    trust = ValidationContext(
        trust_roots=[to_asn1(ca.root.certificate)],
        other_certs=[to_asn1(ca.issuing.certificate)],
        crls=ca.lists(),
        moment=now,
        allow_fetching=False,
        revocation_mode="hard-fail",
    )
    marks, font = _usual(INSTITUTION, now), ensure_fonts()["Bold"]
    return await sealing.seal(pdf, INSTITUTION, holder, ca.root_pem, stamper, trust, now, "x", marks, font)


# --- no root of one's own ---------------------------------------------------------------------------------------------


async def test_without_a_root_of_ones_own_the_authorities_that_a_paper_carries_are_gone_by(
    tmp_path: Path, loan: Loan
) -> None:
    """The time-stamps come from another CA than the signatures, whose root is in the tokens and nowhere else."""
    with OutsideCa().serving() as ca:
        signer = office(tmp_path, loan, ca, f'[tsa]\nurl = "{ca.url}/tsa"')
        pdf = await sealed(signer, loan)
    assert signer.examine(pdf).verdict is PaperVerdict.VALID
    report = judge_paper(pdf, b"", datetime.now(UTC))
    assert report.verdict is PaperVerdict.VALID, report.headline


# --- files made to take long ------------------------------------------------------------------------------------------


def built(*objects: bytes) -> bytes:
    """A PDF of these objects, the first of which is its catalogue."""
    out, places = b"%PDF-1.7\n", list[int]()
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table) + end


def looped(loan: Loan) -> bytes:
    """A field that is its own child."""
    catalogue = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>"
    return built(catalogue, b"<</Type/Pages/Kids[]/Count 0>>", b"<</T(a)/Kids[3 0 R]>>")


def nested(loan: Loan) -> bytes:
    catalogue = b"<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>"
    return built(catalogue, b"<</Type/Pages/Kids[]/Count 0>>", b"[" * 20_000 + b"]" * 20_000)


def crowded(loan: Loan) -> bytes:
    """One signature over a megabyte, under two hundred names: each would be worked out."""
    contents = re.search(rb"/Contents\s*<([0-9a-fA-F]{400,})>", loan.first.pdf)
    assert contents is not None
    names = 5 * MOST
    fields = b" ".join(b"%d 0 R" % (number + 5) for number in range(names))
    signature = (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Contents<%b>/ByteRange[0 100 200 1000000]>>"
    )
    return built(
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[%b]>>>>" % fields,
        b"<</Type/Pages/Kids[]/Count 0>>",
        signature % contents[1],
        b"<</Length 1000000>>stream\n%b\nendstream" % bytes(1_000_000),
        *(b"<</FT/Sig/T(s%d)/V 3 0 R/Rect[0 0 0 0]>>" % number for number in range(names)),
    )


@pytest.mark.parametrize("made", [looped, nested, crowded])
def test_a_file_made_to_hold_the_check_up_is_judged_soon(made: Callable[[Loan], bytes], loan: Loan) -> None:
    pdf, begun = made(loan), time.process_time()
    report: PaperReport = judge_paper(pdf, loan.signer.trust_pem(), datetime.now(UTC))
    assert time.process_time() - begun < SECONDS
    assert report.verdict is not PaperVerdict.VALID
    assert report.faults or report.missing


def test_as_many_signatures_as_a_paper_may_have_are_judged_and_one_more_is_none_of_ours(loan: Loan) -> None:
    report = judge_paper(crowded(loan), loan.signer.trust_pem(), datetime.now(UTC))
    assert report.revisions == ()
    assert any(f"有 {5 * MOST} 处签章" in fault for fault in report.faults), report.faults
    root = loan.signer._authority.root.certificate.public_bytes(Encoding.PEM)
    assert judge_paper(loan.sealed, root, datetime.now(UTC)).verdict is PaperVerdict.VALID

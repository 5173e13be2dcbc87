"""Signed and sealed PDFs judged by pyHanko, Poppler with NSS, MuPDF, QPDF and OpenSSL."""

import hashlib
import io
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import read_certification_data

from signing.adapters.documents import PaperDocuments
from signing.adapters.signer import judge_pdf, open_signer
from signing.adapters.signer.customer import read_binding
from signing.domain.errors import ConflictError, InputError, TamperError
from tests.integration.pdf.conftest import Loan
from tests.paper import BORROWER, INSTITUTION, case, signing_context, strokes

Judge = Callable[[bytes], str]


def test_every_revision_is_a_prefix_of_the_next(loan: Loan) -> None:
    chain = [loan.frozen.pdf, loan.first.pdf, loan.second.pdf, loan.sealed]
    for before, after in pairwise(chain):
        assert after.startswith(before)
        assert len(after) - len(before) < 150_000


def test_our_own_judgement(loan: Loan) -> None:
    verdict = loan.signer.inspect(loan.sealed)
    assert verdict.ok, verdict
    assert [(one.field, one.signer) for one in verdict.signatures] == [
        ("sign_borrower_1", "王建国"),
        ("sign_co_borrower_2", "李秀英"),
        ("seal_institution", "龙岩示范农村信用合作联社电子印章（演示）"),
    ]
    assert all(one.timestamped for one in verdict.signatures)
    assert verdict.timestamps == 4
    for unsealed in (loan.first.pdf, loan.second.pdf):
        assert loan.signer.inspect(unsealed).ok
    assert not loan.signer.inspect(loan.frozen.pdf).ok, "nobody has signed"


def test_poppler_and_nss(loan: Loan, pdfsig: Judge) -> None:
    text = pdfsig(loan.sealed)
    assert text.count("Signature is Valid.") == 3
    assert text.count("Certificate is Trusted.") == 3
    assert text.count("Total document signed") == 1, "the archive timestamp covers everything"
    for unsealed, count in ((loan.first.pdf, 1), (loan.second.pdf, 2)):
        assert pdfsig(unsealed).count("Signature is Valid.") == count


def test_mupdf_finds_the_last_signature_untouched(loan: Loan, tmp_path: Path) -> None:
    path = tmp_path / "single.pdf"
    path.write_bytes(loan.single_signed.pdf)
    text = subprocess.run(["mutool", "sign", "-v", path], capture_output=True, text=True).stdout
    assert re.search(r"王建国.*?document is unchanged since signing\.", text, re.DOTALL), text


def test_qpdf_finds_every_revision_sound(loan: Loan, tmp_path: Path) -> None:
    path = tmp_path / "any.pdf"
    for pdf in (loan.first.pdf, loan.second.pdf, loan.sealed, loan.single_sealed):
        path.write_bytes(pdf)
        out = subprocess.run(["qpdf", "--check", path], check=True, capture_output=True, text=True).stdout
        assert "No syntax or stream encoding errors" in out


def test_the_first_signature_certifies_form_filling_only(loan: Loan) -> None:
    reader = PdfFileReader(io.BytesIO(loan.sealed))
    certification = read_certification_data(reader)
    assert certification is not None
    assert certification.permission.value == 2
    assert reader.embedded_regular_signatures[0].docmdp_level is not None
    assert reader.embedded_regular_signatures[2].fieldmdp is not None, "the seal locks every field"
    assert len(reader.root["/DSS"]["/CRLs"]) == 2


def _place(pdf: bytes, where: str, loan: Loan) -> int:
    """An offset inside the named part."""
    match where:
        case "page":
            return pdf.index(b"stream", 2000) + 40
        case "handwriting":
            return len(loan.frozen.pdf) + pdf[len(loan.frozen.pdf) :].index(b"stream") + 30
        case "seal":
            return len(loan.second.pdf) + pdf[len(loan.second.pdf) :].index(b"stream") + 30
        case "digest":
            return pdf.index(b"/ByteRange") + 14
        case _:
            return pdf.rindex(b"/CRLs")


@pytest.mark.parametrize("where", ["page", "handwriting", "seal", "digest", "revocation"])
def test_one_changed_byte_is_noticed(where: str, loan: Loan, pdfsig: Judge) -> None:
    broken = bytearray(loan.sealed)
    offset = _place(loan.sealed, where, loan)
    broken[offset] ^= 0x01
    verdict = loan.signer.inspect(bytes(broken))
    assert not verdict.ok
    assert verdict.detail != loan.signer.inspect(loan.sealed).detail
    if where in ("page", "handwriting", "seal"):
        assert pdfsig(bytes(broken)).count("Signature is Valid.") < 3


def test_something_drawn_afterwards_is_noticed(loan: Loan) -> None:
    for pdf in (loan.first.pdf, loan.sealed):
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        RawContent(b"0 0 1 rg 100 100 200 200 re f").add_to_page(writer, 0)
        output = io.BytesIO()
        writer.write(output)
        verdict = loan.signer.inspect(output.getvalue())
        assert not verdict.ok
        assert "改动" in verdict.detail


@pytest.mark.parametrize("junk", [b"", b"not a pdf", b"%PDF-1.7\n%%EOF\n"])
def test_junk_is_not_valid(junk: bytes, loan: Loan) -> None:
    assert not loan.signer.inspect(junk).ok


def test_another_root_does_not_trust_ours(loan: Loan, tmp_path: Path) -> None:
    stranger = open_signer(tmp_path)
    verdict = judge_pdf(loan.sealed, stranger.trust_pem(), datetime.now(UTC))
    assert not verdict.ok
    assert "信任" in verdict.detail or "时间戳" in verdict.detail


async def test_nobody_signs_or_seals_twice(loan: Loan) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ConflictError, match="已经签署"):
        await loan.signer.sign_as_customer(loan.first.pdf, signing_context(loan.frozen, BORROWER, now))
    with pytest.raises(ConflictError, match="已经用印"):
        await loan.signer.seal(loan.sealed, INSTITUTION, now, "再次用印")
    with pytest.raises(ConflictError, match="没有签署"):
        await loan.signer.seal(loan.first.pdf, INSTITUTION, now, "少一人")


@pytest.mark.parametrize("field", ["sign_co_borrower_2", "seal_institution"])
async def test_nobody_signs_in_another_place(field: str, loan: Loan) -> None:
    context = replace(signing_context(loan.frozen, BORROWER, datetime.now(UTC)), field=field)
    with pytest.raises(TamperError, match="不属于"):
        await loan.signer.sign_as_customer(loan.frozen.pdf, context)


async def test_the_identity_check_is_bound_as_a_whole_digest(loan: Loan) -> None:
    context = replace(signing_context(loan.frozen, BORROWER, datetime.now(UTC)), identity_event_sha256="")
    with pytest.raises(InputError, match="身份核验"):
        await loan.signer.sign_as_customer(loan.frozen.pdf, context)


async def test_nothing_drawn_over_a_signature_is_sealed(loan: Loan) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(loan.second.pdf))
    RawContent(b"1 0 0 rg 100 100 200 200 re f").add_to_page(writer, 0)
    output = io.BytesIO()
    writer.write(output)
    with pytest.raises(TamperError, match="不能用印"):
        await loan.signer.seal(output.getvalue(), INSTITUTION, datetime.now(UTC), "全部当事人已签署")


async def test_long_names_can_sign_and_seal(loan: Loan, pdfsig: Judge) -> None:
    """60 characters are admitted; as UTF-8 they are 180 bytes."""
    now = datetime.now(UTC)
    person = replace(BORROWER, name="阿卜杜热合曼·" * 8 + "买买提")
    cooperative = replace(
        INSTITUTION,
        institution_id="long",
        name="样本省样本自治州样本自治县农村信用合作联社股份有限公司",
        seal_name="样本省样本自治州样本自治县农村信用合作联社",
    )
    frozen = PaperDocuments().generate(case(person), cooperative, now)[0]
    signed = await loan.signer.sign_as_customer(frozen.pdf, signing_context(frozen, person, now))
    sealed = await loan.signer.seal(signed.pdf, cooperative, now, "全部当事人已签署")
    verdict = loan.signer.inspect(sealed)
    assert verdict.ok, verdict
    assert verdict.signatures[0].signer == person.name
    assert pdfsig(sealed).count("Certificate is Trusted.") == 2


async def test_only_the_frozen_document_can_be_signed(loan: Loan) -> None:
    context = signing_context(loan.frozen, BORROWER, datetime.now(UTC))
    with pytest.raises(TamperError):
        await loan.signer.sign_as_customer(loan.single.pdf, context)
    with pytest.raises(TamperError):
        await loan.signer.sign_as_customer(loan.frozen.pdf, replace(context, field="nothing"))
    with pytest.raises(InputError):
        await loan.signer.sign_as_customer(loan.frozen.pdf, replace(context, strokes_json=b'{"strokes":[]}'))


def test_the_certificate_is_bound_to_this_signature(loan: Loan) -> None:
    bound = read_binding(loan.first.certificate_der)
    assert bound["document_digest"] == hashlib.sha256(loan.frozen.pdf).digest()
    assert bound["strokes_digest"] == hashlib.sha256(strokes()).digest()
    assert bound["identity_event"] == bytes.fromhex("ab" * 32)
    assert (bound["session_id"], bound["field_name"]) == ("ses_1", "sign_borrower_1")
    certificate = x509.load_der_x509_certificate(loan.first.certificate_der)
    extensions = [extension.value for extension in certificate.extensions]
    raw = [value.value for value in extensions if isinstance(value, x509.UnrecognizedExtension)]
    assert [hashlib.sha256(value).hexdigest() for value in raw] == [loan.first.binding]
    assert "演示" in certificate.subject.rfc4514_string()


def test_every_signature_has_a_key_of_its_own(loan: Loan) -> None:
    ders = [loan.first.certificate_der, loan.second.certificate_der, loan.single_signed.certificate_der]
    keys = {
        x509.load_der_x509_certificate(der).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for der in ders
    }
    assert len(keys) == 3
    assert loan.first.key_destroyed_at <= loan.second.key_destroyed_at


def _red(pdf: bytes, page: int) -> tuple[int, int]:
    """Pixels of seal red on a page: in the right margin, and elsewhere."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    image = document[page].render(scale=1, may_draw_forms=True).to_pil().convert("RGB")
    document.close()
    pixels = np.asarray(image).astype(int)
    red = (pixels[:, :, 0] > 150) & (pixels[:, :, 1] < 90) & (pixels[:, :, 2] < 110)
    return int(red[:, -58:].sum()), int(red[:, :-58].sum())


def test_the_seal_and_its_slices_are_seen(loan: Loan) -> None:
    pages = loan.frozen.pages
    for page in range(pages):
        assert _red(loan.second.pdf, page) == (0, 0)
        margin, rest = _red(loan.sealed, page)
        assert margin > 100, f"no straddle slice on page {page + 1}"
        assert (rest > 1500) == (page == pages - 1)

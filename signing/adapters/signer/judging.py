"""Judging the signatures of a PDF against given roots, with what the document itself holds; no network."""

import asyncio
import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from itertools import pairwise

from asn1crypto import crl, pem, x509
from cryptography import x509 as pyca
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import (
    DocumentSecurityStore,
    SignatureCoverageLevel,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import NoDSSFoundError, SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import DocumentTimestampStatus, PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from signing.adapters.pki.oids import BINDING, Binding
from signing.adapters.signer.revision import frozen_part
from signing.domain.errors import InputError
from signing.service.ports import PdfSignature, PdfVerdict

REVOKED = "证书已被吊销"
ONE_TIME = timedelta(days=1)
"""How long after its issue a one-time certificate may be used, whatever end it names."""
BROKEN = (
    PdfError,
    SigningError,
    SignatureValidationError,
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RuntimeError,
    zlib.error,
    struct.error,
)
"""What pyHanko raises on files that somebody has changed."""


def judge_pdf(pdf: bytes, trust_pem: bytes, at: datetime, fresh: Sequence[bytes] = ()) -> PdfVerdict:
    """Every signature and timestamp, modification analysis included. Never raises on a broken document.

    Only the certificates in ``trust_pem`` are read. Raises ``InputError`` where it holds something but none of them:
    that says nothing about the document.
    """
    roots = read_roots(trust_pem)
    try:
        # pyHanko is asynchronous only; the caller may be on a loop already.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(_judge(pdf, roots, at, fresh))).result()
    except BROKEN as error:
        return PdfVerdict(False, (), 0, f"文书无法核验：{type(error).__name__}")


def read_roots(trust_pem: bytes) -> list[x509.Certificate]:
    if not trust_pem:
        return []
    try:
        certificates = [
            x509.Certificate.load(der, strict=True)
            for kind, _, der in pem.unarmor(trust_pem, multiple=True)
            if kind == "CERTIFICATE"
        ]
    except ValueError:
        certificates = []
    if not certificates:
        raise InputError("所给的信任文件里没有可用的根证书", "请给出 PEM 格式的根证书")
    return certificates


async def _judge(pdf: bytes, roots: list[x509.Certificate], at: datetime, fresh: Sequence[bytes]) -> PdfVerdict:
    reader = PdfFileReader(BytesIO(pdf))
    held = Held(reader, roots, at, fresh)
    frozen = hashlib.sha256(frozen_part(pdf)).digest()
    signatures, stamps = [], []
    archive = list(reader.embedded_timestamp_signatures)
    for embedded in reader.embedded_regular_signatures:
        signatures.append(await judge_signature(embedded, held, frozen, taken_over(embedded, archive)))
    for embedded in archive:
        stamps.append(await judge_timestamp(embedded, held, taken_over(embedded, archive)))
    bad = [f"{signature.field}：{signature.detail}" for signature in signatures if not signature.ok]
    bad += [f"时间戳：{fault}" for fault in stamps if fault]
    if not signatures:
        bad.append("没有任何签名")
    timestamps = sum(not fault for fault in stamps) + sum(s.timestamped for s in signatures)
    return PdfVerdict(not bad, tuple(signatures), timestamps, "；".join(bad) or "全部签名有效，签署后未被改动")


class Held:
    """Certificates and revocation lists that the document brings along."""

    def __init__(
        self, reader: PdfFileReader, roots: Iterable[x509.Certificate], at: datetime, fresh: Sequence[bytes] = ()
    ) -> None:
        """``fresh``: CRLs (DER) made since; they are asked before what the document holds."""
        self._roots, self.at, self._fresh = list(roots), at, list(fresh)
        try:
            store = DocumentSecurityStore.read_dss(reader)
        except NoDSSFoundError:
            self._certificates: list[x509.Certificate] = []
            self._lists: list[bytes] = []
        else:
            self._certificates = list(store.load_certs())
            self._lists = list(_not_renewed([stream.get_object().data for stream in store.crls], self._fresh))

    def context(self, moment: datetime | None) -> ValidationContext:
        """As of ``moment``. Our certificates name no place where their lists are; see ``revoked``."""
        return ValidationContext(
            trust_roots=self._roots,
            other_certs=self._certificates,
            crls=[*self._fresh, *self._lists],
            moment=moment or self.at,
            allow_fetching=False,
            revocation_mode="hard-fail" if self._lists or self._fresh else "soft-fail",
            retroactive_revinfo=True,
        )

    def revoked(self, path: ValidationPath | None, moment: datetime) -> bool:
        """Whether a certificate of the path was revoked at ``moment``, by a list that its issuer signed.

        Done here: the library looks into lists only for certificates that say where to fetch them.
        """
        certificates = [] if path is None else [pyca.load_der_x509_certificate(one.dump()) for one in _of(path)]
        for issuer, one in pairwise(certificates):
            for data in (*self._fresh, *self._lists):
                listed = pyca.load_der_x509_crl(data)
                entry = listed.get_revoked_certificate_by_serial_number(one.serial_number)
                if entry is None or listed.issuer != issuer.subject or entry.revocation_date_utc > moment:
                    continue
                if listed.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                    return True
        return False


def _of(path: ValidationPath) -> list[x509.Certificate]:
    """From the root down."""
    return list(path.iter_certs(include_root=True))


def _not_renewed(lists: Iterable[bytes], fresh: Iterable[bytes]) -> Iterator[bytes]:
    """Those whose issuer has not made a newer one: what was revoked since must not be hidden by the old list."""
    renewed = {_issuer(one) for one in fresh}
    return (one for one in lists if _issuer(one) not in renewed)


def _issuer(revocation_list: bytes) -> bytes:
    return bytes(crl.CertificateList.load(revocation_list).issuer.dump())


def taken_over(embedded: EmbeddedPdfSignature, archive: Sequence[EmbeddedPdfSignature]) -> datetime | None:
    """When the next archive time-stamp took over what a signature's or time-stamp's own certificates prove; None for
    the last, which has to hold now (ETSI EN 319 102-1, 5.6.2)."""
    later = [one for one in archive if one.signed_revision > embedded.signed_revision]
    return stamped_at(min(later, key=lambda one: one.signed_revision)) if later else None


def stamped_at(stamp: EmbeddedPdfSignature) -> datetime | None:
    """What an archive time-stamp says of itself."""
    moment = stamp.signed_data["encap_content_info"]["content"].parsed["gen_time"].native
    return moment if isinstance(moment, datetime) else None


async def judge_signature(
    embedded: EmbeddedPdfSignature, held: Held, frozen: bytes, until: datetime | None = None
) -> PdfSignature:
    """``until``: see ``taken_over``."""
    name = str(embedded.signer_cert.subject.native.get("common_name", "")) if embedded.signer_cert else ""
    try:
        moment = _token_time(embedded)
        context = held.context(moment)
        status = await async_validate_pdf_signature(embedded, context, held.context(moment))
    except BROKEN as error:
        return PdfSignature(embedded.field_name, name, None, False, False, f"无法核验（{type(error).__name__}）")
    stamp = status.timestamp_validity
    timestamped = bool(stamp and stamp.valid and stamp.trusted)
    at = stamp.timestamp if stamp and timestamped else embedded.self_reported_timestamp
    fault = _fault(status, timestamped) or _misplaced(embedded, at, frozen)
    stamp_path = stamp.validation_path if stamp else None
    signer_revoked = held.revoked(status.validation_path, at or held.at)
    if not fault and (signer_revoked or held.revoked(stamp_path, until or held.at)):
        fault = REVOKED
    return PdfSignature(embedded.field_name, name, at, not fault, timestamped, fault or "有效")


def _fault(status: PdfSignatureStatus, timestamped: bool) -> str:
    if not status.intact:
        return "内容与签名时不一致，已被改动"
    if not status.valid:
        return "签名值不成立"
    if not status.trusted:
        return "证书不是由所信任的机构签发，或已失效"
    if not timestamped:
        return "没有可信的时间戳"
    if status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return "签名没有覆盖整份文书"
    return "" if status.bottom_line else "签名之后有不允许的改动"


def _misplaced(embedded: EmbeddedPdfSignature, at: datetime | None, frozen: bytes) -> str:
    """What a one-time certificate says against the place, the document or the time it was used for."""
    certificate = embedded.signer_cert
    held = [one for one in certificate["tbs_certificate"]["extensions"] if one["extn_id"].dotted == BINDING]
    if not held:
        return ""
    bound = Binding.load(held[0]["extn_value"].contents).native
    if bound["field_name"] != embedded.field_name:
        return "一次性证书不是为这个签名位置签发的"
    if bound["document_digest"] != frozen:
        return "一次性证书绑定的是另一份文书"
    if at is None or at > certificate.not_valid_before + ONE_TIME:
        return "一次性证书在签发一天以后才被使用"
    return ""


def is_one_time(certificate: x509.Certificate) -> bool:
    """Whether it says what it was made for: only our own CA's certificates for customers do."""
    return any(one["extn_id"].dotted == BINDING for one in certificate["tbs_certificate"]["extensions"])


EXPIRED = "证书已经到期，之后没有续期"
RENEWED_LATE = "证书在下一次续期之前已经到期"


async def judge_timestamp(embedded: EmbeddedPdfSignature, held: Held, until: datetime | None = None) -> str:
    """The fault of a document timestamp, or nothing. ``EXPIRED`` where only time has gone by. ``until``: see
    ``taken_over``."""
    try:
        status = await async_validate_pdf_timestamp(embedded, held.context(until))
        held_once = status if status.trusted else await _when_made(embedded, held)
    except BROKEN as error:
        return f"无法核验（{type(error).__name__}）"
    if not (held_once.intact and held_once.valid and held_once.trusted):
        return "无效，或其证书不可信"
    if not status.trusted:
        return EXPIRED if until is None else RENEWED_LATE
    if status.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        return "没有覆盖整份文书"
    if held.revoked(status.validation_path, until or held.at):
        return REVOKED
    return "" if status.modification_level <= ModificationLevel.LTA_UPDATES else "其后有不允许的改动"


async def _when_made(embedded: EmbeddedPdfSignature, held: Held) -> DocumentTimestampStatus:
    """Judged at its own time: has it ever been good?"""
    return await async_validate_pdf_timestamp(embedded, held.context(stamped_at(embedded)))


def _token_time(embedded: EmbeddedPdfSignature) -> datetime | None:
    """What the attached token claims; whether the token is good is judged with the signature."""
    token = next(extract_tst_data_iter(embedded.signer_info, signed=False), None)
    if token is None:
        return None
    moment = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment if isinstance(moment, datetime) else None

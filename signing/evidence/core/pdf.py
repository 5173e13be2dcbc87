"""The signatures inside a PDF (ISO 32000-2, 12.8; PAdES: ETSI EN 319 142-1), as far as they are cryptography.

What may be added to a document after a signature is a question about PDF objects, and left to a PDF library.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.evidence.core.book import Book, Mismatch
from signing.evidence.core.cms import SIGNATURE_TIMESTAMP, check_signed_data, read_signed_data, read_token
from signing.evidence.core.der import first_raw
from signing.evidence.core.trust import Trust
from signing.evidence.core.x509 import BINDING_EXTENSION, Certificate

BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
ONE_TIME = timedelta(days=1)
"""How long after its issue a one-time certificate may be used, whatever end it names."""
DOCUMENT_TIMESTAMP = b"ETSI.RFC3161"
SIGNED_EXTRAS = frozenset({"1.2.840.113549.1.9.16.2.15", "1.2.840.113549.1.9.16.2.16", "1.2.840.113549.1.9.16.2.17"})
"""Signature policy, commitment and signer's location: signed, so harmless."""


@dataclass(frozen=True)
class PdfField:
    """One signature: the bytes it covers, its CMS, and whether it is a document time-stamp."""

    covered: bytes
    end: int
    cms: bytes
    is_timestamp: bool


def pdf_fields(pdf: bytes) -> Iterator[PdfField]:
    """Raises ``Mismatch`` for a signature that covers anything but the whole file around its own contents."""
    for match in BYTE_RANGE.finditer(pdf):
        start, first, second, rest = map(int, match.groups())
        hole = pdf[first:second]
        if start or second + rest > len(pdf) or not re.fullmatch(rb"<(?:[0-9A-Fa-f]{2})+>", hole):
            raise Mismatch("PDF 签名没有覆盖它之前的全部内容")
        padded = bytes.fromhex(hole[1:-1].decode())
        cms = first_raw(padded)
        if padded[len(cms) :].strip(b"\0"):
            raise Mismatch("PDF 签名之后有多余数据")
        around = pdf[pdf.rfind(b" obj", 0, first) : first] + pdf[second : pdf.find(b"endobj", second)]
        yield PdfField(pdf[:first] + pdf[second : second + rest], second + rest, cms, DOCUMENT_TIMESTAMP in around)


def check_unsigned(pdf: bytes) -> None:
    """Of a paper that became void before anybody signed it. Raises ``Mismatch``."""
    if BYTE_RANGE.search(pdf):
        raise Mismatch("已作废的文书里却有签名")


def check_pdf(pdf: bytes, trust: Trust, book: Book, closed: datetime | None = None) -> tuple[list[Certificate], int]:
    """(the signers' certificates, one a signature; the number of time-stamps). ``closed``: when the package around it
    was stamped, which takes over what the last time-stamp inside proves. Raises ``ValueError``."""
    fields = list(pdf_fields(pdf))
    if not fields:
        raise Mismatch("PDF 里没有签名")
    if max(field.end for field in fields) != len(pdf):
        raise Mismatch("最后一次签名之后 PDF 又被追加了内容")
    signers: list[Certificate] = []
    for index, field in enumerate(fields):
        later = (read_token(one.cms).at for one in fields[index + 1 :] if one.is_timestamp)
        until = min([*later, *([closed] if closed else [])], default=None)
        if field.is_timestamp:
            trust.check_timestamp(field.cms, field.covered, book, until)
        else:
            signers.append(_check_signature(field, trust, book, until))
    return signers, len(fields)


def _check_signature(field: PdfField, trust: Trust, book: Book, until: datetime | None) -> Certificate:
    """A PAdES B-T signature: its time is that of its own token."""
    data = read_signed_data(field.cms, frozenset({SIGNATURE_TIMESTAMP}), SIGNED_EXTRAS)
    check_signed_data(data, field.covered, trust.crypto)
    if SIGNATURE_TIMESTAMP not in data.unsigned:
        raise Mismatch("PDF 签名没有时间戳")
    token = trust.check_timestamp(data.unsigned[SIGNATURE_TIMESTAMP].raw, data.signature, book, until)
    trust.check_signer(data, token.at, book)
    if BINDING_EXTENSION in data.signer.extensions and token.at > data.signer.not_before + ONE_TIME:
        raise Mismatch("一次性证书在签发一天以后才被使用")
    return data.signer

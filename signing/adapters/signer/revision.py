"""One incremental revision of a PDF: what pyHanko is told, for customers and for the seal alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.signers import PdfSigner
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.stamp import BaseStamp, BaseStampStyle

from signing.domain.errors import ConflictError, InputError

OWN_TOKEN, FOREIGN_TOKEN = 2_600, 8_000
"""Bytes of a time-stamp token with its certificates: the built-in authority's, and anybody's."""
_ATTRIBUTES = 900
"""Bytes of a CMS signature without certificates and token, with an ECDSA signature of P-256."""


def reserved(certificates: Iterable[x509.Certificate], token: int) -> int:
    """Hex digits to be kept free for a CMS signature with these certificates and such a token."""
    chain = list(certificates)
    held = sum(len(one.public_bytes(Encoding.DER)) for one in chain)
    return 2 * (held + token + _ATTRIBUTES + _signature_bytes(chain[0]))


def _signature_bytes(certificate: x509.Certificate) -> int:
    """What the signer's key needs beyond P-256."""
    key = certificate.public_key()
    return key.key_size // 8 if isinstance(key, rsa.RSAPublicKey) else 2 * (getattr(key, "key_size", 256) - 256) // 8


@dataclass(frozen=True)
class Drawing(BaseStampStyle):
    """An appearance of ready-made operators. ``multiply`` lets what is printed below show through."""

    operators: str = ""
    multiply: bool = False
    form: generic.IndirectObject | None = None
    """Drawn as ``/Whole``: a picture that other appearances show too."""

    def create_stamp(self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, Any]) -> "_Stamp":
        return _Stamp(writer, self, box)


class _Stamp(BaseStamp):
    def render(self) -> bytes:
        if self.style.form is not None:
            self.set_resource(ResourceType.XOBJECT, generic.pdf_name("/Whole"), self.style.form)
        if not self.style.multiply:
            return f"q {self.style.operators} Q".encode()
        state = generic.DictionaryObject({generic.pdf_name("/BM"): generic.pdf_name("/Multiply")})
        self.set_resource(ResourceType.EXT_G_STATE, generic.pdf_name("/Seal"), state)
        return f"q /Seal gs {self.style.operators} Q".encode()

    def as_form_xobject(self) -> generic.StreamObject:
        form = super().as_form_xobject()
        form.compress()
        return form


class DatedSigner(PdfSigner):
    """Writes the given time into the signature instead of the machine's own."""

    def __init__(self, *arguments: Any, at: datetime, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._at = at

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at
        return session

    def _enforce_certification_constraints(self, reader: PdfFileReader) -> None:
        """Nothing but fields that were there before the first signature is ever filled, which all of them permit."""


class RevisionWriter(IncrementalPdfFileWriter):
    """Leaves the document's information as it was: a revision is dated by its signature, not by a note beside it."""

    def _update_meta(self) -> None:
        return


def open_writer(pdf: bytes) -> IncrementalPdfFileWriter:
    """Raises ``InputError`` where the bytes are no PDF."""
    try:
        return RevisionWriter(BytesIO(pdf))
    except PdfError as error:
        raise InputError("文书不是可以识别的 PDF", "请重新生成文书") from error


def signature_fields(reader: PdfFileReader) -> dict[str, bool]:
    """Every signature field by name: whether it is filled. What fills them is not read."""
    if "/AcroForm" not in reader.root:
        return {}
    fields = [reference.get_object() for reference in reader.root["/AcroForm"]["/Fields"]]
    return {str(field["/T"]): "/V" in field for field in fields if field.get("/FT") == "/Sig"}


def form_fields(writer: IncrementalPdfFileWriter) -> dict[str, generic.IndirectObject]:
    """References of the form's fields by name."""
    fields = writer.root["/AcroForm"]["/Fields"]
    return {str(reference.get_object()["/T"]): reference for reference in fields}


def field_size(writer: IncrementalPdfFileWriter, field: str) -> tuple[float, float]:
    """Width and height in points."""
    left, bottom, right, top = (float(value) for value in form_fields(writer)[field].get_object()["/Rect"])
    return right - left, top - bottom


def require_empty(fields: dict[str, bool], field: str, message: str) -> None:
    """Raises ``InputError`` for a field the document has not, ``ConflictError`` for a filled one."""
    if field not in fields:
        raise InputError("文书中没有对应的签名位置", "请重新生成文书")
    if fields[field]:
        raise ConflictError(message, "无需重复操作")


def frozen_part(pdf: bytes) -> bytes:
    """The document as it was generated: everything to the end of the first revision."""
    end = pdf.find(b"%%EOF")
    if end < 0:
        raise InputError("文书不是可以识别的 PDF", "请重新生成文书")
    end += len(b"%%EOF")
    for ending in (b"\r\n", b"\n", b"\r"):
        if pdf[end : end + len(ending)] == ending:
            return pdf[: end + len(ending)]
    return pdf[:end]

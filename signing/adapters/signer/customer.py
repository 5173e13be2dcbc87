"""One customer's revision: key made, certificate issued, signature written, key forgotten."""

import hashlib
from datetime import datetime
from io import BytesIO
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ObjectIdentifier
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata
from pyhanko.sign.timestamps import TimeStamper

from signing.adapters.pki.authority import Authority
from signing.adapters.pki.certificates import Identity, name, new_key
from signing.adapters.pki.oids import BINDING, Binding
from signing.adapters.signer import handwriting
from signing.adapters.signer.archive import token_room
from signing.adapters.signer.keys import LoadedSigner
from signing.adapters.signer.outlines import glyphs
from signing.adapters.signer.revision import (
    DatedSigner,
    Drawing,
    field_size,
    frozen_part,
    open_writer,
    require_empty,
    reserved,
    signature_fields,
)
from signing.domain.beijing import BEIJING
from signing.domain.errors import InputError, TamperError
from signing.domain.party import ROLE_TITLES
from signing.service.ports import Clock, SignedRevision, SigningContext

INK = "0.086 0.110 0.180 rg 0.086 0.110 0.180 RG"
_CAPTION = 8.0


async def sign(
    pdf: bytes, context: SigningContext, authority: Authority, timestamper: TimeStamper, clock: Clock, song: Path
) -> SignedRevision:
    """See ``Signer.sign_as_customer``."""
    if hashlib.sha256(frozen_part(pdf)).hexdigest() != context.document.frozen_sha256:
        raise TamperError("文书与冻结时的内容不一致，已停止签署", "请联系坐席，不要继续签署")
    writer = open_writer(pdf)
    fields = signature_fields(writer.prev)
    _require_own(context)
    require_empty(fields, context.field, "您已经签署过这份文书")
    binding = bind(context)
    key = new_key()
    certificate = authority.one_time(_subject(context), key.public_key(), context.at, _extension(binding))
    signer = LoadedSigner(Identity(certificate, key), (authority.issuing.certificate,))
    del key
    metadata = PdfSignatureMetadata(
        field_name=context.field,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=context.party.name,
        reason=f"{ROLE_TITLES[context.party.role]}签署 {context.document.title}",
        location=f"会话 {context.session_id}",
        certify=not any(fields.values()),
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )
    drawing = Drawing(border_width=0, operators=_appearance(writer, context, song))
    pdf_signer = DatedSigner(metadata, signer, timestamper=timestamper, stamp_style=drawing, at=context.at)
    room = reserved((certificate, authority.issuing.certificate), token_room(timestamper))
    output = BytesIO()
    try:
        await pdf_signer.async_sign_pdf(writer, existing_fields_only=True, bytes_reserved=room, output=output)
    finally:
        signer.forget()
    der = certificate.public_bytes(serialization.Encoding.DER)
    return SignedRevision(output.getvalue(), der, hashlib.sha256(binding).hexdigest(), clock.now())


def _require_own(context: SigningContext) -> None:
    """Raises ``TamperError`` where the field is the institution's or another party's."""
    own = context.document.fields.get(context.party.party_id)
    if context.field != own:
        raise TamperError("签名位置不属于这位签署人，已停止签署", "请联系坐席，不要继续签署")


def bind(context: SigningContext) -> bytes:
    """The DER value of the certificate's extension."""
    try:
        identity_event = bytes.fromhex(context.identity_event_sha256)
        document = bytes.fromhex(context.document.frozen_sha256)
        if len(identity_event) != 32:
            raise ValueError("not a SHA-256")
    except ValueError as error:
        raise InputError("身份核验记录的摘要格式有误", "请重新核验身份") from error
    return bytes(
        Binding(
            {
                "version": 1,
                "case_number": context.case_no,
                "field_name": context.field,
                "document_digest": document,
                "identity_event": identity_event,
                "strokes_digest": hashlib.sha256(context.strokes_json).digest(),
                "session_id": context.session_id,
            }
        ).dump()
    )


def read_binding(certificate: bytes) -> dict[str, object]:
    """What a one-time certificate (DER) is bound to; digests as bytes. Raises ``InputError`` where it is none."""
    try:
        extension = x509.load_der_x509_certificate(certificate).extensions.get_extension_for_oid(
            ObjectIdentifier(BINDING)
        )
    except (ValueError, x509.ExtensionNotFound) as error:
        raise InputError("这不是一次性签名证书") from error
    assert isinstance(extension.value, x509.UnrecognizedExtension)
    return dict(Binding.load(extension.value.value).native)


def _extension(binding: bytes) -> x509.UnrecognizedExtension:
    return x509.UnrecognizedExtension(ObjectIdentifier(BINDING), binding)


def _subject(context: SigningContext) -> x509.Name:
    """The name as on the identity card; of its number the ends only (a PrintableString knows no asterisk)."""
    number = context.party.id_number
    masked = f"{number[:6]}--------{number[-4:]}"
    unit = "一次性签名证书（演示）"
    return name(context.party.name, "屏签面签客户（演示）", unit=unit, extra=[("2.5.4.5", masked)])


def _appearance(writer: IncrementalPdfFileWriter, context: SigningContext, song: Path) -> str:
    width, height = field_size(writer, context.field)
    caption = f"{context.party.name}　{_beijing(context.at)}"
    letters = glyphs(song)
    size = min(_CAPTION, _CAPTION * (width - 4) / max(letters.advance(caption, _CAPTION), 1))
    text = letters.line(caption, (width - letters.advance(caption, size)) / 2, 3.2, size)
    ink = handwriting.draw(context.strokes_json, 4, size + 6, width - 8, height - size - 8)
    return f"{INK} {ink} 0.333 0.384 0.361 rg {text}"


def _beijing(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}（北京时间）"

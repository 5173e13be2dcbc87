"""The institution's revision: straddle slices, round seal, signature, lock; then revocation data and timestamp."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import init_xobject_dictionary
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext

from signing.adapters.signer.archive import archived, signer_path, token_room
from signing.adapters.signer.holders import HeldSigner, KeyHolder
from signing.adapters.signer.judging import judge_pdf
from signing.adapters.signer.outlines import Glyphs, glyphs, number
from signing.adapters.signer.revision import (
    DatedSigner,
    Drawing,
    field_size,
    form_fields,
    open_writer,
    require_empty,
    reserved,
    signature_fields,
)
from signing.adapters.signer.sealart import draw_seal
from signing.adapters.signer.untouched import changes
from signing.domain.errors import ConflictError, TamperError
from signing.domain.seals import Marks, RegisteredSeal
from signing.service.ports import Institution

SEAL_FIELD = "seal_institution"
SQUARE_FIELD = "seal_representative"
STRADDLE = "straddle_"
"""Followed by page, slice and number of slices: ``straddle_3_3_5``."""


async def seal(
    pdf: bytes,
    institution: Institution,
    holder: KeyHolder,
    trust: bytes,
    timestamper: TimeStamper,
    context: ValidationContext,
    at: datetime,
    reason: str,
    marks: Marks,
    bold: Path,
    pool: Sequence[bytes] = (),
) -> bytes:
    """See ``Signer.seal``. ``context`` holds roots and fresh revocation lists; ``pool``: DER of the certificates that
    stand between the customers' and the roots."""
    writer = open_writer(pdf)
    fields = signature_fields(writer.prev)
    require_empty(fields, SEAL_FIELD, "这份文书已经用印")
    waiting = [field for field, filled in fields.items() if not filled and field != SEAL_FIELD]
    if waiting:
        raise ConflictError("还有当事人没有签署，不能用印", "请等全部当事人签署后再用印")
    await _require_untouched(pdf, writer.prev.xrefs.total_revisions, trust, pool)
    diameter = field_size(writer, SEAL_FIELD)[0]
    operators = draw_seal(institution, marks.round, glyphs(bold), diameter)
    whole = writer.add_object(_form(operators, diameter, diameter, generic.DictionaryObject()))
    _fill_straddles(writer, whole, diameter)
    if marks.square is not None:
        _fill_square(writer, institution, marks.square, glyphs(bold))
    signer = HeldSigner(holder)
    path = await signer_path(signer.signing_cert, signer.cert_registry, context)
    metadata = PdfSignatureMetadata(
        field_name=SEAL_FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        name=institution.name,
        reason=reason,
    )
    drawing = Drawing(border_width=0, operators="/Whole Do", multiply=True, form=whole)
    pdf_signer = DatedSigner(metadata, signer, timestamper=timestamper, stamp_style=drawing, at=at)
    room = reserved((holder.certificate, *holder.chain), token_room(timestamper))
    output = BytesIO()
    await pdf_signer.async_sign_pdf(writer, existing_fields_only=True, bytes_reserved=room, output=output)
    return await archived(output.getvalue(), [path], timestamper, context)


async def _require_untouched(pdf: bytes, revisions: int, trust: bytes, pool: Sequence[bytes]) -> None:
    """The institution seals what the customers signed and nothing that was drawn over it since.

    What the short judgement does not understand, a foreign authority's token for example, is put to the long one.
    """
    if not await asyncio.to_thread(changes, pdf, revisions, trust, pool):
        return
    verdict = await asyncio.to_thread(judge_pdf, pdf, trust, datetime.now(UTC))
    if not verdict.ok:
        raise TamperError(f"文书在签署之后被改动，不能用印（{verdict.detail}）", "请停止办理，并联系管理员核查")


def _fill_straddles(writer: IncrementalPdfFileWriter, whole: generic.IndirectObject, diameter: float) -> None:
    """Each page's strip shows its slice of one shared seal."""
    fields = {name: reference for name, reference in form_fields(writer).items() if name.startswith(STRADDLE)}
    for name, reference in fields.items():
        index, count = (int(part) for part in name.split("_")[2:])
        field = reference.get_object()
        width, height = field_size(writer, name)
        shift = -(index - 1) * diameter / count
        resources = generic.DictionaryObject(
            {
                pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Whole"): whole}),
                pdf_name("/ExtGState"): generic.DictionaryObject({pdf_name("/Seal"): _multiply()}),
            }
        )
        scale = height / diameter
        paint = f"q /Seal gs {scale:.5f} 0 0 {scale:.5f} {number(shift * scale)} 0 cm /Whole Do Q"
        appearance = writer.add_object(_form(paint, width, height, resources))
        field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): appearance})
        writer.mark_update(reference)


def _fill_square(
    writer: IncrementalPdfFileWriter, institution: Institution, seal: RegisteredSeal, bold: Glyphs
) -> None:
    """Raises ``ConflictError`` for a paper that was made without a place for it."""
    reference = form_fields(writer).get(SQUARE_FIELD)
    if reference is None:
        raise ConflictError("这份文书没有法定代表人章的位置，不能用印", "请停用法定代表人名章，或重新生成文书")
    side = field_size(writer, SQUARE_FIELD)[0]
    state = generic.DictionaryObject({pdf_name("/Seal"): _multiply()})
    resources = generic.DictionaryObject({pdf_name("/ExtGState"): state})
    paint = f"q /Seal gs {draw_seal(institution, seal, bold, side)} Q"
    field = reference.get_object()
    appearance = writer.add_object(_form(paint, side, side, resources))
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): appearance})
    writer.mark_update(reference)


def _form(operators: str, width: float, height: float, resources: generic.DictionaryObject) -> generic.StreamObject:
    form = init_xobject_dictionary(operators.encode(), width, height, resources)
    form.compress()
    return form


def _multiply() -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name("/BM"): pdf_name("/Multiply")})

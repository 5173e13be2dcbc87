"""What makes a signed paper last (ETSI EN 319 142-1, B-LTA): the means to verify it inside it, a time-stamp over all.

The same again, years later, renews a paper whose time-stamps weaken.
"""

from collections.abc import Container, Iterable
from io import BytesIO
from itertools import chain, count

from asn1crypto import x509
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathError
from pyhanko_certvalidator.path import ValidationPath

from signing.adapters.signer.holders import UNSEALED
from signing.adapters.signer.keys import BuiltInTimeStamper
from signing.adapters.signer.revision import FOREIGN_TOKEN, OWN_TOKEN, open_writer, signature_fields
from signing.domain.errors import OutsideError

TIMESTAMP_FIELD = "timestamp_archive"


def token_room(timestamper: TimeStamper) -> int:
    """Bytes to be kept free for one of its tokens."""
    return OWN_TOKEN if isinstance(timestamper, BuiltInTimeStamper) else FOREIGN_TOKEN


async def signer_path(
    certificate: x509.Certificate, others: Iterable[x509.Certificate], context: ValidationContext
) -> ValidationPath:
    """Raises ``OutsideError`` where the certificate is revoked, has run out, or leads to no root of ours."""
    validator = CertificateValidator(certificate, intermediate_certs=list(others), validation_context=context)
    try:
        path: ValidationPath = await validator.async_validate_usage({"non_repudiation"})
    except (PathBuildingError, PathError) as error:
        raise OutsideError("印章的证书没有通过核验：已吊销、已到期，或不出自所信任的机构", UNSEALED) from error
    return path


async def archived(
    pdf: bytes,
    paths: Iterable[ValidationPath],
    timestamper: TimeStamper,
    context: ValidationContext,
) -> bytes:
    """One more revision: certificates and revocation lists of ``paths``, those of the time-stamp, and it over all."""
    try:
        stamped = [path async for path in timestamper.validation_paths(context)]
    except (PathBuildingError, PathError) as error:
        raise OutsideError("时间戳服务的证书没有通过核验：已吊销、已到期，或不出自所信任的机构", UNSEALED) from error
    writer = open_writer(pdf)
    field = _new_field(signature_fields(writer.prev))
    DocumentSecurityStore.supply_dss_in_writer(
        writer, sig_contents=None, paths=[*paths, *stamped], validation_context=context
    )
    output = BytesIO()
    # Asked for already, to learn whose it is.
    room = max(token_room(timestamper), len((await timestamper.async_dummy_response("sha256")).dump()) + 200)
    stamper = PdfTimeStamper(timestamper, field_name=field)
    await stamper.async_timestamp_pdf(writer, "sha256", bytes_reserved=2 * room, output=output)
    return output.getvalue()


def _new_field(taken: Container[str]) -> str:
    """The first time-stamp's name, or for renewals the next free one after it."""
    names = chain([TIMESTAMP_FIELD], (f"{TIMESTAMP_FIELD}_{number}" for number in count(2)))
    return next(name for name in names if name not in taken)

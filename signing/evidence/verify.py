"""The verifier of the service and of ``pingqian verify``: the logic of ``verify.py`` with libraries behind it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.domain.readable import Readable, whole_of
from signing.evidence.core.book import InspectPdf, Judgement, Means
from signing.evidence.core.cms import read_token
from signing.evidence.core.container import NotAPackage, opened_package, unpack
from signing.evidence.core.judge import judge
from signing.evidence.core.manifest import TIMESTAMP
from signing.evidence.core.openssl import NoOpenssl, openssl_sm2
from signing.evidence.core.report import as_record
from signing.evidence.core.trust import embedded_roots
from signing.evidence.core.x509 import NoSm2
from signing.service.ports import PdfVerdict
from signing.wire.audit import VerificationReport

HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
InspectSignatures = Callable[[bytes, datetime], PdfVerdict]
"""A document's signatures as of the moment at which its package was closed."""


class LibraryCrypto:
    """``Crypto`` by the ``cryptography`` package."""

    def verify(self, public_key: bytes, hash_name: str, data: bytes, signature: bytes) -> bool:
        try:
            key = load_der_public_key(public_key)
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(signature, data, padding.PKCS1v15(), HASHES[hash_name])
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(signature, data, ec.ECDSA(HASHES[hash_name]))
            else:
                return False
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True

    def verify_sm2(self, public_key: bytes, data: bytes, signature: bytes) -> bool:
        """The package knows no SM2, so that the program is asked. Raises ``NoSm2`` where there is none either."""
        try:
            return openssl_sm2(public_key, data, signature)
        except NoOpenssl as error:
            raise NoSm2(f"{error}；国密签章没有核对") from error


def judge_package(
    package: Path | Readable,
    trust_pem: bytes | None = None,
    inspect_pdf: InspectSignatures | None = None,
    at: datetime | None = None,
    record: bytes | None = None,
) -> Judgement:
    """The judgement over a package's bytes or file. ``at``: the moment to judge by, now without it; ``record``: the
    evidence record kept beside it. Raises ``OSError`` and ``UnusableTrust``."""
    means = Means(LibraryCrypto(), trust_pem, _in_words(inspect_pdf), at, record)
    if not isinstance(package, Path):
        return judge(package, means)
    with opened_package(package) as data:
        return judge(data, means)


def verify_package(
    package: Path | Readable,
    trust_pem: bytes | None = None,
    inspect_pdf: InspectSignatures | None = None,
    at: datetime | None = None,
    record: bytes | None = None,
) -> VerificationReport:
    """Checks every byte of a package; trusts nothing but ``trust_pem`` (without it, says so in ``not_checked``).

    ``inspect_pdf`` is a PDF library's view of a document's signatures (``Signer.inspect``); ``at`` is the time to judge
    by, now without it; ``record`` holds the renewals of its time-stamp. Raises ``OSError``, and ``UnusableTrust``
    where ``trust_pem`` holds no root.
    """
    judgement = judge_package(package, trust_pem, inspect_pdf, at, record)
    return VerificationReport.model_validate(as_record(judgement, at or datetime.now(UTC)))


def roots_of(package: Readable) -> bytes:
    """PEM of the roots a package carries; nothing where it cannot be read."""
    try:
        return embedded_roots(unpack(package).entries)
    except NotAPackage:
        return b""


def closed_with(package: Readable, paper: bytes) -> datetime | None:
    """When a package was closed that holds this very paper; None where it does not. Nothing of it is judged here."""
    try:
        entries = unpack(package).entries
        token = read_token(whole_of(entries[TIMESTAMP]))
    except (NotAPackage, KeyError, ValueError):
        return None
    held = (whole_of(data) for name, data in entries.items() if name.startswith("documents/"))
    return token.at if paper in held else None


def _in_words(inspect_pdf: InspectSignatures | None) -> InspectPdf | None:
    if inspect_pdf is None:
        return None

    def inspect(pdf: bytes, at: datetime) -> tuple[bool, str]:
        verdict = inspect_pdf(pdf, at)
        bad = [f"{row.field}：{row.detail}" for row in verdict.signatures if not row.ok]
        return verdict.ok and not bad, "；".join(bad) or verdict.detail

    return inspect

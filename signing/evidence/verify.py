"""The verifier of the service and of ``pingqian verify``: the logic of ``verify.py`` with libraries behind it."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from signing.domain.readable import Readable
from signing.evidence.core.book import Judgement, Means
from signing.evidence.core.container import NotAPackage, opened_package, unpack
from signing.evidence.core.judge import judge
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
InspectSignatures = Callable[[bytes], PdfVerdict]


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
    package: Path | Readable, trust_pem: bytes | None = None, inspect_pdf: InspectSignatures | None = None
) -> Judgement:
    """The judgement over a package's bytes or file. Raises ``OSError`` and ``UnusableTrust``."""
    means = Means(LibraryCrypto(), trust_pem, _in_words(inspect_pdf))
    if not isinstance(package, Path):
        return judge(package, means)
    with opened_package(package) as data:
        return judge(data, means)


def verify_package(
    package: Path | Readable,
    trust_pem: bytes | None = None,
    inspect_pdf: InspectSignatures | None = None,
    at: datetime | None = None,
) -> VerificationReport:
    """Checks every byte of a package; trusts nothing but ``trust_pem`` (without it, says so in ``not_checked``).

    ``inspect_pdf`` is a PDF library's view of a document's signatures (``Signer.inspect``); ``at`` is only the time
    written into the report. Raises ``OSError``, and ``UnusableTrust`` where ``trust_pem`` holds no root.
    """
    judgement = judge_package(package, trust_pem, inspect_pdf)
    return VerificationReport.model_validate(as_record(judgement, at or datetime.now(UTC)))


def roots_of(package: Readable) -> bytes:
    """PEM of the roots a package carries; nothing where it cannot be read."""
    try:
        return embedded_roots(unpack(package).entries)
    except NotAPackage:
        return b""


def _in_words(inspect_pdf: InspectSignatures | None) -> Callable[[bytes], tuple[bool, str]] | None:
    if inspect_pdf is None:
        return None

    def inspect(pdf: bytes) -> tuple[bool, str]:
        verdict = inspect_pdf(pdf)
        bad = [f"{row.field}：{row.detail}" for row in verdict.signatures if not row.ok]
        return verdict.ok and not bad, "；".join(bad) or verdict.detail

    return inspect

"""pyHanko's ``Signer`` and ``TimeStamper`` over keys that are loaded once and kept."""

from collections.abc import Callable, Iterable
from datetime import datetime

from asn1crypto import cms
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign.timestamps import TimeStamper

from signing.adapters.pki.certificates import Identity, PrivateKey
from signing.adapters.pki.tsa import TimestampAuthority, to_asn1
from signing.adapters.signer.cms import CadesSigner

SIGNATURE_MAX = 72
"""Bytes of the longest DER-encoded P-256 signature."""


class LoadedSigner(CadesSigner):
    """Signs with a key in memory; pyHanko's own would parse it again for every signature."""

    def __init__(self, identity: Identity, chain: Iterable[pyca.Certificate]) -> None:
        self._key: PrivateKey | None = identity.key
        super().__init__(to_asn1(identity.certificate), [to_asn1(certificate) for certificate in chain])

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(SIGNATURE_MAX)
        assert digest_algorithm == "sha256"
        assert self._key is not None, "this signer's key has been destroyed"
        return self._key.sign(data, ec.ECDSA(hashes.SHA256()))

    def forget(self) -> None:
        """Drops the only reference to the key; OpenSSL clears its memory when it frees it."""
        self._key = None


class BuiltInTimeStamper(TimeStamper):
    """Asks the built-in authority instead of a server."""

    def __init__(self, authority: TimestampAuthority, now: Callable[[], datetime]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._authority, self._now = authority, now

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        assert md_algorithm == "sha256"
        return self._authority.token(message_digest, self._now())

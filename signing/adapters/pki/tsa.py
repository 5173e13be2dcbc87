"""The built-in timestamping authority: RFC 3161 tokens signed with a key kept loaded."""

import hashlib
import secrets
from datetime import datetime

from asn1crypto import cms, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signing.adapters.pki import cades
from signing.adapters.pki.cades import OCTETS, SEQUENCE, Signatory, integer, object_id, tlv
from signing.adapters.pki.certificates import Identity
from signing.adapters.pki.oids import TSA_POLICY
from signing.domain.errors import InputError

_ASKED = {
    size: tlv(SEQUENCE, object_id(f"2.16.840.1.101.3.4.2.{last}"), b"\x05\x00") for size, last in ((32, 1), (64, 3))
}
"""SHA-256 and SHA-512 by their bytes, as requests spell them, with empty parameters: what was asked is given back to
the byte (RFC 3161, 2.4.2)."""


class TimestampAuthority:
    """``chain`` are the certificates between the TSA's and the root, which every token carries. The root itself is
    what a verifier must have already."""

    def __init__(self, identity: Identity, chain: tuple[pyca.Certificate, ...]) -> None:
        self._key = identity.key
        certificate = to_asn1(identity.certificate)
        self._signatory = Signatory.of(certificate, [to_asn1(one) for one in chain])
        self._subject = certificate.subject.dump()

    def token(self, digest: bytes, at: datetime, nonce: int | None = None) -> cms.ContentInfo:
        """A TimeStampToken over a SHA-256 or SHA-512 digest, ``at`` to the millisecond. Raises ``InputError``."""
        if len(digest) not in _ASKED:
            raise InputError("时间戳只能加盖在 SHA-256 或 SHA-512 摘要上")
        info = self._info(digest, at, nonce)
        attributes = cades.signed_attributes(self._signatory, hashlib.sha256(info).digest(), cades.TST_INFO)
        signature = self._key.sign(attributes, ec.ECDSA(hashes.SHA256()))
        der = cades.content_info(self._signatory, attributes, signature, encapsulated=(cades.TST_INFO, info))
        return cms.ContentInfo.load(der)

    def _info(self, digest: bytes, at: datetime, nonce: int | None) -> bytes:
        """TSTInfo (RFC 3161, 2.4.2), accurate to a second."""
        return tlv(
            SEQUENCE,
            integer(1),
            object_id(TSA_POLICY),
            tlv(SEQUENCE, _ASKED[len(digest)], tlv(OCTETS, digest)),
            integer(secrets.randbits(120)),
            _generalized(at),
            tlv(SEQUENCE, integer(1)),
            b"" if nonce is None else integer(nonce),
            tlv(0xA0, tlv(0xA4, self._subject)),
        )


def _generalized(at: datetime) -> bytes:
    """GeneralizedTime without the zeros that end its fraction (RFC 3161, 2.4.2)."""
    fraction = f"{at.microsecond // 1000:03d}".rstrip("0")
    return tlv(0x18, f"{at:%Y%m%d%H%M%S}{'.' + fraction if fraction else ''}Z".encode())


def to_asn1(certificate: pyca.Certificate) -> x509.Certificate:
    """The same certificate as asn1crypto's type."""
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))

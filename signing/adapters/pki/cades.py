"""CMS signatures written byte by byte: one shape, in DER, with certificates taken as they are.

CAdES (ETSI EN 319 122-1) over RFC 5652: content-type, message-digest, signing-certificate-v2 (RFC 5035), and the
algorithms protected (RFC 6211). A general library builds the same from objects, and encodes every certificate anew to
find out that nothing about it has changed: that took most of a signature's time.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from asn1crypto import x509

SEQUENCE, SET, OCTETS, OBJECT, INTEGER = 0x30, 0x31, 0x04, 0x06, 0x02
DATA, SIGNED_DATA, TST_INFO = (
    "1.2.840.113549.1.7.1",
    "1.2.840.113549.1.7.2",
    "1.2.840.113549.1.9.16.1.4",
)
_CONTENT_TYPE, _MESSAGE_DIGEST, _SIGNING_TIME = (f"1.2.840.113549.1.9.{number}" for number in (3, 4, 5))
_SIGNING_CERTIFICATE, _TIMESTAMP = "1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.16.2.14"
_PROTECTION = "1.2.840.113549.1.9.52"
_SHA256, _ECDSA, _RSA = "2.16.840.1.101.3.4.2.1", "1.2.840.10045.4.3.2", "1.2.840.113549.1.1.11"


def tlv(tag: int, *parts: bytes) -> bytes:
    """One element of DER."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(value: int) -> bytes:
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


@lru_cache(maxsize=64)
def object_id(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    return tlv(OBJECT, b"".join(_base128(arc) for arc in (first * 40 + second, *rest)))


def _base128(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))


def time_of(moment: datetime) -> bytes:
    """UTCTime, as CMS wants it until 2049 (RFC 5652, 11.3)."""
    if moment.year < 2050:
        return tlv(0x17, f"{moment:%y%m%d%H%M%SZ}".encode())
    return tlv(0x18, f"{moment:%Y%m%d%H%M%SZ}".encode())


@dataclass(frozen=True)
class Signatory:
    """A signer's certificate (DER) in the parts that a signature names; ``others`` go along with it."""

    certificate: bytes
    issuer: bytes
    serial: int
    rsa: bool
    others: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, certificate: x509.Certificate, others: Iterable[x509.Certificate] = ()) -> "Signatory":
        rsa = certificate.public_key.algorithm == "rsa"
        der = certificate.dump()
        rest = tuple(one.dump() for one in others)
        return cls(der, certificate.issuer.dump(), certificate.serial_number, rsa, rest)

    @property
    def algorithm(self) -> bytes:
        return tlv(SEQUENCE, object_id(_RSA), b"\x05\x00") if self.rsa else tlv(SEQUENCE, object_id(_ECDSA))


SHA256 = tlv(SEQUENCE, object_id(_SHA256))


def signed_attributes(
    signatory: Signatory, digest: bytes, content_type: str = DATA, signed_at: datetime | None = None
) -> bytes:
    """SET OF attributes, which is what the signature is over. ``digest``: SHA-256 of the content. PAdES forbids
    ``signed_at`` (ETSI EN 319 142-1, 6.3), whose time stands in the signature's dictionary."""
    # Issuer and number are left out beside the digest, which names the certificate better (EN 319 122-1, 5.2.2.3).
    certificate_id = tlv(SEQUENCE, tlv(OCTETS, hashlib.sha256(signatory.certificate).digest()))
    attributes = [
        _attribute(_CONTENT_TYPE, object_id(content_type)),
        _attribute(_MESSAGE_DIGEST, tlv(OCTETS, digest)),
        _attribute(_SIGNING_CERTIFICATE, tlv(SEQUENCE, tlv(SEQUENCE, certificate_id))),
        _attribute(_PROTECTION, tlv(SEQUENCE, SHA256, b"\xa1" + signatory.algorithm[1:])),
    ]
    if signed_at is not None:
        attributes.append(_attribute(_SIGNING_TIME, time_of(signed_at)))
    return tlv(SET, *sorted(attributes))


def _attribute(kind: str, value: bytes) -> bytes:
    return tlv(SEQUENCE, object_id(kind), tlv(SET, value))


def content_info(
    signatory: Signatory,
    attributes: bytes,
    signature: bytes,
    *,
    token: bytes = b"",
    encapsulated: tuple[str, bytes] | None = None,
) -> bytes:
    """ContentInfo, DER. ``token``: a time-stamp over the signature. ``encapsulated``: type and content that are
    carried within; without it the signature is detached from its data."""
    kind, content = encapsulated or (DATA, None)
    held = tlv(SEQUENCE, object_id(kind), tlv(0xA0, tlv(OCTETS, content)) if content is not None else b"")
    signer = tlv(
        SEQUENCE,
        integer(1),
        tlv(SEQUENCE, signatory.issuer, integer(signatory.serial)),
        SHA256,
        b"\xa0" + attributes[1:],
        signatory.algorithm,
        tlv(OCTETS, signature),
        tlv(0xA1, _attribute(_TIMESTAMP, token)) if token else b"",
    )
    version = 1 if encapsulated is None else 3
    certificates = _set_of({signatory.certificate, *signatory.others})
    signed = tlv(SEQUENCE, integer(version), tlv(SET, SHA256), held, tlv(0xA0, *certificates), tlv(SET, signer))
    return tlv(SEQUENCE, object_id(SIGNED_DATA), tlv(0xA0, signed))


def _set_of(elements: Iterable[bytes]) -> Sequence[bytes]:
    """In the order that DER wants (X.690, 11.6)."""
    return sorted(elements)

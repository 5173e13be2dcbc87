"""Signed data with exactly one signer (RFC 5652, CAdES-B: RFC 5035's signing-certificate-v2) and time-stamp tokens
(RFC 3161). No field is left unread: nothing else covers the last token, so each of its bytes is compared here.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from signing.evidence.core.der import (
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    NULL,
    OBJECT_ID,
    OCTET_STRING,
    SEQUENCE,
    SET,
    DerError,
    Node,
    check_set_order,
    children_of,
    der_integer,
    der_object_id,
    der_time,
    encode_der,
    encode_integer,
    parse_der,
)
from signing.evidence.core.x509 import (
    BINDING_EXTENSION,
    DIGEST_ALGORITHMS,
    ECDSA,
    RSA,
    SIGNATURE_ALGORITHMS,
    TIME_STAMPING,
    Certificate,
    Crypto,
    Untrusted,
    extended_usages,
    read_certificate,
    usage_bits,
    verify_with,
)

SIGNED_DATA, DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_TIME, SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.5", "1.2.840.113549.1.9.16.2.47"
ALGORITHM_PROTECTION = "1.2.840.113549.1.9.52"
SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
REQUIRED_ATTRIBUTES = {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_CERTIFICATE_V2}
KNOWN_ATTRIBUTES = REQUIRED_ATTRIBUTES | {SIGNING_TIME, ALGORITHM_PROTECTION}


CURVE_ORDERS = {
    "1.2.840.10045.3.1.7": 2**256 - 2**224 + 2**192 - 0x4319055258E8617B0C46353D039CDAAF,
    "1.3.132.0.34": 2**384 - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
}
"""P-256 and P-384 (FIPS 186-5, SP 800-186)."""


class BadSignature(ValueError):
    """Raised where a signature, token or digest is not the one of what it is said to cover."""


@dataclass(frozen=True)
class SignedData:
    """``content`` is None where the signature is detached. ``signed`` and ``unsigned`` map attribute to value.

    ``digest`` and ``named_algorithm`` are the algorithms as they are written, ``algorithm`` always names the hash too.
    """

    content_type: str
    content: bytes | None
    certificates: tuple[Certificate, ...]
    signer: Certificate
    hash_name: str
    digest: Node
    named_algorithm: Node
    signed: dict[str, Node]
    signed_raw: bytes
    algorithm: Node
    signature: bytes
    unsigned: dict[str, Node]
    lists: tuple[bytes, ...] = ()
    """Revocation lists that are carried along, which no signature of this covers."""


@dataclass(frozen=True)
class Token:
    """A time-stamp token over ``imprint`` (of ``hash_name``) made at ``at``."""

    data: SignedData
    hash_name: str
    imprint: bytes
    at: datetime


def read_signed_data(
    der: bytes,
    unsigned: frozenset[str] = frozenset(),
    extra: frozenset[str] = frozenset(),
    *,
    with_lists: bool = False,
) -> SignedData:
    """Raises ``DerError`` for anything but the one accepted shape. ``unsigned`` and ``extra`` name further attributes
    that may stand among the unsigned and the signed ones; ``with_lists``: revocation lists may be there too."""
    kind, wrapped = children_of(parse_der(der), count=2)
    if der_object_id(kind) != SIGNED_DATA:
        raise DerError("not signed data")
    parts = list(children_of(children_of(wrapped, 0xA0, 1)[0]))
    lists = _carried_lists(parts.pop(4)) if with_lists and len(parts) == 6 else ()
    if len(parts) != 5:
        raise DerError("signed data")
    version, digests, inner, certificates, signers = parts
    content_type, content = _content(inner)
    if der_integer(version) != (1 if content_type == DATA else 3):
        raise DerError("version")
    found = _certificates(certificates)
    (info,) = children_of(signers, SET, 1)
    (digest,) = children_of(digests, SET, 1)
    data = _signer_info(info, digest, found, (content_type, content), unsigned, KNOWN_ATTRIBUTES | extra)
    return replace(data, lists=lists)


def _carried_lists(node: Node) -> tuple[bytes, ...]:
    rows = children_of(node, 0xA1)
    check_set_order(rows)
    if not rows:
        raise DerError("no revocation lists where some are due")
    return tuple(row.raw for row in rows)


def _content(node: Node) -> tuple[str, bytes | None]:
    parts = children_of(node)
    name = der_object_id(parts[0]) if parts else ""
    if name not in (DATA, TST_INFO) or len(parts) != (1 if name == DATA else 2):
        raise DerError("content")
    if name == DATA:
        return name, None
    return name, children_of(parts[1], 0xA0, 1)[0].expect(OCTET_STRING).body


def _certificates(node: Node) -> tuple[Certificate, ...]:
    rows = children_of(node, 0xA0)
    check_set_order(rows)
    return tuple(read_certificate(row.raw) for row in rows)


def _signer_info(
    info: Node,
    digest: Node,
    certificates: tuple[Certificate, ...],
    content: tuple[str, bytes | None],
    allowed: frozenset[str],
    known: frozenset[str] | set[str],
) -> SignedData:
    fields = children_of(info)
    if len(fields) not in (6, 7) or der_integer(fields[0]) != 1 or fields[2].raw != digest.raw:
        raise DerError("signer info")
    signed = _attributes(fields[3], 0xA0)
    unsigned = _attributes(fields[6], 0xA1) if len(fields) == 7 else {}
    if not set(signed) >= REQUIRED_ATTRIBUTES or not set(signed) <= known or not set(unsigned) <= allowed:
        raise DerError("attributes")
    hash_name = _digest_name(digest)
    _check_signature_algorithm(fields[4], hash_name, signed, digest)
    return SignedData(
        content_type=content[0],
        content=content[1],
        certificates=certificates,
        signer=_named_signer(fields[1], certificates),
        hash_name=hash_name,
        digest=digest,
        named_algorithm=fields[4],
        signed=signed,
        signed_raw=encode_der(SET, fields[3].body),
        algorithm=_plain_algorithm(fields[4], hash_name),
        signature=fields[5].expect(OCTET_STRING).body,
        unsigned=unsigned,
    )


def _attributes(node: Node, tag: int) -> dict[str, Node]:
    rows = children_of(node, tag)
    check_set_order(rows)
    found: dict[str, Node] = {}
    for row in rows:
        name, values = children_of(row, count=2)
        if der_object_id(name) in found:
            raise DerError("attribute twice")
        (found[der_object_id(name)],) = children_of(values, SET, 1)
    return found


def _digest_name(node: Node) -> str:
    parts = children_of(node)
    name = DIGEST_ALGORITHMS.get(der_object_id(parts[0])) if parts else None
    if name is None or [part.raw for part in parts[1:]] not in ([], [bytes([NULL, 0])]):
        raise DerError("digest algorithm")
    return name


def _plain_algorithm(node: Node, hash_name: str) -> Node:
    """``rsaEncryption`` leaves the hash to the digest algorithm (RFC 3370, 3.2); name it in full."""
    parts = children_of(node)
    if not parts or der_object_id(parts[0]) != RSA:
        return node
    full = {"sha256": b"\x0b", "sha384": b"\x0c", "sha512": b"\x0d"}[hash_name]
    return parse_der(node.raw.replace(parts[0].body, parts[0].body[:-1] + full))


def _check_signature_algorithm(node: Node, hash_name: str, signed: dict[str, Node], digest: Node) -> None:
    plain = _plain_algorithm(node, hash_name)
    if SIGNATURE_ALGORITHMS.get(der_object_id(children_of(plain)[0]), ("", ""))[1] != hash_name:
        raise DerError("signature algorithm")
    protection = signed.get(ALGORITHM_PROTECTION)
    if protection is None:
        return
    first, second = children_of(protection, count=2)
    if first.raw != digest.raw or second.tag != 0xA1 or second.body != node.body:
        raise DerError("the protected algorithms are others")


def _named_signer(sid: Node, certificates: Sequence[Certificate]) -> Certificate:
    issuer, serial = children_of(sid, count=2)
    for certificate in certificates:
        if (certificate.issuer, certificate.serial) == (issuer.raw, der_integer(serial)):
            return certificate
    raise DerError("the signer's certificate is not there")


def check_signed_data(data: SignedData, content: bytes | memoryview, crypto: Crypto) -> None:
    """Everything that the signature itself says; whom to trust is another question. Raises ``BadSignature``."""
    digest = hashlib.new(data.hash_name, content).digest()
    if not hmac.compare_digest(data.signed[MESSAGE_DIGEST].expect(OCTET_STRING).body, digest):
        raise BadSignature("内容与签名时的摘要不一致")
    if der_object_id(data.signed[CONTENT_TYPE].expect(OBJECT_ID)) != data.content_type:
        raise BadSignature("签名的内容类型不对")
    _check_signing_certificate(data)
    if not verify_with(crypto, data.signer, data.algorithm, data.signed_raw, data.signature):
        raise BadSignature("签名值不正确")


def _check_signing_certificate(data: SignedData) -> None:
    """ESSCertIDv2 (RFC 5035): the first identifier names the certificate the signature was made with."""
    parts = children_of(data.signed[SIGNING_CERTIFICATE_V2])
    fields = list(children_of(children_of(parts[0])[0]))
    hash_name = _digest_name(fields.pop(0)) if fields[0].tag == SEQUENCE else "sha256"
    if fields[0].expect(OCTET_STRING).body != hashlib.new(hash_name, data.signer.raw).digest():
        raise BadSignature("签名绑定的是另一张证书")


def check_no_strangers(data: SignedData, path: Sequence[Certificate]) -> None:
    """Certificates outside the signer's path would be bytes that nothing vouches for. Raises ``DerError``."""
    if any(all(certificate.raw != row.raw for row in path) for certificate in data.certificates):
        raise DerError("certificates that belong to no path")


def check_one_spelling(data: SignedData) -> None:
    """Of the several spellings that mean the same and that no signature covers, only one is accepted where nothing
    else covers the bytes. Algorithms: as the protected attribute (RFC 6211) has them, else digests without parameters
    and plain ``rsaEncryption``. ECDSA: the smaller of ``s`` and ``n - s``. Raises ``DerError``."""
    if data.signer.key_kind == ECDSA and small_s(data.signer, data.signature) != data.signature:
        raise DerError("the larger of the two values of an ECDSA signature")
    if ALGORITHM_PROTECTION in data.signed:
        return
    hashed_rsa = data.named_algorithm.raw == data.algorithm.raw and data.signer.key_kind == RSA
    if len(data.digest.children) != 1 or hashed_rsa:
        raise DerError("another spelling of an algorithm")


def small_s(signer: Certificate, signature: bytes) -> bytes:
    """The ECDSA signature, as the one of its two equal forms with the smaller ``s``. Raises ``DerError``."""
    curve = der_object_id(children_of(children_of(parse_der(signer.public_key))[0])[1])
    if curve not in CURVE_ORDERS:
        raise DerError("curve")
    r, s = (der_integer(node) for node in children_of(parse_der(signature), count=2))
    return encode_der(SEQUENCE, encode_integer(r) + encode_integer(min(s, CURVE_ORDERS[curve] - s)))


def read_token(der: bytes, *, with_lists: bool = False) -> Token:
    """A time-stamp token (RFC 3161, 2.4.2). Raises ``DerError``."""
    data = read_signed_data(der, with_lists=with_lists)
    if data.content_type != TST_INFO or data.content is None:
        raise DerError("not a time-stamp token")
    fields = list(children_of(parse_der(data.content)))
    if len(fields) < 5 or der_integer(fields[0]) != 1:
        raise DerError("TSTInfo")
    der_object_id(fields[1])
    algorithm, imprint = children_of(fields[2], count=2)
    der_integer(fields[3])
    _check_optional(fields[5:])
    return Token(data, _digest_name(algorithm), imprint.expect(OCTET_STRING).body, _token_time(fields[4]))


def _token_time(node: Node) -> datetime:
    return der_time(node.expect(GENERALIZED_TIME))


def _check_optional(fields: Sequence[Node]) -> None:
    """accuracy, ordering, nonce, tsa, in this order; extensions are not understood."""
    order = [SEQUENCE, BOOLEAN, INTEGER, 0xA0]
    places = [order.index(field.tag) if field.tag in order else -1 for field in fields]
    if -1 in places or places != sorted(set(places)):
        raise DerError("TSTInfo")


def check_token(token: Token, crypto: Crypto) -> None:
    """The token's own signature. Raises ``BadSignature``."""
    check_signed_data(token.data, token.data.content or b"", crypto)


def check_imprint(token: Token, content: bytes | memoryview) -> None:
    """Raises ``BadSignature`` where the token is over something else."""
    if not hmac.compare_digest(token.imprint, hashlib.new(token.hash_name, content).digest()):
        raise BadSignature("内容与时间戳中的摘要不一致")


def check_timestamper(certificate: Certificate) -> None:
    """RFC 3161, 2.3: time stamping, critical, and nothing else. Raises ``Untrusted``."""
    critical = certificate.extensions.get("2.5.29.37", (False, b""))[0]
    if not critical or extended_usages(certificate) != [TIME_STAMPING]:
        raise Untrusted(f"证书“{certificate.title}”不是专用的时间戳证书")
    check_may_sign(certificate)


def check_may_sign(certificate: Certificate) -> None:
    """digitalSignature or nonRepudiation. Raises ``Untrusted``."""
    if not usage_bits(certificate) & {0, 1}:
        raise Untrusted(f"证书“{certificate.title}”不能用于签名")


def check_may_seal(certificate: Certificate) -> None:
    """That it is neither a customer's one-time certificate nor made for one other purpose. Raises ``Untrusted``."""
    if BINDING_EXTENSION in certificate.extensions or extended_usages(certificate):
        raise Untrusted(f"证书“{certificate.title}”不是用来签署证据包的")

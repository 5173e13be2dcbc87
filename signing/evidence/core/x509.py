"""Certificates, revocation lists and paths (RFC 5280), as far as our own certificates need them.

What is not understood is refused: another version, algorithm, or critical extension.
"""

import base64
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from signing.evidence.core.der import (
    BOOLEAN,
    INTEGER,
    NULL,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    Node,
    children_of,
    der_bits,
    der_integer,
    der_object_id,
    der_time,
    parse_der,
)

MAX_PATH = 6
RSA, ECDSA = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1"
SIGNATURE_ALGORITHMS = {
    "1.2.840.113549.1.1.11": (RSA, "sha256"),
    "1.2.840.113549.1.1.12": (RSA, "sha384"),
    "1.2.840.113549.1.1.13": (RSA, "sha512"),
    "1.2.840.10045.4.3.2": (ECDSA, "sha256"),
    "1.2.840.10045.4.3.3": (ECDSA, "sha384"),
    "1.2.840.10045.4.3.4": (ECDSA, "sha512"),
}
DIGEST_ALGORITHMS = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE = "2.5.29.15", "2.5.29.19", "2.5.29.37"
UNDERSTOOD = {KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE, "2.5.29.32"}
BINDING_EXTENSION = "2.25.270120623898899023061849203002039392846.1.1"
"""Of a customer's one-time certificate; see ``binding``."""
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
DIGITAL_SIGNATURE, NON_REPUDIATION, CERT_SIGN, CRL_SIGN = 0, 1, 5, 6


class Untrusted(ValueError):
    """Raised where a certificate leads to no trusted root, or may not do what it did."""


class Lapsed(Untrusted):
    """Raised where a time-stamp's certificate ran out, or was revoked, before anything else took its proof over."""


class Stranger(Untrusted):
    """Raised for a certificate that may be in order, but that none of the believed roots stands behind."""


class NoSm2(Exception):
    """Raised where an engine does not know SM2 or SM3; the message is for people."""


class Crypto(Protocol):
    """The only cryptographic engine the verifier needs besides hashing."""

    def verify(self, public_key: bytes, hash_name: str, data: bytes, signature: bytes) -> bool:
        """``public_key`` is a DER SubjectPublicKeyInfo of RSA (PKCS#1 v1.5) or ECDSA."""
        ...

    def verify_sm2(self, public_key: bytes, data: bytes, signature: bytes) -> bool:
        """SM2 over SM3 under the usual identifier (GB/T 35276-2017). Raises ``NoSm2``."""
        ...


@dataclass(frozen=True)
class Certificate:
    raw: bytes
    tbs: bytes
    serial: int
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    public_key: bytes
    key_kind: str
    extensions: dict[str, tuple[bool, bytes]]
    algorithm: Node
    signature: bytes

    @property
    def title(self) -> str:
        """The common name, for people."""
        return common_name(self.subject)


@dataclass(frozen=True)
class RevocationList:
    issuer: bytes
    this_update: datetime
    next_update: datetime | None
    revoked: dict[int, datetime]
    tbs: bytes
    algorithm: Node
    signature: bytes


def read_pem(data: bytes, label: str) -> list[bytes]:
    """The DER of every block; nothing but such blocks, as ``openssl`` writes them, is accepted."""
    blocks = re.findall(rb"-----BEGIN %b-----\n([A-Za-z0-9+/=\n]+)-----END" % label.encode(), data)
    try:
        found = [base64.b64decode(block.replace(b"\n", b""), validate=True) for block in blocks]
    except ValueError:
        raise DerError("base64") from None
    if not found or b"".join(write_pem(der, label) for der in found) != data:
        raise DerError("not plain PEM")
    return found


def write_pem(der: bytes, label: str) -> bytes:
    text = base64.b64encode(der).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


@lru_cache(maxsize=128)
def read_certificate(der: bytes) -> Certificate:
    """Raises ``DerError``."""
    tbs, algorithm, signature = children_of(parse_der(der), count=3)
    fields = list(children_of(tbs))
    if len(fields) != 8 or [child.raw for child in children_of(fields[0], 0xA0)] != [b"\x02\x01\x02"]:
        raise DerError("not an X.509 version 3 certificate with extensions")
    not_before, not_after = children_of(fields[4], count=2)
    if fields[2].raw != algorithm.raw:
        raise DerError("two signature algorithms in one certificate")
    return Certificate(
        raw=der,
        tbs=tbs.raw,
        serial=der_integer(fields[1]),
        issuer=fields[3].expect(SEQUENCE).raw,
        subject=fields[5].expect(SEQUENCE).raw,
        not_before=der_time(not_before),
        not_after=der_time(not_after),
        public_key=fields[6].raw,
        key_kind=der_object_id(children_of(children_of(fields[6], count=2)[0])[0]),
        extensions=_extensions(children_of(fields[7], 0xA3, 1)[0]),
        algorithm=algorithm,
        signature=der_bits(signature),
    )


def _extensions(node: Node) -> dict[str, tuple[bool, bytes]]:
    found: dict[str, tuple[bool, bytes]] = {}
    for extension in children_of(node):
        parts = list(children_of(extension))
        critical = len(parts) == 3 and parts.pop(1).expect(BOOLEAN).body == b"\xff"
        if len(parts) != 2 or (name := der_object_id(parts[0])) in found:
            raise DerError("extension")
        found[name] = critical, parts[1].expect(OCTET_STRING).body
    return found


def common_name(name: bytes) -> str:
    for group in parse_der(name).children:
        for pair in group.children:
            if der_object_id(pair.children[0]) == "2.5.4.3":
                return pair.children[1].body.decode("utf-8", "replace")
    return "（无名）"


def read_revocation_list(der: bytes) -> RevocationList:
    """Raises ``DerError``. Indirect and delta lists are not understood."""
    tbs, algorithm, signature = children_of(parse_der(der), count=3)
    fields = list(children_of(tbs))
    if der_integer(fields.pop(0)) != 1 or fields.pop(0).raw != algorithm.raw:
        raise DerError("not a version 2 revocation list")
    issuer, this_update = fields.pop(0), der_time(fields.pop(0))
    next_update = der_time(fields.pop(0)) if fields and fields[0].tag != SEQUENCE and fields[0].tag < 0xA0 else None
    rows = children_of(fields.pop(0)) if fields and fields[0].tag == SEQUENCE else ()
    revoked = {der_integer(row.children[0]): der_time(row.children[1]) for row in map(_row, rows)}
    critical = _extensions(children_of(fields[0], 0xA0, 1)[0]) if fields else {}
    if any(is_critical for is_critical, _ in critical.values()):
        raise DerError("a revocation list with a critical extension")
    signed = der_bits(signature)
    return RevocationList(issuer.raw, this_update, next_update, revoked, tbs.raw, algorithm, signed)


def _row(row: Node) -> Node:
    if len(children_of(row)) not in (2, 3):
        raise DerError("revocation entry")
    return row


def verify_with(crypto: Crypto, signer: Certificate, algorithm: Node, data: bytes, signature: bytes) -> bool:
    """Whether ``signer``'s key made ``signature``. Raises ``DerError`` for an algorithm that is not known."""
    parts = children_of(algorithm)
    kind, hash_name = SIGNATURE_ALGORITHMS.get(der_object_id(parts[0]), ("", ""))
    rest = [part.raw for part in parts[1:]]
    if not kind or rest != ([bytes([NULL, 0])] if kind == RSA else []):
        raise DerError("signature algorithm")
    return signer.key_kind == kind and crypto.verify(signer.public_key, hash_name, data, signature)


def usage_bits(certificate: Certificate) -> set[int]:
    _, value = certificate.extensions.get(KEY_USAGE, (False, b"\x03\x01\x00"))
    body = parse_der(value).body[1:]
    return {index for index in range(8 * len(body)) if body[index // 8] & (0x80 >> index % 8)}


def extended_usages(certificate: Certificate) -> list[str]:
    if EXTENDED_KEY_USAGE not in certificate.extensions:
        return []
    return [der_object_id(node) for node in children_of(parse_der(certificate.extensions[EXTENDED_KEY_USAGE][1]))]


def is_authority(certificate: Certificate, below: int) -> bool:
    """Whether it may issue certificates with ``below`` further authorities beneath it."""
    parts = children_of(parse_der(certificate.extensions.get(BASIC_CONSTRAINTS, (False, b"\x30\x00"))[1]))
    if not parts or parts[0].tag != BOOLEAN or parts[0].body != b"\xff":
        return False
    limit = der_integer(parts[1].expect(INTEGER)) if len(parts) > 1 else MAX_PATH
    return below <= limit and CERT_SIGN in usage_bits(certificate)


def build_path(
    leaf: Certificate, pool: Iterable[Certificate], roots: Sequence[Certificate], at: datetime, crypto: Crypto
) -> list[Certificate]:
    """From ``leaf`` up to one of ``roots``, all good at ``at``. Raises ``Untrusted``."""
    pool = list(pool)
    path = [leaf]
    _check_certificate(leaf, at)
    while not any(path[-1].raw == root.raw for root in roots):
        issuer = _issuer(path, [*roots, *pool], at, crypto)
        path.append(issuer)
    root = path[-1]
    if not verify_with(crypto, root, root.algorithm, root.tbs, root.signature):
        raise Untrusted(f"根证书“{root.title}”的自签名不对")
    return path


def _issuer(path: list[Certificate], pool: Sequence[Certificate], at: datetime, crypto: Crypto) -> Certificate:
    child = path[-1]
    known = {certificate.raw for certificate in path}
    for candidate in pool:
        if candidate.subject != child.issuer or candidate.raw in known or len(path) > MAX_PATH:
            continue
        if verify_with(crypto, candidate, child.algorithm, child.tbs, child.signature):
            _check_certificate(candidate, at)
            if not is_authority(candidate, len(path) - 1):
                raise Untrusted(f"“{candidate.title}”无权签发证书")
            return candidate
    raise Stranger(f"证书“{child.title}”不能追溯到受信任的根证书")


def _check_certificate(certificate: Certificate, at: datetime) -> None:
    if not certificate.not_before <= at <= certificate.not_after:
        raise Untrusted(f"证书“{certificate.title}”在签名时不在有效期内")
    unknown = [name for name, (critical, _) in certificate.extensions.items() if critical and name not in UNDERSTOOD]
    if unknown:
        raise Untrusted(f"证书“{certificate.title}”有不认识的关键扩展 {unknown[0]}")


def check_revocation(
    path: Sequence[Certificate],
    lists: Sequence[RevocationList],
    at: datetime,
    crypto: Crypto,
    until: datetime | None = None,
) -> list[str]:
    """Titles of certificates whose state at ``at`` no list tells. Raises ``Untrusted`` for one that was revoked by
    ``until`` (``at`` without it)."""
    silent = []
    for child, issuer in itertools.pairwise(path):
        rows = [row for row in lists if row.issuer == issuer.subject and _is_current(row, at)]
        rows = [row for row in rows if verify_with(crypto, issuer, row.algorithm, row.tbs, row.signature)]
        if CRL_SIGN not in usage_bits(issuer) or not rows:
            silent.append(child.title)
        if any(child.serial in row.revoked and row.revoked[child.serial] <= (until or at) for row in rows):
            raise Untrusted(f"证书“{child.title}”已被吊销")
    return silent


def _is_current(row: RevocationList, at: datetime) -> bool:
    return row.next_update is not None and row.next_update >= at

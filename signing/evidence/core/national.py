"""The electronic seal of GB/T 38540-2020 (SES_Signature) over a document: digests, seal, signatures, time-stamp.

SM2 over SM3 is asked of the engine. One that does not know them says so: the seal is then not checked, which is
neither good nor somebody's alteration.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from signing.domain.readable import Readable, whole_of
from signing.evidence.core.book import Book, Mismatch
from signing.evidence.core.der import (
    GENERALIZED_TIME,
    OBJECT_ID,
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
from signing.evidence.core.trust import Trust
from signing.evidence.core.x509 import Certificate, NoSm2, read_certificate, usage_bits

NATIONAL_SEALS = "seals/"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")
"""The object identifier 1.2.156.10197.1.301 as it stands in the public key of a national certificate."""
IA5, UTF8 = 0x16, 0x0C
PNG = b"\x89PNG\r\n\x1a\n"
STAMP_MAY_DIFFER = timedelta(minutes=5)
BY_CERTIFICATE = 1
"""The certListType of a seal that lists its users' certificates."""


@dataclass(frozen=True)
class NationalSeal:
    """SESeal: ``info`` is what its maker signed; ``users`` are the certificates that may seal with it."""

    info: bytes
    name: str
    users: tuple[bytes, ...]
    valid_from: datetime
    valid_until: datetime
    maker: Certificate
    value: bytes


@dataclass(frozen=True)
class NationalSignature:
    """SES_Signature: ``signed`` is what the user signed; ``place`` names the file, whose SM3 is ``digest``."""

    signed: bytes
    seal: NationalSeal
    at: datetime
    digest: bytes
    place: str
    signer: Certificate
    value: bytes
    token: bytes


def read_national(der: bytes) -> NationalSignature:
    """Raises ``DerError`` for anything that is not exactly the standard's structure."""
    to_sign, certificate, algorithm, value, *rest = children_of(parse_der(der))
    version, seal, at, digest, place = children_of(to_sign, SEQUENCE, 5)
    if der_object_id(algorithm.expect(OBJECT_ID)) != SM2_WITH_SM3 or der_integer(version) != 4 or len(rest) != 1:
        raise DerError("SES_Signature")
    (token,) = children_of(rest[0], 0xA0, 1)
    return NationalSignature(
        to_sign.raw,
        _seal(seal),
        der_time(at.expect(GENERALIZED_TIME)),
        der_bits(digest),
        place.expect(IA5).body.decode("ascii", "replace"),
        read_certificate(certificate.expect(OCTET_STRING).body),
        der_bits(value),
        der_bits(token),
    )


def _seal(node: Node) -> NationalSeal:
    info, certificate, algorithm, value = children_of(node, SEQUENCE, 4)
    header, number, about, picture = children_of(info, SEQUENCE, 4)
    mark, version, _ = children_of(header, SEQUENCE, 3)
    number.expect(IA5)
    if mark.expect(IA5).body != b"ES" or der_integer(version) != 4:
        raise DerError("SES_Header")
    if der_object_id(algorithm.expect(OBJECT_ID)) != SM2_WITH_SM3:
        raise DerError("the seal's algorithm")
    _, name, kind, users, made, start, end = children_of(about, SEQUENCE, 7)
    if der_integer(kind) != BY_CERTIFICATE:
        raise DerError("certListType")
    der_time(made)
    _check_picture(picture)
    return NationalSeal(
        info.raw,
        name.expect(UTF8).body.decode("utf-8", "replace"),
        tuple(user.expect(OCTET_STRING).body for user in children_of(users)),
        der_time(start),
        der_time(end),
        read_certificate(certificate.expect(OCTET_STRING).body),
        der_bits(value),
    )


def _check_picture(node: Node) -> None:
    """That it is one, and of the size of a seal: what it shows is its maker's to answer for."""
    kind, data, width, height = children_of(node, SEQUENCE, 4)
    png = data.expect(OCTET_STRING).body
    if kind.expect(IA5).body != b"PNG" or not png.startswith(PNG) or png[12:16] != b"IHDR":
        raise Mismatch("国密印章里没有印章图像")
    sides = (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big"))
    if not (min(sides) > 0 and 0 < der_integer(width) <= 100 and 0 < der_integer(height) <= 100):
        raise Mismatch("国密印章的图像尺寸不对")


def check_national(files: Mapping[str, Readable], documents: Mapping[str, list[str]], trust: Trust, book: Book) -> None:
    """``documents``: for each digest of a seal, the documents that events name it with."""
    for name, entry in files.items():
        if not name.startswith(NATIONAL_SEALS):
            continue
        der = whole_of(entry)
        with book.blaming(name):
            try:
                found = read_national(der)
                _check_place(found, files, documents.get(hashlib.sha256(der).hexdigest(), []))
                _check_signatures(found, trust, book)
                believed = _is_believed(found.seal.maker, trust, book)
            except NoSm2 as error:
                book.unable(name, str(error))
                continue
            book.signatures += 2
            book.timestamps += 1
            words = f"国密签章有效：“{found.seal.name}”，由“{found.seal.maker.title}”制章"
            if believed:
                book.good(name, words)
            else:
                book.unable(name, f"{words}；制章者不在您信任的国密证书之内，没有核对是谁制的章")


def _is_believed(maker: Certificate, trust: Trust, book: Book) -> bool:
    """The maker's certificate stands in the seal itself; who is behind it, only a root can say: itself, or an SM2 root
    that signed it. A reader whose roots hold no SM2 key at all asked for nothing of the kind, and is told so."""
    sm2 = [root for root in trust.roots if SM2_CURVE in root.public_key]
    if any(maker.raw == root.raw or _has_signed(root, maker, trust) for root in sm2):
        return True
    if not sm2:
        book.skip(f"所信任的根证书里没有国密制章者的证书，未核对印章是否由“{maker.title}”本人制作")
    return not sm2


def _has_signed(root: Certificate, maker: Certificate, trust: Trust) -> bool:
    return root.subject == maker.issuer and trust.crypto.verify_sm2(root.public_key, maker.tbs, maker.signature)


def _check_place(found: NationalSignature, files: Mapping[str, Readable], said: list[str]) -> None:
    if found.place not in files or found.place not in [f"documents/{document}.pdf" for document in said]:
        raise Mismatch("国密签章不是为事件链所记的这份文书所作")
    if found.digest != _sm3(whole_of(files[found.place])):
        raise Mismatch("文书的 SM3 摘要与国密签章时不一致")


def _sm3(data: bytes) -> bytes:
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:
        raise NoSm2("这台电脑的 Python 不支持 SM3，国密签章没有核对") from None


def _check_signatures(found: NationalSignature, trust: Trust, book: Book) -> None:
    seal, signer = found.seal, found.signer
    if signer.raw not in seal.users:
        raise Mismatch("签章者不是这枚国密印章的使用者")
    if not seal.valid_from <= found.at < seal.valid_until:
        raise Mismatch("签章时国密印章不在有效期内")
    # The first use of a seal makes its certificate, a moment after it is dated.
    if not signer.not_before - STAMP_MAY_DIFFER <= found.at <= signer.not_after or not usage_bits(signer) & {0, 1}:
        raise Mismatch("签章者的国密证书当时不在有效期内，或不能用于签名")
    if not seal.maker.not_before - STAMP_MAY_DIFFER <= found.at <= seal.maker.not_after:
        raise Mismatch("制章者的国密证书当时不在有效期内")
    if signer.issuer != seal.maker.subject:
        raise Mismatch("签章者的国密证书不是由制章者签发的")
    own = [(seal.maker, seal.maker.tbs, seal.maker.signature, "制章者的国密证书不成立")]
    checks = (
        *(own if seal.maker.issuer == seal.maker.subject else []),
        (seal.maker, signer.tbs, signer.signature, "签章者的国密证书不是由制章者签发的"),
        (seal.maker, seal.info, seal.value, "制章者的 SM2 签名不成立"),
        (signer, found.signed, found.value, "签章者的 SM2 签名不成立"),
    )
    for who, data, value, fault in checks:
        if not trust.crypto.verify_sm2(who.public_key, data, value):
            raise Mismatch(fault)
    token = trust.check_timestamp(found.token, found.value, book)
    if abs(token.at - found.at) > STAMP_MAY_DIFFER:
        raise Mismatch("国密签章所称的时间与其时间戳不符")

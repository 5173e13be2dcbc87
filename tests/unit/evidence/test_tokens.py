"""The last token is covered by nothing else: only one spelling of it is accepted."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import core, x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from signing.evidence.core.cms import (
    BadSignature,
    check_imprint,
    check_one_spelling,
    check_timestamper,
    check_token,
    read_signed_data,
    read_token,
    small_s,
)
from signing.evidence.core.container import pack
from signing.evidence.core.der import DerError, encode_der, parse_der
from signing.evidence.core.manifest import TIMESTAMP
from signing.evidence.core.x509 import Untrusted
from signing.evidence.normal import normal_token
from signing.evidence.verify import LibraryCrypto, judge_package
from tests.fakes.notary import Notary
from tests.unit.evidence.samples import entries_of

CRYPTO = LibraryCrypto()
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SHA256 = bytes.fromhex("0609608648016503040201")
PLAIN_RSA, HASHED_RSA = bytes.fromhex("06092a864886f70d010101"), bytes.fromhex("06092a864886f70d01010b")


def stamp(notary: Notary, data: bytes) -> bytes:
    return asyncio.run(notary.timestamp(hashlib.sha256(data).digest()))


@pytest.mark.parametrize("which", ["notary", "stranger"])
def test_a_token_says_what_was_there_and_when(which: str, request: pytest.FixtureRequest) -> None:
    token = read_token(normal_token(stamp(request.getfixturevalue(which), b"text")))
    check_token(token, CRYPTO)
    check_imprint(token, b"text")
    check_timestamper(token.data.signer)
    check_one_spelling(token.data)
    with pytest.raises(BadSignature):
        check_imprint(token, b"another text")


def with_unsigned_attribute(token: bytes) -> bytes:
    parsed = asn1_cms.ContentInfo.load(token)
    attribute = {"type": "1.2.3.4", "values": [core.OctetString(b"hidden")]}
    parsed["content"]["signer_infos"][0]["unsigned_attrs"] = asn1_cms.CMSAttributes([attribute])
    return bytes(parsed.dump(force=True))


def with_certificate(token: bytes, certificate: bytes) -> bytes:
    parsed = asn1_cms.ContentInfo.load(token)
    found = [choice.chosen.dump() for choice in parsed["content"]["certificates"]]
    both = [x509.Certificate.load(der) for der in sorted([*found, certificate])]
    parsed["content"]["certificates"] = asn1_cms.CertificateSet(both)
    return bytes(parsed.dump(force=True))


def with_null_parameters(token: bytes) -> bytes:
    """Both digest algorithms outside the signature, lengths put right from the inside out."""
    root = parse_der(token)
    version, digests, content, certificates, signers = root.children[1].children[0].children
    algorithm = encode_der(0x30, SHA256 + b"\x05\0")
    info = signers.children[0].children
    signer = encode_der(0x30, b"".join([info[0].raw, info[1].raw, algorithm, *(part.raw for part in info[3:])]))
    parts = [version.raw, encode_der(0x31, algorithm), content.raw, certificates.raw, encode_der(0x31, signer)]
    assert digests.body == encode_der(0x30, SHA256)
    return encode_der(0x30, root.children[0].raw + encode_der(0xA0, encode_der(0x30, b"".join(parts))))


def with_hashed_rsa(token: bytes) -> bytes:
    at = token.rindex(PLAIN_RSA)
    return token[:at] + HASHED_RSA + token[at + len(HASHED_RSA) :]


def with_endless_length(token: bytes) -> bytes:
    return b"\x30\x80" + parse_der(token).body + b"\0\0"


def with_long_length(token: bytes) -> bytes:
    body = parse_der(token).body
    return b"\x30\x84" + len(body).to_bytes(4, "big") + body


SPELLINGS: list[Callable[[bytes], bytes]] = [
    with_unsigned_attribute,
    with_null_parameters,
    with_hashed_rsa,
    with_endless_length,
    with_long_length,
    lambda token: token + b"\0",
]


@pytest.mark.parametrize("change", SPELLINGS)
def test_another_spelling_of_the_token_is_refused(package: bytes, change: Callable[[bytes], bytes]) -> None:
    entries = entries_of(package)
    other = change(entries[TIMESTAMP])
    assert other != entries[TIMESTAMP]
    judgement = judge_package(pack(entries | {TIMESTAMP: other}))
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", TIMESTAMP)


def test_a_certificate_of_nobody_is_refused(package: bytes, stranger: Notary) -> None:
    entries = entries_of(package)
    der = parse_der(x509.Certificate.load(_der(stranger)).dump()).raw
    other = with_certificate(entries[TIMESTAMP], der)
    judgement = judge_package(pack(entries | {TIMESTAMP: other}))
    assert (judgement.verdict, judgement.first_bad_item) == ("altered", TIMESTAMP)


def test_the_other_form_of_an_ecdsa_signature_is_refused(stranger: Notary) -> None:
    der = normal_token(stamp(stranger, b"text"))
    data = read_token(der).data
    r, s = decode_dss_signature(data.signature)
    assert s <= P256_ORDER // 2
    other = encode_dss_signature(r, P256_ORDER - s)
    twin = replace(data, signature=other)
    check_token(replace(read_token(der), data=twin), CRYPTO)
    with pytest.raises(DerError):
        check_one_spelling(twin)
    assert small_s(data.signer, other) == data.signature


def _der(notary: Notary) -> bytes:
    return notary.tsa.certificate.public_bytes(Encoding.DER)


def test_an_evidence_key_may_not_tell_the_time(notary: Notary) -> None:
    data = read_signed_data(asyncio.run(notary.sign_evidence(b"text")).der)
    with pytest.raises(Untrusted):
        check_timestamper(data.signer)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "30",
        "3001",
        "308000",
        "30810101",
        "020200 01",
        "0202ff80",
        "0101 01",
        "0500 00",
        "050100",
        "03020101",
        "0308",
        "06028001",
        "0600",
        "0200",
        "2403040161",
        "3106020102020101",
        "1f8101 00",
        "30 84 00000001 00",
    ],
)
def test_only_the_one_encoding_of_a_value_is_read(data: str) -> None:
    with pytest.raises(DerError):
        parse_der(bytes.fromhex(data))


def test_depth_is_bounded() -> None:
    data = b""
    for _ in range(40):
        data = encode_der(0x30, data)
    with pytest.raises(DerError):
        parse_der(data)

"""CMS written byte by byte, read back by another library: the same signature, and nothing that is not DER."""

import hashlib
from datetime import UTC, datetime

import pytest
from asn1crypto import cms, core, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from signing.adapters.pki import cades
from signing.adapters.pki.certificates import Identity, Profile, issue, name, new_key
from signing.adapters.pki.tsa import TimestampAuthority, to_asn1
from signing.evidence.core.cms import check_signed_data, read_signed_data, read_token
from signing.evidence.verify import LibraryCrypto
from tests.fakes.outside_ca import identity, rsa_certificate

NOW = datetime(2026, 3, 4, 5, 6, 7, 890_000, UTC)
DATA = "合同".encode() * 40


@pytest.fixture(scope="module")
def root() -> Identity:
    return identity("根", None, authority=True, path_length=1)


def _made(root: Identity, signed_at: datetime | None = None) -> tuple[bytes, x509.Certificate]:
    key = new_key()
    profile = Profile(name("王秀兰", "客户"), NOW, NOW.replace(year=2030))
    certificate = to_asn1(issue(profile, key.public_key(), root, root.key))
    signatory = cades.Signatory.of(certificate, [to_asn1(root.certificate)])
    attributes = cades.signed_attributes(signatory, hashlib.sha256(DATA).digest(), signed_at=signed_at)
    signature = key.sign(attributes, ec.ECDSA(hashes.SHA256()))
    return cades.content_info(signatory, attributes, signature), certificate


def test_another_library_reads_the_same(root: Identity) -> None:
    der, certificate = _made(root)
    found = cms.ContentInfo.load(der, strict=True)
    assert found.dump(force=True) == der, "encoded anew, it is the same bytes"
    signed = found["content"]
    assert signed["version"].native == "v1"
    assert len(signed["certificates"]) == 2
    (info,) = signed["signer_infos"]
    assert info["sid"].chosen["serial_number"].native == certificate.serial_number
    kinds = {one["type"].native for one in info["signed_attrs"]}
    assert kinds == {"content_type", "message_digest", "signing_certificate_v2", "cms_algorithm_protection"}


def test_the_time_of_signing_is_there_only_where_it_is_given(root: Identity) -> None:
    der, _ = _made(root, signed_at=NOW)
    (info,) = cms.ContentInfo.load(der)["content"]["signer_infos"]
    times = [one["values"][0].native for one in info["signed_attrs"] if one["type"].native == "signing_time"]
    assert times == [NOW.replace(microsecond=0)]


def test_the_strict_reader_of_packages_takes_it_and_nothing_altered(root: Identity) -> None:
    der, _ = _made(root)
    check_signed_data(read_signed_data(der), DATA, LibraryCrypto())
    with pytest.raises(ValueError, match="摘要"):
        check_signed_data(read_signed_data(der), DATA + b"x", LibraryCrypto())


def test_an_rsa_key_signs_under_its_own_algorithm(root: Identity) -> None:
    key = rsa.generate_private_key(65537, 2048)
    certificate = to_asn1(rsa_certificate(key, root))
    signatory = cades.Signatory.of(certificate)
    attributes = cades.signed_attributes(signatory, hashlib.sha256(DATA).digest())
    der = cades.content_info(signatory, attributes, key.sign(attributes, padding.PKCS1v15(), hashes.SHA256()))
    (info,) = cms.ContentInfo.load(der, strict=True)["content"]["signer_infos"]
    assert info["signature_algorithm"]["algorithm"].native == "sha256_rsa"
    assert cms.ContentInfo.load(der).dump(force=True) == der


@pytest.mark.parametrize("micro", [0, 100_000, 890_000, 123_456])
def test_a_token_says_its_moment_without_idle_zeros(root: Identity, micro: int) -> None:
    tsa = TimestampAuthority(identity("时间戳", root, timestamping=True), ())
    at = NOW.replace(microsecond=micro)
    der = tsa.token(hashlib.sha256(DATA).digest(), at, 2**63 + 5).dump()
    token = read_token(der)
    assert token.at == at.replace(microsecond=micro // 1000 * 1000)
    info = cms.ContentInfo.load(der)["content"]["encap_content_info"]["content"].parsed
    assert info["nonce"].native == 2**63 + 5
    assert info["message_imprint"]["hashed_message"].native == hashlib.sha256(DATA).digest()
    assert info["tsa"].chosen.native["common_name"] == "时间戳（替身）"


@given(st.integers(0, 2**200))
def test_integers_are_those_of_der(value: int) -> None:
    assert cades.integer(value) == core.Integer(value).dump()


@given(st.lists(st.integers(0, 2**130), min_size=1, max_size=6), st.sampled_from([0, 1, 2]))
def test_object_identifiers_are_those_of_der(arcs: list[int], first: int) -> None:
    dotted = ".".join(map(str, [first, arcs[0] % 40 if first < 2 else arcs[0], *arcs[1:]]))
    assert cades.object_id(dotted) == core.ObjectIdentifier(dotted).dump()


@given(st.integers(0, 70_000))
def test_lengths_are_the_shortest(size: int) -> None:
    assert cades.tlv(cades.OCTETS, bytes(size)) == core.OctetString(bytes(size)).dump()


def test_certificates_stand_in_the_order_of_der(root: Identity) -> None:
    der, certificate = _made(root)
    rows = [one.chosen.dump() for one in cms.ContentInfo.load(der)["content"]["certificates"]]
    expected = [certificate.dump(), root.certificate.public_bytes(serialization.Encoding.DER)]
    assert rows == sorted(expected)


def test_from_2050_on_times_have_four_digits() -> None:
    assert cades.time_of(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)) == b"\x17\x0d491231235959Z"
    assert cades.time_of(datetime(2050, 1, 1, tzinfo=UTC)) == b"\x18\x0f20500101000000Z"

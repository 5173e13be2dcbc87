"""The electronic seal of GB/T 38540-2020, read and checked with a stock ``openssl`` and by arithmetic of our own."""

import hashlib
import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from signing.adapters.signer import national
from signing.adapters.signer.national import NationalAuthority, SESSignature, judge, sm3
from signing.domain.seals import Marks, SealKind, usual_seal
from tests.integration.pdf.conftest import Loan
from tests.paper import INSTITUTION

NOW = datetime.now(UTC)
SEAL = usual_seal("inst_demo", INSTITUTION.seal_name, INSTITUTION.credit_code, NOW, "运营管理部")
NAME = "documents/doc_1.pdf"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> NationalAuthority:
    return NationalAuthority(tmp_path_factory.mktemp("national"))


@pytest.fixture(scope="module")
def signature(authority: NationalAuthority, loan: Loan) -> bytes:
    seals = national.NationalSeals(authority)
    return seals.signed(loan.sealed, NAME, INSTITUTION, NOW, SEAL)


def openssl(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def test_openssl_reads_the_structures(signature: bytes, tmp_path: Path) -> None:
    (tmp_path / "paper.ses").write_bytes(signature)
    code, text = openssl(tmp_path, "asn1parse", "-inform", "DER", "-in", "paper.ses")
    assert code == 0
    assert text.count(":SM2-with-SM3") == 2
    assert "IA5STRING         :ES" in text
    assert "UTF8STRING        :龙岩示范农村信用合作联社" in text
    assert f"IA5STRING         :{NAME}" in text
    assert "IA5STRING         :PNG" in text


def test_openssl_verifies_seal_and_signature(signature: bytes, loan: Loan, tmp_path: Path) -> None:
    found = SESSignature.load(signature)
    seal = found["to_sign"]["eseal"]
    (tmp_path / "paper.pdf").write_bytes(loan.sealed)
    code, text = openssl(tmp_path, "dgst", "-sm3", "-r", "paper.pdf")
    assert (code, text.split()[0]) == (0, found["to_sign"]["data_hash"].native.hex())
    parts = {
        "seal": (seal["seal_info"].dump(), seal["signed_value"].native, seal["cert"].native),
        "paper": (found["to_sign"].dump(), found["signature"].native, found["cert"].native),
    }
    for name, (data, value, certificate) in parts.items():
        (tmp_path / name).write_bytes(data)
        (tmp_path / f"{name}.sig").write_bytes(value)
        (tmp_path / f"{name}.der").write_bytes(certificate)
        assert openssl(tmp_path, "x509", "-inform", "DER", "-in", f"{name}.der", "-out", f"{name}.pem")[0] == 0
        verify = ["pkeyutl", "-verify", "-rawin", "-digest", "sm3", "-certin", "-inkey", f"{name}.pem"]
        verify += ["-pkeyopt", "distid:1234567812345678", "-sigfile", f"{name}.sig", "-in"]
        assert openssl(tmp_path, *verify, name)[0] == 0
        assert openssl(tmp_path, *verify, "paper.pdf")[0] != 0
    chain = ["verify", "-vfyopt", "distid:1234567812345678", "-CAfile", "seal.pem", "paper.pem"]
    assert openssl(tmp_path, *chain)[0] == 0, "the seal's user is certified by its maker"


P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Spot = tuple[int, int] | None
"""The curve of GB/T 32918.5-2017."""


def add(one: Spot, two: Spot) -> Spot:
    if one is None or two is None:
        return one or two
    (x1, y1), (x2, y2) = one, two
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    rise, run = (3 * x1 * x1 + A, 2 * y1) if one == two else (y2 - y1, x2 - x1)
    slope = rise * pow(run, -1, P) % P
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(count: int, spot: Spot) -> Spot:
    total: Spot = None
    while count:
        total, spot, count = add(total, spot) if count & 1 else total, add(spot, spot), count >> 1
    return total


def holds(certificate: bytes, data: bytes, value: bytes) -> bool:
    """SM2's verification as GB/T 32918.2-2016, 7.1 has it, written a second time and without any library."""
    point = re.search(rb"\x03\x42\x00\x04(.{64})", certificate, re.DOTALL)
    assert point is not None
    own = int.from_bytes(point[1][:32], "big"), int.from_bytes(point[1][32:], "big")
    identifier = b"1234567812345678"
    numbers = b"".join(one.to_bytes(32, "big") for one in (A, B, *G, *own))
    z = sm3((len(identifier) * 8).to_bytes(2, "big") + identifier + numbers)
    e = int.from_bytes(sm3(z + data), "big")
    r, s = decode_dss_signature(value)
    t = (r + s) % N
    spot = add(times(s, G), times(t, own))
    return spot is not None and t != 0 and (e + spot[0]) % N == r


def test_the_signatures_hold_by_another_arithmetic(signature: bytes) -> None:
    found = SESSignature.load(signature)
    data, value, certificate = found["to_sign"].dump(), found["signature"].native, found["cert"].native
    assert holds(certificate, data, value)
    assert not holds(certificate, data + b"x", value)
    seal = found["to_sign"]["eseal"]
    assert holds(seal["cert"].native, seal["seal_info"].dump(), seal["signed_value"].native)


def test_sm3_is_that_of_the_standard() -> None:
    """GB/T 32905-2016, A.1."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_whatever_is_changed_is_named(signature: bytes, authority: NationalAuthority, loan: Loan) -> None:
    maker = authority.maker().certificate
    assert judge(signature, loan.sealed, maker) == []
    assert judge(signature, loan.sealed + b"x", maker) == ["文书的 SM3 摘要与签章时不一致"]
    assert "印章不是由所信任的制章者制作的" in judge(signature, loan.sealed, authority.of(SEAL).certificate)
    found = SESSignature.load(signature)
    found["to_sign"]["eseal"]["seal_info"]["property"]["name"] = "另一家机构"
    assert "制章者的签名不成立" in judge(found.dump(force=True), loan.sealed, maker)
    found = SESSignature.load(signature)
    found["to_sign"]["property_info"] = "documents/doc_2.pdf"
    assert judge(found.dump(force=True), loan.sealed, maker) == ["签章者的签名不成立"]
    assert judge(signature[:-1], loan.sealed, maker) == ["国密签章的格式无法识别"]
    eseal = found["to_sign"]["eseal"].dump()
    late = national.sign(loan.sealed, NAME, eseal, authority.of(SEAL), NOW + timedelta(days=9999))
    assert "签章时印章不在有效期内" in judge(late, loan.sealed, maker)
    other = replace(SEAL, seal_id="seal_x", kind=SealKind.OFFICIAL)
    stranger = national.sign(loan.sealed, NAME, eseal, authority.of(other), NOW)
    assert "签章者不是这枚印章的使用者" in judge(stranger, loan.sealed, maker)


async def test_the_signer_stamps_it_with_the_time(loan: Loan) -> None:
    der = await loan.signer.national_seal(loan.sealed, NAME, INSTITUTION, NOW, Marks(SEAL))
    found = SESSignature.load(der, strict=True)
    token = cms.ContentInfo.load(found["time_stamp"].native)
    info = token["content"]["encap_content_info"]["content"].parsed
    assert info["message_imprint"]["hashed_message"].native == hashlib.sha256(found["signature"].native).digest()
    assert len(der) < 30_000
    folder = loan.signer._authority.folder / "national"
    assert all(
        b"PRIVATE KEY" not in path.read_bytes() or b"ENCRYPTED" in path.read_bytes() for path in folder.rglob("key.pem")
    )

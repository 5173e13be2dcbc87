"""Seals made with keys from elsewhere: a PKCS#12 file, an HSM, a CA over HTTP; time-stamps over HTTP; their faults."""

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from signing.adapters.pki import Authority
from signing.adapters.pki.certificates import Identity
from signing.adapters.signer import LocalSigner, judge_pdf, open_signer
from signing.adapters.signer.holders import FileKey, require_signature
from signing.adapters.signer.outside import open_holder, read_outside
from signing.domain.errors import InputError, OutsideError
from tests.fakes.outside_ca import FAULTS, OutsideCa, rsa_certificate
from tests.integration.pdf.conftest import Loan
from tests.paper import INSTITUTION

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "123456"


@pytest.fixture
def ca() -> Iterator[OutsideCa]:
    with OutsideCa().serving() as serving:
        yield serving


def office(folder: Path, loan: Loan, ca: OutsideCa, toml: str) -> LocalSigner:
    """A signer over the loan's own CA, with keys from outside."""
    (folder / "root.pem").write_bytes(ca.root_pem)
    for number, data in enumerate(ca.lists()):
        (folder / f"{number}.crl").write_bytes(data)
    (folder / "issuing.pem").write_bytes(ca.issuing.certificate.public_bytes(Encoding.PEM))
    path = folder / "signing.toml"
    path.write_text(toml + '\n[trust]\nroots = ["root.pem"]\n')
    outside = read_outside(path, folder / "kept")
    own: Authority = loan.signer._authority
    return LocalSigner(own, loan.signer._clock, outside)


async def sealed(signer: LocalSigner, loan: Loan) -> bytes:
    return await signer.seal(loan.second.pdf, INSTITUTION, datetime.now(UTC), "全部当事人已签署")


def names(signer: LocalSigner, pdf: bytes) -> list[str]:
    verdict = signer.inspect(pdf)
    assert verdict.ok, verdict
    return [one.signer for one in verdict.signatures]


async def test_a_key_in_a_pkcs12_file(tmp_path: Path, loan: Loan, ca: OutsideCa) -> None:
    packed = pkcs12.serialize_key_and_certificates(
        b"seal", ca.seal.key, ca.seal.certificate, [ca.issuing.certificate, ca.root.certificate],
        BestAvailableEncryption(b"secret"),
    )  # fmt: skip
    (tmp_path / "seal.p12").write_bytes(packed)
    (tmp_path / "pass").write_text("secret\n")
    table = '[seal]\nkind = "pkcs12"\nfile = "seal.p12"\npassphrase_file = "pass"\ncrls = ["0.crl", "1.crl"]'
    signer = office(tmp_path, loan, ca, table)
    pdf = await sealed(signer, loan)
    assert names(signer, pdf)[-1] == "外部机构印章（替身）"
    assert not judge_pdf(pdf, loan.signer.trust_pem(), datetime.now(UTC)).ok, "our own root knows nothing of it"
    (tmp_path / "pass").write_text("wrong")
    with pytest.raises(InputError, match="不能打开"):
        await sealed(office(tmp_path, loan, ca, table), loan)


@pytest.fixture
def hsm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty SoftHSM of this test alone."""
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(conf))
    util("--init-token", "--free", "--label", "pingqian", "--so-pin", "654321", "--pin", PIN)
    return tmp_path


def util(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True, env=dict(os.environ), timeout=60)


_IN_HSM = """
import asyncio, sys
from pathlib import Path
import pkcs11
from signing.adapters.signer.hsm import HsmKey
from signing.domain.errors import InputError
module, folder = sys.argv[1], Path(sys.argv[2])
token = pkcs11.lib(module).get_token(token_label="pingqian")
with token.open(rw=True, user_pin="123456") as session:
    for name in ("ec", "rsa"):
        session.create_object({
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
            pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            pkcs11.Attribute.TOKEN: True,
            pkcs11.Attribute.LABEL: name,
            pkcs11.Attribute.SUBJECT: b"",
            pkcs11.Attribute.VALUE: (folder / f"{name}.der").read_bytes(),
        })
for name in ("ec", "rsa"):
    holder = HsmKey(Path(module), "pingqian", name, "123456", ())
    digest = bytes(range(32))
    first = asyncio.run(holder.sign_digest(digest))
    holder._token._session.close()  # the HSM was restarted
    (folder / f"{name}.signature").write_bytes(asyncio.run(holder.sign_digest(digest)))
    holder.close()
for token, label, pin in (("pingqian", "nothing", "123456"), ("pinqian", "ec", "123456"), ("pingqian", "ec", "999999")):
    try:
        HsmKey(Path(module), token, label, pin, ())
        sys.exit("opened what is not there")
    except InputError as error:
        print(error.message, error.hint)
# What was wrong heals without a restart, and two keys of one token are there at once.
ec, rsa = (HsmKey(Path(module), "pingqian", name, "123456", ()) for name in ("ec", "rsa"))
both = [asyncio.run(key.sign_digest(digest)) for key in (ec, rsa, ec)]
try:
    HsmKey(Path(module), "pingqian", "ec", "999999", ())
    sys.exit("opened with a wrong PIN")
except InputError as error:
    print(error.message)
rsa.close()
assert asyncio.run(ec.sign_digest(digest))
print("done")
"""


def test_keys_in_an_hsm_sign_digests(hsm: Path, ca: OutsideCa) -> None:
    """In a process of its own: the PKCS#11 module reads its configuration once for each process."""
    rsa_key = rsa.generate_private_key(65537, 2048)
    holders: dict[str, tuple[ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, x509.Certificate]]
    holders = {"ec": (ca.seal.key, ca.seal.certificate), "rsa": (rsa_key, rsa_certificate(rsa_key, ca.issuing))}
    for number, (name, (key, certificate)) in enumerate(holders.items(), 1):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (hsm / f"{name}.pem").write_bytes(pem)
        (hsm / f"{name}.der").write_bytes(certificate.public_bytes(Encoding.DER))
        util(
            "--import",
            str(hsm / f"{name}.pem"),
            "--token",
            "pingqian",
            "--label",
            name,
            "--id",
            f"0{number}",
            "--pin",
            PIN,
        )
    done = subprocess.run(
        [sys.executable, "-c", _IN_HSM, str(SOFTHSM), str(hsm)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "密码机里没有标签为 nothing 的证书" in done.stdout
    assert "密码机里没有名为 pinqian 的令牌 密码机里有 pingqian；请改正 signing.toml 的 token" in done.stdout
    assert done.stdout.count("令牌 pingqian 的两处 PIN 不一致") == 2
    assert done.stdout.endswith("done\n")
    for name, (_, certificate) in holders.items():
        signature = (hsm / f"{name}.signature").read_bytes()
        require_signature(certificate, bytes(range(32)), signature)
        with pytest.raises(OutsideError):
            require_signature(certificate, bytes(32), signature)


async def test_a_ca_over_http_signs_the_digest_and_sees_nothing_else(tmp_path: Path, loan: Loan, ca: OutsideCa) -> None:
    signer = office(tmp_path, loan, ca, f'[seal]\nkind = "remote"\nurl = "{ca.url}"\n[tsa]\nurl = "{ca.url}/tsa"')
    pdf = await sealed(signer, loan)
    assert names(signer, pdf)[-1] == "外部机构印章（替身）"
    assert 3 <= len(ca.asked) <= 4, "signature, its time-stamp, the archive's; one more to learn a token's length"
    assert {len(digest) for digest in ca.asked} == {32}
    assert all(len(body) < 400 for body in ca.bodies)
    kept = signer.chain_pem()
    assert sum(name.startswith("certificates/outside_") for name in kept) == 3
    assert sum(name.startswith("revocation/outside_") for name in kept) == 2


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("which", ["ca", "tsa"])
async def test_whatever_fails_outside_leaves_the_paper_unsealed(
    which: str, fault: str, tmp_path: Path, loan: Loan, ca: OutsideCa
) -> None:
    where = f'kind = "remote"\nurl = "{ca.url}"' if which == "ca" else f'url = "{ca.url}/tsa"'
    seconds = 0.5 if fault == "timeout" else 60
    signer = office(tmp_path, loan, ca, f"[{'seal' if which == 'ca' else 'tsa'}]\n{where}\nseconds = {seconds}")
    ca.fault = fault
    with pytest.raises(OutsideError) as refused:
        await sealed(signer, loan)
    assert "自动再试" in refused.value.hint
    ca.fault = ""
    if fault != "timeout":
        assert (await sealed(signer, loan)).startswith(loan.second.pdf)


async def test_a_service_that_is_gone_is_an_outside_error(tmp_path: Path, loan: Loan) -> None:
    with OutsideCa().serving() as ca:
        signer = office(tmp_path, loan, ca, f'[tsa]\nurl = "{ca.url}/tsa"')
    with pytest.raises(OutsideError, match="不能连接"):
        await sealed(signer, loan)
    with pytest.raises(OutsideError):
        await signer.timestamp(hashlib.sha256(b"x").digest())


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[nothing]", "不认识的部分"),
        ("[seal]\nkind = 'card'", "kind"),
        ("[seal.longyan]\nfile = 'x'", "seal.longyan"),
        ("[tsa]\nurl = 'http://tsa.example.cn'", "https://"),
        ("seal = [", "文件末尾：不是正确的 TOML"),
        ("seal = 1", r"seal 应是一节 \[seal\]"),
        ("trust = 1", r"trust 应是一节 \[trust\]"),
        ("tsa = 'https://tsa.example.cn'", r"tsa 应是一节 \[tsa\]"),
        ("[tsa]\nurl = 'https://tsa.example.cn'\nseconds = 'abc'", "seconds 应是"),
        ("[trust]\nroots = 'root.pem'", r"roots 应是一列文件名，如 \[\"root.pem\"\]"),
        ("[trust]\nroots = ['nosuch.pem']", "nosuch.pem（没有这个文件或目录）"),
        ("[seal]\nkind = 'pkcs12'\nfile = 'nosuch.p12'\npassphrase_file = 'x'", "nosuch.p12 不存在"),
        ("[seal]\nkind = 'pkcs12'\nfile = 1", "写在引号里"),
    ],
)
def test_a_wrong_configuration_is_named(toml: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "signing.toml"
    path.write_text(toml)
    with pytest.raises(InputError, match=said):
        read_outside(path, tmp_path)


def test_one_institution_has_a_table_of_its_own_beside_that_for_all(tmp_path: Path) -> None:
    general, own = '[seal]\nkind = "remote"\nurl = "https://a.example.cn"', '[seal.longyan]\nkind = "remote"\nurl = "b"'
    (tmp_path / "signing.toml").write_text(f"{general}\n{own}\n")
    outside = read_outside(tmp_path / "signing.toml", tmp_path / "kept")
    assert {name: one["url"] for name, one in outside.seals.items()} == {"": "https://a.example.cn", "longyan": "b"}
    outside.require_known({"longyan", "other"})
    with pytest.raises(InputError, match=r"seal\.longyan 不是本服务的机构") as refused:
        outside.require_known({"longyann"})
    assert "longyann" in refused.value.hint


def test_what_a_key_lacks_is_named(tmp_path: Path) -> None:
    for table, said in (({"kind": "pkcs12"}, "缺少"), ({"kind": "pkcs11", "module": "/x"}, "缺少")):
        with pytest.raises(InputError, match=said):
            asyncio.run(open_holder(table, tmp_path))
    with pytest.raises(InputError, match="不能读取"):
        asyncio.run(open_holder({"kind": "pkcs12", "file": "x", "passphrase_file": "y"}, tmp_path))


async def test_a_seal_from_the_built_in_authority_needs_no_file(tmp_path: Path, loan: Loan) -> None:
    own: Identity = loan.signer._authority.seal(INSTITUTION, datetime.now(UTC))
    holder = FileKey(own.key, own.certificate, ())
    assert await holder.sign_digest(hashlib.sha256(b"x").digest())
    assert await open_signer(tmp_path / "pki")._outside.holder("inst_demo") is None

"""A certificate authority with real keys, whose signatures and time-stamps the ``openssl`` program makes.

It stands in for the signer of the service, and is another producer than the one the service has, so that the
verifier is not only tried against itself.
"""

import asyncio
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signing.domain.seals import Marks
from signing.service.pdf_report import PaperReport
from signing.service.ports import (
    EvidenceSignature,
    Institution,
    PdfVerdict,
    RenewalStamp,
    SignedRevision,
    SigningContext,
)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PEM = serialization.Encoding.PEM
TSA_SETTINGS = """
[tsa]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Holder:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Key

    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def key_pem(self) -> bytes:
        plain = serialization.NoEncryption()
        return self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, plain)


@dataclass(frozen=True)
class Shape:
    """What a certificate may do."""

    title: str
    authority: bool = False
    time_stamping: bool = False
    elliptic: bool = False
    not_after: datetime | None = None


def issue(shape: Shape, issuer: Holder | None) -> Holder:
    key: Key = ec.generate_private_key(ec.SECP256R1()) if shape.elliptic else rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, shape.title)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(shape.not_after or now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=shape.authority, path_length=None), critical=True)
        .add_extension(_usage(authority=shape.authority), critical=True)
    )
    if shape.time_stamping:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Holder(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def revocation_list(issuer: Holder, revoked: Holder | None = None) -> bytes:
    """PEM."""
    now = datetime.now(UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(now - timedelta(hours=1)).next_update(now + timedelta(days=7))
    builder = builder.add_extension(x509.CRLNumber(1), critical=False)
    if revoked is not None:
        row = x509.RevokedCertificateBuilder().serial_number(revoked.certificate.serial_number)
        builder = builder.add_revoked_certificate(row.revocation_date(now - timedelta(minutes=30)).build())
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(PEM)


@dataclass(frozen=True)
class Notary:
    """``Signer`` for evidence. Signing PDFs is not its business."""

    folder: Path
    root: Holder
    evidence: Holder
    tsa: Holder
    lists: Mapping[str, bytes]

    @classmethod
    def found(cls, folder: Path, *, elliptic: bool = False) -> "Notary":
        folder.mkdir(parents=True, exist_ok=True)
        root = issue(Shape("测试根证书", authority=True, elliptic=elliptic), None)
        evidence = issue(Shape("测试证据签名", elliptic=elliptic), root)
        tsa = issue(Shape("测试时间戳", time_stamping=True, elliptic=elliptic), root)
        return cls(folder, root, evidence, tsa, {"revocation/root.crl": revocation_list(root)})

    def with_(self, **changes: Holder | Mapping[str, bytes]) -> "Notary":
        return replace(self, **changes)  # type: ignore[arg-type]

    async def sign_evidence(self, data: bytes) -> EvidenceSignature:
        return EvidenceSignature(await asyncio.to_thread(self._sign, data))

    async def timestamp(self, sha256: bytes) -> bytes:
        return await asyncio.to_thread(self._stamp, sha256)

    def _sign(self, data: bytes) -> bytes:
        self._write(self.evidence)
        (self.folder / "data").write_bytes(data)
        sign = ["cms", "-sign", "-cades", "-binary", "-md", "sha256", "-outform", "DER", "-nosmimecap"]
        self._run(*sign, "-in", "data", "-signer", "holder.pem", "-inkey", "holder.key", "-out", "data.p7s")
        return (self.folder / "data.p7s").read_bytes()

    def _stamp(self, sha256: bytes) -> bytes:
        self._write(self.tsa)
        (self.folder / "serial").write_text("01\n")
        (self.folder / "tsa.cnf").write_text(TSA_SETTINGS)
        self._run("ts", "-query", "-digest", sha256.hex(), "-sha256", "-cert", "-out", "query.tsq")
        reply = ["ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query.tsq", "-token_out"]
        self._run(*reply, "-signer", "holder.pem", "-inkey", "holder.key", "-out", "token.tst")
        return (self.folder / "token.tst").read_bytes()

    def _write(self, holder: Holder) -> None:
        (self.folder / "holder.pem").write_bytes(holder.pem())
        (self.folder / "holder.key").write_bytes(holder.key_pem())

    def _run(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=30)

    def trust_pem(self) -> bytes:
        return self.root.pem()

    def chain_pem(self) -> Mapping[str, bytes]:
        holders = {"root": self.root, "evidence": self.evidence, "tsa": self.tsa}
        return {f"certificates/{name}.pem": holder.pem() for name, holder in holders.items()} | dict(self.lists)

    async def sign_as_customer(self, pdf: bytes, context: SigningContext) -> SignedRevision:
        raise NotImplementedError

    async def seal(
        self, pdf: bytes, institution: Institution, at: datetime, reason: str, marks: Marks | None = None
    ) -> bytes:
        raise NotImplementedError

    async def renewal(self, sha512: bytes) -> RenewalStamp:
        raise NotImplementedError

    async def national_seal(self, pdf: bytes, name: str, institution: Institution, at: datetime, marks: Marks) -> bytes:
        raise NotImplementedError

    def examine(self, pdf: bytes, known_sha256: str = "") -> PaperReport:
        raise NotImplementedError

    def inspect(self, pdf: bytes, at: datetime | None = None) -> PdfVerdict:
        raise NotImplementedError

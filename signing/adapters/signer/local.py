"""The ``Signer`` port over the demonstration CA and the built-in timestamping authority."""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Callable, Collection, Coroutine, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from asn1crypto import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext

from signing.adapters.documents.fontbuild import ensure_fonts
from signing.adapters.pki import Authority, TimestampAuthority
from signing.adapters.pki.tsa import to_asn1
from signing.adapters.signer import customer, sealing
from signing.adapters.signer.holders import FileKey
from signing.adapters.signer.judging import judge_pdf
from signing.adapters.signer.keys import BuiltInTimeStamper, LoadedSigner
from signing.adapters.signer.national import NationalAuthority, NationalSeals, stamped, value_of
from signing.adapters.signer.outside import NAME, Outside, read_outside
from signing.adapters.signer.revisions import judge_paper
from signing.domain.errors import InputError
from signing.domain.seals import Marks, usual_seal
from signing.service.pdf_report import PaperReport
from signing.service.ports import (
    Clock,
    EvidenceSignature,
    Institution,
    PdfVerdict,
    RenewalStamp,
    SignedRevision,
    SigningContext,
)

T = TypeVar("T")
ROOTS = "roots.pem"

# pyHanko warns of every broken signature it is asked to judge, and of the network we do not let it use; what it finds
# is in the verdict.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.ERROR)

_PEM, _DER = serialization.Encoding.PEM, serialization.Encoding.DER


class _SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def open_signer(folder: Path, clock: Clock | None = None) -> "LocalSigner":
    """``LocalSigner.open`` by the machine's own clock, unless another is given."""
    return LocalSigner.open(folder, clock or _SystemClock())


class LocalSigner:
    """Implements ``signing.service.ports.Signer``. Safe to share; each signature runs in a thread of its own."""

    stand_in = True

    def __init__(self, authority: Authority, clock: Clock, outside: Outside | None = None) -> None:
        self._authority, self._clock = authority, clock
        self._outside = outside or Outside()
        self._stampers: dict[int, TimestampAuthority] = {}
        self._national = NationalSeals(NationalAuthority(authority.folder / "national"))
        chain = (authority.issuing.certificate, authority.root.certificate)
        self._evidence = LoadedSigner(authority.evidence, chain)

    @classmethod
    def open(cls, folder: Path, clock: Clock) -> "LocalSigner":
        """Over the CA in ``folder``, which is created at the first start; keys and time-stamps from outside where
        ``signing.toml`` beside the folder names them. Raises ``TamperError`` if damaged, ``InputError``."""
        outside = read_outside(folder.parent / NAME, folder / "outside")
        signer = cls(Authority.open(folder, clock.now()), clock, outside)
        signer._publish()
        return signer

    def _publish(self) -> None:
        """What whoever verifies is to be given: every root in force, who makes the national seals, and no key."""
        roots, path = self.trust_pem(), self._authority.folder.parent / ROOTS
        with suppress(OSError):  # a folder that is only read from serves as well
            if path.exists() and path.read_bytes() == roots:
                return
            partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            partial.write_bytes(roots)
            partial.replace(path)

    async def sign_as_customer(self, pdf: bytes, context: SigningContext) -> SignedRevision:
        """Raises ``ConflictError`` if already signed, ``TamperError`` if ``pdf`` is not the frozen document's."""
        return await _in_thread(
            lambda: customer.sign(
                pdf, context, self._authority, self._timestamper(), self._clock, ensure_fonts()["Regular"]
            )
        )

    async def seal(
        self, pdf: bytes, institution: Institution, at: datetime, reason: str, marks: Marks | None = None
    ) -> bytes:
        """Raises ``ConflictError`` if already sealed or a customer has not signed."""
        now, own = self._clock.now(), self._authority
        holder = await self._outside.holder(institution.institution_id)
        lists = [crl.public_bytes(_DER) for crl in own.revocation_lists(now).values()]
        if holder is None:
            identity = own.seal(institution, now)
            holder = FileKey(identity.key, identity.certificate, (own.issuing.certificate,))
        else:
            lists += await self._outside.lists(holder)
        context = ValidationContext(
            trust_roots=[to_asn1(root) for root in (*own.roots(), *self._outside.roots)],
            other_certs=[to_asn1(one) for one in (own.issuing.certificate, *own.stamper(now)[1][:1], *holder.chain)],
            crls=lists,
            moment=now,
            allow_fetching=False,
            revocation_mode="hard-fail",
        )
        return await _in_thread(
            lambda: sealing.seal(
                pdf,
                institution,
                holder,
                self._roots_pem(),
                self._timestamper(),
                context,
                at,
                reason,
                marks or _usual(institution, at),
                ensure_fonts()["Bold"],
                [own.issuing.certificate.public_bytes(_DER)],
            )
        )

    async def national_seal(self, pdf: bytes, name: str, institution: Institution, at: datetime, marks: Marks) -> bytes:
        """Raises ``OutsideError`` where OpenSSL with SM2 is missing, or the time-stamp."""
        signature = await asyncio.to_thread(self._national.signed, pdf, name, institution, at, marks.round)
        await asyncio.to_thread(self._publish)  # the first one makes their maker
        token = await self.timestamp(hashlib.sha256(value_of(signature)).digest())
        return stamped(signature, token)

    def require_institutions(self, known: Collection[str]) -> None:
        """Raises ``InputError`` where ``signing.toml`` has a key for an institution that there is none of."""
        self._outside.require_known(known)

    @property
    def outside_is_stand_in(self) -> bool:
        """Whether seals or time-stamps from outside are a stand-in's."""
        return self._outside.is_stand_in

    @property
    def evidence_signer(self) -> LoadedSigner:
        """For measuring: pyHanko's view of a key that is kept loaded."""
        return self._evidence

    async def sign_evidence(self, data: bytes) -> EvidenceSignature:
        """Detached CAdES-B (ETSI EN 319 122-1) over SHA-256, with signing-certificate-v2 and signing-time."""
        attributes = PdfCMSSignedAttributes(signing_time=self._clock.now())
        signed = await self._evidence.async_sign_general_data(
            data, "sha256", detached=True, use_cades=True, signed_attr_settings=attributes
        )
        return EvidenceSignature(signed.dump())

    async def timestamp(self, sha256: bytes) -> bytes:
        """Raises ``InputError`` for anything but 32 bytes, ``OutsideError`` where the authority outside fails."""
        if self._outside.timestamper is None:
            now = self._clock.now()
            return bytes(self._tsa(now).token(sha256, now).dump())
        if len(sha256) != 32:
            raise InputError("时间戳只能加盖在 SHA-256 摘要上")
        token = await self._outside.timestamper.async_timestamp(sha256, "sha256")
        return bytes(token.dump())

    async def renewal(self, sha512: bytes) -> RenewalStamp:
        """See ``Signer.renewal``. Raises ``OutsideError``."""
        certificates = [one.public_bytes(_DER) for _, one in self._authority.certificates()]
        certificates += [one.public_bytes(_DER) for one in self._outside.certificates()]
        if self._outside.timestamper is None:
            now = self._clock.now()
            return RenewalStamp(bytes(self._tsa(now).token(sha512, now).dump()), certificates, self._fresh())
        token = await self._outside.timestamper.async_timestamp(sha512, "sha512")
        return RenewalStamp(bytes(token.dump()), certificates, [*self._fresh(), *await self._outside.all_lists()])

    def trust_pem(self) -> bytes:
        return self._roots_pem() + self._national.maker_pem()

    def _roots_pem(self) -> bytes:
        """Those that signatures in a PDF lead to."""
        roots = (*self._authority.roots(), *self._outside.roots)
        return b"".join(root.public_bytes(_PEM) for root in roots)

    def chain_pem(self) -> Mapping[str, bytes]:
        files = {f"certificates/{name}.pem": cert.public_bytes(_PEM) for name, cert in self._authority.certificates()}
        lists = self._authority.revocation_lists(self._clock.now())
        files |= {f"revocation/{name}.crl": crl.public_bytes(_DER) for name, crl in lists.items()}
        maker = self._national.maker_pem()
        return files | self._outside.files() | ({"certificates/seal-maker.pem": maker} if maker else {})

    def inspect(self, pdf: bytes, at: datetime | None = None) -> PdfVerdict:
        return judge_pdf(pdf, self._roots_pem(), at or self._clock.now(), self._fresh())

    def examine(self, pdf: bytes, known_sha256: str = "") -> PaperReport:
        trust, now = self._roots_pem(), self._clock.now()
        return judge_paper(pdf, trust, now, self._fresh(), known_sha256, self._seals_with)

    def _seals_with(self, certificate: x509.Certificate) -> bool:
        own = self._authority.issuing.certificate.subject.public_bytes()
        return bool(certificate.issuer.dump() == own) or self._outside.has_used(certificate.dump())

    def _fresh(self) -> list[bytes]:
        lists = self._authority.revocation_lists(self._clock.now()).values()
        return [crl.public_bytes(_DER) for crl in lists]

    def _timestamper(self) -> TimeStamper:
        return self._outside.timestamper or BuiltInTimeStamper(self._tsa(self._clock.now()), self._clock.now)

    def _tsa(self, now: datetime) -> TimestampAuthority:
        identity, above = self._authority.stamper(now)
        serial = identity.certificate.serial_number
        if serial not in self._stampers:
            self._stampers[serial] = TimestampAuthority(identity, above[:1])
        return self._stampers[serial]


def _usual(institution: Institution, at: datetime) -> Marks:
    return Marks(usual_seal(institution.institution_id, institution.seal_name, institution.credit_code, at, "-"))


async def _in_thread(make: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Runs pyHanko's coroutine, which is all computing, on a loop of its own beside ours."""
    return await asyncio.to_thread(lambda: asyncio.run(make()))

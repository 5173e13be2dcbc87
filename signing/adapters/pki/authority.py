"""The demonstration CA: root, issuing CA, TSA, evidence and seal identities, kept in the data folder.

A stand-in for a licensed certification authority (电子签名法 art. 16); every name says 演示. Keys are PKCS#8 under a
random passphrase that lies in a file of its own; folder 0700, files 0600.
"""

import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signing.adapters.pki.certificates import Identity, PrivateKey, Profile, issue, name, new_key, revocation_list
from signing.domain.errors import TamperError
from signing.service.ports import Institution

ORGANISATION = "屏签演示认证机构（不具有法律效力）"
ORGANISATION_IDENTIFIER = "2.5.4.97"
"""organizationIdentifier (ETSI EN 319 412-1); here the unified social credit code."""

_YEAR = timedelta(days=365)
SUCCESSION = 2 * _YEAR
"""A certificate of which less is left has a successor, which is the one to use."""
_PASSPHRASE = "passphrase"  # noqa: S105 - the name of the file that holds it
_NAMES = ("root", "issuing", "tsa", "evidence")


class Authority:
    """Root, issuing CA and the identities below it. Open with ``Authority.open``."""

    def __init__(self, folder: Path, passphrase: bytes, identities: dict[str, Identity]) -> None:
        self._folder, self._passphrase = folder, passphrase
        self._seals: dict[str, Identity] = {}
        self._later: dict[str, Identity] = {}
        self.root, self.issuing = identities["root"], identities["issuing"]
        self.tsa, self.evidence = identities["tsa"], identities["evidence"]

    @property
    def folder(self) -> Path:
        return self._folder

    @classmethod
    def open(cls, folder: Path, at: datetime) -> "Authority":
        """Loads the CA of ``folder``, creating it first where there is none. Raises ``TamperError`` if damaged.

        Two processes may do this at once: whoever renames first wins, the other one loads.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = folder / "ca"
        if not target.exists():
            _create(folder, target, at)
        try:
            passphrase = (target / _PASSPHRASE).read_bytes()
            identities = {label: load_identity(target / f"{label}.pem", passphrase) for label in _NAMES}
        except (OSError, ValueError) as error:
            raise TamperError("演示证书文件损坏或缺失", f"请检查 {target}，或恢复备份") from error
        return cls(target, passphrase, identities)

    def seal(self, institution: Institution, at: datetime) -> Identity:
        """The institution's seal certificate, made on first use."""
        label = "seal_" + hashlib.sha256(institution.institution_id.encode()).hexdigest()[:16]
        if label not in self._seals:
            path = self._folder / f"{label}.pem"
            if not path.exists():
                key = new_key()
                extra = [(ORGANISATION_IDENTIFIER, institution.credit_code)] if institution.credit_code else []
                subject = name(f"{institution.seal_name}电子印章（演示）", institution.name, unit="演示", extra=extra)
                profile = Profile(subject, at - timedelta(days=1), at + 5 * _YEAR)
                certificate = issue(profile, key.public_key(), self.issuing, self.issuing.key)
                save_identity(path, Identity(certificate, key), self._passphrase)
            self._seals[label] = load_identity(path, self._passphrase)
        return self._seals[label]

    def stamper(self, at: datetime) -> tuple[Identity, tuple[x509.Certificate, ...]]:
        """Who stamps at this time, and the certificates above, the root last. What runs out within two years has a
        successor, made on first use: archives are renewed by one that lives longer."""
        root = self._current("root", at, None)
        issuing = self._current("issuing", at, root)
        tsa = self._current("tsa", at, issuing)
        return tsa, (issuing.certificate, root.certificate)

    def roots(self) -> list[x509.Certificate]:
        """Every root there has been, oldest first."""
        return [one.certificate for one in (self.root, *self._successors("root"))]

    def _current(self, label: str, at: datetime, issuer: Identity | None) -> Identity:
        found: Identity = getattr(self, label)
        for number in count(2):
            if found.certificate.not_valid_after_utc - at > SUCCESSION:
                return found
            if not (self._folder / f"{label}-{number}.pem").exists():
                above = None if issuer is None else issuer.certificate.not_valid_after_utc
                if above is not None and above <= found.certificate.not_valid_after_utc:
                    return found  # it could not live longer
                self._make(label, number, at, issuer)
            found = self._successor(label, number)
        raise AssertionError

    def _make(self, label: str, number: int, at: datetime, issuer: Identity | None) -> None:
        title, years, options = _KINDS[label]
        identity = _made(f"{title}（{number}）", years, issuer, at, **options)
        save_identity(self._folder / f"{label}-{number}.pem", identity, self._passphrase)

    def _successor(self, label: str, number: int) -> Identity:
        name_ = f"{label}-{number}"
        if name_ not in self._later:
            self._later[name_] = load_identity(self._folder / f"{name_}.pem", self._passphrase)
        return self._later[name_]

    def _successors(self, label: str) -> Iterator[Identity]:
        for number in count(2):
            if not (self._folder / f"{label}-{number}.pem").exists():
                return
            yield self._successor(label, number)

    def one_time(
        self, subject: x509.Name, public_key: ec.EllipticCurvePublicKey, at: datetime, binding: x509.ExtensionType
    ) -> x509.Certificate:
        """A certificate for one signature.

        Its key no longer exists a moment later, so nothing is gained by a short life; a long one keeps the signature
        readable in programs that know nothing of timestamps.
        """
        end = min(at + 5 * _YEAR, self.issuing.certificate.not_valid_after_utc - timedelta(days=1))
        profile = Profile(subject, at - timedelta(minutes=5), end, extensions=(binding,))
        return issue(profile, public_key, self.issuing, self.issuing.key)

    def revocation_lists(self, at: datetime) -> dict[str, x509.CertificateRevocationList]:
        lists = {"root": revocation_list(self.root, at), "issuing": revocation_list(self.issuing, at)}
        for label in ("root", "issuing"):
            for number, one in enumerate(self._successors(label), 2):
                lists[f"{label}-{number}"] = revocation_list(one, at)
        return lists

    def certificates(self) -> Iterator[tuple[str, x509.Certificate]]:
        """Every long-lived certificate by a short name, seals included."""
        for label in _NAMES:
            yield label, getattr(self, label).certificate
            for number, one in enumerate(self._successors(label), 2):
                yield f"{label}-{number}", one.certificate
        for path in sorted(self._folder.glob("seal_*.pem")):
            yield path.stem, load_identity(path, self._passphrase).certificate


def _create(folder: Path, target: Path, at: datetime) -> None:
    work = Path(tempfile.mkdtemp(dir=folder, prefix=".ca-"))
    passphrase = secrets.token_urlsafe(32).encode()
    _write(work / _PASSPHRASE, passphrase)
    for label, identity in _identities(at).items():
        save_identity(work / f"{label}.pem", identity, passphrase)
    try:
        work.rename(target)
    except OSError:
        shutil.rmtree(work)
        if not target.exists():
            raise


def _made(common_name: str, years: int, issuer: Identity | None, at: datetime, **options: object) -> Identity:
    """Not longer than its issuer."""
    key, end = new_key(), at + years * _YEAR
    if issuer is not None:
        end = min(end, issuer.certificate.not_valid_after_utc)
    begin = at - timedelta(days=1)
    profile = Profile(name(common_name, ORGANISATION, unit="演示"), begin, end, **options)  # type: ignore[arg-type]
    return Identity(issue(profile, key.public_key(), issuer, issuer.key if issuer else key), key)


_KINDS: dict[str, tuple[str, int, dict[str, object]]] = {
    "root": ("屏签演示根证书", 20, {"authority": True, "path_length": 1}),
    "issuing": ("屏签演示签发证书", 15, {"authority": True, "path_length": 0}),
    "tsa": ("屏签演示时间戳服务", 10, {"timestamping": True}),
    "evidence": ("屏签演示证据签名", 10, {}),
}
"""Title, years, and what it may do."""


def _identities(at: datetime) -> dict[str, Identity]:
    made: dict[str, Identity] = {}
    for label, above in (("root", ""), ("issuing", "root"), ("tsa", "issuing"), ("evidence", "issuing")):
        title, years, options = _KINDS[label]
        made[label] = _made(title, years, made.get(above), at, **options)
    return made


def save_identity(path: Path, identity: Identity, passphrase: bytes) -> None:
    """Certificate and encrypted key in one PEM, 0600, never overwriting a file of another process."""
    data = identity.certificate.public_bytes(serialization.Encoding.PEM) + identity.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase),
    )
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write(partial, data)
    with suppress(FileExistsError):
        path.hardlink_to(partial)
    partial.unlink()


def load_identity(path: Path, passphrase: bytes) -> Identity:
    """Raises ``OSError`` or ``ValueError``."""
    data = path.read_bytes()
    key = serialization.load_pem_private_key(data, passphrase)
    if not isinstance(key, PrivateKey):
        raise ValueError("not an elliptic curve key")
    return Identity(x509.load_pem_x509_certificate(data), key)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())

"""A demonstration CA and server certificate for one machine or its local network. Not for production."""

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS, LEAF_DAYS = 3650, 397
"""A leaf longer than 398 days is refused by Apple's systems."""


@dataclass(frozen=True)
class ServerFiles:
    certificate: Path
    key: Path
    ca: Path


def local_names(*hosts: str) -> list[str]:
    """``hosts``, localhost, this machine's name and the addresses it has on its networks."""
    found = [*hosts, "localhost", "127.0.0.1", socket.gethostname()]
    with contextlib.suppress(OSError):
        found += [str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    found += _outward_address()
    return [name for name in dict.fromkeys(found) if name not in ("", "0.0.0.0", "::")]  # noqa: S104 - left out


def _outward_address() -> list[str]:
    """The address a packet to another network would leave from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [str(probe.getsockname()[0])]


def ensure(folder: Path, ca_file: Path, names: Iterable[str], now: datetime) -> ServerFiles:
    """A certificate for ``names`` under the CA in ``folder``, which is made on first use; keys have mode 0600."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ca_key, ca = _authority(folder, ca_file, now)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _leaf(key.public_key(), ca_key, ca, list(names), now)
    files = ServerFiles(folder / "server.pem", folder / "server.key", ca_file)
    _write(files.key, _key_pem(key), 0o600)
    _write(files.certificate, _pem(leaf) + _pem(ca), 0o644)
    return files


def _authority(folder: Path, ca_file: Path, now: datetime) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key_file = folder / "ca.key"
    if key_file.exists() and ca_file.exists():
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(ca_file.read_bytes())
        usable = certificate.not_valid_after_utc > now + timedelta(days=LEAF_DAYS)
        if isinstance(key, ec.EllipticCurvePrivateKey) and usable and key.public_key() == certificate.public_key():
            return key, certificate
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _root(key, now)
    _write(key_file, _key_pem(key), 0o600)
    _write(ca_file, _pem(certificate), 0o644)
    return key, certificate


def _root(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    name = _name("屏签 演示用局域网根证书")
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        _builder(name, name, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    public: ec.EllipticCurvePublicKey,
    ca_key: ec.EllipticCurvePrivateKey,
    ca: x509.Certificate,
    names: list[str],
    now: datetime,
) -> x509.Certificate:
    return (
        _builder(_name("屏签 演示服务"), ca.subject, public, now, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write(path: Path, data: bytes, mode: int) -> None:
    """Replaces ``path`` at once; nobody else can read it at any moment where ``mode`` says so."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    fresh.chmod(mode)
    fresh.replace(path)

"""Making certificates and revocation lists (RFC 5280). Time and serial numbers are arguments."""

import secrets
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from signing.adapters.pki.oids import CERTIFICATE_POLICY

# Of names in Chinese the library counts the bytes where RFC 5280 counts characters, here and when it reads them back.
warnings.filterwarnings("ignore", "Attribute's length must be", UserWarning)

PrivateKey = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, loaded once and kept."""

    certificate: x509.Certificate
    key: PrivateKey


@dataclass(frozen=True)
class Profile:
    """What a certificate is for."""

    subject: x509.Name
    not_before: datetime
    not_after: datetime
    authority: bool = False
    path_length: int | None = None
    timestamping: bool = False
    extensions: tuple[x509.ExtensionType, ...] = ()


def new_key() -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(common_name: str, organisation: str, *, unit: str = "", extra: Iterable[tuple[str, str]] = ()) -> x509.Name:
    """A distinguished name of China; ``extra`` are (dotted OID, value)."""
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), _text(NameOID.ORGANIZATION_NAME, organisation)]
    if unit:
        attributes.append(_text(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    attributes += [x509.NameAttribute(ObjectIdentifier(oid), value) for oid, value in extra]
    attributes.append(_text(NameOID.COMMON_NAME, common_name))
    return x509.Name(attributes)


def _text(kind: ObjectIdentifier, value: str) -> x509.NameAttribute[str]:
    """At most 64 characters (RFC 5280, appendix A.1); the library would count the bytes of their UTF-8."""
    return x509.NameAttribute(kind, value[:64], _validate=False)


def issue(
    profile: Profile, public_key: ec.EllipticCurvePublicKey, issuer: Identity | None, key: PrivateKey
) -> x509.Certificate:
    """Signs a certificate for ``public_key`` with ``key``; ``issuer`` None makes it self-signed."""
    issuing_name = issuer.certificate.subject if issuer else profile.subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(profile.subject)
        .issuer_name(issuing_name)
        .public_key(public_key)
        .serial_number(secrets.randbits(126) | 1 << 126)
        .not_valid_before(profile.not_before)
        .not_valid_after(profile.not_after)
        .add_extension(x509.BasicConstraints(profile.authority, profile.path_length), critical=True)
        .add_extension(_key_usage(profile), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    if profile.timestamping:
        # RFC 3161, 2.3: this usage alone, and critical.
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    if issuer:
        policy = x509.PolicyInformation(ObjectIdentifier(CERTIFICATE_POLICY), None)
        builder = builder.add_extension(x509.CertificatePolicies([policy]), critical=False)
    for extension in profile.extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(key, hashes.SHA256())


def _key_usage(profile: Profile) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not profile.authority,
        content_commitment=not profile.authority and not profile.timestamping,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=profile.authority,
        crl_sign=profile.authority,
        encipher_only=False,
        decipher_only=False,
    )


def revocation_list(
    issuer: Identity, at: datetime, revoked: Iterable[tuple[int, datetime]] = ()
) -> x509.CertificateRevocationList:
    """A CRL valid for a month; its number is the second it was made in."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at.replace(microsecond=0))
        .next_update(at.replace(microsecond=0) + timedelta(days=31))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(int(at.timestamp())), critical=False)
    )
    for serial, when in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256())

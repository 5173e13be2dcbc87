"""The built-in timestamping authority: RFC 3161 tokens signed with a key kept loaded."""

import hashlib
import secrets
from datetime import datetime

from asn1crypto import algos, cms, core, tsp, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from signing.adapters.pki.certificates import Identity
from signing.adapters.pki.oids import TSA_POLICY
from signing.domain.errors import InputError


class TimestampAuthority:
    """``chain`` are the certificates between the TSA's and the root, which every token carries."""

    def __init__(self, identity: Identity, chain: tuple[pyca.Certificate, ...]) -> None:
        self._key = identity.key
        self._certificate = to_asn1(identity.certificate)
        self._chain = [to_asn1(certificate) for certificate in chain]

    def token(self, digest: bytes, at: datetime, nonce: int | None = None) -> cms.ContentInfo:
        """A TimeStampToken over a SHA-256 digest, ``at`` to the millisecond. Raises ``InputError``."""
        if len(digest) != 32:
            raise InputError("时间戳只能加盖在 SHA-256 摘要上")
        info = self._info(digest, at, nonce).dump()
        attributes = self._attributes(info)
        # The signature covers the attributes as a SET OF, not under the implicit tag they are stored with.
        signature = self._key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256()))
        return cms.ContentInfo({"content_type": "signed_data", "content": self._signed(info, attributes, signature)})

    def _info(self, digest: bytes, at: datetime, nonce: int | None) -> tsp.TSTInfo:
        info = {
            "version": "v1",
            "policy": tsp.ObjectIdentifier(TSA_POLICY),
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
            "serial_number": secrets.randbits(120),
            "gen_time": at.replace(microsecond=at.microsecond // 1000 * 1000),
            "accuracy": {"seconds": 1},
            "tsa": x509.GeneralName(name="directory_name", value=self._certificate.subject),
        }
        if nonce is not None:
            info["nonce"] = nonce
        return tsp.TSTInfo(info)

    def _attributes(self, info: bytes) -> cms.CMSAttributes:
        certificate_id = tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(self._certificate.dump()).digest()})
        values = {
            "content_type": "tst_info",
            "message_digest": hashlib.sha256(info).digest(),
            "signing_certificate_v2": tsp.SigningCertificateV2({"certs": [certificate_id]}),
        }
        return cms.CMSAttributes(
            [cms.CMSAttribute({"type": kind, "values": [value]}) for kind, value in values.items()]
        )

    def _signed(self, info: bytes, attributes: cms.CMSAttributes, signature: bytes) -> cms.SignedData:
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        identifier = cms.IssuerAndSerialNumber(
            {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
        )
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": identifier}),
                "digest_algorithm": sha256,
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signature": signature,
            }
        )
        return cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [sha256],
                "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(info)},
                "certificates": [self._certificate, *self._chain],
                "signer_infos": [signer],
            }
        )


def to_asn1(certificate: pyca.Certificate) -> x509.Certificate:
    """The same certificate as asn1crypto's type."""
    return x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))

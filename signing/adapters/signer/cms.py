"""pyHanko's ``Signer`` whose CMS is written by ourselves; what holds the key says how a digest is signed."""

import hashlib
from collections.abc import Iterable
from typing import Any

from asn1crypto import cms, x509
from pyhanko.sign import signers
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signing.adapters.pki import cades
from signing.adapters.pki.cades import Signatory


class CadesSigner(signers.Signer):
    """The root of ``chain`` is left out of signatures: who verifies has it, or believes nothing in it."""

    def __init__(self, certificate: x509.Certificate, chain: Iterable[x509.Certificate]) -> None:
        above = list(chain)
        self._signatory = Signatory.of(certificate, [one for one in above if one.issuer.dump() != one.subject.dump()])
        store = SimpleCertificateStore()
        store.register_multiple(above)
        super().__init__(signing_cert=certificate, cert_registry=store)

    async def async_sign(
        self,
        data_digest: bytes,
        digest_algorithm: str,
        dry_run: bool = False,
        use_pades: bool = False,
        timestamper: TimeStamper | None = None,
        signed_attr_settings: Any = None,
        is_pdf_sig: bool = True,
        encap_content_info: Any = None,
    ) -> cms.ContentInfo:
        """Detached; time-stamped where there is a ``timestamper``."""
        assert digest_algorithm == "sha256"
        signed_at = None if use_pades or signed_attr_settings is None else signed_attr_settings.signing_time
        attributes = cades.signed_attributes(self._signatory, data_digest, signed_at=signed_at)
        signature = await self.async_sign_raw(attributes, digest_algorithm, dry_run)
        token = b""
        if timestamper is not None:
            stamp = await timestamper.async_timestamp(hashlib.sha256(signature).digest(), digest_algorithm)
            token = stamp.dump()
        return cms.ContentInfo.load(cades.content_info(self._signatory, attributes, signature, token=token))

"""The stand-in CA and time-stamping authority of ``pingqian standin``, served for a test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256

from signing.adapters.pki.certificates import Identity, name
from signing.adapters.standin.ca import FAULTS, ORGANISATION, StandInCa, identity

__all__ = ["FAULTS", "OutsideCa", "identity", "rsa_certificate"]


def rsa_certificate(key: rsa.RSAPrivateKey, issuer: Identity) -> x509.Certificate:
    """Of an RSA key, which our own CA never makes."""
    begin = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name("外部机构印章（替身）", ORGANISATION, unit="替身"))
    builder = builder.issuer_name(issuer.certificate.subject).public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=3650))
    return builder.sign(issuer.key, SHA256())


@dataclass
class OutsideCa(StandInCa):
    url: str = ""

    @contextmanager
    def serving(self) -> Iterator["OutsideCa"]:
        server = self.server("127.0.0.1", 0)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

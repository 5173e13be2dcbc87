"""A stand-in CA and time-stamping authority over real HTTP, with the faults such services have.

They sign digests only; every certificate says 替身. ``fault`` is looked at for each request: ``timeout`` answers too
late, ``wrong_digest`` signs another digest, ``refused`` says no, ``half`` breaks the answer off, ``garbage`` is no
answer, ``other_request`` answers another one's.
"""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from signing.adapters.pki.certificates import Identity, Profile, issue, name, new_key, revocation_list
from signing.adapters.pki.tsa import TimestampAuthority
from signing.adapters.signer.remote import Reply

FAULTS = ("timeout", "wrong_digest", "refused", "half", "garbage", "other_request")
ORGANISATION = "外部认证机构（替身，不具有法律效力）"


def identity(title: str, issuer: Identity | None, **options: object) -> Identity:
    key, begin = new_key(), datetime.now(UTC) - timedelta(days=1)
    subject = name(f"{title}（替身）", ORGANISATION, unit="替身")
    profile = Profile(subject, begin, begin + timedelta(days=3650), **options)  # type: ignore[arg-type]
    return Identity(issue(profile, key.public_key(), issuer, issuer.key if issuer else key), key)


def rsa_certificate(key: rsa.RSAPrivateKey, issuer: Identity) -> x509.Certificate:
    """Of an RSA key, which our own CA never makes."""
    begin = datetime.now(UTC) - timedelta(days=1)
    builder = x509.CertificateBuilder().subject_name(name("外部机构印章（替身）", ORGANISATION, unit="替身"))
    builder = builder.issuer_name(issuer.certificate.subject).public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(begin).not_valid_after(begin + timedelta(days=3650))
    return builder.sign(issuer.key, SHA256())


@dataclass
class OutsideCa:
    """``asked`` are the digests that came, so that a test can see that nothing else did."""

    root: Identity = field(default_factory=lambda: identity("外部根证书", None, authority=True, path_length=1))
    fault: str = ""
    asked: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self.issuing = identity("外部签发证书", self.root, authority=True, path_length=0)
        self.seal = identity("外部机构印章", self.issuing)
        tsa = identity("外部时间戳", self.issuing, timestamping=True)
        self.tsa = TimestampAuthority(tsa, (self.issuing.certificate, self.root.certificate))

    @property
    def root_pem(self) -> bytes:
        return self.root.certificate.public_bytes(Encoding.PEM)

    def lists(self) -> list[bytes]:
        now = self.now()
        return [revocation_list(one, now).public_bytes(Encoding.DER) for one in (self.root, self.issuing)]

    def certificate(self) -> bytes:
        chain = (self.seal, self.issuing, self.root)
        return json.dumps(
            {
                "certificates": [one.certificate.public_bytes(Encoding.PEM).decode() for one in chain],
                "crls": [base64.b64encode(one).decode() for one in self.lists()],
            }
        ).encode()

    def sign(self, body: bytes) -> bytes:
        message = json.loads(body)
        digest = bytes.fromhex(message["digest"])
        self.asked.append(digest)
        if self.fault == "wrong_digest":
            digest = hashlib.sha256(digest).digest()
        signature = self.seal.key.sign(digest, ec.ECDSA(Prehashed(SHA256())))
        request_id = "0" * 32 if self.fault == "other_request" else message["request_id"]
        return json.dumps({"request_id": request_id, "signature": base64.b64encode(signature).decode()}).encode()

    def stamp(self, body: bytes) -> bytes:
        request = tsp.TimeStampReq.load(body)
        digest, nonce = request["message_imprint"]["hashed_message"].native, request["nonce"].native
        self.asked.append(digest)
        if self.fault == "refused":
            return bytes(Reply({"status": {"status": "rejection"}}).dump())
        digest = hashlib.sha256(digest).digest() if self.fault == "wrong_digest" else digest
        nonce = 7 if self.fault == "other_request" else nonce
        token = self.tsa.token(digest, self.now(), nonce)
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    @contextmanager
    def serving(self) -> Iterator["OutsideCa"]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(ca: OutsideCa) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            """Silent: the tests look at what came, not at lines."""

        def do_GET(self) -> None:
            self._answer(ca.certificate(), "application/json")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            ca.bodies.append(body)
            if ca.fault == "refused" and self.path == "/sign":
                self._answer(b'{"message": "no"}', "application/json", 403)
            elif self.path == "/sign":
                self._answer(ca.sign(body), "application/json")
            else:
                self._answer(ca.stamp(body), "application/timestamp-reply")

        def _answer(self, data: bytes, kind: str, status: int = 200) -> None:
            faulty = self.command == "POST"
            if faulty and ca.fault == "timeout":
                time.sleep(1.0)
            if faulty and ca.fault == "garbage":
                data = b"<html>maintenance</html>"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            half = faulty and ca.fault == "half"
            try:
                self.wfile.write(data[: len(data) // 2] if half else data)
            except OSError:
                return
            if half:
                self.close_connection = True

    return Handler

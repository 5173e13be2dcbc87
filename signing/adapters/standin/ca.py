"""A stand-in CA and time-stamping authority over real HTTP, with the faults such services have.

They sign digests only; every certificate says 替身. ``fault`` is looked at for each request: ``timeout`` answers too
late, ``wrong_digest`` signs another digest, ``refused`` says no, ``half`` breaks the answer off, ``garbage`` is no
answer, ``other_request`` answers another one's.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from asn1crypto import tsp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from signing.adapters.pki.authority import load_identity, save_identity
from signing.adapters.pki.certificates import Identity, Profile, issue, name, new_key, revocation_list
from signing.adapters.pki.tsa import TimestampAuthority
from signing.adapters.signer.remote import Reply
from signing.domain.errors import InputError
from signing.domain.seals import STAND_IN_MARK

FAULTS = ("timeout", "wrong_digest", "refused", "half", "garbage", "other_request")
ORGANISATION = f"外部认证机构（{STAND_IN_MARK}，不具有法律效力）"
LARGEST = 100_000
"""Bytes of a request: a digest and some words."""
LATE = 1.0
_PASSPHRASE = b"stand-in"
"""Nobody is protected by it: these keys are worth nothing. The file format wants one."""


def identity(title: str, issuer: Identity | None, **options: object) -> Identity:
    """For ten years, beginning yesterday."""
    key, begin = new_key(), datetime.now(UTC) - timedelta(days=1)
    subject = name(f"{title}（{STAND_IN_MARK}）", ORGANISATION, unit=STAND_IN_MARK)
    profile = Profile(subject, begin, begin + timedelta(days=3650), **options)  # type: ignore[arg-type]
    return Identity(issue(profile, key.public_key(), issuer, issuer.key if issuer else key), key)


LABELS = ("root", "issuing", "seal", "stamper")


def _made() -> dict[str, Identity]:
    root = identity("外部根证书", None, authority=True, path_length=1)
    issuing = identity("外部签发证书", root, authority=True, path_length=0)
    stamper = identity("外部时间戳", issuing, timestamping=True)
    return {"root": root, "issuing": issuing, "seal": identity("外部机构印章", issuing), "stamper": stamper}


@dataclass
class StandInCa:
    """``asked`` are the digests that came, so that one can see that nothing else did. ``late``: seconds that the fault
    ``timeout`` waits. ``token``: the bearer's word that requests must bring; none where empty."""

    identities: Mapping[str, Identity] = field(default_factory=lambda: _made())
    fault: str = ""
    late: float = LATE
    token: str = ""
    asked: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self.root, self.issuing, self.seal = (self.identities[label] for label in LABELS[:3])
        self.tsa = TimestampAuthority(self.identities["stamper"], (self.issuing.certificate, self.root.certificate))

    @classmethod
    def open(cls, folder: Path) -> "StandInCa":
        """The one of ``folder``, made there at the first start. Raises ``InputError`` where it cannot be read."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        paths = {label: folder / f"{label}.pem" for label in LABELS}
        try:
            if not all(path.exists() for path in paths.values()):
                for label, made in _made().items():
                    paths[label].unlink(missing_ok=True)
                    save_identity(paths[label], made, _PASSPHRASE)
            return cls({label: load_identity(path, _PASSPHRASE) for label, path in paths.items()})
        except (OSError, ValueError) as error:
            raise InputError(
                f"{folder} 里的替身证书无法读取或写入", "请换一个目录，或删去其中的文件重新生成"
            ) from error

    @property
    def root_pem(self) -> bytes:
        return self.root.certificate.public_bytes(Encoding.PEM)

    def chain(self) -> Sequence[Identity]:
        """The seal's first, the root last."""
        return (self.seal, self.issuing, self.root)

    def lists(self) -> list[bytes]:
        """CRLs, DER."""
        now = self.now()
        return [revocation_list(one, now).public_bytes(Encoding.DER) for one in reversed(self.chain()[1:])]

    def certificate(self) -> bytes:
        return json.dumps(
            {
                "certificates": [one.certificate.public_bytes(Encoding.PEM).decode() for one in self.chain()],
                "crls": [base64.b64encode(one).decode() for one in self.lists()],
            }
        ).encode()

    def sign(self, body: bytes) -> bytes:
        """Raises ``ValueError``, ``KeyError``, ``TypeError`` for what is no request."""
        message = json.loads(body)
        digest = bytes.fromhex(message["digest"])
        if len(digest) != 32 or message["digest_algorithm"] != "sha256":
            raise ValueError("not a SHA-256")
        self.asked.append(digest)
        if self.fault == "wrong_digest":
            digest = hashlib.sha256(digest).digest()
        signature = self.chain()[0].key.sign(digest, ec.ECDSA(Prehashed(SHA256())))
        request_id = "0" * 32 if self.fault == "other_request" else message["request_id"]
        return json.dumps({"request_id": request_id, "signature": base64.b64encode(signature).decode()}).encode()

    def stamp(self, body: bytes) -> bytes:
        """Raises ``ValueError``, ``InputError`` for what is no request over a SHA-256."""
        request = tsp.TimeStampReq.load(body)
        digest, nonce = request["message_imprint"]["hashed_message"].native, request["nonce"].native
        self.asked.append(digest)
        if self.fault == "refused":
            return bytes(Reply({"status": {"status": "rejection"}}).dump())
        digest = hashlib.sha256(digest).digest() if self.fault == "wrong_digest" else digest
        nonce = 7 if self.fault == "other_request" else nonce
        token = self.tsa.token(digest, self.now(), nonce)
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def server(self, host: str, port: int, said: Callable[[str], None] = lambda line: None) -> ThreadingHTTPServer:
        """Bound, and not serving yet. ``said`` is told of every request in a line."""
        return ThreadingHTTPServer((host, port), _handler(self, said))


def _handler(ca: StandInCa, said: Callable[[str], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def log_message(self, *arguments: object) -> None:
            """One line a request is said elsewhere."""

        def do_GET(self) -> None:
            if self.path == "/root.pem":
                self._answer(ca.root_pem, "application/x-pem-file")
            elif self._is_known():
                self._answer(ca.certificate(), "application/json")

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > LARGEST:
                self._answer(b'{"message": "too long"}', "application/json", 413)
                return
            body = self.rfile.read(int(length))
            if not self._is_known():
                return
            ca.bodies.append(body)
            try:
                self._respond(body)
            except (ValueError, KeyError, TypeError, AttributeError, InputError):
                self._answer(b'{"message": "not a request"}', "application/json", 400)

        def _respond(self, body: bytes) -> None:
            if ca.fault == "refused" and self.path == "/sign":
                self._answer(b'{"message": "no"}', "application/json", 403)
            elif self.path == "/sign":
                self._answer(ca.sign(body), "application/json")
            else:
                self._answer(ca.stamp(body), "application/timestamp-reply")

        def _is_known(self) -> bool:
            known = not ca.token or self.headers.get("Authorization", "") == f"Bearer {ca.token}"
            if not known:
                self._answer(b'{"message": "who are you"}', "application/json", 401)
            return known

        def _answer(self, data: bytes, kind: str, status: int = 200) -> None:
            faulty = self.command == "POST"
            said(f"{self.command} {self.path} → {status}" + (f"（{ca.fault}）" if faulty and ca.fault else ""))
            if faulty and ca.fault == "timeout":
                time.sleep(ca.late)
            if faulty and ca.fault == "garbage":
                data = b"<html>maintenance</html>"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            half = faulty and ca.fault == "half"
            with suppress(OSError):
                self.end_headers()
                self.wfile.write(data[: len(data) // 2] if half else data)
            self.close_connection = True

    return Handler

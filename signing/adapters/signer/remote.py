"""A CA that signs a digest over HTTP, and a time-stamping authority over HTTP (RFC 3161, 3.4).

Signing is interrupted: the document stays here, the digest goes out, the signature comes back and is held against
the digest before it is believed. Whatever goes wrong outside raises ``OutsideError``; nothing is then signed.

The CA's interface, JSON over HTTPS with a bearer token::

    GET  /certificate   -> {"certificates": [PEM, …], "crls": [base64 DER, …]}   the signer's first, the root last
    POST /sign          {"request_id", "digest_algorithm": "sha256", "digest": hex}
                        -> {"request_id", "signature": base64}
"""

import base64
import binascii
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from asn1crypto import cms, core, tsp
from cryptography import x509
from pyhanko.sign.timestamps import TimeStamper

from signing.adapters.signer.holders import UNSEALED, public_key, require_signature
from signing.domain.errors import OutsideError

SECONDS = 15.0
LARGEST = 1_000_000
"""Bytes of an answer; a certificate chain with its lists is some thousands."""


@dataclass(frozen=True)
class Place:
    """``token``: bearer, none where empty. ``ca``: PEM of the roots that TLS is to believe; None: the system's."""

    url: str
    token: str = ""
    ca: Path | None = None
    seconds: float = SECONDS

    async def ask(self, what: str, method: str, path: str, **options: Any) -> httpx.Response:
        """``what`` is the service's name for people. Raises ``OutsideError`` for anything but a whole 200."""
        headers = dict(options.pop("headers", {}))
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        verify: bool | str = True if self.ca is None else str(self.ca)
        url = self.url.rstrip("/") + path if path else self.url
        try:
            async with httpx.AsyncClient(timeout=self.seconds, verify=verify) as client:
                answer = await client.request(method, url, headers=headers, **options)
        except httpx.TimeoutException as error:
            raise OutsideError(f"{what}没有在 {self.seconds:g} 秒内应答", UNSEALED) from error
        except (httpx.HTTPError, OSError) as error:
            raise OutsideError(f"不能连接{what}，或应答不完整", UNSEALED) from error
        if answer.status_code != 200:
            raise OutsideError(f"{what}拒绝了请求（{answer.status_code}）", UNSEALED)
        if len(answer.content) > LARGEST:
            raise OutsideError(f"{what}的应答过大", UNSEALED)
        return answer

    async def ask_json(self, what: str, method: str, path: str, **options: Any) -> Mapping[str, Any]:
        answer = await self.ask(what, method, path, **options)
        try:
            found = answer.json()
        except ValueError as error:
            raise OutsideError(f"{what}的应答不完整", UNSEALED) from error
        if not isinstance(found, dict):
            raise OutsideError(f"{what}的应答无法识别", UNSEALED)
        return found


class RemoteKey:
    """Open with ``RemoteKey.open``, which asks for the certificate."""

    def __init__(self, place: Place, certificates: Sequence[x509.Certificate]) -> None:
        self._place, self.certificate, self.chain = place, certificates[0], tuple(certificates[1:])

    @classmethod
    async def open(cls, place: Place) -> "RemoteKey":
        """Raises ``OutsideError``."""
        return cls(place, _certificates(await place.ask_json(_CA, "GET", "/certificate")))

    async def sign_digest(self, digest: bytes) -> bytes:
        request_id = secrets.token_hex(16)
        message = {"request_id": request_id, "digest_algorithm": "sha256", "digest": digest.hex()}
        found = await self._place.ask_json(_CA, "POST", "/sign", json=message)
        if found.get("request_id") != request_id:
            raise OutsideError("签名服务答复的不是这次请求，没有采用", UNSEALED)
        signature = _decoded(found.get("signature"))
        require_signature(self.certificate, digest, signature)
        return signature

    async def revocation_lists(self) -> Sequence[bytes]:
        found = await self._place.ask_json(_CA, "GET", "/certificate")
        lists = found.get("crls", [])
        return [_decoded(one) for one in lists] if isinstance(lists, list) else []


_CA = "签名服务"
_TSA = "时间戳服务"


def _decoded(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise OutsideError("签名服务的应答无法识别", UNSEALED) from error


def _certificates(found: Mapping[str, Any]) -> list[x509.Certificate]:
    try:
        certificates = [x509.load_pem_x509_certificate(str(pem).encode()) for pem in found["certificates"]]
        public_key(certificates[0])
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise OutsideError("签名服务没有给出可用的证书", UNSEALED) from error
    return certificates


class Reply(core.Sequence):  # type: ignore[misc]
    """TimeStampResp (RFC 3161, 2.4.2), whose token is missing where it was refused."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


class RemoteTimeStamper(TimeStamper):
    """RFC 3161 over HTTP. Imprint, nonce and status are held against what was asked before a token is believed."""

    def __init__(self, place: Place) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._place = place

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        answer = await self._place.ask(_TSA, "POST", "", content=req.dump(), headers=headers)
        try:
            status = Reply.load(answer.content, strict=True)["status"]["status"].native
            if status not in ("granted", "granted_with_mods"):
                raise OutsideError(f"时间戳服务拒绝加盖（{status}）", UNSEALED)
            response = tsp.TimeStampResp.load(answer.content, strict=True)
            _require_asked(req, response)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise OutsideError("时间戳服务的应答无法识别或不完整", UNSEALED) from error
        return response


def _require_asked(req: tsp.TimeStampReq, response: tsp.TimeStampResp) -> None:
    info = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    if info["message_imprint"].dump() != req["message_imprint"].dump():
        raise OutsideError("时间戳服务加盖的不是所送的摘要，没有采用", UNSEALED)
    if req["nonce"].native is not None and info["nonce"].native != req["nonce"].native:
        raise OutsideError("时间戳服务答复的不是这次请求，没有采用", UNSEALED)

"""Sends a webhook over HTTP without being led anywhere else: checked addresses only, no redirects, no proxies.

The name is looked up once and the connection made to the address that was checked, so that a name that answers
differently the second time (DNS rebinding) leads nowhere new. TLS is verified against the name.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx

from signing.domain.network import is_public
from signing.service.deliveries import NotTaken

SECONDS = 10.0
LOOK_UP_SECONDS = 5.0


class HttpWebhookSender:
    """``WebhookSender``. Certificates are believed as this machine believes them (``SSL_CERT_FILE``)."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, private: bool) -> None:
        try:
            async with asyncio.timeout(self._seconds):
                await self._send(urlsplit(url), body, headers, private=private)
        except TimeoutError:
            raise NotTaken(f"{self._seconds:g} 秒内没有回应") from None
        except httpx.TransportError as error:
            raise NotTaken(_in_words(error)) from None

    async def _send(self, url: SplitResult, body: bytes, headers: Mapping[str, str], *, private: bool) -> None:
        host = url.hostname or ""
        address = await _checked_address(host, url.port or (443 if url.scheme == "https" else 80), private=private)
        target = f"[{address}]" if ":" in address else address
        netloc = target if url.port is None else f"{target}:{url.port}"
        request = self._ready().build_request(
            "POST",
            urlunsplit((url.scheme, netloc, url.path or "/", url.query, "")),
            content=body,
            headers={**headers, "Host": url.netloc, "User-Agent": "pingqian"},
            extensions={"sni_hostname": host},
        )
        response = await self._ready().send(request, stream=True, follow_redirects=False)
        await response.aclose()  # what it answers besides its status is of no interest, however long it is
        if response.is_redirect:
            raise NotTaken(f"对方要求转到别处（{response.status_code}），没有跟随")
        if not response.is_success:
            raise NotTaken(f"对方回答 {response.status_code}")

    def _ready(self) -> httpx.AsyncClient:
        if self._client is None:
            limits = httpx.Limits(max_connections=32, max_keepalive_connections=0)
            self._client = httpx.AsyncClient(
                verify=ssl.create_default_context(), trust_env=False, timeout=self._seconds, limits=limits
            )
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()


async def _checked_address(host: str, port: int, *, private: bool) -> str:
    """The first of the name's addresses; refused where any of them is not public, unless ``private``."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOK_UP_SECONDS):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise NotTaken("域名解析不到") from None
    addresses = [str(one[4][0]) for one in found]
    if not addresses:
        raise NotTaken("域名解析不到")
    if not private and not all(is_public(address) for address in addresses):
        raise NotTaken("地址在内网或保留网段，没有发送；确需使用的请管理员登记时加 --private")
    return addresses[0]


def _in_words(error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return "对方没有及时回应"
    if isinstance(error, httpx.ConnectError):
        return "连接不上，或证书不被信任"
    return "连接中断"

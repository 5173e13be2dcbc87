"""Headers on every answer, and the last net under every request.

Content-Security-Policy Level 3, without ``unsafe-inline`` or ``unsafe-eval``. ``connect-src 'self'`` covers
WebSockets of the same origin only in newer browsers, so the origin's own ``wss:`` is named beside it.
"""

import logging
import re
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signing.web.errors import unexpected

log = logging.getLogger("pingqian.access")

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=(), display-capture=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = "max-age=31536000"
_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")


def page_policy(host: str, *, secure: bool) -> str:
    """The policy of a page of ours. ``host`` is the request's own Host header; an odd one is left out."""
    socket = f" {'wss' if secure else 'ws'}://{host}" if _HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"media-src 'self' blob: mediastream:; connect-src 'self'{socket}; font-src 'self'; manifest-src 'self'; "
        "worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )


class Guard:
    """Outermost: sets the headers, turns the unexpected into an ``ErrorBody``, writes one log line a request.

    The log line names the route's pattern, never the path or the query as sent: those may hold names and numbers.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self.app = app
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent: MutableMapping[str, Any] = {}
        began = time.monotonic()

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent["status"] = message["status"]
                self._add(MutableHeaders(scope=message), scope, message["status"])
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if sent:
                raise _CutOff from error
            await unexpected(error)(scope, receive, send_with_headers)
        finally:
            _log_request(scope, sent.get("status", 0), time.monotonic() - began)

    def _add(self, headers: MutableHeaders, scope: Scope, status: int) -> None:
        for name, value in _FIXED.items():
            headers.setdefault(name, value)
        if self.secure:
            headers["Strict-Transport-Security"] = _HSTS
        if status == 304:
            return  # the stored page keeps its own policy: what a 304 carries would replace it (RFC 9111, 3.2)
        if headers.get("content-type", "").startswith("text/html"):
            host = Headers(scope=scope).get("host", "")
            headers.setdefault("Content-Security-Policy", page_policy(host, secure=self.secure))
        else:
            headers.setdefault("Content-Security-Policy", _NOTHING)
        if scope["path"].startswith(("/api/", "/demo/")) or "cache-control" not in headers:
            headers.setdefault("Cache-Control", "no-store")


class _CutOff(Exception):
    """An answer broke after it had begun; the server closes the connection."""


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "-")
    log.info("%s %s %d %.0f ms", scope["method"], route, status, seconds * 1000)

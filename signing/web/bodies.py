"""Bodies: how large each may be, and what kind of picture it really is."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signing.web.errors import http_body, respond

KIB, MIB = 1 << 10, 1 << 20
STALLED_SECONDS = 30.0
"""A body of which nothing arrives for so long is given up."""


DRAIN_BYTES, DRAIN_SECONDS = 32 * MIB, 5.0


@dataclass(frozen=True)
class Allowance:
    method: str
    path: re.Pattern[str]
    size: int


ALLOWANCES: Sequence[Allowance] = (
    Allowance("PUT", re.compile(r"/api/recordings/[^/]+/segments/[^/]+"), 8 * MIB),
    Allowance("POST", re.compile(r"/api/recordings/[^/]+/(track/)?finish"), 8 * MIB),
    Allowance("PUT", re.compile(r"/api/phone/backfill/[^/]+"), 2 * MIB),
    Allowance("POST", re.compile(r"/api/check/paper"), 16 * MIB),
    Allowance("POST", re.compile(r"/api/imports/[^/]+"), 32 * MIB),
    Allowance("PUT", re.compile(r"/api/phone/id-card/[^/]+"), 12 * MIB),
    Allowance("POST", re.compile(r"/api/cases/[^/]+/parties/[^/]+/snapshot"), 12 * MIB),
)
DEFAULT = 256 * KIB


def allowance(method: str, path: str) -> int:
    """How many bytes the body of this request may have."""
    return next((a.size for a in ALLOWANCES if a.method == method and a.path.fullmatch(path)), DEFAULT)


class BodyLimit:
    """Refuses a body that says it is too large at once, and one that turns out to be while it arrives."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = allowance(scope["method"], scope["path"])
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > limit:
            await _drain(receive)
            await respond(413, http_body(413), {"Connection": "close"})(scope, receive, send)
            return
        await self.app(scope, _counted(receive, limit), send)


def _counted(receive: Receive, limit: int) -> Receive:
    taken = 0
    complete = False

    async def counted() -> Message:
        nonlocal taken, complete
        if complete:
            return await receive()
        message = await _soon(receive)
        taken += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if taken > limit:
            if not complete:
                await _drain(receive)
            raise HTTPException(413, headers={"Connection": "close"})
        return message

    return counted


async def _drain(receive: Receive) -> None:
    """Takes what still comes of a refused body, within bounds: closing at once would reset the connection, and the
    client would never read why."""
    taken = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while taken < DRAIN_BYTES:
                message = await receive()
                taken += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


async def _soon(receive: Receive) -> Message:
    try:
        async with asyncio.timeout(STALLED_SECONDS):
            return await receive()
    except TimeoutError:
        raise HTTPException(408, headers={"Connection": "close"}) from None


_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def picture_kind(data: bytes) -> str | None:
    """What the first bytes say a picture is; None for anything but JPEG and PNG."""
    return next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)


async def read_picture(request: Request, kinds: Sequence[str] = ("image/jpeg", "image/png")) -> bytes:
    """The body; 415 where its bytes or its declared type are of another kind than ``kinds``."""
    declared = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if declared not in kinds:
        raise HTTPException(415)
    data = await request.body()
    if picture_kind(data) not in kinds:
        raise HTTPException(415)
    return data

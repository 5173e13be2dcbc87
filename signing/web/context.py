"""What every endpoint is given: the service, who is connected, the limits; and who asks."""

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from signing.domain.errors import NotLoggedIn, NotPermitted
from signing.domain.readable import Readable
from signing.service import core_keys
from signing.service.bus import Bus
from signing.service.commands import Actor, Command
from signing.service.permissions import SYSTEM_KEY
from signing.service.queries import Queries
from signing.service.replica import Replica
from signing.service.services import Services
from signing.web.hub import Hub
from signing.web.ice import Ice
from signing.web.limits import RateLimit
from signing.web.page_images import PageCache
from signing.web.together import Together
from signing.web.voices import Voices
from signing.wire.audit import VerificationReport

T = TypeVar("T")


@dataclass
class Limits:
    """What one process lets through; what must hold over restarts and replicas is counted in the database."""

    log_in_address: RateLimit = field(default_factory=lambda: RateLimit(limit=60, seconds=60))
    link: RateLimit = field(default_factory=lambda: RateLimit(limit=30, seconds=60))
    code: RateLimit = field(default_factory=lambda: RateLimit(limit=5, seconds=600))
    redeem: RateLimit = field(default_factory=lambda: RateLimit(limit=10, seconds=600))
    phone_address: RateLimit = field(default_factory=lambda: RateLimit(limit=120, seconds=60))
    core: RateLimit = field(default_factory=lambda: RateLimit(limit=1200, seconds=60))
    """By key."""
    core_address: RateLimit = field(default_factory=lambda: RateLimit(limit=30, seconds=60))
    """Wrong keys."""
    core_verdict: RateLimit = field(default_factory=lambda: RateLimit(limit=30, seconds=60))
    check: RateLimit = field(default_factory=lambda: RateLimit(limit=20, seconds=300))
    """Of papers and codes that the public looks up."""
    preview: RateLimit = field(default_factory=lambda: RateLimit(limit=30, seconds=60))
    """By session, as are searches of the roster."""
    roster: RateLimit = field(default_factory=lambda: RateLimit(limit=60, seconds=60))
    links_sent: RateLimit = field(default_factory=lambda: RateLimit(limit=3, seconds=600))
    """By party."""
    backfill: RateLimit = field(default_factory=lambda: RateLimit(limit=45, seconds=60))
    """Pieces that a phone brings, by session: all that a call may bring in three minutes."""
    backfill_asked: RateLimit = field(default_factory=lambda: RateLimit(limit=60, seconds=60))
    lead: RateLimit = field(default_factory=lambda: RateLimit(limit=30, seconds=2))
    """By call and party; the window sends nine a second."""
    sockets: RateLimit = field(default_factory=lambda: RateLimit(limit=120, seconds=60))


@dataclass
class Looks:
    """Which recordings a session is watching: a player asks for many parts of what is one look."""

    seconds: float = 60.0
    _last: dict[tuple[str, str], float] = field(default_factory=dict)

    def is_new(self, session: str, what: str, now: float) -> bool:
        """True for the first part, and again after a pause of ``seconds``; until ``seen`` says it is on record."""
        before = self._last.get((session, what))
        return before is None or now - before >= self.seconds

    def seen(self, session: str, what: str, now: float) -> None:
        self._last = {key: at for key, at in self._last.items() if now - at < self.seconds}
        self._last[session, what] = now


class StandInMessage(Protocol):
    """A text message that the stand-in for the gateway kept."""

    @property
    def at(self) -> datetime: ...

    @property
    def phone(self) -> str: ...

    @property
    def text(self) -> str: ...


@dataclass
class Web:
    """One running web layer. ``secure``: served over TLS, here or by what stands in front."""

    bus: Bus
    queries: Queries
    services: Services
    page_images: PageCache
    voices: Voices
    hub: Hub
    replica: Replica
    verify: Callable[[Readable, bytes], VerificationReport]
    """The offline verifier on a package's bytes and the record of its renewals; slow."""
    stand_in_messages: Callable[[], Sequence[StandInMessage]] = tuple
    """Newest first; empty where a real gateway is attached."""
    secure: bool = False
    ice: Ice = field(default_factory=Ice)
    limits: Limits = field(default_factory=Limits)
    looks: Looks = field(default_factory=Looks)
    asked_of: Looks = field(default_factory=lambda: Looks(600.0))
    """Of whom a session has asked the rules for a draft: a form is checked at every stroke of a key."""
    previewing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Drafts whose papers are drawn at once: some seconds of one core each."""
    searching: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Searches of a roster at once: for a name every row is opened, some seconds of one core in a large institution."""
    reckoning: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Figures of a span at once: a year of a large institution is some ten seconds of one core."""
    checking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Papers of the public that are judged at once: some tenths of a second of one core each."""
    looking: Together = field(default_factory=Together)
    """Pictures that are being looked at."""
    reading_back: Together = field(default_factory=Together)
    """Recordings and tracks that are being read back."""
    monotonic: Callable[[], float] = time.monotonic

    async def execute(self, command: Command) -> Any:
        return await self.bus.execute(command)

    async def fetch(self, query: Callable[..., T], *arguments: object) -> T:
        """As ``ask``, of what lies in the store of the files. Raises ``OutsideError`` where that is too slow."""
        return await self.bus.fetch(query, *arguments)

    async def ask(self, query: Callable[..., T], *arguments: object) -> T:
        """A query in a worker thread."""
        return await self.bus.run(query, *arguments)


def web_of(connection: HTTPConnection) -> Web:
    web = connection.app.state.web
    assert isinstance(web, Web)
    return web


def address_of(connection: HTTPConnection) -> str:
    """Where the request comes from, for limits; behind a trusted proxy, what that says."""
    return connection.client.host if connection.client else "?"


def limit_key(secret: str) -> str:
    """Counts by a secret without keeping it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def bearer(request: Request) -> str:
    """The token of ``Authorization: Bearer TOKEN``. Raises ``NotLoggedIn``."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > 256:
        raise NotLoggedIn("请先登录", "登录后再试")
    return token


async def actor_of(request: Request) -> Actor:
    """By a session's token, or by the credit system's key."""
    web, token = web_of(request), bearer(request)
    if "." in token:
        return await _core_system(web, token, address_of(request))
    return await web.ask(web.queries.authenticate, token)


async def _core_system(web: Web, key: str, address: str) -> Actor:
    try:
        actor = await web.ask(core_keys.authenticate, web.services, key, address)
    except NotLoggedIn:
        web.limits.core_address.use(address, web.monotonic())
        raise
    web.limits.core.use(actor.actor_id, web.monotonic())
    return actor


async def _staff(actor: Annotated[Actor, Depends(actor_of)]) -> Actor:
    if actor.kind != "staff":
        raise NotPermitted("这项操作只限工作人员", "请使用您的专属链接办理")
    return actor


async def _party(actor: Annotated[Actor, Depends(actor_of)]) -> Actor:
    if actor.kind != "party":
        raise NotPermitted("这项操作只限客户本人", "请打开您的专属链接办理")
    return actor


async def _core(request: Request) -> Actor:
    """Whoever has no key is told of keys, and not to log in."""
    if not request.headers.get("authorization"):
        raise NotLoggedIn("没有给出接口密钥", "请在请求头 Authorization 里写 Bearer，空一格，再写密钥")
    try:
        actor = await actor_of(request)
    except NotLoggedIn:
        raise core_keys.bad_key() from None
    if actor.kind != SYSTEM_KEY:
        raise NotPermitted("这项操作只限信贷系统", "请使用管理员签发的接口密钥")
    return actor


ASKING = (actor_of, _core)
"""What asks who it is that calls: a route that depends on one of them is secured."""


WebHere = Annotated[Web, Depends(web_of)]
StaffHere = Annotated[Actor, Depends(_staff)]
PartyHere = Annotated[Actor, Depends(_party)]
CoreHere = Annotated[Actor, Depends(_core)]

"""Who is connected, and what waits to be sent to them.

A link never holds more than one pending view: a change only marks it stale, and the view is made when the socket is
ready to take it, so that a slow phone gets the newest state and not a backlog. What only moves others in the queue
marks it as one of a crowd, which is told at a bounded rate: one customer who is served moves all who wait behind.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal
from uuid import uuid4

from signing.service.commands import Actor
from signing.wire.signal import Gone, Lead, Pong, Refused, Sdp

Frame = Pong | Sdp | Lead | Refused
GoneReason = Literal["replaced", "logged_out", "expired", "other_device", "ended", "shutdown"]
CARRIES_SECONDS = 12.0
"""For so long a client is believed what it said of its media: two of a phone's heartbeats."""
MAX_PENDING = 32
"""Frames waiting beside the view; a client that takes none of so many is cut off."""


class Overflow(Exception):
    """Raised where a client does not take what it is sent."""


@dataclass(eq=False)
class Link:
    """One live socket. ``key`` says who is at its end: ``seat:ID`` or ``party:ID``.

    ``topics`` are the identifiers (seat, party, case) whose changes make its view stale; ``crowd`` those (branches)
    that move others beside it, which is shown at most every ``pace`` seconds.
    """

    key: str
    owner: Actor
    topics: frozenset[str]
    link_id: str = field(default_factory=lambda: uuid4().hex)
    """Its own among the sockets of all services."""
    crowd: frozenset[str] = frozenset()
    pace: float = 1.0
    stale: bool = True
    moved: bool = False
    """Only others have moved since the last view."""
    lagging: bool = False
    """``moved`` or ``stale`` is to be set once it is this link's turn."""
    lags_since: int = 0
    """The newest change of the crowd that it is to be told of, as ``Hub.changes`` counts."""
    told_at: float = 0.0
    """When it was last woken for a view, on the monotonic clock."""
    carries: frozenset[str] = frozenset()
    """What the client says of its media: at a seat the parties whose picture or sound comes, at a phone its call."""
    said_at: float = 0.0
    """When it said so, on the loop's clock."""
    gone: Gone | None = None
    overflowed: bool = False
    _pending: deque[Frame] = field(default_factory=deque)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def touch(self) -> None:
        self.stale = True
        self._wake.set()

    def move(self) -> None:
        self.moved = True
        self._wake.set()

    def send(self, frame: Frame) -> None:
        """Of where the agent leads only the newest waits: a slow phone need not follow the hand's whole way."""
        if isinstance(frame, Lead):
            self._pending = deque(each for each in self._pending if not isinstance(each, Lead))
        if len(self._pending) >= MAX_PENDING:
            self.overflowed = True
        else:
            self._pending.append(frame)
        self._wake.set()

    def says(self, carries: frozenset[str], now: float) -> None:
        """What the client says of its media."""
        self.carries, self.said_at = carries, now

    def leave(self, reason: GoneReason) -> None:
        """The socket is to close with ``reason``; the first reason stays."""
        self.gone = self.gone or Gone(reason=reason)
        self._wake.set()

    async def wait(self) -> list[Frame]:
        """Returns what is to be sent when there is anything; look at ``stale`` and ``gone`` then too."""
        await self._wake.wait()
        self._wake.clear()
        if self.overflowed:
            raise Overflow(self.key)
        frames = list(self._pending)
        self._pending.clear()
        return frames


@dataclass
class Hub:
    """The links by key. To be used on the event loop only."""

    on_change: Callable[[Link, bool], None] = lambda link, there: None
    """Told whenever a link opens (True), also in place of an older one, or somebody's last link closes (False)."""
    changes: int = 0
    """How many changes were announced; whatever is read from the database after a look at it has them all."""
    _links: dict[str, Link] = field(default_factory=dict)

    def join(self, link: Link) -> None:
        """A newer link of the same key replaces the older, which is told so."""
        older = self._links.get(link.key)
        self._links[link.key] = link
        if older is not None:
            same = older.owner.kind != "party" or older.owner.session_id == link.owner.session_id
            older.leave("replaced" if same else "other_device")
        self.on_change(link, True)

    def part(self, link: Link) -> None:
        if self._links.get(link.key) is link:
            del self._links[link.key]
            self.on_change(link, False)

    def find(self, key: str) -> Link | None:
        return self._links.get(key)

    def online(self, key: str) -> bool:
        return key in self._links

    def carries(self, keys: Iterable[str], what: str, now: float) -> bool:
        """Whether the media of ``what`` comes at one of the ends with these keys, as it told just now."""
        links = [link for key in keys if (link := self._links.get(key)) is not None]
        return any(what in link.carries and now - link.said_at < CARRIES_SECONDS for link in links)

    def links(self) -> list[Link]:
        return list(self._links.values())

    def changed(self, topics: frozenset[str] | None = None) -> None:
        """Marks the views that show any of ``topics`` stale; None means all."""
        self.changes += 1
        for link in self._links.values():
            if topics is None or link.topics & topics:
                link.touch()
            elif link.crowd & topics:
                link.lagging, link.lags_since = True, self.changes

    def turns(self, now: float, most: int) -> list[Link]:
        """Whose turn it is to be told of the crowd: at most so many, those first who wait longest. They lag no more."""
        due = [link for link in self._links.values() if link.lagging and now - link.told_at >= link.pace]
        chosen = sorted(due, key=lambda link: link.told_at)[:most]
        for link in chosen:
            link.lagging, link.told_at = False, now
        return chosen

    def leave_session(self, session_id: str, reason: GoneReason) -> None:
        for link in list(self._links.values()):
            if link.owner.session_id == session_id:
                link.leave(reason)

    def leave_all(self, reason: GoneReason) -> None:
        for link in list(self._links.values()):
            link.leave(reason)

    def __len__(self) -> int:
        return len(self._links)

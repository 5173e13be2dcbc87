"""What the services on one database keep there about themselves, as the handlers and ``replica`` see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from signing.service.commands import Actor

if TYPE_CHECKING:
    from signing.service.store import Changes


@dataclass(frozen=True)
class LiveSocket:
    """Who is connected where. ``key`` as the hub's; ``owner`` without a name; ``open`` False: gone, and its replica has
    not yet drawn the consequences."""

    key: str
    link_id: str
    replica_id: str
    owner: Actor
    open: bool = True


@dataclass(frozen=True)
class Signal:
    """What one replica hands to the socket ``key`` of another; ``body`` is encrypted for its case, if it has one."""

    key: str
    kind: str
    body: bytes
    case_id: str | None = None


class Replicas(Protocol):
    """The services that share this database: their heartbeats, sockets and signals, and what each has changed."""

    def enter(self, replica_id: str) -> bool:
        """Whether no other one is alive; then what those that have left still had is taken away."""
        ...

    def leave(self, replica_id: str) -> None:
        """It stays on the list with its sockets, as ``LEFT``, until another one buries it or is the first to enter."""
        ...

    def beat(self, replica_id: str) -> bool:
        """False where it is no longer on the list: the others have buried it."""
        ...

    def beats(self, but: str) -> dict[str, int]: ...

    def stand(self, replica_id: str) -> None:
        """Raises ``Fenced`` where it is no longer on the list; else nobody buries it before this unit's end."""
        ...

    def bury(self, dead: str, by: str) -> list[LiveSocket] | None:
        """The sockets of the dead, which are the burier's to draw consequences from. None: somebody else was first."""
        ...

    def join(self, socket: LiveSocket) -> LiveSocket | None:
        """→ the socket of the same key that was there before, if any."""
        ...

    def rejoin(self, sockets: Sequence[LiveSocket]) -> set[str]:
        """Which keys are there again: not those that are open at another replica now. ``sockets`` sorted by key."""
        ...

    def part(self, key: str, link_id: str) -> bool:
        """Marks it gone. False where the key is somebody else's by now."""
        ...

    def is_gone(self, key: str, link_id: str) -> bool:
        """Whether nobody has come back since ``part``."""
        ...

    def forget(self, key: str, link_id: str) -> None:
        """Once the consequences are drawn."""
        ...

    def socket(self, key: str) -> LiveSocket | None: ...

    def open_among(self, keys: Sequence[str]) -> set[str]: ...

    def send(self, replica_id: str, signal: Signal) -> bool:
        """False where too many wait there for the same socket."""
        ...

    def take(self, replica_id: str) -> list[Signal]:
        """Oldest first; they are then no longer there."""
        ...

    def last_change(self) -> int: ...

    def changes(self, after: int, but: str) -> "dict[int, Changes]":
        """Of other replicas, by number. A lower number may become visible after a higher one."""
        ...

    def sweep(self) -> None:
        """Takes away what is too old to be of use."""
        ...

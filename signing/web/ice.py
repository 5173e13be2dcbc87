"""Which STUN and TURN servers phones and seats are told of, each with a log-in of their own."""

from collections.abc import Sequence
from datetime import datetime

from signing.domain.relaying import login
from signing.wire.base import IceServer


class Ice:
    """``plain`` are STUN addresses, ``turn`` those of one relay under the shared ``secret``, the best first."""

    def __init__(self, plain: Sequence[str] = (), turn: Sequence[str] = (), secret: bytes = b"") -> None:
        if turn and not secret:
            raise ValueError("a relay without its secret")
        self._plain = tuple(IceServer(urls=[url]) for url in plain)
        self._turn = list(turn)
        self._secret = secret

    def servers(self, who: str, now: datetime) -> list[IceServer]:
        """For the one of that id; the same for about an hour."""
        if not self._turn:
            return list(self._plain)
        mine = login(self._secret, who, now)
        return [*self._plain, IceServer(urls=self._turn, username=mine.username, credential=mine.password)]

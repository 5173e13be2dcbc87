"""Where it is kept how the lines of the live calls are just now."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from signing.domain.line import CallLines


class Lines(Protocol):
    def of(self, call_id: str) -> CallLines | None: ...

    def several(self, call_ids: Collection[str]) -> dict[str, CallLines]:
        """By call; left out is one of which nothing was told."""
        ...

    def save(self, lines: CallLines) -> None:
        """In place of what was told of the call before."""
        ...

    def forget(self, before: datetime) -> None:
        """What was told before then."""
        ...

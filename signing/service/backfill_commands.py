"""What a customer's phone kept of its own side of a call: what is wanted of it, and bringing it."""

from dataclasses import dataclass, field
from datetime import datetime

from signing.domain.backfill import Keeps, Piece
from signing.service.commands import Command


@dataclass(frozen=True)
class KeepBackfill(Command):
    """→ True; False where it was held already. By the customer, of their own side of a call of theirs.

    Refused where the recording lacks nothing then, and once the seal has been asked for.
    """

    call_id: str
    since: datetime
    until: datetime
    kind: str
    data: bytes = field(repr=False)

    @property
    def piece(self) -> Piece:
        return Piece(self.call_id, self.since, self.until, self.kind)


@dataclass(frozen=True)
class TakeBackfillNeeds(Command):
    """→ ``handlers.backfill.Needs``. By the customer; ``NotFound`` for a call that was not theirs."""

    call_id: str


@dataclass(frozen=True)
class TellKeeping(Command):
    """What the phone keeps of its own side from now on. → True; False where it said so last, too often, or the call is
    over."""

    call_id: str
    keeps: Keeps

"""What a seat reports about its customers' lines and about its recording."""

from dataclasses import dataclass

from signing.domain.connection import InUse
from signing.domain.doubt import Doubt
from signing.domain.line import LineNow
from signing.domain.quality import Stretch
from signing.service.commands import Command


@dataclass(frozen=True)
class ReportQuality(Command):
    """How good one party's line was over a stretch of the agent's own call, also where that has ended meanwhile.

    → whether it was kept: what is on record already, or beyond what a call may leave there, is passed over.
    """

    call_id: str
    party_id: str
    stretch: Stretch


@dataclass(frozen=True)
class TellLines(Command):
    """How the lines of the agent's own live call are just now; on no record. → whether it was taken: what comes too
    soon after the last is passed over."""

    call_id: str
    lines: tuple[LineNow, ...]


@dataclass(frozen=True)
class ReportConnection(Command):
    """A connection with one party came into use in the agent's own call, also where that has ended meanwhile.

    → whether it was kept: what is on record already, or beyond what a call may leave there, is passed over.
    """

    call_id: str
    party_id: str
    in_use: InUse


@dataclass(frozen=True)
class ReportDoubt(Command):
    """Something is wrong with the running recording of the agent's own call, or is so no more; also after its end.

    ``party_id`` None: it is about the agent or the whole. → whether it was kept: what is on record already, or beyond
    what a call may leave there, is passed over.
    """

    call_id: str
    party_id: str | None
    doubt: Doubt

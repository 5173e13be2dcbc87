"""A call between one seat and one customer. A customer who comes back after a drop gets a new call."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from signing.domain.machine import Machine


class CallState(StrEnum):
    LIVE = "live"
    DROPPED = "dropped"
    ENDED = "ended"


class CallEvent(StrEnum):
    DROPPED = "dropped"
    HUNG_UP = "hung_up"


CALL = Machine(
    name="call",
    initial=CallState.LIVE,
    table={
        (CallState.LIVE, CallEvent.DROPPED): CallState.DROPPED,
        (CallState.LIVE, CallEvent.HUNG_UP): CallState.ENDED,
    },
    titles={CallState.LIVE: "通话中", CallState.DROPPED: "已断线", CallState.ENDED: "已挂断"},
)


@dataclass(frozen=True)
class Call:
    call_id: str
    case_id: str
    party_id: str
    ticket_id: str
    seat_id: str
    staff_id: str
    agent_name: str
    started_at: datetime
    state: CallState = CallState.LIVE
    ended_at: datetime | None = None
    reason: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it lasted; None while it is live."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


def end(call: Call, event: CallEvent, now: datetime, reason: str = "") -> Call:
    return replace(call, state=CALL.next(call.state, event), ended_at=now, reason=reason)

"""A seat and what its agent is doing."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from signing.domain.machine import Machine


class SeatState(StrEnum):
    OFFLINE = "offline"
    AVAILABLE = "available"
    RINGING = "ringing"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    AWAY = "away"


class SeatEvent(StrEnum):
    LOGGED_IN = "logged_in"
    WENT_AVAILABLE = "went_available"
    WENT_AWAY = "went_away"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    HUNG_UP = "hung_up"
    CALL_DROPPED = "call_dropped"
    WRAPPED_UP = "wrapped_up"
    CASE_TAKEN = "case_taken"
    TOOK_OVER = "took_over"
    LOGGED_OUT = "logged_out"
    LOST = "lost"


OFF_DUTY = frozenset({SeatState.OFFLINE, SeatState.AWAY})

_S, _E = SeatState, SeatEvent

SEAT = Machine(
    name="seat",
    initial=SeatState.OFFLINE,
    table={
        (_S.OFFLINE, _E.LOGGED_IN): _S.AWAY,
        (_S.OFFLINE, _E.WENT_AVAILABLE): _S.AVAILABLE,
        (_S.OFFLINE, _E.WENT_AWAY): _S.AWAY,
        (_S.AWAY, _E.WENT_AVAILABLE): _S.AVAILABLE,
        (_S.AWAY, _E.WENT_AWAY): _S.AWAY,
        (_S.AVAILABLE, _E.WENT_AVAILABLE): _S.AVAILABLE,
        (_S.AVAILABLE, _E.WENT_AWAY): _S.AWAY,
        (_S.AVAILABLE, _E.OFFERED): _S.RINGING,
        (_S.RINGING, _E.ACCEPTED): _S.ON_CALL,
        (_S.RINGING, _E.REJECTED): _S.AWAY,
        (_S.RINGING, _E.MISSED): _S.AWAY,
        (_S.RINGING, _E.WITHDRAWN): _S.AVAILABLE,
        (_S.ON_CALL, _E.HUNG_UP): _S.WRAP_UP,
        (_S.ON_CALL, _E.CALL_DROPPED): _S.AVAILABLE,
        (_S.AVAILABLE, _E.CASE_TAKEN): _S.WRAP_UP,
        (_S.AWAY, _E.CASE_TAKEN): _S.WRAP_UP,
        (_S.AVAILABLE, _E.TOOK_OVER): _S.ON_CALL,
        (_S.AWAY, _E.TOOK_OVER): _S.ON_CALL,
        (_S.WRAP_UP, _E.TOOK_OVER): _S.ON_CALL,
        (_S.WRAP_UP, _E.WRAPPED_UP): _S.AVAILABLE,
        (_S.WRAP_UP, _E.WENT_AWAY): _S.AWAY,
        (_S.AVAILABLE, _E.LOGGED_OUT): _S.OFFLINE,
        (_S.WRAP_UP, _E.LOGGED_OUT): _S.OFFLINE,
        (_S.AWAY, _E.LOGGED_OUT): _S.OFFLINE,
        (_S.OFFLINE, _E.LOGGED_OUT): _S.OFFLINE,
        (_S.OFFLINE, _E.LOST): _S.OFFLINE,
        (_S.AVAILABLE, _E.LOST): _S.OFFLINE,
        (_S.RINGING, _E.LOST): _S.OFFLINE,
        (_S.ON_CALL, _E.LOST): _S.OFFLINE,
        (_S.WRAP_UP, _E.LOST): _S.OFFLINE,
        (_S.AWAY, _E.LOST): _S.OFFLINE,
    },
    titles={
        SeatState.OFFLINE: "离线",
        SeatState.AVAILABLE: "空闲",
        SeatState.RINGING: "振铃",
        SeatState.ON_CALL: "通话中",
        SeatState.WRAP_UP: "整理中",
        SeatState.AWAY: "暂离",
    },
)


@dataclass(frozen=True)
class Seat:
    """``since`` is when the present state began; ``case_id`` stays shown until wrap-up ends."""

    seat_id: str
    institution_id: str
    branch_id: str
    label: str
    since: datetime
    state: SeatState = SeatState.OFFLINE
    reason: str = ""
    staff_id: str | None = None
    ticket_id: str | None = None
    call_id: str | None = None
    case_id: str | None = None
    last_call_id: str | None = None
    """The call that is being wrapped up."""


def apply(seat: Seat, event: SeatEvent, now: datetime, reason: str = "") -> Seat:
    """The seat after ``event``; ``since`` moves only where the state does. Raises ``IllegalEvent``."""
    state = SEAT.next(seat.state, event)
    since = seat.since if state is seat.state else now
    return replace(seat, state=state, since=since, reason=reason)

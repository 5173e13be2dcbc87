"""A call, its legs, and its way from seat to seat.

A ``Call`` is one seat's session with one case. A ``Leg`` is one customer's time in it: joint calls have several legs,
separate calls one each, and all of them are of the one case. A transfer ends one call and begins another that follows.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from signing.domain.machine import Machine


class CallState(StrEnum):
    LIVE = "live"
    DROPPED = "dropped"
    ENDED = "ended"


class CallEvent(StrEnum):
    DROPPED = "dropped"
    HUNG_UP = "hung_up"
    HANDED_OVER = "handed_over"


CALL = Machine(
    name="call",
    initial=CallState.LIVE,
    table={
        (CallState.LIVE, CallEvent.DROPPED): CallState.DROPPED,
        (CallState.LIVE, CallEvent.HUNG_UP): CallState.ENDED,
        (CallState.LIVE, CallEvent.HANDED_OVER): CallState.ENDED,
    },
    titles={CallState.LIVE: "通话中", CallState.DROPPED: "已断线", CallState.ENDED: "已挂断"},
)


class Outcome(StrEnum):
    """What the agent says became of the call, chosen in wrap-up."""

    SIGNED_ALL = "signed_all"
    TO_CONTINUE = "to_continue"
    REFUSED = "refused"
    NO_SHOW = "no_show"
    TECHNICAL = "technical"
    OTHER = "other"
    NOT_STATED = "not_stated"
    """The time for wrap-up was over, or the seat was lost, before anybody chose."""


OUTCOME_TITLES = {
    Outcome.SIGNED_ALL: "全部签署",
    Outcome.TO_CONTINUE: "改日继续",
    Outcome.REFUSED: "客户拒绝",
    Outcome.NO_SHOW: "客户未到",
    Outcome.TECHNICAL: "技术故障",
    Outcome.OTHER: "其他",
    Outcome.NOT_STATED: "未填写",
}


@dataclass(frozen=True)
class Call:
    """``joint``: waiting customers of the same case are kept for this call. ``follows``: the call it took over.

    ``alone_with``: the party to whom the agent talks alone; all others are on hold meanwhile, whoever comes in too.
    """

    call_id: str
    case_id: str
    seat_id: str
    staff_id: str
    agent_name: str
    started_at: datetime
    state: CallState = CallState.LIVE
    ended_at: datetime | None = None
    reason: str = ""
    follows: str | None = None
    joint: bool = True
    ring_seconds: float | None = None
    """From the offer to its acceptance; None where nothing rang."""
    wrap_up_seconds: float | None = None
    outcome: Outcome | None = None
    outcome_note: str = ""
    alone_with: str | None = None

    @property
    def seconds(self) -> float | None:
        """How long it lasted; None while it is live."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


def end(call: Call, event: CallEvent, now: datetime, reason: str = "") -> Call:
    return replace(call, state=CALL.next(call.state, event), ended_at=now, reason=reason)


class LegState(StrEnum):
    LIVE = "live"
    HELD = "held"
    DROPPED = "dropped"
    LEFT = "left"


class LegEvent(StrEnum):
    HELD = "held"
    RESUMED = "resumed"
    DROPPED = "dropped"
    REMOVED = "removed"
    MOVED = "moved"
    CALL_ENDED = "call_ended"


_L, _E = LegState, LegEvent

LEG = Machine(
    name="leg",
    initial=LegState.LIVE,
    table={
        (_L.LIVE, _E.HELD): _L.HELD,
        (_L.HELD, _E.RESUMED): _L.LIVE,
        (_L.LIVE, _E.DROPPED): _L.DROPPED,
        (_L.HELD, _E.DROPPED): _L.DROPPED,
        (_L.LIVE, _E.REMOVED): _L.LEFT,
        (_L.HELD, _E.REMOVED): _L.LEFT,
        (_L.LIVE, _E.MOVED): _L.LEFT,
        (_L.HELD, _E.MOVED): _L.LEFT,
        (_L.LIVE, _E.CALL_ENDED): _L.LEFT,
        (_L.HELD, _E.CALL_ENDED): _L.LEFT,
    },
    titles={_L.LIVE: "通话中", _L.HELD: "等候中", _L.DROPPED: "已断线", _L.LEFT: "已离开"},
)

OPEN_LEGS = frozenset({LegState.LIVE, LegState.HELD})


@dataclass(frozen=True)
class Leg:
    """``since``: when the present state began. ``muted``: sees and hears, and is heard by nobody, to the leg's end.

    ``apart``: on hold only because the agent talks to another alone, and back by itself when that is over.
    """

    leg_id: str
    call_id: str
    case_id: str
    party_id: str
    ticket_id: str
    joined_at: datetime
    since: datetime
    state: LegState = LegState.LIVE
    ended_at: datetime | None = None
    reason: str = ""
    muted: bool = False
    apart: bool = False

    @property
    def is_open(self) -> bool:
        """In the call, be it on hold."""
        return self.state in OPEN_LEGS


def apply_leg(leg: Leg, event: LegEvent, now: datetime, reason: str = "") -> Leg:
    """The leg after ``event``. Raises ``IllegalEvent``."""
    state = LEG.next(leg.state, event)
    return replace(leg, state=state, since=now, ended_at=None if state in OPEN_LEGS else now, reason=reason)


def alone(legs: Iterable[Leg], party_id: str, now: datetime) -> list[Leg]:
    """Those of a call's open legs that change when the agent talks to one party alone: all others are held."""
    changed = []
    for leg in legs:
        if leg.party_id == party_id and leg.state is LegState.HELD:
            changed.append(replace(apply_leg(leg, LegEvent.RESUMED, now), apart=False))
        elif leg.party_id != party_id and leg.state is LegState.LIVE:
            changed.append(replace(apply_leg(leg, LegEvent.HELD, now), apart=True))
    return changed


def together(legs: Iterable[Leg], now: datetime) -> list[Leg]:
    """Those of a call's open legs that come back when that is over; who was on hold before stays on hold."""
    return [replace(apply_leg(leg, LegEvent.RESUMED, now), apart=False) for leg in legs if leg.apart and leg.is_open]


def present_legs(legs: Iterable[Leg]) -> list[Leg]:
    """The last leg of each party, in the order they first joined: who was in the call, and how that stands."""
    last: dict[str, Leg] = {}
    for leg in sorted(legs, key=lambda one: (one.joined_at, one.leg_id)):
        last[leg.party_id] = leg
    return list(last.values())


def concerned(legs: Iterable[Leg]) -> Collection[str]:
    """The parties whom the proof before hang-up is about: in the call, or lost from it; not those let go."""
    return [leg.party_id for leg in present_legs(legs) if leg.is_open or leg.state is LegState.DROPPED]


RING_SECONDS = 20


class TransferState(StrEnum):
    RINGING = "ringing"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class TransferEvent(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


_T, _TE = TransferState, TransferEvent

TRANSFER = Machine(
    name="transfer",
    initial=TransferState.RINGING,
    table={
        (_T.RINGING, _TE.ACCEPTED): _T.ACCEPTED,
        (_T.RINGING, _TE.REJECTED): _T.REJECTED,
        (_T.RINGING, _TE.MISSED): _T.MISSED,
        (_T.RINGING, _TE.WITHDRAWN): _T.WITHDRAWN,
    },
    titles={
        _T.RINGING: "正在转接",
        _T.ACCEPTED: "已转接",
        _T.REJECTED: "对方拒接",
        _T.MISSED: "对方未接",
        _T.WITHDRAWN: "已取消",
    },
)


@dataclass(frozen=True)
class Transfer:
    """A live call that rings at another seat while its customers stay where they are."""

    transfer_id: str
    call_id: str
    case_id: str
    from_seat_id: str
    to_seat_id: str
    reason: str
    at: datetime
    state: TransferState = TransferState.RINGING
    ended_at: datetime | None = None

    @property
    def expires_at(self) -> datetime:
        return self.at + timedelta(seconds=RING_SECONDS)


def settle(transfer: Transfer, event: TransferEvent, now: datetime) -> Transfer:
    return replace(transfer, state=TRANSFER.next(transfer.state, event), ended_at=now)


@dataclass(frozen=True)
class Listener:
    """A supervisor who hears a call; ``whispering``: heard by its agent, and by nobody else."""

    listener_id: str
    call_id: str
    staff_id: str
    name: str
    since: datetime
    whispering: bool = False
    ended_at: datetime | None = None

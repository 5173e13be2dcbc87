"""The states of a call and of each party's connection, as tables.

``next_call`` and ``next_peer`` return the state that follows and raise ``CommandRefused`` for a pair that the table
does not hold; nothing changes then.
"""

from enum import Enum

from media.errors import CommandRefused


class CallState(Enum):
    """One call at the seat."""

    NEW = "new"
    OPEN = "open"
    RECORDING = "recording"
    CLOSED = "closed"


class CallEvent(Enum):
    """What happens to a call."""

    OPENED = "opened"
    RECORDING_BEGAN = "recording_began"
    RECORDING_ENDED = "recording_ended"
    CLOSED = "closed"


CALL_TABLE: dict[tuple[CallState, CallEvent], CallState] = {
    (CallState.NEW, CallEvent.OPENED): CallState.OPEN,
    (CallState.OPEN, CallEvent.RECORDING_BEGAN): CallState.RECORDING,
    (CallState.OPEN, CallEvent.CLOSED): CallState.CLOSED,
    (CallState.RECORDING, CallEvent.RECORDING_ENDED): CallState.OPEN,
    (CallState.RECORDING, CallEvent.CLOSED): CallState.CLOSED,
}


class PeerState(Enum):
    """One party's connection, seen from the seat."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    CLOSED = "closed"


class PeerEvent(Enum):
    """What happens to a connection."""

    OFFERED = "offered"
    CONNECTED = "connected"
    LOST = "lost"
    CLOSED = "closed"


PEER_TABLE: dict[tuple[PeerState, PeerEvent], PeerState] = {
    (PeerState.WAITING, PeerEvent.OFFERED): PeerState.CONNECTING,
    (PeerState.WAITING, PeerEvent.CLOSED): PeerState.CLOSED,
    (PeerState.CONNECTING, PeerEvent.OFFERED): PeerState.CONNECTING,
    (PeerState.CONNECTING, PeerEvent.CONNECTED): PeerState.CONNECTED,
    (PeerState.CONNECTING, PeerEvent.LOST): PeerState.LOST,
    (PeerState.CONNECTING, PeerEvent.CLOSED): PeerState.CLOSED,
    (PeerState.CONNECTED, PeerEvent.OFFERED): PeerState.CONNECTING,
    (PeerState.CONNECTED, PeerEvent.LOST): PeerState.LOST,
    (PeerState.CONNECTED, PeerEvent.CLOSED): PeerState.CLOSED,
    (PeerState.LOST, PeerEvent.OFFERED): PeerState.CONNECTING,
    (PeerState.LOST, PeerEvent.CONNECTED): PeerState.CONNECTED,
    (PeerState.LOST, PeerEvent.LOST): PeerState.LOST,
    (PeerState.LOST, PeerEvent.CLOSED): PeerState.CLOSED,
}

_REFUSALS = {
    CallEvent.OPENED: "这通电话已经打开过",
    CallEvent.RECORDING_BEGAN: "现在不能开始录制：没有通话，或者已在录制",
    CallEvent.RECORDING_ENDED: "现在没有录制可以结束",
    CallEvent.CLOSED: "通话已经结束",
}


def next_call(state: CallState, event: CallEvent) -> CallState:
    """The state after ``event``; raises ``CommandRefused``."""
    try:
        return CALL_TABLE[state, event]
    except KeyError:
        raise CommandRefused(_REFUSALS[event]) from None


def next_peer(state: PeerState, event: PeerEvent) -> PeerState:
    """The state after ``event``; raises ``CommandRefused``."""
    try:
        return PEER_TABLE[state, event]
    except KeyError:
        raise CommandRefused("这位客户的连接已经结束") from None


def peer_event(connection_state: str) -> PeerEvent | None:
    """Which event an RTCPeerConnectionState stands for; None where nothing follows from it."""
    return {
        "connected": PeerEvent.CONNECTED,
        "disconnected": PeerEvent.LOST,
        "failed": PeerEvent.LOST,
        "closed": PeerEvent.CLOSED,
    }.get(connection_state)

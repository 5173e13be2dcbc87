"""How good a customer's line was, between which ends it went, what is wrong with the recording: as the seat reports."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from signing.wire.base import Identifier, Message

Mark = Annotated[float, Field(ge=1, le=5)]
Share = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0, le=60_000)]
Fingerprint = Annotated[str, Field(pattern=r"^sha-(256|384|512) [0-9A-F]{2}(:[0-9A-F]{2}){31,63}$", max_length=199)]
"""Of a certificate (RFC 8122)."""
Rate = Annotated[float, Field(ge=0, le=240)]


class LineCause(StrEnum):
    """What was wrong most. The same values as ``signing.domain.quality.Cause``."""

    FINE = "fine"
    CAMERA_OFF = "camera_off"
    DELAYED = "delayed"
    UNSTEADY = "unsteady"
    PHONE_BUSY = "phone_busy"
    UPLINK_THIN = "uplink_thin"
    DOWNLINK_THIN = "downlink_thin"
    LOSSY = "lossy"
    SEAT_BUSY = "seat_busy"
    SEAT_NETWORK = "seat_network"
    BROKEN = "broken"


class LineFigures(Message):
    """The worst of the stretch as the seat measured it itself; ``up`` is from the customer to the seat. Shares 0…1;
    null where it did not measure."""

    round_trip_ms: Milliseconds | None = None
    delay_ms: Milliseconds | None = None
    """From mouth to ear, the worse direction; the phone's own waiting is presumed."""
    loss_up: Share = 0.0
    """Of packets, before repair."""
    loss_down: Share = 0.0
    """By the transport's reports that the phone's browser sends back (RTCP)."""
    frozen_up: Share = 0.0
    """Of time, pictures."""
    concealed_up: Share = 0.0
    """Of sound, after repair."""
    pictures_up: Rate | None = None
    """A second, the least."""


class LineTold(Message):
    """What the customer's page told of its own side in the stretch, the worst; shares 0…1, null where it did not tell.

    Nobody else measured it, and a page can be altered to tell anything. Word and marks are the whole call's with that
    counted in.
    """

    bars: Annotated[int, Field(ge=1, le=4)]
    cause: LineCause
    mean: Mark
    least: Mark
    frozen_down: Share = 0.0
    concealed_down: Share = 0.0
    pictures_down: Rate | None = None
    waits_ms: Milliseconds | None = None
    """The phone's own waiting for late sound, the longest."""


class ReportQuality(Message):
    """POST /api/calls/{call_id}/parties/{party_id}/quality, by the seat of the call, also after it

    One stretch of time, on the service's clock. Stretches of a party do not overlap: one that is sent again changes
    nothing, nor does one beyond 120 in a call.
    """

    since: AwareDatetime
    until: AwareDatetime
    bars: Annotated[int, Field(ge=0, le=4)]
    """The fewest of the time in which something came; 0: nothing came in all of it."""
    cause: LineCause
    mean: Mark
    least: Mark
    figures: LineFigures
    broken_seconds: Annotated[float, Field(ge=0, le=86_400)] = 0.0
    """For how much of it nothing came."""
    told_by_phone: LineTold | None = None
    """Null where the phone told nothing; everything else here is by the seat's own measurements alone."""


class LineNow(Message):
    """One customer's line just now."""

    party_id: Identifier
    bars: Annotated[int, Field(ge=0, le=4)]
    """0: nothing comes."""
    cause: LineCause


class TellLines(Message):
    """POST /api/calls/{call_id}/lines, by the seat of the live call: where a word changes, and every twenty seconds

    Those of whom something was measured just before. For the supervisors' boards; on no record. Within two seconds of
    the last one it is passed over.
    """

    lines: Annotated[list[LineNow], Field(max_length=8)]


class ReportConnection(Message):
    """POST /api/calls/{call_id}/parties/{party_id}/connection, by the seat of the call, also after it

    One connection came into use, ``since`` on the service's clock. The same two ends once more change nothing, nor
    does a connection beyond 120 of a party in a call.
    """

    since: AwareDatetime
    seat_fingerprint: Fingerprint
    phone_fingerprint: Fingerprint


class DoubtKind(StrEnum):
    """What is wrong with a running recording. The same values as ``signing.domain.doubt.Kind``."""

    BLACK = "black"
    FROZEN = "frozen"
    STUCK = "stuck"
    SILENT = "silent"
    APART = "apart"
    STALLED = "stalled"
    HOLE = "hole"
    ALTERED = "altered"
    UNREADABLE = "unreadable"
    BROKEN = "broken"


class ReportDoubt(Message):
    """POST /api/calls/{call_id}/doubt, by the seat of the call, also after it

    What the seat's check of its running recording found, told where it lasts; once more with ``until`` when it is over.
    Of the picture of one party, of the agent, or of the recording as a whole. The same report once more changes
    nothing, nor does one beyond 120 in a call.
    """

    kind: DoubtKind
    since: AwareDatetime
    until: AwareDatetime | None = None
    party_id: Identifier | None = None
    of_agent: bool = False

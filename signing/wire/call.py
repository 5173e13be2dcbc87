"""A live call as its seat and the supervisor's board see it: who is in it, a transfer, who listens."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from signing.wire.base import IceServer, Identifier, Message
from signing.wire.case import CallMode, Role

Reason = Annotated[str, Field(min_length=1, max_length=500)]


class CallPartyState(StrEnum):
    """Where a party of the case is, seen from this call.

    live: seen and heard. held: on hold, must be neither seen nor heard, and sees and hears nothing. dropped: lost,
    comes back by itself. waiting: in the queue, may be admitted. ringing, elsewhere: at another seat. left: was let go
    or hung up. absent: never came.
    """

    LIVE = "live"
    HELD = "held"
    DROPPED = "dropped"
    WAITING = "waiting"
    RINGING = "ringing"
    ELSEWHERE = "elsewhere"
    LEFT = "left"
    ABSENT = "absent"


class CallParty(Message):
    """One party of the case, whether in the call or not."""

    party_id: Identifier
    name_masked: str
    role: Role
    role_title: str
    label: str
    """Role and masked name, as burned into the stage."""
    state: CallPartyState
    since: AwareDatetime | None = None
    online: bool = False
    """Whether the phone has its page open."""
    muted: bool = False
    """Sees and hears, and must be heard by nobody and be in no recording."""


class TransferState(StrEnum):
    """The same names as ``signing.domain.call.TransferState``."""

    RINGING = "ringing"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class TransferView(Message):
    """The call's last transfer. POST /api/transfers/{transfer_id}/cancel while it rings."""

    transfer_id: Identifier
    to_seat: str
    state: TransferState
    title: str
    """The state in Chinese."""
    reason: str
    at: AwareDatetime
    expires_at: AwareDatetime


class TransferOffer(Message):
    """A live call that rings at this seat.

    POST /api/transfers/{transfer_id}/accept or …/reject → ``SeatView``
    """

    transfer_id: Identifier
    case_no: str
    product_title: str
    from_seat: str
    from_agent: str
    reason: str
    parties: list[str]
    """Labels of those in the call."""
    call_started_at: AwareDatetime
    expires_at: AwareDatetime


class ListenerView(Message):
    """A supervisor who hears the call. Their window offers by ``Sdp.party_id`` = ``staff:STAFF_ID``.

    They get the stage and all voices. Their own voice goes to the agent only, and only while ``whispering``.
    """

    staff_id: Identifier
    name: str
    whispering: bool
    since: AwareDatetime


class SeatCall(Message):
    """``party_id``, ``party_label`` and ``phone_online`` are those of the first in the call; ``parties`` are all."""

    call_id: Identifier
    party_id: Identifier
    party_label: str
    """Name and role as burned into the stage."""
    started_at: AwareDatetime
    phone_online: bool
    ice_servers: list[IceServer] = []
    parties: list[CallParty] = []
    follows: Identifier | None = None
    """The call this one took over, at another seat."""
    joint: bool = True
    transfer: TransferView | None = None
    listeners: list[ListenerView] = []
    alone_with: Identifier | None = None
    """The party to whom the agent talks alone; the others are held."""


class SetCallMode(Message):
    """POST /api/cases/{case_id}/callmode → ``CaseView``"""

    mode: CallMode


class HoldParty(Message):
    """POST /api/calls/{call_id}/parties/{party_id}/hold → ``SeatView``"""

    held: bool


class MuteParty(Message):
    """POST /api/calls/{call_id}/parties/{party_id}/mute → ``SeatView``"""

    muted: bool


class TalkAlone(Message):
    """POST /api/calls/{call_id}/alone → ``SeatView``. Without a party all who are held for it come back."""

    party_id: Identifier | None = None


class RemoveParty(Message):
    """POST /api/calls/{call_id}/parties/{party_id}/remove → ``SeatView``"""

    reason: Reason
    requeue: bool = False
    """True: back to the queue. False: done for now; they may join the queue again."""


class TransferCall(Message):
    """POST /api/calls/{call_id}/transfer → ``SeatView``. Without a seat the longest idle one rings."""

    reason: Reason
    to_seat_id: Identifier | None = None


class TakeOver(Message):
    """POST /api/calls/{call_id}/takeover → ``SeatView``"""

    reason: Reason


class Whisper(Message):
    """POST /api/calls/{call_id}/whisper → ``BoardView``"""

    on: bool


class Outcome(StrEnum):
    """The same names as ``signing.domain.call.Outcome`` that an agent may choose."""

    SIGNED_ALL = "signed_all"
    TO_CONTINUE = "to_continue"
    REFUSED = "refused"
    NO_SHOW = "no_show"
    TECHNICAL = "technical"
    OTHER = "other"


class FinishWrapUp(Message):
    """POST /api/seat/wrapup/finish → ``SeatView``. Without a body the outcome is kept as not stated."""

    outcome: Outcome | None = None
    note: Annotated[str, Field(max_length=500)] = ""
    """Needed where the outcome is ``other``."""


class SetSeatPresence(Message):
    """POST /api/board/seats/{seat_id}/presence → ``BoardView``. By a supervisor, for a seat that is stuck."""

    available: bool
    reason: Reason


class DeclareRecordingLost(Message):
    """POST /api/recordings/{recording_id}/lost, or /api/calls/{call_id}/recordings/lost where none is known. By a
    supervisor who did not hold the call: the file is destroyed and will not come, or there never was one."""

    reason: Reason

"""Frames of the WebSockets: ``/api/seat/ws``, ``/api/phone/ws`` and the supervisor's ``/api/board/ws``.

The client's first frame is ``Hello``; the service answers with the whole view and pushes it again after every
change. Signalling frames are relayed between the two ends of one call and never stored: the phone offers with all
its candidates gathered, the seat answers. A new offer for the same call replaces the connection.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from signing.wire.base import ErrorBody, Identifier, Message
from signing.wire.board import BoardView
from signing.wire.phone import PhoneView
from signing.wire.staff import SeatView


class Hello(Message):
    """The first frame of a socket: who it is."""

    type: Literal["hello"] = "hello"
    token: Annotated[str, Field(min_length=1, max_length=256)]


class Ping(Message):
    """Every few seconds from the client; 15 s without one closes the socket."""

    type: Literal["ping"] = "ping"
    n: int = Field(ge=0)
    carries: Annotated[list[Identifier], Field(max_length=8)] = []
    """Whose picture or sound comes here at the moment: parties at a seat, at a phone its call."""


class Pong(Message):
    """The answer to a ping."""

    type: Literal["pong"] = "pong"
    n: int
    server_time: AwareDatetime


class Sdp(Message):
    """An offer (phone or listening supervisor → seat) or answer (seat → phone or supervisor)."""

    type: Literal["sdp"] = "sdp"
    call_id: Identifier
    party_id: Annotated[str, Field(pattern=r"^(staff:)?[A-Za-z0-9_-]{1,64}$")] = "self"
    """The leg: whose phone it is; ``staff:STAFF_ID`` for a supervisor who listens. Filled in by the service."""
    kind: Literal["offer", "answer"]
    sdp: Annotated[str, Field(max_length=65_536)]
    offer_id: Annotated[str, Field(max_length=64)] | None = None
    """Which offer this is, chosen by the phone; the answer repeats it, so that a late one is not taken for a newer."""


Share = Annotated[float, Field(ge=0, le=1)]
"""Of a page's width or height, from its upper left corner."""


class Lead(Message):
    """Seat → phone: the page that the agent leads this party to, and what they point at on it. Never stored.

    Each frame is the whole truth and takes the place of the one before: a page alone leads there and points at nothing.
    Sent again at least every five seconds while it holds, so that a phone which connects anew catches up; a phone that
    hears none for twelve seconds goes on by itself. At most ten a second. Refused for parties who are not live in the
    call of this seat, and for papers that are not theirs.
    """

    type: Literal["lead"] = "lead"
    call_id: Identifier
    party_id: Identifier
    document_id: Identifier
    page: int = Field(ge=1, le=200)
    kind: Literal["page", "point", "mark", "over"]
    """page: nothing more; point: at ``x``, ``y``; mark: the rectangle; over: the customer turns pages alone again."""
    x: Share = 0
    y: Share = 0
    w: Share = 0
    h: Share = 0


class Refused(Message):
    """What a frame was refused for; the socket stays open unless the frame was ``Hello``."""

    type: Literal["refused"] = "refused"
    error: ErrorBody


class Gone(Message):
    """The last frame before the service closes a socket.

    replaced: by a newer one; other_device: the link was opened on another phone; ended: by an administrator.
    """

    type: Literal["gone"] = "gone"
    reason: Literal["replaced", "logged_out", "expired", "other_device", "ended", "shutdown"]


ClientFrame = Annotated[Hello | Ping | Sdp | Lead, Field(discriminator="type")]
SeatPush = Annotated[SeatView | Pong | Sdp | Refused | Gone, Field(discriminator="type")]
BoardPush = Annotated[BoardView | Pong | Sdp | Refused | Gone, Field(discriminator="type")]
PhonePush = Annotated[PhoneView | Pong | Sdp | Lead | Refused | Gone, Field(discriminator="type")]

client_frame: TypeAdapter[Hello | Ping | Sdp | Lead] = TypeAdapter(ClientFrame)
seat_push: TypeAdapter[SeatView | Pong | Sdp | Refused | Gone] = TypeAdapter(SeatPush)
board_push: TypeAdapter[BoardView | Pong | Sdp | Refused | Gone] = TypeAdapter(BoardPush)
phone_push: TypeAdapter[PhoneView | Pong | Sdp | Lead | Refused | Gone] = TypeAdapter(PhonePush)

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


ClientFrame = Annotated[Hello | Ping | Sdp, Field(discriminator="type")]
SeatPush = Annotated[SeatView | Pong | Sdp | Refused | Gone, Field(discriminator="type")]
BoardPush = Annotated[BoardView | Pong | Sdp | Refused | Gone, Field(discriminator="type")]
PhonePush = Annotated[PhoneView | Pong | Sdp | Refused | Gone, Field(discriminator="type")]

client_frame: TypeAdapter[Hello | Ping | Sdp] = TypeAdapter(ClientFrame)
seat_push: TypeAdapter[SeatView | Pong | Sdp | Refused | Gone] = TypeAdapter(SeatPush)
board_push: TypeAdapter[BoardView | Pong | Sdp | Refused | Gone] = TypeAdapter(BoardPush)
phone_push: TypeAdapter[PhoneView | Pong | Sdp | Refused | Gone] = TypeAdapter(PhonePush)

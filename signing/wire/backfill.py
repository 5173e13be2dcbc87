"""What a customer's phone kept of its own side of a call, and brings where the recording lacks it."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field

from signing.wire.base import Message


class BackfillSpan(Message):
    """From when to when the seat did not see or hear this customer, on the service's clock."""

    since: AwareDatetime
    until: AwareDatetime


class BackfillNeeds(Message):
    """GET /api/phone/backfill/{call_id}: what is wanted, and under which key the phone keeps what it has.

    The key is 32 bytes in hexadecimal, of this call and customer alone; it stays in the page's memory.
    """

    key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", repr=False)]
    spans: list[BackfillSpan]


class BackfillKept(Message):
    """PUT /api/phone/backfill/{call_id}: the piece is durable. ``new`` is False where it had come before."""

    new: bool


class Keeps(StrEnum):
    """The same values as ``signing.domain.backfill.Keeps``."""

    WHOLE = "whole"
    SOUND = "sound"
    STILLS = "stills"
    NOTHING = "nothing"


class PhoneKeeps(Message):
    """POST /api/phone/backfill/{call_id}: what the phone has the strength to keep of its own side from now on."""

    keeps: Keeps


class KeepingTold(Message):
    """``new`` is False where nothing was put on record."""

    new: bool

"""What the credit system is told without asking: which happenings, in which envelope, and when to try again.

The signature is over ``{timestamp}.{delivery id}.{body}``, so that neither time, identity nor content of a delivery can
be changed; a receiver that refuses old timestamps and known identifiers cannot be made to act twice.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from signing.domain.core_state import CoreState

SIGNATURE_HEADER, ID_HEADER, TYPE_HEADER = "Pingqian-Signature", "Pingqian-Delivery", "Pingqian-Event"
TOLERANCE = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(days=3)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
KEPT_ERROR = 200


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up after ``GIVEN_UP_AFTER``; only a person sends it again."""


@dataclass(frozen=True)
class News:
    """``type`` as it is told; ``reason`` only for ``case.ended``; ``party_id`` where one party did it."""

    type: str
    reason: str = ""
    party_id: str = ""


_PLAIN: Mapping[str, News] = {
    "case.opened": News("case.created"),
    "case.terms_changed": News("case.changed"),
    "case.aborted": News("case.ended", "aborted"),
    "case.withdrawn": News("case.ended", "withdrawn"),
    "case.refused": News("case.ended", "refused"),
    "case.expired": News("case.expired", "expired"),
}
_OF_PARTY = {"party.signed": "party.signed", "party.refused": "party.refused"}
_OF_STATE = {
    CoreState.SIGNED: News("case.signed"),
    CoreState.SEALED: News("case.sealed"),
    CoreState.CLOSED: News("case.closed"),
}

LED_BY = {"case.signed": "party.signed", "case.sealed": "document.sealed"}
"""The event after which a state is told, so that what brought it about is told before it."""

TYPES = tuple(dict.fromkeys([*(one.type for one in (*_PLAIN.values(), *_OF_STATE.values())), *_OF_PARTY.values()]))


def news_of_event(kind: str, body: Mapping[str, object]) -> News | None:
    """What an event of the chain is told as; None for most of them."""
    if kind in _OF_PARTY:
        return News(_OF_PARTY[kind], party_id=str(body.get("party_id", "")))
    return _PLAIN.get(kind)


def news_of_change(before: str | None, after: CoreState) -> News | None:
    """What the whole case has come to by a commit, where no event of its own says so."""
    return None if before == after else _OF_STATE.get(after)


def signature_of(secret: str, at: datetime, delivery_id: str, body: bytes) -> str:
    """The value of ``Pingqian-Signature``: ``t=UNIX SECONDS,v1=HEX``, HMAC-SHA-256 (RFC 2104)."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},v1={_mac(secret, seconds, delivery_id, body)}"


def signature_holds(header: str, secret: str, now: datetime, delivery_id: str, body: bytes) -> bool:
    """What a receiver does: any of the ``v1`` may fit, and the time must be within ``TOLERANCE``."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    seconds = next((value for name, _, value in parts if name == "t"), "")
    if not (seconds.isascii() and seconds.isdecimal()):
        return False
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        return False
    wanted = _mac(secret, seconds, delivery_id, body)
    return any(hmac.compare_digest(wanted.encode(), value.encode()) for name, _, value in parts if name == "v1")


def _mac(secret: str, seconds: str, delivery_id: str, body: bytes) -> str:
    data = b".".join((seconds.encode(), delivery_id.encode(), body))
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def wait_after(failures: int, chance: float) -> timedelta:
    """How long until the next try: doubled each time up to an hour, half of it by chance, so that many do not return
    at once. ``chance`` is in [0, 1); ``failures`` counts from 1."""
    longest: timedelta = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(failures - 1, 20)))
    return longest * (0.5 + chance / 2)


def is_given_up(first_tried_at: datetime, now: datetime) -> bool:
    return now - first_tried_at >= GIVEN_UP_AFTER

"""What the customer's page says of its own side of the call: it comes from outside and is believed within bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

KIND = "stats"
LIMITS = ("none", "cpu", "bandwidth", "other")
LEAST_APART = 0.5
"""Seconds; what comes sooner is passed over."""


@dataclass(frozen=True)
class PhoneStats:
    """Over the last two seconds. Shares 0…1, seconds, bits a second; None where the browser does not tell.

    ``pictures`` shown and ``made`` (sent by the camera) a second; ``limit`` in the words of W3C webrtc-stats, which
    hold the encoder back; ``waits``: the phone's own waiting for late sound; ``hidden``: the page is in the background.
    """

    pictures: float | None = None
    made: float | None = None
    frozen: float = 0.0
    concealed: float = 0.0
    lost: float = 0.0
    waits: float | None = None
    available: float | None = None
    limit: str = ""
    hidden: bool = False


def stats_of(message: Mapping[str, object]) -> PhoneStats | None:
    """None where it is no message of this kind, or one value of it is none that can be."""
    if message.get("kind") != KIND:
        return None
    try:
        return PhoneStats(
            pictures=_number(message, "fps", 240),
            made=_number(message, "sent", 240),
            frozen=_number(message, "frozen", 1) or 0.0,
            concealed=_number(message, "concealed", 1) or 0.0,
            lost=_number(message, "lost", 1) or 0.0,
            waits=_number(message, "waits", 20),
            available=_number(message, "available", 1e9),
            limit=_word(message.get("limit")),
            hidden=message.get("hidden") is True,
        )
    except ValueError:
        return None


def _number(message: Mapping[str, object], name: str, most: float) -> float | None:
    value = message.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most or not isfinite(value):
        raise ValueError(name)
    return float(value)


def _word(value: object) -> str:
    if value is None or value == "":
        return ""
    if value not in LIMITS:
        raise ValueError("limit")
    return str(value)


class Pace:
    """Lets a message through that is not too soon after the one before."""

    def __init__(self) -> None:
        self._last: float | None = None

    def allows(self, now: float) -> bool:
        """``now``: the monotonic clock, in seconds."""
        if self._last is not None and now - self._last < LEAST_APART:
            return False
        self._last = now
        return True

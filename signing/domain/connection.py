"""Between which two ends of DTLS a customer's picture and sound went, and from when on: what is kept of it.

A call is carried by several connections one after another, each with certificates of its own; the seat says when one
comes into use. Fingerprints as ``sha-256 AB:CD:…`` (RFC 8122), times aware UTC on the service's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST = 120
"""Connections kept of one party in one call."""
SHOWN = 11
"""Characters of a fingerprint's value that a line shows: four bytes; the record has all of it."""


@dataclass(frozen=True)
class Ends:
    """The certificates at both ends of a connection."""

    seat: str
    phone: str

    @property
    def in_words(self) -> str:
        return f"席位证书 {_short(self.seat)}，客户证书 {_short(self.phone)}"


@dataclass(frozen=True)
class InUse:
    """A connection that carries the call ``since`` then."""

    since: datetime
    ends: Ends


def is_new(in_use: InUse, kept: Sequence[Ends]) -> bool:
    """Whether a connection is still to be kept: ``kept`` are those of this party in this call.

    The seat makes a certificate for each connection, so the same pair is the same one, told again.
    """
    return len(kept) < MOST and in_use.ends not in kept


def _short(fingerprint: str) -> str:
    value = fingerprint.rpartition(" ")[2]
    return value if len(value) <= SHOWN else f"{value[:SHOWN]}…"

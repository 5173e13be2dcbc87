"""What a customer's phone kept of its own side of a call, and brings where the recording lacks it.

The phone is the only witness of what it brings: nobody else saw or heard it. So it is wanted only for times of which
the seat's own measurements or the call's own events say that the customer was not seen or heard, and the record says
where it comes from. Times are aware UTC on the service's clock; the phone's own may be a second off.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_BYTES = 1_500_000
"""Of one piece: some ten times what the page makes of its few seconds."""
LONGEST = timedelta(seconds=20)
MOST = 120
"""Pieces of one party in one call: eight minutes of lost line, and the stills of it."""
EDGE = timedelta(seconds=3)
"""Beside a lost stretch: a drop is noticed late, and a new picture comes after the line."""
FROZEN, CONCEALED = 0.3, 0.2
"""Shares of a stretch from which on its picture or its sound counts as lost."""
GONE, BACK = ("call.dropped",), ("call.rejoined", "call.joined", "call.connected")

_EBML, _FTYP = (0, b"\x1a\x45\xdf\xa3"), (4, b"ftyp")
KINDS: Mapping[str, tuple[int, bytes]] = {
    "video/webm": _EBML,
    "video/mp4": _FTYP,
    "audio/webm": _EBML,
    "audio/mp4": _FTYP,
    "image/jpeg": (0, b"\xff\xd8\xff"),
}
"""What a phone may bring, and at which place its bytes say so."""
ENDINGS = {"video/webm": "webm", "video/mp4": "mp4", "audio/webm": "webm", "audio/mp4": "mp4", "image/jpeg": "jpg"}
MOST_TOLD = 20
"""Times in one call that a phone may say that it keeps more or less."""

Told = tuple[str, Mapping[str, object]]
"""An event's type and body."""


class Keeps(StrEnum):
    """What a phone keeps of its own side, which it measures itself to be able to beside the call; at first all."""

    WHOLE = "whole"
    SOUND = "sound"
    STILLS = "stills"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Span:
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Piece:
    """What the phone says of one that it brings."""

    call_id: str
    since: datetime
    until: datetime
    kind: str


def is_of_its_kind(kind: str, data: bytes) -> bool:
    place, magic = KINDS[kind]
    return data[place : place + len(magic)] == magic


def lacking(events: Iterable[Told], party_id: str, call_id: str, end: datetime) -> list[Span]:
    """When this party was not seen or heard in this call, by the types and bodies of the case's events in their order,
    each with its ``at``; joined where they meet. ``end``: of the call, or now."""
    spans, gone = list[Span](), None
    for kind, body in events:
        if body.get("party_id") != party_id or body.get("call_id") != call_id:
            continue
        if kind == "call.quality" and _is_lost(body):
            spans.append(Span(_moment(body["since"]), _moment(body["until"])))
        elif kind in GONE:
            gone = gone or _moment(body["at"])
        elif kind in BACK and gone is not None:
            spans.append(Span(gone, _moment(body["at"])))
            gone = None
    if gone is not None:
        spans.append(Span(gone, end))
    return joined(Span(span.since - EDGE, span.until + EDGE) for span in spans)


def shut(events: Iterable[Told], party_id: str, call_id: str, end: datetime) -> list[Span]:
    """When this party was on hold, of which nothing is kept anywhere; as for ``lacking``."""
    spans, since = list[Span](), None
    for kind, body in events:
        if body.get("call_id") != call_id:
            continue
        if since is None and _concerns(body, party_id, kind, "call.held", "call.alone_began", "held_ids"):
            since = _moment(body["at"])
        elif since is not None and _concerns(body, party_id, kind, "call.resumed", "call.alone_ended", "back_ids"):
            spans.append(Span(since, _moment(body["at"])))
            since = None
    return spans if since is None else [*spans, Span(since, end)]


def _concerns(body: Mapping[str, object], party_id: str, kind: str, one: str, alone: str, others: str) -> bool:
    """Whether the event is ``one`` of this party, or ``alone`` with this party among the ``others``."""
    named = body.get(others)
    return (kind == one and body.get("party_id") == party_id) or (
        kind == alone and isinstance(named, list) and party_id in named
    )


def _is_lost(body: Mapping[str, object]) -> bool:
    figures = body.get("figures")
    shares = figures if isinstance(figures, dict) else {}
    frozen, concealed = (float(shares.get(name, 0.0)) for name in ("frozen_up", "concealed_up"))
    return bool(body.get("broken_seconds")) or body.get("bars") == 0 or frozen >= FROZEN or concealed >= CONCEALED


def _moment(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def joined(spans: Iterable[Span]) -> list[Span]:
    """In order of time, those that meet as one."""
    found = list[Span]()
    for span in sorted(spans, key=lambda one: one.since):
        if found and span.since <= found[-1].until:
            found[-1] = Span(found[-1].since, max(found[-1].until, span.until))
        else:
            found.append(span)
    return found


def is_wanted(piece: Piece, lacks: Sequence[Span], shut_out: Sequence[Span]) -> bool:
    """Whether it holds any of what lacks, and nothing of what nobody may keep."""
    return _meets(piece, lacks) and not _meets(piece, shut_out)


def _meets(piece: Piece, spans: Sequence[Span]) -> bool:
    return any(piece.since <= span.until and piece.until >= span.since for span in spans)

"""What the auditor's workspace is shown."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue

from signing.wire.base import Digest, Identifier, Message
from signing.wire.case import CaseView, Phase


class SearchCases(Message):
    """POST /api/audit/cases/search: in the body, since addresses are logged on the way.

    ``text``: parts between spaces, all of which hold: an identity number, a phone or a name, each whole; the beginning
    of a case number; an agent's name; part of a product's; a day, a month, or a span as 2026-11-01至2026-11-24.
    """

    text: Annotated[str, Field(max_length=100)] = ""
    after: Annotated[str, Field(max_length=200)] = ""
    """Of the page before."""


class SessionRow(Message):
    """A line of GET /api/audit/cases, and of the search."""

    case_id: Identifier
    case_no: str
    product_title: str
    amount: str
    parties: list[str]
    agent: str
    phase: Phase
    opened_at: AwareDatetime
    call_seconds: float | None = None
    has_package: bool = False


class SessionList(Message):
    """A page, newest first. ``total`` is exact unless ``total_is_least``. ``after`` asks for the next, if any."""

    rows: list[SessionRow]
    total: int
    total_is_least: bool = False
    after: str = ""


class EventRow(Message):
    """One event of the case's chain, with the place in the recording where it happened."""

    seq: int
    at: AwareDatetime
    actor: str
    type: str
    title: str
    """In Chinese, for people."""
    body: JsonValue
    sha256: Digest
    recording_id: Identifier | None = None
    offset_seconds: float | None = None


class MediaKind(StrEnum):
    """The file's type."""

    MATROSKA = "video/x-matroska"
    WEBM = "video/webm"
    MP4 = "video/mp4"
    WEBM_SOUND = "audio/webm"
    MP4_SOUND = "audio/mp4"
    JPEG = "image/jpeg"


class KeptMedia(Message):
    """Picture and sound of one party beside the recordings: their own track as it came to the seat, or what their phone
    brought afterwards. GET /api/audit/cases/{case_id}/media/{media_id} gives it."""

    media_id: Identifier
    party: str
    kind: MediaKind
    by_phone: bool
    """The phone alone has seen it, by its own clock."""
    started_at: AwareDatetime
    seconds: float
    said: str = ""
    """What is missing in it, in words."""
    lost: str = ""
    """Why there is nothing to be played, in words; empty where there is."""


class AuditCase(Message):
    """GET /api/audit/cases/{case_id}: everything about one case on one clock. The look itself is recorded."""

    case: CaseView
    agent: str
    events: list[EventRow]
    media: list[KeptMedia] = []


class Verdict(StrEnum):
    """The verifier's judgement. Untrusted: as it was signed, but by whom the given roots do not vouch."""

    VALID = "valid"
    INCOMPLETE = "incomplete"
    ALTERED = "altered"
    UNTRUSTED = "untrusted"
    UNREADABLE = "unreadable"


class VerifiedItem(Message):
    """One thing that was checked."""

    name: str
    ok: bool
    detail: str


class VerificationReport(Message):
    """POST /api/audit/cases/{case_id}/verify, and ``pingqian verify --json``"""

    verdict: Verdict
    headline: str
    first_bad_item: str | None = None
    items: list[VerifiedItem]
    signatures: int
    timestamps: int
    checked_at: AwareDatetime
    not_checked: list[str] = []
    """What this check could not do, in words; never silently green."""

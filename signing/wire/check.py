"""The public check of a paper: the verdict over a file, and what is on record under a code."""

from pydantic import AwareDatetime

from signing.wire.audit import Verdict
from signing.wire.base import Digest, Message


class PaperOnRecord(Message):
    """A sealed paper as everybody may know of it who holds it: no names, no amounts.

    Its case's evidence package: how often its time-stamps were renewed, and until when they hold; null while unknown.
    """

    institution: str
    title: str
    pages: int
    sealed_at: AwareDatetime
    sha256: Digest
    renewals: int = 0
    package_until: AwareDatetime | None = None


class PapersFound(Message):
    """GET /api/check/codes/{code}: the papers with this look-up code in their footer."""

    papers: list[PaperOnRecord]


class CheckedRevision(Message):
    """A signature, the seal or a time-stamp. ``since``: what was done to the file after it, in words."""

    number: int
    kind: str
    who: str
    at: AwareDatetime | None = None
    certificate: str
    since: str
    ok: bool
    detail: str


class PaperChecked(Message):
    """POST /api/check/paper: the verdict over the file that was sent; it is not kept."""

    verdict: Verdict
    headline: str
    sha256: Digest
    revisions: list[CheckedRevision]
    faults: list[str]
    missing: list[str]
    record: PaperOnRecord | None = None
    stand_ins: list[str] = []
    """What of this is a demonstration's."""

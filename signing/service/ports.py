"""What the handlers need from outside, as Protocols. Implementations live in ``signing.adapters``."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from signing.domain.case import Case, Document, ScriptLine, Segment
from signing.domain.imports import Sheet
from signing.domain.merkle import LogProof
from signing.domain.party import CardSide, FaceComparison, NationalIdAnswer, Party
from signing.domain.product import LenderKind
from signing.domain.readable import Joined, Readable
from signing.domain.reference import Household as Household
from signing.domain.seals import Marks, RegisteredSeal
from signing.domain.sheets import SheetOut
from signing.service.pdf_report import PaperReport


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Ids(Protocol):
    def new(self, prefix: str) -> str:
        """A fresh identifier such as ``case_01H…``, sortable by time, matching ``[A-Za-z0-9_-]{1,64}``."""
        ...

    def secret(self) -> str:
        """A fresh URL-safe capability of at least 128 bits."""
        ...

    def code(self) -> str:
        """A fresh one-time code of six digits."""
        ...


class Blobs(Protocol):
    """Digest-addressed, never overwritten, encrypted at rest under the key of ``case_id``."""

    def put(self, case_id: str, data: bytes) -> str:
        """Stores durably (fsync of file and folder) and returns the SHA-256 of the plain bytes."""
        ...

    def get(self, case_id: str, sha256: str) -> bytes:
        """Raises ``NotFound``; raises ``TamperError`` where the bytes are not those that were put."""
        ...


class TextMessages(Protocol):
    stand_in: bool

    def send(self, phone: str, text: str) -> None:
        """Raises ``OutsideError``."""
        ...


class NationalId(Protocol):
    stand_in: bool

    def check(self, name: str, id_number: str) -> NationalIdAnswer:
        """Raises ``OutsideError`` where the register does not answer."""
        ...


class IdentityReader(Protocol):
    """OCR and face comparison; CPU-bound and synchronous, called from a worker thread."""

    def read_card(self, image: bytes, side: str, party: Party, at: datetime) -> CardSide:
        """Raises ``InputError`` where the bytes are no picture. A picture without a card is ``readable=False``."""
        ...

    def compare_face(self, snapshot: bytes, card_front: bytes | None, at: datetime) -> FaceComparison:
        """``snapshot`` is JPEG. Raises ``InputError`` where the bytes are no picture."""
        ...


@dataclass(frozen=True)
class Frozen:
    """A generated document before anybody signed. ``fields`` maps party_id to its signature field's name."""

    kind: str
    title: str
    template_version: str
    pdf: bytes
    pages: int
    fields: Mapping[str, str]
    lookup_code: str = ""


class Documents(Protocol):
    """Templates in, frozen PDFs out. Deterministic: the same case and time give the same bytes."""

    def generate(self, case: Case, institution: "Institution", at: datetime, mark: str = "") -> Sequence[Frozen]:
        """All documents this product and these roles need, in signing order; ``mark`` is written across each page.

        Raises ``InputError``."""
        ...

    def script(self, case: Case, institution: "Institution") -> tuple[ScriptLine, ...]:
        """The disclosure lines with the contract's own numbers, each with those whom it is read to."""
        ...


@dataclass(frozen=True)
class FieldPlace:
    """Where a field stands: its page from 1; left, top, width and height as shares of the page's."""

    page: int
    x: float
    y: float
    w: float
    h: float


class PageImages(Protocol):
    async def render(self, pdf: bytes, page: int, width: int) -> bytes:
        """One page (from 1) as PNG or WebP, ``width`` pixels wide. PDFium lives in worker processes."""
        ...

    async def find(self, pdf: bytes, field: str) -> FieldPlace | None: ...


@dataclass(frozen=True)
class SigningContext:
    """What the one-time certificate is bound to."""

    case_no: str
    party: Party
    document: Document
    field: str
    strokes_json: bytes
    """Canonical JSON of ``signing.wire.phone.Strokes``."""
    identity_event_sha256: str
    session_id: str
    at: datetime


@dataclass(frozen=True)
class SignedRevision:
    pdf: bytes
    certificate_der: bytes
    binding: str
    key_destroyed_at: datetime


@dataclass(frozen=True)
class RenewalStamp:
    """A time-stamp token with the certificates and revocation lists by which it can be judged, all DER; more of them
    than it needs do no harm."""

    token: bytes
    certificates: Sequence[bytes]
    lists: Sequence[bytes]


@dataclass(frozen=True)
class EvidenceSignature:
    """A detached CAdES signature over some bytes, DER."""

    der: bytes


class Signer(Protocol):
    """The only door to private keys and to pyHanko."""

    async def sign_as_customer(self, pdf: bytes, context: SigningContext) -> SignedRevision:
        """One incremental PAdES B-T revision with a one-time certificate. ``ConflictError`` if already signed."""
        ...

    async def seal(
        self, pdf: bytes, institution: "Institution", at: datetime, reason: str, marks: Marks | None = None
    ) -> bytes:
        """Seals, institution's signature, timestamp, revocation data, lock: the last revision. Without ``marks`` a
        contract seal with the institution's name is drawn."""
        ...

    async def national_seal(
        self, pdf: bytes, name: str, institution: "Institution", at: datetime, marks: Marks
    ) -> bytes:
        """The electronic seal of GB/T 38540-2020 (SES_Signature, DER) over the sealed document, whose place in the
        package is ``name``. Raises ``OutsideError``."""
        ...

    async def sign_evidence(self, data: bytes) -> EvidenceSignature:
        """Detached CMS/CAdES-B with the service's evidence key."""
        ...

    async def timestamp(self, sha256: bytes) -> bytes:
        """RFC 3161 TimeStampToken (DER) over the digest."""
        ...

    async def renewal(self, sha512: bytes) -> RenewalStamp:
        """A time-stamp to renew archives with. Raises ``OutsideError``."""
        ...

    def trust_pem(self) -> bytes:
        """The root certificates everything above chains to."""
        ...

    def chain_pem(self) -> Mapping[str, bytes]:
        """Certificates and CRLs for the package: ``certificates/NAME.pem`` or ``revocation/NAME.crl`` → bytes."""
        ...

    def examine(self, pdf: bytes, known_sha256: str = "") -> PaperReport:
        """A paper judged revision by revision."""
        ...

    def inspect(self, pdf: bytes, at: datetime | None = None) -> "PdfVerdict":
        """Every signature of a document judged against ``trust_pem``, as of ``at`` or now."""
        ...


class SealBook(Protocol):
    """What people see of the registered seals."""

    def picture(self, institution: "Institution", seal: RegisteredSeal) -> bytes:
        """As it is drawn on papers: PNG, square, on white."""
        ...

    def title_of(self, kind: str) -> str:
        """Of a kind of paper; the kind itself where no template has it any more."""
        ...


@dataclass(frozen=True)
class PdfSignature:
    field: str
    signer: str
    at: datetime | None
    ok: bool
    timestamped: bool
    detail: str


@dataclass(frozen=True)
class PdfVerdict:
    ok: bool
    signatures: tuple[PdfSignature, ...]
    timestamps: int
    detail: str


@dataclass(frozen=True)
class Reading:
    """What decoding a whole recording found. An empty ``findings`` means whole; ``advice`` names, in Chinese, stretches
    that are black, frozen or silent, for a person to look at."""

    duration_seconds: float
    frames: int
    video_codec: str
    audio_codec: str
    findings: tuple[str, ...]
    advice: tuple[str, ...] = ()


class RecordingReader(Protocol):
    def read_back(self, read: Callable[[Segment], bytes], segments: Sequence[Segment]) -> Reading:
        """Decodes every frame and sample and checks the segment chain; CPU-bound. ``read`` gives a segment's bytes; it
        is called twice for each, and only some are held at a time."""
        ...

    def read_track(self, read: Callable[[Segment], bytes], segments: Sequence[Segment]) -> Reading:
        """Takes a customer's own track apart, without decoding it. ``video_codec`` and ``audio_codec`` are empty."""
        ...


class SpoolKeys(Protocol):
    def of(self, case_id: str, call_id: str) -> bytes:
        """32 bytes, derived from the case's key for this call alone. Raises ``KeyMissing``."""
        ...


@dataclass(frozen=True)
class Institution:
    """A legal-person cooperative. ``seal_name`` goes around the seal's arc."""

    institution_id: str
    name: str
    seal_name: str
    address: str
    helpline: str
    representative: str
    credit_code: str
    lender_kind: str = ""
    """A ``LenderKind``; empty for a rural cooperative."""
    day_count: str = ""
    """Days of a year, 360 or 365, by which its daily rates are reckoned; empty: as each product says."""

    @property
    def lender(self) -> LenderKind:
        return LenderKind(self.lender_kind or LenderKind.RURAL_COOPERATIVE)


@dataclass(frozen=True)
class EvidenceParts:
    """Everything a package is built from, already read and checked. Names are paths inside the package."""

    case_json: bytes
    events: Sequence[bytes]
    """Canonical lines without the newline."""
    files: Mapping[str, Readable]
    """``documents/…``, ``recordings/…``, ``snapshots/…``, ``strokes/…``, ``consents/…``, ``certificates/…``,
    ``revocation/…``, ``log/inclusion.json``. ``signing.evidence`` says which event must name which file."""


class PackageBuilder(Protocol):
    async def build(self, parts: EvidenceParts, at: datetime) -> Joined:
        """The ASiC-E bytes; the long ``files`` are parts of it as they were given."""
        ...

    def fault(self, package: Readable) -> str:
        """What the verifier has against it, naming the first bad item; empty where it is valid. Slow."""
        ...


@dataclass(frozen=True)
class Standing:
    """How far the archive of a closed package reaches. ``until``: when the newest time-stamp's certificates run out.
    ``fault``: what is wrong with package or record; empty where nothing is."""

    stamped_at: datetime
    until: datetime
    renewals: int
    fault: str = ""


class EvidenceRecords(Protocol):
    """The time-stamps beside closed packages. A record is empty before the first renewal. Slow: packages are read
    whole."""

    def until(self, package: Readable) -> datetime:
        """When the certificates of a package's own time-stamp end, by what they say themselves. Quick. Raises
        ``TamperError``."""
        ...

    def standing(self, package: Readable, record: bytes, at: datetime) -> Standing:
        """From the time-stamps alone, as of ``at``. Raises ``TamperError`` where they cannot be read."""
        ...

    async def renewed(self, packages: Sequence[tuple[Readable, bytes]]) -> Sequence[bytes]:
        """The records with one more time-stamp, which covers them all. Raises ``OutsideError``."""
        ...


class EvidenceLog(Protocol):
    """Entries, checkpoints and proofs of the service-wide log. Pure; the bytes are ``signing.evidence``'s."""

    def entry(self, case_id: str, events: int, head: str) -> bytes:
        """What the log keeps of a closed case."""
        ...

    def checkpoint(self, proof: LogProof) -> bytes:
        """The text over all entries that is to be signed and timestamped."""
        ...

    def inclusion(
        self, entry: bytes, index: int, proof: LogProof, checkpoint: bytes, signature: bytes, timestamp: bytes
    ) -> bytes:
        """The package's ``log/inclusion.json``."""
        ...


class Tables(Protocol):
    def read(self, data: bytes) -> Sheet:
        """The cells of a CSV or XLSX file as text. Raises ``InputError`` for anything else, and for what is too big."""
        ...

    def write(self, sheets: Sequence[SheetOut]) -> bytes:
        """A workbook in XLSX."""
        ...

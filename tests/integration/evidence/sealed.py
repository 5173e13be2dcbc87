"""A case whose documents the service's own signer has signed and sealed, and the package of it."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from signing.adapters.clock import SystemClock
from signing.adapters.demo_data import BORROWER, INSTITUTION, PRODUCT_ID, demo_case
from signing.adapters.documents import PaperDocuments
from signing.adapters.signer import LocalSigner
from signing.domain.case import Case, Document
from signing.domain.ledger import canonical, leaf_hash, verify_chain
from signing.domain.party import Party
from signing.domain.readable import whole_of
from signing.evidence.core.log import INCLUSION, checkpoint_text, inclusion_file, log_entry
from signing.evidence.package import AsicPackageBuilder
from signing.service.commands import SYSTEM
from signing.service.ports import EvidenceParts, Frozen, SigningContext
from tests.unit.evidence.samples import chain_of, segments_of, sha

STROKES = canonical(
    {"width": 300, "height": 120, "strokes": [[{"x": 10 + 5 * n, "y": 40 + n % 7, "t": 16 * n} for n in range(40)]]}
)
VIDEO = b"frame of a video " * 2000
Body = Mapping[str, object]


def open_signer(folder: Path) -> LocalSigner:
    return LocalSigner.open(folder, SystemClock())


def sample_case() -> Case:
    command = demo_case(SYSTEM)
    terms = command.terms
    party = Party("party_1", BORROWER.role, BORROWER.name, BORROWER.id_number, BORROWER.phone, BORROWER.address)
    opened = SystemClock().now() - timedelta(minutes=10)
    return Case(
        "case_1", "SH2026-0001", "inst_demo", "branch_1", PRODUCT_ID, "信用村授信贷款", terms, opened, "zhang", (party,)
    )


async def signed_and_sealed(
    signer: LocalSigner, case: Case, frozen: Frozen, number: int, identity: str
) -> tuple[bytes, list[Body]]:
    """The final PDF and what its events say."""
    name, digest = f"doc_{number}", sha(frozen.pdf)
    document = Document(
        document_id=name,
        kind=frozen.kind,
        title=frozen.title,
        pages=frozen.pages,
        template_version=frozen.template_version,
        signer_party_ids=tuple(frozen.fields),
        revisions=(digest,),
        fields=dict(frozen.fields),
    )
    field = frozen.fields["party_1"]
    now = SystemClock().now()
    context = SigningContext(case.case_no, case.parties[0], document, field, STROKES, identity, "session_1", now)
    made = await signer.sign_as_customer(frozen.pdf, context)
    final = await signer.seal(made.pdf, INSTITUTION, SystemClock().now(), "合同用印")
    signed = {"document_id": name, "revision_sha256": sha(made.pdf), "strokes_sha256": sha(STROKES)}
    return final, [
        {"document_id": name, "frozen_sha256": digest},
        {**signed, "party_id": "party_1", "certificate_sha256": sha(made.certificate_der), "binding": made.binding},
        {"document_id": name, "final_sha256": sha(final)},
    ]


async def sealed_parts(signer: LocalSigner, documents: int = 2, accepted: str = "identity.accepted") -> EvidenceParts:
    case, at = sample_case(), SystemClock().now()
    files = {"recordings/rec_1.mp4": VIDEO} | ({"strokes/s1.json": STROKES} if documents else {})
    segments = segments_of(VIDEO, 4000)
    files["recordings/rec_1.segments.json"] = canonical({"recording_id": "rec_1", "segments": segments})
    bodies: list[Body] = [{"party_id": "party_1"}, {"recording_id": "rec_1", "sha256": sha(VIDEO)}]
    identity = sha(events_of(bodies, at, accepted)[0])
    for number, frozen in enumerate(PaperDocuments().generate(case, INSTITUTION, case.opened_at)[:documents], 1):
        files[f"documents/doc_{number}.pdf"], said = await signed_and_sealed(signer, case, frozen, number, identity)
        bodies += said
    case_json = canonical({"case": {"case_id": case.case_id, "case_no": case.case_no}})
    events = events_of([*bodies, {"case_sha256": sha(case_json)}], at, accepted)
    files[INCLUSION] = await _inclusion(signer, case.case_id, events)
    return EvidenceParts(case_json, events, {**files, **signer.chain_pem()})


def events_of(bodies: Sequence[Body], at: datetime, accepted: str = "identity.accepted") -> list[bytes]:
    """The event that names nothing but a party is the one that accepts their identity."""
    return chain_of([(accepted if set(body) == {"party_id"} else "test.happened", body) for body in bodies], at)


async def _inclusion(signer: LocalSigner, case_id: str, events: list[bytes]) -> bytes:
    entry = log_entry(case_id, len(events), verify_chain(events))
    leaves = [leaf_hash(b"earlier case"), leaf_hash(entry)]
    text = checkpoint_text("pingqian/service-log", leaves)
    signature = (await signer.sign_evidence(text)).der
    return inclusion_file(entry, 1, leaves, text, signature, await signer.timestamp(hashlib.sha256(text).digest()))


async def build(signer: LocalSigner, parts: EvidenceParts) -> bytes:
    return whole_of(await AsicPackageBuilder(signer).build(parts, SystemClock().now()))

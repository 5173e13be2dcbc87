"""Recording, seal, package."""

from collections.abc import Mapping

from signing.domain.case import Document, Recording
from signing.domain.events.base import Body, Happening, at
from signing.domain.heads import Head
from signing.domain.masking import mask_name
from signing.domain.seals import KIND_TITLES, Marks, SealApproval


def recording_started(recording: Recording, details: Mapping[str, object]) -> Happening:
    body = {"recording_id": recording.recording_id, "call_id": recording.call_id}
    return Happening("recording.started", {**body, "started_at": at(recording.started_at), **details})


def recording_head(recording_id: str, head: Head) -> Happening:
    body: Body = {"recording_id": recording_id, "index": head.index, "chain": head.chain, "seconds": head.seconds}
    return Happening("recording.head", {**body, "clock": f"{int(head.seconds) // 60:02d}:{int(head.seconds) % 60:02d}"})


def recording_finished(recording: Recording) -> Happening:
    return Happening(
        "recording.finished",
        {
            "recording_id": recording.recording_id,
            "call_id": recording.call_id,
            "sha256": recording.sha256,
            "size": recording.size,
            "duration_seconds": recording.duration_seconds,
            "segments": len(recording.segments),
            "chain": recording.segments[-1].chain if recording.segments else None,
            "gaps": [list(gap) for gap in recording.gaps],
        },
    )


def recording_read_back(recording: Recording, details: Mapping[str, object]) -> Happening:
    kind = "recording.damaged" if recording.findings else "recording.verified"
    body: Body = {"recording_id": recording.recording_id, "sha256": recording.sha256}
    return Happening(kind, {**body, "findings": list(recording.findings), **details})


def recording_lost(recording: Recording) -> Happening:
    body: Body = {"recording_id": recording.recording_id, "call_id": recording.call_id}
    return Happening("recording.lost", {**body, "reason": recording.lost_reason, "sha256": recording.sha256})


def seal_requested(by: str) -> Happening:
    return Happening("seal.requested", {"by": mask_name(by)})


def seal_approved(approval: SealApproval) -> Happening:
    return Happening("seal.approved", {"by": mask_name(approval.by), "note": approval.note})


def seal_delayed(reason: str) -> Happening:
    return Happening("seal.delayed", {"reason": reason})


def document_sealed(document: Document, marks: Marks, national_sha256: str) -> Happening:
    """``national_sha256``: of the electronic seal of GB/T 38540-2020 over the sealed paper."""
    seals = [
        {"seal_id": seal.seal_id, "kind_title": KIND_TITLES[seal.kind], "number": seal.number} for seal in marks.all
    ]
    body: Body = {"document_id": document.document_id, "title": document.title}
    titles = "、".join(KIND_TITLES[seal.kind] for seal in marks.all)
    final = {"final_sha256": document.current_sha256, "seals": seals, "seal_titles": titles}
    return Happening("document.sealed", {**body, **final, "national_seal_sha256": national_sha256})


def package_closed(case_no: str, case_sha256: str) -> Happening:
    return Happening("package.closed", {"case_no": case_no, "case_sha256": case_sha256})

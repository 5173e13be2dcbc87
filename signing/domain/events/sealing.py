"""Recording, seal, package."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from signing.domain.case import Document, Recording
from signing.domain.events.base import Body, Happening, at
from signing.domain.heads import Head
from signing.domain.masking import mask_name
from signing.domain.seals import KIND_TITLES, Marks, SealApproval

MOST_SAID = 3
"""Stretches to look at that an event's title names; its body has them all."""


def recording_started(
    recording: Recording, details: Mapping[str, object], late_by: timedelta | None = None
) -> Happening:
    """``late_by``: how long after its beginning it was told, where that was when its call was over already."""
    body = {"recording_id": recording.recording_id, "call_id": recording.call_id}
    late = {} if late_by is None else _late(late_by, "通话结束后补登，距录像开始")
    return Happening("recording.started", {**body, "started_at": at(recording.started_at), **details, **late})


def recording_head(recording_id: str, head: Head, late_by: timedelta | None = None) -> Happening:
    """``late_by``: how long after the segment was recorded it came, where that is more than a delivery takes."""
    body: Body = {"recording_id": recording_id, "index": head.index, "chain": head.chain, "seconds": head.seconds}
    clock = f"{int(head.seconds) // 60:02d}:{int(head.seconds) % 60:02d}"
    late = {} if late_by is None else _late(late_by, "补传，距录制")
    return Happening("recording.head", {**body, "clock": clock, **late})


def _late(by: timedelta, words: str) -> dict[str, object]:
    seconds = round(by.total_seconds())
    minutes, rest = divmod(seconds, 60)
    return {"late_seconds": seconds, "late_said": f"（{words} {minutes} 分 {rest} 秒）"}


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
    advice: Body = {"advice": list(recording.advice), "advice_said": _advised(recording.advice)}
    return Happening(kind, {**body, "findings": list(recording.findings), **advice, **details})


def _advised(advice: Sequence[str]) -> str:
    more = f"等 {len(advice)} 处" if len(advice) > MOST_SAID else ""
    return f"，请复看：{'；'.join(advice[:MOST_SAID])}{more}" if advice else ""


def recording_lost(recording: Recording) -> Happening:
    """``until``: None where nobody knows how long it was."""
    until = None if recording.ended_at is None else at(recording.ended_at)
    body: Body = {"recording_id": recording.recording_id, "call_id": recording.call_id}
    body |= {"since": at(recording.started_at), "until": until}
    return Happening("recording.lost", {**body, "reason": recording.lost_reason, "sha256": recording.sha256})


def seal_requested(by: str) -> Happening:
    return Happening("seal.requested", {"by": mask_name(by)})


def seal_approved(approval: SealApproval) -> Happening:
    return Happening("seal.approved", {"by": mask_name(approval.by), "note": approval.note})


def seal_declined(refusal: SealApproval) -> Happening:
    return Happening("seal.declined", {"by": mask_name(refusal.by), "note": refusal.note})


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

"""The institution's seal on every document, then the evidence package. Each step commits by itself, so that a
restart goes on where it stopped."""

import asyncio
import hashlib
import logging
from dataclasses import dataclass, replace
from functools import partial

from signing.domain import events
from signing.domain.archive import ArchiveRecord
from signing.domain.backfill import ENDINGS
from signing.domain.case import Case, Document, DocumentState, Package, RecordingState
from signing.domain.document import seal
from signing.domain.errors import ConflictError, NotPermitted, OutsideError, RuleBroken, TamperError
from signing.domain.ledger import GENESIS, canonical
from signing.domain.merkle import LogProof
from signing.domain.phase import is_sealed, seal_blocked_by
from signing.domain.readable import Joined, Readable, chunks_of
from signing.domain.risk.model import Stage
from signing.domain.seals import Marks, SealedPaper
from signing.domain.seat import SeatState
from signing.service import risk, scope
from signing.service.again import again
from signing.service.bus import Handler
from signing.service.case_json import case_json, plain
from signing.service.commands import Actor, Command, SealCase
from signing.service.content import Content, keep_file
from signing.service.handlers.common import document_of, save, with_document
from signing.service.handlers.seals import delay_seal, log_refusal, log_uses, marks_for, require_seals, require_still
from signing.service.handlers.tracks import settled, track_content
from signing.service.ports import EvidenceParts, Institution
from signing.service.services import Services
from signing.service.store import StoredEvent, Unit

_LOG = logging.getLogger(__name__)
REASON = "面签完成，同意签订"


async def seal_case(command: SealCase, services: Services) -> Case:
    """→ the closed case; again on a closed case: as it is. Raises ``RuleBroken`` seal with everything missing,
    ``TamperError`` where the finished package does not verify."""
    await asyncio.to_thread(again, _registry, command, services)
    case, institution = await asyncio.to_thread(again, _begin, command, services)
    if case.package is not None:
        return case
    try:
        return await _finish(case, institution, command.actor, services)
    except OutsideError as error:
        await asyncio.to_thread(again, delay_seal, case.case_id, error.message, services)
        raise


async def _finish(case: Case, institution: Institution, actor: Actor, services: Services) -> Case:
    for document in case.documents:
        if document.state is DocumentState.SIGNED:
            await _seal_document(case, document, institution, actor, services)
    closing = await asyncio.to_thread(again, _close, case.case_id, institution, actor, services)
    parts = await _parts(closing, services)
    data = await services.packages.build(parts, services.clock.now())
    await _require_valid(case.case_id, data, services)
    return await asyncio.to_thread(again, _keep_package, case.case_id, data, services)


def _begin(command: SealCase, services: Services) -> tuple[Case, Institution]:
    """Refuses, or marks the case as being sealed."""
    now, actor = services.clock.now(), command.actor
    _gate(command, services)
    with services.db.write() as unit:
        case = _case_to_seal(command, unit)
        institution = unit.people.institution(case.institution_id)
        if case.package is not None:
            return case, institution
        if missing := seal_blocked_by(case, unit.queue.calls_of(case.case_id)):
            raise RuleBroken("seal", "还不能用印：" + "；".join(missing), "请按提示逐项补齐后再用印")
        if case.seal_requested_at is None:
            case, lost = settled(replace(case, seal_requested_at=now, seal_requested_by=actor.name))
            case = save(unit, case, actor, now, [*lost, events.seal_requested(actor.name)])
        return case, institution


def _registry(command: SealCase, services: Services) -> None:
    """Before the seal is asked for: may the registered seals go on these papers? A refusal is logged."""
    with services.db.read() as unit:
        case = _case_to_seal(command, unit)
    if case.package is None and case.seal_requested_at is None and not case.abort_reason:
        require_seals(case, command.actor, services)


def _gate(command: SealCase, services: Services) -> None:
    """The rules are applied before the seal is asked for; what was begun is finished."""
    with services.db.read() as unit:
        case = _case_to_seal(command, unit)
    if case.package is None and case.seal_requested_at is None and not case.abort_reason:
        risk.gate(command.actor, services, Stage.SEALING, partial(_case_to_seal, command))


def _case_to_seal(command: SealCase, unit: Unit) -> Case:
    actor = command.actor
    case = scope.home_case(unit, actor, command.case_id)
    if not scope.everything(actor):
        _require_own(unit, case, actor)
    return case


def _require_own(unit: Unit, case: Case, actor: Actor) -> None:
    """The seat that talked, or the one that has taken the case on its desk since. Once the documents are sealed a
    supervisor may try to close the package again."""
    if actor.role == "supervisor" and is_sealed(case):
        return
    if actor.seat_id is None or not (_talked(unit, case, actor.seat_id) or _has_taken(unit, case, actor.seat_id)):
        raise NotPermitted("只有接通过这笔业务的席位可以申请用印", "同网点的席位可从“待用印”打开后用印")


def _talked(unit: Unit, case: Case, seat_id: str) -> bool:
    return any(call.seat_id == seat_id for call in unit.queue.calls_of(case.case_id))


def _has_taken(unit: Unit, case: Case, seat_id: str) -> bool:
    seat = unit.queue.seat(seat_id)
    return seat.state is SeatState.WRAP_UP and seat.case_id == case.case_id


async def _seal_document(
    case: Case, document: Document, institution: Institution, actor: Actor, services: Services
) -> None:
    pdf = await asyncio.to_thread(services.blobs.get, case.case_id, document.current_sha256)
    marks = await asyncio.to_thread(again, marks_for, case, document, actor, services)
    sealed = await services.signer.seal(pdf, institution, services.clock.now(), REASON, marks)
    if not sealed.startswith(pdf):
        raise ConflictError("用印没有保留原文件，已拒绝", "请联系管理员检查签章服务")
    name = f"documents/{document.document_id}.pdf"
    national = await services.signer.national_seal(sealed, name, institution, services.clock.now(), marks)
    made = _Sealed(case.case_id, document.document_id, pdf, sealed, national, marks)
    try:
        await asyncio.to_thread(again, _keep_sealed, made, actor, services)
    except RuleBroken as error:
        await asyncio.to_thread(again, log_refusal, case, document, error, actor, services)
        raise


@dataclass(frozen=True)
class _Sealed:
    """A paper before and after, and the electronic seal of the national standard over it."""

    case_id: str
    document_id: str
    signed: bytes
    sealed: bytes
    national: bytes
    marks: Marks


def _keep_sealed(made: _Sealed, actor: Actor, services: Services) -> None:
    digest, now = services.blobs.put(made.case_id, made.sealed), services.clock.now()
    national = services.blobs.put(made.case_id, made.national)
    with services.db.write() as unit:
        case = unit.cases.get(made.case_id)
        document = document_of(case, made.document_id)
        if document.current_sha256 != hashlib.sha256(made.signed).hexdigest():
            raise ConflictError("文件在用印时有了变化", "请刷新后重试")
        require_still(unit, case, document, made.marks, services)
        document = seal(document, digest)
        log_uses(unit, case, document, made.marks, actor, services)
        house = unit.people.institution(case.institution_id).name
        known = (document.document_id, document.lookup_code, digest)
        paper = SealedPaper(*known, house, document.title, document.pages, now, case.case_id)
        unit.seals.note_paper(paper)
        happening = events.document_sealed(document, made.marks, national)
        save(unit, with_document(case, document), actor, now, [happening])


@dataclass(frozen=True)
class _Closing:
    """The case at its last event, with its place in the service-wide log."""

    case: Case
    case_json: bytes
    events: list[StoredEvent]
    entry: bytes
    index: int
    proof: LogProof


def _close(case_id: str, institution: Institution, actor: Actor, services: Services) -> _Closing:
    """Chains the last event and logs the head, in one transaction; a restart finds it done and goes on."""
    now = services.clock.now()
    with services.db.read() as unit:
        case, lines = unit.cases.get(case_id), unit.cases.events(case_id)
    assert is_sealed(case)
    if lines[-1].type == "package.closed":
        digest = str(lines[-1].body["case_sha256"])
        data = services.blobs.get(case_id, digest)
    else:
        data = case_json(case, institution)
        digest = services.blobs.put(case_id, data)
    with services.db.write() as unit:
        if unit.cases.events(case_id)[-1].type != "package.closed":
            case = save(unit, case, actor, now, [events.package_closed(case.case_no, digest)])
        lines = unit.cases.events(case_id)
        head = lines[-1].sha256 if lines else GENESIS
        entry = services.evidence_log.entry(case_id, len(lines), head)
        index = unit.logs.add_leaf(case_id, entry, now)
        return _Closing(case, data, lines, entry, index, unit.logs.proof(index))


async def _parts(closing: _Closing, services: Services) -> EvidenceParts:
    files = await asyncio.to_thread(_files, closing, services)
    checkpoint = services.evidence_log.checkpoint(closing.proof)
    signature = (await services.signer.sign_evidence(checkpoint)).der
    token = await services.signer.timestamp(hashlib.sha256(checkpoint).digest())
    log = services.evidence_log
    files["log/inclusion.json"] = log.inclusion(
        closing.entry, closing.index, closing.proof, checkpoint, signature, token
    )
    files |= services.signer.chain_pem()
    return EvidenceParts(closing.case_json, [event.line for event in closing.events], files)


def _files(closing: _Closing, services: Services) -> dict[str, Readable]:
    """What the events name, read from the store, which checks every digest; recordings only when it is their turn."""
    case, files = closing.case, dict[str, Readable]()

    def get(digest: str) -> bytes:
        return services.blobs.get(case.case_id, digest)

    for document in (*case.documents, *case.superseded):
        files[f"documents/{document.document_id}.pdf"] = get(document.current_sha256)
    for recording in case.recordings:
        if recording.state is RecordingState.LOST:
            continue
        files[f"recordings/{recording.recording_id}.mp4"] = Content(case.case_id, recording, services.blobs).file
        segments = {"recording_id": recording.recording_id, "segments": plain(recording.segments)}
        files[f"recordings/{recording.recording_id}.segments.json"] = canonical(segments)
    files |= _tracks(case, services)
    for event in closing.events:
        if isinstance(digest := event.body.get("image_sha256"), str):
            data = get(digest)
            ending = "png" if data.startswith(b"\x89PNG") else "jpg"
            files[f"snapshots/{digest}.{ending}"] = data
        if isinstance(digest := event.body.get("strokes_sha256"), str):
            files[f"strokes/{digest}.json"] = get(digest)
        if isinstance(digest := event.body.get("national_seal_sha256"), str):
            files[f"seals/{digest}.ses"] = get(digest)
        if isinstance(digest := event.body.get("text_sha256"), str):
            files[f"consents/{digest}.json"] = get(digest)
        if isinstance(digest := event.body.get("backfill_sha256"), str):
            files[f"backfill/{digest}.{ENDINGS[str(event.body['kind'])]}"] = get(digest)
    return files


def _tracks(case: Case, services: Services) -> dict[str, Readable]:
    """Each customer's own tracks, by role, each with its segments."""
    files = dict[str, Readable]()
    with services.db.read() as unit:
        held = {track.track_id: unit.segments.all(track.track_id) for track in case.tracks}
    for track in case.tracks:
        if track.state is not RecordingState.VERIFIED:
            continue
        segments = held[track.track_id]
        files[f"tracks/{track.file}.mkv"] = track_content(case.case_id, track, segments, services).file
        listed = {"track_id": track.track_id, "segments": plain(segments)}
        files[f"tracks/{track.file}.segments.json"] = canonical(listed)
    return files


async def _require_valid(case_id: str, data: Readable, services: Services) -> None:
    """A package that our own verifier refuses is never kept: the case stays sealed, and a later try builds it anew."""
    if fault := await asyncio.to_thread(services.packages.fault, data):
        _LOG.critical("the package of case %s does not verify: %s", case_id, fault)
        raise TamperError(
            f"证据包没有通过自检（{fault}），没有封存",
            "文件已用印，证据没有丢失；请联系管理员查明原因，之后再点用印或重启服务会重新封存",
            code="tampered.package",
        )


def _keep_package(case_id: str, data: Joined, services: Services) -> Case:
    digest, pieces, now = _digest(data), keep_file(case_id, data, services.blobs), services.clock.now()
    until = services.records.until(data)
    with services.db.write() as unit:
        case = unit.cases.get(case_id)
        if case.package is not None:
            return case
        unit.seals.settle(case_id)
        unit.archives.save(ArchiveRecord(case_id, None, now).seen(until))
        unit.changes.party_ids.update(party.party_id for party in case.parties)
        return unit.cases.save(replace(case, package=Package(digest, len(data), now, pieces)))


def _digest(data: Readable) -> str:
    whole = hashlib.sha256()
    for chunk in chunks_of(data):
        whole.update(chunk)
    return whole.hexdigest()


HANDLERS: dict[type[Command], Handler] = {SealCase: seal_case}

"""Reading and signing: pages on the customer's screen, then one revision of the document by their own hand."""

import asyncio
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from signing.domain import events
from signing.domain.case import Case, Document, SignatureMade
from signing.domain.document import all_read, sign, signed_by
from signing.domain.errors import ConflictError, InputError, NotPermitted, RuleBroken
from signing.domain.party import Party, PartyEvent, PartyState
from signing.domain.phone_step import current_document, documents_of
from signing.domain.risk.model import Stage
from signing.service import risk
from signing.service.again import again
from signing.service.bus import Handler
from signing.service.commands import Actor, Command, ReportReading, SignDocument
from signing.service.handlers.common import (
    customer,
    document_of,
    in_live_call,
    save,
    step,
    with_document,
    with_party,
)
from signing.service.ports import SignedRevision, SigningContext
from signing.service.services import Services
from signing.service.store import Unit

FEWEST_POINTS = 8
SMALLEST_EXTENT = 0.12
"""Share of the drawing area's diagonal: a dot or a short dash is no signature."""
LONGEST_REPORT_MS = 86_400_000
REPORTS_KNOWN = 16
"""So many of a party's newest reports are known again: a page has one or two on their way."""


def report_reading(command: ReportReading, services: Services) -> None:
    """Adds the time each page was on the screen; the first sight of a page and the last page are events. A report
    that comes again adds nothing."""
    now = services.clock.now()
    with services.db.write() as unit:
        case, party = customer(unit, command.actor)
        if party.state is PartyState.READ or party.state is PartyState.SIGNED:
            return
        if party.state is not PartyState.INFORMED:
            raise ConflictError("现在不是阅读的步骤", "请先听客户经理完成风险告知")
        if command.report_id and command.report_id in party.reading_reports:
            return
        in_live_call(unit, party)
        document = _own_document(case, party, command.document_id)
        before = party.reading.get(document.document_id, {})
        after = _add(before, command.pages, document.pages)
        party = _counted(party, document, after, command.report_id)
        if command.on_screen is not None and 1 <= command.on_screen <= document.pages:
            party = replace(party, on_screen={**party.on_screen, document.document_id: command.on_screen})
        happenings = [events.page_read(party, document, page) for page in sorted(set(after) - set(before))]
        if all_read(document, after) and not all_read(document, before):
            happenings.append(events.document_read(party, document, after))
        if all(all_read(one, party.reading.get(one.document_id, {})) for one in documents_of(case, party)):
            party = step(party, PartyEvent.READING_COMPLETED)
        save(unit, with_party(case, party), command.actor, now, happenings)


def _counted(party: Party, document: Document, after: dict[int, int], report_id: str) -> Party:
    known = (*party.reading_reports, report_id)[-REPORTS_KNOWN:] if report_id else party.reading_reports
    return replace(party, reading={**party.reading, document.document_id: after}, reading_reports=known)


def _add(before: dict[int, int], pages: tuple[tuple[int, int], ...], count: int) -> dict[int, int]:
    after = dict(before)
    for page, milliseconds in pages:
        if not 1 <= page <= count or not 0 <= milliseconds <= LONGEST_REPORT_MS:
            raise InputError("阅读记录中的页码或时间不对", "请刷新页面后继续阅读")
        if milliseconds > 0:
            after[page] = after.get(page, 0) + milliseconds
    return after


def _own_document(case: Case, party: Party, document_id: str) -> Document:
    document = document_of(case, document_id)
    if party.party_id not in document.signer_party_ids:
        raise NotPermitted("这份文件不需要您签署")
    return document


@dataclass(frozen=True)
class _Ready:
    """What was decided before the signer is called."""

    case: Case
    party: Party
    document: Document
    identity_event_sha256: str


async def sign_document(command: SignDocument, services: Services) -> Document:
    """Decides, lets the signer work outside any transaction, decides again and commits.

    The bus lets one command of a case at a time come here; a crash in between leaves the document unsigned.
    """
    await asyncio.to_thread(again, _gate, command, services)
    ready = await asyncio.to_thread(again, _decide, command, services)
    case_id, now = ready.case.case_id, services.clock.now()
    pdf = await asyncio.to_thread(services.blobs.get, case_id, ready.document.current_sha256)
    field = ready.document.fields.get(ready.party.party_id, ready.party.party_id)
    context = SigningContext(
        ready.case.case_no,
        ready.party,
        ready.document,
        field,
        command.strokes_json,
        ready.identity_event_sha256,
        command.actor.session_id,
        now,
    )
    revision = await services.signer.sign_as_customer(pdf, context)
    return await asyncio.to_thread(again, _commit, command, services, ready, revision, field, now)


def _gate(command: SignDocument, services: Services) -> None:
    """The rules are applied before a party's first signature."""
    with services.db.read() as unit:
        case, party, _ = _checked(unit, command)
    if not any(party.party_id in signed_by(document) for document in case.documents):
        risk.gate(command.actor, services, Stage.SIGNING, partial(_case_to_sign, command))


def _case_to_sign(command: SignDocument, unit: Unit) -> Case:
    return _checked(unit, command)[0]


def _decide(command: SignDocument, services: Services) -> _Ready:
    with services.db.read() as unit:
        case, party, document = _checked(unit, command)
        risk.require_open_step(case, Stage.SIGNING, command.actor)
        decided = [event.sha256 for event in unit.cases.events(case.case_id) if _accepts(event.type, event.body, party)]
        return _Ready(case, party, document, decided[-1])


def _accepts(type_: str, body: dict[str, object], party: Party) -> bool:
    return type_ == "identity.accepted" and body.get("party_id") == party.party_id


def _checked(unit: Unit, command: SignDocument) -> tuple[Case, Party, Document]:
    """Raises the refusal that fits: already signed, not read, another digest, no ink."""
    case, party = customer(unit, command.actor)
    document = _own_document(case, party, command.document_id)
    if party.party_id in signed_by(document):
        raise ConflictError(f"您已经签署过《{document.title}》", "不需要重复签署，请继续下一步")
    in_live_call(unit, party)
    if party.state not in (PartyState.INFORMED, PartyState.READ):
        raise ConflictError("现在不是签署的步骤", "请先完成身份核验和风险告知")
    if not all_read(document, party.reading.get(document.document_id, {})):
        raise RuleBroken("unread", f"《{document.title}》还没有读完", "请翻到最后一页后再签署")
    current = current_document(case, party)
    if current is None or current.document_id != document.document_id:
        raise RuleBroken("order", "请按顺序签署", "请先签署前一份文件")
    if command.sha256 != document.frozen_sha256:
        raise RuleBroken("digest", "您确认的文件与待签文件不一致", "请重新打开文件阅读后再签署")
    _require_ink(command)
    return case, party, document


def _require_ink(command: SignDocument) -> None:
    if command.ink_points < FEWEST_POINTS or command.ink_extent < SMALLEST_EXTENT:
        raise RuleBroken("ink", "没有看到完整的签名", "请在框内用手指写下您的全名")


def _commit(
    command: SignDocument,
    services: Services,
    ready: _Ready,
    revision: SignedRevision,
    field: str,
    now: datetime,
) -> Document:
    made = _made(services, ready, revision, command.strokes_json, field, now)
    with services.db.write() as unit:
        case, party, document = _checked(unit, command)
        risk.require_open_step(case, Stage.SIGNING, command.actor)
        if document.current_sha256 != ready.document.current_sha256:
            raise ConflictError("文件刚刚有了新的签名", "请再点一次签署")
        return _apply(unit, case, party, sign(document, made), made, command.actor, services.clock.now())


def _made(
    services: Services, ready: _Ready, revision: SignedRevision, strokes: bytes, field: str, now: datetime
) -> SignatureMade:
    case_id = ready.case.case_id
    return SignatureMade(
        ready.party.party_id,
        field,
        now,
        services.blobs.put(case_id, strokes),
        hashlib.sha256(revision.certificate_der).hexdigest(),
        revision.binding,
        services.blobs.put(case_id, revision.pdf),
        revision.key_destroyed_at,
    )


def _apply(
    unit: Unit, case: Case, party: Party, document: Document, made: SignatureMade, actor: Actor, at: datetime
) -> Document:
    case = with_document(case, document)
    happenings = [events.document_signed(party, document, made)]
    if current_document(case, party) is None:
        party = step(party, PartyEvent.ALL_SIGNED)
        happenings.append(events.party_signed(party))
    save(unit, with_party(case, party), actor, at, happenings)
    return document


HANDLERS: dict[type[Command], Handler] = {ReportReading: report_reading, SignDocument: sign_document}

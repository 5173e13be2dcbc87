"""Cases as an auditor sees them: a list, and one case with its events on the clock of its recordings."""

from collections.abc import Sequence
from typing import cast

from pydantic import JsonValue

from signing.domain.events import title_of
from signing.domain.masking import mask_name
from signing.domain.phase import party_label
from signing.service.snapshots import AuditRow, AuditSnapshot, EventPlace
from signing.web.views.case import amount_of, case_view
from signing.wire.audit import AuditCase, EventRow, SessionList, SessionRow
from signing.wire.case import Phase

_SYSTEM = {"system": "系统"}


def session_list(rows: Sequence[AuditRow]) -> SessionList:
    return SessionList(rows=[_session(row) for row in rows], total=len(rows))


def _session(row: AuditRow) -> SessionRow:
    case = row.case
    return SessionRow(
        case_id=case.case_id,
        case_no=case.case_no,
        product_title=case.product_title,
        amount=amount_of(case),
        parties=[party_label(party) for party in case.parties],
        agent=row.agent,
        phase=Phase(row.phase),
        opened_at=case.opened_at,
        call_seconds=row.call_seconds,
        has_package=case.package is not None,
    )


def audit_case(snapshot: AuditSnapshot) -> AuditCase:
    rows = [event_row(place) for place in snapshot.events]
    return AuditCase(case=case_view(snapshot.case), agent=snapshot.agent, events=rows)


def event_row(place: EventPlace) -> EventRow:
    event = place.event
    return EventRow(
        seq=event.seq,
        at=event.at,
        actor=actor_in_words(event.actor),
        type=event.type,
        title=title_of(event.type, event.body),
        body=cast(JsonValue, event.body),
        sha256=event.sha256,
        recording_id=place.recording_id,
        offset_seconds=place.offset_seconds,
    )


def actor_in_words(actor: dict[str, object]) -> str:
    """The chain holds actors' names masked already; a name that is not is masked here."""
    name = str(actor.get("name") or "")
    if not name:
        kind = str(actor.get("kind", ""))
        return _SYSTEM.get(kind, str(actor.get("id", "")))
    return name if "*" in name or actor.get("kind") == "system" else mask_name(name)

"""Cases as an auditor sees them: a list, and one case with its events on the clock of its recordings."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import cast

from pydantic import JsonValue

from signing.domain.case import Case, RecordingState, Track, party_of
from signing.domain.events import KEPT, title_of
from signing.domain.masking import mask_name
from signing.domain.phase import party_label
from signing.domain.track import LACKS
from signing.service.snapshots import AuditPage, AuditRow, AuditSnapshot, EventPlace
from signing.web.views.case import amount_of, case_view
from signing.web.views.masked import NOTHING, Masker, masker_of
from signing.wire.audit import AuditCase, EventRow, KeptMedia, MediaKind, SessionList, SessionRow
from signing.wire.case import CaseView, Phase

_SYSTEM = {"system": "系统"}


def session_list(page: AuditPage) -> SessionList:
    rows = [_session(row) for row in page.rows]
    return SessionList(rows=rows, total=page.counted.number, total_is_least=page.counted.more, after=page.after)


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
    """Nobody of the parties can be read, neither where a script line names them nor where somebody wrote of them."""
    case = snapshot.case.case
    masker = masker_of(case)
    view = case_view(snapshot.case)
    masked = CaseView.model_validate_json(masker.text(view.model_dump_json()))
    rows = [event_row(place, masker) for place in snapshot.events]
    return AuditCase(
        case=masked, agent=snapshot.agent, events=rows, media=[*_tracks(case, masker), *_without(case), *_brought(rows)]
    )


def _tracks(case: Case, masker: Masker) -> Iterator[KeptMedia]:
    for track in case.tracks:
        lacks = "、".join(dict.fromkeys(LACKS[lack] for _, _, lack in track.gaps))
        yield KeptMedia(
            media_id=track.track_id,
            party=party_label(party_of(case, track.party_id)),
            kind=MediaKind.MATROSKA,
            by_phone=False,
            started_at=track.started_at,
            seconds=track.duration_seconds or 0.0,
            said=masker.text("，".join(filter(None, (f"其中有：{lacks}" if lacks else "", _given_up(track))))),
            lost=masker.text(_lost(track)),
        )


def _given_up(track: Track) -> str:
    return f"提前停止：{track.given_up}" if track.given_up else ""


def _lost(track: Track) -> str:
    if track.state is RecordingState.VERIFIED:
        return ""
    if track.state is RecordingState.LOST:
        return track.lost_reason or "没有保存下来"
    return "内容残缺，没有通过核对" if track.state is RecordingState.DAMAGED else "还没有收齐"


def _without(case: Case) -> Iterator[KeptMedia]:
    """Whoever signs and was seen in no track at all, where there is a recording that they could be seen in."""
    coming = any(one.state is RecordingState.RECORDING for one in case.recordings)
    began = min((one.started_at for one in case.recordings if one.state is not RecordingState.LOST), default=None)
    with_track = {track.party_id for track in case.tracks}
    for party in case.parties:
        if began is not None and party.party_id not in with_track:
            yield KeptMedia(
                media_id=party.party_id,
                party=party_label(party),
                kind=MediaKind.MATROSKA,
                by_phone=False,
                started_at=began,
                seconds=0.0,
                lost="还没有收齐" if coming else "没有单独录下",
            )


def _brought(rows: Sequence[EventRow]) -> Iterator[KeptMedia]:
    for row in rows:
        body = row.body
        if row.type != KEPT or not isinstance(body, dict):
            continue
        since, until = (datetime.fromisoformat(str(body[name])) for name in ("since", "until"))
        yield KeptMedia(
            media_id=str(body["backfill_sha256"]),
            party=str(body["party"]),
            kind=MediaKind(str(body["kind"])),
            by_phone=True,
            started_at=since,
            seconds=(until - since).total_seconds(),
        )


def event_row(place: EventPlace, masker: Masker = NOTHING) -> EventRow:
    event = place.event
    body = cast(dict[str, object], masker.value(event.body))
    return EventRow(
        seq=event.seq,
        at=event.at,
        actor=actor_in_words(event.actor),
        type=event.type,
        title=title_of(event.type, body),
        body=cast(JsonValue, body),
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

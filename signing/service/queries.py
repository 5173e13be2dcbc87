"""Reads for the web: plain snapshots, nothing changed. Synchronous; call them from a worker thread."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from signing.domain.call import Call, CallState, Leg, LegState, concerned
from signing.domain.case import Case, Document, DocumentState, Recording, RecordingState, Segment, party_of
from signing.domain.errors import NotFound, NotPermitted
from signing.domain.events import KEPT
from signing.domain.lifecycle import Operation, expiry_of, locked, may_refuse
from signing.domain.party import PartyState
from signing.domain.phase import Phase, all_reached, is_open, is_sealed, phase_of, proof_of, seal_blocked_by, steps_of
from signing.domain.phone_step import PhoneStep, place_of
from signing.domain.queue import Ticket, TicketState
from signing.domain.routing import Rules, in_order, rank_title
from signing.domain.searching import parse
from signing.domain.seat import Seat, SeatState
from signing.service import scope
from signing.service.call_state import (
    call_snapshot,
    is_transferring,
    let_go,
    transfer_offer,
)
from signing.service.case_list import ListPlace
from signing.service.commands import Actor
from signing.service.content import Content, Piece, Stored, package_file
from signing.service.finding import counted, cursor_of, place_after, query_of
from signing.service.lineup import AT_ONCE, Lineup, Lineups
from signing.service.links import link_of
from signing.service.one_of_many import readable
from signing.service.permissions import asked
from signing.service.queue_rules import settings, with_needs
from signing.service.registry import seals_missing
from signing.service.services import Services
from signing.service.sessions import Attendance, attend
from signing.service.snapshots import (
    AuditPage,
    AuditRow,
    AuditSnapshot,
    BookedSnapshot,
    CaseSnapshot,
    EventPlace,
    OpenedLink,
    PhoneSnapshot,
    SeatSnapshot,
    StaffSnapshot,
    TicketSnapshot,
    UnreadCase,
)
from signing.service.store import StoredEvent, Unit

PAGE = 50
"""Cases on one page of the audit list."""


class Queries:
    """Every read checks that the caller's role and institution allow it; an unknown thing is ``NotFound``."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.lineups = Lineups()

    # --- who asks ---------------------------------------------------------------------------------------------

    def live_calls(self) -> list[Call]:
        """For whoever runs the sockets, at a start: the calls whose two ends have to report again."""
        with self._services.db.read() as unit:
            return unit.queue.live_calls()

    def open_legs(self) -> list[Leg]:
        """The customers of the live calls."""
        with self._services.db.read() as unit:
            return unit.queue.open_legs()

    def live_call_of(self, party_id: str) -> str | None:
        """→ its identifier, for whoever runs the sockets; also where its case cannot be opened."""
        with self._services.db.read() as unit:
            leg = unit.queue.live_leg_of(party_id)
            return None if leg is None else leg.call_id

    def work_at(self, seat_id: str) -> str | None:
        """→ the identifier of the call that the seat is in, or of the case that it wraps up, for whoever runs the
        sockets."""
        with self._services.db.read() as unit:
            seat = unit.queue.seat(seat_id)
        if seat.state is SeatState.WRAP_UP:
            return seat.case_id
        return seat.call_id if seat.state is SeatState.ON_CALL else None

    def authenticate(self, token: str) -> Actor:
        """Raises ``NotLoggedIn``, saying why where it is over."""
        return attend(self._services, token).actor

    def attendance(self, token: str) -> Attendance:
        """For a seat's socket: a session that is over by time still holds it while its call is live."""
        return attend(self._services, token, on_call=True)

    def opened_link(self, capability: str) -> OpenedLink:
        """Uses nothing up. Raises ``NotLoggedIn`` for an unknown or expired link."""
        with self._services.db.read() as unit:
            link = link_of(unit, self._services, capability, self._services.clock.now())
            case = unit.cases.get(link.case_id)
            institution = unit.people.institution(case.institution_id)
            return OpenedLink(institution, party_of(case, link.party_id), case.product_title, link.expires_at)

    @asked
    def staff(self, actor: Actor) -> StaffSnapshot:
        with self._services.db.read() as unit:
            return staff_snapshot(unit, actor)

    # --- the seat and the phone -------------------------------------------------------------------------------

    @asked
    def seat(self, actor: Actor) -> SeatSnapshot:
        """Raises ``NotPermitted`` for staff without a seat."""
        now = self._services.clock.now()
        with self._services.db.read() as unit:
            staff = staff_snapshot(unit, actor)
            if staff.seat is None:
                raise NotPermitted("您的账号没有分配席位", "请联系管理员")
            seat = staff.seat
            tickets, offered = unit.queue.open_tickets(branch_ids=[seat.branch_id]), _offered(unit, seat)
            shown = {seat.branch_id} if offered is None else {seat.branch_id, offered.branch_id}
            rules = with_needs(unit, settings(unit, now), shown)
            calls = unit.queue.calls_since(seat.seat_id, _beijing_midnight(now))
            seconds = [call.seconds for call in calls if call.seconds is not None]
            desk = None if seat.case_id is None else readable(unit, seat.case_id)
            case = desk if desk is not None and scope.shows_case(seat, desk) else None
            call = None if seat.call_id is None else unit.queue.call(seat.call_id)
            aside = list(_put_aside(unit, seat.branch_id))
            return SeatSnapshot(
                now=now,
                staff=staff,
                seat=seat,
                queue=ticket_snapshots(unit, in_line(tickets, now, rules), now, rules),
                offer=next(iter(ticket_snapshots(unit, [offered] if offered else [], now, rules)), None),
                offer_expires_at=_expiry(offered, rules),
                call=call,
                case=None if case is None else self._case(unit, case, call),
                awaiting_seal=[one for one in aside if not is_sealed(one) and awaits_seal(unit, one)],
                handled_today=sum(call.state is CallState.ENDED for call in calls),
                average_call_seconds=sum(seconds) / len(seconds) if seconds else None,
                talk=None if call is None or case is None else call_snapshot(unit, call, case),
                transfer_offer=transfer_offer(unit, seat),
                awaiting_package=tuple(one for one in aside if is_sealed(one) and one.package is None),
                gate=rules.gate_of(seat.branch_id),
                appointments=tuple(booked(unit, {seat.branch_id}, now)),
                unread=_unread(unit, seat) if desk is None else None,
                wrap_up_until=seat.since + self._services.limits.wrap_up if seat.state is SeatState.WRAP_UP else None,
                last_call=None if seat.last_call_id is None else unit.queue.call(seat.last_call_id),
            )

    def lineup(self, oldest: timedelta) -> Lineup:
        """For whoever runs the sockets: the whole order, to be shown to each only where they stand in it."""
        changes = self.lineups.count()
        with self._services.db.read() as unit:
            return self.lineups.get(unit, self._services.clock.now(), oldest=oldest, changes=changes)

    @asked
    def phone(self, actor: Actor, oldest: timedelta = AT_ONCE) -> PhoneSnapshot:
        """For the party whose session it is. ``oldest``: how old the order of the other customers may be."""
        case_id, changes = scope.party_case(actor), self.lineups.count()
        with self._services.db.read() as unit:
            case = unit.cases.get(case_id)
            party = party_of(case, actor.actor_id)
            ticket, leg = unit.queue.open_ticket_of(party.party_id), unit.queue.live_leg_of(party.party_id)
            call = None if leg is None else unit.queue.call(leg.call_id)
            place = place_of(case, party, in_call=call is not None)
            now = self._services.clock.now()
            lineup = self.lineups.get(unit, now, ticket, oldest, changes)
            return PhoneSnapshot(
                now=now,
                case=case,
                party=party,
                institution=unit.people.institution(case.institution_id),
                branch=unit.people.branch(case.branch_id),
                step=place.step,
                document_id=place.document_id,
                ticket=ticket,
                position=lineup.position_of(ticket),
                expected_wait_seconds=lineup.wait_of(ticket),
                seats_on_duty=lineup.on_duty.get(case.branch_id, 0),
                call=call,
                seat_label="" if call is None else scope.seat_name(unit, unit.queue.seat(call.seat_id), case),
                prompt=next((line for line in case.script if line.number == party.prompt_line), None),
                stand_ins=self._services.stand_ins,
                held=leg is not None and leg.state is LegState.HELD,
                muted=leg is not None and leg.muted,
                apart=leg is not None and leg.apart,
                transferring=call is not None and is_transferring(unit, call),
                listened=call is not None and bool(unit.queue.listeners(call.call_id)),
                gate=lineup.rules.gate_of(case.branch_id),
                appointment=unit.office.appointment_of(party.party_id, now),
                may_refuse=Operation.REFUSE not in locked(case) and may_refuse(party),
                let_go=place.step is PhoneStep.QUEUE and ticket is None and let_go(unit, case, party),
            )

    # --- one case ---------------------------------------------------------------------------------------------

    @asked
    def case(self, actor: Actor, case_id: str) -> CaseSnapshot:
        with self._services.db.read() as unit:
            return self._case(unit, scope.case(unit, actor, case_id))

    @asked
    def document_pdf(self, actor: Actor, case_id: str, document_id: str) -> bytes:
        """The current revision. A customer gets those of their own case."""
        document = self._document(actor, case_id, document_id)
        return self._services.blobs.get(case_id, document.current_sha256)

    @asked
    def document_copy(self, actor: Actor, document_id: str) -> tuple[Document, bytes]:
        """The sealed document for the customer who signed it. Raises ``NotPermitted`` before it is sealed."""
        case_id = scope.party_case(actor)
        document = self._document(actor, case_id, document_id)
        if document.state is not DocumentState.SEALED:
            raise NotPermitted("文件尚未用印，暂不能下载", "用印完成后会在本页显示下载按钮")
        return document, self._services.blobs.get(case_id, document.current_sha256)

    def _document(self, actor: Actor, case_id: str, document_id: str) -> Document:
        if actor.kind == "party" and case_id != actor.case_id:
            raise NotFound("没有找到这份文件")
        with self._services.db.read() as unit:
            case = scope.case(unit, actor, case_id)
        document = document_of(case, document_id)
        if actor.kind == "party" and actor.actor_id not in document.signer_party_ids:
            raise NotFound("没有找到这份文件")
        return document

    @asked
    def image(self, actor: Actor, case_id: str, sha256: str) -> bytes:
        """A card or face picture of this case. The caller records the look first (``RecordView``)."""
        with self._services.db.read() as unit:
            case = scope.case(unit, actor, case_id)
            known = {event.body.get("image_sha256") for event in unit.cases.events(case.case_id)}
        if sha256 not in known:
            raise NotFound("没有找到这张图片")
        return self._services.blobs.get(case_id, sha256)

    @asked
    def recording(self, actor: Actor, recording_id: str) -> Content:
        """What is stored, to be read in parts. The caller records the look first (``RecordView``)."""
        with self._services.db.read() as unit:
            case = scope.recorded(unit, actor, recording_id)
        recording = next((found for found in case.recordings if found.recording_id == recording_id), None)
        if recording is None:
            raise NotFound("没有找到这段录像")
        if recording.state not in (RecordingState.UPLOADED, RecordingState.VERIFIED, RecordingState.DAMAGED):
            raise NotFound("录像尚未上传", "请等待坐席电脑上传完成")
        return Content(case.case_id, recording, self._services.blobs)

    @asked
    def kept_media(self, actor: Actor, case_id: str, media_id: str) -> tuple[Stored, str]:
        """A party's own track, or what a phone brought, with its type. The caller records the look first."""
        with self._services.db.read() as unit:
            case = scope.home_case(unit, actor, case_id)
            track = next((one for one in case.tracks if one.track_id == media_id), None)
            held = unit.segments.all(media_id) if track is not None else ()
            bodies = [line.body for line in unit.cases.events(case_id) if line.type == KEPT]
        if track is not None and track.state is RecordingState.VERIFIED:
            pieces = [Piece(segment.sha256, segment.size) for segment in held]
            return Stored(case_id, pieces, self._services.blobs), "video/x-matroska"
        brought = next((body for body in bodies if body["backfill_sha256"] == media_id), None)
        if brought is None:
            raise NotFound("没有找到这段音视频")
        pieces = [Piece(media_id, int(str(brought["size"])))]
        return Stored(case_id, pieces, self._services.blobs), str(brought["kind"])

    @asked
    def segments_held(self, actor: Actor, recording_id: str) -> Segment | None:
        """The newest segment that is stored of a recording of the caller's own seat; all before it are stored too."""
        with self._services.db.read() as unit:
            scope.own_stream(unit, actor, recording_id)
            return unit.segments.newest(recording_id)

    @asked
    def package(self, actor: Actor, case_id: str) -> Stored:
        """The closed evidence package, to be read in parts."""
        with self._services.db.read() as unit:
            case = scope.home_case(unit, actor, case_id)
        if case.package is None:
            raise NotFound("证据包尚未封存", "用印完成后系统会自动封存证据包")
        return package_file(case_id, case.package, self._services.blobs)

    @asked
    def package_record(self, actor: Actor, case_id: str) -> bytes:
        """The renewals beside the package (EvidenceRecord, DER); empty before the first."""
        with self._services.db.read() as unit:
            scope.home_case(unit, actor, case_id)
            row = unit.archives.of(case_id)
        return self._services.blobs.get(case_id, row.sha256) if row is not None and row.sha256 else b""

    # --- audit ------------------------------------------------------------------------------------------------

    @asked
    def audit_list(self, actor: Actor, text: str = "", limit: int = PAGE, after: str = "") -> AuditPage:
        """Newest first, one page; ``text`` as ``domain.searching`` reads it, ``after`` the page before."""
        search = parse(text)
        with self._services.db.read() as unit:
            place = place_after(after)
            query = query_of(unit, self._services, scope.own_institution(actor), search)
            cases = unit.cases.find(query, limit + 1, place)
            rows = [self._audit_row(unit, case) for case in cases[:limit]]
            last = ListPlace(cases[limit - 1].opened_at, cases[limit - 1].case_id) if len(cases) > limit else None
            return AuditPage(rows, counted(unit, query), "" if last is None else cursor_of(last), search.in_words)

    @asked
    def audit_case(self, actor: Actor, case_id: str) -> AuditSnapshot:
        """The caller records the look first (``RecordView``)."""
        with self._services.db.read() as unit:
            case = scope.home_case(unit, actor, case_id)
            events = [_placed(event, case.recordings) for event in unit.cases.events(case_id)]
            return AuditSnapshot(self._case(unit, case), _agent(unit.queue.calls_of(case_id)), events)

    def _audit_row(self, unit: Unit, case: Case) -> AuditRow:
        calls = unit.queue.calls_of(case.case_id)
        seconds = [call.seconds for call in calls if call.seconds is not None]
        return AuditRow(case, case_phase(unit, case), _agent(calls), sum(seconds) if seconds else None)

    def _case(self, unit: Unit, case: Case, call: Call | None = None) -> CaseSnapshot:
        """``call``: the proof before hang-up is then about those whom this call concerns."""
        phase = case_phase(unit, case)
        blocked = seal_blocked_by(case, unit.queue.calls_of(case.case_id))
        if phase is Phase.SIGNED:
            blocked += seals_missing(unit, case, self._services)
        party_ids = None if call is None else concerned(unit.queue.legs_of(call.call_id))
        proof = proof_of(case, party_ids, None if call is None else call.call_id)
        stand_ins = self._services.stand_ins
        return CaseSnapshot(case, phase, steps_of(case), proof, blocked, stand_ins, locked(case), expiry_of(case))


# --- small reads --------------------------------------------------------------------------------------------------


def document_of(case: Case, document_id: str) -> Document:
    """Raises ``NotFound``."""
    for document in case.documents:
        if document.document_id == document_id:
            return document
    raise NotFound("没有找到这份文件")


case_for = scope.own_case


def staff_snapshot(unit: Unit, actor: Actor) -> StaffSnapshot:
    member = unit.people.staff(actor.actor_id)
    return StaffSnapshot(
        member,
        unit.people.institution(member.institution_id),
        unit.people.branch(member.branch_id),
        None if member.seat_id is None else unit.queue.seat(member.seat_id),
    )


def ticket_snapshots(unit: Unit, tickets: Sequence[Ticket], now: datetime, rules: Rules) -> list[TicketSnapshot]:
    """Without those whose case cannot be opened."""
    cases = unit.cases.several({ticket.case_id for ticket in tickets})
    return [
        TicketSnapshot(
            ticket,
            cases[ticket.case_id].case_no,
            cases[ticket.case_id].product_title,
            party_of(cases[ticket.case_id], ticket.party_id),
            rank_title(ticket, now, rules),
            rules.needs_of(ticket),
        )
        for ticket in tickets
        if ticket.case_id in cases
    ]


def _unread(unit: Unit, seat: Seat) -> UnreadCase | None:
    """What is on the seat's desk, which cannot be opened."""
    if seat.case_id is None:
        return None
    legs = [] if seat.call_id is None else unit.queue.legs_of(seat.call_id)
    return UnreadCase(seat.case_id, tuple(leg for leg in legs if leg.is_open))


def booked(unit: Unit, branch_ids: Collection[str], now: datetime) -> Iterator[BookedSnapshot]:
    """The branches' appointments from now until the end of tomorrow, without those whose customer is served."""
    for one in unit.office.appointments(branch_ids, now, _beijing_midnight(now) + timedelta(days=2)):
        case = readable(unit, one.case_id)
        if case is not None and is_open(case):
            party = party_of(case, one.party_id)
            if party.state is not PartyState.SIGNED:
                yield BookedSnapshot(one, case.case_no, case.product_title, party)


def in_line(tickets: list[Ticket], now: datetime, rules: Rules) -> list[Ticket]:
    return in_order(tickets, now, rules) + [ticket for ticket in tickets if ticket.state is TicketState.OFFERED]


def _offered(unit: Unit, seat: Seat) -> Ticket | None:
    """The customer who rings at the seat, be it one of another branch."""
    ticket = None if seat.ticket_id is None else unit.queue.ticket(seat.ticket_id)
    return ticket if ticket is not None and ticket.state is TicketState.OFFERED else None


def _expiry(ticket: Ticket | None, rules: Rules) -> datetime | None:
    if ticket is None or ticket.offered_at is None:
        return None
    return ticket.offered_at + rules.ring_of(ticket)


def _beijing_midnight(now: datetime) -> datetime:
    shift = timedelta(hours=8)
    local = now + shift
    return local.replace(hour=0, minute=0, second=0, microsecond=0) - shift


def case_phase(unit: Unit, case: Case) -> Phase:
    calls = unit.queue.calls_of(case.case_id)
    tickets = [unit.queue.open_ticket_of(party.party_id) for party in case.parties]
    waiting = any(ticket is not None and ticket.state is not TicketState.CONNECTED for ticket in tickets)
    return phase_of(case, waiting=waiting, in_call=any(call.state is CallState.LIVE for call in calls))


def _put_aside(unit: Unit, branch_id: str) -> Iterator[Case]:
    """The branch's unfinished cases that are sealed, or whose customers have all signed."""
    for case_id in unit.cases.unfinished_of(branch_id):
        case = readable(unit, case_id)  # One that is spoilt must not take the whole seat's display away.
        if case is not None and (is_sealed(case) or all_reached(case, PartyState.SIGNED)):
            yield case


def awaits_seal(unit: Unit, case: Case) -> bool:
    """Signed by all, not sealed or its package not closed, in no call, and at no seat that is wrapping it up."""
    if case_phase(unit, case) not in (Phase.SIGNED, Phase.SEALED):
        return False
    seats = unit.queue.seats(case.institution_id)
    return not any(seat.case_id == case.case_id and seat.state is SeatState.WRAP_UP for seat in seats)


def _agent(calls: list[Call]) -> str:
    return "、".join(dict.fromkeys(call.agent_name for call in calls))


def _placed(event: StoredEvent, recordings: tuple[Recording, ...]) -> EventPlace:
    for recording in recordings:
        offset = (event.at - recording.started_at).total_seconds()
        if recording.duration_seconds is not None and 0 <= offset <= recording.duration_seconds:
            return EventPlace(event, recording.recording_id, offset)
    return EventPlace(event, None, None)

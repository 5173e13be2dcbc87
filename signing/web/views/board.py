"""The supervisor's whole display, made anew each time."""

from collections.abc import Collection, Sequence

from signing.domain.archive import FailedArchives
from signing.domain.case import Case
from signing.domain.line import CallLines
from signing.domain.party import PARTY
from signing.domain.phase import party_label
from signing.domain.room import Room, room_of, room_words
from signing.domain.routing import ANYTHING
from signing.domain.seat import Seat
from signing.service.attention import MissingFilm, SealRequest
from signing.service.board import BoardCall, BoardSnapshot, BoardTicket, Referral, UnreadCall
from signing.service.call_state import CallPlace, PlaceState
from signing.web.views import queue
from signing.web.views.accounts import resting_account
from signing.web.views.call import call_party, listener_view, transfer_view
from signing.web.views.case import amount_of, step_view
from signing.web.views.risk import risk_finding
from signing.web.views.seat import marks, staff_view
from signing.wire import board as wire
from signing.wire.base import IceServer, Notice, Tone
from signing.wire.case import PartyState, Phase, RecordingState
from signing.wire.quality import LineCause
from signing.wire.queue import Dialect, ProductChoice
from signing.wire.risk import RiskReferral
from signing.wire.staff import Presence


def board_view(board: BoardSnapshot, ice_servers: Sequence[IceServer], online: Collection[str]) -> wire.BoardView:
    """``online``: the parties of the live calls who have a socket open."""
    return wire.BoardView(
        server_time=board.now,
        staff=staff_view(board.staff),
        seats=[_seat(seat, board) for seat in board.seats],
        waiting=[_waiting(ticket, board) for ticket in board.waiting],
        calls=[*(_unread(call) for call in board.unread), *(_call(call, online) for call in board.calls)],
        unsealed=[_unsealed(case, board) for case in board.attention.unsealed],
        seal_requests=[_seal_request(one, board) for one in board.attention.seals],
        films=[_film(one) for one in board.attention.films],
        renewals=_renewals(board.attention.renewals),
        referrals=[_referral(one, board) for one in board.referrals],
        resting=[resting_account(one) for one in board.resting],
        listening=board.listening,
        ice_servers=list(ice_servers),
        branches=[
            wire.BoardBranch(branch_id=one.branch_id, name=one.name, door=queue.door(board.gates[one.branch_id]))
            for one in board.branches.values()
        ],
        stops=[queue.stop(one, board) for one in board.stops],
        products=[ProductChoice(product_id=key, title=title) for key, title in board.products.items()],
        appointments=[queue.appointment(one) for one in board.appointments],
        waits=queue.waits(board),
        seals_mark=board.seals_mark,
        notice=_notice(board.free_room),
    )


def _notice(free_room: int | None) -> Notice | None:
    """A disk of the service that fills up, while there is time to do something about it."""
    words = room_words(free_room)
    tone = Tone.STOP if room_of(free_room) is Room.SCARCE else Tone.CAUTION
    return Notice(tone=tone, text=words) if words else None


def _seat(seat: Seat, board: BoardSnapshot) -> wire.BoardSeat:
    ability = board.abilities.get(seat.seat_id, ANYTHING)
    return wire.BoardSeat(
        seat_id=seat.seat_id,
        label=seat.label,
        branch_id=seat.branch_id,
        branch=board.branches[seat.branch_id].name,
        presence=Presence(seat.state),
        since=seat.since,
        reason=seat.reason,
        agent=board.agents.get(seat.staff_id or "", ""),
        call_id=seat.call_id,
        products=sorted(ability.products),
        dialects=[Dialect(one) for one in sorted(ability.dialects)],
    )


def _waiting(waiting: BoardTicket, board: BoardSnapshot) -> wire.BoardWaiting:
    row, ticket = waiting.row, waiting.row.ticket
    return wire.BoardWaiting(
        ticket_id=ticket.ticket_id,
        case_id=ticket.case_id,
        case_no=row.case_no,
        product_title=row.product_title,
        party_label=party_label(row.party),
        branch_id=ticket.branch_id,
        branch=board.branches[ticket.branch_id].name,
        waiting_since=ticket.waiting_since,
        priority=marks(row),
        ringing_at=waiting.ringing_at,
        present=ticket.present,
        kept_for_call=waiting.kept_for_call,
    )


def _call(call: BoardCall, online: Collection[str]) -> wire.BoardCall:
    talk, case = call.talk, call.talk.case
    return wire.BoardCall(
        call_id=talk.call.call_id,
        case_id=case.case_id,
        case_no=case.case_no,
        product_title=case.product_title,
        seat_id=call.seat.seat_id,
        seat=call.seat.label,
        agent=talk.call.agent_name,
        started_at=talk.call.started_at,
        phase=Phase(call.phase),
        parties=[
            wire.BoardParty(
                place=call_party(place, online),
                progress=PartyState(place.party.state),
                progress_title=PARTY.titles[place.party.state],
                line=_line(call.lines, place),
            )
            for place in talk.places
        ],
        steps=[step_view(step) for step in call.steps],
        transfer=transfer_view(talk.transfer),
        listeners=[listener_view(listener) for listener in talk.listeners],
        follows=talk.call.follows,
    )


def _line(lines: CallLines | None, place: CallPlace) -> wire.BoardLine | None:
    """Of who is in the call."""
    if lines is None or place.state not in (PlaceState.LIVE, PlaceState.DROPPED):
        return None
    if (line := lines.of(place.party.party_id)) is None:
        return None
    return wire.BoardLine(bars=line.bars, cause=LineCause(line.cause), told_at=lines.told_at)


def _unread(unread: UnreadCall) -> wire.BoardCall:
    call = unread.call
    return wire.BoardCall(
        call_id=call.call_id,
        case_id=call.case_id,
        case_no="",
        product_title="",
        seat_id=unread.seat.seat_id,
        seat=unread.seat.label,
        agent=call.agent_name,
        started_at=call.started_at,
        phase=Phase.IN_CALL,
        parties=[],
        steps=[],
        follows=call.follows,
        unread=True,
    )


def _unsealed(case: Case, board: BoardSnapshot) -> wire.UnsealedPackage:
    return wire.UnsealedPackage(
        case_id=case.case_id,
        case_no=case.case_no,
        product_title=case.product_title,
        branch=board.branches[case.branch_id].name,
        sealed_at=case.seal_requested_at,
    )


def _seal_request(request: SealRequest, board: BoardSnapshot) -> wire.SealRequest:
    case, refusal = request.case, request.case.seal_refusal
    return wire.SealRequest(
        case_id=case.case_id,
        case_no=case.case_no,
        product_title=case.product_title,
        amount=amount_of(case),
        branch=board.branches[case.branch_id].name,
        opened_by=board.agents.get(case.opened_by, ""),
        why=request.why,
        papers=[wire.BoardPaper(document_id=one.document_id, title=one.title) for one in case.documents],
        refused_by="" if refusal is None else refusal.by,
        refused_reason="" if refusal is None else refusal.note,
        why_not=request.why_not,
    )


def _film(film: MissingFilm) -> wire.MissingFilm:
    return wire.MissingFilm(
        case_id=film.case.case_id,
        case_no=film.case.case_no,
        product_title=film.case.product_title,
        call_id=film.call.call_id,
        recording_id=None if film.recording is None else film.recording.recording_id,
        seat=film.seat,
        agent=film.call.agent_name,
        since=film.since,
        until=film.until,
        state=None if film.recording is None else RecordingState(film.recording.state),
        why_not=film.why_not,
    )


def _renewals(failed: FailedArchives | None) -> wire.FailedRenewals | None:
    if failed is None:
        return None
    return wire.FailedRenewals(count=failed.count, case_no=failed.case_no, until=failed.until, reason=failed.reason)


def _referral(referral: Referral, board: BoardSnapshot) -> RiskReferral:
    case = referral.case
    return RiskReferral(
        case_id=case.case_id,
        case_no=case.case_no,
        product_title=case.product_title,
        amount=amount_of(case),
        branch=board.branches[case.branch_id].name,
        opened_by=referral.opened_by,
        finding=risk_finding(referral.finding),
        why_not=referral.why_not,
    )

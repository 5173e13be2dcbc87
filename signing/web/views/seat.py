"""The seat's whole display, and who sits there."""

from collections.abc import Collection, Sequence

from signing.domain.case import Case
from signing.domain.dialect import DIALECT_TITLES
from signing.domain.masking import mask_name
from signing.domain.party import ROLE_TITLES
from signing.domain.phase import party_label
from signing.domain.seat import SeatState
from signing.service.call_state import TransferOfferSnapshot
from signing.service.colleagues import ColleagueSnapshot
from signing.service.snapshots import SeatSnapshot, StaffSnapshot, TicketSnapshot
from signing.web.views import queue
from signing.web.views.call import call_party, listener_view, transfer_view
from signing.web.views.case import amount_of, case_view
from signing.wire import staff as wire
from signing.wire.base import IceServer, Notice, Tone
from signing.wire.call import CallParty, CallPartyState, SeatCall, TransferOffer
from signing.wire.case import Role


def staff_view(staff: StaffSnapshot) -> wire.Staff:
    member = staff.member
    return wire.Staff(
        staff_id=member.staff_id,
        name=member.name,
        role=wire.StaffRole(member.role),
        institution=staff.institution.name,
        branch=staff.branch.name,
        seat_id=member.seat_id,
        seat_label=staff.seat.label if staff.seat else "",
    )


def ticket_row(row: TicketSnapshot) -> wire.TicketRow:
    return wire.TicketRow(
        ticket_id=row.ticket.ticket_id,
        case_no=row.case_no,
        product_title=row.product_title,
        party_name_masked=mask_name(row.party.name),
        role=Role(row.party.role),
        role_title=ROLE_TITLES[row.party.role],
        state=wire.TicketState(row.ticket.state),
        waiting_since=row.ticket.waiting_since,
        priority=row.rank_title,
        dialect=spoken(row),
    )


def spoken(row: TicketSnapshot) -> str:
    return DIALECT_TITLES[row.needs.dialect] if row.needs.dialect else ""


def marks(row: TicketSnapshot) -> str:
    """Why they come first and what they asked to be served in."""
    dialect = spoken(row)
    return "，".join(one for one in (row.rank_title, f"要{dialect}" if dialect else "") if one)


def colleague(found: ColleagueSnapshot) -> wire.Colleague:
    return wire.Colleague(
        seat_id=found.seat.seat_id,
        label=found.seat.label,
        branch=found.branch,
        agent=found.agent,
        presence=wire.Presence(found.seat.state),
    )


def seat_view(seat: SeatSnapshot, ice_servers: Sequence[IceServer], online: Collection[str]) -> wire.SeatView:
    """``online``: the parties of the case who have a socket open."""
    return wire.SeatView(
        server_time=seat.now,
        staff=staff_view(seat.staff),
        presence=wire.Presence(seat.seat.state),
        presence_since=seat.seat.since,
        presence_reason=seat.seat.reason,
        wrap_up_until=seat.wrap_up_until,
        queue=[ticket_row(row) for row in seat.queue],
        offer=_offer(seat),
        transfer_offer=_transfer_offer(seat.transfer_offer),
        call=_call(seat, ice_servers, online),
        case=case_view(seat.case) if seat.case else None,
        awaiting_seal=[awaiting_seal(case) for case in seat.awaiting_seal],
        awaiting_package=[awaiting_seal(case) for case in seat.awaiting_package],
        door=queue.door(seat.gate),
        appointments=[queue.appointment(one) for one in seat.appointments],
        handled_today=seat.handled_today,
        average_call_seconds=seat.average_call_seconds,
        notice=_notice(seat),
    )


def awaiting_seal(case: Case) -> wire.AwaitingSeal:
    return wire.AwaitingSeal(
        case_id=case.case_id,
        case_no=case.case_no,
        product_title=case.product_title,
        amount=amount_of(case),
        party_name_masked=mask_name(case.parties[0].name),
        signed_at=max((made.at for document in case.documents for made in document.signatures), default=None),
    )


def _offer(seat: SeatSnapshot) -> wire.Offer | None:
    if seat.offer is None or seat.offer_expires_at is None:
        return None
    return wire.Offer(ticket=ticket_row(seat.offer), expires_at=seat.offer_expires_at)


def _call(seat: SeatSnapshot, ice_servers: Sequence[IceServer], online: Collection[str]) -> SeatCall | None:
    if seat.talk is None:
        return _unread_call(seat, ice_servers)
    parties = [call_party(place, online) for place in seat.talk.places]
    inside = [party for party in parties if party.state in (CallPartyState.LIVE, CallPartyState.HELD)]
    call, first = seat.talk.call, (inside or parties)[0]
    return SeatCall(
        call_id=call.call_id,
        party_id=first.party_id,
        party_label=first.label,
        started_at=call.started_at,
        phone_online=first.online,
        ice_servers=list(ice_servers),
        parties=parties,
        follows=call.follows,
        joint=call.joint,
        transfer=transfer_view(seat.talk.transfer),
        listeners=[listener_view(listener) for listener in seat.talk.listeners],
        alone_with=call.alone_with,
    )


def _unread_call(seat: SeatSnapshot, ice_servers: Sequence[IceServer]) -> SeatCall | None:
    """The live call whose case cannot be opened: who is in it stays on the stage until the agent hangs up."""
    if seat.unread is None or seat.call is None or not seat.unread.legs:
        return None
    parties = [
        CallParty(
            party_id=leg.party_id,
            name_masked="",
            role=Role.BORROWER,  # nobody can say
            role_title="客户",
            label="客户",
            state=CallPartyState(leg.state),
            since=leg.since,
            muted=leg.muted,
        )
        for leg in seat.unread.legs
    ]
    return SeatCall(
        call_id=seat.call.call_id,
        party_id=parties[0].party_id,
        party_label=parties[0].label,
        started_at=seat.call.started_at,
        phone_online=False,
        ice_servers=list(ice_servers),
        parties=parties,
        follows=seat.call.follows,
        joint=seat.call.joint,
        alone_with=seat.call.alone_with,
    )


def _notice(seat: SeatSnapshot) -> Notice | None:
    if seat.unread is None:
        return _ended_by_another(seat)
    now = "请告诉客户改日办理，然后挂断" if seat.call is not None else "请结束整理"
    return Notice(tone=Tone.STOP, text=f"这笔业务打不开，不能继续办理。{now}，并联系管理员核查密钥和存储")


def _ended_by_another(seat: SeatSnapshot) -> Notice | None:
    """To an agent who did not hang up; stands until the wrap-up is over."""
    ended = seat.last_call
    if seat.seat.state is not SeatState.WRAP_UP or ended is None or not seat.seat.reason:
        return None
    return Notice(tone=Tone.CAUTION, text=f"{seat.seat.reason}：{ended.reason}" if ended.reason else seat.seat.reason)


def _transfer_offer(offer: TransferOfferSnapshot | None) -> TransferOffer | None:
    if offer is None:
        return None
    return TransferOffer(
        transfer_id=offer.transfer.transfer_id,
        case_no=offer.case.case_no,
        product_title=offer.case.product_title,
        from_seat=offer.from_seat.label,
        from_agent=offer.call.agent_name,
        reason=offer.transfer.reason,
        parties=[party_label(party) for party in offer.parties],
        call_started_at=offer.call.started_at,
        expires_at=offer.transfer.expires_at,
    )

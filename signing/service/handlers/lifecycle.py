"""A case as a whole: ended by staff, by the institution, by a customer's refusal or by time."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from signing.domain import events
from signing.domain.beijing import BEIJING
from signing.domain.call import LegEvent, apply_leg
from signing.domain.case import Case, DocumentState, Ending
from signing.domain.document import void
from signing.domain.errors import ConflictError, InputError, NotPermitted, SigningError
from signing.domain.events import Happening
from signing.domain.lifecycle import Operation, ending_by_staff, expiry_of, may_refuse, require
from signing.domain.party import Party, PartyEvent
from signing.domain.phase import ending_of, party_label
from signing.domain.queue import TicketState, finish
from signing.service.bus import Handler
from signing.service.commands import AbortCase, Actor, Command
from signing.service.handlers import legs
from signing.service.handlers.calls import end_calls
from signing.service.handlers.common import chain, party_of, save, step, with_party
from signing.service.handlers.queue import withdraw
from signing.service.lifecycle_commands import ExpireCases, RecordRefusal, Refuse, WithdrawCase
from signing.service.links import link_expiry
from signing.service.queries import case_for
from signing.service.services import Services
from signing.service.store import Link, Unit

_LOG = logging.getLogger(__name__)
EXPIRED_AT_ONCE = 50
"""How many cases one run ends at most; the rest waits for the next."""


# --- the end ------------------------------------------------------------------------------------------------------


def abort_case(command: AbortCase, services: Services) -> Case:
    """Where a customer has refused, the case counts as refused by them, whoever closes it."""
    reason = _reasoned(command.reason, "请填写终止原因")
    now = services.clock.now()
    with services.db.write() as unit:
        case = case_for(unit, command.actor, command.case_id)
        require(case, Operation.ABORT)
        return end(unit, case, command.actor, now, ending_by_staff(case), reason)


def withdraw_case(command: WithdrawCase, services: Services) -> Case:
    """Idempotent, since the credit system may ask twice."""
    reason = _reasoned(command.reason, "请填写撤回原因")
    now = services.clock.now()
    with services.db.write() as unit:
        case = case_for(unit, command.actor, command.case_id)
        if ending_of(case) is Ending.WITHDRAWN:
            return case
        require(case, Operation.WITHDRAW)
        return end(unit, case, command.actor, now, Ending.WITHDRAWN, reason)


def _reasoned(reason: str, missing: str) -> str:
    if not reason.strip():
        raise InputError(missing, "原因会记入证据链")
    return reason.strip()


def end(unit: Unit, case: Case, actor: Actor, now: datetime, ending: Ending, reason: str) -> Case:
    """Within the caller's unit of work: calls end, tickets leave, links die, papers that are not sealed are void."""
    end_calls(unit, case, actor, now, reason)
    unit.access.revoke_links_of(case.case_id)
    voidable = (DocumentState.FROZEN, DocumentState.SIGNED)
    gone = [document for document in case.documents if document.state in voidable]
    documents = tuple(void(document) if document in gone else document for document in case.documents)
    case = replace(case, ending=ending, abort_reason=reason, documents=documents)
    return save(unit, case, actor, now, [events.case_ended(ending, reason, gone)])


def expire_cases(command: ExpireCases, services: Services) -> list[str]:
    """Safe to run at several replicas at once: each case is looked at again in the transaction that ends it."""
    now = services.clock.now()
    with services.db.read() as unit:
        due = unit.cases.due(now, EXPIRED_AT_ONCE)
    return [case_id for case_id in due if _expire(case_id, command.actor, services, now)]


def _expire(case_id: str, actor: Actor, services: Services, now: datetime) -> bool:
    """A live call is never cut off: its case ends after it, unless all have signed by then."""
    try:
        with services.db.write() as unit:
            case = unit.cases.get(case_id)
            expires_at = expiry_of(case)
            if expires_at is None or expires_at > now or unit.queue.live_calls_of(case_id):
                return False
            day = expires_at.astimezone(BEIJING)
            end(unit, case, actor, now, Ending.EXPIRED, f"有效期至 {day:%Y-%m-%d %H:%M}，未签署齐全")
            return True
    except SigningError as error:
        # Another replica was faster, or the case is damaged: the others go on.
        _LOG.warning("case %s was not expired: %s", case_id, error.code)
        return False


# --- refusal ------------------------------------------------------------------------------------------------------


def refuse_on_phone(command: Refuse, services: Services) -> Case:
    """Raises ``ConflictError`` once the customer has signed everything."""
    now, actor = services.clock.now(), command.actor
    if actor.case_id is None:
        raise NotPermitted("只有客户本人可以操作")
    with services.db.write() as unit:
        case = unit.cases.get(actor.case_id)
        party = party_of(case, actor.actor_id)
        _require_may_refuse(case, party, "如要反悔，请拨打服务电话")
        return refuse(unit, case, party, actor, now, command.reason.strip(), on_phone=True)


def record_refusal(command: RecordRefusal, services: Services) -> Case:
    """While the customer is in a call, only from the seat that talks with them."""
    now, actor = services.clock.now(), command.actor
    reason = _reasoned(command.reason, "请填写客户拒绝的原因")
    with services.db.write() as unit:
        case = case_for(unit, actor, command.case_id)
        party = party_of(case, command.party_id)
        _require_may_refuse(case, party, "")
        call = unit.queue.live_call_of(party.party_id)
        if call is not None and call.seat_id != actor.seat_id:
            raise NotPermitted("客户正在与其他席位通话", "只有接通客户的席位可以登记")
        return refuse(unit, case, party, actor, now, reason, on_phone=False)


def _require_may_refuse(case: Case, party: Party, hint: str) -> None:
    require(case, Operation.REFUSE)
    if not may_refuse(party):
        raise ConflictError(f"{party_label(party)}已签署完毕，或已不在办理", hint)


def refuse(unit: Unit, case: Case, party: Party, actor: Actor, now: datetime, reason: str, *, on_phone: bool) -> Case:
    """Within the caller's unit of work. The case stops: who refused leaves the call, who waits leaves the queue.

    Others who are in a call stay in it, since the agent is there to tell them.
    """
    party = replace(step(party, PartyEvent.REFUSED), refusal=reason)
    case = save(unit, with_party(case, party), actor, now, [events.party_refused(party, reason, on_phone=on_phone)])
    happened = let_go(unit, case, party, actor, now, "客户不再办理")
    for other in case.parties:
        ticket = unit.queue.open_ticket_of(other.party_id)
        if ticket is not None and ticket.state is not TicketState.CONNECTED:
            happened += let_go(unit, case, other, actor, now, "其他当事人不再办理")
    chain(unit, case, actor, now, happened)
    return case


def let_go(unit: Unit, case: Case, party: Party, actor: Actor, now: datetime, reason: str) -> list[Happening]:
    """Out of call and queue; with the last one the call is hung up. → what is still to be chained."""
    ticket = unit.queue.open_ticket_of(party.party_id)
    if ticket is None:
        return []
    leg = unit.queue.live_leg_of(party.party_id)
    if leg is None:
        withdraw(unit, ticket, now)
        return [events.queue_left(party, ticket.ticket_id)]
    call = unit.queue.call(leg.call_id)
    if len(legs.open_legs(unit, call)) == 1:
        legs.hang_up(unit, case, call, actor, now, reason, [])
        return []
    unit.queue.save_leg(apply_leg(leg, LegEvent.REMOVED, now, reason))
    unit.queue.save_ticket(finish(ticket))
    return [events.party_removed(party, call, reason, False)]


# --- a fresh link -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Invited:
    """``capability`` is told only here."""

    party: Party
    capability: str
    expires_at: datetime


def fresh_link(unit: Unit, services: Services, case: Case, party: Party, now: datetime) -> Invited:
    """Within the caller's unit of work; the links before it die."""
    unit.access.revoke_links(party.party_id)
    capability, expires_at = services.ids.secret(), link_expiry(case, now, services.limits)
    digest = services.secrets.digest("capability", capability)
    unit.access.add_link(Link(digest, case.case_id, party.party_id, expires_at))
    return Invited(party, capability, expires_at)


HANDLERS: dict[type[Command], Handler] = {
    AbortCase: abort_case,
    WithdrawCase: withdraw_case,
    ExpireCases: expire_cases,
    Refuse: refuse_on_phone,
    RecordRefusal: record_refusal,
}

"""The customer's whole display, made anew each time from the case and their own part in it."""

from collections.abc import Sequence

from signing.domain.appointment import Appointment
from signing.domain.beijing import BEIJING
from signing.domain.case import ENDING_SENTENCES, Document, DocumentState
from signing.domain.document import all_read, signed_by
from signing.domain.masking import mask_name, mask_phone
from signing.domain.party import ROLE_TITLES, Party, PartyState
from signing.domain.phase import ending_of
from signing.domain.phone_step import CONSENT_STEPS, PhoneStep, documents_of
from signing.domain.queue import Priority, TicketState
from signing.service.snapshots import OpenedLink, PhoneSnapshot
from signing.web.views import queue
from signing.web.views.case import amount_in_words, amount_of, helper_view
from signing.wire import phone as wire
from signing.wire.base import IceServer, Notice, Tone
from signing.wire.case import DocumentState as WireDocumentState
from signing.wire.queue import Dialect, OwnAppointment

STAGES: tuple[frozenset[PhoneStep], ...] = (
    frozenset({PhoneStep.CODE}),
    frozenset(CONSENT_STEPS.values()),
    frozenset({PhoneStep.PRECHECK}),
    frozenset({PhoneStep.QUEUE}),
    frozenset({PhoneStep.ID_FRONT, PhoneStep.ID_BACK, PhoneStep.AWAIT_IDENTITY}),
    frozenset({PhoneStep.DISCLOSURE, PhoneStep.READING, PhoneStep.SIGNING}),
    frozenset({PhoneStep.AWAIT_SEAL, PhoneStep.DONE, PhoneStep.STOPPED, PhoneStep.ENDED}),
)
"""What a person counts as one step: code, consents, device, queue, identity, reading and signing, the end."""


def link_opened(link: OpenedLink) -> wire.LinkOpened:
    return wire.LinkOpened(
        institution=link.institution.name,
        name_masked=mask_name(link.party.name),
        phone_masked=mask_phone(link.party.phone),
        product_title=link.product_title,
        expires_at=link.expires_at,
        helpline=link.institution.helpline,
        step_total=len(STAGES),
    )


def phone_view(
    phone: PhoneSnapshot, ice_servers: Sequence[IceServer], consent: wire.ConsentText | None
) -> wire.PhoneView:
    """``consent``: the wording to be shown where the step asks for one."""
    case, party = phone.case, phone.party
    return wire.PhoneView(
        server_time=phone.now,
        step=wire.PhoneStep(phone.step),
        step_number=step_number(phone.step),
        step_total=len(STAGES),
        institution=phone.institution.name,
        branch=phone.branch.name,
        helpline=phone.institution.helpline,
        case_no=case.case_no,
        product_title=case.product_title,
        amount=amount_of(case),
        amount_in_words=amount_in_words(case),
        role_title=ROLE_TITLES[party.role],
        name_masked=mask_name(party.name),
        consent=consent,
        queue=_queue(phone),
        let_go=phone.let_go,
        door=queue.door(phone.gate),
        appointment=_appointment(phone.appointment),
        dialect=Dialect(party.dialect) if party.dialect else None,
        call=_call(phone, ice_servers),
        prompt=_prompt(phone),
        documents=[phone_document(document, party) for document in documents_of(case, party)],
        current_document_id=phone.document_id,
        helper=helper_view(party.helper),
        notice=_notice(phone),
        may_refuse=phone.may_refuse,
        stand_ins=list(phone.stand_ins),
    )


def step_number(step: PhoneStep) -> int:
    """The number of its stage, from 1; an ended journey shows its bar full."""
    return next(number for number, stage in enumerate(STAGES, start=1) if step in stage)


def phone_document(document: Document, party: Party) -> wire.PhoneDocument:
    read = party.reading.get(document.document_id, {})
    return wire.PhoneDocument(
        document_id=document.document_id,
        title=document.title,
        pages=document.pages,
        state=WireDocumentState(document.state),
        sha256=document.frozen_sha256,
        read=all_read(document, read),
        signed=party.party_id in signed_by(document),
        copy_available=document.state is DocumentState.SEALED,
        pages_seen=sorted(page for page, spent in read.items() if spent > 0),
    )


def _queue(phone: PhoneSnapshot) -> wire.QueuePlace | None:
    if phone.ticket is None or phone.ticket.state not in (TicketState.WAITING, TicketState.OFFERED):
        return None
    return wire.QueuePlace(
        position=phone.position,
        expected_wait_seconds=phone.expected_wait_seconds,
        message=_queue_message(phone),
        paused=not phone.gate.offers and phone.ticket.state is TicketState.WAITING,
        ticket_id=phone.ticket.ticket_id,
    )


def _appointment(made: Appointment | None) -> OwnAppointment | None:
    if made is None:
        return None
    text = f"您预约了 {made.window} 办理，请在 {made.starts_at.astimezone(BEIJING):%H:%M} 前后打开本页"
    return OwnAppointment(starts_at=made.starts_at, ends_at=made.ends_at, text=text)


def _queue_message(phone: PhoneSnapshot) -> str:
    ticket = phone.ticket
    if ticket is None:
        return ""
    if ticket.state is TicketState.OFFERED:
        return "正在为您接通客户经理，请不要离开"
    if not phone.gate.offers:
        return phone.gate.waiting or phone.gate.message
    if phone.seats_on_duty == 0:
        return "客户经理暂时都不在，请稍候；关掉本页也不会丢失排队"
    if ticket.priority is Priority.RETURNING:
        return "刚才断线了，已把您排在最前面，马上为您接回"
    if phone.position == 1:
        return "下一位就是您"
    return f"前面还有 {phone.position - 1} 位"


def _call(phone: PhoneSnapshot, ice_servers: Sequence[IceServer]) -> wire.PhoneCall | None:
    if phone.call is None:
        return None
    return wire.PhoneCall(
        call_id=phone.call.call_id,
        agent_name=mask_name(phone.call.agent_name),
        seat_label=phone.seat_label,
        ice_servers=list(ice_servers),
        held=phone.held,
        muted=phone.muted,
        transferring=phone.transferring,
        ticket_id=phone.ticket.ticket_id if phone.ticket is not None else None,
    )


def _prompt(phone: PhoneSnapshot) -> wire.Prompt | None:
    if phone.prompt is None or phone.step is not PhoneStep.DISCLOSURE:
        return None
    own = [line.number for line in phone.case.script if line.is_for(phone.party.party_id)]
    number = own.index(phone.prompt.number) + 1
    return wire.Prompt(number=number, total=len(own), text=phone.prompt.text)


def _last_words(phone: PhoneSnapshot) -> Notice:
    """Whoever did not want to go on is told so first, whatever became of the case since."""
    if phone.party.state is PartyState.REFUSED:
        return Notice(tone=Tone.NOTICE, text="已按您的意思停止办理，这笔业务的文书不会生效")
    if phone.party.state is PartyState.REMOVED:
        return Notice(tone=Tone.NOTICE, text="这笔业务已有变更，不再需要您办理")
    ending = ending_of(phone.case)
    if ending is None:
        return Notice(tone=Tone.CAUTION, text="有其他当事人不再办理，这笔业务暂时不能继续")
    return Notice(tone=Tone.NOTICE, text=ENDING_SENTENCES[ending])


def _notice(phone: PhoneSnapshot) -> Notice | None:
    if phone.step in (PhoneStep.ENDED, PhoneStep.STOPPED):
        return _last_words(phone)
    if phone.transferring:
        return Notice(tone=Tone.NOTICE, text="正在为您转接其他客户经理，请不要离开，也不需要重新办理")
    if phone.held:
        doing = "单独谈话" if phone.apart else "办理"
        return Notice(tone=Tone.NOTICE, text=f"请稍候，客户经理正在与其他当事人{doing}，马上回到您这里")
    if phone.muted:
        return Notice(
            tone=Tone.CAUTION, text="客户经理已将您静音：现在没有人听到您说话，也不录音。想说话时请向镜头招手"
        )
    if phone.party.hears_again and phone.party.state in (PartyState.READY, PartyState.IDENTIFIED):
        return Notice(tone=Tone.NOTICE, text="业务内容有变更，请重新听客户经理告知、重新看文书，以新的为准")
    decision = phone.party.identity.decision
    if decision is not None and not decision.accepted:
        return Notice(tone=Tone.CAUTION, text="身份核验没有通过，请按客户经理的提示重新拍摄")
    if phone.listened and phone.step is not PhoneStep.SIGNING:  # nothing moves the paper under the pen
        return Notice(tone=Tone.NOTICE, text="本机构的一位主管正在旁听这次通话，监督服务是否规范")
    return None

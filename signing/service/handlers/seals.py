"""The seal registry: registered, taken out of use, chosen for a paper, approved by second eyes; every use is logged."""

from collections.abc import Callable
from dataclasses import replace

from signing.domain import events
from signing.domain.case import Case, Document, DocumentState
from signing.domain.errors import ConflictError, NotPermitted, RuleBroken
from signing.domain.phase import is_sealed
from signing.domain.seal_changes import amended, difference, resumed, suspended
from signing.domain.seals import (
    KIND_TITLES,
    Marks,
    RegisteredSeal,
    SealApproval,
    SealDelay,
    SealKind,
    SealUse,
    check,
    check_end,
    choose,
    made_number,
    why_not,
)
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import SYSTEM, Actor, Command
from signing.service.handlers.common import on_record, require_open, save
from signing.service.registry import refused, wanted
from signing.service.risk import check_reason, why_not_decide
from signing.service.seal_commands import (
    AmendSeal,
    ApproveSealing,
    RegisterSeal,
    ResumeSeal,
    RetireSeal,
    SuspendSeal,
)
from signing.service.services import Services
from signing.service.store import Unit


def register_seal(command: RegisterSeal, services: Services) -> RegisteredSeal:
    """Raises ``InputError``, ``ConflictError`` where the number or the seal is registered already."""
    now = services.clock.now()
    with services.db.write() as unit:
        institution = unit.people.institution(command.institution_id)
        number = command.number
        if not number and command.kind is not SealKind.REPRESENTATIVE:
            number = made_number(institution.institution_id, institution.credit_code, command.kind)
        seal = RegisteredSeal(
            seal_id=services.ids.new("seal"),
            institution_id=command.institution_id,
            kind=command.kind,
            text=command.text,
            number=number,
            custodian=command.custodian,
            valid_from=command.valid_from,
            valid_until=command.valid_until,
            registered_at=now,
            documents=tuple(dict.fromkeys(command.documents)),
            second_above=command.second_above,
        )
        check(seal)
        check_end(seal.valid_until, now)
        _require_new(unit, seal)
        unit.seals.save(seal)
        unit.seals.hurry(seal.institution_id, now)
        on_record(
            unit, command.actor, now, "seal.registered", f"{seal.seal_id} {seal.title} custodian={seal.custodian}"
        )
        return seal


def _require_new(unit: Unit, seal: RegisteredSeal) -> None:
    for other in unit.seals.of(seal.institution_id):
        if other.in_use and seal.number and other.number == seal.number:
            raise ConflictError(
                f"编码 {seal.number} 已登记为{KIND_TITLES[other.kind]}", "请先停用原来的印章，或核对编码"
            )
        if other.in_use and (other.kind, other.text, other.documents) == (seal.kind, seal.text, seal.documents):
            raise ConflictError(f"{other.title} 已经登记，且用于同样的文书", "请先停用原来的印章")


def retire_seal(command: RetireSeal, services: Services) -> RegisteredSeal:
    check_reason(command.reason)
    now = services.clock.now()
    with services.db.write() as unit:
        seal = unit.seals.hold(command.seal_id)
        if seal.retired_at is not None:
            raise ConflictError(f"{seal.title} 已经停用", "不需要再操作")
        seal = replace(seal, retired_at=now, retired_reason=command.reason.strip())
        unit.seals.save(seal)
        on_record(unit, command.actor, now, "seal.retired", f"{seal.seal_id} {seal.title} reason={seal.retired_reason}")
        return seal


def suspend_seal(command: SuspendSeal, services: Services) -> RegisteredSeal:
    """From here on no paper is sealed with it, not even one whose seal was asked for before."""
    now, by = services.clock.now(), command.actor.name
    return _changed(command, "suspended", lambda seal: suspended(seal, now, by, command.reason.strip()), services)


def resume_seal(command: ResumeSeal, services: Services) -> RegisteredSeal:
    """What has waited for it is tried at once (``Bus``)."""
    return _changed(command, "resumed", resumed, services)


def amend_seal(command: AmendSeal, services: Services) -> RegisteredSeal:
    now, custodian, until = services.clock.now(), command.custodian, command.valid_until
    return _changed(command, "amended", lambda seal: amended(seal, now, custodian, until), services)


def _changed(
    command: SuspendSeal | ResumeSeal | AmendSeal,
    what: str,
    change: Callable[[RegisteredSeal], RegisteredSeal],
    services: Services,
) -> RegisteredSeal:
    """Raises ``InputError``, ``ConflictError``, ``NotFound`` also where the seal is another institution's."""
    check_reason(command.reason)
    now = services.clock.now()
    with services.db.write() as unit:
        before = scope.held_seal(unit, command.actor, command.seal_id)
        after = change(before)
        unit.seals.save(after)
        if what != "suspended":
            unit.seals.hurry(after.institution_id, now)
        words = (after.seal_id, after.title, difference(before, after), f"reason={command.reason.strip()}")
        on_record(unit, command.actor, now, f"seal.{what}", " ".join(filter(None, words)))
        unit.changes.branch_ids.update(scope.branch_ids(unit, after.institution_id))
        return after


def approve_sealing(command: ApproveSealing, services: Services) -> Case:
    """Four eyes: raises ``NotPermitted`` for whoever opened the case or talked with its customers.

    A no holds until another supervisor approves, and comes too late once the seal has been asked for; an approval may
    still be wanted then, where a seal's own amount was lowered meanwhile.
    """
    check_reason(command.note)
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        case = scope.home_case(unit, actor, command.case_id)
        require_open(case)
        if why := why_not_decide(unit, case, actor):
            raise NotPermitted(why.replace("放行或退回", "复核用印"), "请由另一位主管复核")
        if not case.documents or any(one.state is DocumentState.FROZEN for one in case.documents):
            raise ConflictError("当事人还没有全部签署，不能复核用印", "请等全部签署后再复核")
        if case.seal_approval is not None:
            raise ConflictError("这笔业务的用印已经复核", "可以用印了")
        _require_in_time(case, command)
        approval = SealApproval(actor.name, actor.actor_id, now, command.note.strip())
        unit.changes.branch_ids.add(case.branch_id)
        if not command.approved:
            return save(unit, replace(case, seal_refusal=approval), actor, now, [events.seal_declined(approval)])
        case = replace(case, seal_approval=approval, seal_refusal=None)
        return save(unit, case, actor, now, [events.seal_approved(approval)])


def _require_in_time(case: Case, command: ApproveSealing) -> None:
    if is_sealed(case):
        raise ConflictError("这笔业务已经用印", "不需要再复核")
    if not command.approved and case.seal_requested_at is not None:
        raise ConflictError("坐席已经申请用印，不能再拒绝", "如有疑问，请立即联系坐席和管理员")


def require_seals(case: Case, actor: Actor, services: Services) -> None:
    """Raises ``RuleBroken`` where a supervisor's no stands, and for the first paper that may not be sealed; the refusal
    is in the log."""
    if said := refused(case):
        raise RuleBroken("seal.declined", said, "请按主管的意见处理，再请主管复核")
    if case.seal_approval is not None and case.seal_approval.by_id == actor.actor_id:
        raise NotPermitted("复核用印的主管不能自己用印", "请由经办的坐席用印")
    for document in case.documents:
        if document.state is DocumentState.SIGNED:
            marks_for(case, document, actor, services)


def marks_for(case: Case, document: Document, actor: Actor, services: Services) -> Marks:
    """The seals for this paper. Raises ``RuleBroken``, and logs why."""
    with services.db.read() as unit:
        seals = unit.seals.of(case.institution_id)
    try:
        marks = choose(seals, wanted(case, document, services))
        # A paper made before there were square seals has no place for one, nor a code on record.
        return marks if document.lookup_code else Marks(marks.round)
    except RuleBroken as error:
        log_refusal(case, document, error, actor, services)
        raise


def log_refusal(case: Case, document: Document, error: RuleBroken, actor: Actor, services: Services) -> None:
    """In a unit of its own, so that it stays although nothing else of the refused use does."""
    with services.db.write() as unit:
        unit.seals.log(replace(_use(case, document, actor, services), refused=error.message))
        unit.changes.branch_ids.add(case.branch_id)


def delay_seal(case_id: str, reason: str, services: Services) -> None:
    """Puts the case on the list of those to be tried again. The first failure is on its chain, while it has no end."""
    now = services.clock.now()
    with services.db.write() as unit:
        before = unit.seals.delay(case_id)
        delay = before or SealDelay(case_id, now, 0, now, reason)
        unit.seals.save_delay(delay.again(now, reason))
        if before is None and not unit.cases.is_closed(case_id):
            save(unit, unit.cases.get(case_id), SYSTEM, now, [events.seal_delayed(reason)])


def require_still(unit: Unit, case: Case, document: Document, marks: Marks, services: Services) -> None:
    """Once more before a sealed paper is kept: making it may take a CA minutes. Whoever puts a seal aside meanwhile
    waits until the paper is kept. Raises ``RuleBroken``, to be logged with ``log_refusal`` once the unit is undone."""
    for seal in marks.all:
        if why := why_not(unit.seals.rely_on(seal.seal_id), wanted(case, document, services)):
            raise RuleBroken("seal.registry", f"{seal.title}：{why}", "这份文书没有用印，请检查印章登记后再用印")


def log_uses(unit: Unit, case: Case, document: Document, marks: Marks, actor: Actor, services: Services) -> None:
    for seal in marks.all:
        use = _use(case, document, actor, services)
        unit.seals.log(replace(use, seal_id=seal.seal_id, sha256=document.current_sha256))


def _use(case: Case, document: Document, actor: Actor, services: Services) -> SealUse:
    return SealUse(
        use_id=services.ids.new("use"),
        institution_id=case.institution_id,
        seal_id="",
        at=services.clock.now(),
        case_id=case.case_id,
        case_no=case.case_no,
        document_id=document.document_id,
        document_title=document.title,
        by=actor.name if actor.kind != "system" else (case.seal_requested_by or "系统"),
        approved_by="" if case.seal_approval is None else case.seal_approval.by,
    )


HANDLERS: dict[type[Command], Handler] = {
    RegisterSeal: register_seal,
    RetireSeal: retire_seal,
    SuspendSeal: suspend_seal,
    ResumeSeal: resume_seal,
    AmendSeal: amend_seal,
    ApproveSealing: approve_sealing,
}

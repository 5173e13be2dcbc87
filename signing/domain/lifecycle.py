"""How a case may end or change before its seal, and until when: what is allowed in which state, and why not."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from signing.domain.case import Case, Ending
from signing.domain.errors import ConflictError
from signing.domain.party import Party, PartyState
from signing.domain.phase import all_reached, is_open, is_sealed, is_stopped, party_label
from signing.domain.product import Product

CASE_LIFE = timedelta(days=30)
"""How long a case is open for signing where neither its product nor its institution says otherwise."""


class Operation(StrEnum):
    """What staff may do to a case as a whole."""

    CHANGE_TERMS = "change_terms"
    REFUSE = "refuse"
    INVITE = "invite"
    ABORT = "abort"
    WITHDRAW = "withdraw"


def first_expiry(product: Product, opened_at: datetime, life: timedelta = CASE_LIFE) -> datetime:
    """``life`` is the institution's; a product's own number of days goes before it."""
    own = None if product.valid_days is None else timedelta(days=product.valid_days)
    return opened_at + (own or life)


def expiry_of(case: Case) -> datetime | None:
    """When the case ends by itself; None once all have signed, once it is over, and for one that never does."""
    if not is_open(case) or case.seal_requested_at is not None or all_reached(case, PartyState.SIGNED):
        return None
    return case.expires_at


def is_signed_by_anybody(case: Case) -> bool:
    return any(document.signatures for document in case.documents)


def ending_by_staff(case: Case) -> Ending:
    """What an end by staff counts as: where a customer has refused, that is why it ended."""
    return Ending.REFUSED if is_stopped(case) else Ending.ABORTED


def locked(case: Case) -> Mapping[Operation, str]:
    """Which operations the state of the case forbids, each with the reason in Chinese."""
    over = _over(case)
    sealing = over or ("已开始用印，请等待用印和归档完成" if case.seal_requested_at is not None else "")
    reasons = {
        Operation.CHANGE_TERMS: sealing or _signed(case),
        Operation.REFUSE: sealing or _nobody_to_refuse(case),
        Operation.INVITE: "" if is_sealed(case) else over,
        Operation.ABORT: sealing,
        Operation.WITHDRAW: sealing,
    }
    return {operation: reason for operation, reason in reasons.items() if reason}


def require(case: Case, operation: Operation) -> None:
    """Raises ``ConflictError`` with the reason and what to do instead."""
    reason = locked(case).get(operation)
    if reason:
        raise ConflictError(f"{_WORDS[operation]}：{reason}", _INSTEAD.get(operation, ""))


def require_going_on(case: Case) -> None:
    """Raises ``ConflictError`` where a party has refused: nobody signs for a contract that will not come about."""
    for party in case.parties:
        if party.state is PartyState.REFUSED:
            message = f"{party_label(party)}不再办理，这笔业务暂时不能继续"
            raise ConflictError(message, "请等客户经理处理；进度都已保存")


def may_refuse(party: Party) -> bool:
    """Until everything is signed."""
    return party.state not in (PartyState.SIGNED, PartyState.REFUSED, PartyState.REMOVED)


def dispensable(product: Product, case: Case, party: Party) -> bool:
    """Whether a change of terms could go on without this party: nobody has signed, and the product allows fewer."""
    there = sum(one.role is party.role for one in case.parties)
    return not is_signed_by_anybody(case) and there > product.count(party.role)[0]


_WORDS = {
    Operation.CHANGE_TERMS: "不能变更业务要素",
    Operation.REFUSE: "不能登记拒绝",
    Operation.INVITE: "不能重发链接",
    Operation.ABORT: "不能终止这笔业务",
    Operation.WITHDRAW: "不能撤回这笔业务",
}
_INSTEAD = {Operation.CHANGE_TERMS: "如确需变更，请终止这笔业务，再重新建立"}


def _over(case: Case) -> str:
    if case.abort_reason:
        return "这笔业务已经结束"
    return "" if is_open(case) else "这笔业务已办结归档"


def _signed(case: Case) -> str:
    return "已有当事人签署，签过的内容不能再改" if is_signed_by_anybody(case) else ""


def _nobody_to_refuse(case: Case) -> str:
    if any(may_refuse(party) for party in case.parties):
        return ""
    refused = any(party.state is PartyState.REFUSED for party in case.parties)
    return "当事人都已签署，或已不再办理" if refused else "当事人都已签署完毕"

"""What an agent may do to the case on the desk as a whole, and why not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from desktop.model import party as parties
from desktop.model import workspace as w
from signing.wire.case import CaseView, PartyState, PartyView
from signing.wire.lifecycle import Operation

TITLES = {
    Operation.CHANGE_TERMS: "变更业务要素…",
    Operation.REFUSE: "登记客户拒绝…",
    Operation.INVITE: "重发专属链接…",
    Operation.WITHDRAW: "撤回业务…",
    Operation.ABORT: "终止业务…",
}
"""In the order of the menu; the last two end the case."""

REASONS: Mapping[Operation, tuple[str, ...]] = {
    Operation.REFUSE: ("金额、利率或期限不合适", "家里人不同意", "不愿承担担保责任"),
    Operation.WITHDRAW: ("审批意见撤销", "业务要素录错，另行建立", "客户已改到柜台办理"),
    Operation.ABORT: ("客户改变主意，不办了", "身份核实不通过", "疑似受他人指使"),
}
_GONE = (PartyState.SIGNED, PartyState.REFUSED, PartyState.REMOVED)


@dataclass(frozen=True)
class Choice:
    """``locked`` says why it cannot be done now; empty where it can."""

    operation: Operation
    title: str
    locked: str


def choices(state: w.State) -> list[Choice]:
    """Of the case on the desk; two of them are about the focused party, and name them."""
    case = state.case
    if case is None:
        return []
    return [Choice(one, _title(one, state.party), _why_not(one, case, state.party)) for one in TITLES]


def _title(operation: Operation, party: PartyView | None) -> str:
    if party is None or operation not in (Operation.REFUSE, Operation.INVITE):
        return TITLES[operation]
    verb = TITLES[operation].removesuffix("…")
    return f"{verb}：{parties.label(party)}…"


def _why_not(operation: Operation, case: CaseView, party: PartyView | None) -> str:
    locked = case.locked.get(operation.value, "")
    if locked or operation is not Operation.REFUSE or party is None or party.state not in _GONE:
        return locked
    return "已签署完毕" if party.state is PartyState.SIGNED else "已登记拒绝"

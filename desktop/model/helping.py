"""A customer's helper, as the seat's screen speaks of them. Pure."""

from desktop.model import party as parties
from desktop.model.state import State
from signing.wire.helper import HelperView


def words(helper: HelperView) -> str:
    """As 协助人 王*田（子女）."""
    return f"协助人 {helper.name_masked}（{helper.relation}）"


def mark(helper: HelperView | None) -> str:
    """What stands on the customer's picture; empty without a helper."""
    if helper is None:
        return ""
    return "协助人已回避" if helper.aside else "协助人在场"


def place(helper: HelperView) -> str:
    return "已回避" if helper.aside else "在旁"


def in_the_way(state: State) -> bool:
    """The line to be read now must be answered alone, and the helper has not stepped aside."""
    case, party = state.case, state.party
    if case is None or party is None or party.helper is None or party.helper.aside:
        return False
    line = parties.line_now(case, party)
    return line is not None and line.alone

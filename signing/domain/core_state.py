"""Where a case stands for the credit system 信贷系统: fewer states than staff see."""

from enum import StrEnum

from signing.domain.case import Case
from signing.domain.party import PartyState
from signing.domain.phase import all_reached, is_open, is_sealed


class CoreState(StrEnum):
    """``open`` → ``signed`` → ``sealed`` → ``closed``; ``ended`` from the first two."""

    OPEN = "open"
    SIGNED = "signed"
    """All have signed; the institution has not sealed yet. Nothing leads back: no terms change after a signature."""
    SEALED = "sealed"
    CLOSED = "closed"
    """The evidence package is there."""
    ENDED = "ended"
    """It ends without a seal; its papers are void."""


CORE_STATE_TITLES = {
    CoreState.OPEN: "办理中",
    CoreState.SIGNED: "已签署，待用印",
    CoreState.SEALED: "已用印",
    CoreState.CLOSED: "已归档",
    CoreState.ENDED: "已结束，未签成",
}


def core_state(case: Case) -> CoreState:
    if case.package is not None:
        return CoreState.CLOSED
    if not is_open(case):
        return CoreState.ENDED
    if is_sealed(case):
        return CoreState.SEALED
    return CoreState.SIGNED if all_reached(case, PartyState.SIGNED) else CoreState.OPEN

"""Opening a case at a seat where the answer may be lost: whoever asks again gets the same case."""

from dataclasses import replace
from functools import partial

from signing.domain import events
from signing.domain.case import Case
from signing.domain.errors import ConflictError, NotFound
from signing.domain.party import PartyState
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.handlers.cases import open_case
from signing.service.handlers.common import save
from signing.service.handlers.lifecycle import fresh_link
from signing.service.opening_commands import OpenCaseOnce, OpenedOnce
from signing.service.services import Services


def open_case_once(command: OpenCaseOnce, services: Services) -> OpenedOnce:
    """The key of one member of staff makes the case's identifier, so that a second case cannot come into being.

    Raises ``ConflictError`` idempotency where the key's case was opened with another content, and whatever
    ``open_case`` raises.
    """
    case_id = f"case_{services.secrets.digest('case-once', f'{command.actor.actor_id}/{command.key}')[:32]}"
    digest = services.secrets.digest("case-order", command.body.decode())
    known = _known(command, case_id, digest, services)
    if known is not None:
        return known
    try:
        case, capabilities = open_case(
            command.order, services, mark=partial(replace, case_id=case_id, order_digest=digest)
        )
        return OpenedOnce(case, capabilities)
    except ConflictError as error:
        # The same press once more, perhaps on another replica, was a moment earlier; nothing of ours is left.
        known = _known(command, case_id, digest, services) if error.code == "in_progress" else None
        if known is None:
            raise
        return known


def _known(command: OpenCaseOnce, case_id: str, digest: str, services: Services) -> OpenedOnce | None:
    with services.db.read() as unit:
        try:
            found = scope.case(unit, command.actor, case_id)
        except NotFound:
            return None
    if found.order_digest != digest:
        raise ConflictError(
            f"这份草稿已经开立了业务 {found.case_no}，内容与现在填的不同",
            "请在“查找业务”里打开它，用“变更”改；要另开一笔，请新建一份再填",
            code="idempotency",
        )
    return OpenedOnce(found, _links_again(command, found.case_id, services), first=False)


def _links_again(command: OpenCaseOnce, case_id: str, services: Services) -> dict[str, str]:
    """Links are told once and kept nowhere: who has not opened theirs gets another one, and the first one dies."""
    now = services.clock.now()
    with services.db.write() as unit:
        case: Case = scope.case(unit, command.actor, case_id)
        waiting = [party for party in case.parties if party.state is PartyState.INVITED]
        fresh = [fresh_link(unit, services, case, party, now) for party in waiting]
        told = [events.link_renewed(one.party, one.expires_at) for one in fresh]
        save(unit, case, command.actor, now, told)
    return {one.party.party_id: one.capability for one in fresh}


HANDLERS: dict[type[Command], Handler] = {OpenCaseOnce: open_case_once}

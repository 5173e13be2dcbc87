"""Orders of the credit system: a case for each, however often it is asked."""

import json
from dataclasses import asdict
from datetime import datetime
from functools import partial

from signing.domain.case import Case
from signing.domain.errors import ConflictError, InputError
from signing.domain.masking import mask_name
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.core_commands import CoreOpened, Invited, OpenCoreCase
from signing.service.core_store import CoreRequest
from signing.service.handlers.cases import open_case
from signing.service.services import Services
from signing.service.store import Unit


def open_core_case(command: OpenCoreCase, services: Services) -> CoreOpened:
    """Raises ``ConflictError`` idempotency where another order has the key or the reference, and whatever
    ``open_case`` raises."""
    if not command.idempotency_key:
        raise InputError("没有给出幂等键", "请给出请求头 Idempotency-Key，或在内容里给出 reference")
    known = _known(command, services)
    if known is not None:
        return known
    try:
        opened: list[CoreOpened] = []
        open_case(command.order, services, also=partial(_keep, command, services, opened))
        return opened[0]
    except ConflictError as error:
        # Somebody else, perhaps on another replica, opened it meanwhile; nothing of ours is left.
        known = _known(command, services) if error.code == "in_progress" else None
        if known is None:
            raise
        return known


def _known(command: OpenCoreCase, services: Services) -> CoreOpened | None:
    digest = _digest(command, services)
    with services.db.read() as unit:
        found = scope.order_by_key(unit, command.actor, command.idempotency_key)
        if found is None and command.reference:
            found = scope.order_by_reference(unit, command.actor, command.reference)
    if found is None:
        return None
    if found.body_digest != digest:
        raise ConflictError(
            "同一个幂等键或外部编号已用于另一份内容",
            "内容有变时请换一个幂等键和外部编号；重试请原样发送",
            code="idempotency",
        )
    return _told(found)


def _keep(
    command: OpenCoreCase, services: Services, opened: list[CoreOpened], unit: Unit, case: Case, secrets: dict[str, str]
) -> None:
    """In the transaction of the case: both are there, or neither."""
    made = CoreOpened(
        case.case_id,
        case.case_no,
        command.reference,
        case.opened_at,
        case.opened_at + services.limits.link_life,
        tuple(
            Invited(party.party_id, party.role.value, mask_name(party.name), secrets[party.party_id])
            for party in case.parties
        ),
    )
    unit.core.add_request(
        CoreRequest(
            case.case_id,
            case.institution_id,
            command.actor.actor_id,
            command.idempotency_key,
            command.reference or None,
            _digest(command, services),
            case.opened_at,
            _stored(made),
        )
    )
    opened.append(made)


def _digest(command: OpenCoreCase, services: Services) -> str:
    """Keyed, since the body holds identity numbers that could be found by trying."""
    return services.secrets.digest("core-order", command.body.decode())


def _stored(made: CoreOpened) -> bytes:
    values = asdict(made)
    times = {name: values[name].isoformat() for name in ("opened_at", "links_expire_at")}
    return json.dumps(values | times, ensure_ascii=False).encode()


def _told(found: CoreRequest) -> CoreOpened:
    values = json.loads(found.answer)
    times = {name: datetime.fromisoformat(values[name]) for name in ("opened_at", "links_expire_at")}
    invited = tuple(Invited(**one) for one in values["invited"])
    return CoreOpened(**{**values, **times, "invited": invited, "first": False})


HANDLERS: dict[type[Command], Handler] = {OpenCoreCase: open_core_case}

"""Showing what is masked: who looked, at what and why is chained before the value is given."""

from datetime import datetime

from signing.domain import events
from signing.domain.case import Case, party_of
from signing.domain.errors import InputError
from signing.domain.party import Party
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Actor, Command, Reveal
from signing.service.services import Services
from signing.service.store import Unit

REASON_LENGTH = 2


def reveal(command: Reveal, services: Services) -> str:
    """→ the value. Once the chain is closed the look is on the access log.

    At the seat that has the case on its desk no reason is asked for; everybody else gives one.
    """
    now, actor, reason = services.clock.now(), command.actor, command.reason.strip()
    if command.what not in events.REVEALED_TITLES:
        raise InputError("没有这一项可以显示", "请选：姓名、证件号、手机号、住址")
    with services.db.write() as unit:
        case = scope.case(unit, actor, command.case_id)
        party = party_of(case, command.party_id)
        if len(reason) < REASON_LENGTH and not _on_desk(unit, actor, case):
            raise InputError("请填写查看原因", "这笔业务不在您的席位上，查看完整信息须说明原因")
        _put_on_record(unit, case, party, actor, now, command.what, reason)
        return _value(party, command.what)


def _on_desk(unit: Unit, actor: Actor, case: Case) -> bool:
    return actor.seat_id is not None and unit.queue.seat(actor.seat_id).case_id == case.case_id


def _put_on_record(unit: Unit, case: Case, party: Party, actor: Actor, now: datetime, what: str, reason: str) -> None:
    if unit.cases.is_closed(case.case_id):
        detail = f"{party.party_id} {events.REVEALED_TITLES[what]}：{reason}"
        unit.logs.record_view(actor, now, "reveal", case.case_id, detail)
    else:
        unit.cases.append(case.case_id, events.personal_revealed(party, what, reason, actor.name), actor, now)


def _value(party: Party, what: str) -> str:
    values = {"name": party.name, "id_number": party.id_number, "phone": party.phone, "address": party.address}
    return values[what]


HANDLERS: dict[type[Command], Handler] = {Reveal: reveal}

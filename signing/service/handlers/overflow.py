"""Overflow between institutions: each declares its own side, and ends it alone."""

from dataclasses import replace
from datetime import datetime

from signing.domain.agreement import SIDE_TITLES, Declaration, Side
from signing.domain.errors import ConflictError, InputError
from signing.service import scope
from signing.service.bus import Handler
from signing.service.commands import Actor, Command
from signing.service.handlers.common import on_record
from signing.service.handlers.office import LONGEST_SECONDS
from signing.service.queue_commands import DeclareOverflow, EndOverflow
from signing.service.services import Services
from signing.service.store import Unit


def declare(command: DeclareOverflow, services: Services) -> Declaration:
    """→ the own side. Customers flow only once the other institution has declared its side too."""
    now, actor = services.clock.now(), command.actor
    own_id = scope.acting_for(actor, command.institution_id)
    if own_id == command.other_id:
        raise InputError("不能与本机构约定", "请选择另一家机构")
    if not 0 <= command.after_seconds <= LONGEST_SECONDS:
        raise InputError("等候时限须在 0 秒到 8 小时之间", "请检查时限")
    with services.db.write() as unit:
        scope.institution(unit, actor, own_id)
        unit.people.institution(command.other_id)
        for earlier in _standing(unit, own_id, command.other_id, command.side):
            _end(unit, earlier, actor, now)
        made = Declaration(
            services.ids.new("agree"),
            own_id,
            command.other_id,
            command.side,
            command.after_seconds,
            now,
            actor.actor_id,
        )
        unit.office.save_declaration(made)
        _tell(unit, made)
        on_record(unit, actor, now, "overflow.declared", _words(made))
        return made


def end(command: EndOverflow, services: Services) -> None:
    """Nobody new flows from then on; a live call goes on to its end."""
    now, actor = services.clock.now(), command.actor
    own_id = scope.acting_for(actor, command.institution_id)
    with services.db.write() as unit:
        scope.institution(unit, actor, own_id)
        standing = _standing(unit, own_id, command.other_id, command.side)
        if not standing:
            raise ConflictError("没有这项约定", "请以列表为准")
        for one in standing:
            _end(unit, one, actor, now)
            _tell(unit, one)
            on_record(unit, actor, now, "overflow.ended", _words(one))


def _standing(unit: Unit, own_id: str, other_id: str, side: Side) -> list[Declaration]:
    declared = unit.office.declarations()
    return [one for one in declared if (one.institution_id, one.other_id, one.side) == (own_id, other_id, side)]


def _end(unit: Unit, standing: Declaration, actor: Actor, now: datetime) -> None:
    unit.office.save_declaration(replace(standing, ended_at=now, ended_by=actor.actor_id))


def _tell(unit: Unit, declaration: Declaration) -> None:
    for institution_id in declaration.home_and_serving:
        unit.changes.branch_ids.update(scope.branch_ids(unit, institution_id))


def _words(one: Declaration) -> str:
    after = f"，等候 {one.after_seconds} 秒后" if one.side is Side.SENDS else ""
    return f"{one.institution_id} 与 {one.other_id}：{SIDE_TITLES[one.side]}{after}"


HANDLERS: dict[type[Command], Handler] = {DeclareOverflow: declare, EndOverflow: end}

"""A customer's appointed time, and the language they chose."""

from dataclasses import replace
from datetime import datetime

from signing.domain import events
from signing.domain.appointment import Appointment, cancel, check_window
from signing.domain.case import Case
from signing.domain.errors import ConflictError, InputError
from signing.domain.party import Party, PartyState
from signing.service import queue_rules, scope
from signing.service.bus import Handler
from signing.service.commands import Command
from signing.service.handlers.common import chain, customer, party_of, require_open, save, with_party
from signing.service.queue_commands import CancelAppointment, ChooseDialect, MakeAppointment
from signing.service.services import Services
from signing.service.store import Unit


def make(command: MakeAppointment, services: Services) -> Appointment:
    """The same time again is the same appointment, and changes nothing.

    Raises ``InputError`` for a time the branch does not serve, ``ConflictError`` for who needs no more calls.
    """
    now, actor = services.clock.now(), command.actor
    with services.db.write() as unit:
        case = scope.own_case(unit, actor, command.case_id)
        require_open(case)
        party = _in_need(case, command.party_id)
        standing = unit.office.appointment_of(party.party_id, now)
        if standing is not None and (standing.starts_at, standing.ends_at) == (command.starts_at, command.ends_at):
            return standing
        hours = unit.office.hours_of(case.branch_id)
        check_window(command.starts_at, command.ends_at, now, None if hours is None else hours.as_hours())
        made = Appointment(
            services.ids.new("appt"),
            case.case_id,
            party.party_id,
            case.institution_id,
            case.branch_id,
            command.starts_at,
            command.ends_at,
            now,
            actor.actor_id,
        )
        _put_off(unit, party, now)
        unit.office.save_appointment(made)
        queue_rules.change_needs(unit, party.party_id, appointment_at=made.starts_at, appointment_until=made.ends_at)
        chain(unit, case, actor, now, [events.appointment_made(party, made)])
        return made


def _in_need(case: Case, party_id: str) -> Party:
    party = party_of(case, party_id)
    if party.state in (PartyState.SIGNED, PartyState.REFUSED):
        raise ConflictError("这位当事人不需要再通话", "请核对当事人")
    return party


def _put_off(unit: Unit, party: Party, now: datetime) -> None:
    """A party has one appointment: the newest."""
    while (earlier := unit.office.appointment_of(party.party_id, now)) is not None:
        unit.office.save_appointment(cancel(earlier, now))


def call_off(command: CancelAppointment, services: Services) -> None:
    now, actor, reason = services.clock.now(), command.actor, command.reason.strip()
    if not reason:
        raise InputError("请填写取消预约的原因", "原因会记入证据链")
    with services.db.write() as unit:
        appointment = unit.office.appointment(command.appointment_id)
        case = scope.own_case(unit, actor, appointment.case_id)
        require_open(case)
        unit.office.save_appointment(cancel(appointment, now))
        party = party_of(case, appointment.party_id)
        queue_rules.change_needs(unit, party.party_id, appointment_at=None, appointment_until=None)
        chain(unit, case, actor, now, [events.appointment_cancelled(party, appointment, reason)])


def choose_dialect(command: ChooseDialect, services: Services) -> None:
    """The same choice again changes nothing."""
    now = services.clock.now()
    with services.db.write() as unit:
        case, party = customer(unit, command.actor)
        chosen = command.dialect.value if command.dialect else ""
        if party.dialect == chosen:
            return
        party = replace(party, dialect=chosen)
        queue_rules.change_needs(unit, party.party_id, dialect=command.dialect)
        save(unit, with_party(case, party), command.actor, now, [events.dialect_chosen(party)])


HANDLERS: dict[type[Command], Handler] = {
    MakeAppointment: make,
    CancelAppointment: call_off,
    ChooseDialect: choose_dialect,
}

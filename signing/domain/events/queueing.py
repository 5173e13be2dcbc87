"""Appointments and the language a customer chose."""

from signing.domain.appointment import Appointment
from signing.domain.dialect import DIALECT_TITLES, Dialect
from signing.domain.events.base import Happening, at, of
from signing.domain.party import Party


def appointment_made(party: Party, made: Appointment) -> Happening:
    times = {"starts_at": at(made.starts_at), "ends_at": at(made.ends_at), "window": made.window}
    return of(party, "appointment.made", appointment_id=made.appointment_id, **times)


def appointment_cancelled(party: Party, gone: Appointment, reason: str) -> Happening:
    named = {"appointment_id": gone.appointment_id, "window": gone.window, "reason": reason}
    return of(party, "appointment.cancelled", **named)


def dialect_chosen(party: Party) -> Happening:
    title = DIALECT_TITLES[Dialect(party.dialect)] if party.dialect else "不限"
    return of(party, "party.dialect_chosen", dialect=party.dialect, dialect_title=title)

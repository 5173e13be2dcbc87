"""What the credit system may read: its institution's cases, how they stand, what changed, the sealed papers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from signing.domain.appointment import Appointment
from signing.domain.case import Case, Document, DocumentState
from signing.domain.core_state import CoreState, core_state
from signing.domain.errors import ConflictError, InputError, NotFound
from signing.service import scope
from signing.service.commands import Actor
from signing.service.permissions import asked
from signing.service.queries import document_of
from signing.service.services import Services
from signing.service.store import Changed, Unit

FROM_THE_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class CoreCaseSnapshot:
    case: Case
    state: CoreState
    reference: str
    changed_at: datetime
    appointments: tuple[Appointment, ...] = ()


@dataclass(frozen=True)
class ChangesPage:
    """``cursor`` leads on from the last case of the page, and is given also where there is no more for now."""

    cases: list[CoreCaseSnapshot]
    cursor: str
    more: bool


@asked
def core_case(services: Services, actor: Actor, case_id: str) -> CoreCaseSnapshot:
    """Raises ``NotFound``, also for another institution's."""
    with services.db.read() as unit:
        return _snapshot(unit, scope.home_case(unit, actor, case_id), services.clock.now())


@asked
def core_changes(
    services: Services,
    actor: Actor,
    reference: str = "",
    state: CoreState | None = None,
    since: datetime | None = None,
    cursor: str = "",
    limit: int = 50,
) -> ChangesPage:
    """By ``reference`` at most one; else in the order of their last change. ``cursor`` goes before ``since``.

    Raises ``InputError`` for a cursor that is none of ours.
    """
    now = services.clock.now()
    with services.db.read() as unit:
        after = _read_cursor(cursor) if cursor else (since or FROM_THE_BEGINNING, "")
        if reference:
            return ChangesPage(_by_reference(unit, actor, reference, state, now), cursor, False)
        found = scope.changed_cases(unit, actor, after, state, limit + 1)
        names = unit.core.references([one.case.case_id for one in found])
        rows = [_listed(unit, one, names, now) for one in found[:limit]]
    last = (rows[-1].changed_at, rows[-1].case.case_id) if rows else after
    return ChangesPage(rows, _write_cursor(*last), len(found) > limit)


@asked
def core_document(services: Services, actor: Actor, case_id: str, document_id: str) -> tuple[Document, bytes]:
    """The sealed paper. Raises ``ConflictError`` before it is sealed, ``NotFound``."""
    with services.db.read() as unit:
        document = document_of(scope.home_case(unit, actor, case_id), document_id)
    if document.state is not DocumentState.SEALED:
        raise ConflictError("文件尚未用印", "请在业务状态为 sealed 或 closed 后再取", code="not_sealed")
    return document, services.blobs.get(case_id, document.current_sha256)


@asked
def core_appointments(services: Services, actor: Actor, case_id: str) -> list[Appointment]:
    """All of the case, also those that are over or cancelled, in the order in which they were made."""
    with services.db.read() as unit:
        case = scope.home_case(unit, actor, case_id)
        return unit.office.appointments_of([party.party_id for party in case.parties])


@asked
def core_appointment(services: Services, actor: Actor, case_id: str, appointment_id: str) -> Appointment:
    """Raises ``NotFound``, also for another case's."""
    for one in core_appointments(services, actor, case_id):
        if one.appointment_id == appointment_id:
            return one
    raise NotFound("没有找到这个预约", "请以业务里列出的预约为准")


def _by_reference(
    unit: Unit, actor: Actor, reference: str, state: CoreState | None, now: datetime
) -> list[CoreCaseSnapshot]:
    found = scope.order_by_reference(unit, actor, reference)
    if found is None:
        return []
    snapshot = _snapshot(unit, scope.home_case(unit, actor, found.case_id), now)
    return [snapshot] if state in (None, snapshot.state) else []


def _snapshot(unit: Unit, case: Case, now: datetime) -> CoreCaseSnapshot:
    reference = unit.core.references([case.case_id]).get(case.case_id, "")
    changed_at = unit.cases.changed_at(case.case_id)
    return CoreCaseSnapshot(case, core_state(case), reference, changed_at, _appointments(unit, case, now))


def _listed(unit: Unit, one: Changed, references: Mapping[str, str], now: datetime) -> CoreCaseSnapshot:
    reference = references.get(one.case.case_id, "")
    return CoreCaseSnapshot(one.case, core_state(one.case), reference, one.at, _appointments(unit, one.case, now))


def _appointments(unit: Unit, case: Case, now: datetime) -> tuple[Appointment, ...]:
    found = (unit.office.appointment_of(party.party_id, now) for party in case.parties)
    return tuple(one for one in found if one is not None)


def _write_cursor(at: datetime, case_id: str) -> str:
    micros = int(at.timestamp()) * 1_000_000 + at.microsecond
    return f"{micros}.{case_id}"


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    micros, _, case_id = cursor.partition(".")
    try:
        seconds, rest = divmod(int(micros), 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest), case_id
    except (ValueError, OverflowError, OSError):
        raise InputError("游标不正确", "请原样使用上一页给出的 next_cursor，或去掉它从头查询") from None

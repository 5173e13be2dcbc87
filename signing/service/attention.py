"""What of a branch's cases needs a person: seals above their amount, recordings that do not come, open packages,
time-stamps that could not be renewed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from signing.domain.archive import FailedArchives
from signing.domain.call import Call, CallState
from signing.domain.case import Case, Recording, RecordingState
from signing.domain.coverage import unknown
from signing.domain.errors import RuleBroken
from signing.domain.party import PartyState
from signing.domain.phase import all_reached, is_open, is_sealed
from signing.domain.seals import RegisteredSeal, Wanted, choose
from signing.service.commands import Actor
from signing.service.one_of_many import readable
from signing.service.registry import refused, wanted
from signing.service.risk import why_not_decide
from signing.service.services import Services
from signing.service.store import Unit

PATIENCE = timedelta(minutes=10)
"""A recording that is not whole so long after its call is asked about; before, it is on its way."""
_SETTLED = (RecordingState.VERIFIED, RecordingState.LOST)


@dataclass(frozen=True)
class SealRequest:
    """A case whose seals need second eyes. ``why_not``: why not those of the supervisor who asks."""

    case: Case
    why: str
    why_not: str


@dataclass(frozen=True)
class MissingFilm:
    """A recording that has not come, or a stretch of a call of which none is known (``recording`` None)."""

    case: Case
    call: Call
    seat: str
    recording: Recording | None
    since: datetime
    until: datetime | None
    why_not: str


@dataclass
class Attention:
    seals: list[SealRequest] = field(default_factory=list)
    films: list[MissingFilm] = field(default_factory=list)
    unsealed: list[Case] = field(default_factory=list)
    """Sealed, but the evidence package could not be closed."""
    renewals: FailedArchives | None = None


def attention(unit: Unit, branch_ids: Collection[str], actor: Actor, services: Services) -> Attention:
    """Oldest case of each branch first."""
    found, now = Attention(renewals=unit.archives.failing_of(branch_ids)), services.clock.now()
    for branch_id in branch_ids:
        for case_id in unit.cases.unfinished_of(branch_id):
            case = readable(unit, case_id)  # One that is spoilt must not take the whole board away.
            if case is not None:
                _look(unit, case, actor, services, now, found)
    return found


def _look(unit: Unit, case: Case, actor: Actor, services: Services, now: datetime, found: Attention) -> None:
    if is_sealed(case) and case.package is None:
        found.unsealed.append(case)
    elif why := needs_second_eyes(unit, case, services):
        why_not = why_not_decide(unit, case, actor).replace("放行或退回", "复核用印")
        found.seals.append(SealRequest(case, why, why_not))
    if is_open(case) and not is_sealed(case):
        found.films.extend(_films(unit, case, actor, now))


def needs_second_eyes(unit: Unit, case: Case, services: Services) -> str:
    """Why, where a supervisor's word is the one thing that the seals of a signed case lack, or a no has been said; else
    empty."""
    if case.seal_approval is not None or not is_open(case) or not all_reached(case, PartyState.SIGNED):
        return ""
    seals = unit.seals.of(case.institution_id)
    for document in case.documents:
        asked = wanted(case, document, services)
        try:
            choose(seals, asked)
        except RuleBroken as error:
            if error.rule == "seal.second" and _would_do(seals, asked):
                return error.message
    return refused(case)


def _would_do(seals: list[RegisteredSeal], asked: Wanted) -> bool:
    try:
        choose(seals, replace(asked, approved=True))
    except RuleBroken:
        return False
    return True


def _films(unit: Unit, case: Case, actor: Actor, now: datetime) -> Iterator[MissingFilm]:
    calls = [call for call in unit.queue.calls_of(case.case_id) if call.state is not CallState.LIVE]
    for call in calls:
        if call.ended_at is None or now - call.ended_at < PATIENCE:
            continue
        why_not = "这次通话由您接听，请另一位主管声明" if call.staff_id == actor.actor_id else ""
        where = (case, call, unit.queue.seat(call.seat_id).label)
        for one in case.recordings:
            if one.call_id == call.call_id and one.state not in _SETTLED:
                yield MissingFilm(*where, one, one.started_at, one.ended_at, why_not)
        for stretch in unknown([call], case.recordings):
            yield MissingFilm(*where, None, stretch.since, stretch.until, why_not)

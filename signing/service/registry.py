"""The seal registry asked: which seals a case's papers need, why they may not be used, what was done with them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from signing.domain.archive import ArchiveRecord
from signing.domain.case import Case, Document
from signing.domain.errors import RuleBroken
from signing.domain.seals import RegisteredSeal, SealedPaper, SealUse, Wanted, choose
from signing.service import scope
from signing.service.commands import Actor
from signing.service.permissions import asked
from signing.service.services import Services
from signing.service.store import Unit

USES_SHOWN = 200


@dataclass(frozen=True)
class Registry:
    """An institution's seals, oldest first, and their newest uses, newest first. ``titles``: of the kinds of paper."""

    seals: list[RegisteredSeal]
    uses: list[SealUse]
    titles: Mapping[str, str]


@asked
def seal_registry(services: Services, actor: Actor, seal_id: str = "") -> Registry:
    """``seal_id``: the uses of this one only."""
    with services.db.read() as unit:
        house = scope.acting_for(actor, "")
        seals, uses = unit.seals.of(house), unit.seals.uses(house, USES_SHOWN, seal_id)
    kinds = {kind for one in seals for kind in one.documents}
    return Registry(seals, uses, {kind: services.seal_book.title_of(kind) for kind in kinds})


@asked
def seal_picture(services: Services, actor: Actor, seal_id: str) -> bytes:
    """As it is drawn on papers, PNG. Raises ``NotFound``."""
    with services.db.read() as unit:
        seal = scope.seal(unit, actor, seal_id)
        institution = unit.people.institution(seal.institution_id)
    return services.seal_book.picture(institution, seal)


@dataclass(frozen=True)
class OnRecord:
    """``archive``: how long the time-stamps of its case's package hold; None before that is closed."""

    paper: SealedPaper
    archive: ArchiveRecord | None


def papers_of_code(services: Services, code: str) -> list[OnRecord]:
    """For anybody who holds the paper: nothing of it is about a person."""
    with services.db.read() as unit:
        return [OnRecord(one, unit.archives.of(one.case_id)) for one in unit.seals.papers(code=code)]


def papers_of_digest(services: Services, sha256: str) -> list[OnRecord]:
    with services.db.read() as unit:
        return [OnRecord(one, unit.archives.of(one.case_id)) for one in unit.seals.papers(sha256=sha256)]


def register_mark(unit: Unit, institution_id: str) -> str:
    """Another one after every change of the register and after every use."""
    state = (unit.seals.of(institution_id), unit.seals.uses(institution_id, 1))
    return hashlib.sha256(repr(state).encode()).hexdigest()[:16]


def due_seals(services: Services) -> list[str]:
    with services.db.read() as unit:
        return unit.seals.due(services.clock.now())


def put_off(services: Services, case_id: str, reason: str) -> None:
    """Whatever a retry failed of, the next one waits longer."""
    now = services.clock.now()
    with services.db.write() as unit:
        delay = unit.seals.delay(case_id)
        if delay is not None and delay.next_at <= now:
            unit.seals.save_delay(delay.again(now, reason))


def wanted(case: Case, document: Document, services: Services) -> Wanted:
    amount = None if case.terms is None else case.terms.amount
    return Wanted(document.kind, amount, case.seal_approval is not None, services.clock.now())


def seals_missing(unit: Unit, case: Case, services: Services) -> list[str]:
    """Why the registered seals may not go on the case's papers now; empty where they may."""
    seals, missing = unit.seals.of(case.institution_id), []
    for document in case.documents:
        try:
            choose(seals, wanted(case, document, services))
        except RuleBroken as error:
            missing.append(f"{error.message}，{error.hint}")
    if said := refused(case):
        missing.insert(0, said)
    return list(dict.fromkeys(missing))


def refused(case: Case) -> str:
    """A supervisor's no that nobody has taken back, in words; else empty."""
    if case.seal_refusal is None or case.seal_approval is not None:
        return ""
    return f"主管{case.seal_refusal.by}不同意用印：{case.seal_refusal.note}"

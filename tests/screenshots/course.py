"""What the real service shows in the course of one case of four: opened, queued, in a call, sealed.

Everything is done by the service's own commands on real files; only identity is written into the store (cards and
faces are the unattended demonstration's), and no media flows.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from desktop.demo.handwriting import write
from desktop.demo.people import demonstration_case
from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.case import party_of
from signing.domain.line import LineNow
from signing.domain.party import PartyState
from signing.domain.phone_step import current_document
from signing.domain.quality import Cause
from signing.domain.seals import SealKind
from signing.service import commands as c
from signing.service.board import board
from signing.service.commands import Actor
from signing.service.figures import figures
from signing.service.opening import case_links, check_draft, opening_catalogue
from signing.service.quality_commands import TellLines
from signing.service.registry import papers_of_code, seal_picture, seal_registry
from signing.web.drafts import read_draft
from signing.web.routes import check
from signing.web.routes.cases import open_case_command
from signing.web.views.audit import audit_case
from signing.web.views.board import board_view
from signing.web.views.case import case_view, invitations
from signing.web.views.draft import checked_view, links_view
from signing.web.views.figures import figures_view
from signing.web.views.opening import catalogue_view
from signing.web.views.seals import registry_view
from signing.web.views.seat import seat_view
from signing.wire.audit import AuditCase
from signing.wire.board import BoardView
from signing.wire.check import PaperChecked, PapersFound
from signing.wire.figures import DayFigures
from signing.wire.opening import DraftChecked, LinkStates, OpeningCatalogue
from signing.wire.seals import SealRegistry
from signing.wire.staff import CaseOpened, NewCase, SeatView
from tests.integration.service import office
from tests.integration.service.office import stored
from tests.integration.service.steps import disclose, identify, read_all, serve


class Course(BaseModel):
    """``seat``, ``board`` and ``figures`` by the name of the moment; ``papers`` are the case's PDFs, hexadecimal, by
    document; ``seals`` the pictures of the registered seals. ``drafts`` by name, as an agent would have typed them.
    ``later`` are the papers once more, by document, ``signed`` by the first and ``sealed``; ``checked`` what the public
    check says of files, by name."""

    seat: dict[str, SeatView] = {}
    board: dict[str, BoardView] = {}
    figures: dict[str, DayFigures] = {}
    papers: dict[str, str] = {}
    later: dict[str, dict[str, str]] = {}
    checked: dict[str, PaperChecked] = {}
    code: str = ""
    """That stands at the foot of the first paper."""
    found: PapersFound | None = None
    registry: SealRegistry | None = None
    seals: dict[str, str] = {}
    catalogue: OpeningCatalogue | None = None
    drafts: dict[str, dict[str, Any]] = {}
    checks: dict[str, DraftChecked] = {}
    invited: CaseOpened | None = None
    links: LinkStates | None = None
    audit: AuditCase | None = None
    plain_audit: AuditCase | None = None
    """Of a case in which nothing is lent."""

    def paper(self, number: int) -> bytes:
        return bytes.fromhex(list(self.papers.values())[number])

    def seal(self, seal_id: str) -> bytes:
        return bytes.fromhex(self.seals[seal_id])


@dataclass
class _Runner:
    app: App
    agent: Actor
    chief: Actor
    shown: Course
    case_id: str = ""
    customers: list[Actor] = field(default_factory=list)

    def see(self, moment: str) -> None:
        """Takes down what the agent's window and the supervisor's board would show now."""
        snapshot = self.app.queries.seat(self.agent)
        people = [party.party_id for party in snapshot.talk.case.parties] if snapshot.talk else []
        self.shown.seat[moment] = seat_view(snapshot, [], people)
        self.shown.board[moment] = board_view(board(self.app.services, self.chief), [], people)
        self.shown.figures[moment] = figures_view(figures(self.app.services, self.chief))

    async def enter(self, capabilities: list[str]) -> None:
        for capability in capabilities:
            customer = await office.enter(self.app, capability)
            await office.get_ready(self.app, customer)
            self.customers.append(customer)

    def papers(self) -> dict[str, str]:
        """As they are now."""
        case, pdf = stored(self.app, self.case_id), self.app.queries.document_pdf
        return {one.document_id: pdf(self.agent, self.case_id, one.document_id).hex() for one in case.documents}

    async def do(self, command: object) -> object:
        return await self.app.bus.execute(command)  # type: ignore[arg-type]


def run(data: Path) -> Course:
    """Takes some ten seconds; ``data`` is an empty folder."""
    return asyncio.run(_run(office.open_app(data)))


async def _run(app: App) -> Course:
    agent = await office.log_in(app)
    chief = await office.log_in(app, "chen", "demo-super-2026")
    runner = _Runner(app, agent, chief, Course())
    try:
        await _before(runner)
        call_id = await _ring(runner)
        await _steps(runner, call_id)
        await _end(runner, call_id)
    finally:
        await app.close()
    return runner.shown


async def _before(it: _Runner) -> None:
    it.see("logged_in")
    wanted = demonstration_case("multi_guarantor_loan", 4)
    case, capabilities = await it.app.bus.execute(open_case_command(it.agent, wanted))
    it.case_id = case.case_id
    await _open(it, wanted)
    expires_at = it.app.services.clock.now() + timedelta(hours=72)
    house = demo_data.INSTITUTION.name
    invited = invitations(case, capabilities, "https://sign.example.cn", expires_at, house)
    it.shown.invited = CaseOpened(case=case_view(it.app.queries.case(it.agent, case.case_id)), invitations=invited)
    it.shown.links = links_view(case_links(it.app.services, it.agent, case.case_id), True)
    it.shown.papers = it.papers()
    await it.do(c.SetPresence(it.agent, True))
    it.see("idle")
    await it.enter([capabilities[party.party_id] for party in case.parties])


async def _open(it: _Runner, wanted: NewCase) -> None:
    """The form's catalogue, and what the service says of drafts: a whole one, one with faults."""
    services = it.app.services
    it.shown.catalogue = catalogue_view(opening_catalogue(services, it.agent))
    whole = wanted.model_dump(mode="json", exclude_none=True)
    people = [dict(person) for person in whole["parties"]]
    people[1]["id_number"], people[2]["phone"], people[3]["name"] = "110105194912310021", "1380013", ""
    wrong = whole | {"amount": "900000000", "term_months": 600, "parties": people}
    for name, draft in {"whole": whole, "wrong": wrong, "empty": {"product_id": wanted.product_id}}.items():
        read = read_draft(draft)
        it.shown.drafts[name] = draft
        it.shown.checks[name] = checked_view(read.misread, check_draft(services, it.agent, read.typed), draft)


async def _ring(it: _Runner) -> str:
    ticket_id = await office.ring(it.app, it.agent, it.customers[0])
    for customer in it.customers[1:]:
        await it.do(c.JoinQueue(customer))
    single, capability = await it.app.bus.execute(demo_data.demo_case(it.agent))
    stranger = await office.enter(it.app, capability[single.parties[0].party_id])
    await office.get_ready(it.app, stranger)
    await it.do(c.JoinQueue(stranger))
    it.see("ringing")
    call = await it.app.bus.execute(c.AcceptOffer(it.agent, ticket_id))
    it.see("accepted")
    return str(call.call_id)


async def _steps(it: _Runner, call_id: str) -> None:
    for customer in it.customers[1:]:
        await it.do(c.AdmitParty(it.agent, call_id, customer.actor_id))
    it.see("joint")
    app, agent, people, case_id = it.app, it.agent, it.customers, it.case_id
    for customer in people[1:]:
        identify(app, agent, case_id, customer.actor_id)
    identify(app, agent, case_id, people[0].actor_id)
    it.see("disclosure")
    await disclose(app, agent, case_id, people[0].actor_id)
    await disclose(app, agent, case_id, people[1].actor_id)
    await it.do(TellLines(agent, call_id, _lines(people)))
    it.see("reading")
    await read_all(app, people[0], case_id)
    await _sign(it, people[0])
    it.see("signing")
    while await _sign(it, people[0]):
        pass
    it.see("first_signed")
    it.shown.later["signed"] = it.papers()
    for customer in people[1:]:
        await serve(app, agent, customer, case_id, PartyState.READ)
        while await _sign(it, customer):
            pass
    it.see("signed")


async def _sign(it: _Runner, customer: Actor) -> bool:
    """The next paper of a customer, by their own name. → whether there was one."""
    case = stored(it.app, it.case_id)
    party = party_of(case, customer.actor_id)
    document = current_document(case, party)
    if document is None:
        return False
    command = c.SignDocument(customer, document.document_id, document.frozen_sha256, signature(party.name), 70, 0.6)
    await it.do(command)
    return True


def signature(name: str) -> bytes:
    """The name as a finger would have written it: canonical JSON of its strokes."""
    strokes, now = [], 0
    for stroke in write(name, 320, 140):
        points = [stroke[0], *(at for pair in pairwise(stroke) for at in _between(*pair))]
        strokes.append([_point(at, now + 16 * number) for number, at in enumerate(points)])
        now += 16 * len(points) + 200
    return json.dumps({"height": 140, "strokes": strokes, "width": 320}, separators=(",", ":"), sort_keys=True).encode()


def _between(one: tuple[float, float], other: tuple[float, float], steps: int = 6) -> list[tuple[float, float]]:
    way = [step / steps for step in range(1, steps + 1)]
    return [(one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part) for part in way]


def _point(at: tuple[float, float], milliseconds: int) -> dict[str, float]:
    return {"pressure": 0.5, "t": milliseconds, "x": round(at[0], 1), "y": round(at[1], 1)}


def _lines(people: Sequence[Actor]) -> tuple[LineNow, ...]:
    words = ((4, Cause.FINE), (2, Cause.UPLINK_THIN), (4, Cause.FINE), (1, Cause.LOSSY))
    return tuple(LineNow(one.actor_id, *word) for one, word in zip(people, words, strict=True))


async def _end(it: _Runner, call_id: str) -> None:
    app, agent = it.app, it.agent
    with app.services.db.read() as unit:
        call = unit.queue.call(call_id)
    recording_id = await app.bus.execute(office.start_command(agent, call))
    it.see("recording")
    await it.do(c.HangUp(agent, call_id, ""))
    it.see("hung_up")
    shot = office.film()
    started = app.services.clock.now() - timedelta(seconds=shot.seconds)
    await it.do(office.finish_command(agent, recording_id, shot, started))
    await office.deliver(app, agent, recording_id, shot)
    it.see("delivered")
    _to_approve(it)
    await it.do(c.SealCase(agent, it.case_id))
    it.see("sealed")
    it.shown.later["sealed"] = it.papers()
    _registry(it)
    _checked(it)
    auditor = await office.log_in(app, "lin", "demo-audit-2026")
    it.shown.audit = audit_case(app.queries.audit_case(auditor, it.case_id))
    plain = await _without_amount(it)
    it.shown.plain_audit = audit_case(app.queries.audit_case(auditor, plain))


def _checked(it: _Runner) -> None:
    """The public check of the first paper: as it is, with a byte behind it, before it was sealed, before anything."""
    services, document = it.app.services, next(iter(it.shown.papers))
    sealed = bytes.fromhex(it.shown.later["sealed"][document])
    files = {
        "valid": sealed,
        "altered": sealed + b"\n%\n",
        "signed": bytes.fromhex(it.shown.later["signed"][document]),
        "unsigned": bytes.fromhex(it.shown.papers[document]),
        "unreadable": b"no paper",
    }
    it.shown.checked = {name: check._checked(services, data) for name, data in files.items()}
    case = stored(it.app, it.case_id)
    it.shown.code = next(one.lookup_code for one in case.documents if one.document_id == document)
    papers = papers_of_code(services, it.shown.code)
    it.shown.found = PapersFound(papers=[check._on_record(one) for one in papers])


def _to_approve(it: _Runner) -> None:
    """The same moment, had the institution set its seal a lower amount."""
    services, house = it.app.services, it.chief.institution_id
    with services.db.write() as unit:
        seal = next(one for one in unit.seals.of(house) if one.kind is SealKind.CONTRACT)
        unit.seals.save(replace(seal, second_above=Decimal(100_000)))
    it.see("to_approve")
    with services.db.write() as unit:
        unit.seals.save(seal)


def _registry(it: _Runner) -> None:
    found = seal_registry(it.app.services, it.chief)
    it.shown.registry = registry_view(found, it.app.services.clock.now())
    for seal in found.seals:
        it.shown.seals[seal.seal_id] = seal_picture(it.app.services, it.chief, seal.seal_id).hex()


async def _without_amount(it: _Runner) -> str:
    """A case of a power of attorney: nothing is lent in it. → its identifier"""
    case, _ = await it.app.bus.execute(open_case_command(it.agent, demonstration_case("power_of_attorney", 2)))
    return str(case.case_id)

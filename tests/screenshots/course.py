"""What the real service shows in the course of one case of four: opened, queued, in a call, sealed.

Everything is done by the service's own commands on real files; only identity is written into the store (cards and
faces are the unattended demonstration's), and no media flows.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from desktop.demo.people import demonstration_case
from signing.adapters import demo_data
from signing.bootstrap import App
from signing.domain.party import PartyState
from signing.service import commands as c
from signing.service.board import board
from signing.service.commands import Actor
from signing.web.routes.cases import open_case_command
from signing.web.views.audit import audit_case
from signing.web.views.board import board_view
from signing.web.views.seat import seat_view
from signing.wire.audit import AuditCase
from signing.wire.board import BoardView
from signing.wire.staff import SeatView
from tests.integration.service import office
from tests.integration.service.steps import disclose, identify, read_all, serve, sign_next


class Course(BaseModel):
    """``seat`` and ``board`` by the name of the moment; ``papers`` are the case's PDFs, hexadecimal, by document."""

    seat: dict[str, SeatView] = {}
    board: dict[str, BoardView] = {}
    papers: dict[str, str] = {}
    audit: AuditCase | None = None

    def paper(self, number: int) -> bytes:
        return bytes.fromhex(list(self.papers.values())[number])


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

    async def enter(self, capabilities: list[str]) -> None:
        for capability in capabilities:
            customer = await office.enter(self.app, capability)
            await office.get_ready(self.app, customer)
            self.customers.append(customer)

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
    for document in case.documents:
        it.shown.papers[document.document_id] = it.app.queries.document_pdf(
            it.agent, case.case_id, document.document_id
        ).hex()
    await it.do(c.SetPresence(it.agent, True))
    it.see("idle")
    await it.enter([capabilities[party.party_id] for party in case.parties])


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
    it.see("reading")
    await read_all(app, people[0], case_id)
    await sign_next(app, people[0], case_id)
    it.see("signing")
    await serve(app, agent, people[0], case_id)
    it.see("first_signed")
    for customer in people[1:]:
        await serve(app, agent, customer, case_id, PartyState.SIGNED)
    it.see("signed")


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
    await it.do(c.SealCase(agent, it.case_id))
    it.see("sealed")
    auditor = await office.log_in(app, "lin", "demo-audit-2026")
    it.shown.audit = audit_case(app.queries.audit_case(auditor, it.case_id))

"""The steps of a call one by one, for any party: identity is written into the store, all else is done by commands."""

from dataclasses import replace

from signing.bootstrap import App
from signing.domain import events
from signing.domain.case import party_of
from signing.domain.party import Identity, IdentityDecision, PartyEvent, PartyState
from signing.domain.phase import lines_missing
from signing.domain.phone_step import current_document, documents_of
from signing.service import commands as c
from signing.service.commands import Actor
from signing.service.handlers.common import save, step, with_party
from tests.integration.service.office import handwriting, stored


def identify(app: App, agent: Actor, case_id: str, party_id: str) -> None:
    """As if cards and face had been looked at and found right."""
    now = app.services.clock.now()
    decision = IdentityDecision(True, "已核对", agent.name, now)
    with app.services.db.write() as unit:
        case = unit.cases.get(case_id)
        party = step(party_of(case, party_id), PartyEvent.IDENTITY_ACCEPTED)
        party = replace(party, identity=Identity(decision=decision))
        save(unit, with_party(case, party), agent, now, [events.identity_decided(party, decision, [])])


async def disclose(app: App, agent: Actor, case_id: str, party_id: str) -> None:
    case = stored(app, case_id)
    expected = {line.number: line.expected or "yes" for line in case.script}
    for number in lines_missing(case, party_of(case, party_id)):
        await app.bus.execute(c.AnswerLine(agent, case_id, party_id, number, expected[number]))


async def read_all(app: App, customer: Actor, case_id: str) -> None:
    case = stored(app, case_id)
    for document in documents_of(case, party_of(case, customer.actor_id)):
        pages = tuple((page, 900) for page in range(1, document.pages + 1))
        await app.bus.execute(c.ReportReading(customer, document.document_id, pages))


async def sign_next(app: App, customer: Actor, case_id: str) -> None:
    case = stored(app, case_id)
    document = current_document(case, party_of(case, customer.actor_id))
    assert document is not None
    await app.bus.execute(
        c.SignDocument(customer, document.document_id, document.frozen_sha256, handwriting(), 70, 0.6)
    )


async def serve(app: App, agent: Actor, customer: Actor, case_id: str, until: PartyState = PartyState.SIGNED) -> None:
    """In a live call, from where the customer is to ``until``."""

    def state() -> PartyState:
        return party_of(stored(app, case_id), customer.actor_id).state

    if state() is PartyState.READY:
        identify(app, agent, case_id, customer.actor_id)
    if state() is PartyState.IDENTIFIED and until is not PartyState.IDENTIFIED:
        await disclose(app, agent, case_id, customer.actor_id)
    if state() is PartyState.INFORMED and until in (PartyState.READ, PartyState.SIGNED):
        await read_all(app, customer, case_id)
    while state() is PartyState.READ and until is PartyState.SIGNED:
        await sign_next(app, customer, case_id)

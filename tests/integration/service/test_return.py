"""Whoever opens the same link again, with a new code, is where they were: tried at every step there is."""

from dataclasses import replace
from datetime import datetime

import pytest

from signing.bootstrap import App
from signing.domain.case import Case, DocumentState
from signing.domain.party import CardSide, Party, PartyState
from signing.domain.phase import CONSENTS
from signing.domain.phone_step import PhoneStep
from signing.service import commands as c
from signing.service.commands import Actor
from signing.service.handlers.common import with_party
from tests.integration.service.office import (
    WORDING,
    SteppedClock,
    connect,
    enter,
    get_ready,
    log_in,
    open_case,
    put_at,
    stored,
    types_of,
)

ALONE = {PhoneStep.CONSENT_RECORDING: 0, PhoneStep.CONSENT_FACE: 1, PhoneStep.CONSENT_PERSONAL: 2,
         PhoneStep.CONSENT_CREDIT: 3, PhoneStep.PRECHECK: 4}  # fmt: skip
IN_CALL = (PhoneStep.ID_FRONT, PhoneStep.ID_BACK, PhoneStep.AWAIT_IDENTITY, PhoneStep.DISCLOSURE, PhoneStep.READING,
           PhoneStep.SIGNING)  # fmt: skip
OVER = (PhoneStep.AWAIT_SEAL, PhoneStep.DONE, PhoneStep.ENDED)


def test_every_step_behind_the_code_is_tried() -> None:
    """Another party's refusal, which stops everybody, is tried where it is made: in ``test_refusal``."""
    assert {*ALONE, PhoneStep.QUEUE, *IN_CALL, *OVER} == set(PhoneStep) - {PhoneStep.CODE, PhoneStep.STOPPED}


async def come_back(app: App, clock: SteppedClock, case: Case, capability: str, before: Actor) -> None:
    """The step, the document and everything that was reached are the same by the new session."""
    seen, reached = app.queries.phone(before), stored(app, case.case_id).parties[0]
    clock.pass_by(minutes=11)
    again = app.queries.phone(await enter(app, capability))
    assert (again.step, again.document_id) == (seen.step, seen.document_id)
    assert stored(app, case.case_id).parties[0] == reached
    assert types_of(app, case.case_id).count("party.device_changed") == 0


@pytest.mark.parametrize("step", ALONE)
async def test_before_the_queue(app: App, clock: SteppedClock, step: PhoneStep) -> None:
    case, capability = await open_case(app, await log_in(app))
    customer = await enter(app, capability)
    for kind in CONSENTS[: ALONE[step]]:
        await app.bus.execute(c.RecordConsent(customer, kind, True, WORDING))
    assert app.queries.phone(customer).step is step
    await come_back(app, clock, case, capability, customer)


async def test_in_the_queue_the_place_is_kept(app: App, clock: SteppedClock) -> None:
    case, capability = await open_case(app, await log_in(app))
    customer = await enter(app, capability)
    await get_ready(app, customer)
    ticket = await app.bus.execute(c.JoinQueue(customer))
    assert app.queries.phone(customer).step is PhoneStep.QUEUE
    await come_back(app, clock, case, capability, customer)
    with app.services.db.read() as unit:
        kept = unit.queue.open_ticket_of(customer.actor_id)
    assert kept is not None
    assert (kept.ticket_id, kept.waiting_since) == (ticket.ticket_id, ticket.waiting_since)


def card(side: str, at: datetime) -> CardSide:
    return CardSide(side, at, "0" * 64, True)


def at_step(app: App, case: Case, step: PhoneStep) -> None:
    """Writes the borrower into the store as if everything before ``step`` had been done."""
    now = app.services.clock.now()
    states = {PhoneStep.DISCLOSURE: PartyState.IDENTIFIED, PhoneStep.READING: PartyState.INFORMED,
              PhoneStep.SIGNING: PartyState.INFORMED}  # fmt: skip
    party = put_at(app, case.case_id, states[step]) if step in states else case.parties[0]
    identity, first = party.identity, case.documents[0]
    if step in (PhoneStep.ID_BACK, PhoneStep.AWAIT_IDENTITY):
        identity = replace(identity, front=card("front", now))
    if step is PhoneStep.AWAIT_IDENTITY:
        identity = replace(identity, back=card("back", now))
    reading = {first.document_id: dict.fromkeys(range(1, first.pages + 1), 900)} if step is PhoneStep.SIGNING else {}
    keep(app, case, replace(party, identity=identity, reading=reading))


def keep(app: App, case: Case, party: Party, **changes: object) -> None:
    with app.services.db.write() as unit:
        unit.cases.save(replace(with_party(unit.cases.get(case.case_id), party), **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("step", IN_CALL)
async def test_in_the_call(app: App, clock: SteppedClock, step: PhoneStep) -> None:
    agent = await log_in(app)
    case, capability = await open_case(app, agent)
    customer = await enter(app, capability)
    await get_ready(app, customer)
    await connect(app, agent, customer)
    at_step(app, stored(app, case.case_id), step)
    assert app.queries.phone(customer).step is step
    await come_back(app, clock, case, capability, customer)


@pytest.mark.parametrize("step", OVER)
async def test_when_it_is_over(app: App, clock: SteppedClock, step: PhoneStep) -> None:
    case, capability = await open_case(app, await log_in(app))
    customer = await enter(app, capability)
    reached = PartyState.REFUSED if step is PhoneStep.ENDED else PartyState.SIGNED
    party = put_at(app, case.case_id, reached)
    if step is PhoneStep.DONE:
        sealed = tuple(replace(document, state=DocumentState.SEALED) for document in case.documents)
        keep(app, case, party, documents=sealed)
    assert app.queries.phone(customer).step is step
    await come_back(app, clock, case, capability, customer)

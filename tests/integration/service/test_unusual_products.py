"""Products that are unlike the usual loan, each from its opening to a sealed package that verifies."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from signing.adapters import demo_data
from signing.adapters.documents import catalogue
from signing.bootstrap import App
from signing.domain.beijing import BEIJING
from signing.domain.case import Case, party_of
from signing.domain.errors import RuleBroken
from signing.domain.particulars import GuaranteeKind
from signing.domain.party import Role
from signing.domain.phone_step import next_consent
from signing.domain.reference import Lpr
from signing.domain.sample import Sample, Wanted, sample
from signing.domain.security import Subject
from signing.service import commands as c
from signing.service.commands import Actor, OpenCase, PartyDraft
from signing.wire.audit import Verdict
from tests.integration.service.family import number
from tests.integration.service.office import (
    GOOD_DEVICE,
    WORDING,
    Film,
    SteppedClock,
    connect,
    deliver,
    enter,
    finish_command,
    log_in,
    sealed,
    start_command,
    stored,
)
from tests.integration.service.steps import serve

HOUSE = demo_data.INSTITUTION.institution_id
MIXED = "sci_tech_commissioner_loan"
CONSENTS = ["credit_inquiry_authorisation", "personal_information_consent"]
PAPERS = {
    "crop_wildlife_insurance": [*CONSENTS[1:], "insurance_application"],
    "forest_carbon_ticket_loan": [*CONSENTS, "personal_loan_contract", "pledge_contract"],
    MIXED: [
        *CONSENTS[:1] * 2,
        *CONSENTS[1:] * 2,
        "personal_loan_contract",
        "guarantee_contract",
        "mortgage_contract",
        "pledge_contract",
    ],
}
"""Product → the papers of its case here, in signing order."""


def _today(app: App) -> date:
    return app.services.clock.now().astimezone(BEIJING).date()


def opening(agent: Actor, product_id: str, quote: Lpr, day: date) -> OpenCase:
    made = sample(catalogue.product(product_id), Wanted(day, lpr=quote, full=product_id == MIXED))
    made = _mixed(made) if product_id == MIXED else made
    return OpenCase(
        agent,
        product_id,
        made.terms,
        tuple(_person(serial, role) for serial, role in enumerate(made.roles, 1)),
        collateral=made.collateral,
        particulars=made.particulars,
    )


def _quoted(app: App) -> Lpr:
    """A quote of today, as an institution imports it."""
    quote = Lpr(_today(app), Decimal("3.00"), Decimal("3.50"))
    with app.services.db.write() as unit:
        unit.reference.save_lpr(HOUSE, quote)
    return quote


def _mixed(made: Sample) -> Sample:
    """The borrower mortgages and pledges what is their own, and one more guarantees in the general way."""
    own = tuple(item for item in made.collateral if item.subject in (Subject.CHATTEL, Subject.PATENT_RIGHT))
    given = replace(made.particulars, guarantee=GuaranteeKind.GENERAL, renewal=None)
    return replace(made, roles=(Role.BORROWER, Role.GUARANTOR), collateral=own, particulars=given)


def _person(serial: int, role: Role) -> PartyDraft:
    name = "李大山" if serial == 1 else "王小河"
    return PartyDraft(role, name, number("19800101", serial), f"1380013900{serial}", "福建省龙岩市上杭县示范村 7 号")


async def ready(app: App, customer: Actor, case_id: str) -> None:
    """A policyholder is not asked about credit."""
    while kind := next_consent(party_of(stored(app, case_id), customer.actor_id)):
        await app.bus.execute(c.RecordConsent(customer, kind, True, WORDING))
    await app.bus.execute(c.RecordPrecheck(customer, GOOD_DEVICE))


async def signed(app: App, agent: Actor, case: Case, capabilities: dict[str, str], shot: Film) -> None:
    """All in one call: identified, told, read and signed; the recording is with the service."""
    do = app.bus.execute
    customers = [await enter(app, capabilities[party.party_id]) for party in case.parties]
    for customer in customers:
        await ready(app, customer, case.case_id)
    call = await connect(app, agent, customers[0])
    recording_id = await do(start_command(agent, call))
    for customer in customers[1:]:
        await do(c.JoinQueue(customer))
        await do(c.AdmitParty(agent, call.call_id, customer.actor_id))
    for customer in customers:
        await serve(app, agent, customer, case.case_id)
    await do(c.HangUp(agent, call.call_id))
    await do(finish_command(agent, recording_id, shot, call.started_at))
    await deliver(app, agent, recording_id, shot)


@pytest.mark.timeout(480)
@pytest.mark.parametrize("product_id", PAPERS)
async def test_it_goes_from_its_opening_to_a_package_that_verifies(app: App, shot: Film, product_id: str) -> None:
    agent = await log_in(app)
    case, capabilities = await app.bus.execute(opening(agent, product_id, _quoted(app), _today(app)))
    assert [one.kind for one in case.documents] == PAPERS[product_id]
    await signed(app, agent, case, capabilities, shot)
    report, chain = await sealed(app, agent, case.case_id)
    assert report.verdict is Verdict.VALID, report.headline
    assert stored(app, case.case_id).package is not None
    assert chain.count('"type":"document.sealed"') == len(PAPERS[product_id])


async def test_without_a_quote_of_the_day_a_loan_bound_to_it_is_refused_in_words(app: App, clock: SteppedClock) -> None:
    """The last one that ships is not carried on: what holds today is not known."""
    newest = app.services.products.published_lpr()[-1]
    clock.pass_by(days=max(0, (newest.day - _today(app)).days + 70))
    agent = await log_in(app)
    command = opening(agent, "forest_carbon_ticket_loan", newest, _today(app))
    with pytest.raises(RuleBroken) as refused:
        await app.bus.execute(command)
    assert refused.value.rule == "lpr_cap"
    assert f"没有 {_today(app)} 可用的 LPR" in refused.value.message
    assert "请先导入当月公布的贷款市场报价利率" in refused.value.hint
    with app.services.db.write() as unit:
        unit.reference.save_lpr(HOUSE, replace(newest, day=_today(app)))
    await app.bus.execute(command)

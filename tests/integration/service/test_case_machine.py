"""Random lives of one case with a borrower, a spouse and three guarantors on the real handlers, papers and signatures.

Whatever they do, and in whatever order: N of N or no seal, one whole chain, nothing open of what has ended, and no
revision of any paper lost.
"""

import asyncio
import inspect
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from signing.adapters import demo_data
from signing.adapters.database.schema import link
from signing.bootstrap import App
from signing.domain.call import CallState
from signing.domain.case import CallMode, Case, DocumentState, RepaymentMethod, Terms, party_of
from signing.domain.document import signed_by
from signing.domain.errors import SigningError
from signing.domain.ledger import verify_chain
from signing.domain.party import PartyState, Role
from signing.domain.phase import CONSENTS, ending_of, is_sealed, lines_missing
from signing.domain.phone_step import current_document, documents_of
from signing.domain.revision import PartyCorrection, TermsChange
from signing.domain.seat import SeatState
from signing.service import commands as c
from signing.service import lifecycle_commands as lc
from signing.service import permissions
from signing.service import recording_commands as rc
from signing.service.commands import SYSTEM, Actor, PartyDraft
from signing.service.handlers import HANDLERS
from tests.integration.service.endings import assert_nothing_open
from tests.integration.service.family import number
from tests.integration.service.office import (
    GOOD_DEVICE,
    WORDING,
    Film,
    SteppedClock,
    film,
    finish_command,
    handwriting,
    open_app,
    pieces,
    start_command,
)
from tests.integration.service.steps import identify

ROLES = (Role.BORROWER, Role.CO_BORROWER, Role.GUARANTOR, Role.GUARANTOR, Role.GUARANTOR)
people = st.sampled_from(range(len(ROLES)))


class Office:
    """One database for all examples: each begins with a case of its own people."""

    def __init__(self, shot: Film) -> None:
        self.clock, self.shot, self.turn = SteppedClock(), shot, 0
        self.folder = tempfile.TemporaryDirectory()
        self.app: App = open_app(Path(self.folder.name) / "data", clock=self.clock)
        inst = demo_data.INSTITUTION.institution_id
        self.agent = Actor("staff", "staff_zhang", "agent", inst, "张秀英", demo_data.SEAT_ID)
        self.sealed, self.ended, self.changed = 0, 0, 0

    def person(self, role: Role, n: int) -> PartyDraft:
        serial = self.turn * 10 + n
        return PartyDraft(
            role, f"客户{'甲乙丙丁戊己庚辛'[n % 8]}", number("19800101", serial), f"138{serial:08d}", "村"
        )


class Life(RuleBasedStateMachine):
    office: Office

    @initialize(mode=st.sampled_from(CallMode))
    def open_up(self, mode: CallMode) -> None:
        office = self.office
        office.turn += 1
        terms = Terms(Decimal("180000.00"), Decimal("3.85"), 12, RepaymentMethod.INTEREST_FIRST, "购买茶苗", "6" * 16)
        drafts = tuple(office.person(role, n) for n, role in enumerate(ROLES))
        opened = self.must(c.OpenCase(office.agent, "multi_guarantor_loan", terms, drafts))
        self.case_id, self.extra, self.films = opened[0].case_id, len(ROLES), list[str]()
        self.was_over, self.seen = False, set[str]()
        self.do(c.SetCallMode(office.agent, self.case_id, mode))
        for n in range(len(ROLES)):
            self.come_in(n)

    # --- the means ------------------------------------------------------------------------------------------------

    def do(self, command: c.Command) -> Any:
        """What it gives; None where it is refused, which changes nothing."""
        try:
            return self.must(command)
        except SigningError:
            return None

    def must(self, command: c.Command) -> Any:
        permissions.check(command)
        result = HANDLERS[type(command)](command, self.office.app.services)
        return asyncio.run(result) if inspect.iscoroutine(result) else result

    @property
    def case(self) -> Case:
        with self.office.app.services.db.read() as unit:
            return unit.cases.get(self.case_id)

    def customer(self, n: int) -> Actor:
        parties = self.case.parties
        party = parties[n % len(parties)]
        inst = self.office.agent.institution_id
        return Actor("party", party.party_id, "customer", inst, party.name, case_id=self.case_id, session_id="s1")

    def call_id(self) -> str:
        with self.office.app.services.db.read() as unit:
            live = unit.queue.live_calls_of(self.case_id)
        return live[0].call_id if live else "none"

    # --- customers ------------------------------------------------------------------------------------------------

    @rule(n=people)
    def come_in(self, n: int) -> None:
        """By a link of today and the code that was sent, through the consents and the check of the device."""
        services, who = self.office.app.services, self.customer(n)
        fresh = self.do(c.RenewLink(self.office.agent, self.case_id, who.actor_id))
        if fresh is None or self.do(c.SendCode(c.BEARER, fresh[0])) is None:
            return
        messages: Any = services.messages
        code = "".join(one for one in messages.sent(1)[0].text if one.isdigit())[:6]
        self.do(c.RedeemCode(c.BEARER, fresh[0], code))
        for kind in CONSENTS:
            self.do(c.RecordConsent(who, kind, True, WORDING))
        self.do(c.RecordPrecheck(who, GOOD_DEVICE))

    @rule(n=people)
    def join(self, n: int) -> None:
        self.do(c.JoinQueue(self.customer(n)))

    @rule(n=people, reason=st.sampled_from(["", "利息太高"]), often=st.sampled_from([False, False, False, True]))
    def refuse(self, n: int, reason: str, often: bool) -> None:
        if often:
            self.do(lc.Refuse(self.customer(n), reason))

    # --- the agent ------------------------------------------------------------------------------------------------

    @rule(n=people)
    def connect(self, n: int) -> None:
        """Rings and is accepted; who waits of the same case is admitted to a joint call."""
        do, agent = self.do, self.office.agent
        do(c.FinishWrapUp(agent))
        do(c.SetPresence(agent, True))
        for one in (n, n + 1, n + 2):
            do(c.JoinQueue(self.customer(one)))
        for match in do(c.Dispatch(SYSTEM)) or []:
            do(c.AcceptOffer(agent, match.ticket.ticket_id))
        if self.call_id() != "none":
            with self.office.app.services.db.read() as unit:
                call = unit.queue.call(self.call_id())
            self.films.append(do(start_command(agent, call)) or "")
            for one in range(len(ROLES)):
                do(c.AdmitParty(agent, call.call_id, self.customer(one).actor_id))

    @rule(n=people, signs=st.booleans())
    def serve(self, n: int, signs: bool) -> None:
        """As far as it goes in the call that the customer is in."""
        who, agent, do = self.customer(n), self.office.agent, self.do
        with self.office.app.services.db.read() as unit:
            if unit.queue.live_leg_of(who.actor_id) is None:
                return
        case = self.case
        if party_of(case, who.actor_id).state is PartyState.READY:
            identify(self.office.app, agent, self.case_id, who.actor_id)
        expected = {line.number: line.expected or "yes" for line in case.script}
        for line in lines_missing(case, party_of(case, who.actor_id)):
            do(c.AnswerLine(agent, self.case_id, who.actor_id, line, expected[line]))
        for document in documents_of(case, party_of(case, who.actor_id)):
            pages = tuple((page, 900) for page in range(1, document.pages + 1))
            do(c.ReportReading(who, document.document_id, pages))
        while signs and self.sign(who):
            pass

    def sign(self, who: Actor) -> bool:
        document = current_document(self.case, party_of(self.case, who.actor_id))
        if document is None:
            return False
        command = c.SignDocument(who, document.document_id, document.frozen_sha256, handwriting(), 70, 0.6)
        return self.do(command) is not None

    @rule(n=people)
    def drop(self, n: int) -> None:
        self.do(c.DropLeg(SYSTEM, self.call_id(), self.customer(n).actor_id))

    @rule()
    def hang_up(self) -> None:
        """And delivers what was recorded."""
        agent, services, shot = self.office.agent, self.office.app.services, self.office.shot
        self.do(c.HangUp(agent, self.call_id(), "改日继续"))
        started = {one.recording_id: one.started_at for one in self.case.recordings}
        for recording_id in [one for one in self.films if one in started]:
            self.do(finish_command(agent, recording_id, shot, min(started[recording_id], services.clock.now())))
            for piece in pieces(agent, recording_id, shot):
                self.do(piece)
            self.do(rc.AssembleRecording(agent, recording_id))
        self.films.clear()

    @rule(
        amount=st.sampled_from(["90000.00", "120000.00", "100000.00", "600000.00"]),
        leaves=st.sampled_from([None, None, 2, 3]),
        comes=st.booleans(),
        corrected=st.sampled_from([None, "姓名", "手机"]),
    )
    def change_terms(self, amount: str, leaves: int | None, comes: bool, corrected: str | None) -> None:
        """Whoever has refused leaves too, where anybody does."""
        case = self.case
        gone = {party.party_id for party in case.parties if party.state is PartyState.REFUSED}
        if leaves is not None:
            gone.add(case.parties[leaves % len(case.parties)].party_id)
        stays = [party for party in case.parties if party.party_id not in gone]
        change = None
        if corrected and stays:
            other_phone = f"139{self.office.turn:08d}"
            facts: dict[str, Any] = {"姓名": {"name": "客户改"}, "手机": {"phone": other_phone}}[corrected]
            change = PartyCorrection(stays[-1].party_id, **facts)
        self.extra += 1
        added = (self.office.person(Role.GUARANTOR, self.extra % 10),) if comes else ()
        changed = self.do(
            lc.ChangeTerms(
                self.office.agent, self.case_id, "变更", TermsChange(amount=Decimal(amount)),
                () if change is None else (change,), added, tuple(gone),
            )
        )  # fmt: skip
        self.office.changed += changed is not None

    @rule()
    def seal(self) -> None:
        signed = all(party.state is PartyState.SIGNED for party in self.case.parties)
        sealed = self.do(c.SealCase(self.office.agent, self.case_id))
        assert sealed is None or signed
        self.office.sealed += sealed is not None

    # --- the end, and time ----------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([1, 1, 2, 12]))
    def days_pass(self, days: int) -> None:
        self.office.clock.pass_by(days=days)
        self.do(lc.ExpireCases(SYSTEM))

    @rule(how=st.sampled_from(["", "", "", "", "", "", "withdraw", "abort"]))
    def end(self, how: str) -> None:
        if how:
            command = lc.WithdrawCase if how == "withdraw" else c.AbortCase
            self.do(command(self.office.agent, self.case_id, "不办了"))

    # --- what always holds ----------------------------------------------------------------------------------------

    @invariant()
    def n_of_n_or_no_seal(self) -> None:
        case = self.case
        for document in case.documents:
            if document.state in (DocumentState.SIGNED, DocumentState.SEALED):
                assert signed_by(document) == set(document.signer_party_ids)
        if any(document.state is DocumentState.SEALED for document in case.documents):
            assert all(party.state is PartyState.SIGNED for party in case.parties)
            signers = {one for document in case.documents for one in document.signer_party_ids}
            assert signers == {party.party_id for party in case.parties}
        assert all(one.state is DocumentState.VOID and not one.signatures for one in case.superseded)

    @invariant()
    def the_chain_is_whole_and_no_revision_is_lost(self) -> None:
        services, case = self.office.app.services, self.case
        with services.db.read() as unit:
            verify_chain(event.line for event in unit.cases.events(self.case_id))
        there = {digest for document in (*case.documents, *case.superseded) for digest in document.revisions}
        assert self.seen <= there
        for digest in there - self.seen:
            assert services.blobs.get(self.case_id, digest)
        self.seen = there

    @invariant()
    def nothing_is_open_of_what_has_ended(self) -> None:
        case, services = self.case, self.office.app.services
        over = ending_of(case) is not None
        assert over or not self.was_over, "what has ended stays so"
        if over:
            assert_nothing_open(self.office.app, self.case_id)
            assert {document.state for document in case.documents} == {DocumentState.VOID}
            alive = select(func.count()).where(link.c.case_id == self.case_id, link.c.revoked.is_(False))
            with self.office.app.engine.connect() as connection:
                assert connection.execute(alive).scalar() == 0, "links of an ended case are dead"
        self.office.ended += over and not self.was_over
        self.was_over = over
        with services.db.read() as unit:
            seat = unit.queue.seat(demo_data.SEAT_ID)
            live = [call for call in unit.queue.calls_of(self.case_id) if call.state is CallState.LIVE]
        assert bool(live) is (seat.state is SeatState.ON_CALL)

    def teardown(self) -> None:
        """The desk is free for the next example."""
        if hasattr(self, "case_id"):
            self.hang_up()
            self.do(c.AbortCase(self.office.agent, self.case_id, "下一个"))
            if not is_sealed(self.case):
                self.nothing_is_open_of_what_has_ended()
            self.do(c.FinishWrapUp(self.office.agent))


def run(machine: Callable[[], RuleBasedStateMachine], examples: int, steps: int) -> None:
    limits = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(machine, settings=limits)  # type: ignore[arg-type]


@pytest.mark.timeout(600)
def test_whatever_the_parties_and_the_desk_do() -> None:
    office = Office(film())
    try:
        run(type("Run", (Life,), {"office": office}), 8, 25)
        assert office.changed > 0, "the examples change terms"
        assert office.ended > 0, "the examples end cases"
    finally:
        asyncio.run(office.app.close())
        office.folder.cleanup()


@pytest.mark.timeout(480)
def test_one_life_that_is_sealed_after_a_change_and_several_calls() -> None:
    """The same rules in a chosen order, so that the machine is known to be able to reach its end."""
    office = Office(film())
    life = type("Run", (Life,), {"office": office})()
    try:
        life.open_up(CallMode.JOINT)
        life.connect(0)
        life.serve(0, False)
        life.refuse(4, "不愿担保", True)
        life.change_terms("90000.00", None, False, None)
        assert office.changed == 1
        life.hang_up()
        life.days_pass(2)
        for n in range(4):
            life.come_in(n)
        for n in (0, 2, 0, 2):
            life.connect(n)
            for one in range(4):
                life.serve(one, True)
            life.hang_up()
        life.seal()
        assert office.sealed == 1
        for check in (life.n_of_n_or_no_seal, life.the_chain_is_whole_and_no_revision_is_lost):
            check()
        assert is_sealed(life.case)
    finally:
        asyncio.run(office.app.close())
        office.folder.cleanup()

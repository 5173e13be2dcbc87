"""Random work of several seats and customers on the real handlers: nobody is ever lost, or in two calls at once."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from signing.adapters import demo_data
from signing.domain.agreement import Side
from signing.domain.call import CallState, LegState, TransferState
from signing.domain.case import CallMode, Case, RepaymentMethod, Terms
from signing.domain.dialect import Dialect
from signing.domain.errors import SigningError
from signing.domain.party import Party, PartyState, Role
from signing.domain.queue import TicketState
from signing.domain.routing import ANYTHING
from signing.domain.seat import Seat, SeatState
from signing.service import commands as c
from signing.service import permissions, queue_rules, recovery, scope
from signing.service import queue_commands as q
from signing.service.commands import SYSTEM, Actor
from signing.service.handlers import HANDLERS
from signing.service.office import OwnHours, OwnLimits
from signing.service.services import Services
from signing.service.store import StaffMember, Unit
from tests.integration.service.family import number
from tests.integration.service.office import SteppedClock, open_app
from tests.postgres import both_databases

HELPER = "inst_helper"
SEATS = {"agent_1": "agent", "agent_2": "agent", "chief": "supervisor", "guest": "agent"}
"""The guest sits in another institution, which helps out where both agree."""
PARTIES = (("joint", 3), ("separate", 2))
seats, parties = st.sampled_from(range(4)), st.sampled_from(range(5))


class Power(Exception):
    """Stands for the moment the process dies: whatever the command has written by then is undone."""


class DyingIds:
    """The real identifiers until ``left`` reaches zero."""

    def __init__(self, ids: Any) -> None:
        self.ids, self.left = ids, -1

    def new(self, kind: str) -> str:
        if self.left == 0:
            self.left = -1
            raise Power
        self.left -= 1
        return str(self.ids.new(kind))


class Office:
    """One database for all examples: each begins with its own branch, seats and cases."""

    def __init__(self, database: str) -> None:
        self.clock = SteppedClock()
        self.folder = tempfile.TemporaryDirectory()
        self.app = open_app(Path(self.folder.name) / "data", database, clock=self.clock)
        self.ids = DyingIds(self.app.services.ids)
        self.services: Services = replace(self.app.services, ids=self.ids)  # type: ignore[arg-type]
        self.turn = self.guests = 0
        """Examples begun, and rings at another institution's seat: a run without any has tried nothing of them."""


class Work(RuleBasedStateMachine):
    office: Office

    @initialize()
    def open_up(self) -> None:
        office, self.wanted = self.office, set[str]()
        office.turn += 1
        office.ids.left = -1
        inst, branch, now = demo_data.BRANCH.institution_id, f"branch_{office.turn}", office.clock.now()
        self.staff, self.people = list[Actor](), list[Actor]()
        with office.services.db.write() as unit:
            self._close(unit)
            unit.people.add_institution(replace(demo_data.INSTITUTION, institution_id=HELPER))
            unit.people.add_branch(replace(demo_data.BRANCH, branch_id=branch))
            self.away = f"away_{office.turn}"
            unit.people.add_branch(replace(demo_data.BRANCH, branch_id=self.away, institution_id=HELPER))
            for name, role in SEATS.items():
                seat_id, staff_id = f"seat_{name}_{office.turn}", f"staff_{name}_{office.turn}"
                of, at = (HELPER, self.away) if name == "guest" else (inst, branch)
                unit.queue.save_seat(Seat(seat_id, of, at, name, now, staff_id=staff_id))
                unit.people.save_staff(StaffMember(staff_id, staff_id, name, role, of, at, "", seat_id))
                self.staff.append(Actor("staff", staff_id, role, of, name, seat_id))
            for mode, count in PARTIES:
                case = _case(f"case_{mode}_{office.turn}", inst, branch, CallMode(mode), count, office)
                unit.cases.add(case)
                self.people += [
                    Actor("party", one.party_id, "customer", inst, one.name, case_id=case.case_id)
                    for one in case.parties
                ]
        self.branch, self.cases = branch, [f"case_{mode}_{office.turn}" for mode, _ in PARTIES]
        self.agree(True, True)
        for n in (0, 1, 3):
            self.join(n)
        for n in (0, 1):
            self.presence(n, True)
        self.dispatch(0)
        for n in (0, 1):
            self.accept(n, -1)

    @staticmethod
    def _close(unit: Unit) -> None:
        """What an earlier example left does not belong to this one."""
        for ticket in unit.queue.open_tickets():
            unit.queue.save_ticket(replace(ticket, state=TicketState.LEFT))
        for leg in unit.queue.open_legs():
            unit.queue.save_leg(replace(leg, state=LegState.LEFT, ended_at=leg.joined_at))
        for call in unit.queue.live_calls():
            unit.queue.save_call(replace(call, state=CallState.ENDED, ended_at=call.started_at))
        for transfer in unit.queue.ringing_transfers():
            unit.queue.save_transfer(replace(transfer, state=TransferState.WITHDRAWN))
        for seat in unit.queue.seats():
            unit.queue.save_seat(replace(seat, state=SeatState.OFFLINE, call_id=None, ticket_id=None, case_id=None))
        for declared in unit.office.declarations():
            unit.office.save_declaration(replace(declared, ended_at=declared.declared_at))
        for stop in unit.office.stops():
            unit.office.save_stop(replace(stop, ended_at=stop.since))
        unit.office.save_limits(OwnLimits(demo_data.BRANCH.institution_id))

    def do(self, command: c.Command) -> bool:
        """Whether it was done; a refusal changes nothing, and neither does a power cut in the middle."""
        try:
            permissions.check(command)
            HANDLERS[type(command)](command, self.office.services)
        except (SigningError, Power):
            return False
        finally:
            self.office.ids.left = -1
        return True

    def look(self, work: Callable[[Unit], Any]) -> Any:
        with self.office.services.db.read() as unit:
            return work(unit)

    def seat_of(self, n: int) -> Seat:
        seat: Seat = self.look(lambda unit: unit.queue.seat(self.staff[n].seat_id or ""))
        return seat

    def talking(self, n: int) -> tuple[Actor, str]:
        """Somebody at work and their call, the n-th of those that are live where there is any."""
        busy = [(who, seat.call_id) for who, seat in ((w, self.seat_of(k)) for k, w in enumerate(self.staff))
                if seat.call_id is not None]  # fmt: skip
        who, call_id = busy[n % len(busy)] if busy else (self.staff[n], "none")
        return who, call_id or "none"

    # --- customers ------------------------------------------------------------------------------------------------

    @rule(n=parties)
    def join(self, n: int) -> None:
        if self.do(c.JoinQueue(self.people[n])):
            self.wanted.add(self.people[n].actor_id)

    @rule(n=parties)
    def leave(self, n: int) -> None:
        if self.do(c.LeaveQueue(self.people[n])):
            self.wanted.discard(self.people[n].actor_id)

    @rule(n=parties, online=st.booleans())
    def come_or_go(self, n: int, online: bool) -> None:
        self.do(c.SetPhonePresence(self.people[n], online))

    @rule(n=parties)
    def drop(self, n: int) -> None:
        legs = self.look(lambda unit: unit.queue.open_legs())
        if legs:
            leg = legs[n % len(legs)]
            assert self.do(c.DropLeg(SYSTEM, leg.call_id, leg.party_id))

    # --- seats ----------------------------------------------------------------------------------------------------

    @rule(n=seats, available=st.booleans())
    def presence(self, n: int, available: bool) -> None:
        self.do(c.SetPresence(self.staff[n], available))

    @rule(seconds=st.sampled_from([0, 5, 25, 90]))
    def dispatch(self, seconds: int) -> None:
        """Whoever rings then, may: no branch of the two is stopped, and a guest rings by agreement only."""
        self.office.clock.pass_by(seconds=seconds)
        try:
            matches = HANDLERS[c.Dispatch](c.Dispatch(SYSTEM), self.office.services)
        except SigningError:
            return  # contended or the database busy: the next dispatch does it
        rules = self.look(lambda unit: queue_rules.rules_for(unit, self.office.clock.now()))
        for ticket, seat in ((one.ticket, one.seat) for one in matches):  # type: ignore[attr-defined]
            assert rules.offers_in(ticket.branch_id)
            assert rules.offers_in(seat.branch_id)
            pair = (ticket.institution_id, seat.institution_id)
            assert pair[0] == pair[1] or pair in rules.agreements
            self.office.guests += pair[0] != pair[1]
            assert rules.abilities.get(seat.seat_id, ANYTHING).handles("p") or ticket.seat_id == seat.seat_id
        for ticket in self.look(lambda unit: unit.queue.open_tickets()):
            if ticket.state is TicketState.OFFERED:
                gate = rules.gate_of(ticket.branch_id)
                assert not gate.emergency, "nothing rings on in an emergency"

    # --- how the queue is run -------------------------------------------------------------------------------------

    @rule(emergency=st.booleans(), whole=st.booleans(), end=st.booleans())
    def stand_still(self, emergency: bool, whole: bool, end: bool) -> None:
        where = None if whole else self.branch
        if not emergency:
            self.do(q.PauseQueue(self.staff[2], where, "请稍候", "x"))
            return
        talking = self.look(lambda unit: [leg.party_id for leg in unit.queue.open_legs()])
        if self.do(q.StopQueue(self.staff[2], where, "请稍后再来", "x", end)) and end:
            self.wanted.difference_update(talking)

    @rule(whole=st.booleans())
    def go_on(self, whole: bool) -> None:
        self.do(q.ResumeQueue(self.staff[2], None if whole else self.branch, "x"))

    @rule(closed=st.booleans())
    def close_or_open(self, closed: bool) -> None:
        hours = OwnHours(self.branch, time(0), time(0, 1), days=frozenset()) if closed else None
        self.do(q.SetBranchHours(self.staff[2], self.branch, hours))

    @rule(n=seats, products=st.sampled_from([frozenset[str](), frozenset({"village_credit_line"})]))
    def enable(self, n: int, products: frozenset[str]) -> None:
        """The tried cases are of another product."""
        self.do(q.SetSeatAbility(SYSTEM, self.staff[n].seat_id or "", products, frozenset()))

    @rule(own=st.booleans(), theirs=st.booleans())
    def agree(self, own: bool, theirs: bool) -> None:
        home = demo_data.BRANCH.institution_id
        sides = ((own, home, HELPER, Side.SENDS), (theirs, HELPER, home, Side.ACCEPTS))
        for on, by, about, side in sides:
            self.do(q.DeclareOverflow(SYSTEM, about, side, 60, by) if on else q.EndOverflow(SYSTEM, about, side, by))

    @rule(power=st.sampled_from([-1, 0, 1]))
    def overflow(self, power: int) -> None:
        """Both agree, only the guest is free, and somebody has waited long enough."""
        self.agree(True, True)
        for n in range(3):
            self.presence(n, False)
        self.presence(3, True)
        self.dispatch(90)
        self.accept(3, power)

    @rule(n=parties, minutes=st.sampled_from([1, 90]))
    def book(self, n: int, minutes: int) -> None:
        who, now = self.people[n], self.office.clock.now()
        begins = now + timedelta(minutes=minutes)
        ends = begins + timedelta(minutes=30)
        self.do(q.MakeAppointment(self.staff[0], who.case_id or "", who.actor_id, begins, ends))

    @rule(n=parties, dialect=st.sampled_from([None, *Dialect]))
    def speak(self, n: int, dialect: Dialect | None) -> None:
        self.do(q.ChooseDialect(self.people[n], dialect))

    @rule(ring=st.sampled_from([10, 30]), overflow=st.sampled_from([None, 60]))
    def limit(self, ring: int, overflow: int | None) -> None:
        limits = OwnLimits(demo_data.BRANCH.institution_id, overflow, 60, 600, ring_seconds=ring)
        self.do(q.SetQueueLimits(self.staff[2], limits))

    @rule(n=seats, power=st.sampled_from([-1, 0, 1]))
    def accept(self, n: int, power: int) -> None:
        ticket_id = self.seat_of(n).ticket_id
        if ticket_id is not None:
            self.office.ids.left = power
            self.do(c.AcceptOffer(self.staff[n], ticket_id))

    @rule(power=st.sampled_from([-1, 0, 1]))
    def serve(self, power: int) -> None:
        """Whoever is free takes whoever waits."""
        for n in range(len(self.staff)):
            self.wrap_up(n)
            self.presence(n, True)
        self.dispatch(0)
        for n in range(len(self.staff)):
            self.accept(n, power)

    @rule(n=seats)
    def reject(self, n: int) -> None:
        self.do(c.RejectOffer(self.staff[n], self.seat_of(n).ticket_id or "none"))

    @rule(n=seats, who=parties)
    def admit(self, n: int, who: int) -> None:
        self.do(c.AdmitParty(*self.talking(n), self.people[who].actor_id))

    @rule(n=seats, who=parties, held=st.booleans())
    def hold(self, n: int, who: int, held: bool) -> None:
        self.do(c.HoldParty(*self.talking(n), self.people[who].actor_id, held))

    @rule(n=seats, who=parties, requeue=st.booleans())
    def remove(self, n: int, who: int, requeue: bool) -> None:
        whom = self.people[who].actor_id
        if self.do(c.RemoveParty(*self.talking(n), whom, "x", requeue)) and not requeue:
            self.wanted.discard(whom)

    @rule(n=seats)
    def hang_up(self, n: int) -> None:
        call_id = self.seat_of(n).call_id or "none"
        inside = self.look(lambda unit: [leg.party_id for leg in unit.queue.legs_of(call_id) if leg.is_open])
        if self.do(c.HangUp(self.staff[n], call_id, "x")):
            self.wanted.difference_update(inside)

    @rule(n=seats)
    def wrap_up(self, n: int) -> None:
        self.do(c.FinishWrapUp(self.staff[n]))

    @rule(n=seats)
    def lose(self, n: int) -> None:
        assert self.do(c.LoseSeat(SYSTEM, self.staff[n].seat_id or ""))

    @rule()
    def restart(self) -> None:
        recovery.reset(self.office.services)

    # --- to another seat ------------------------------------------------------------------------------------------

    @rule(n=seats, to=st.sampled_from([None, 0, 1, 2]))
    def transfer(self, n: int, to: int | None) -> None:
        target = None if to is None else self.staff[to].seat_id
        for k in range(len(self.staff)):
            self.wrap_up(k)
            self.presence(k, True)
        who, call_id = self.talking(n)
        self.do(c.TransferCall(who, call_id, "x", target))

    @rule(take=st.booleans(), power=st.sampled_from([-1, 0, 1, 2]))
    def answer(self, take: bool, power: int) -> None:
        answer = c.AcceptTransfer if take else c.RejectTransfer
        for transfer in self.ringing():
            for who in self.staff:
                self.office.ids.left = power
                self.do(answer(who, transfer.transfer_id))

    @rule(n=seats, power=st.sampled_from([-1, 1, 2]))
    def hand_over(self, n: int, power: int) -> None:
        self.transfer(n, None)
        self.answer(True, power)

    @rule(n=seats)
    def cancel(self, n: int) -> None:
        for transfer in self.ringing():
            self.do(c.CancelTransfer(self.staff[n], transfer.transfer_id))

    def ringing(self) -> list[Any]:
        found: list[Any] = self.look(lambda unit: unit.queue.ringing_transfers())
        return found

    @rule(n=st.sampled_from([0, 1]), power=st.sampled_from([-1, 0, 1]))
    def take_over(self, n: int, power: int) -> None:
        self.office.ids.left = power
        self.do(c.TakeOver(self.staff[2], self.talking(n)[1], "x"))

    @rule(n=st.sampled_from([0, 1]), on=st.booleans())
    def listen(self, n: int, on: bool) -> None:
        call_id = self.talking(n)[1]
        self.do(c.ListenIn(self.staff[2], call_id))
        self.do(c.Whisper(self.staff[2], call_id, on) if on else c.StopListening(self.staff[2], call_id))

    @invariant()
    def a_guest_sees_the_one_case_and_only_while_it_lasts(self) -> None:
        guest = self.staff[3]
        seat = self.seat_of(3)
        at_it = seat.case_id if seat.state in (SeatState.ON_CALL, SeatState.WRAP_UP) else None
        with self.office.services.db.read() as unit:
            seen = {case_id for case_id in self.cases if scope.is_guest(unit, guest, case_id)}
        assert seen == ({at_it} if at_it else set())

    # --- what always holds ----------------------------------------------------------------------------------------

    @invariant()
    def customers_are_in_one_place(self) -> None:
        with self.office.services.db.read() as unit:
            tickets = unit.queue.open_tickets()
            assert self.wanted == {ticket.party_id for ticket in tickets}, "nobody is lost, and nobody is kept"
            assert len(tickets) == len(self.wanted), "one place each"
            legs = unit.queue.open_legs()
            assert len({leg.party_id for leg in legs}) == len(legs), "one live leg each"
            connected = {t.party_id: t for t in tickets if t.state is TicketState.CONNECTED}
            assert set(connected) == {leg.party_id for leg in legs}
            for leg in legs:
                call = unit.queue.call(leg.call_id)
                assert call.state is CallState.LIVE
                assert connected[leg.party_id].seat_id == call.seat_id

    @invariant()
    def seats_and_calls_agree(self) -> None:
        with self.office.services.db.read() as unit:
            live = {call.call_id: call for call in unit.queue.live_calls()}
            own = [seat for seat in unit.queue.seats() if seat.branch_id in (self.branch, self.away)]
            talking = {seat.call_id: seat for seat in own if seat.state is SeatState.ON_CALL}
            assert set(talking) == set(live)
            assert all(talking[call_id].seat_id == call.seat_id for call_id, call in live.items())
            assert {leg.call_id for leg in unit.queue.open_legs()} == set(live), "no call without a customer"
            offered = {t.seat_id: t for t in unit.queue.open_tickets() if t.state is TicketState.OFFERED}
            ringing = {t.to_seat_id: t for t in unit.queue.ringing_transfers()}
            assert not set(offered) & set(ringing)
            assert {seat.seat_id for seat in own if seat.state is SeatState.RINGING} == {*offered, *ringing}
            assert all(transfer.call_id in live for transfer in ringing.values())
            assert all(listener.call_id in live for listener in unit.queue.listening(self.staff[2].actor_id))
            joint = [t for t in offered.values() if t.joint]
            assert len(joint) == len({t.case_id for t in joint}), "one seat rings for a joint case"
            assert len([call for call in live.values() if call.case_id == self.cases[0]]) <= 1

    def teardown(self) -> None:
        """With everybody there and every seat at work, everybody is served; and the chains are whole."""
        if not hasattr(self, "cases"):
            return
        self.go_on(True)
        self.go_on(False)
        self.close_or_open(False)
        for n in range(len(self.staff)):
            self.enable(n, frozenset())
        for person in self.people:
            self.do(c.SetPhonePresence(person, True))
        for _ in range(12):
            if not self.wanted:
                break
            self.office.clock.pass_by(seconds=130)
            self.answer(False, -1)
            for n in range(len(self.staff)):
                self.presence(n, True)
                self.do(c.FinishWrapUp(self.staff[n]))
            self.do(c.Dispatch(SYSTEM))
            for n in range(len(self.staff)):
                self.accept(n, -1)
                for person in self.people:
                    self.do(c.AdmitParty(self.staff[n], self.seat_of(n).call_id or "none", person.actor_id))
                self.customers_are_in_one_place()
                self.seats_and_calls_agree()
                self.hang_up(n)
        assert self.wanted == set()
        with self.office.services.db.read() as unit:
            for case_id in self.cases:
                unit.cases.events(case_id)


def _case(case_id: str, inst: str, branch: str, mode: CallMode, count: int, office: Office) -> Case:
    people = tuple(
        Party(f"{case_id}_p{n}", Role.BORROWER, "客户", number("19800101", n + 1), "13800138000", "", PartyState.READY)
        for n in range(count)
    )
    terms = Terms(demo_data.LINE, demo_data.LINE, 12, RepaymentMethod.BULLET, "x", "6217000000000000000")
    now = office.clock.now()
    return Case(case_id, case_id, inst, branch, "p", "产品", terms, now, "staff", people, call_mode=mode)


@both_databases
def test_nobody_is_lost_whatever_the_seats_and_customers_do(database: str) -> None:
    office = Office(database)
    machine = type("Run", (Work,), {"office": office})
    limits = settings(
        max_examples=15 if database.startswith("sqlite") else 6,
        stateful_step_count=100,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    try:
        run_state_machine_as_test(machine, settings=limits)
        for _ in range(5):
            if office.guests == 0:
                run_state_machine_as_test(machine, settings=settings(limits, derandomize=False))
        assert office.guests > 0
    finally:
        office.app.engine.dispose()
        office.folder.cleanup()

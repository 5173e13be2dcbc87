"""Every query, and every command that names something, tried by people of another institution with real identifiers.

A new query or command without a row here fails.
"""

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from signing.domain.agreement import Side
from signing.domain.backfill import Keeps
from signing.domain.call import Transfer
from signing.domain.case import CallMode
from signing.domain.connection import Ends, InUse
from signing.domain.doubt import Doubt, Kind
from signing.domain.errors import NotFound, NotPermitted, SigningError
from signing.domain.line import LineNow
from signing.domain.particulars import CreditInquiry, Particulars
from signing.domain.party import ReadAloud, Role
from signing.domain.quality import Cause, Stretch
from signing.service import account_commands as a
from signing.service import aloud_commands as al
from signing.service import backfill_commands as bf
from signing.service import commands as c
from signing.service import helper_commands as h
from signing.service import lifecycle_commands as lc
from signing.service import opening_commands as op
from signing.service import permissions, quality_commands
from signing.service import queue_commands as q
from signing.service import recording_commands as rc
from signing.service import seal_commands as sc
from signing.service import track_commands as tc
from signing.service.accounts import accounts
from signing.service.aloud import line_to_read
from signing.service.board import board
from signing.service.booking import booking
from signing.service.branch_cases import branch_cases
from signing.service.colleagues import colleagues, own_seat
from signing.service.commands import Actor, Command
from signing.service.core_queries import core_appointment, core_appointments, core_case, core_changes, core_document
from signing.service.figures import figures
from signing.service.import_tables import ImportTable, TableKind
from signing.service.office import OwnHours, OwnLimits
from signing.service.opening import Papers, Typed, case_links, check_draft, opening_catalogue, preview_papers
from signing.service.queries import Queries
from signing.service.registry import seal_picture, seal_registry
from signing.service.resting import resting_accounts
from tests.integration.service.county import EAST, FAR, HELPER, HOME, County
from tests.integration.service.office import SteppedClock, film, finish_command, open_app, pieces, start_command

NO_DOCUMENT = "doc_first"


@dataclass
class World:
    """The first institution at work: one customer talks and is recorded, one rings, one waits."""

    county: County
    call_id: str
    recording_id: str
    track_id: str
    transfer_id: str
    ticket_id: str
    appointment_id: str
    strangers: dict[str, Actor]

    def frozen(self) -> tuple[object, ...]:
        """All that could have changed."""
        with self.county.app.services.db.read() as unit:
            cases = [unit.cases.get(f"case_{name}") for name in ("first", "second", "third")]
            events = [len(unit.cases.events(case.case_id)) for case in cases]
            people = unit.people.all_staff(HOME)
            office = (unit.office.limits(), unit.office.hours(), unit.office.abilities(), unit.office.stops())
            queue = (unit.queue.seats(HOME), unit.queue.open_tickets(HOME), unit.queue.live_calls(HOME))
            return (cases, events, people, office, queue, unit.queue.ringing_transfers(), unit.office.declarations())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    clock = SteppedClock()
    app = open_app(tmp_path / "data", clock=clock, identity=object())
    county = County(app, clock)
    county.set_up()
    yield await at_work(county)
    await app.close()


async def at_work(county: County) -> World:
    agents = [county.staff(name) for name in ("one", "two", "three")]
    first, second, third = (county.customer(name) for name in ("first", "second", "third"))
    await county.join(first, second)
    await county.free(*agents)
    assert await county.rings() == {"first": "one", "second": "two"}
    call = await county.answer(agents[0])
    recording_id = await county.do(start_command(agents[0], call))
    start = tc.StartTrack(agents[0], call.call_id, "party_first", call.started_at, "VP8")
    track_id = await county.do(start)
    transfer: Transfer = await county.do(c.TransferCall(agents[0], call.call_id, "方言", agents[2].seat_id))
    (waiting,) = await county.join(third)
    soon = county.clock.now() + timedelta(hours=1)
    booked = await county.do(
        q.MakeAppointment(agents[0], "case_third", third.actor_id, soon, soon + timedelta(minutes=30))
    )
    strangers = {
        role: county.staff(f"foreign_{role}", FAR, role) for role in ("agent", "supervisor", "auditor", "administrator")
    }
    strangers["customer"] = county.customer("foreigner", FAR)
    strangers["core_system"] = Actor("system_key", "key_1", "core_system", HELPER, "信贷系统")
    ids = (call.call_id, recording_id, track_id, transfer.transfer_id, waiting.ticket_id, booked.appointment_id)
    return World(county, *ids, strangers)


def refused(work: Callable[[], object]) -> None:
    with pytest.raises((NotFound, NotPermitted)) as caught:
        work()
    said = f"{caught.value.message} {caught.value.hint}"
    assert not any(word in said for word in ("first", "second", "third", "one号席", "PQ00000")), said


# --- queries ----------------------------------------------------------------------------------------------------------

Ask = Callable[[World, Actor], object]


def _queries(world: World) -> Queries:
    return world.county.app.queries


NAMED: dict[str, Ask] = {
    "case": lambda w, who: _queries(w).case(who, "case_first"),
    "document_pdf": lambda w, who: _queries(w).document_pdf(who, "case_first", NO_DOCUMENT),
    "document_copy": lambda w, who: _queries(w).document_copy(who, NO_DOCUMENT),
    "image": lambda w, who: _queries(w).image(who, "case_first", "0" * 64),
    "recording": lambda w, who: _queries(w).recording(who, w.recording_id),
    "segments_held": lambda w, who: _queries(w).segments_held(who, w.recording_id),
    "seal_picture": lambda w, who: seal_picture(w.county.app.services, who, _seal(w)),
    "kept_media": lambda w, who: _queries(w).kept_media(who, "case_first", "0" * 64),
    "package": lambda w, who: _queries(w).package(who, "case_first"),
    "package_record": lambda w, who: _queries(w).package_record(who, "case_first"),
    "audit_case": lambda w, who: _queries(w).audit_case(who, "case_first"),
    "core_case": lambda w, who: core_case(w.county.app.services, who, "case_first"),
    "core_appointments": lambda w, who: core_appointments(w.county.app.services, who, "case_first"),
    "core_appointment": lambda w, who: core_appointment(w.county.app.services, who, "case_first", w.appointment_id),
    "line_to_read": lambda w, who: line_to_read(w.county.app.services, who, *_first(), 1),
    "case_links": lambda w, who: case_links(w.county.app.services, who, "case_first"),
    "booking": lambda w, who: booking(w.county.app.services, who, "case_first"),
    "core_document": lambda w, who: core_document(w.county.app.services, who, "case_first", NO_DOCUMENT),
}
"""Those that name something: each is refused."""

LISTED: dict[str, Ask] = {
    "staff": lambda w, who: _queries(w).staff(who),
    "seat": lambda w, who: _queries(w).seat(who),
    "phone": lambda w, who: _queries(w).phone(who),
    "audit_list": lambda w, who: [_queries(w).audit_list(who), _queries(w).audit_list(who, "first")],
    "board": lambda w, who: board(w.county.app.services, who),
    "colleagues": lambda w, who: colleagues(w.county.app.services, who),
    "own_seat": lambda w, who: own_seat(w.county.app.services, who) if who.seat_id else None,
    "accounts": lambda w, who: accounts(w.county.app.services, who),
    "branch_cases": lambda w, who: [branch_cases(w.county.app.services, who, text) for text in ("", "first")],
    "opening_catalogue": lambda w, who: opening_catalogue(w.county.app.services, who),
    "check_draft": lambda w, who: check_draft(w.county.app.services, who, Typed("village_credit_line", {})),
    "preview_papers": lambda w, who: [one.title for one, _ in _preview(w, who).frozen],
    "figures": lambda w, who: figures(w.county.app.services, who),
    "seal_registry": lambda w, who: seal_registry(w.county.app.services, who),
    "resting_accounts": lambda w, who: resting_accounts(w.county.app.services, who),
    "core_changes": lambda w, who: core_changes(w.county.app.services, who),
}
"""Those that show what is the caller's own: nothing of the first institution is in it."""


def _preview(world: World, who: Actor) -> Papers:
    """Of somebody whom the first institution knows too."""
    person = c.PartyDraft(Role.AUTHORISER, "王秀兰", "11010519491231002X", "13800138000")
    asked = Particulars(inquiry=CreditInquiry("审核贷款申请", world.county.clock.now().date()))
    return preview_papers(
        world.county.app.services, who, c.OpenCase(who, "credit_inquiry_only", None, (person,), particulars=asked)
    )


OF_NOBODY = {
    "lineup", "live_calls", "live_call_of", "work_at", "open_legs", "attendance", "authenticate", "opened_link",
}  # fmt: skip
"""For the process itself, before anybody is known."""


def test_every_query_has_a_row() -> None:
    public = {name for name, _ in inspect.getmembers(Queries, inspect.isfunction) if not name.startswith("_")}
    assert public - OF_NOBODY <= set(NAMED) | set(LISTED)
    assert set(permissions.ASKED_BY) == set(NAMED) | set(LISTED), "a question without a row here"


@pytest.mark.parametrize("name", NAMED)
async def test_nothing_named_is_given_to_another_institution(world: World, name: str) -> None:
    for role in permissions.ASKED_BY[name] & set(world.strangers):
        refused(lambda role=role: NAMED[name](world, world.strangers[role]))  # type: ignore[misc]


@pytest.mark.parametrize("name", LISTED)
async def test_no_list_holds_a_foreign_row(world: World, name: str) -> None:
    asked = permissions.ASKED_BY[name] & set(world.strangers)
    assert asked
    for role in asked:
        text = repr(LISTED[name](world, world.strangers[role]))
        leaked = [word for word in ("case_first", "case_second", "party_", "seat_one", "one经理", EAST, HOME)
                  if word in text.replace("party_foreigner", "").replace("party_id", "")]  # fmt: skip
        assert leaked == [], role


async def test_the_same_queries_do_answer_at_home(world: World) -> None:
    """So that a refusal above is not for want of the thing."""
    home = {"supervisor": world.county.staff("chief", EAST, "supervisor"), "agent": world.county.staff("x", EAST)}
    assert _queries(world).case(home["agent"], "case_first").case.case_id == "case_first"
    assert "case_first" in repr(board(world.county.app.services, home["supervisor"]))
    assert "seat_one" in repr(colleagues(world.county.app.services, home["agent"]))
    assert "case_third" in repr(_queries(world).audit_list(home["supervisor"]))


# --- commands ---------------------------------------------------------------------------------------------------------

Make = Callable[[World, Actor], Command]

NAMING: dict[type[Command], Make] = {
    c.AddStaff: lambda w, who: c.AddStaff(who, "new", "long-enough-1-x", "新人", "agent", EAST, "seat_one"),
    c.AcceptOffer: lambda w, who: c.AcceptOffer(who, _ringing(w)),
    c.RejectOffer: lambda w, who: c.RejectOffer(who, _ringing(w)),
    c.SubmitSnapshot: lambda w, who: c.SubmitSnapshot(who, *_first(), b"x", w.county.clock.now()),
    c.DecideIdentity: lambda w, who: c.DecideIdentity(who, *_first(), True),
    c.ShowLine: lambda w, who: c.ShowLine(who, *_first(), 1),
    c.AnswerLine: lambda w, who: c.AnswerLine(who, *_first(), 1, "yes"),
    al.ReadAloud: lambda w, who: al.ReadAloud(who, *_first(), 1, "x", "0" * 64, False),
    al.EndReadAloud: lambda w, who: al.EndReadAloud(who, *_first(), "aloud_1", True, 1.0),
    c.StartRecording: lambda w, who: start_command(who, _live(w)),
    c.FinishRecording: lambda w, who: finish_command(who, w.recording_id, film(1), _live(w).started_at),
    bf.TakeBackfillNeeds: lambda w, who: bf.TakeBackfillNeeds(who, w.call_id),
    bf.KeepBackfill: lambda w, who: bf.KeepBackfill(
        who, w.call_id, _live(w).started_at, _live(w).started_at, "image/jpeg", b"\xff\xd8\xff"
    ),
    bf.TellKeeping: lambda w, who: bf.TellKeeping(who, w.call_id, Keeps.SOUND),
    rc.TakeSpoolKey: lambda w, who: rc.TakeSpoolKey(who, w.call_id),
    rc.KeepSegment: lambda w, who: pieces(who, w.recording_id, film(1))[0],
    rc.AssembleRecording: lambda w, who: rc.AssembleRecording(who, w.recording_id),
    rc.DeclareCallUnrecorded: lambda w, who: rc.DeclareCallUnrecorded(who, w.call_id, "x"),
    tc.StartTrack: lambda w, who: tc.StartTrack(who, w.call_id, "party_first", _live(w).started_at, "VP8"),
    tc.FinishTrack: lambda w, who: _track_end(w, who),
    tc.GiveUpTrack: lambda w, who: tc.GiveUpTrack(who, w.track_id, "x"),
    tc.AssembleTrack: lambda w, who: tc.AssembleTrack(who, w.track_id),
    c.DeclareRecordingLost: lambda w, who: c.DeclareRecordingLost(who, w.recording_id, "x"),
    quality_commands.ReportQuality: lambda w, who: quality_commands.ReportQuality(
        who, w.call_id, "party_first", _stretch(w)
    ),
    quality_commands.TellLines: lambda w, who: quality_commands.TellLines(
        who, w.call_id, (LineNow("party_first", 4, Cause.FINE),)
    ),
    quality_commands.ReportConnection: lambda w, who: quality_commands.ReportConnection(
        who, w.call_id, "party_first", InUse(_live(w).started_at, Ends("sha-256 AB", "sha-256 CD"))
    ),
    quality_commands.ReportDoubt: lambda w, who: quality_commands.ReportDoubt(
        who, w.call_id, "party_first", Doubt(Kind.BLACK, _live(w).started_at)
    ),
    c.HangUp: lambda w, who: c.HangUp(who, w.call_id, "x"),
    c.AdmitParty: lambda w, who: c.AdmitParty(who, w.call_id, "party_first"),
    c.SetCallMode: lambda w, who: c.SetCallMode(who, "case_first", CallMode.SEPARATE),
    c.HoldParty: lambda w, who: c.HoldParty(who, w.call_id, "party_first", True),
    c.MuteParty: lambda w, who: c.MuteParty(who, w.call_id, "party_first", True),
    c.TalkAlone: lambda w, who: c.TalkAlone(who, w.call_id, "party_first"),
    c.RemoveParty: lambda w, who: c.RemoveParty(who, w.call_id, "party_first", "x"),
    c.TransferCall: lambda w, who: c.TransferCall(who, w.call_id, "x", "seat_one"),
    c.AcceptTransfer: lambda w, who: c.AcceptTransfer(who, w.transfer_id),
    c.RejectTransfer: lambda w, who: c.RejectTransfer(who, w.transfer_id),
    c.CancelTransfer: lambda w, who: c.CancelTransfer(who, w.transfer_id),
    c.TakeOver: lambda w, who: c.TakeOver(who, w.call_id, "x"),
    c.ListenIn: lambda w, who: c.ListenIn(who, w.call_id),
    c.Whisper: lambda w, who: c.Whisper(who, w.call_id, True),
    c.SetSeatPresence: lambda w, who: c.SetSeatPresence(who, "seat_one", True, "x"),
    c.TakeCase: lambda w, who: c.TakeCase(who, "case_first"),
    c.SealCase: lambda w, who: c.SealCase(who, "case_first"),
    sc.SuspendSeal: lambda w, who: sc.SuspendSeal(who, _seal(w), "印章送检"),
    sc.ResumeSeal: lambda w, who: sc.ResumeSeal(who, _seal(w), "检验完毕"),
    sc.AmendSeal: lambda w, who: sc.AmendSeal(who, _seal(w), "换人保管", "档案室"),
    sc.ApproveSealing: lambda w, who: sc.ApproveSealing(who, "case_first", "已复核金额"),
    c.AbortCase: lambda w, who: c.AbortCase(who, "case_first", "x"),
    c.OverrideRisk: lambda w, who: c.OverrideRisk(who, "case_first", "same_phone", "已电话核实"),
    c.SetRiskRules: lambda w, who: c.SetRiskRules(who, HOME, ""),
    h.DeclareHelper: lambda w, who: h.DeclareHelper(who, "李四", "子女", "", "", *_first()),
    h.DismissHelper: lambda w, who: h.DismissHelper(who, *_first()),
    h.MoveHelper: lambda w, who: h.MoveHelper(who, *_first(), True),
    lc.WithdrawCase: lambda w, who: lc.WithdrawCase(who, "case_first", "x"),
    lc.RecordRefusal: lambda w, who: lc.RecordRefusal(who, *_first(), "x"),
    lc.ChangeTerms: lambda w, who: lc.ChangeTerms(who, "case_first", "金额有误"),
    c.RenewLink: lambda w, who: c.RenewLink(who, *_first()),
    op.SendLink: lambda w, who: op.SendLink(who, *_first(), "capability-of-nobody"),
    c.Reveal: lambda w, who: c.Reveal(who, *_first(), "id_number", "核对"),
    c.RecordView: lambda w, who: c.RecordView(who, "case", "case_first"),
    q.SetQueueLimits: lambda w, who: q.SetQueueLimits(who, OwnLimits(HOME)),
    q.SetBranchHours: lambda w, who: q.SetBranchHours(who, EAST, OwnHours(EAST, time(8), time(9))),
    q.SetSeatAbility: lambda w, who: q.SetSeatAbility(who, "seat_one", frozenset(), frozenset()),
    q.PauseQueue: lambda w, who: q.PauseQueue(who, EAST, "x", "x"),
    q.StopQueue: lambda w, who: q.StopQueue(who, EAST, "x", "x", end_calls=True),
    q.ResumeQueue: lambda w, who: q.ResumeQueue(who, EAST, "x"),
    q.MakeAppointment: lambda w, who: q.MakeAppointment(who, *_first(), w.county.clock.now(), _soon(w)),
    q.CancelAppointment: lambda w, who: q.CancelAppointment(who, w.appointment_id, "x"),
    a.ResetPassword: lambda w, who: a.ResetPassword(who, "staff_one", "long-enough-1-x"),
    a.SetActive: lambda w, who: a.SetActive(who, "staff_one", False),
    a.ConfirmAccount: lambda w, who: a.ConfirmAccount(who, "staff_one"),
    a.RefuseAccount: lambda w, who: a.RefuseAccount(who, "staff_one", "x"),
    a.UnlockAccount: lambda w, who: a.UnlockAccount(who, "staff_one"),
    a.ResetTotp: lambda w, who: a.ResetTotp(who, "staff_one"),
    a.EndSession: lambda w, who: a.EndSession(who, "staff_one", "x"),
}

FOR_ONESELF: dict[type[Command], Make] = {
    c.ReportReading: lambda w, who: c.ReportReading(who, NO_DOCUMENT, ((1, 900),)),
    c.SignDocument: lambda w, who: c.SignDocument(who, NO_DOCUMENT, "0" * 64, b"{}", 70, 0.6),
    c.StopListening: lambda w, who: c.StopListening(who, w.call_id),
    ImportTable: lambda w, who: ImportTable(who, TableKind.ROSTER, b"", HOME),
    a.RequireTotp: lambda w, who: a.RequireTotp(who, "agent", True, HOME),
    q.DeclareOverflow: lambda w, who: q.DeclareOverflow(who, HOME, Side.SENDS, institution_id=HOME),
    q.EndOverflow: lambda w, who: q.EndOverflow(who, HOME, Side.ACCEPTS, institution_id=HOME),
}
"""They are about the caller's own: a document is looked for in the own case only, an institution that is named is not
asked about. The other institution stays as it is."""

ROLE_FOR_ONESELF = {(h.DeclareHelper, "customer"), (h.DismissHelper, "customer")}
"""A customer speaks for themself, whomever they name."""
NAMES_NOTHING_STORED = {c.OpenCase}
"""A product is everybody's."""


def _first() -> tuple[str, str]:
    return "case_first", "party_first"


def _seal(world: World) -> str:
    return str(world.county.look(lambda unit: unit.seals.of(HOME)[0].seal_id))


def _ringing(world: World) -> str:
    tickets = world.county.look(lambda unit: unit.queue.open_tickets(HOME))
    return str(next(one.ticket_id for one in tickets if one.party_id == "party_second"))


def _live(world: World) -> Any:
    return world.county.look(lambda unit: unit.queue.call(world.call_id))


def _stretch(world: World) -> Stretch:
    began = _live(world).started_at
    return Stretch(began, began + timedelta(seconds=1), 2, Cause.LOSSY, 3.2, 2.1)


def _track_end(world: World, who: Actor) -> tc.FinishTrack:
    shot, began = film(1), _live(world).started_at
    size, ended = len(shot.data), began + timedelta(seconds=1)
    return tc.FinishTrack(who, world.track_id, ended, 1.0, size, shot.sha256, shot.segments, (), "")


def _soon(world: World) -> Any:
    return world.county.clock.now() + timedelta(minutes=10)


def _names_something(kind: type[Command]) -> bool:
    return any(one.name.endswith("_id") or one.name == "limits" for one in fields(kind))


def test_every_command_that_names_something_has_a_row() -> None:
    by_the_system = {kind for kind, roles in permissions.ALLOWED.items() if roles <= {"system"}}
    naming = {kind for kind in Command.__subclasses__() if _names_something(kind)} - by_the_system
    assert naming == set(NAMING) | set(FOR_ONESELF) | NAMES_NOTHING_STORED


async def test_every_naming_command_is_refused_to_another_institution_and_changes_nothing(world: World) -> None:
    before = world.frozen()
    for kind, make in NAMING.items():
        tried = permissions.ALLOWED[kind] & set(world.strangers)
        assert tried, kind
        for role in tried:
            if (kind, role) in ROLE_FOR_ONESELF:
                await world.county.do(make(world, world.strangers[role]))
                assert world.frozen() == before, kind
                continue
            with pytest.raises((NotFound, NotPermitted)) as caught:
                await world.county.do(make(world, world.strangers[role]))
            said = f"{kind.__name__} {caught.value.message} {caught.value.hint}"
            assert not any(word in said for word in ("first", "one号席", "one经理", "PQ00000")), said
            assert world.frozen() == before, kind


async def test_the_end_of_a_reading_is_told_by_the_seat_that_held_its_call_and_nobody_else_of_the_branch(
    world: World,
) -> None:
    reading = ReadAloud(1, "0" * 64, "aloud_1", world.call_id)
    with world.county.app.services.db.write() as unit:
        case = unit.cases.get("case_first")
        unit.cases.save(replace(case, parties=(replace(case.parties[0], read_aloud=reading), *case.parties[1:])))
    aside = world.county.staff("aside", EAST)
    before = world.frozen()
    one, two = (Actor("staff", f"staff_{name}", "agent", HOME, name, f"seat_{name}") for name in ("one", "two"))
    for colleague in (two, replace(two, seat_id=None), aside):
        with pytest.raises(NotPermitted):
            await world.county.do(al.EndReadAloud(colleague, *_first(), "aloud_1", True, 1.0))
        assert world.frozen() == before
    await world.county.do(c.HangUp(one, world.call_id, "x"))
    await world.county.do(al.EndReadAloud(one, *_first(), "aloud_1", True, 1.0))
    last = world.county.look(lambda unit: unit.cases.events("case_first")[-1])
    assert last.type == "disclosure.read_aloud_ended"


async def test_what_is_for_oneself_leaves_the_other_institution_as_it_is(world: World) -> None:
    before = world.frozen()[:-1]
    for kind, make in FOR_ONESELF.items():
        for role in permissions.ALLOWED[kind] & set(world.strangers):
            with suppress(SigningError):
                await world.county.do(make(world, world.strangers[role]))
        assert world.frozen()[:-1] == before, kind
    rules = world.county.look(lambda unit: (unit.accounts.factor_rules(HOME), unit.people.households(HOME)))
    assert rules[0].get("agent") is not True
    sides = world.county.look(lambda unit: unit.office.declarations())
    assert all(one.institution_id == HELPER for one in sides)

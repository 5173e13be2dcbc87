"""The whole matrix of roles × commands and questions, written down a second time."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import pytest

import signing.service
from signing.domain.errors import NotPermitted
from signing.service import commands, permissions
from signing.service.bus import Bus
from signing.service.commands import Actor, Command
from signing.service.handlers import HANDLERS
from signing.service.queries import Queries

COMMANDS = sorted(Command.__subclasses__(), key=lambda kind: kind.__name__)

# Columns: agent, supervisor, auditor, administrator, core system, customer, bearer, system
MATRIX = {
    "DeclareHelper": "xx...x..",
    "DismissHelper": "xx...x..",
    "NoteDraft": "xx......",
    "SearchRoster": "xx......",
    "LookUpPerson": "xx......",
    "TakeDraftKey": "xx......",
    "SendLink": "xx......",
    "MoveHelper": "xx......",
    "AbortCase": "xx..x...",
    "AcceptOffer": "xx......",
    "AcceptTransfer": "xx......",
    "AddCoreKey": ".......x",
    "AddStaff": "...x...x",
    "AddWebhook": ".......x",
    "AdmitParty": "xx......",
    "AnswerLine": "xx......",
    "BeginTotp": "......x.",
    "CancelAppointment": "xx..x...",
    "CancelTransfer": "xx......",
    "ChangePassword": "xxxx....",
    "ChooseDialect": ".....x..",
    "ChangeTerms": "xx......",
    "ConfirmAccount": ".xx....x",
    "DecideIdentity": "xx......",
    "DeclareOverflow": "...x...x",
    "DeclareCallUnrecorded": ".x......",
    "DeclareRecordingLost": ".x......",
    "Dispatch": ".......x",
    "ExpireCases": ".......x",
    "Sweep": ".......x",
    "DropLeg": ".......x",
    "EndOverflow": "...x...x",
    "EndSession": "...x...x",
    "EnrolTotp": ".......x",
    "FinishRecording": "xx......",
    "FinishWrapUp": "xx......",
    "HangUp": "xx......",
    "HoldParty": "xx......",
    "ImportTable": "...x...x",
    "JoinQueue": ".....x..",
    "LeaveQueue": ".....x..",
    "ListenIn": ".x......",
    "LogIn": "......x.",
    "LogOut": "xxxx.x..",
    "LoseSeat": ".......x",
    "MakeAppointment": "xx..x...",
    "MuteParty": "xx......",
    "TalkAlone": "xx......",
    "PauseQueue": ".x.....x",
    "OverrideRisk": ".x......",
    "OpenCoreCase": "....x...",
    "OpenCase": "xx......",
    "OpenCaseOnce": "xx......",
    "RecordConsent": ".....x..",
    "RecordPrecheck": ".....x..",
    "RecordView": "xxxxx...",
    "RecordRefusal": "xx......",
    "RedeemCode": "......x.",
    "RefuseAccount": ".xx.....",
    "Refuse": ".....x..",
    "RejectOffer": "xx......",
    "RejectTransfer": "xx......",
    "RemoveWebhook": ".......x",
    "RevokeCoreKey": ".......x",
    "RemoveParty": "xx......",
    "ReportConnection": "xx......",
    "ReportDoubt": "xx......",
    "ReportQuality": "xx......",
    "TellLines": "xx......",
    "ReportReading": ".....x..",
    "RenewLink": "xx......",
    "RequireTotp": "...x...x",
    "ResetPassword": "...x...x",
    "ResetTotp": "...x...x",
    "ResumeQueue": ".x.x...x",
    "Reveal": "xxx.....",
    "SealCase": "xx.....x",
    "RegisterSeal": ".......x",
    "RetireSeal": ".......x",
    "SuspendSeal": ".x......",
    "ResumeSeal": ".x......",
    "AmendSeal": ".x......",
    "RenewArchives": ".......x",
    "ApproveSealing": ".x......",
    "SendAgain": ".......x",
    "SendCode": "......x.",
    "SetActive": "...x...x",
    "SetBranchHours": ".x.x...x",
    "SetCallMode": "xx......",
    "SetPhonePresence": ".....x..",
    "SetPresence": "xx......",
    "SetQueueLimits": ".x.x...x",
    "SetSeatAbility": ".x.x...x",
    "SetRiskRules": "...x...x",
    "SetSeatPresence": ".x......",
    "ShowLine": "xx......",
    "ReadAloud": "xx......",
    "EndReadAloud": "xx......",
    "SignDocument": ".....x..",
    "StartRecording": "xx......",
    "StopListening": ".x......",
    "StopQueue": ".x.x...x",
    "TakeSpoolKey": "xx......",
    "KeepBackfill": ".....x..",
    "TakeBackfillNeeds": ".....x..",
    "TellKeeping": ".....x..",
    "KeepSegment": "xx......",
    "AssembleRecording": "xx......",
    "StartTrack": "xx......",
    "FinishTrack": "xx......",
    "GiveUpTrack": "xx......",
    "AssembleTrack": "xx......",
    "SubmitCard": ".....x..",
    "SubmitSnapshot": "xx......",
    "TakeAccount": "......x.",
    "TakeCase": "xx......",
    "TakeOver": ".x......",
    "TransferCall": "xx......",
    "UnlockAccount": "...x...x",
    "WithdrawCase": "xx..x...",
    "Whisper": ".x......",
}


QUESTIONS = {
    "accounts": "...x...x",
    "audit_case": ".xx....x",
    "seal_registry": ".xx....x",
    "seal_picture": ".xx....x",
    "figures": ".xx....x",
    "audit_list": ".xx....x",
    "board": ".x......",
    "case": "xxx.x..x",
    "colleagues": "xx......",
    "line_to_read": "xx......",
    "own_seat": "xx......",
    "branch_cases": "xx......",
    "resting_accounts": ".xx.....",
    "booking": "xx......",
    "opening_catalogue": "xx......",
    "check_draft": "xx......",
    "preview_papers": "xx......",
    "case_links": "xx......",
    "core_case": "....x...",
    "core_changes": "....x...",
    "core_document": "....x...",
    "core_appointments": "....x...",
    "core_appointment": "....x...",
    "document_copy": ".....x..",
    "document_pdf": "xxx.xx.x",
    "image": "xxx.....",
    "kept_media": ".xx.....",
    "package": ".xx.x..x",
    "package_record": ".xx.x..x",
    "phone": ".....x..",
    "recording": ".xx.....",
    "seat": "xx......",
    "segments_held": "xx......",
    "staff": "xxxx....",
}

UNASKED = {
    "authenticate", "attendance", "opened_link", "lineup", "live_calls", "live_call_of", "work_at", "open_legs",
}  # fmt: skip
"""By whoever holds a secret, or by the service itself at a start: nobody stands behind them yet."""


def test_every_command_has_a_row_a_permission_and_a_handler() -> None:
    names = {kind.__name__ for kind in COMMANDS}
    assert names == set(MATRIX) == {kind.__name__ for kind in permissions.ALLOWED}
    assert set(HANDLERS) == set(COMMANDS)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_the_matrix(kind: type[Command]) -> None:
    row = "".join("x" if permissions.allows(role, kind) else "." for role in permissions.ROLES)
    assert row == MATRIX[kind.__name__]


async def test_the_bus_looks_at_the_table_before_anything_else() -> None:
    """Every command × every role, really sent."""

    def reached(command: Command, services: object) -> None:
        raise LookupError

    bus = Bus(NoServices(), dict.fromkeys(COMMANDS, reached))  # type: ignore[arg-type]
    for kind, role in product(COMMANDS, permissions.ROLES):
        command = object.__new__(kind)
        for name in ("case_id", "actor"):
            object.__setattr__(command, name, Actor("staff", "x", role, "inst", case_id="case_1"))
        with pytest.raises(LookupError if permissions.allows(role, kind) else NotPermitted):
            await bus.execute(command)
    await bus.close()


def test_a_refusal_names_no_command_and_an_unknown_role_may_nothing() -> None:
    command = commands.JoinQueue(Actor("staff", "x", "agent", "inst"))
    with pytest.raises(NotPermitted) as refused:
        permissions.check(command)
    assert "JoinQueue" not in refused.value.message
    assert not any(permissions.allows("nobody", kind) for kind in COMMANDS)


# --- questions ----------------------------------------------------------------------------------------------------


def questions() -> Iterator[str]:
    """Public reads: the methods of ``Queries``, and every function of the service that takes (services, actor)."""
    yield from (name for name, _ in inspect.getmembers(Queries, inspect.isfunction) if not name.startswith("_"))
    for found in pkgutil.iter_modules(signing.service.__path__, "signing.service."):
        module = importlib.import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and list(inspect.signature(function).parameters)[:2] == ["services", "actor"]:
                yield name


def test_every_question_has_a_row_and_a_permission() -> None:
    assert set(questions()) - UNASKED == set(QUESTIONS) == set(permissions.ASKED_BY)


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_matrix_of_questions(name: str) -> None:
    row = "".join("x" if permissions.may_ask(role, name) else "." for role in permissions.ROLES)
    assert row == QUESTIONS[name]


class NoServices:
    """Answers nothing: whoever gets past the table stumbles here."""

    def __getattr__(self, name: str) -> object:
        raise LookupError(name)


@pytest.mark.parametrize("role", permissions.ROLES)
@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_table_is_looked_at_before_anything_else(name: str, role: str) -> None:
    """Every question × every role, really asked."""
    actor = Actor("staff", "x", role, "inst", case_id="case_1")
    services = NoServices()
    method = getattr(Queries(services), name, None)  # type: ignore[arg-type]
    asked = method or partial(the_function(name), services)
    wanted = len(inspect.signature(asked).parameters)
    kinds = LookupError if permissions.may_ask(role, name) else NotPermitted
    with pytest.raises(kinds):
        asked(actor, *(["some_1"] * (wanted - 1)))


def the_function(name: str) -> Callable[..., object]:
    return next(
        function
        for found in pkgutil.iter_modules(signing.service.__path__, "signing.service.")
        for other, function in inspect.getmembers(importlib.import_module(found.name), inspect.isfunction)
        if other == name and function.__module__ == found.name
    )


# --- duties that are kept apart --------------------------------------------------------------------------------------


def test_the_administrator_sees_neither_cases_nor_recordings() -> None:
    seen = {name for name in QUESTIONS if permissions.may_ask("administrator", name)}
    assert seen == {"staff", "accounts"}


def test_the_auditor_changes_nothing() -> None:
    """One's own session and password, and looks that are put on record, are no changes; nor is it one to look at
    what was done to the accounts of others who watch."""
    changes = {kind.__name__ for kind in COMMANDS if permissions.allows("auditor", kind)}
    assert changes == {"LogOut", "RecordView", "Reveal", "ChangePassword", "ConfirmAccount", "RefuseAccount"}


def test_the_core_system_opens_ends_and_fetches_and_no_more() -> None:
    assert {kind.__name__ for kind in COMMANDS if permissions.allows("core_system", kind)} == {
        "OpenCoreCase", "AbortCase", "WithdrawCase", "RecordView", "MakeAppointment", "CancelAppointment",
    }  # fmt: skip
    assert {name for name in QUESTIONS if permissions.may_ask("core_system", name)} == {
        "case", "document_pdf", "package", "package_record", "core_case", "core_changes", "core_document",
        "core_appointments", "core_appointment",
    }  # fmt: skip


def test_nobody_lets_their_own_request_pass() -> None:
    agent = Actor("staff", "staff_1", "agent", "inst")
    supervisor = Actor("staff", "staff_2", "supervisor", "inst")
    permissions.check_override(supervisor, asked_by="staff_1")
    for actor, asked_by in ((agent, ""), (agent, "staff_2"), (supervisor, "staff_2")):
        with pytest.raises(NotPermitted):
            permissions.check_override(actor, asked_by)

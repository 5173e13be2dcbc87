"""The whole matrix of roles and commands, written down a second time."""

import pytest

from signing.domain.errors import NotPermitted
from signing.service import commands, permissions
from signing.service.commands import Actor, Command
from signing.service.handlers import HANDLERS

COMMANDS = sorted(Command.__subclasses__(), key=lambda kind: kind.__name__)

# Columns: agent, supervisor, auditor, administrator, core system, customer, bearer, system
MATRIX = {
    "AbortCase": "xx..x...",
    "AcceptOffer": "xx......",
    "AcceptTransfer": "xx......",
    "AddStaff": "...x...x",
    "AdmitParty": "xx......",
    "AnswerLine": "xx......",
    "CancelTransfer": "xx......",
    "DecideIdentity": "xx......",
    "DeclareRecordingLost": ".x......",
    "Dispatch": ".......x",
    "DropLeg": ".......x",
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
    "OpenCase": "xx..x...",
    "RecordConsent": ".....x..",
    "RecordPrecheck": ".....x..",
    "RecordView": "xxxx....",
    "RedeemCode": "......x.",
    "RejectOffer": "xx......",
    "RejectTransfer": "xx......",
    "RemoveParty": "xx......",
    "ReportReading": ".....x..",
    "SealCase": "xx.....x",
    "SendCode": "......x.",
    "SetCallMode": "xx......",
    "SetPhonePresence": ".....x..",
    "SetPresence": "xx......",
    "SetSeatPresence": ".x......",
    "ShowLine": "xx......",
    "SignDocument": ".....x..",
    "StartRecording": "xx......",
    "StopListening": ".x......",
    "StoreRecording": "xx......",
    "SubmitCard": ".....x..",
    "SubmitSnapshot": "xx......",
    "TakeCase": "xx......",
    "TakeOver": ".x......",
    "TransferCall": "xx......",
    "Whisper": ".x......",
}


def test_every_command_has_a_row_a_permission_and_a_handler() -> None:
    names = {kind.__name__ for kind in COMMANDS}
    assert names == set(MATRIX) == {kind.__name__ for kind in permissions.ALLOWED}
    assert set(HANDLERS) == set(COMMANDS)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: kind.__name__)
def test_the_matrix(kind: type[Command]) -> None:
    row = "".join("x" if permissions.allows(role, kind) else "." for role in permissions.ROLES)
    assert row == MATRIX[kind.__name__]


def test_a_refusal_names_no_command_and_an_unknown_role_may_nothing() -> None:
    command = commands.JoinQueue(Actor("staff", "x", "agent", "inst"))
    with pytest.raises(NotPermitted) as refused:
        permissions.check(command)
    assert "JoinQueue" not in refused.value.message
    assert not any(permissions.allows("nobody", kind) for kind in COMMANDS)

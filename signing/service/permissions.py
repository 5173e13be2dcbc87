"""Which role may send which command and ask which question: the one place that says so.

Institution, branch, seat and case are checked by the handlers and queries, which know the thing that is asked about.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from signing.domain.errors import NotPermitted
from signing.service import account_commands as a
from signing.service import aloud_commands as al
from signing.service import backfill_commands as bf
from signing.service import commands as c
from signing.service import core_commands as cc
from signing.service import helper_commands as h
from signing.service import lifecycle_commands as lc
from signing.service import opening_commands as op
from signing.service import quality_commands as quality
from signing.service import queue_commands as q
from signing.service import recording_commands as rc
from signing.service import seal_commands as sc
from signing.service import track_commands as tc
from signing.service.import_tables import ImportTable

AGENT, SUPERVISOR, AUDITOR, ADMINISTRATOR = "agent", "supervisor", "auditor", "administrator"
CORE_SYSTEM = "core_system"
"""A credit system that has proven itself by its key: an ``Actor`` of kind ``SYSTEM_KEY``."""
CUSTOMER, BEARER, SYSTEM = "customer", "bearer", "system"
ROLES = (AGENT, SUPERVISOR, AUDITOR, ADMINISTRATOR, CORE_SYSTEM, CUSTOMER, BEARER, SYSTEM)

SYSTEM_KEY = "system_key"

_STAFF = frozenset({AGENT, SUPERVISOR, AUDITOR, ADMINISTRATOR})
_SEAT = frozenset({AGENT, SUPERVISOR})
"""A supervisor who has a seat does what a seat does; ``own_seat`` refuses one who has none."""
_CUSTOMER = frozenset({CUSTOMER})
_SYSTEM = frozenset({SYSTEM})
_PEOPLE = frozenset({ADMINISTRATOR, SYSTEM})
"""Who keeps the accounts."""
_WATCHING = frozenset({SUPERVISOR, AUDITOR})
"""Who confirms what was done to one another's accounts."""
_RUNS = frozenset({SUPERVISOR, ADMINISTRATOR, SYSTEM})
"""Who runs the queue; the system is the command line on the service's own machine."""

ALLOWED: dict[type[c.Command], frozenset[str]] = {
    c.LogIn: frozenset({BEARER}),
    c.LogOut: _STAFF | _CUSTOMER,
    c.AddStaff: _PEOPLE,
    a.BeginTotp: frozenset({BEARER}),
    a.TakeAccount: frozenset({BEARER}),
    a.ChangePassword: _STAFF,
    a.ResetPassword: _PEOPLE,
    a.SetActive: _PEOPLE,
    a.UnlockAccount: _PEOPLE,
    a.ConfirmAccount: _WATCHING | _SYSTEM,
    a.RefuseAccount: _WATCHING,
    a.EnrolTotp: _SYSTEM,
    a.ResetTotp: _PEOPLE,
    a.RequireTotp: _PEOPLE,
    a.EndSession: _PEOPLE,
    c.RenewLink: _SEAT,
    c.OpenCase: frozenset({AGENT, SUPERVISOR}),
    op.OpenCaseOnce: frozenset({AGENT, SUPERVISOR}),
    op.NoteDraft: _SEAT,
    op.SearchRoster: _SEAT,
    op.LookUpPerson: _SEAT,
    op.TakeDraftKey: _SEAT,
    op.SendLink: _SEAT,
    c.SendCode: frozenset({BEARER}),
    c.RedeemCode: frozenset({BEARER}),
    c.RecordConsent: _CUSTOMER,
    c.RecordPrecheck: _CUSTOMER,
    c.JoinQueue: _CUSTOMER,
    c.LeaveQueue: _CUSTOMER,
    c.SetPhonePresence: _CUSTOMER,
    c.SetPresence: _SEAT,
    c.AcceptOffer: _SEAT,
    c.RejectOffer: _SEAT,
    c.Dispatch: _SYSTEM,
    c.SubmitCard: _CUSTOMER,
    c.SubmitSnapshot: _SEAT,
    c.DecideIdentity: _SEAT,
    c.ShowLine: _SEAT,
    c.AnswerLine: _SEAT,
    al.ReadAloud: _SEAT,
    al.EndReadAloud: _SEAT,
    h.DeclareHelper: _SEAT | _CUSTOMER,
    h.DismissHelper: _SEAT | _CUSTOMER,
    h.MoveHelper: _SEAT,
    c.ReportReading: _CUSTOMER,
    c.SignDocument: _CUSTOMER,
    bf.TakeBackfillNeeds: _CUSTOMER,
    bf.KeepBackfill: _CUSTOMER,
    bf.TellKeeping: _CUSTOMER,
    c.StartRecording: _SEAT,
    c.FinishRecording: _SEAT,
    rc.TakeSpoolKey: _SEAT,
    rc.KeepSegment: _SEAT,
    rc.AssembleRecording: _SEAT,
    tc.StartTrack: _SEAT,
    tc.FinishTrack: _SEAT,
    tc.GiveUpTrack: _SEAT,
    tc.AssembleTrack: _SEAT,
    quality.ReportQuality: _SEAT,
    quality.TellLines: _SEAT,
    quality.ReportConnection: _SEAT,
    quality.ReportDoubt: _SEAT,
    c.HangUp: _SEAT,
    c.DropLeg: _SYSTEM,
    c.AdmitParty: _SEAT,
    c.SetCallMode: _SEAT,
    c.HoldParty: _SEAT,
    c.MuteParty: _SEAT,
    c.TalkAlone: _SEAT,
    c.RemoveParty: _SEAT,
    c.TransferCall: _SEAT,
    c.AcceptTransfer: _SEAT,
    c.RejectTransfer: _SEAT,
    c.CancelTransfer: _SEAT,
    c.TakeOver: frozenset({SUPERVISOR}),
    c.ListenIn: frozenset({SUPERVISOR}),
    c.StopListening: frozenset({SUPERVISOR}),
    c.Whisper: frozenset({SUPERVISOR}),
    c.SetSeatPresence: frozenset({SUPERVISOR}),
    c.DeclareRecordingLost: frozenset({SUPERVISOR}),
    rc.DeclareCallUnrecorded: frozenset({SUPERVISOR}),
    c.LoseSeat: _SYSTEM,
    c.FinishWrapUp: _SEAT,
    c.TakeCase: _SEAT,
    c.SealCase: _SEAT | _SYSTEM,
    c.AbortCase: frozenset({AGENT, SUPERVISOR, CORE_SYSTEM}),
    cc.OpenCoreCase: frozenset({CORE_SYSTEM}),
    cc.AddCoreKey: _SYSTEM,
    cc.RevokeCoreKey: _SYSTEM,
    cc.AddWebhook: _SYSTEM,
    cc.RemoveWebhook: _SYSTEM,
    cc.SendAgain: _SYSTEM,
    ImportTable: frozenset({ADMINISTRATOR, SYSTEM}),
    c.OverrideRisk: frozenset({SUPERVISOR}),
    sc.RegisterSeal: _SYSTEM,
    sc.RetireSeal: _SYSTEM,
    sc.SuspendSeal: frozenset({SUPERVISOR}),
    sc.ResumeSeal: frozenset({SUPERVISOR}),
    sc.AmendSeal: frozenset({SUPERVISOR}),
    sc.RenewArchives: _SYSTEM,
    sc.ApproveSealing: frozenset({SUPERVISOR}),
    c.SetRiskRules: frozenset({ADMINISTRATOR, SYSTEM}),
    lc.WithdrawCase: frozenset({AGENT, SUPERVISOR, CORE_SYSTEM}),
    lc.Refuse: _CUSTOMER,
    lc.RecordRefusal: _SEAT,
    lc.ChangeTerms: _SEAT,
    lc.ExpireCases: _SYSTEM,
    a.Sweep: _SYSTEM,
    c.Reveal: frozenset({AGENT, SUPERVISOR, AUDITOR}),
    q.SetQueueLimits: _RUNS,
    q.SetBranchHours: _RUNS,
    q.SetSeatAbility: _RUNS,
    q.PauseQueue: frozenset({SUPERVISOR, SYSTEM}),
    q.StopQueue: _RUNS,
    q.ResumeQueue: _RUNS,
    q.DeclareOverflow: frozenset({ADMINISTRATOR, SYSTEM}),
    q.EndOverflow: frozenset({ADMINISTRATOR, SYSTEM}),
    q.MakeAppointment: frozenset({AGENT, SUPERVISOR, CORE_SYSTEM}),
    q.CancelAppointment: frozenset({AGENT, SUPERVISOR, CORE_SYSTEM}),
    q.ChooseDialect: _CUSTOMER,
    c.RecordView: _STAFF | {CORE_SYSTEM},
}


_FILE_READERS = frozenset({AGENT, SUPERVISOR, AUDITOR, CORE_SYSTEM, SYSTEM})
_AUDIT = frozenset({SUPERVISOR, AUDITOR, SYSTEM})

ASKED_BY: Mapping[str, frozenset[str]] = {
    "staff": _STAFF,
    "accounts": _PEOPLE,
    "resting_accounts": _WATCHING,
    "seat": _SEAT,
    "board": frozenset({SUPERVISOR}),
    "colleagues": _SEAT,
    "own_seat": _SEAT,
    "line_to_read": _SEAT,
    "branch_cases": _SEAT,
    "booking": _SEAT,
    "opening_catalogue": _SEAT,
    "check_draft": _SEAT,
    "preview_papers": _SEAT,
    "case_links": _SEAT,
    "phone": _CUSTOMER,
    "case": _FILE_READERS,
    "document_pdf": _FILE_READERS | _CUSTOMER,
    "document_copy": _CUSTOMER,
    "image": frozenset({AGENT, SUPERVISOR, AUDITOR}),
    "recording": frozenset({SUPERVISOR, AUDITOR}),
    "segments_held": _SEAT,
    "kept_media": frozenset({SUPERVISOR, AUDITOR}),
    "package": _AUDIT | {CORE_SYSTEM},
    "package_record": _AUDIT | {CORE_SYSTEM},
    "audit_list": _AUDIT,
    "audit_case": _AUDIT,
    "seal_registry": _AUDIT,
    "seal_picture": _AUDIT,
    "figures": _AUDIT,
    "core_case": frozenset({CORE_SYSTEM}),
    "core_changes": frozenset({CORE_SYSTEM}),
    "core_document": frozenset({CORE_SYSTEM}),
    "core_appointments": frozenset({CORE_SYSTEM}),
    "core_appointment": frozenset({CORE_SYSTEM}),
}
"""The questions by the name of their function, which is marked ``asked``."""

OVERRIDERS = frozenset({SUPERVISOR})
"""Who may let something pass that a rule would stop; never what they asked for themselves."""


def allows(role: str, command: type[c.Command]) -> bool:
    return role in ALLOWED.get(command, frozenset())


def check(command: c.Command) -> None:
    """Raises ``NotPermitted``."""
    if not allows(command.actor.role, type(command)):
        raise NotPermitted("您的角色不能进行此操作", "如确有需要，请联系管理员")


def may_ask(role: str, question: str) -> bool:
    return role in ASKED_BY.get(question, frozenset())


def check_question(actor: c.Actor, question: str) -> None:
    """Raises ``NotPermitted``."""
    if not may_ask(actor.role, question):
        raise NotPermitted("您的角色不能查看此内容", "如确有需要，请联系管理员")


def check_override(actor: c.Actor, asked_by: str = "") -> None:
    """``asked_by``: the staff_id of whoever needs it. Raises ``NotPermitted``."""
    if actor.role not in OVERRIDERS:
        raise NotPermitted("只有主管可以放行", "请联系主管写明理由后放行")
    if asked_by and asked_by == actor.actor_id:
        raise NotPermitted("不能放行自己提出的申请", "请由另一位主管放行")


S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")
_Question = Callable[Concatenate[S, c.Actor, P], T]


def asked(question: _Question[S, P, T]) -> _Question[S, P, T]:
    """Marks a read whose second argument says who asks: the table is looked at before anything else."""

    @wraps(question)
    def checked(owner: S, actor: c.Actor, /, *arguments: P.args, **named: P.kwargs) -> T:
        check_question(actor, question.__name__)
        return question(owner, actor, *arguments, **named)

    return checked

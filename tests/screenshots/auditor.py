"""The auditor's desk over the case of the course."""

from PySide6.QtWidgets import QWidget

from desktop.audit.workspace import AuditWorkspace
from desktop.window import MainWindow
from signing.wire.audit import SessionList, SessionRow, Verdict, VerificationReport, VerifiedItem
from tests.screenshots import film
from tests.screenshots.registry import window
from tests.screenshots.studio import Studio, settle, until


def opened(studio: Studio, *, plain: bool = False) -> tuple[MainWindow, AuditWorkspace]:
    """With the case of four chosen and its recording playing, or with the one in which nothing is lent."""
    made, workspace = studio.auditor()
    audit = studio.course.plain_audit if plain else studio.course.audit
    assert audit is not None
    workspace.sessions.display(SessionList(rows=[row(studio, n) for n in range(6)], total=6))
    for recording in audit.case.recordings:
        film.write(workspace._folder / f"{recording.recording_id}.mp4", studio.film("reading"))
    workspace.documents._fetch = lambda document, done: done(bytes.fromhex(studio.course.papers[document.document_id]))
    workspace._show(audit)
    if audit.case.recordings:
        until(lambda: workspace.player.view._image is not None)
    settle(300)
    made.toast.hide()
    return made, workspace


def row(studio: Studio, number: int) -> SessionRow:
    audit = studio.course.audit
    assert audit is not None
    case = audit.case
    return SessionRow(
        case_id=f"k{number}", case_no=f"{case.case_no[:-1]}{number}", product_title=case.product_title,
        amount=case.amount, parties=[one.name_masked for one in case.parties][: 1 + number % 4], agent=audit.agent,
        phase=case.phase, opened_at=audit.events[0].at,
    )  # fmt: skip


def report(studio: Studio, verdict: Verdict, headline: str, bad: str = "") -> VerificationReport:
    audit = studio.course.audit
    assert audit is not None
    names = [f"documents/{one.title}.pdf" for one in audit.case.documents] + ["events.jsonl", "case.json"]
    items = [
        VerifiedItem(name=one, ok=one != bad, detail="摘要与清单不符" if one == bad else "摘要一致") for one in names
    ]
    return VerificationReport(
        verdict=verdict, headline=headline, items=items, signatures=27, timestamps=39,
        checked_at=audit.events[-1].at, not_checked=["吊销信息：离线"],
    )  # fmt: skip


@window("auditor", "审计：没有业务，服务不应答")
def audit_empty(studio: Studio) -> QWidget:
    return studio.auditor()[0]


@window("auditor", "审计：事件")
def audit_events(studio: Studio) -> QWidget:
    return opened(studio)[0]


@window("auditor", "审计：告知问答")
def audit_script(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.tabs.setCurrentWidget(workspace.script)
    return made


@window("auditor", "审计：文书")
def audit_documents(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.tabs.setCurrentWidget(workspace.documents)
    settle(300)
    made.toast.hide()
    return made


@window("auditor", "审计：播放中，到第二秒")
def audit_playing(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.player.seek(1.2)
    until(lambda: workspace.player.seconds > 1.0)
    settle(300)
    return made


@window("auditor", "审计：风险")
def audit_risks(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.tabs.setCurrentWidget(workspace.risks)
    return made


@window("auditor", "审计：没有金额、没有录像的业务")
def audit_plain(studio: Studio) -> QWidget:
    return opened(studio, plain=True)[0]


@window("auditor", "审计：不完整")
def audit_incomplete(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace._verified(report(studio, Verdict.INCOMPLETE, "不完整：缺少录像 recordings/rec_1.mp4", "events.jsonl"))
    return made


@window("auditor", "审计：正在核验")
def audit_checking(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.head.checking()
    return made


@window("auditor", "审计：已验证")
def audit_valid(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace._verified(report(studio, Verdict.VALID, "已验证：78 项，签名 27，时间戳 39"))
    return made


@window("auditor", "审计：已被改动")
def audit_altered(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    audit = studio.course.audit
    assert audit is not None
    bad = f"documents/{audit.case.documents[0].title}.pdf"
    workspace._verified(report(studio, Verdict.ALTERED, f"已被改动：{bad}", bad))
    return made

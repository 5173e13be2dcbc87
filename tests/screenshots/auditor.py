"""The auditor's desk over the case of the course."""

import shutil

from PySide6.QtWidgets import QWidget

from desktop.audit.workspace import AuditWorkspace
from desktop.bridge import Trouble
from desktop.model.revealing import Place
from desktop.window import MainWindow
from signing.wire.accounts import RestingAccounts
from signing.wire.audit import KeptMedia, MediaKind, SessionList, SessionRow, Verdict, VerificationReport, VerifiedItem
from signing.wire.base import Tone
from signing.wire.case import CaseView, Personal
from tests.screenshots.registry import chapter, window
from tests.screenshots.studio import Studio, settle, until
from tests.unit.desktop.test_board_resting import account, ghost


def opened(studio: Studio, *, plain: bool = False) -> tuple[MainWindow, AuditWorkspace]:
    """With the case of four chosen and its recording playing, or with the one in which nothing is lent."""
    made, workspace = studio.auditor()
    audit = studio.course.plain_audit if plain else studio.course.audit
    assert audit is not None
    workspace.sessions.display(SessionList(rows=[row(studio, n) for n in range(6)], total=6))
    for recording in audit.case.recordings:
        shutil.copy(studio.film_file("reading"), workspace._folder / f"{recording.recording_id}.mp4")
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


def report(
    studio: Studio, verdict: Verdict, headline: str, bad: str = "", detail: str = "摘要与清单不符"
) -> VerificationReport:
    audit = studio.course.audit
    assert audit is not None
    names = [f"documents/{one.document_id}.pdf" for one in audit.case.documents]
    names += ["recordings/rec_1.mp4", "events.jsonl", "case.json"]
    items = [VerifiedItem(name=one, ok=one != bad, detail=detail if one == bad else "摘要一致") for one in names]
    return VerificationReport(
        verdict=verdict, headline=headline, items=items, signatures=27, timestamps=39,
        checked_at=audit.events[-1].at, not_checked=["吊销信息：离线"],
    )  # fmt: skip


chapter("auditor", "查找和回放")


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


def with_tracks(studio: Studio, lost: str = "") -> tuple[MainWindow, AuditWorkspace]:
    """Each party's own picture beside the recording; of the last there is none if ``lost``."""
    made, workspace = opened(studio)
    audit = studio.course.audit
    assert audit is not None
    (recording, *_), people = audit.case.recordings, audit.case.parties
    media = [
        KeptMedia(
            media_id=f"t{number}", party=f"{one.role_title}{one.name_masked}", kind=MediaKind.MATROSKA, by_phone=False,
            started_at=recording.started_at, seconds=2.0, said="其中有：静音" if number == 0 else "",
            lost=lost if number == len(people) - 1 else "",
        )
        for number, one in enumerate(people)
    ]  # fmt: skip
    for number in range(len(media)):
        shutil.copy(studio.film_file("reading"), workspace._folder / f"t{number}.mkv")
    workspace._show(audit.model_copy(update={"media": media}))
    settle(300)
    made.toast.hide()
    return made, workspace


def pick(workspace: AuditWorkspace, media_id: str) -> None:
    workspace.recordings.setCurrentIndex(workspace.recordings.findData(media_id))
    workspace._picked(media_id)
    settle(600)


@window("auditor", "审计：一位当事人的原始画面")
def audit_track(studio: Studio) -> QWidget:
    made, workspace = with_tracks(studio)
    pick(workspace, "t0")
    until(lambda: workspace.player.view._image is not None)
    return made


@window("auditor", "审计：没有这位当事人的原始画面")
def audit_track_lost(studio: Studio) -> QWidget:
    made, workspace = with_tracks(studio, "本机磁盘空间不足")
    pick(workspace, str(workspace.recordings.itemData(workspace.recordings.count() - 1)))
    return made


@window("auditor", "审计：风险")
def audit_risks(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.tabs.setCurrentWidget(workspace.risks)
    return made


@window("auditor", "审计：没有金额、没有录像的业务")
def audit_plain(studio: Studio) -> QWidget:
    return opened(studio, plain=True)[0]


chapter("auditor", "核验")


def shown(workspace: AuditWorkspace) -> CaseView:
    assert workspace._case is not None
    return workspace._case.case


@window("auditor", "审计：不完整")
def audit_incomplete(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    film = "recordings/rec_1.mp4"
    workspace._verified(
        shown(workspace), report(studio, Verdict.INCOMPLETE, f"不完整：缺少录像 {film}", film, "清单里有，包里没有")
    )
    return made


@window("auditor", "审计：正在核验")
def audit_checking(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.head.checking()
    return made


@window("auditor", "审计：已验证")
def audit_valid(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace._verified(shown(workspace), report(studio, Verdict.VALID, "已验证：15 项，签名 27，时间戳 39"))
    return made


@window("auditor", "审计：已被改动")
def audit_altered(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    audit = studio.course.audit
    assert audit is not None
    bad = f"documents/{audit.case.documents[0].document_id}.pdf"
    workspace._verified(shown(workspace), report(studio, Verdict.ALTERED, f"已被改动：{bad}", bad))
    return made


@window("auditor", "审计：不能追溯到信任的根证书")
def audit_untrusted(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    words = "不能追溯到您信任的根证书"
    workspace._verified(shown(workspace), report(studio, Verdict.UNTRUSTED, words, "events.jsonl", words))
    return made


@window("auditor", "审计：没有核验成")
def audit_unchecked(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace._not_verified(shown(workspace), Trouble("证据包读不出来", "请联系管理员核查存储"))
    return made


@window("auditor", "审计：证据包已导出")
def audit_exported(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    audit = studio.course.audit
    assert audit is not None
    workspace.said.emit(Tone.GOOD, f"证据包已保存：{audit.case.case_no}.asice，18.4 MB")
    return made


chapter("auditor", "查找和回放")


@window("auditor", "审计：没有符合条件的业务")
def audit_none(studio: Studio) -> QWidget:
    made, workspace = studio.auditor()
    workspace.sessions.search.setText("赵六")
    workspace.sessions.stop()
    workspace.sessions.display(SessionList(rows=[], total=0))
    return made


@window("auditor", "审计：正在取录像")
def audit_fetching(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.player.close_file("正在取录像 42%")
    return made


@window("auditor", "审计：录像取不到")
def audit_no_film(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace._no_video(Trouble("录像取不到", "请稍后再试；仍然不行请联系管理员"))
    return made


@window("auditor", "审计：这段录像还没有送达")
def audit_not_there(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.go("rec_unknown", 0.0)
    return made


chapter("auditor", "查看证件号")


@window("auditor", "审计：查看证件号要求原因")
def audit_reason(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.revealing.ask(_place(workspace))
    return made


@window("auditor", "审计：证件号已显示")
def audit_number(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.head.personal.reveal(_place(workspace), "11010519491231002X")
    return made


def _place(workspace: AuditWorkspace) -> Place:
    place = workspace.head.personal._looks.place(Personal.ID_NUMBER)
    assert place is not None
    return place


chapter("auditor", "待确认账号")


@window("auditor", "审计：有账号待确认")
def audit_resting(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.resting.show_resting(RestingAccounts(accounts=[account(), ghost()]))
    return made


@window("auditor", "审计：确认账号")
def audit_confirm(studio: Studio) -> QWidget:
    made, workspace = opened(studio)
    workspace.resting.show_resting(RestingAccounts(accounts=[account(), ghost()]))
    workspace.resting._open()
    return made

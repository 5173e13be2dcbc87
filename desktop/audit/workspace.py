"""The auditor's workspace: find a session, watch it on one clock with its events, verify it, hand it on."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QFrame, QStackedWidget, QTabWidget, QWidget

from desktop.audit.detail import CaseHead
from desktop.audit.documents import DocumentsTab, ScriptTab
from desktop.audit.events import EventList, lanes
from desktop.audit.player import Player
from desktop.audit.resting import RestingStrip
from desktop.audit.revealing import Revealing
from desktop.audit.risks import RisksTab
from desktop.audit.sessions import SessionsPanel
from desktop.audit.verdict import ItemList, in_words
from desktop.bridge import Bridge, Trouble, Work
from desktop.client import SLOW, Client
from desktop.model import replay, wording
from desktop.widgets.asking import ask_where
from desktop.widgets.parts import Choice, card, column, label, row
from media.errors import BrokenRecording
from media.trackjoining import join_tracks
from signing.wire.audit import AuditCase, KeptMedia, MediaKind, SearchCases, SessionList, VerificationReport
from signing.wire.base import Tone
from signing.wire.case import CaseView, DocumentView


class AuditWorkspace(QWidget):
    """``said(Tone, str)`` for a toast, ``expired(str)``. What is fetched lies in a temporary folder until ``stop``."""

    said = Signal(object, str)
    expired = Signal(str)

    def __init__(self, bridge: Bridge, client: Client, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.audit")
        self._bridge, self._client = bridge, client
        shutil.rmtree(folder / "replay", ignore_errors=True)
        (folder / "replay").mkdir(parents=True, mode=0o700)
        self._folder = Path(tempfile.mkdtemp(dir=folder / "replay"))
        self._case: AuditCase | None = None
        self._parts: tuple[replay.Part, ...] = ()
        self._playing: replay.Part | None = None
        self._beside: KeptMedia | None = None
        """What plays in place of a recording: one party's own picture and sound."""
        self._download: Work | None = None
        self._sought = ""
        self.sessions = SessionsPanel()
        self.head = CaseHead()
        self.revealing = Revealing(bridge, client, self.head.personal, self._complain)
        self.player = Player()
        self.recordings = Choice()
        self.recordings.setObjectName("audit.recordings")
        self.recordings.setAccessibleName("选择合成画面或某位当事人的原始画面")
        self.recordings.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.events = EventList()
        self.script = ScriptTab()
        self.documents = DocumentsTab(self._fetch_document)
        self.risks = RisksTab()
        self.items = ItemList()
        self.resting = RestingStrip(bridge, client, self._complain)
        self.tabs = QTabWidget()
        self.tabs.setObjectName("audit.tabs")
        self.tabs.setAccessibleName("业务资料")
        self.tabs.tabBar().setAccessibleName("业务资料的分页")
        self._arrange()
        self._connect()
        self.search("")

    def _arrange(self) -> None:
        for widget, title in (
            (self.events, "事件"), (self.script, "告知问答"), (self.documents, "文书"),
            (self.risks, "风险"), (self.items, "核验"),
        ):  # fmt: skip
            self.tabs.addTab(widget, title)
        self.tabs.setFixedWidth(404)
        detail = QWidget()
        inner = column(detail, 8)
        inner.addWidget(self.head)
        body = row(spacing=8)
        body.addWidget(self._player_card(), 1)
        body.addWidget(self.tabs)
        inner.addLayout(body, 1)
        self._stack = QStackedWidget()
        empty = label("从左侧选择一笔业务，查看录像、事件和文书。每次查看都会留下记录。", "second")
        empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(empty)
        self._stack.addWidget(detail)
        outer = row(self, 8, (0, 0, 12, 0))
        outer.addWidget(self.sessions)
        right = column(spacing=0, margins=(0, 12, 0, 12))
        right.addWidget(self.resting)
        right.addWidget(self._stack, 1)
        outer.addLayout(right, 1)

    def _player_card(self) -> QFrame:
        box = card()
        layout = column(box, 8, (10, 10, 10, 10))
        layout.addWidget(self.recordings)
        layout.addWidget(self.player, 1)
        return box

    def _connect(self) -> None:
        self.sessions.searched.connect(self.search)
        self.sessions.chosen.connect(self.open_case)
        self.sessions.ended.connect(self.more)
        self.events.sought.connect(self.go)
        self.recordings.activated.connect(lambda _: self._picked(str(self.recordings.currentData())))
        self.player.moved.connect(self._follow)
        self.tabs.currentChanged.connect(lambda _: self.documents.load() if self.documents.isVisible() else None)
        self.head.verify.clicked.connect(self.verify)
        self.head.export.clicked.connect(self.ask_where_to_export)
        for key, act in (
            ("Ctrl+F", self.sessions.search.setFocus),
            ("Ctrl+E", self.head.verify.click),
            ("Ctrl+S", self.head.export.click),
            *((line.button.key, line.button.click) for line in self.head.personal.lines.values()),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(lambda act=act: act())
        space = QShortcut(QKeySequence("Space"), self)
        space.activated.connect(self._space)

    def _space(self) -> None:
        """Plays, unless another button has the focus: then it is that button's own key."""
        focused = QApplication.focusWidget()
        (focused if isinstance(focused, QAbstractButton) else self.player.play).click()

    def stop(self) -> None:
        """Lets go of the recording and removes what was fetched."""
        self.sessions.stop()
        self.resting.stop()
        self.revealing.stop()
        if self._download is not None:
            self._download.cancel()
        self.player.close_file()
        shutil.rmtree(self._folder, ignore_errors=True)

    # --- list and case ---

    def search(self, text: str) -> None:
        """An answer to what was typed before is not shown."""
        self._sought = text
        self.resting.look()
        self._ask(SearchCases(text=text), self.sessions.display)

    def more(self, after: str) -> None:
        self._ask(SearchCases(text=self._sought, after=after), self.sessions.extend)

    def _ask(self, search: SearchCases, show: Callable[[SessionList], None]) -> None:
        def done(found: SessionList) -> None:
            if search.text == self._sought:
                show(found)

        def unanswered(trouble: Trouble) -> None:
            if search.text == self._sought:
                self.sessions.fail(search.after)
            self._complain(trouble)

        self._bridge.call(self._client.post("/api/audit/cases/search", search, SessionList), done, unanswered)

    def open_case(self, case_id: str) -> None:
        self._bridge.call(self._client.get(f"/api/audit/cases/{case_id}", AuditCase), self._show, self._complain)

    def _show(self, case: AuditCase) -> None:
        self._case = case
        self._stack.setCurrentIndex(1)
        self.head.display(case)
        self.items.forget()
        self._parts = replay.parts(case)
        self._offer_recordings()
        self.events.display(case.events, self._parts)
        self.script.display(case)
        self.documents.display(case)
        self.risks.display(case)
        self._choose(replay.first_choice(self._parts))

    # --- recordings ---

    def _offer_recordings(self) -> None:
        """Something to choose only where there is more than one."""
        beside = self._case.media if self._case else []
        self.recordings.clear()
        for part in self._parts:
            if part.held:
                title = f"合成画面 {part.title}" if beside else part.title
                self.recordings.addItem(title, part.recording.recording_id)
        for media in beside:
            self.recordings.addItem(replay.media_title(media), media.media_id)
        self.recordings.setVisible(self.recordings.count() > 1)

    def _picked(self, chosen: str) -> None:
        media = next((one for one in self._case.media if one.media_id == chosen), None) if self._case else None
        if media is not None:
            self._choose_media(media)
            return
        part = next(part for part in self._parts if part.recording.recording_id == chosen)
        now = self._moment()
        self._choose(part)
        self.player.seek(now[1] if now is not None and now[0] == part else 0.0)

    def _moment(self) -> tuple[replay.Part, float] | None:
        """What is played just now: which recording ran then, and where in it."""
        if self._beside is not None:
            return replay.moment_of(self._beside, self.player.goal, self._parts)
        return None if self._playing is None else (self._playing, self.player.goal)

    def _choose_media(self, media: KeptMedia) -> None:
        """One party's own picture and sound, at the moment that was played, with the events at their places in it."""
        assert self._case is not None
        now = self._moment()
        self._playing, self._beside = None, media
        self._cancel()
        self.player.close_file(f"{media.party}的原始画面不能播放：{media.lost}" if media.lost else "正在取音视频…")
        self.player.timeline.display_lanes(lanes(replay.beside(self._case.events, media, self._parts), media.media_id))
        if media.lost:
            return
        path = f"/api/audit/cases/{self._case.case.case_id}/media/{media.media_id}"
        self._load(media.media_id, path, replay.ending(media.kind), media)
        there = replay.moment_in(media, *now) if now is not None else None
        if there is not None:
            self.player.seek(there)

    def _follow(self, seconds: float) -> None:
        """Marks the event that was passed, by the recordings' clock."""
        if self._beside is None:
            self.events.follow(seconds)
        elif (now := replay.moment_of(self._beside, seconds, self._parts)) is not None:
            self.events.follow_in(now[0].recording.recording_id, now[1])

    def go(self, recording_id: str, seconds: float) -> None:
        """To a place of one of the case's recordings, changing to that recording first where another one plays; or to
        the same moment in a party's own track, while that plays and has it."""
        part = next((part for part in self._parts if part.recording.recording_id == recording_id), None)
        if part is None or not part.held:
            self.said.emit(Tone.CAUTION, "这件事所在的录像尚未送达服务，不能播放")
            return
        inside = replay.moment_in(self._beside, part, seconds) if self._beside is not None else None
        if inside is not None:
            self.player.seek(inside)
            return
        if part != self._playing:
            self._choose(part)
        self.player.seek(seconds)

    def _choose(self, part: replay.Part | None) -> None:
        self._playing, self._beside = part, None
        recording_id = part.recording.recording_id if part else ""
        self.recordings.setCurrentIndex(self.recordings.findData(recording_id))
        self.player.close_file("这笔业务没有可以播放的录像" if part is None else "正在取录像…")
        self.events.follow_recording(recording_id)
        began = part.recording.started_at if part else None
        self.player.timeline.display_lanes(lanes(self._case.events if self._case else (), recording_id, began))
        self._load(recording_id, f"/api/audit/recordings/{recording_id}", "mp4")

    def _cancel(self) -> None:
        if self._download is not None:
            self._download.cancel()

    def _load(self, name: str, path: str, ending: str, media: KeptMedia | None = None) -> None:
        self._cancel()
        if not name:
            return
        target = self._folder / f"{name}.{ending}"
        if target.exists():
            self._play(target)
            return
        part = target.with_suffix(".part")

        async def fetch() -> None:
            await self._client.download(path, part, partial(self._fetched, name))
            if media is not None and media.kind is MediaKind.MATROSKA:
                await asyncio.to_thread(_index, part, media)

        self._download = self._bridge.call(fetch(), lambda _: self._play(part.replace(target)), self._no_video)

    def _fetched(self, name: str, done: int, total: int) -> None:
        text = f"正在取录像 {wording.percent(done, total)}%" if total else f"正在取录像 {wording.size(done)}"
        self._bridge.to_gui(lambda: self._waiting(name, text))

    def _waiting(self, name: str, text: str) -> None:
        if self.recordings.currentData() != name:
            return
        self.player.view.words = text
        self.player.view.update()

    def _play(self, path: Path) -> None:
        if path.suffix == ".jpg":
            self.player.show_still(path)
        else:
            self.player.open_file(path)

    def _no_video(self, trouble: Trouble) -> None:
        self.player.close_file(trouble.text)
        self._complain(trouble)

    def _fetch_document(self, document: DocumentView, done: Callable[[bytes], None]) -> None:
        if self._case is None:
            return
        path = f"/api/audit/cases/{self._case.case.case_id}/documents/{document.document_id}.pdf"
        self._bridge.call(self._client.get_bytes(path), done, self._complain)

    # --- verification and export ---

    def verify(self) -> None:
        if self._case is None:
            return
        case = self._case.case
        self.head.checking()
        path = f"/api/audit/cases/{case.case_id}/verify"
        verified, failed = partial(self._verified, case), partial(self._not_verified, case)
        self._bridge.call(self._client.post(path, None, VerificationReport, SLOW), verified, failed)

    def _is_shown(self, case: CaseView) -> bool:
        return self._case is not None and self._case.case.case_id == case.case_id

    def _verified(self, case: CaseView, report: VerificationReport) -> None:
        """It takes its time: another case may have been chosen meanwhile."""
        if not self._is_shown(case):
            return
        report = in_words(report, case)
        self.head.show_report(report)
        self.items.display(report)
        self.tabs.setCurrentWidget(self.items)

    def _not_verified(self, case: CaseView, trouble: Trouble) -> None:
        if self._is_shown(case):
            self.head.not_checked(trouble.message)
        self._complain(trouble)

    def ask_where_to_export(self) -> None:
        if self._case is None:
            return
        suggested = Path(f"{self._case.case.case_no}.asice")
        ask_where(self.window(), "audit.save", "导出证据包", "证据包", suggested, self.export)

    def export(self, target: Path) -> None:
        """Written beside the target first, so that a broken download never stands under the package's name."""
        if self._case is None:
            return
        part = target.with_suffix(".part")
        path = f"/api/audit/cases/{self._case.case.case_id}/package"

        def done(_: None) -> None:
            part.replace(target)
            self._export_renewals(target)
            self.said.emit(Tone.GOOD, f"证据包已保存：{target.name}，{wording.size(target.stat().st_size)}")

        self.said.emit(Tone.NOTICE, "正在导出证据包…")
        self._bridge.call(self._client.download(path, part, lambda *_: None), done, self._complain)

    def _export_renewals(self, target: Path) -> None:
        """Beside the package, where its verifier looks for them; a young package has none."""
        if self._case is None:
            return
        beside, path = target.with_name(target.name + ".ers"), f"/api/audit/cases/{self._case.case.case_id}/package.ers"
        part = beside.with_suffix(".part")

        def none(trouble: Trouble) -> None:
            part.unlink(missing_ok=True)
            if trouble.code != "not_found":
                self._complain(trouble)

        def done(_: None) -> None:
            part.replace(beside)

        self._bridge.call(self._client.download(path, part, lambda *_: None), done, none)

    def _complain(self, trouble: Trouble) -> None:
        self.said.emit(Tone.STOP, trouble.text)
        if trouble.code == "not_logged_in":
            self.expired.emit(trouble.text)


def _index(path: Path, media: KeptMedia) -> None:
    """A track has neither a duration nor an index while it is written: without them there is no going to a place.

    What cannot be read is left as it is, and said by the player.
    """
    indexed = path.with_suffix(".indexed")
    with suppress(BrokenRecording, OSError):
        join_tracks([(path, media.started_at)], indexed)
        indexed.replace(path)

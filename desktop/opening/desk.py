"""Behind the opening window: what it asks of the service, and the draft that it keeps. The newest asking counts."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.bridge import Bridge, Trouble, Work
from desktop.client import SLOW, Client
from desktop.model.wording import utc_now
from desktop.opening import form as model
from desktop.opening.drafts import Draft, Drafts
from desktop.opening.form import Typed
from signing.wire.base import Tone
from signing.wire.opening import (
    DraftCase,
    DraftChecked,
    DraftKey,
    DraftPapers,
    FindHouseholds,
    HouseholdsFound,
    KnownPerson,
    KnowPerson,
    LinkStates,
    OpeningCatalogue,
    ProductForm,
    SendLink,
)
from signing.wire.staff import CaseOpened, Invitation, NewCase

T = TypeVar("T")
CHECK_MS, KEEP_MS = 350, 400
"""After the last stroke of a key."""


class OpeningDesk(QObject):
    """Signals: ``ready(OpeningCatalogue)``, ``checked(DraftChecked)``, ``drawn(DraftPapers)``, ``opened(CaseOpened)``.

    ``unlocked``: drafts can be read and kept from now on. ``linked(LinkStates)``; ``said(Tone, str)`` for a line;
    ``refused(Trouble)``: the case was not opened; ``undrawn(str)``: why there are no papers.
    """

    ready = Signal(object)
    unlocked = Signal()
    checked = Signal(object)
    drawn = Signal(object)
    undrawn = Signal(str)
    opened = Signal(object)
    refused = Signal(object)
    linked = Signal(object)
    said = Signal(object, str)

    def __init__(self, bridge: Bridge, client: Client, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._client, self._folder = bridge, client, folder
        self.drafts: Drafts | None = None
        self._draft_id = ""
        self._form: ProductForm | None = None
        self._typed: Typed | None = None
        self._unkept: Typed | None = None
        """What was typed and is not on disk yet."""
        self._asked = {"check": 0, "papers": 0}
        self._busy = self._ended = False
        self._works: list[Work] = []
        self._check = self._timer(CHECK_MS, self._ask)
        self._keep = self._timer(KEEP_MS, self._save)

    def _timer(self, milliseconds: int, act: Callable[[], None]) -> QTimer:
        made = QTimer(self)
        made.setSingleShot(True)
        made.setInterval(milliseconds)
        made.timeout.connect(act)
        return made

    def start(self) -> None:
        """Asks what may be opened, and for the key of this person's drafts."""
        key = self._client.post("/api/opening/draft-key", None, DraftKey)
        self._call(key, self._unlocked)
        self._call(self._client.get("/api/opening/catalogue", OpeningCatalogue), self.ready.emit)

    def _unlocked(self, given: DraftKey) -> None:
        try:
            self.drafts = Drafts(self._folder, bytes.fromhex(given.key))
            self.unlocked.emit()
        except OSError:
            self._say_unkept()

    def _say_unkept(self) -> None:
        if self._ended:
            return
        self.said.emit(Tone.CAUTION, "草稿存不到本机磁盘，关闭窗口会丢失已填的内容，请先腾出磁盘空间")

    # --- a draft ---

    def begin(self, form: ProductForm, typed: Typed, draft_id: str = "") -> None:
        self._form, self._typed = form, typed
        self._draft_id = draft_id or Drafts.new_id()
        self._check.start(0)

    def typed(self, typed: Typed) -> None:
        """After every stroke: kept at once, checked when the hand rests."""
        if self._form is None:
            return
        self._typed = self._unkept = typed
        self._check.start(CHECK_MS)
        self._keep.start(KEEP_MS)

    def _ask(self) -> None:
        if self._form is None or self._typed is None:
            return
        message = DraftCase(draft=model.body(self._form, self._typed))
        self._newest("check", self._client.post("/api/opening/check", message, DraftChecked), self.checked.emit)

    def draw(self) -> None:
        """The papers of what is typed now."""
        if self._form is None or self._typed is None:
            return
        message = DraftCase(draft=model.body(self._form, self._typed))
        work = self._client.post("/api/opening/preview", message, DraftPapers, SLOW)
        self._newest("papers", work, self.drawn.emit, lambda trouble: self.undrawn.emit(trouble.text))

    def _newest(
        self, what: str, work: Coroutine[Any, Any, T], done: Callable[[T], None],
        failed: Callable[[Trouble], None] | None = None,
    ) -> None:  # fmt: skip
        """Answers to what was typed before are dropped."""
        self._asked[what] += 1
        number = self._asked[what]
        self._ask_for(
            work,
            lambda answer: done(answer) if number == self._asked[what] else None,
            lambda trouble: (failed or self._complain)(trouble) if number == self._asked[what] else None,
        )

    def _save(self) -> None:
        draft = self._as_draft()
        if draft is not None and self.drafts is not None:
            drafts = self.drafts
            work = asyncio.to_thread(drafts.save, draft)
            self._bridge.call(work, lambda _: self._is_kept(draft), lambda _: self._say_unkept())

    def _is_kept(self, draft: Draft) -> None:
        if self._unkept is draft.typed:
            self._unkept = None

    def _as_draft(self) -> Draft | None:
        if self._form is None or self._typed is None or self._typed.is_empty:
            return None
        return Draft(self._draft_id, self._form.title, self._typed, utc_now())

    def keep_now(self) -> None:
        """Before the window closes: also where a save has been asked for and may be cut off."""
        self._keep.stop()
        if self._unkept is not None and (draft := self._as_draft()) is not None and self.drafts is not None:
            self._unkept = None
            try:
                self.drafts.save(draft)
            except OSError:
                self._say_unkept()

    def drop(self, draft_id: str = "") -> None:
        """The draft is not wanted any more; without an identifier, the present one."""
        self._keep.stop()
        if not draft_id or draft_id == self._draft_id:
            self._form = self._typed = self._unkept = None
        if self.drafts is not None:
            self.drafts.remove(draft_id or self._draft_id)

    def rest(self) -> None:
        """Nothing is typed any more; the draft stays."""
        self.keep_now()
        self._check.stop()
        self._form = self._typed = self._unkept = None
        self._asked = {what: number + 1 for what, number in self._asked.items()}

    # --- people ---

    def search(self, text: str, show: Callable[[HouseholdsFound], None], failed: Callable[[Trouble], None]) -> None:
        message = FindHouseholds(text=text.strip())
        self._ask_for(self._client.post("/api/opening/roster", message, HouseholdsFound), show, failed)

    def know(self, wanted: KnowPerson, show: Callable[[KnownPerson], None], failed: Callable[[Trouble], None]) -> None:
        self._ask_for(self._client.post("/api/opening/person", wanted, KnownPerson), show, failed)

    # --- the case ---

    def open_case(self, message: NewCase) -> None:
        if self._busy:
            return
        self._busy = True
        asking = self._client.post("/api/cases", message, CaseOpened, SLOW, once=self._draft_id)
        self._ask_for(asking, self._opened, self._refused)

    def _opened(self, answer: CaseOpened) -> None:
        self._busy = False
        self.drop()
        self.opened.emit(answer)

    def _refused(self, trouble: Trouble) -> None:
        self._busy = False
        self.refused.emit(trouble)

    def links(self, case_id: str, failed: Callable[[Trouble], None]) -> None:
        self._ask_for(self._client.get(f"/api/cases/{case_id}/links", LinkStates), self.linked.emit, failed)

    def send(self, case_id: str, invitation: Invitation, failed: Callable[[Trouble], None]) -> None:
        path = f"/api/cases/{case_id}/parties/{invitation.party_id}/link/send"
        message = SendLink(capability=invitation.url.partition("#")[2])
        self._ask_for(self._client.post(path, message, LinkStates), self.linked.emit, failed)

    def _call(self, work: Coroutine[Any, Any, T], done: Callable[[T], None]) -> None:
        self._ask_for(work, done, self._complain)

    def _ask_for(
        self, work: Coroutine[Any, Any, T], done: Callable[[T], None], failed: Callable[[Trouble], None] | None = None
    ) -> None:
        """Neither is told once this desk has ended: an answer may have come already and wait for its turn."""

        def told(receiver: Callable[..., None]) -> Callable[..., None]:
            return lambda value: None if self._ended else receiver(value)

        self._works = [one for one in self._works if one.task is None or not one.task.done()]
        self._works.append(self._bridge.call(work, told(done), told(failed) if failed else None))

    def end(self) -> None:
        """What is still asked is not waited for; the draft stays."""
        self.rest()
        self._ended = True
        for work in self._works:
            work.cancel()
        self._works.clear()

    def _complain(self, trouble: Trouble) -> None:
        self.said.emit(Tone.STOP, trouble.text)

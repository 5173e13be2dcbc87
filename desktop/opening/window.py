"""新建业务, a window of its own beside the seat's: products and drafts, the form, the invitations.

It is never in the way of a ring: the seat's window stays usable, and a strip here says that somebody calls. While a
call is on a case can be prepared, not opened.
"""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QMessageBox, QStackedWidget, QWidget

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model.state import State
from desktop.model.wording import utc_now
from desktop.opening import form as model
from desktop.opening.desk import OpeningDesk
from desktop.opening.drafts import Draft
from desktop.opening.filling import FillingPage
from desktop.opening.invited import InvitedPage
from desktop.opening.picker import Picker
from desktop.widgets.asking import question, warn_first
from desktop.widgets.notice import Banner, Toast
from desktop.widgets.parts import column
from desktop.widgets.tabbing import move
from signing.wire.base import Tone
from signing.wire.opening import OpeningCatalogue, ProductForm
from signing.wire.staff import CaseOpened

IN_CALL = "通话进行中：可以先填写下一笔，随填随存；通话结束后再建立业务"
OPENS = "正在建立业务，请稍候；关闭窗口会看不到各位当事人的链接"
RINGS = "有客户来电，请回到接待窗口接听"


class OpeningWindow(QDialog):
    """``answered``: the agent wants the seat's window back. ``set_call`` tells whether a call is on, or rings."""

    answered = Signal()

    def __init__(self, bridge: Bridge, client: Client, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("opening")
        self.setWindowTitle("新建业务")
        self.setWindowFlags(Qt.WindowType.Window)
        self.setMinimumSize(1024, 560)
        self.resize(1366, 728)
        self._ending = False
        self._catalogue: OpeningCatalogue | None = None
        self.desk = OpeningDesk(bridge, client, folder, self)
        self.banner = Banner("opening.banner", key="F2")
        self.picker, self.filling, self.invited = Picker(), FillingPage(self.desk), InvitedPage(self.desk)
        self.pages = QStackedWidget()
        for page in (self.picker, self.filling, self.invited):
            self.pages.addWidget(page)
        layout = column(self, 0)
        layout.addWidget(self.banner)
        inner = column(spacing=0, margins=(20, 14, 20, 14))
        inner.addWidget(self.pages, 1)
        layout.addLayout(inner, 1)
        self.toast = Toast(self)
        self._connect()
        self.desk.start()

    def _connect(self) -> None:
        self.desk.ready.connect(self._show_catalogue)
        self.desk.unlocked.connect(self._show_drafts)
        self.desk.said.connect(self.toast.display)
        self.desk.opened.connect(self._opened)
        self.picker.chosen.connect(self._begin)
        self.picker.resumed.connect(self._resume)
        self.picker.dropped.connect(self._ask_to_drop)
        self.filling.back.connect(self._to_products)
        self.invited.another.connect(self._to_products)
        self.invited.done.connect(self.close)
        seek = QShortcut(QKeySequence("F3"), self)
        seek.activated.connect(self._to_search)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 - Qt's name
        return move(self, forward)

    # --- what happens at the seat ---

    def set_call(self, *, live: bool, rings: bool) -> None:
        self.filling.lock(IN_CALL if live else "")
        if rings:
            self.banner.display(Tone.CAUTION, RINGS, "回到接待窗口", self.answered.emit)
        else:
            self.banner.clear()

    # --- from page to page ---

    def _show_catalogue(self, catalogue: OpeningCatalogue) -> None:
        self._catalogue = catalogue
        self.picker.display(catalogue)
        self._show_drafts()

    def _show_drafts(self) -> None:
        """Once the products are there: before, none could be gone on with."""
        if self._catalogue is None:
            return
        drafts = self.desk.drafts
        self.picker.show_drafts(drafts.all(utc_now()) if drafts is not None else [])

    def _begin(self, form: ProductForm) -> None:
        self.filling.begin(form, model.begun(form))
        self.pages.setCurrentWidget(self.filling)

    def _resume(self, draft: Draft) -> None:
        products = self._catalogue.products if self._catalogue is not None else []
        form = next((one for one in products if one.product_id == draft.typed.product_id), None)
        if form is None:
            self.toast.display(Tone.CAUTION, f"产品目录里已没有“{draft.title}”，这份草稿不能接着填写")
            return
        self.filling.begin(form, draft.typed, draft.draft_id)
        self.pages.setCurrentWidget(self.filling)

    def _to_products(self) -> None:
        self.desk.rest()
        self.invited.stop()
        self.pages.setCurrentWidget(self.picker)
        self._show_drafts()
        self.picker.text.setFocus()

    def _to_search(self) -> None:
        if self.pages.currentWidget() is self.picker:
            self.picker.text.setFocus()

    def _opened(self, answer: CaseOpened) -> None:
        self.filling.leave()
        self.invited.display(answer)
        self.pages.setCurrentWidget(self.invited)
        self.toast.display(Tone.GOOD, f"业务 {answer.case.case_no} 已建立，草稿已从本机删除")

    def _ask_to_drop(self, draft_id: str) -> None:
        box = question(self, "opening.drop", "删除草稿", "删除后不能恢复。")
        warn_first(box, "删除", lambda: self._drop(draft_id), "留着")

    def _drop(self, draft_id: str) -> None:
        self.desk.drop(draft_id)
        self._show_drafts()

    # --- the end ---

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter goes on to the next field: no button is pressed that has not the focus, and none between gets it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            view = self.filling.view
            if self.pages.currentWidget() is self.filling and (view is None or not view.advance()):
                self.focusNextChild()
            return
        super().keyPressEvent(event)

    def reject(self) -> None:
        """Esc: asks where something was typed."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        if self.filling.opening and not self._ending:
            event.ignore()
            self.toast.display(Tone.NOTICE, OPENS)
            return
        typed = self.filling.typed if self.pages.currentWidget() is self.filling else None
        if self._ending or typed is None or typed.is_empty:
            self.end()
            event.accept()
            return
        event.ignore()
        self._ask_to_close()

    def _ask_to_close(self) -> None:
        box = question(self, "opening.close", "关闭新建业务", "已填写的内容加密留在本机，下次可以接着填写。")
        keep = box.addButton("留作草稿", QMessageBox.ButtonRole.AcceptRole)
        out = box.addButton("不保留", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("继续填写", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setEscapeButton(stay)
        keep.clicked.connect(self._close_now)
        out.clicked.connect(self._drop_and_close)
        box.open()

    def _drop_and_close(self) -> None:
        self.desk.drop()
        self._close_now()

    def _close_now(self) -> None:
        self._ending = True
        self.close()

    def end(self) -> None:
        """The draft is kept as it is; no timer runs. Safe to call again."""
        self._ending = True
        self.desk.end()
        self.filling.stop()
        self.invited.stop()


class OpeningOfSeat:
    """Opens the window once at a time, and tells it what happens at the seat."""

    def __init__(self, bridge: Bridge, client: Client, folder: Path, window: QWidget) -> None:
        self._bridge, self._client, self._folder, self._window = bridge, client, folder, window
        self.window: OpeningWindow | None = None
        self._call = {"live": False, "rings": False}

    def open(self) -> None:
        if self.window is None:
            # without the seat's window as parent: it would stay above it, and hide who rings
            self.window = OpeningWindow(self._bridge, self._client, self._folder)
            self.window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.window.destroyed.connect(self._gone)
            self.window.answered.connect(self._back)
            self.window.set_call(**self._call)
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def follow(self, state: State) -> None:
        """After every change of the seat's state."""
        now = {"live": state.call is not None, "rings": bool(state.offer or state.transfer_offer)}
        if now != self._call:
            self._call = now
            if self.window is not None:
                self.window.set_call(**now)

    def _gone(self) -> None:
        self.window = None

    def _back(self) -> None:
        self._window.raise_()
        self._window.activateWindow()

    def close(self) -> None:
        """At the seat's end: what is typed stays as a draft."""
        if self.window is not None:
            window, self.window = self.window, None
            window.end()
            window.close()

"""The papers beside the stage: follows the customer's page, or leads the customers through it and points.

A signature appears as soon as it is made: the paper is fetched again whenever its revision changes.
"""

import time

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QWidget

from desktop.bridge import Bridge, Trouble
from desktop.model import leading
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.widgets.paperpage import PaperArea, PaperPage
from desktop.widgets.parts import Elided, KeyButton, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import DocumentView

LOW = 280
"""Pixels of its own height below which the pane leaves out what the bar below has too, for the page's sake."""
MARGINS, LOW_MARGINS = (10, 8, 10, 8), (8, 4, 8, 4)
BESIDE_LARGE = 2


class PaperPane(QFrame):
    """``open_paper`` and ``close_pane``; ``display`` follows the state while it is open. ``stop`` it at the end."""

    def __init__(self, bridge: Bridge, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("paper")
        self.setProperty("card", True)
        self._bridge, self._desk = bridge, desk
        self._wanted = ""
        self._shown: DocumentView | None = None
        self._revision = ""
        self._trouble = ""
        """Why what is seen is not the newest, until it has come."""
        self._followed: tuple[str, str, int] | None = None
        """The paper, in whose hand, and their page, as it was last seen."""
        self._mark = leading.NOTHING
        self._sent_at = 0.0
        self._title = Elided("", "head")
        self._which = label("", "second", name="paper.which")
        self._where = label("", "second", wrap=True, name="paper.where")
        self.page = PaperPage()
        self.page.setAccessibleName("文书的这一页")
        self.before = KeyButton("上一页", "PgUp", name="paper.before")
        self.after = KeyButton("下一页", "PgDown", name="paper.after")
        self.lead = KeyButton("领读", "K", name="paper.lead")
        self.lead.setCheckable(True)
        self.larger = KeyButton("放大", "Z", name="paper.larger", quiet=True)
        self.shut = KeyButton("收起", "L", name="paper.close", quiet=True)
        self._again = QTimer(self)
        self._again.setInterval(round(leading.AGAIN * 1000))
        self._again.timeout.connect(self._send)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._send)
        self._arrange()
        self.before.clicked.connect(lambda: self._turn(-1))
        self.after.clicked.connect(lambda: self._turn(1))
        self.lead.toggled.connect(self._lead)
        self.larger.clicked.connect(self._enlarge)
        self.shut.clicked.connect(self.close_pane)
        self.page.marked.connect(self._point)
        self.hide()

    def _arrange(self) -> None:
        layout = self._layout = column(self, 6, MARGINS)
        head = row(spacing=8)
        head.addWidget(self._title, 1)
        head.addWidget(self._which)
        head.addWidget(self.larger)
        head.addWidget(self.shut)
        layout.addLayout(head)
        self._area = PaperArea(self.page)
        layout.addWidget(self._area, 1)
        layout.addWidget(self._where)
        layout.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        line = row(spacing=6)
        for button in (self.before, self.after, self.lead):
            button.setProperty("tight", True)
            line.addWidget(button, 1)
        return line

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        self._fit()

    def _fit(self) -> None:
        """An enlarged page has the width of the pane to itself."""
        low = self.height() < LOW
        left, above, _, below = LOW_MARGINS if low else MARGINS
        beside = BESIDE_LARGE if self._area.enlarged else left
        self.shut.setVisible(not low)
        self.larger.setFixedHeight(26 if low else 36)
        self._layout.setContentsMargins(beside, above, beside, below)
        self._layout.setSpacing(4 if low else 6)

    # --- what is shown ---

    @property
    def leads(self) -> bool:
        return self.lead.isChecked()

    def open_paper(self, document_id: str = "") -> None:
        """The one asked for, or the one in the customer's hand."""
        if self.leads and document_id != self._wanted:
            self.lead.setChecked(False)
        self._wanted = document_id
        if self.isHidden():
            self.show()
            self._area.setFocus()  # the keys that turn and scroll are the paper's from here on
        self.display(self._desk.state)

    def scroll_by(self, key: Qt.Key) -> bool:
        """As an arrow key does in the page, from wherever it is pressed; False for another key, or with no paper."""
        return self.isVisible() and self._area.scroll_by(key)

    def _enlarge(self) -> None:
        self._area.enlarge(not self._area.enlarged)
        self.larger.setText("整页" if self._area.enlarged else "放大")
        self._fit()

    def close_pane(self) -> None:
        self.lead.setChecked(False)
        around, focus = self.parentWidget(), QApplication.focusWidget()
        if around is not None and focus is not None and self.isAncestorOf(focus):
            around.setFocus()
        self.hide()

    def display(self, state: State) -> None:
        if self.isHidden():
            return
        led = self._shown.document_id if self.leads and self._shown is not None else ""
        document = leading.chosen(state, led or self._wanted)
        if document is None or state.case is None:
            self.close_pane()
            return
        if self._shown is None or document.document_id != self._shown.document_id:
            self._change()
        self._shown = document
        self._fetch(state.case.case_id, document)
        self._follow(state, document)
        self._say(state, document)

    def _change(self) -> None:
        """Nothing of the paper before is seen, pointed at or led through any more."""
        self.lead.setChecked(False)
        self._shown, self._revision, self._trouble = None, "", ""
        self.page.show_paper(b"")
        self.page.turn_to(1)
        self._show_mark(leading.NOTHING)

    def _follow(self, state: State, document: DocumentView) -> None:
        """To the customer's page when they turn one, or the agent turns to another; not at every news of the case."""
        party = state.party.party_id if state.party is not None else ""
        seen = document.document_id, party, leading.page_of(state, document)
        if seen != self._followed and not self.leads:
            self.page.turn_to(seen[2])
        self._followed = seen

    def _say(self, state: State, document: DocumentView) -> None:
        self._title.setText(document.title)
        self._which.setText(f"第 {self.page.page} 页，共 {document.pages} 页")
        who = leading.led(state, document)
        names = "、".join(one.name_masked for one in who)
        if self.leads:
            self._where.setText(
                f"正在带 {names} 看这一页；在页上点一下是指，拖一下是划出" if names else "没有人可以带领"
            )
        else:
            self._where.setText(leading.whereabouts(state, document))
        set_tone(self._where, Tone.NOTICE if self.leads else None)
        if self._trouble:
            self._where.setText(self._trouble)
            set_tone(self._where, Tone.STOP)
        self.lead.setEnabled(bool(who) or self.leads)
        self.lead.setText("结束领读" if self.leads else "领读")
        self.before.setEnabled(self.page.page > 1)
        self.after.setEnabled(self.page.page < document.pages)
        if self.leads and not who:
            self.lead.setChecked(False)

    def _fetch(self, case_id: str, document: DocumentView) -> None:
        if document.current_sha256 == self._revision:
            return
        revision = self._revision = document.current_sha256
        path = f"/api/cases/{case_id}/documents/{document.document_id}.pdf"
        self._bridge.call(
            self._desk.client.get_bytes(path),
            lambda content: self._came(revision, content),
            lambda trouble: self._failed(revision, trouble),
        )

    def _came(self, revision: str, content: bytes) -> None:
        if revision == self._revision:
            self._trouble = ""
            self.page.show_paper(content)
            self._area.fit()
            if self._shown is not None:
                self._say(self._desk.state, self._shown)

    def _failed(self, revision: str, trouble: Trouble) -> None:
        """Asked for again with the next news of the case; until it has come, the words stay."""
        if revision == self._revision and self._shown is not None:
            self._revision, self._trouble = "", trouble.text
            self._say(self._desk.state, self._shown)

    # --- leading ---

    def _turn(self, by: int) -> None:
        """Turning by hand stops following only where the agent leads; else the customer's next turn brings it back."""
        if self._shown is not None:
            self.page.turn_to(min(self._shown.pages, max(1, self.page.page + by)))
            self._area.verticalScrollBar().setValue(0)
            self._show_mark(leading.NOTHING)
            self._say(self._desk.state, self._shown)
            self._send_soon()

    def _lead(self, on: bool) -> None:
        self.page.set_pointing(on)
        self._show_mark(leading.NOTHING)
        if on:
            self._again.start()
            self._send()
        else:
            self._again.stop()
            self._soon.stop()
            self._tell(leading.Mark("over"))
        if self._shown is not None:
            self._say(self._desk.state, self._shown)

    def _point(self, from_x: float, from_y: float, to_x: float, to_y: float) -> None:
        self._show_mark(leading.drawn(from_x, from_y, to_x, to_y))
        self._send_soon()

    def _show_mark(self, mark: leading.Mark) -> None:
        self._mark = mark
        nothing = mark.kind not in ("point", "mark")
        self.page.show_mark(None if nothing else QRectF(mark.x, mark.y, mark.w, mark.h))

    def _send_soon(self) -> None:
        """The newest only, and not more often than the service takes them."""
        if self.leads and not self._soon.isActive():
            wait = leading.APART - (time.monotonic() - self._sent_at)
            self._soon.start(max(0, round(wait * 1000)))

    def _send(self) -> None:
        if self.leads:
            self._sent_at = time.monotonic()
            self._tell(self._mark)

    def _tell(self, mark: leading.Mark) -> None:
        if self._shown is not None:
            self._desk.lead(leading.frames(self._desk.state, self._shown, self.page.page, mark))

    def stop(self) -> None:
        """No timer runs afterwards."""
        self._again.stop()
        self._soon.stop()

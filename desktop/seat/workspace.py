"""The agent's workspace: queue, stage with the panel of the present step, case, and the bar of actions."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QPushButton, QStackedWidget, QWidget

from desktop.bridge import Bridge, Trouble
from desktop.model import actions
from desktop.model.state import State
from desktop.model.wording import utc_now
from desktop.seat.bar import FINISH_KEY, NARROW, ActionBar
from desktop.seat.casepanel import CasePanel
from desktop.seat.closing import ClosingPanel
from desktop.seat.desk import Desk
from desktop.seat.dialect import DialectStore
from desktop.seat.folded import FoldedWords
from desktop.seat.identity import IdentityPanel
from desktop.seat.images import ImageStore
from desktop.seat.offer import OfferCard
from desktop.seat.paper import PaperPane
from desktop.seat.parties import FOCUS_KEYS
from desktop.seat.presence import PresenceBox
from desktop.seat.progress import ProgressPanel
from desktop.seat.proof import ProofPanel
from desktop.seat.queue import QueuePanel
from desktop.seat.script import ScriptPanel
from desktop.seat.stage import StagePanel
from desktop.seat.turning import TurningKeys
from desktop.widgets.document import DocumentDialog
from desktop.widgets.notice import Kept
from desktop.widgets.parts import KeyButton, card, column, label, row, rule
from desktop.widgets.ringer import Ringer, Wanted
from signing.wire.base import Tone
from signing.wire.case import CaseView, DocumentView, StepKey
from signing.wire.staff import Presence

PANEL_HEIGHT = 226
"""Of the panel under the stage, the same in every step so that the picture never jumps."""
CLOSING_HEIGHT = 300
"""After the call, when there is no picture: outcome, note and all four lines are to be seen at once."""
CLOSING_LEAST = 262
"""Of that, where a banner stands over a small window."""
BESIDE_CLOSING = 206
"""What the rest of the workspace needs of its height then."""
STAGE_SHARE, PAPER_SHARE = 2, 5
"""Of the room above the panel while a paper is open: it is to be read, the faces only to be seen."""
BESIDE_PAPER = 186
"""Of the panel under an open paper, where it can be scrolled or has little to say; in a low window in every step."""
LOW = 540
"""Pixels of the workspace's height below which it is low: 768 at 125 % are 614, less the bars."""
DIALECT_HEIGHT = 56
"""Above that, in every step too, on a seat that wants a dialect's words under each line."""


class SeatWorkspace(QWidget):
    """Everything shown is set by ``display`` from the desk's state; ``presence`` belongs in the window's head."""

    def __init__(
        self, bridge: Bridge, desk: Desk, dialect: DialectStore | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("workspace.seat")
        self.setAccessibleName("接待工作台")
        self.desk = desk
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._act = actions.Act.WAIT
        self._bridge = bridge
        self.images = ImageStore(bridge, desk.client, self)
        self.presence = PresenceBox(desk, self)
        self.queue = QueuePanel(desk.take, desk.find)
        self.stage = StagePanel(desk.engine)
        self.case = CasePanel(desk, self._open_document)
        self.bar = ActionBar(desk)
        self.kept, self.folded = Kept(), FoldedWords()
        self.paper = PaperPane(bridge, desk)
        self.bar.paper.clicked.connect(self._toggle_paper)
        self.paper.shut.clicked.connect(self.display)
        self.panels = QStackedWidget()
        self.identity = IdentityPanel(desk, self.images)
        self._dialect = dialect or DialectStore()
        self.script = ScriptPanel(desk, self._dialect)
        self.script.dialect.chosen.connect(self._fit_panel)
        self.progress = ProgressPanel()
        self.proof = ProofPanel(desk)
        self.closing = ClosingPanel(desk)
        self.idle = label("", "title", wrap=True, name="idle")
        self.idle.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for panel in (self.idle, self.identity, self.script, self.progress, self.proof, self.closing):
            self.panels.addWidget(panel)
        self._arrange()
        self.offer = OfferCard(desk, self)
        self._ringer = Ringer(self)
        self._bind_keys()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        desk.changed.connect(self.display)
        desk.rang.connect(self._ring)
        desk.kept.connect(self.kept.add)
        self.display()

    def _arrange(self) -> None:
        middle = column(spacing=8, margins=(4, 12, 4, 8))
        seen = row(spacing=8)
        seen.addWidget(self.stage, STAGE_SHARE)
        seen.addWidget(self.paper, PAPER_SHARE)
        middle.addLayout(seen, 1)
        middle.addWidget(self._panel_card())
        body = row(spacing=8)
        body.addWidget(self.queue)
        body.addLayout(middle, 1)
        body.addWidget(self.case)
        outer = column(self, 0)
        outer.addWidget(self.kept)
        outer.addWidget(self.folded)
        outer.addLayout(body, 1)
        outer.addWidget(rule())
        outer.addWidget(self.bar)

    def _panel_card(self) -> QFrame:
        self._box = card()
        column(self._box, 0, (14, 12, 14, 12)).addWidget(self.panels)
        self._fit_panel()
        return self._box

    def _fit_panel(self) -> None:
        panel = self.panels.currentWidget()
        roomy = self.height() >= LOW and panel is not self.progress
        gives = not self.paper.isHidden() and panel is not self.identity and not roomy
        in_call = (BESIDE_PAPER if gives else PANEL_HEIGHT) + (DIALECT_HEIGHT if self._dialect.chosen else 0)
        told = 0 if self.folded.isHidden() else self.folded.heightForWidth(self.width())
        closing = max(CLOSING_LEAST, min(CLOSING_HEIGHT, self.height() - BESIDE_CLOSING - told))
        self._box.setFixedHeight(closing if panel is self.closing else in_call)

    def display(self) -> None:
        state, now = self.desk.state, self.now()
        self.presence.display(state, now)
        self.queue.display(state, now)
        self.stage.display(state, now)
        self.case.display(state)
        self.bar.display(state)
        self._fold()
        self._show_paper(state)
        self.offer.display(state, now)
        panel = self._panel(state)
        if isinstance(panel, IdentityPanel | ScriptPanel | ProgressPanel | ProofPanel | ClosingPanel):
            panel.display(state)
        self.idle.setText(_idle_words(state))
        self.panels.setCurrentWidget(panel)
        self._fit_panel()
        self._rest_focus(actions.next_action(state).act)

    def _show_paper(self, state: State) -> None:
        """Beside the stage in a call only; a paper opened at another time has a window of its own."""
        if state.call is None or state.case is None:
            self.paper.close_pane()
        self.paper.display(state)
        self.stage.stack(not self.paper.isHidden())
        self.bar.paper.setText("收起文书" if not self.paper.isHidden() else "看文书")

    def _toggle_paper(self) -> None:
        if not self.paper.isHidden():
            self.paper.close_pane()
        else:
            self.paper.open_paper()
        self.display()

    def _rest_focus(self, act: actions.Act) -> None:
        """When another action is due, focus rests on the workspace instead of jumping to whatever comes next."""
        if act is not self._act:
            self._act = act
            self.setFocus()

    def _panel(self, state: State) -> QWidget:
        if state.call is None:
            wrap_up = state.view is not None and state.view.presence is Presence.WRAP_UP
            return self.closing if wrap_up and state.case is not None else self.idle
        if state.proof_open or state.case is None:
            return self.proof
        party = state.party
        if party is not None and state.step is not None and not state.inside(party.party_id):
            return self.idle
        if state.step is StepKey.IDENTITY:
            return self.identity
        return self.script if state.step is StepKey.DISCLOSURE else self.progress

    def now(self) -> datetime:
        """The service's clock."""
        return utc_now() + timedelta(seconds=self.desk.state.clock_offset)

    def _tick(self) -> None:
        now = self.now()
        for part in (self.presence, self.queue, self.stage, self.offer):
            part.tick(now)

    def _fold(self) -> None:
        """In a small window the queue gives its room to the case on the desk."""
        folded = self.width() < NARROW and self.desk.state.case is not None
        self.queue.fold(folded)
        self.folded.display(self.desk.state, folded)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        self._fold()
        self._fit_panel()
        self.offer.setGeometry(self.rect())

    def ring_by(self, wanted: Callable[[], Wanted]) -> None:
        """Which loudspeaker is chosen now, beside the system's own."""
        self._ringer.wanted = wanted

    def _ring(self, ringing: bool) -> None:
        if ringing:
            QApplication.alert(self.window())
            self._ringer.start()
        else:
            self._ringer.stop()

    # --- keys ---

    def _bind_keys(self) -> None:
        parties, outcomes = self.case.parties, self.closing.outcome.buttons
        named: list[KeyButton] = [self.bar.mute, self.bar.snapshot, self.bar.turn, self.bar.transfer]
        named += [
            self.identity.accept,
            self.identity.reject,
            self.identity.larger,
            parties.admit,
            parties.hold,
            parties.remove,
        ]
        named += [parties.mute, parties.alone, parties.helper, self.script.aside, self.script.dialect]
        named += [self.script.aloud]
        named += [self.case.operations, self.case.book, self.queue.look_up, self.queue.open_new]
        named += [self.bar.paper, self.paper.lead, self.paper.larger]
        named += [line.button for line in parties.personal.lines.values()]
        # the digits answer the script in a call and name the outcome after it
        by_key: dict[str, list[KeyButton]] = {}
        for button in (*named, *self.script.buttons.values(), *outcomes.values()):
            by_key.setdefault(button.key, []).append(button)
        for key, buttons in by_key.items():
            self._key(key, partial(press_first, buttons))
        TurningKeys(self.paper, (self.paper.before, self.paper.after), self)
        for number, key in enumerate(FOCUS_KEYS, 1):
            self._key(key, partial(self.desk.focus_number, number))
        self._key("F2", lambda: press(self.presence.available) or press(self.presence.away))
        self._key(FINISH_KEY, lambda: press(self.bar.finish))
        self._key("Escape", lambda: press(self.offer.reject) or press(self.proof.back))
        for key in ("Return", "Enter"):
            self._key(key, self._enter)

    def _key(self, key: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(lambda: act())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrow keys that nothing with the focus has a use for scroll the open paper."""
        if not self.paper.scroll_by(Qt.Key(event.key())):
            super().keyPressEvent(event)

    def _enter(self) -> None:
        """The one next action, of those that a single key may do."""
        if self.offer.isVisible():
            press(self.offer.accept)
            return
        if self.proof.isVisible() and not self.proof.seen:
            return
        order = (self.proof.hangup, self.bar.proof, self.bar.seal)
        if any(press(button) for button in order):
            return
        if actions.next_action(self.desk.state).act is actions.Act.FINISH:
            press(self.bar.finish)

    def stop(self) -> None:
        """No timer runs and no picture is drawn afterwards."""
        self._clock.stop()
        self._ringer.end()
        self.images.stop()
        self.paper.stop()
        self.case.parties.personal.forget()
        self.stage.video.watch(None)
        self.offer.hide()

    # --- documents ---

    def _open_document(self, case: CaseView, document: DocumentView) -> None:
        if self.desk.state.call is not None:
            self.paper.open_paper(document.document_id)
            self.display()
            return
        path = f"/api/cases/{case.case_id}/documents/{document.document_id}.pdf"
        self._bridge.call(
            self.desk.client.get_bytes(path),
            lambda content: self._show_document(document.title, content),
            self._document_failed,
        )

    def _show_document(self, title: str, content: bytes) -> None:
        dialog = DocumentDialog(title, content, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _document_failed(self, trouble: Trouble) -> None:
        self.desk.said.emit(Tone.STOP, trouble.text)


def press(button: QPushButton) -> bool:
    """Presses what is there to be pressed; False where it is hidden or waits."""
    if not button.isVisible() or not button.isEnabled():
        return False
    button.click()
    return True


def press_first(buttons: Sequence[QPushButton]) -> bool:
    """Presses the one of several buttons with the same key that is there now."""
    return any(press(button) for button in buttons)


def _idle_words(state: State) -> str:
    return actions.next_action(state).sentence

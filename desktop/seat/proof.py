"""Before hang-up: every step that must be on record, and for each missing one what to do while the customer is here."""

from itertools import zip_longest

from PySide6.QtCore import QElapsedTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from desktop.model import actions, tapecheck
from desktop.model.proofs import Group, groups
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.seat.reason import ReasonDialog
from desktop.widgets.parts import Badge, Icon, KeyButton, clear, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import ProofItem

REASONS = ("客户要求改天再办", "线路太差，无法继续", "客户放弃办理")
IN_SIGHT_MS = 1000
"""That the list must have been on the screen before Enter hangs up: a key pressed once more than meant, at log-in or to
open the list, ends no call."""


class ProofPanel(QWidget):
    """The list, and hanging up: at once where it is complete, with a reason where it is not."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("proof")
        self._desk = desk
        self._shown: tuple[Group, ...] | None = None
        self._in_sight = QElapsedTimer()
        self._badge = Badge("", Tone.NOTICE)
        self._badge.setObjectName("proof.badge")
        self._body = QWidget()
        self._list = column(self._body, 4)
        self.back = KeyButton("返回", "Escape", icon="back", name="proof.back")
        self.hangup = KeyButton("挂断", "Return", icon="phone-down", name="call.hangup", danger=True)
        self.back.clicked.connect(lambda: desk.show_proof(False))
        self.hangup.clicked.connect(self._hang_up)
        layout = column(self, 8)
        layout.addLayout(self._head())
        layout.addWidget(self._scroll(), 1)

    def _head(self) -> QHBoxLayout:
        head = row(spacing=10)
        head.addWidget(label("挂断前核对", "head"))
        head.addWidget(self._badge)
        head.addStretch(1)
        head.addWidget(self.back)
        head.addWidget(self.hangup)
        return head

    def _scroll(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self._body)
        area.setAccessibleName("留痕核对清单")
        return area

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        self._in_sight.start()

    @property
    def seen(self) -> bool:
        """Whether it has been on the screen long enough for Enter to be meant for it."""
        return self.isVisible() and self._in_sight.hasExpired(IN_SIGHT_MS)

    def display(self, state: State) -> None:
        case = state.case
        self.hangup.setEnabled(not state.busy)
        self.back.setVisible(case is not None)
        if case is None:
            self._unread()
            return
        items = tapecheck.proof(state)
        complete = actions.proof_complete(items)
        missing = sum(not item.ok for item in items)
        if complete:
            self._badge.display(f"{len(items)} 项齐全", Tone.GOOD)
        else:
            self._badge.display(f"缺 {missing} 项" if items else "还没有可核对的留痕", Tone.CAUTION)
        self._offer("挂断" if complete else "仍要挂断…", primary=complete)
        self._show(tuple(groups(case, items)))

    def _unread(self) -> None:
        """The case cannot be opened: there is nothing to check, and only one thing to do."""
        self._badge.display("业务打不开，无法核对", Tone.STOP)
        self._offer("挂断", primary=True)
        self._show(())

    def _offer(self, words: str, *, primary: bool) -> None:
        self.hangup.setText(words)
        self.hangup.set_primary(primary)

    def _show(self, shown: tuple[Group, ...]) -> None:
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._list)
        for group in shown:
            if len(shown) > 1 and not group.missing:
                self._list.addWidget(_folded(group))
                continue
            if len(shown) > 1:
                head = label(group.words, "head")
                set_tone(head, Tone.CAUTION)
                self._list.addWidget(head)
            self._show_group(group)
        self._list.addStretch(1)

    def _show_group(self, group: Group) -> None:
        for item in group.missing:
            self._list.addWidget(_line(item))
        for pair in zip_longest(group.good[::2], group.good[1::2]):
            line = row(spacing=8)
            for item in pair:
                line.addWidget(_line(item) if item else QWidget(), 1)
            self._list.addLayout(line)

    def _hang_up(self) -> None:
        state = self._desk.state
        if state.case is None or actions.proof_complete(tapecheck.proof(state)):
            self._desk.hang_up()
            return
        ReasonDialog(
            "留痕还不完整",
            "现在挂断，缺的步骤要客户再次接入才能补。请写明原因。",
            REASONS,
            "确认挂断",
            self._desk.hang_up,
            self.window(),
        ).open()


def _folded(group: Group) -> QWidget:
    """Of whom nothing lacks, in one line beside the others; what is on record stands in its tool tip."""
    line = QWidget()
    layout = row(line, 8)
    layout.addWidget(Icon("check", "good", 16))
    words = label(group.words, "head")
    set_tone(words, Tone.GOOD)
    layout.addWidget(words, 1)
    titles = [item.title for item in group.items]
    line.setToolTip("\n".join(titles))
    line.setAccessibleName(f"{group.words}：{'、'.join(titles)}")
    return line


def _line(item: ProofItem) -> QWidget:
    line = QWidget()
    layout = row(line, 8)
    layout.addWidget(Icon("check" if item.ok else "warn", "good" if item.ok else "caution", 16))
    title = label(item.title)
    layout.addWidget(title)
    remedy = label("" if item.ok else f"→ {item.remedy}" if item.remedy else "→ 请补做", "second", wrap=True)
    set_tone(remedy, None if item.ok else Tone.CAUTION)
    layout.addWidget(remedy, 1)
    line.setAccessibleName(f"{item.title}，{'已留痕' if item.ok else '缺失。' + item.remedy}")
    return line

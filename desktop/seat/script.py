"""The teleprompter: one line to read aloud, and its four answers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

from desktop.model import actions, helping, reading, script, wording
from desktop.model import party as parties
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.seat.dialect import DialectButton, DialectStore
from desktop.widgets.parts import Badge, KeyButton, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import Answer, ScriptLineView, StepKey

BUTTONS = (
    (Answer.YES, "是", "1", "script.yes"),
    (Answer.NO, "否", "2", "script.no"),
    (Answer.REPEAT, "重述", "3", "script.repeat"),
    (Answer.NODDED, "点头", "4", "script.nodded"),
)


_PLAYING = "正在播放，您的麦克风已调低"
_AWAY = "这一条须客户本人单独回答：请协助人离开画面，确认后再记录回答"


class ScriptPanel(QWidget):
    """``display`` shows the current line; the answer expected by the contract is the primary button."""

    def __init__(self, desk: Desk, dialect: DialectStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("script")
        self._desk = desk
        self._dialect = dialect
        self._current: ScriptLineView | None = None
        self._head = label("", "head", name="script.progress")
        self._before = label("", "second", name="script.before")
        self._line = label("", "line", wrap=True, name="script.line")
        self._area = QScrollArea()
        self._reference = label("", "second", wrap=True, name="script.reference")
        self._advice = label("", wrap=True, name="script.advice")
        self._expected = Badge("", Tone.NOTICE)
        self.buttons = {answer: KeyButton(text, key, name=name) for answer, text, key, name in BUTTONS}
        self.dialect = DialectButton(dialect)
        self.dialect.chosen.connect(lambda: self.display(desk.state))
        layout = column(self, 8)
        head = row(spacing=10)
        head.addWidget(self._head)
        head.addWidget(self._before, 1)
        head.addWidget(self._expected)
        head.addWidget(self.dialect)
        layout.addLayout(head)
        layout.addWidget(self._words(), 1)
        layout.addWidget(self._advice)
        layout.addLayout(self._answers())

    def _words(self) -> QScrollArea:
        """What is read, and under it how it may be put in a dialect; a long line is scrolled, never cut off."""
        area, words = self._area, QWidget()
        inside = column(words, 4)
        inside.addWidget(self._line)
        inside.addWidget(self._reference)
        inside.addStretch(1)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(words)
        area.setAccessibleName("要朗读的话")
        return area

    def _answers(self) -> QHBoxLayout:
        answers = row(spacing=10)
        for answer, button in self.buttons.items():
            button.setMinimumWidth(84)
            button.clicked.connect(lambda _=False, chosen=answer: self._answer(chosen))
            answers.addWidget(button)
        answers.addStretch(1)
        self.aloud = KeyButton("播放朗读", "R", name="script.aloud")
        self.aloud.clicked.connect(self._desk.read_aloud)
        answers.addWidget(self.aloud)
        self.aside = KeyButton("协助人已回避", "B", name="script.aside")
        self.aside.clicked.connect(self._move)
        answers.addWidget(self.aside)
        return answers

    def display(self, state: State) -> None:
        case, party = state.case, state.party
        lines = parties.lines(case, party) if case and party else []
        before, self._current = self._current, script.current_line(lines)
        if before is None or self._current is None or before.text != self._current.text:
            self._area.verticalScrollBar().setValue(0)
        done, total = script.progress(lines)
        line = self._current
        to = f"  向 {parties.label(party)} 朗读" if party and len(state.people) > 1 else ""
        self._head.setText(f"告知话术 {min(done + 1, total)}/{total}{to}")
        self._line.setText(line.text if line else "告知已全部完成")
        self._line.setAccessibleName(f"请朗读：{self._line.text()}")
        playing = state.media.reading is not None
        self._before.setText(_PLAYING if playing else _before(lines, line))
        set_tone(self._before, Tone.NOTICE if playing else None)
        self.dialect.display(lines)
        reference = script.reference(line, self._dialect.chosen) if line else ""
        self._reference.setText(reference)
        self._reference.setVisible(bool(reference))
        in_the_way = helping.in_the_way(state)
        words = _AWAY if in_the_way else script.advice(line) if line else ""
        self._advice.setText(words)
        self._advice.setVisible(bool(words))
        set_tone(self._advice, Tone.CAUTION)
        self._show_aloud(state)
        self._show_expected(line)
        self._enable(state)
        self._show_helper(state)

    def _show_expected(self, line: ScriptLineView | None) -> None:
        expected = line.expected if line else None
        self._expected.setVisible(expected is not None)
        if expected is not None:
            self._expected.display(f"须回答“{wording.ANSWERS[expected]}”", Tone.NOTICE)

    def _enable(self, state: State) -> None:
        open_now = self._current is not None and state.step is StepKey.DISCLOSURE and not state.busy
        primary = (self._current.expected if self._current else None) or Answer.YES
        answering = actions.next_action(state).act is actions.Act.ANSWER
        for answer, button in self.buttons.items():
            button.setEnabled(open_now and not actions.muted(state))
            button.set_primary(answering and answer is primary)

    def _show_aloud(self, state: State) -> None:
        playing = state.media.reading is not None
        self.aloud.setText("停止朗读" if playing else "播放朗读")
        self.aloud.setVisible(playing or self._current is not None)
        self.aloud.setEnabled(playing or reading.may_play(state))

    def _show_helper(self, state: State) -> None:
        helper = state.party.helper if state.party else None
        in_the_way = helping.in_the_way(state)
        self.aside.setVisible(helper is not None and self._current is not None)
        if helper is not None:
            self.aside.setText("协助人回到画面" if helper.aside else "协助人已回避")
        self.aside.setEnabled(not state.busy)
        self.aside.set_primary(in_the_way)
        if in_the_way:
            for button in self.buttons.values():
                button.setEnabled(False)
                button.set_primary(False)

    def _move(self) -> None:
        party = self._desk.state.party
        if party is not None and party.helper is not None:
            self._desk.move_helper(not party.helper.aside)

    def _answer(self, answer: Answer) -> None:
        if self._current is not None:
            self._desk.answer(self._current.number, answer)


def _before(lines: list[ScriptLineView], current: ScriptLineView | None) -> str:
    answered = [line for line in lines if script.settled(line) and (current is None or line.number < current.number)]
    if not answered or answered[-1].answer is None:
        return ""
    last = answered[-1]
    at = f" {wording.time_of_day(last.answered_at)}" if last.answered_at else ""
    return f"上一条：{wording.ANSWERS[answered[-1].answer]}{at}" if last.answer else ""

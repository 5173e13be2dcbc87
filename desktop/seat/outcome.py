"""What became of the call: one of six, by one key each, with a word where none of them fits."""

from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.model import actions
from desktop.model.state import State
from desktop.seat.desk import Desk
from desktop.widgets.parts import KeyButton, column, label, row
from signing.wire.call import Outcome

TITLES = {
    Outcome.SIGNED_ALL: "全部签署",
    Outcome.TO_CONTINUE: "改日继续",
    Outcome.REFUSED: "客户拒绝",
    Outcome.NO_SHOW: "客户未到",
    Outcome.TECHNICAL: "技术故障",
    Outcome.OTHER: "其他",
}


class OutcomeBox(QWidget):
    """The chosen one is marked; what the case suggests is chosen until the agent says otherwise."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("outcome")
        self._desk = desk
        self.buttons = {
            outcome: KeyButton(title, str(number), name=f"outcome.{outcome.value}")
            for number, (outcome, title) in enumerate(TITLES.items(), 1)
        }
        self.note = QLineEdit()
        self.note.setObjectName("outcome.note")
        self.note.setAccessibleName("结果说明")
        self.note.setPlaceholderText("请写明结果")
        self.note.setMaxLength(500)
        self.note.textChanged.connect(lambda text: desk.state_outcome(actions.outcome(desk.state), text))
        line = row(spacing=6)
        line.addWidget(label("结果", "head"))
        for outcome, button in self.buttons.items():
            button.setCheckable(True)
            button.setProperty("tight", True)
            button.clicked.connect(lambda _=False, chosen=outcome: self._choose(chosen))
            line.addWidget(button)
        line.addStretch(1)
        layout = column(self, 6)
        layout.addLayout(line)
        layout.addWidget(self.note)

    def _choose(self, outcome: Outcome) -> None:
        self._desk.state_outcome(outcome, self.note.text())
        if outcome is Outcome.OTHER:
            self.note.setFocus()

    def display(self, state: State) -> None:
        chosen = actions.outcome(state)
        for outcome, button in self.buttons.items():
            button.setChecked(outcome is chosen)
            button.set_icon("check" if outcome is chosen else "")
        self.note.setVisible(chosen is Outcome.OTHER)
        if self.note.text() != state.note:
            self.note.setText(state.note)

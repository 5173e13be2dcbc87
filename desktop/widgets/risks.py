"""What the risk rules say about the case: words with an icon, the worst first, and what became of each."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.widgets.parts import Icon, clear, column, label, row, rule, set_tone
from signing.wire.base import Tone
from signing.wire.risk import RiskFinding, RiskOutcome

Shown = tuple[Tone, str, str]
"""Tone, icon, and in words what is to be done or was done."""


def standing(finding: RiskFinding) -> Shown:
    decision = finding.decision
    if decision is not None and decision.released:
        return Tone.GOOD, "check", f"{decision.by}已放行：{decision.reason}"
    if decision is not None:
        return Tone.STOP, "cross", f"{decision.by}已退回：{decision.reason}。请终止业务"
    match finding.outcome:
        case RiskOutcome.REFUSE:
            return Tone.STOP, "cross", f"不能继续。{finding.hint}"
        case RiskOutcome.REFER:
            return Tone.STOP, "lock", f"待主管处理，处理前不能进行{finding.blocks_title}"
        case RiskOutcome.WARN if finding.acknowledged_by:
            return Tone.CAUTION, "warn", f"{finding.acknowledged_by}已知悉"
        case RiskOutcome.WARN:
            return Tone.CAUTION, "warn", f"{finding.hint}；进入下一步即记为已知悉"
    return Tone.NOTICE, "info", "不影响办理"


ORDER = (Tone.STOP, Tone.CAUTION, Tone.NOTICE, Tone.GOOD)


class RiskList(QWidget):
    """Not to be seen where nothing was found."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("case.risks")
        self._shown: tuple[RiskFinding, ...] = ()
        outer = column(self, 6)
        outer.addWidget(rule())
        outer.addWidget(label("风险提示", "second"))
        self._list = column(spacing=8)
        outer.addLayout(self._list)
        self.hide()

    def display(self, findings: Sequence[RiskFinding]) -> None:
        self.setVisible(bool(findings))
        if tuple(findings) == self._shown:
            return
        self._shown = tuple(findings)
        clear(self._list)
        for finding in sorted(findings, key=lambda one: ORDER.index(standing(one)[0])):
            self._list.addWidget(_line(finding))


def _line(finding: RiskFinding) -> QWidget:
    tone, icon, said = standing(finding)
    line = QWidget()
    layout = row(line, 8)
    layout.addWidget(Icon(icon, tone.value, 16), alignment=Qt.AlignmentFlag.AlignTop)
    words = column(spacing=1)
    about = f"{finding.party}：{finding.reason}" if finding.party else finding.reason
    head = label(finding.title, "head")
    words.addWidget(head)
    words.addWidget(label(about, "second", wrap=True))
    then = label(said, "second", wrap=True)
    for one in (head, then):
        set_tone(one, tone)
    words.addWidget(then)
    layout.addLayout(words, 1)
    line.setAccessibleName(f"{finding.title}，{about}，{said}")
    return line

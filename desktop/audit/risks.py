"""What the risk rules found about a case: rule, outcome, where and when, and who decided with which reason."""

from PySide6.QtWidgets import QWidget

from desktop.audit.listing import ListTab
from desktop.model import wording
from desktop.widgets.parts import TONE_ICONS, Badge, clear, column, label, row, rule, set_tone
from desktop.widgets.risks import ORDER, standing
from signing.wire.audit import AuditCase
from signing.wire.base import Tone
from signing.wire.risk import RiskFinding


class RisksTab(ListTab):
    """``display`` a case; what was cleared or replaced since is among the events."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("audit.risks", "风险规则", parent)

    def display(self, case: AuditCase) -> None:
        clear(self._list)
        findings = sorted(case.case.findings, key=lambda one: ORDER.index(standing(one)[0]))
        for finding in findings:
            self._list.addWidget(_block(finding))
            self._list.addWidget(rule())
        if not findings:
            self._list.addWidget(label("风险规则没有提示。经过见“事件”。", "second", wrap=True))
        self._list.addStretch(1)


def _block(finding: RiskFinding) -> QWidget:
    tone = standing(finding)[0]
    block = QWidget()
    layout = column(block, 3)
    head = row(spacing=8)
    head.addWidget(label(finding.title, "head"))
    head.addWidget(Badge(finding.outcome_title, tone, icon=TONE_ICONS[tone]))
    head.addStretch(1)
    layout.addLayout(head)
    about = f"{finding.party}：{finding.reason}" if finding.party else finding.reason
    layout.addWidget(label(about, wrap=True))
    stops = f"，停在{finding.blocks_title}" if finding.blocks_title else ""
    layout.addWidget(
        label(f"{wording.day_and_time(finding.found_at)} 于{finding.stage_title}{stops}", "second", wrap=True)
    )
    for text, mark in lines(finding):
        then = label(text, "second", wrap=True)
        set_tone(then, mark)
        layout.addWidget(then)
    block.setAccessibleName(
        "，".join([finding.title, finding.outcome_title, about, *(text for text, _ in lines(finding))])
    )
    return block


def lines(finding: RiskFinding) -> list[tuple[str, Tone]]:
    """What people did about it."""
    decision = finding.decision
    if decision is not None:
        word = "放行" if decision.released else "退回"
        said = f"{wording.day_and_time(decision.at)} {decision.by}{word}，理由：{decision.reason}"
        return [(said, Tone.GOOD if decision.released else Tone.STOP)]
    if finding.acknowledged_by:
        return [(f"{finding.acknowledged_by}已知悉后继续办理", Tone.CAUTION)]
    return [("待主管处理", Tone.STOP)] if finding.blocks_title else []

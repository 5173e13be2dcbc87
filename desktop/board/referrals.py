"""What waits for a supervisor's decision, and the two buttons of it: let pass, send back; each with a reason."""

from functools import partial

from PySide6.QtWidgets import QWidget

from desktop.board import rows
from desktop.board.desk import BoardDesk
from desktop.board.lists import RowList
from desktop.model import board as b
from desktop.seat.reason import ReasonDialog
from desktop.widgets.parts import KeyButton, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.risk import RiskReferral

RELEASE_REASONS = ("已电话核实本人意愿和用途", "已查看补充材料，符合规定", "已登记现场面签")
RETURN_REASONS = ("情况不能核实，不予办理", "不符合准入条件", "疑似冒名或代办")


class ReferralPanel(QWidget):
    """``display`` the state; the buttons are about the chosen line."""

    def __init__(self, desk: BoardDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board.referrals.panel")
        self._desk = desk
        self.list = RowList("待主管处理", "board.referrals", "没有需要主管处理的风险提示")
        self.release = KeyButton("放行…", "G", icon="check", name="board.release")
        self.send_back = KeyButton("退回…", "B", icon="back", name="board.sendback", danger=True)
        self.buttons = (self.release, self.send_back)
        self._why = label("", "second", wrap=True, name="board.referrals.why")
        set_tone(self._why, Tone.CAUTION)
        buttons = row(spacing=8)
        for button in self.buttons:
            buttons.addWidget(button, 1)
        layout = column(self, 6)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._why)
        layout.addLayout(buttons)
        self.list.chosen.connect(desk.choose_referral)
        self.release.clicked.connect(partial(self._ask, True))
        self.send_back.clicked.connect(partial(self._ask, False))

    def display(self, state: b.State) -> None:
        referrals = state.view.referrals if state.view else []
        chosen = state.referral
        self.list.display([rows.referral_row(one) for one in referrals], b.referral_key(chosen) if chosen else "")
        why = chosen.why_not if chosen else ""
        self._why.setText(why)
        self._why.setVisible(bool(why))
        for button in self.buttons:
            button.setVisible(bool(referrals))
            button.setEnabled(chosen is not None and not why and not state.busy)
            button.setToolTip(why or ("理由会记入证据链" if chosen else "请先选中一项"))

    def _ask(self, released: bool, _: bool = False) -> None:
        referral = self._desk.state.referral
        if referral is None:
            return
        ReasonDialog(
            f"{'放行' if released else '退回'}“{referral.finding.title}”",
            question(referral, released),
            RELEASE_REASONS if released else RETURN_REASONS,
            "放行" if released else "退回",
            partial(self._desk.decide_risk, referral, released),
            self.window(),
            danger=not released,
        ).open()


def question(referral: RiskReferral, released: bool) -> str:
    finding = referral.finding
    about = f"{finding.party}：{finding.reason}" if finding.party else finding.reason
    then = f"放行后可以继续“{finding.blocks_title}”" if released else "退回后这笔业务不能再继续，请坐席终止"
    return f"{referral.case_no} {referral.product_title}\n{about}。\n{then}。请写明理由，会记入证据链。"

"""What needs a person, and the buttons of the chosen line: risks let pass or sent back, seals above their amount,
recordings that do not come; each with a reason."""

from functools import partial

from PySide6.QtWidgets import QWidget

from desktop.board import rows
from desktop.board.desk import BoardDesk
from desktop.board.lists import RowList
from desktop.board.papers import PapersDialog
from desktop.model import board as b
from desktop.model import wording
from desktop.seat.reason import ReasonDialog
from desktop.widgets.parts import KeyButton, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.board import MissingFilm, SealRequest
from signing.wire.risk import RiskReferral

RELEASE_REASONS = ("已电话核实本人意愿和用途", "已查看补充材料，符合规定", "已登记现场面签")
RETURN_REASONS = ("情况不能核实，不予办理", "不符合准入条件", "疑似冒名或代办")
APPROVE_REASONS = ("已看过全部文书，金额与审批一致", "已与经办核对，同意用印")
DECLINE_REASONS = ("金额与审批不一致", "文书有误，请终止后重新建立", "超过本机构授权")
LOST_REASONS = ("坐席电脑损坏，文件无法恢复", "文件已损坏，无法读出", "席位没有录到这一段")


_NO_MORE = "之后即使找到，也不再收取。"


class ReferralPanel(QWidget):
    """``display`` the state; the buttons are about the chosen line."""

    def __init__(self, desk: BoardDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("board.referrals.panel")
        self._desk = desk
        self.list = RowList("待主管处理", "board.referrals", "没有需要主管处理的事项")
        self.papers = KeyButton("看文书…", "V", icon="document", name="board.papers")
        self.release = KeyButton("放行…", "G", icon="check", name="board.release")
        self.send_back = KeyButton("退回…", "B", icon="back", name="board.sendback", danger=True)
        self.buttons = (self.papers, self.release, self.send_back)
        self._why = label("", "second", wrap=True, name="board.referrals.why")
        set_tone(self._why, Tone.CAUTION)
        buttons = row(spacing=8)
        for button in (self.release, self.send_back):
            buttons.addWidget(button, 1)
        layout = column(self, 6)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._why)
        layout.addWidget(self.papers)
        layout.addLayout(buttons)
        self.list.chosen.connect(desk.choose_referral)
        self.papers.clicked.connect(self._look)
        self.release.clicked.connect(partial(self._decide, True))
        self.send_back.clicked.connect(partial(self._decide, False))

    def display(self, state: b.State) -> None:
        needs = b.needs_of(state.view) if state.view else {}
        need = state.need
        chosen = b.need_key(need) if need is not None else ""
        self.list.display([rows.need_row(one) for one in needs.values()], chosen)
        why = getattr(need, "why_not", "")
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._words(state)
        may = isinstance(need, RiskReferral | SealRequest | MissingFilm) and not why and not state.busy
        for button in (self.release, self.send_back):
            button.setEnabled(may)
            button.setToolTip(why or ("理由会记入证据链" if may else "请先选中一项"))

    def _words(self, state: b.State) -> None:
        """The buttons of the chosen kind; those that nothing of the list has are away."""
        view, seal, film = state.view, state.seal_request, state.film
        decidable = view is not None and bool(view.referrals or view.seal_requests)
        self.papers.setVisible(seal is not None)
        self.release.setVisible(film is None and decidable)
        self.send_back.setVisible(film is not None or decidable)
        self.release.setText("同意…" if seal is not None else "放行…")
        self.send_back.setText("声明遗失…" if film is not None else "不同意…" if seal is not None else "退回…")

    def _look(self) -> None:
        request = self._desk.state.seal_request
        if request is not None:
            PapersDialog(request, self._desk.fetch_paper, self.window()).open()

    def _decide(self, released: bool, _: bool = False) -> None:
        match self._desk.state.need:
            case RiskReferral() as referral:
                self._ask(referral, released)
            case SealRequest() as request:
                self._ask_seal(request, released)
            case MissingFilm() as film if not released:
                self._ask_lost(film)

    def _ask(self, referral: RiskReferral, released: bool) -> None:
        ReasonDialog(
            f"{'放行' if released else '退回'}“{referral.finding.title}”",
            question(referral, released),
            RELEASE_REASONS if released else RETURN_REASONS,
            "放行" if released else "退回",
            partial(self._desk.decide_risk, referral, released),
            self.window(),
            danger=not released,
        ).open()

    def _ask_seal(self, request: SealRequest, approved: bool) -> None:
        then = "同意后，经办坐席可以用印" if approved else "经办坐席会看到您的理由，这笔业务不能用印"
        ReasonDialog(
            "同意用印" if approved else "不同意用印",
            f"{request.case_no} {request.product_title}，{wording.money(request.amount)}。\n{request.why}。\n"
            f"{then}。请写明理由，会记入证据链。",
            APPROVE_REASONS if approved else DECLINE_REASONS,
            "同意用印" if approved else "不同意",
            partial(self._desk.decide_seal, request, approved),
            self.window(),
            danger=not approved,
        ).open()

    def _ask_lost(self, film: MissingFilm) -> None:
        ReasonDialog(
            "声明录像遗失",
            f"{film.case_no}：{film.seat} {film.agent} {wording.day_and_time(film.since)} 的通话。\n"
            f"声明后这笔业务不再等候这段录像；遗失和原因会写进证据链和证据包。{_NO_MORE if film.recording_id else ''}",
            LOST_REASONS,
            "声明遗失",
            partial(self._desk.declare_lost, film),
            self.window(),
        ).open()


def question(referral: RiskReferral, released: bool) -> str:
    finding = referral.finding
    about = f"{finding.party}：{finding.reason}" if finding.party else finding.reason
    then = f"放行后可以继续“{finding.blocks_title}”" if released else "退回后这笔业务不能再继续，请坐席终止"
    return f"{referral.case_no} {referral.product_title}\n{about}。\n{then}。请写明理由，会记入证据链。"

"""Findings at the seat and referrals on the board: what is said, what can be pressed, and what is then sent."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.audit.risks import RisksTab
from desktop.board.referrals import question
from desktop.board.rows import referral_row
from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from desktop.model import workspace as w
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.parts import Icon, KeyButton
from desktop.widgets.risks import RiskList, standing
from signing.wire.base import Tone
from signing.wire.risk import RiskFinding, RiskOutcome
from signing.wire.staff import Presence
from tests.unit.desktop import views
from tests.unit.desktop.test_board_panels import put
from tests.unit.desktop.test_seat_panels import show

REFER, WARN, REFUSE, ALLOW = RiskOutcome.REFER, RiskOutcome.WARN, RiskOutcome.REFUSE, RiskOutcome.ALLOW


@pytest.mark.parametrize(
    ("finding", "tone", "said"),
    [
        (views.finding(), Tone.STOP, "待主管处理，处理前不能进行风险告知"),
        (views.finding(decision=views.decision()), Tone.GOOD, "陈主管已放行：已电话核实"),
        (views.finding(decision=views.decision(False)), Tone.STOP, "陈主管已退回"),
        (views.finding(WARN), Tone.CAUTION, "进入下一步即记为已知悉"),
        (views.finding(WARN, seen_by="张敏"), Tone.CAUTION, "张敏已知悉"),
        (views.finding(REFUSE), Tone.STOP, "不能继续。请客户换领新证后再办"),
        (views.finding(ALLOW), Tone.NOTICE, "不影响办理"),
    ],
)
def test_each_finding_says_what_it_means_in_words_tone_and_icon(finding: RiskFinding, tone: Tone, said: str) -> None:
    found, icon, words = standing(finding)
    assert found is tone
    assert said in words
    assert icon


def texts(widget: QWidget) -> list[str]:
    return [one.text() for one in widget.findChildren(QLabel)]


def test_the_case_panel_shows_the_worst_first(workspace: SeatWorkspace) -> None:
    risks = workspace.findChild(RiskList, "case.risks")
    assert isinstance(risks, RiskList)
    show(workspace, w.State(view=views.view(Presence.ON_CALL, talk=views.call(), about=views.case())))
    assert not risks.isVisible()
    found = [views.finding(WARN), views.finding(decision=views.decision()), views.finding(REFUSE)]
    about = views.case(findings=found)
    show(workspace, w.State(view=views.view(Presence.ON_CALL, talk=views.call(), about=about)))
    assert risks.isVisible()
    titles = [text for text in texts(risks) if text in ("身份证期内到期", "同一手机号", "身份证已过期")]
    assert titles == ["身份证已过期", "身份证期内到期", "同一手机号"]
    assert len(risks.findChildren(Icon)) == 3
    spoken = [one.accessibleName() for one in risks.findChildren(QWidget) if "已过期" in one.accessibleName()]
    assert spoken == ["身份证已过期，借款人王*国：身份证已于 2026-08-12 到期，不能继续。请客户换领新证后再办"]


def button(parent: QWidget, name: str) -> KeyButton:
    found = parent.findChild(KeyButton, name)
    assert isinstance(found, KeyButton)
    return found


def test_nothing_waits_nothing_to_press(board: BoardWorkspace) -> None:
    put(board, b.State(view=views.board()))
    assert board.referrals.list.rows.count() == 0
    assert not button(board, "board.release").isVisible()


def test_a_referral_can_be_decided_once_it_is_chosen(board: BoardWorkspace) -> None:
    two = [views.referral(1), views.referral(2)]
    put(board, b.State(view=views.board(referrals=two)))
    assert not button(board, "board.release").isEnabled(), "which one is not known yet"
    put(board, b.State(view=views.board(referrals=two), referral_key=b.referral_key(two[1])))
    assert board.referrals.list.rows.currentRow() == 1
    assert button(board, "board.release").isEnabled()
    assert button(board, "board.sendback").isEnabled()
    put(board, b.State(view=views.board(referrals=two[:1])))
    assert button(board, "board.release").isEnabled(), "with one there is nothing to choose"


def test_why_somebody_may_not_decide_is_said_in_place(board: BoardWorkspace) -> None:
    put(board, b.State(view=views.board(referrals=[views.referral(why_not="这笔业务由您建立，不能由您放行或退回")])))
    assert not button(board, "board.release").isEnabled()
    why = board.findChild(QLabel, "board.referrals.why")
    assert isinstance(why, QLabel)
    assert why.isVisible()
    assert "由您建立" in why.text()


@pytest.mark.parametrize(("key", "released"), [(Qt.Key.Key_G, True), (Qt.Key.Key_B, False)])
def test_a_decision_is_sent_with_its_reason(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch, key: Qt.Key, released: bool
) -> None:
    sent: list[tuple[object, bool, str]] = []
    record: Callable[[object, bool, str], None] = lambda *what: sent.append(what)  # noqa: E731
    monkeypatch.setattr(board.desk, "decide_risk", record)
    referral = views.referral()
    put(board, b.State(view=views.board(referrals=[referral])))
    QTest.keyClick(board, key)
    dialog = board.findChild(QDialog, "reason") or board.window().findChild(QDialog, "reason")
    assert isinstance(dialog, QDialog)
    assert ("放行" if released else "退回") in dialog.windowTitle()
    text = dialog.findChild(QPlainTextEdit, "reason.text")
    assert isinstance(text, QPlainTextEdit)
    assert not button(dialog, "reason.ok").isEnabled()
    text.setPlainText("已电话核实")
    button(dialog, "reason.ok").click()
    assert sent == [(referral, released, "已电话核实")]


def test_the_question_says_what_follows() -> None:
    assert "放行后可以继续“风险告知”" in question(views.referral(), True)
    assert "请坐席终止" in question(views.referral(), False)


def test_a_row_says_whom_what_whose_and_where() -> None:
    row = referral_row(views.referral())
    for part in ("借款人王*国", "138****8000", "2026-00311", "¥180,000.00", "张敏经办"):
        assert part in row.words
    assert row.title == "同一手机号 · 停在风险告知"
    assert len({b.referral_key(views.referral(n)) for n in (1, 2)}) == 2


def test_the_auditor_sees_rule_outcome_decision_and_reason(qtbot: QtBot) -> None:
    tab = RisksTab()
    qtbot.addWidget(tab)
    audit = views.audit_case()
    tab.display(audit)
    assert "没有提示" in " ".join(texts(tab))
    found = [views.finding(decision=views.decision()), views.finding(WARN, seen_by="张敏"), views.finding()]
    tab.display(audit.model_copy(update={"case": views.case(findings=found)}))
    said = texts(tab)
    for part in (
        "陈主管放行，理由：已电话核实本人意愿和用途",
        "张敏已知悉后继续办理",
        "待主管处理",
        "于建立业务，停在风险告知",
    ):
        assert any(part in text for text in said), part
    tab.display(audit)
    assert "没有提示" in " ".join(text for text in texts(tab) if text)

"""The board's list of what needs a person, in a real window: each kind with its own words, keys and reasons."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop.board.papers import PapersDialog
from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from signing.wire.board import BoardPaper, BoardView, FailedRenewals, MissingFilm, SealRequest, UnsealedPackage
from signing.wire.case import RecordingState
from tests.unit.desktop import views
from tests.unit.desktop.test_board_panels import button, put


def seal_request(*, why_not: str = "", refused: str = "") -> SealRequest:
    return SealRequest(
        case_id="k7", case_no="PQ2026112700007", product_title="多人担保贷款", amount="260000.00", branch="上杭支行",
        opened_by="张敏", why="合同专用章：金额超过 200,000.00 元，须由未经办的主管复核同意用印",
        papers=[BoardPaper(document_id="d1", title="保证借款合同"), BoardPaper(document_id="d2", title="授权书")],
        refused_by="陈主管" if refused else "", refused_reason=refused, why_not=why_not,
    )  # fmt: skip


def film(recording_id: str | None = "r1") -> MissingFilm:
    return MissingFilm(
        case_id="k8", case_no="PQ2026112700008", product_title="小额信用贷款", call_id="c8", recording_id=recording_id,
        seat="03号席", agent="李芳", since=views.NOW - timedelta(hours=2), until=views.NOW - timedelta(hours=1),
        state=RecordingState.FINISHED if recording_id else None,
    )  # fmt: skip


def package() -> UnsealedPackage:
    return UnsealedPackage(case_id="k9", case_no="PQ2026112700009", product_title="小额信用贷款", branch="武平支行")


def view(**needs: object) -> BoardView:
    return views.board().model_copy(update=needs)


def everything() -> BoardView:
    return view(
        referrals=[views.referral(1)], seal_requests=[seal_request()], films=[film(), film(None)], unsealed=[package()]
    )


def answer(board: BoardWorkspace, reason: str, word: str) -> QDialog:
    dialog = board.window().findChild(QDialog, "reason")
    assert isinstance(dialog, QDialog)
    text = dialog.findChild(QPlainTextEdit)
    assert text is not None
    text.setPlainText(reason)
    next(one for one in dialog.findChildren(QPushButton) if one.text().startswith(word)).click()
    return dialog


def test_all_kinds_stand_in_one_list(board: BoardWorkspace) -> None:
    put(board, b.State(view=everything()))
    rows = board.referrals.list.rows
    told = [rows.item(place).text().split("\n")[0] for place in range(rows.count())]
    assert told[1:] == ["用印待复核", "录像没有收到", "录像没有收到", "证据包没有封存"]
    assert "没有这一段的录像" in rows.item(3).text()
    assert not button(board, "board.release").isEnabled()


def test_time_stamps_that_were_not_renewed_are_an_administrators_to_settle(board: BoardWorkspace) -> None:
    failed = FailedRenewals(
        count=1200, case_no="PQ2017112700001", until=views.NOW + timedelta(days=90), reason="时间戳服务没有应答"
    )
    put(board, b.State(view=view(renewals=failed)))
    words = board.referrals.list.rows.item(0).text()
    assert words.startswith("证据包的时间戳没有续成\n1,200 份，最早 ")
    assert "PQ2017112700001" in board.referrals.list.rows.item(0).toolTip()
    assert "时间戳服务没有应答" in words
    assert "请管理员处理" in words
    assert not button(board, "board.release").isVisible()
    assert not button(board, "board.sendback").isVisible()


@pytest.mark.parametrize(("key", "approved"), [(Qt.Key.Key_G, True), (Qt.Key.Key_B, False)])
def test_a_seal_is_approved_or_refused_by_key_with_a_reason(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch, key: Qt.Key, approved: bool
) -> None:
    sent: list[tuple[str, bool, str]] = []
    monkeypatch.setattr(board.desk, "decide_seal", lambda one, yes, note: sent.append((one.case_id, yes, note)))
    put(board, b.State(view=everything(), referral_key="seal/k7"))
    assert button(board, "board.release").text() == "同意…"
    assert button(board, "board.sendback").text() == "不同意…"
    QTest.keyClick(board, key)
    dialog = answer(board, "已看过全部文书", "同意用印" if approved else "不同意")
    assert "用印" in dialog.windowTitle()
    assert sent == [("k7", approved, "已看过全部文书")]


def test_who_may_not_decide_sees_why_and_can_still_look(board: BoardWorkspace) -> None:
    why = "您接待过这笔业务的客户，不能由您复核用印"
    put(board, b.State(view=view(seal_requests=[seal_request(why_not=why)])))
    assert not button(board, "board.release").isEnabled()
    assert not button(board, "board.sendback").isEnabled()
    assert button(board, "board.papers").isEnabled()
    assert button(board, "board.release").toolTip() == why


def test_a_no_of_another_supervisor_is_shown(board: BoardWorkspace) -> None:
    put(board, b.State(view=view(seal_requests=[seal_request(refused="金额与审批不一致")])))
    assert "陈主管已不同意：金额与审批不一致" in board.referrals.list.rows.item(0).text()
    assert button(board, "board.release").isEnabled()


def test_the_papers_are_fetched_one_by_one_as_they_are_chosen(
    board: BoardWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []

    def fetch(case_id: str, document_id: str, then: Callable[[bytes], None]) -> None:
        asked.append((case_id, document_id))
        then(b"no PDF")

    monkeypatch.setattr(board.desk, "fetch_paper", fetch)
    put(board, b.State(view=view(seal_requests=[seal_request()])))
    QTest.keyClick(board, Qt.Key.Key_V)
    dialog = board.window().findChild(PapersDialog, "papers")
    assert isinstance(dialog, PapersDialog)
    assert asked == [("k7", "d1")]
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_N)
    assert asked == [("k7", "d1"), ("k7", "d2")]
    assert "不能显示" in dialog.words.text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.mark.parametrize("recording_id", ["r1", None])
def test_a_recording_is_declared_lost_with_a_reason(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch, recording_id: str | None
) -> None:
    sent: list[tuple[str | None, str]] = []
    monkeypatch.setattr(board.desk, "declare_lost", lambda one, reason: sent.append((one.recording_id, reason)))
    put(board, b.State(view=view(films=[film(recording_id)])))
    assert not button(board, "board.release").isVisible()
    assert button(board, "board.sendback").text() == "声明遗失…"
    QTest.keyClick(board, Qt.Key.Key_G)
    assert board.window().findChild(QDialog, "reason") is None
    QTest.keyClick(board, Qt.Key.Key_B)
    answer(board, "坐席电脑损坏", "声明遗失")
    assert sent == [(recording_id, "坐席电脑损坏")]


def test_a_package_left_open_is_told_and_asks_for_nothing(board: BoardWorkspace) -> None:
    put(board, b.State(view=view(unsealed=[package()])))
    assert "请坐席打开这笔业务" in board.referrals.list.rows.item(0).text()
    for name in ("board.release", "board.sendback", "board.papers"):
        assert not button(board, name).isVisible(), name

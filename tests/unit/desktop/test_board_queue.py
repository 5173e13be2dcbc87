"""The board's line about the queue and its dialogs: what stands still, what is asked for, what is sent."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from desktop.board import queue_strip
from desktop.board.ability import AbilityDialog
from desktop.board.rows import seat_row
from desktop.board.stopping import StopDialog, Stopping
from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from desktop.model import workspace as w
from desktop.seat.workspace import SeatWorkspace
from signing.wire.base import Tone
from signing.wire.board import BoardBranch, BoardView
from signing.wire.queue import Appointment, Dialect, ProductChoice, QueueDoor, QueueStop, WaitAccuracy
from tests.unit.desktop import views
from tests.unit.desktop.test_board_panels import button, put
from tests.unit.desktop.test_seat_panels import show, text_of

BRANCHES = [BoardBranch(branch_id="b1", name="上杭支行"), BoardBranch(branch_id="b2", name="武平支行")]
PRODUCTS = [
    ProductChoice(product_id="credit", title="信用村授信贷款"),
    ProductChoice(product_id="tree", title="红木质押贷款"),
]


def stop(branch: str = "", *, emergency: bool = False, minutes: int | None = None) -> QueueStop:
    until = None if minutes is None else views.NOW + timedelta(minutes=minutes)
    return QueueStop(
        stop_id="s", branch_id="b1" if branch else None, branch=branch, emergency=emergency, by="陈主管",
        message="客户经理暂时休息，请稍候，您的位置保留", reason="午间换班", since=views.NOW, until=until,
    )  # fmt: skip


def view(*stops: QueueStop, waits: WaitAccuracy | None = None) -> BoardView:
    shown = views.board([], seat_id="s1", waiting=[views.board_waiting(1), views.board_waiting(2)])
    return shown.model_copy(
        update={"stops": list(stops), "branches": BRANCHES, "products": PRODUCTS, "waits": waits or WaitAccuracy()}
    )


def keep(widget: BoardWorkspace | QDialog | SeatWorkspace, name: str) -> None:
    """A picture to look at, where a folder for it is given."""
    if folder := os.environ.get("SCREENS"):
        widget.grab().save(str(Path(folder) / f"{name}.png"))


def dialog(kind: type[QDialog]) -> QDialog:
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]
    assert len(found) == 1
    return found[0]


def test_the_line_says_what_stands_still_and_else_how_good_the_told_waits_were() -> None:
    assert queue_strip.standing(view())[0] is Tone.GOOD
    waits = WaitAccuracy(count=12, told=240, waited=300, error=95)
    assert "近 12 位平均告知等候" in queue_strip.standing(view(waits=waits))[1]
    tone, words = queue_strip.standing(view(stop("上杭支行", minutes=30)))
    assert tone is Tone.CAUTION
    assert "上杭支行已暂停排队（陈主管：午间换班）" in words
    assert "自动恢复" in words
    tone, words = queue_strip.standing(view(stop("上杭支行"), stop(emergency=True)))
    assert tone is Tone.STOP
    assert "全机构已紧急停止" in words
    closed = BRANCHES[1].model_copy(update={"door": QueueDoor(joins=False, message="现在不在服务时间")})
    late = view().model_copy(update={"branches": [BRANCHES[0], closed]})
    assert queue_strip.standing(late)[1].startswith("武平支行已过服务时间")


def test_the_buttons_follow_the_queue_and_the_chosen_seat(board: BoardWorkspace) -> None:
    put(board, b.State(view=view()))
    assert button(board, "board.pause").isEnabled()
    assert not button(board, "board.resume").isVisible()
    assert not button(board, "board.ability").isEnabled()
    put(board, b.State(view=view(stop("上杭支行", minutes=30)), seat_id="s7"))
    assert button(board, "board.resume").isVisible()
    assert button(board, "board.ability").isEnabled()
    keep(board, "board-paused")
    put(board, b.State(view=view(stop(emergency=True)), busy="stop"))
    assert not button(board, "board.emergency").isEnabled()


@pytest.mark.parametrize("emergency", [False, True])
def test_a_stop_needs_words_and_a_reason_and_says_where(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch, emergency: bool
) -> None:
    decided: list[Stopping] = []
    monkeypatch.setattr(board.desk, "stop_queue", decided.append)
    put(board, b.State(view=view()))
    button(board, "board.emergency" if emergency else "board.pause").click()
    asked = dialog(StopDialog)
    assert isinstance(asked, StopDialog)
    assert not asked.ok.isEnabled()
    button(asked, "stopping.common1").click()
    asked.reason.setText("午间换班")
    asked.where.setCurrentIndex(2)
    (asked.end_calls.setChecked(True) if emergency else asked.until.setCurrentIndex(2))
    keep(asked, f"stop-{emergency}")
    asked.ok.click()
    (found,) = decided
    assert (found.emergency, found.branch_id, found.reason) == (emergency, "b2", "午间换班")
    assert (found.minutes, found.end_calls) == ((None, True) if emergency else (30, False))
    assert len(found.message) > 10


def test_a_seat_gets_the_abilities_that_are_ticked(board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    decided: list[tuple[object, ...]] = []
    monkeypatch.setattr(board.desk, "set_ability", lambda *what: decided.append(what))
    able = views.board_seat().model_copy(update={"products": ["tree"], "dialects": [Dialect.HAKKA]})
    put(board, b.State(view=view().model_copy(update={"seats": [able]}), seat_id="s7"))
    button(board, "board.ability").click()
    asked = dialog(AbilityDialog)
    assert isinstance(asked, AbilityDialog)
    states = [asked.products.item(n).checkState() for n in range(2)]
    assert states == [Qt.CheckState.Unchecked, Qt.CheckState.Checked]
    asked.products.item(0).setCheckState(Qt.CheckState.Checked)
    asked.dialects[Dialect.HOKKIEN].setChecked(True)
    keep(asked, "ability")
    asked.ok.click()
    assert decided == [("s7", ["credit", "tree"], [Dialect.HAKKA, Dialect.HOKKIEN])]
    assert "限 1 种产品，客家话" in seat_row(able, views.NOW).words


def test_going_on_names_every_stop_and_ends_each(board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    resumed: list[tuple[object, ...]] = []
    monkeypatch.setattr(board.desk, "resume_queue", lambda scopes, reason: resumed.append((scopes, reason)))
    put(board, b.State(view=view(stop("上杭支行"), stop(emergency=True))))
    button(board, "board.resume").click()
    asked = next(one for one in QApplication.topLevelWidgets() if one.objectName() == "reason" and one.isVisible())
    assert "上杭支行、全机构" in " ".join(one.text() for one in asked.findChildren(QLabel))
    button(asked, "reason.common1").click()
    button(asked, "reason.ok").click()
    assert resumed == [(["b1", None], "已可以正常接待")]


def test_the_seat_shows_who_comes_when_and_that_the_queue_stands_still(workspace: SeatWorkspace) -> None:
    booked = Appointment(
        appointment_id="a1", party_id="p1", case_id="k1", case_no="2026-00318", product_title="信用村授信贷款",
        party_label="借款人 王*国", starts_at=views.NOW, ends_at=views.NOW + timedelta(minutes=30),
        window="11月24日（周二）14:00—14:30",
    )  # fmt: skip
    door = QueueDoor(offers=False, message="午间休息，13:30 继续办理")
    show(workspace, w.State(view=views.view().model_copy(update={"appointments": [booked], "door": door})))
    assert text_of(workspace, "queue.booked") == "预约 1"
    assert "暂停振铃：午间休息" in text_of(workspace, "queue.door")
    keep(workspace, "seat-booked")
    show(workspace, w.State(view=views.view()))
    found = workspace.findChild(QLabel, "queue.door")
    assert isinstance(found, QLabel)
    assert not found.isVisible()

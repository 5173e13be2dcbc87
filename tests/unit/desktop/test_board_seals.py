"""The registry of seals in a real window: pictures, what may be done about a seal, and what is sent."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.board.sealcard import facts
from desktop.board.sealchange import AmendDialog, end_of
from desktop.board.seals import SealsDialog
from desktop.board.workspace import BoardWorkspace
from signing.domain.seals import LONGEST
from signing.wire.base import Tone
from signing.wire.seals import LONGEST_DAYS, AmendSeal, SealRegistry, SealUseView, SealView
from tests.unit.desktop import views
from tests.unit.desktop.test_board_figures import BUSY
from tests.unit.desktop.test_board_panels import button, put


def png() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (40, 40), "#C8102E").save(data, "PNG")
    return data.getvalue()


def seal_view(seal_id: str, state: str = "在用", **change: object) -> SealView:
    made = SealView(
        seal_id=seal_id, kind="contract", kind_title="合同专用章", text="龙岩示范农村商业银行", number="3508020000001",
        custodian="运营管理部", valid_from=views.NOW, valid_until=views.NOW + timedelta(days=365), documents=[],
        second_above="200000.00", state_title=state,
    )  # fmt: skip
    return made.model_copy(update=change)


def seal_use(seal_id: str, refused: str = "") -> SealUseView:
    return SealUseView(
        at=views.NOW, seal_id=seal_id, case_id="k1", case_no="PQ2026112700318", document_title="个人借款合同",
        by="张敏", approved_by="陈主管", sha256="" if refused else "a" * 64, refused=refused,
    )  # fmt: skip


ASIDE = seal_view("s2", "已暂停", suspended_at=views.NOW, suspended_by="陈主管", suspended_reason="印章送检")
GONE = seal_view(
    "s3", "已停用", retired_reason="印章遗失", documents=["a", "b"], document_titles=["借款合同", "保证合同"]
)
REGISTRY = SealRegistry(
    seals=[seal_view("s1"), ASIDE, GONE], uses=[seal_use("s1"), seal_use("", "金额超过 200,000.00 元")]
)


class Registrar:
    """Stands where the service is: what was asked and sent."""

    def __init__(self, board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.sent: list[tuple[str, str, object]] = []
        self.pictures: list[str] = []
        desk = board.desk
        monkeypatch.setattr(desk, "ask_registry", self._ask)
        monkeypatch.setattr(desk, "fetch_seal", self._fetch)
        for name in ("suspend_seal", "resume_seal", "amend_seal"):
            monkeypatch.setattr(desk, name, self._doing(name))

    def _ask(self, then: Callable[[SealRegistry], None], seal_id: str = "") -> None:
        self.asked.append(seal_id)
        uses = [one for one in REGISTRY.uses if seal_id in ("", one.seal_id)]
        then(REGISTRY.model_copy(update={"uses": uses}))

    def _fetch(self, seal_id: str, then: Callable[[bytes], None]) -> None:
        self.pictures.append(seal_id)
        then(png())

    def _doing(self, name: str) -> Callable[..., None]:
        def do(seal: SealView, what: object, then: Callable[[SealRegistry], None]) -> None:
            self.sent.append((name, seal.seal_id, what))
            then(REGISTRY)

        return do


@pytest.fixture
def registrar(board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch) -> Registrar:
    put(board, BUSY)
    return Registrar(board, monkeypatch)


def opened(board: BoardWorkspace) -> SealsDialog:
    QTest.keyClick(board, Qt.Key.Key_Y)
    dialog = board.window().findChild(SealsDialog, "seals")
    assert isinstance(dialog, SealsDialog)
    for _ in range(500):  # its keys are heard then
        if dialog.isActiveWindow():
            return dialog
        QTest.qWait(10)
    raise AssertionError("the registry never became the active window")


def choose(dialog: SealsDialog, seal_id: str) -> None:
    for place in range(dialog.seals.rows.count()):
        if dialog.seals.rows.item(place).data(Qt.ItemDataRole.UserRole) == seal_id:
            dialog.seals.rows.setCurrentRow(place)
            return
    raise AssertionError(seal_id)


def test_the_registry_shows_each_seal_with_its_picture_and_its_own_uses(
    board: BoardWorkspace, registrar: Registrar
) -> None:
    dialog = opened(board)
    assert dialog.chosen == "s1", "the first one is to be seen at once"
    assert dialog.card.picture.shown
    assert "印模：合同专用章" in dialog.card.picture.accessibleName()
    assert "超过 ¥200,000.00 须由未经办的主管复核" in dialog.card.facts.text()
    assert dialog.uses.rows.count() == 1
    assert "复核 陈主管" in dialog.uses.rows.item(0).text()
    choose(dialog, "s3")
    assert "可用于：借款合同、保证合同" in dialog.card.facts.text()
    assert "停用：印章遗失" in dialog.card.facts.text()
    assert dialog.uses.rows.count() == 0
    choose(dialog, "all")
    assert not dialog.card.picture.isVisible() or not dialog.card.picture.shown
    assert "拒绝用印" in dialog.uses.rows.item(1).text()
    assert registrar.asked == ["", "s1", "s3", ""], "the uses of each are asked for, not cut out of the newest"
    choose(dialog, "s1")
    assert registrar.pictures == ["s1", "s3"], "a picture is fetched once"
    dialog.close_button.click()


def test_the_picture_is_drawn_on_white_in_the_dark_too(board: BoardWorkspace, registrar: Registrar) -> None:
    dialog = opened(board)
    drawn = dialog.card.picture.grab().toImage()
    assert drawn.pixelColor(6, drawn.height() // 2) == QColor("#FFFFFF")
    dialog.close_button.click()


def test_what_may_be_done_follows_the_state_of_the_seal(board: BoardWorkspace, registrar: Registrar) -> None:
    dialog = opened(board)

    def shown() -> list[bool]:
        return [one.isVisible() and one.isEnabled() for one in (dialog.pause, dialog.resume, dialog.amend)]

    assert shown() == [True, False, True]
    choose(dialog, "s2")
    assert shown() == [False, True, True]
    assert "暂停：陈主管" in dialog.card.facts.text()
    choose(dialog, "s3")
    assert shown() == [False, False, False]
    choose(dialog, "all")
    assert shown() == [False, False, False]
    dialog.close_button.click()


@pytest.mark.parametrize(
    ("seal_id", "key", "sent"), [("s1", Qt.Key.Key_P, "suspend_seal"), ("s2", Qt.Key.Key_R, "resume_seal")]
)
def test_a_seal_is_put_aside_and_taken_up_by_key_with_a_reason(
    board: BoardWorkspace, registrar: Registrar, seal_id: str, key: Qt.Key, sent: str
) -> None:
    dialog = opened(board)
    choose(dialog, seal_id)
    QTest.keyClick(dialog, key)
    asking = dialog.findChild(QDialog, "reason")
    assert isinstance(asking, QDialog)
    text = asking.findChild(QPlainTextEdit)
    assert text is not None
    assert not button(asking, "reason.ok").isEnabled()
    text.setPlainText("正在核实")
    button(asking, "reason.ok").click()
    assert registrar.sent == [(sent, seal_id, "正在核实")]
    dialog.close_button.click()


def test_custody_and_end_are_changed_and_only_what_changed_is_sent(board: BoardWorkspace, registrar: Registrar) -> None:
    dialog = opened(board)
    QTest.keyClick(dialog, Qt.Key.Key_M)
    form = dialog.findChild(AmendDialog, "amend")
    assert isinstance(form, AmendDialog)
    faults = [form.fault.text()]
    form.custodian.setText(" ")
    faults.append(form.fault.text())
    form.custodian.setText("档案室")
    faults.append(form.fault.text())
    form.until.setText("2031-02-30")
    faults.append(form.fault.text())
    assert faults == ["", "请写明由谁保管", "请写明原因", "到期日请写成 2031-11-26 这样"]
    form.until.setText("9999-12-31")
    assert form.fault.text().startswith("到期日不能晚于 "), "told here, and the reason typed is not lost"
    assert timedelta(days=LONGEST_DAYS) == LONGEST, "as the service has it"
    assert not form.ok.isEnabled()
    form.until.setText("2031-11-26")
    form.reason.setPlainText("换人保管")
    assert form.fault.text() == ""
    form.ok.click()
    (sent,) = registrar.sent
    assert sent == (
        "amend_seal", "s1",
        AmendSeal(reason="换人保管", custodian="档案室", valid_until=datetime(2031, 11, 25, 16, tzinfo=UTC)),
    )  # fmt: skip
    dialog.close_button.click()


def test_a_refusal_is_said_over_the_register_and_not_behind_it(board: BoardWorkspace, registrar: Registrar) -> None:
    dialog = opened(board)
    board.desk.said.emit(Tone.STOP, "合同专用章已由李主管暂停使用。不需要再操作")
    assert dialog.toast.isVisibleTo(dialog)
    assert any("李主管" in one.text() for one in dialog.toast.findChildren(QLabel))
    dialog.close_button.click()


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (datetime(2031, 11, 25, 16, tzinfo=UTC), "至 2031-11-26（到期日当日起不能再用）"),
        (datetime(2031, 11, 26, 9, 5, 30, tzinfo=UTC), "至 2031-11-26 17:05（到这一时刻起不能再用）"),
    ],
)
def test_the_card_says_the_moment_from_which_a_seal_is_of_no_use(until: datetime, said: str) -> None:
    """The usual seal of an institution ends at the hour at which it was made, and is of use on that day until then."""
    line = next(one for one in facts(seal_view("s1", valid_until=until)) if one.startswith("有效期"))
    assert line.endswith(said)


def test_a_day_is_the_midnight_in_beijing_with_which_it_begins() -> None:
    assert end_of("2031-11-26") == datetime(2031, 11, 25, 16, tzinfo=UTC)
    assert [end_of(text) for text in ("", "20311126", "2031-W48-3", "2031-13-01", "明天")] == [None] * 5


def test_what_comes_after_the_window_was_closed_is_shown_to_nobody(
    board: BoardWorkspace, registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    later: list[Callable[[SealRegistry], None]] = []
    monkeypatch.setattr(board.desk, "ask_registry", lambda then, seal_id="": later.append(then))
    dialog = opened(board)
    dialog.close_button.click()
    QTest.qWait(50)
    for then in later:
        then(REGISTRY)


def test_what_another_supervisor_changes_is_shown_while_the_register_is_open(
    board: BoardWorkspace, registrar: Registrar, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(board)
    asked = len(registrar.asked)
    board.desk.changed.emit()
    assert len(registrar.asked) == asked, "a push about something else asks for nothing"
    aside = seal_view("s1", "已暂停", suspended_at=views.NOW, suspended_by="李主管", suspended_reason="印章送检")
    changed = REGISTRY.model_copy(update={"seals": [aside, ASIDE, GONE]})
    monkeypatch.setattr(board.desk, "ask_registry", lambda then, seal_id="": then(changed))
    assert BUSY.view is not None
    put(board, replace(BUSY, view=BUSY.view.model_copy(update={"seals_mark": "another"})))
    board.desk.changed.emit()
    assert "暂停：李主管" in dialog.card.facts.text()
    assert dialog.resume.isVisible()
    assert not dialog.pause.isVisible()
    dialog.close_button.click()


async def nothing(*_: Any, **__: Any) -> SealRegistry:
    return REGISTRY


def test_the_desk_sends_each_change_to_its_own_route(
    board: BoardWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sent: list[tuple[str, object]] = []

    async def post(path: str, body: object, kind: object, limit: object = None) -> SealRegistry:
        sent.append((path, body))
        return REGISTRY

    monkeypatch.setattr(board.desk.client, "post", post)
    board.desk._running = True
    came: list[SealRegistry] = []
    change = AmendSeal(reason="换人保管", custodian="档案室")
    board.desk.suspend_seal(REGISTRY.seals[0], "送检", came.append)
    board.desk.resume_seal(ASIDE, "检验完毕", came.append)
    board.desk.amend_seal(REGISTRY.seals[0], change, came.append)
    qtbot.waitUntil(lambda: len(came) == 3)
    assert [path for path, _ in sent] == ["/api/seals/s1/suspend", "/api/seals/s2/resume", "/api/seals/s1/amend"]
    assert sent[2][1] == change
    board.desk._running = False

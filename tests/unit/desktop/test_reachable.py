"""Whoever cannot see, or has no mouse: every widget that takes the focus has a name, and shows that it has it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.app import Options, build, translate
from desktop.audit.workspace import AuditWorkspace
from desktop.board.sealchange import AmendDialog
from desktop.board.seals import SealsDialog
from desktop.board.workspace import BoardWorkspace
from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model import board as b
from desktop.model import workspace as w
from desktop.seat.helper import HelperDialog
from desktop.seat.password import PasswordDialog
from desktop.seat.reason import ReasonDialog
from desktop.seat.transfer import TransferDialog
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets import theme
from desktop.widgets.document import DocumentDialog
from signing.wire.case import Phase, StepKey
from signing.wire.staff import Presence
from tests.unit.desktop import views
from tests.unit.desktop.test_board_seals import REGISTRY
from tests.unit.desktop.test_crowd import crowd
from tests.unit.desktop.test_seat_panels import PRIMARY_STATES, show, talking

STATES = [
    *(state for state, _ in PRIMARY_STATES),
    crowd(),
    replace(talking(StepKey.PROOF), proof_open=True),
    w.State(view=views.view(queue=[views.ticket()], unsealed=[views.awaiting()])),
    w.State(view=views.view(Presence.WRAP_UP, about=views.case(StepKey.SEALING, Phase.CLOSED))),
]


def nameless(root: QWidget) -> list[str]:
    """Those that Tab can come to and of which a screen reader would have nothing to say."""
    return [described(one) for one in reachable(root) if not spoken(one)]


def reachable(root: QWidget) -> Iterator[QWidget]:
    for one in (root, *root.findChildren(QWidget)):
        inner = isinstance(one.parentWidget(), QAbstractSpinBox | QComboBox)
        wanted = one.focusPolicy() & Qt.FocusPolicy.TabFocus
        if one.isVisibleTo(root) and wanted and not inner and not one.isWindow() and one is not root:
            yield one


def spoken(one: QWidget) -> str:
    """Its name, or the words that stand on it; an area that only scrolls is named by what is in it."""
    words = getattr(one, "text", None)
    said = words() if callable(words) and not isinstance(one, QLineEdit) else ""
    return one.accessibleName() or str(said)


def described(one: QWidget) -> str:
    return f"{type(one).__name__} {one.objectName()!r} in {type(one.parentWidget()).__name__}"


@pytest.mark.parametrize("number", range(len(STATES)))
def test_everything_the_agent_can_reach_has_a_name(workspace: SeatWorkspace, number: int) -> None:
    show(workspace, STATES[number])
    assert len(list(reachable(workspace))) > 3
    assert nameless(workspace) == []


def test_everything_on_the_board_has_a_name(board: BoardWorkspace) -> None:
    board.desk.state = b.State(view=views.board(waiting=[views.board_waiting()], referrals=[views.referral()]))
    board.display()
    assert nameless(board) == []


def test_everything_of_the_auditor_has_a_name(qtbot: QtBot, bridge: Bridge, client: Client, tmp_path: Path) -> None:
    made = AuditWorkspace(bridge, client, tmp_path)
    qtbot.addWidget(made)
    made._show(views.audit_case(views.event(1, 2.0)))
    for index in range(made.tabs.count()):
        made.tabs.setCurrentIndex(index)
        assert nameless(made) == []
    made.stop()


def test_the_register_of_seals_and_its_question_have_names(board: BoardWorkspace) -> None:
    board.desk.ask_registry = lambda then, seal_id="": then(REGISTRY)  # type: ignore[method-assign]
    board.desk.fetch_seal = lambda seal_id, then: None  # type: ignore[method-assign]
    dialog = SealsDialog(board.desk, board)
    dialog.show()
    question = AmendDialog(REGISTRY.seals[0], lambda change: None, dialog)
    question.show()
    assert len(list(reachable(dialog))) > 4
    assert nameless(dialog) == nameless(question) == []
    question.close()
    dialog.close()


def test_tab_goes_to_everything_of_the_auditor(qtbot: QtBot, bridge: Bridge, client: Client, tmp_path: Path) -> None:
    """Of a case with four parties, and of one in which nothing is lent."""
    made = AuditWorkspace(bridge, client, tmp_path)
    qtbot.addWidget(made)
    made.resize(1366, 700)
    made.show()
    qtbot.waitExposed(made)
    audit = views.audit_case(views.event(1, 2.0))
    four = [audit.case.parties[0].model_copy(update={"party_id": f"p{number}"}) for number in range(4)]
    bare = audit.case.model_copy(update={"amount": "", "recordings": [], "parties": four[:1]})
    for case in (audit.case.model_copy(update={"parties": four}), bare):
        made._show(audit.model_copy(update={"case": case}))
        made.sessions.search.setFocus()
        visited = list[QWidget]()
        for _ in range(40):
            focused = made.focusWidget()
            assert focused is not None
            visited.append(focused)
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        wanted = [one for one in reachable(made) if one.isEnabled() and one.focusProxy() is None]
        missed = [described(one) for one in wanted if one not in visited]
        assert missed == []
    made.stop()


def test_the_window_and_its_dialogs_have_names(qtbot: QtBot, tmp_path: Path) -> None:
    made = build(Options("http://127.0.0.1:9", data=tmp_path))
    made.show()
    try:
        assert nameless(made.window) == []
        for dialog in dialogs(made.window):
            dialog.show()
            assert nameless(dialog) == [], type(dialog).__name__
            dialog.close()
    finally:
        made.close()


def dialogs(window: QWidget) -> list[QDialog]:
    return [
        ReasonDialog("标题", "说明", ("甲", "乙"), "确认", lambda _: None, window),
        HelperDialog("借款人", None, lambda _: None, lambda: None, window),
        TransferDialog(lambda *_: None, window),
        PasswordDialog(lambda *_: None, window),
        DocumentDialog("合同", b"%PDF-1.4\n", window),
    ]


def test_the_focus_is_to_be_seen(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    """Every button, list and entry looks otherwise with the focus than without, in both appearances."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    for appearance in ("light", "dark"):
        theme.apply(app, appearance)
        show(workspace, crowd())
        qtbot.wait(50)
        workspace.activateWindow()
        for one in list(reachable(workspace)):
            if isinstance(one, QAbstractScrollArea) or not one.isEnabled():
                continue
            workspace.setFocus()
            before = one.grab().toImage()
            one.setFocus(Qt.FocusReason.TabFocusReason)
            if one.hasFocus():
                assert one.grab().toImage() != before, f"{appearance}: {described(one)}"
    theme.apply(app, "light")


def test_the_dialogs_that_are_qts_own_speak_chinese(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    loaded = translate(app)
    try:
        assert loaded, "Qt's own translation is part of what is installed"
        box = QMessageBox()
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Ok | buttons.Cancel | buttons.Yes | buttons.No | buttons.Close | buttons.Save)
        said = {one.text().partition("(")[0] for one in box.buttons()}
        assert said == {"确定", "取消", "是", "否", "关闭", "保存"}
        file = QFileDialog(None, "导出证据包")
        file.setOption(QFileDialog.Option.DontUseNativeDialog)
        own = file.findChildren(QDialogButtonBox)[0]
        assert all(not one.text().isascii() for one in own.buttons())
    finally:
        for translator in loaded:
            app.removeTranslator(translator)

"""A customer's helper on the seat's screen: named, told to step aside, in the way of the checked line only."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.model import helping
from desktop.model import workspace as w
from desktop.model.actions import Act, next_action
from desktop.seat.helper import HelperDialog
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets import theme
from media import ports
from signing.wire.case import StepKey
from signing.wire.helper import DeclareHelper, HelperView
from signing.wire.signal import Sdp
from tests.unit.desktop import views
from tests.unit.desktop.test_seat_panels import named, primaries, show, talking, text_of
from tests.unit.desktop.test_workspace import pushed

HELPER = HelperView(name_masked="王*田", relation="子女", declared_by="agent", aside=False)
AWAY = HELPER.model_copy(update={"aside": True})


def beside(helper: HelperView | None, *, alone: bool = True) -> w.State:
    """The first line is to be read, with ``helper`` at the customer's side."""
    state = talking(StepKey.DISCLOSURE, lines=[views.line(1).model_copy(update={"alone": alone})])
    assert state.view is not None
    assert state.view.case is not None
    parties = [one.model_copy(update={"helper": helper}) for one in state.view.case.parties]
    case = state.view.case.model_copy(update={"parties": parties})
    return w.State(view=state.view.model_copy(update={"case": case}), media=state.media)


@pytest.mark.parametrize(
    ("helper", "alone", "in_the_way"),
    [(None, True, False), (HELPER, True, True), (HELPER, False, False), (AWAY, True, False)],
)
def test_when_a_helper_is_in_the_way(helper: HelperView | None, alone: bool, in_the_way: bool) -> None:
    state = beside(helper, alone=alone)
    assert helping.in_the_way(state) is in_the_way
    assert next_action(state).act is (Act.ASIDE if in_the_way else Act.ANSWER)


def test_the_answers_wait_until_the_helper_has_stepped_aside(
    workspace: SeatWorkspace, qtbot: QtBot, tmp_path: Path
) -> None:
    workspace.setStyleSheet(theme.style_sheet(theme.tokens()))
    show(workspace, beside(HELPER))
    assert primaries(workspace) == ["script.aside"]
    assert not any(named(workspace, f"script.{name}").isEnabled() for name in ("yes", "no", "repeat", "nodded"))
    assert "离开画面" in text_of(workspace, "script.advice")
    qtbot.wait(50)
    workspace.grab().save(str(tmp_path / "helper.png"))
    show(workspace, beside(AWAY))
    assert primaries(workspace) == ["script.yes"]
    assert named(workspace, "script.aside").text().startswith("协助人回到画面")
    show(workspace, beside(None))
    assert not named(workspace, "script.aside").isVisible()
    assert named(workspace, "script.yes").isEnabled()


def test_the_key_confirms_and_takes_back(
    workspace: SeatWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[bool] = []
    monkeypatch.setattr(workspace.desk, "move_helper", moved.append)
    for helper in (HELPER, AWAY):
        show(workspace, beside(helper))
        qtbot.keyClick(workspace, Qt.Key.Key_B)  # type: ignore[no-untyped-call]
    assert moved == [True, False]


def test_the_tile_says_that_somebody_is_beside(workspace: SeatWorkspace) -> None:
    state = beside(HELPER)
    assert state.view is not None
    state, _ = w.reduce(w.State(), pushed(state.view))
    state, _ = w.reduce(state, w.Offered(Sdp(call_id="c1", kind="offer", sdp="v=0")))
    state, effects = w.reduce(state, w.Happened(ports.LocalAnswer("c1", "p1", "v=0", "", "a", "b")))
    posted = [one.command for one in effects if isinstance(one, w.Post)]
    tiles = [(command.text, command.mark) for command in posted if isinstance(command, ports.SetPartyLine)]
    assert tiles[-1] == ("步骤2", "协助人在场")
    assert [helping.mark(one) for one in (None, HELPER, AWAY)] == ["", "协助人在场", "协助人已回避"]


def test_the_dialog_says_what_is_missing_and_declares_once(qtbot: QtBot, workspace: SeatWorkspace) -> None:
    said: list[DeclareHelper] = []
    gone: list[bool] = []
    dialog = HelperDialog("借款人 王*国", HELPER, said.append, lambda: gone.append(True), workspace)
    dialog.show()
    dialog.ok.click()
    assert "请填写" in dialog.banner.words.text()
    dialog.name.setText("李建强")
    dialog.relation.setText("村干部")
    dialog.number.setText("123")
    dialog.ok.click()
    assert "18 位" in dialog.banner.words.text()
    dialog.number.setText("")
    dialog.phone.setText("139")
    dialog.ok.click()
    assert "11 位" in dialog.banner.words.text()
    dialog.phone.setText("13900139000")
    dialog.ok.click()
    (helper,) = said
    assert (helper.name, helper.relation, helper.phone) == ("李建强", "村干部", "13900139000")
    other = HelperDialog("借款人 王*国", HELPER, said.append, lambda: gone.append(True), workspace)
    other.gone.click()
    assert gone == [True]
    assert isinstance(other.name, QLineEdit)

"""The panels of the agent's desk: what they show of a state, and which key presses what."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop.model import workspace as w
from desktop.model.quality import ADVICE
from desktop.seat.identity import advice, ordered
from desktop.seat.images import Frame
from desktop.seat.progress import ProgressPanel
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets import theme
from desktop.widgets.parts import Badge, KeyButton
from desktop.widgets.video import fitted, to_image
from media import ports
from media.core.quality import Cause
from signing.wire.base import Tone
from signing.wire.case import Answer, NationalIdCheck, Phase, ProofItem, StepKey
from signing.wire.staff import Presence
from tests.unit.desktop import views

READ_BACK = ports.RecordingChecked("c1", Path("r.mp4"), 10, 10.0, 0, ())
CONNECTED = w.Media(
    call_id="c1",
    lines={"p1": w.Line(peer="connected")},
    recording=w.Recording.RUNNING,
    written=10,
    checked=READ_BACK,
)


def show(workspace: SeatWorkspace, state: w.State) -> None:
    workspace.desk.state = state
    workspace.display()


def talking(step: StepKey, **of_case: object) -> w.State:
    about = views.case(step, **of_case)  # type: ignore[arg-type]
    return w.State(view=views.view(Presence.ON_CALL, talk=views.call(), about=about), media=CONNECTED)


def named(workspace: SeatWorkspace, name: str) -> QPushButton:
    found = workspace.findChild(QPushButton, name)
    assert isinstance(found, QPushButton), name
    return found


def text_of(workspace: SeatWorkspace, name: str) -> str:
    found = workspace.findChild(QLabel, name)
    assert isinstance(found, QLabel), name
    return found.text()


def primaries(workspace: SeatWorkspace) -> list[str]:
    buttons = [*workspace.findChildren(KeyButton), workspace.presence.available]
    return sorted({b.objectName() for b in buttons if b.isVisible() and b.property("primary")})


PRIMARY_STATES = [
    (w.State(view=views.view(Presence.RINGING, ring=views.offer())), ["offer.accept"]),
    (talking(StepKey.IDENTITY, seen=views.identity(front=True, back=True)), ["call.snapshot"]),
    (talking(StepKey.IDENTITY, seen=views.identity(front=True, back=True, face=True)), ["identity.accept"]),
    (talking(StepKey.DISCLOSURE, lines=[views.line(1, expected=Answer.NO)]), ["script.no"]),
    (talking(StepKey.PROOF), ["call.proof"]),
    (
        replace(talking(StepKey.PROOF, proof=[ProofItem(key="k", title="项", ok=True)]), proof_open=True),
        ["call.hangup"],
    ),
    (w.State(view=views.view(Presence.WRAP_UP, about=views.case(StepKey.SEALING, Phase.SIGNED))), ["case.seal"]),
    (
        w.State(view=views.view(Presence.WRAP_UP, about=views.case(StepKey.SEALING, Phase.CLOSED))),
        ["wrapup.finish"],
    ),
]


@pytest.mark.parametrize(("state", "names"), PRIMARY_STATES, ids=[names[0] for _, names in PRIMARY_STATES])
def test_one_button_is_primary(workspace: SeatWorkspace, state: w.State, names: list[str]) -> None:
    show(workspace, state)
    assert primaries(workspace) == names


@pytest.mark.parametrize(
    ("key", "name", "state"),
    [
        (Qt.Key.Key_Return, "offer.accept", PRIMARY_STATES[0][0]),
        (Qt.Key.Key_Escape, "offer.reject", PRIMARY_STATES[0][0]),
        (Qt.Key.Key_S, "call.snapshot", PRIMARY_STATES[1][0]),
        (Qt.Key.Key_P, "identity.accept", PRIMARY_STATES[2][0]),
        (Qt.Key.Key_1, "script.yes", PRIMARY_STATES[3][0]),
        (Qt.Key.Key_4, "script.nodded", PRIMARY_STATES[3][0]),
        (Qt.Key.Key_M, "call.mute", PRIMARY_STATES[3][0]),
        (Qt.Key.Key_Return, "call.proof", PRIMARY_STATES[4][0]),
        (Qt.Key.Key_Return, "case.seal", PRIMARY_STATES[6][0]),
        (Qt.Key.Key_Return, "wrapup.finish", PRIMARY_STATES[7][0]),
    ],
)
def test_each_printed_key_presses_its_button(
    workspace: SeatWorkspace, qtbot: QtBot, key: Qt.Key, name: str, state: w.State
) -> None:
    show(workspace, state)
    with qtbot.waitSignal(named(workspace, name).clicked, timeout=1000):
        qtbot.keyClick(workspace, key)  # type: ignore[no-untyped-call]


def test_enter_hangs_up_once_the_list_was_there_to_be_seen(
    workspace: SeatWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window opened again shows the complete list by itself, and whoever logged in may press Enter once more."""
    said: list[str] = []
    monkeypatch.setattr(workspace.desk, "hang_up", lambda reason="": said.append(reason))
    show(workspace, PRIMARY_STATES[5][0])
    qtbot.keyClick(workspace, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert said == []
    qtbot.waitUntil(lambda: workspace.proof.seen)
    qtbot.keyClick(workspace, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert said == [""]
    show(workspace, PRIMARY_STATES[4][0])
    assert not workspace.proof.seen, "hidden: the next time begins anew"


def test_a_key_does_nothing_where_its_button_is_not_to_be_seen(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, talking(StepKey.DISCLOSURE))
    pressed: list[bool] = []
    named(workspace, "identity.accept").clicked.connect(pressed.append)
    qtbot.keyClick(workspace, Qt.Key.Key_P)  # type: ignore[no-untyped-call]
    assert pressed == []


def test_every_button_has_a_name_for_those_who_cannot_see_it(workspace: SeatWorkspace) -> None:
    for state, _ in PRIMARY_STATES:
        show(workspace, state)
        for button in workspace.findChildren(KeyButton):
            assert button.accessibleName(), button.objectName()


def test_the_picture_stays_where_it_is_from_step_to_step(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    places = set()
    for state, _ in PRIMARY_STATES[1:6]:
        show(workspace, state)
        qtbot.wait(10)
        places.add(workspace.stage.video.geometry().getRect())
    assert len(places) == 1


def test_a_locked_seal_says_why(workspace: SeatWorkspace) -> None:
    about = views.case(StepKey.SEALING, Phase.SIGNED, blocked=["录像尚未送达"])
    show(workspace, w.State(view=views.view(Presence.WRAP_UP, about=about)))
    seal = named(workspace, "case.seal")
    assert seal.isVisible()
    assert not seal.isEnabled()
    shown = [label.text() for label in workspace.closing.findChildren(QLabel) if label.isVisible()]
    assert any("录像尚未送达" in text for text in shown)


def test_a_call_whose_case_cannot_be_opened_can_only_be_hung_up(
    workspace: SeatWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(workspace.desk, "hang_up", lambda reason="": said.append(reason))
    missing = ProofItem(key="k", title="项", ok=False)
    show(workspace, replace(talking(StepKey.PROOF, proof=[missing]), proof_open=True))
    unread = w.State(view=views.view(Presence.ON_CALL, talk=views.call()), media=CONNECTED)
    show(workspace, unread)
    assert workspace.panels.currentWidget() is workspace.proof
    badge = workspace.findChild(Badge, "proof.badge")
    assert badge is not None
    assert badge.text == "业务打不开，无法核对"
    assert not [label for label in workspace.proof.findChildren(QLabel) if label.isVisible() and label.text() == "项"]
    assert "打不开" in workspace.bar.sentence.text()
    for name in ("proof.back", "call.proof", "call.snapshot", "call.transfer"):
        assert not named(workspace, name).isVisible(), name
    assert (named(workspace, "call.hangup").text(), primaries(workspace)) == ("挂断", ["call.hangup"])
    show(workspace, replace(unread, busy="hangup"))
    assert not named(workspace, "call.hangup").isEnabled()
    show(workspace, unread)
    qtbot.waitUntil(lambda: workspace.proof.seen)
    qtbot.keyClick(workspace, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert said == [""], "at once: there is nothing that a reason could be about"


def test_hanging_up_without_a_whole_proof_asks_for_a_reason(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    missing = ProofItem(key="k", title="人脸快照", ok=False, remedy="按 S 再拍一张")
    show(workspace, replace(talking(StepKey.PROOF, proof=[missing]), proof_open=True))
    badge = workspace.findChild(Badge, "proof.badge")
    assert badge is not None
    assert badge.text == "缺 1 项"
    named(workspace, "call.hangup").click()
    ok = workspace.window().findChild(QPushButton, "reason.ok")
    words = workspace.window().findChild(QPlainTextEdit, "reason.text")
    assert ok is not None
    assert words is not None
    assert not ok.isEnabled()
    words.setPlainText("客户要求改天再办")
    assert ok.isEnabled()
    dialog = workspace.window().findChild(QWidget, "reason")
    assert dialog is not None
    dialog.close()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_presses_the_button_that_has_the_focus(workspace: SeatWorkspace, qtbot: QtBot, key: Qt.Key) -> None:
    missing = ProofItem(key="k", title="人脸快照", ok=False, remedy="按 S 再拍一张")
    show(workspace, replace(talking(StepKey.PROOF, proof=[missing]), proof_open=True))
    back, hangup = named(workspace, "proof.back"), named(workspace, "call.hangup")
    hangup.click()
    dialog = workspace.window().findChild(QDialog, "reason")
    assert dialog is not None
    dialog.reject()
    qtbot.waitUntil(lambda: workspace.window().findChild(QDialog, "reason") is None)
    pressed: list[str] = []
    back.clicked.connect(lambda: pressed.append("back"))
    hangup.clicked.connect(lambda: pressed.append("hangup"))
    workspace.activateWindow()
    for button in (back, hangup):
        button.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(button, key)  # type: ignore[no-untyped-call]
    assert pressed == ["back", "hangup"]
    again = workspace.window().findChild(QDialog, "reason")
    assert again is not None
    again.close()


def test_a_click_leaves_enter_to_the_next_action(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, talking(StepKey.PROOF))
    workspace.setFocus()
    qtbot.mouseClick(workspace.bar.mute, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    assert not workspace.bar.mute.hasFocus()


def test_a_ring_that_runs_out_is_told(workspace: SeatWorkspace) -> None:
    said: list[str] = []
    workspace.desk.said.connect(lambda _, text: said.append(text))
    later = views.NOW + timedelta(seconds=20)
    for reason in ("来电未接", "拒接来电"):
        show(workspace, w.State(view=views.view(Presence.RINGING, ring=views.offer())))
        away = views.view(Presence.AWAY, at=later).model_copy(update={"presence_reason": reason})
        for _ in range(2):
            show(workspace, w.State(view=away))
        assert ("来电未接" in workspace.presence.badge.text) is (reason == "来电未接")
    assert said == ["20 秒没有接听，已设为暂离。按 F2 继续接待"]


def test_many_reasons_against_the_seal_are_scrolled_not_squeezed(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    blocked = [f"第 {number} 份文书的阅读与签名留痕还没有齐全，请先补办" * 3 for number in range(1, 9)]
    about = views.case(StepKey.SEALING, Phase.SIGNED, blocked=blocked)
    show(workspace, w.State(view=views.view(Presence.WRAP_UP, about=about)))
    area = workspace.closing.findChild(QScrollArea, "closing.scroll")
    assert area is not None
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    words = next(label for label in area.findChildren(QLabel) if label.text().startswith("暂不能用印"))
    qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()))


@pytest.mark.parametrize("width", [1280, 1366, 1920])
def test_the_badges_over_the_picture_are_whole_with_the_papers_open(
    workspace: SeatWorkspace, qtbot: QtBot, width: int
) -> None:
    """1280 points are what is left of a screen of 1920 at 150 %."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    workspace.resize(width, 660)
    show(workspace, talking(StepKey.READING))
    workspace.paper.open_paper()
    workspace.display()
    assert workspace.paper.isVisible()
    badges = [workspace.findChild(Badge, name) for name in ("stage.recording", "stage.line")]
    for badge in badges:
        assert badge is not None
        assert badge.text
        qtbot.waitUntil(lambda one=badge: one.width() >= one.sizeHint().width())  # type: ignore[misc]


def test_the_ring_counts_down(workspace: SeatWorkspace) -> None:
    workspace.offer.display(w.State(view=views.view(ring=views.offer())), views.NOW)
    assert text_of(workspace, "offer.countdown").startswith("20 秒")
    workspace.offer.tick(views.NOW + timedelta(seconds=15))
    assert text_of(workspace, "offer.countdown").startswith("5 秒")


def test_the_teleprompter_asks_again_after_a_wrong_answer(workspace: SeatWorkspace) -> None:
    show(workspace, talking(StepKey.DISCLOSURE, lines=[views.line(1, Answer.YES), views.line(2, Answer.NO)]))
    assert text_of(workspace, "script.line") == "第2条要读的话"
    assert text_of(workspace, "script.progress") == "告知话术 2/2"
    assert "不一致" in text_of(workspace, "script.advice")


def test_a_paper_that_nobody_has_opened_is_said_to_be_so(qtbot: QtBot) -> None:
    panel = ProgressPanel()
    qtbot.addWidget(panel)
    for read, words in ((0, "还没有打开"), (2, "已读 2/4 页"), (4, "已读 4 页 · 等待签名")):
        about = views.case(StepKey.READING).model_copy(update={"documents": [views.document(read)]})
        panel.display(w.State(view=views.view(Presence.ON_CALL, talk=views.call(), about=about), media=CONNECTED))
        assert words in [one.text() for one in panel.findChildren(QLabel)]


def test_what_needs_a_look_comes_first_and_what_was_not_read_is_said() -> None:
    seen = views.identity(front=True, back=True, face=True, name_matches=None)
    lines = ordered(list(advice(seen)))
    assert lines[0] == (Tone.CAUTION, "姓名没有读清\uff0c请人工核对")
    assert lines[-1][0] is Tone.GOOD
    assert sum(tone is Tone.GOOD for tone, _ in lines) == 1


def test_a_stand_ins_answer_is_never_green() -> None:
    seen = views.identity().model_copy(
        update={"national_id": NationalIdCheck(matches=True, message="一致", stand_in=True)}
    )
    ((tone, text),) = advice(seen)
    assert tone is Tone.CAUTION
    assert "演示替身" in text


def test_a_bad_line_is_told_in_bars_and_words_with_what_to_do(workspace: SeatWorkspace) -> None:
    line = w.Line(peer="connected", quality=views.quality(2, Cause.UPLINK_THIN))
    state = talking(StepKey.IDENTITY)
    show(workspace, replace(state, media=CONNECTED.with_line("p1", line)))
    assert text_of(workspace, "party.1.advice") == ADVICE[Cause.UPLINK_THIN].text
    badge = workspace.findChild(Badge, "stage.line")
    assert isinstance(badge, Badge)
    assert (badge.text, badge.toolTip()) == ("线路一般 · 上行弱", ADVICE[Cause.UPLINK_THIN].text)
    well = w.Line(peer="connected", quality=views.quality(4, Cause.FINE))
    show(workspace, replace(state, media=CONNECTED.with_line("p1", well)))
    assert not [one for one in workspace.findChildren(QLabel, "party.1.advice") if one.isVisible()]
    assert badge.text == "线路良好"


def test_a_picture_keeps_its_colours_and_shape() -> None:
    y = np.full((720, 1280), 81, np.uint8)
    u, v = np.full((360, 640), 90, np.uint8), np.full((360, 640), 240, np.uint8)
    size = fitted(1280, 720, QSize(700, 400))
    image = to_image(ports.Picture(y, u, v, 0), *size)
    assert (image.width(), image.height()) == size
    assert abs(size[0] / size[1] - 16 / 9) < 0.02
    red = image.pixelColor(10, 10)
    assert red.red() > 240
    assert red.green() < 15
    assert red.blue() < 15


def test_a_click_on_card_or_face_shows_both_large_and_escape_closes(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, talking(StepKey.IDENTITY))
    panel = workspace.identity
    card, face = QImage(900, 570, QImage.Format.Format_RGB32), QImage(640, 480, QImage.Format.Format_RGB32)
    panel.front.display(card, "")
    qtbot.mouseClick(panel.face.picture, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    assert workspace.window().findChild(QDialog, "images.large") is None, "nothing to enlarge yet"
    panel.face.display(face, "")
    qtbot.mouseClick(panel.front.picture, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    dialog = workspace.window().findChild(QDialog, "images.large")
    assert dialog is not None
    shown = [frame.picture.size() for frame in dialog.findChildren(Frame)]
    assert [size.height() for size in shown] == [shown[0].height()] * 2
    assert all(size.width() > 500 for size in shown)
    assert dialog.width() <= 1366
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_a_primary_buttons_icon_is_light_once_it_can_be_pressed(qtbot: QtBot) -> None:
    button = KeyButton("结束整理", icon="check", name="b")
    qtbot.addWidget(button)
    button.setEnabled(False)
    button.set_primary(True)
    button.setEnabled(True)
    image = button.icon().pixmap(20, 20).toImage()
    inks = {image.pixelColor(x, y).name() for x in range(20) for y in range(20) if image.pixelColor(x, y).alpha() > 250}
    assert inks == {theme.tokens().on_primary.lower()}


# --- signed, not sealed -------------------------------------------------------------------------------------------


@pytest.fixture
def posted(workspace: SeatWorkspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the commands that would have gone to the service."""
    paths: list[str] = []
    monkeypatch.setattr(workspace.desk, "_send", lambda what, path, *rest: paths.append(path))
    return paths


def wrapping_up(phase: Phase, blocked: list[str] | None = None) -> w.State:
    return w.State(view=views.view(Presence.WRAP_UP, about=views.case(StepKey.SEALING, phase, blocked=blocked)))


@pytest.mark.parametrize("blocked", [[], ["录像尚未送达"]])
def test_ending_the_wrap_up_before_the_seal_asks_first(
    workspace: SeatWorkspace, posted: list[str], blocked: list[str]
) -> None:
    show(workspace, wrapping_up(Phase.SIGNED, blocked))
    for answer in ("返回", "仍要结束"):
        named(workspace, "wrapup.finish").click()
        box = workspace.window().findChild(QMessageBox, "finish.ask")
        assert box is not None
        assert "待用印" in box.informativeText()
        assert box.defaultButton().text() == "返回"
        assert posted == []
        next(button for button in box.buttons() if button.text() == answer).click()
        box.setObjectName("")
    assert posted == ["/api/seat/wrapup/finish"]


def test_ending_the_wrap_up_of_a_closed_case_does_not_ask(workspace: SeatWorkspace, posted: list[str]) -> None:
    show(workspace, wrapping_up(Phase.CLOSED))
    named(workspace, "wrapup.finish").click()
    assert posted == ["/api/seat/wrapup/finish"]


def test_the_seal_is_primary_only_where_possible_and_stands_apart(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, wrapping_up(Phase.SIGNED, ["录像尚未送达"]))
    assert primaries(workspace) == []
    show(workspace, wrapping_up(Phase.SIGNED))
    qtbot.wait(10)
    assert primaries(workspace) == ["case.seal"]
    seal, finish = named(workspace, "case.seal"), named(workspace, "wrapup.finish")
    assert finish.geometry().left() - seal.geometry().right() > 30


def test_a_case_that_waits_for_its_seal_is_opened_by_a_click(
    workspace: SeatWorkspace, posted: list[str], qtbot: QtBot
) -> None:
    pending = workspace.findChild(QWidget, "pending.list")
    assert pending is not None
    show(workspace, w.State(view=views.view()))
    assert not pending.isVisible()
    show(workspace, w.State(view=views.view(unsealed=[views.awaiting(number) for number in range(3, 10)])))
    qtbot.wait(10)
    row = named(workspace, "pending.k9")
    assert row.height() > 2 * row.fontMetrics().height(), "seven rows are scrolled, not squeezed"
    waiting = [views.awaiting(1), views.awaiting(2)]
    show(workspace, w.State(view=views.view(Presence.AWAY, unsealed=waiting)))
    assert pending.isVisible()
    assert text_of(workspace, "pending.title") == "待用印 2"
    named(workspace, "pending.k2").click()
    assert posted == ["/api/seat/cases/k2/take"]
    talk = views.view(Presence.ON_CALL, talk=views.call(), about=views.case(), unsealed=waiting)
    show(workspace, w.State(view=talk))
    assert not named(workspace, "pending.k2").isEnabled()
    show(workspace, w.State(view=views.view()))
    assert not pending.isVisible()


def test_the_wrap_up_says_how_long_it_may_still_take(workspace: SeatWorkspace) -> None:
    about = views.case(StepKey.SEALING, Phase.SIGNED)
    view = views.view(Presence.WRAP_UP, about=about)
    now = view.presence_since + timedelta(seconds=30)
    for left, words, tone in ((570, "00:30 · 09:30 后自动结束", ""), (45, "00:30 · 00:45 后自动结束", "caution")):
        until = now + timedelta(seconds=left)
        show(workspace, w.State(view=view.model_copy(update={"wrap_up_until": until})))
        workspace.presence.tick(now)
        timer = workspace.presence.findChild(QLabel, "presence.timer")
        assert timer is not None
        assert (timer.text(), timer.property("tone") or "") == (words, tone)

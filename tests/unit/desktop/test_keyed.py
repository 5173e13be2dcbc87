"""What an agent does has a printed key; what has none is listed here, and is come to by Tab."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QMessageBox, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop.seat.images import Frame
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets.parts import KeyButton
from desktop.window import MainWindow
from signing.wire.case import PartyState, Phase, StepKey
from tests.unit.desktop import looking, screens, views
from tests.unit.desktop.test_seat_panels import show, talking, wrapping_up

KEYLESS = re.compile(
    r"case\.document\..+|pending\..+"  # rows of lists; the paper in the customer's hand has L
    r"|opening\.draft\..+\.out|invited\.\d+\.copy_text"
    r"|[a-z_]+\.\d+\.(out|find)|[a-z_]+\.add(\..+)?|"  # one beside each entry of a form
)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    with screens.running(tmp_path, monkeypatch) as made:
        yield made


@pytest.mark.parametrize("name", screens.SCREENS)
def test_every_button_has_a_printed_key_or_is_known_to_have_none(window: MainWindow, name: str) -> None:
    drawn = screens.SCREENS[name](window)
    buttons = [one for root in {window, drawn.window()} for one in root.findChildren(KeyButton)]
    keyless = [one.objectName() for one in buttons if one.isVisible() and not one.key]
    assert [one for one in keyless if not KEYLESS.fullmatch(one)] == []


def compared(workspace: SeatWorkspace) -> QDialog | None:
    found = [one for one in workspace.window().findChildren(QDialog, "images.large") if one.isVisible()]
    return found[0] if found else None


@pytest.fixture
def pictures(workspace: SeatWorkspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every picture is there at once; which were asked for."""
    asked: list[str] = []

    def of(_: str, sha256: str) -> QImage:
        asked.append(sha256)
        return QImage(640, 480, QImage.Format.Format_RGB32)

    monkeypatch.setattr(workspace.images, "of", of)
    return asked


def gone(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not workspace.window().findChildren(QDialog, "images.large"))


def captions(dialog: QDialog) -> list[str]:
    return [content[0][:6] for frame in dialog.findChildren(Frame) if (content := frame.content) is not None]


def test_a_key_shows_front_back_and_face_large_and_only_then_asks_for_the_back(
    workspace: SeatWorkspace, qtbot: QtBot, pictures: list[str]
) -> None:
    seen = views.identity(front=True, back=True, face=True)
    assert seen.back is not None
    show(workspace, talking(StepKey.IDENTITY, seen=seen))
    workspace.images.loaded.emit()
    assert seen.back.image_sha256 not in pictures, "to look is on record"
    qtbot.keyClick(workspace, Qt.Key.Key_C)  # type: ignore[no-untyped-call]
    dialog = compared(workspace)
    assert dialog is not None
    assert captions(dialog) == ["身份证人像面", "身份证国徽面", "现场快照 1"]
    assert seen.back.image_sha256 in pictures
    assert dialog.width() <= 1366
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    gone(workspace, qtbot)


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_a_picture_with_the_focus_is_opened_by_a_key_too(workspace: SeatWorkspace, qtbot: QtBot, key: Qt.Key) -> None:
    show(workspace, talking(StepKey.IDENTITY, seen=views.identity(front=True, face=True)))
    picture = workspace.identity.front.picture
    assert picture.focusPolicy() & Qt.FocusPolicy.TabFocus
    picture.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(picture, key)  # type: ignore[no-untyped-call]
    dialog = compared(workspace)
    assert dialog is not None
    dialog.close()
    gone(workspace, qtbot)


@pytest.mark.parametrize("blocked", [[], ["录像尚未送达"]])
def test_the_wrap_up_is_ended_by_a_key_of_its_own_and_still_asks(
    workspace: SeatWorkspace, qtbot: QtBot, blocked: list[str]
) -> None:
    show(workspace, wrapping_up(Phase.SIGNED, blocked))
    assert workspace.bar.finish.key == "Ctrl+F2"
    qtbot.keyClick(workspace, Qt.Key.Key_F2, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    box = workspace.window().findChild(QMessageBox, "finish.ask")
    assert box is not None
    box.close()


def test_with_four_parties_the_steps_are_seen_without_scrolling(workspace: SeatWorkspace) -> None:
    others = [views.party(f"p{number}", PartyState.IDENTIFIED) for number in range(2, 5)]
    workspace.resize(1366, 640)
    show(workspace, talking(StepKey.DISCLOSURE, others=others))
    looking.settle(workspace)
    line = workspace.case.step_line
    area = next(one for one in workspace.case.findChildren(QScrollArea) if one.isAncestorOf(line))
    assert line.isVisible()
    assert line.mapTo(area, QPoint(0, line.height())).y() < area.height() / 2
    marks = [one.accessibleName() for one in line.findChildren(QWidget) if one.accessibleName()]
    assert [mark.rpartition("，")[2] for mark in marks][:3] == ["已完成", "进行中", "未开放"]
    show(workspace, talking(StepKey.DISCLOSURE))
    assert not line.isVisible(), "with one party the steps themselves are seen"

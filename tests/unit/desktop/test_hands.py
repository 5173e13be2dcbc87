"""What the demonstration's hands see of a window that was changed in this very moment."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop.demo import hands

LINES, HIGH = 12, 30


@pytest.fixture
def window(qtbot: QtBot) -> QScrollArea:
    area, inside = QScrollArea(), QWidget()
    QVBoxLayout(inside)
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.resize(200, 120)
    area.setWindowTitle("window")
    qtbot.addWidget(area)
    area.show()
    qtbot.waitExposed(area)
    hands.settle()
    return area


def add_lines(area: QScrollArea) -> list[QLabel]:
    lines = [QLabel(f"第 {number} 行") for number in range(LINES)]
    layout = area.widget().layout()
    assert layout is not None
    for line in lines:
        line.setFixedHeight(HIGH)
        layout.addWidget(line)
    return lines


def test_what_was_just_added_is_shown_in_its_full_height(window: QScrollArea) -> None:
    lines = add_lines(window)
    assert not lines[-1].isVisible(), "Qt shows it by a call that waits"
    hands.settle()
    assert all(line.isVisible() for line in lines)
    assert window.widget().height() >= LINES * HIGH
    assert all(line.y() >= number * HIGH for number, line in enumerate(lines))


def test_a_shot_is_taken_of_a_settled_window(
    window: QScrollArea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change comes with the last moment of waiting, as an answer of the service does."""
    monkeypatch.setattr(hands, "wait", lambda _: add_lines(window) and None)
    monkeypatch.setattr(QApplication, "topLevelWidgets", lambda: [window])  # other tests' windows may still be closing
    hands.Hands(tmp_path).shot("now")
    monkeypatch.undo()
    assert (tmp_path / "window-01-now.png").exists()
    before = window.widget().height(), window.verticalScrollBar().maximum()
    assert before[0] >= LINES * HIGH, "it was laid out when it was taken"
    QApplication.processEvents()
    assert (window.widget().height(), window.verticalScrollBar().maximum()) == before, "nothing was left to be done"


def test_a_press_that_came_to_nothing_is_tried_once_more(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    button, pressed = QPushButton("请入通话"), list[int]()
    button.setObjectName("party.admit")
    button.clicked.connect(lambda: pressed.append(1))
    qtbot.addWidget(button)
    button.show()
    monkeypatch.setattr(hands, "AGAIN", 0.2)
    hands.Hands(tmp_path, patience=20).press_until("party.admit", lambda: len(pressed) > 1, "首帧画面")
    assert len(pressed) == 2
    monkeypatch.setattr(hands, "AGAIN", 30.0)
    hands.Hands(tmp_path, patience=20).press_until("party.admit", lambda: len(pressed) > 2, "首帧画面")
    assert len(pressed) == 3, "and not where it was done at once"

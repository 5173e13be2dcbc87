"""The small windows that ask one thing: which answer the keys choose, and what becomes of each."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from desktop.widgets.asking import ask_where, question, warn_first


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def asked(parent: QWidget, done: list[str]) -> QMessageBox:
    box = question(parent, "ask.this", "删除草稿", "删除后不能恢复。")
    warn_first(box, "删除", lambda: done.append("gone"), "留着")
    return box


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_the_keys_leave_everything_as_it_is(parent: QWidget, qtbot: QtBot, key: Qt.Key) -> None:
    done: list[str] = []
    box = asked(parent, done)
    assert (box.objectName(), box.text(), box.informativeText()) == ("ask.this", "删除草稿", "删除后不能恢复。")
    with qtbot.waitSignal(box.destroyed):
        qtbot.keyClick(box, key)  # type: ignore[no-untyped-call]
    assert done == []


def test_only_the_button_itself_does_it(parent: QWidget, qtbot: QtBot) -> None:
    done: list[str] = []
    box = asked(parent, done)
    go = next(button for button in box.buttons() if button.text() == "删除")
    with qtbot.waitSignal(box.destroyed):
        go.click()
    assert done == ["gone"]


def test_a_file_is_asked_for_by_its_name_and_kind(parent: QWidget, tmp_path: Path) -> None:
    saved: list[Path] = []
    dialog = ask_where(parent, "save.this", "导出证据包", "证据包", Path("PQ1.asice"), saved.append)
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert dialog.nameFilters() == ["证据包 (*.asice)"]
    assert dialog.defaultSuffix() == "asice"
    assert [Path(name).name for name in dialog.selectedFiles()] == ["PQ1.asice"]
    dialog.fileSelected.emit(str(tmp_path / "other.asice"))
    dialog.close()
    assert saved == [tmp_path / "other.asice"]

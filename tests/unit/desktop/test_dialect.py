"""The dialect's words under the line that is read: chosen once, kept on the seat, never in the line's place."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from desktop.model import script
from desktop.seat.dialect import DialectStore
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets import theme
from signing.wire.case import DialectReference, ScriptLineView, StepKey
from tests.unit.desktop import views
from tests.unit.desktop.test_seat_panels import named, show, talking, text_of

SOUTH = DialectReference(dialect="闽南话", text="即笔一年百分之3.85，汝听有无？")
HAKKA = DialectReference(dialect="客家话", text="这笔一年百分之3.85，你听得明白冇？")


def line(*references: DialectReference, number: int = 1) -> ScriptLineView:
    return views.line(number).model_copy(update={"references": list(references)})


def seen(workspace: SeatWorkspace) -> str:
    found = workspace.script._reference
    return found.text() if found.isVisible() else ""


def test_the_words_are_marked_as_what_they_are() -> None:
    assert script.reference(line(SOUTH), "闽南话") == f"参考（闽南话）：{SOUTH.text}"
    assert script.reference(line(SOUTH), "客家话") == ""
    assert script.dialects([line(SOUTH, HAKKA), line(), line(HAKKA)]) == ["闽南话", "客家话"]


def test_one_key_goes_round_and_the_line_stays(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    show(workspace, talking(StepKey.DISCLOSURE, lines=[line(SOUTH, HAKKA)]))
    shown = []
    for _ in range(4):
        shown.append((named(workspace, "script.dialect").text(), seen(workspace)))
        qtbot.keyClick(workspace, Qt.Key.Key_J)  # type: ignore[no-untyped-call]
    assert shown == [
        ("方言参考", ""),
        ("方言：闽南话", f"参考（闽南话）：{SOUTH.text}"),
        ("方言：客家话", f"参考（客家话）：{HAKKA.text}"),
        ("方言参考", ""),
    ]
    assert text_of(workspace, "script.line") == "第1条要读的话"


def test_the_words_are_smaller_than_the_line_and_beneath_it(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    workspace.script._dialect.choose("闽南话")
    show(workspace, talking(StepKey.DISCLOSURE, lines=[line(SOUTH)]))
    qtbot.waitUntil(lambda: workspace.script._reference.y() >= workspace.script._line.geometry().bottom())
    read, beside = workspace.script._line.fontInfo(), workspace.script._reference.fontInfo()
    assert beside.pixelSize() < read.pixelSize()


def test_a_line_of_three_rows_and_its_words_are_seen_whole(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    long = line(SOUTH.model_copy(update={"text": "即笔一年百分之3.85。" * 6}))
    show(workspace, talking(StepKey.DISCLOSURE, lines=[long.model_copy(update={"text": "要读的话。" * 20})]))
    stage = workspace.stage.height()
    qtbot.keyClick(workspace, Qt.Key.Key_J)  # type: ignore[no-untyped-call]
    area = workspace.script.findChild(QScrollArea)
    assert area is not None
    qtbot.waitUntil(lambda: workspace.stage.height() < stage)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0)


def test_nothing_is_offered_where_the_script_says_nothing(workspace: SeatWorkspace) -> None:
    show(workspace, talking(StepKey.DISCLOSURE, lines=[views.line(1)]))
    assert not named(workspace, "script.dialect").isVisible()
    assert seen(workspace) == ""


def test_a_line_without_words_of_its_own_shows_none(workspace: SeatWorkspace) -> None:
    workspace.script._dialect.choose("客家话")
    show(workspace, talking(StepKey.DISCLOSURE, lines=[line(number=1), line(HAKKA, number=2)]))
    assert named(workspace, "script.dialect").text() == "方言：客家话"
    assert seen(workspace) == ""


def test_a_long_line_with_its_words_is_scrolled_and_not_cut_off(workspace: SeatWorkspace, qtbot: QtBot) -> None:
    workspace.script._dialect.choose("闽南话")
    long = line(SOUTH.model_copy(update={"text": SOUTH.text * 12})).model_copy(update={"text": "要读的话很长。" * 40})
    show(workspace, talking(StepKey.DISCLOSURE, lines=[long]))
    area = workspace.script.findChild(QScrollArea)
    assert area is not None
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    for words in (workspace.script._line, workspace.script._reference):
        assert words.height() >= words.heightForWidth(words.width())
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
    show(workspace, talking(StepKey.DISCLOSURE, lines=[replace_text(long)]))
    qtbot.waitUntil(lambda: area.verticalScrollBar().value() == 0)


def replace_text(one: ScriptLineView) -> ScriptLineView:
    return one.model_copy(update={"number": one.number + 1, "text": one.text + "下一条"})


def test_the_choice_outlives_the_window(tmp_path: Path) -> None:
    path = tmp_path / "seat" / "dialect.json"
    DialectStore(path).choose("客家话")
    assert DialectStore(path).chosen == "客家话"
    DialectStore(path).choose("")
    assert DialectStore(path).chosen == ""


@pytest.mark.parametrize("spoilt", ["", "[]", "{}", "nothing"])
def test_a_spoilt_choice_is_no_choice(tmp_path: Path, spoilt: str) -> None:
    path = tmp_path / "dialect.json"
    path.write_text(spoilt, encoding="utf-8")
    assert DialectStore(path).chosen == ""


def test_where_it_cannot_be_kept_it_holds_for_this_window(tmp_path: Path) -> None:
    path = tmp_path / "file" / "dialect.json"
    path.parent.write_text("in the way")
    store = DialectStore(path)
    store.choose("闽南话")
    assert store.chosen == "闽南话"
    assert stat.S_ISREG(path.parent.stat().st_mode)


def test_the_mark_survives_a_new_state(workspace: SeatWorkspace) -> None:
    workspace.script._dialect.choose("闽南话")
    state = talking(StepKey.DISCLOSURE, lines=[line(SOUTH)])
    for now in (state, replace(state, busy="disclosure"), state):
        show(workspace, now)
        assert seen(workspace).startswith("参考（闽南话）")

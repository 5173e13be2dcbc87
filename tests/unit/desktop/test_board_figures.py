"""The board's large numbers, its curve, the seats' grid and the page of figures, in a real window."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QTableWidget, QWidget
from pytestqt.qtbot import QtBot

from desktop.board import rows
from desktop.board.panels import groups
from desktop.board.workspace import BoardWorkspace
from desktop.model import board as b
from desktop.model import figures as m
from desktop.widgets import theme
from desktop.widgets.parts import KeyButton
from tests.unit.desktop import busyday
from tests.unit.desktop.test_board_panels import put

BUSY = b.State(view=busyday.view(), figures=busyday.figures())


def text_of(board: BoardWorkspace, name: str) -> str:
    found = board.findChild(QLabel, f"board.figure.{name}")
    assert isinstance(found, QLabel)
    return found.text()


def test_six_large_numbers_are_shown_and_spoken_whole(board: BoardWorkspace) -> None:
    put(board, BUSY)
    assert [text_of(board, name) for name in ("cases", "served", "amount", "talk", "waiting", "level")] == [
        "52", "101", "954.20", "06:52", "4", "82%",
    ]  # fmt: skip
    assert text_of(board, "cases.below") == "昨日此时 47，多 5"
    spoken = board.figures.labels()[0].accessibleName()
    assert "52笔已用印，昨日此时 47" in spoken


def test_before_the_figures_have_come_nothing_is_claimed(board: BoardWorkspace) -> None:
    put(board, b.State(view=busyday.view()))
    assert text_of(board, "cases") == m.NOTHING
    assert text_of(board, "waiting") == "4"
    assert board.curve.told() == "正在读取…"


def test_seats_stand_by_branch_and_those_on_duty_first(board: BoardWorkspace) -> None:
    put(board, BUSY)
    grid = board.seats.rows
    keys = [str(grid.item(place).data(Qt.ItemDataRole.UserRole)) for place in range(grid.count())]
    assert [key for key in keys if key.startswith(rows.BRANCH)] == ["branch:b0", "branch:b1", "branch:b2", "branch:b3"]
    assert keys[keys.index("branch:b1") + 1 : keys.index("branch:b2")] == ["s7", "s8", "s9", "s10", "s6"]
    heads = [grid.item(place) for place, key in enumerate(keys) if key.startswith(rows.BRANCH)]
    assert all(not head.flags() & Qt.ItemFlag.ItemIsSelectable for head in heads)
    assert heads[0].text().startswith("上杭支行")
    assert "01号席" in grid.item(1).toolTip()


def test_several_seats_stand_side_by_side_and_none_is_cut(board: BoardWorkspace) -> None:
    put(board, BUSY)
    grid = board.seats.rows
    first, second = (grid.visualItemRect(grid.item(place)) for place in (1, 2))
    assert first.top() == second.top()
    assert first.left() < second.left()
    lines = grid.item(1).text().split("\n")
    assert len(lines) == 2
    assert first.height() >= 2 * grid.fontMetrics().lineSpacing()
    assert max(map(grid.fontMetrics().horizontalAdvance, lines)) + 16 + 20 <= first.width()


def test_a_seat_is_chosen_by_key(board: BoardWorkspace) -> None:
    put(board, BUSY)
    chosen: list[str] = []
    board.seats.chosen.connect(chosen.append)
    board.seats.rows.setFocus()
    board.seats.rows.setCurrentRow(1)
    QTest.keyClick(board.seats.rows, Qt.Key.Key_Right)
    assert chosen == ["s1", "s2"]


# --- the curve --------------------------------------------------------------------------------------------------------


def test_the_mark_goes_with_the_keys_and_is_told(board: BoardWorkspace) -> None:
    put(board, BUSY)
    curve = board.curve
    curve.setFocus()
    assert "左右键" in curve.told()
    for key, place in ((Qt.Key.Key_Right, 0), (Qt.Key.Key_End, 11), (Qt.Key.Key_Left, 10), (Qt.Key.Key_Home, 0)):
        QTest.keyClick(curve, key)
        assert curve.mark == place
        assert curve.told() == m.points(busyday.figures())[place].sentences[0]
        assert curve.accessibleDescription() == curve.told()
    QTest.keyClick(curve, Qt.Key.Key_Left)
    assert curve.mark == 0


def test_the_other_figures_of_the_day_are_turned_to_by_key_and_by_a_click(board: BoardWorkspace) -> None:
    put(board, BUSY)
    figures, curve = busyday.figures(), board.curve
    titles = [[panel.title.split()[0] for panel in group] for group in groups(m.points(figures), figures)]
    assert titles == [
        ["来客", "平均等候", "服务水平"],
        ["笔数", "金额", "平均通话"],
        ["人次", "最长等候", "自定水平"],
    ]
    curve.setFocus()
    QTest.keyClick(curve, Qt.Key.Key_Home)
    drawn = [curve.grab().toImage()]
    for number in (1, 2):
        QTest.keyClick(curve, Qt.Key.Key_Down)
        assert curve.told() == m.points(figures)[0].sentences[number] == curve.accessibleDescription()
        drawn.append(curve.grab().toImage())
    assert len({bytes(image.constBits()) for image in drawn}) == 3
    QTest.mouseClick(curve, Qt.MouseButton.LeftButton)
    assert curve.group == 0
    QTest.keyClick(curve, Qt.Key.Key_Up)
    assert curve.group == 2


def test_the_curve_has_a_name_and_a_summary_for_a_screen_reader(board: BoardWorkspace) -> None:
    put(board, BUSY)
    found = QAccessible.queryAccessibleInterface(board.curve)
    assert found is not None
    assert found.text(QAccessible.Text.Name) == "当日曲线"
    assert "共来客 115" in found.text(QAccessible.Text.Description)


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_every_panel_is_drawn_in_the_colours_of_the_appearance(board: BoardWorkspace, appearance: str) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, appearance)
    put(board, BUSY)
    QApplication.processEvents()
    image = board.curve.grab().toImage()
    for colour in (theme.tokens().primary, theme.tokens().caution, theme.tokens().notice):
        assert _has(image, colour), colour
    theme.apply(application, "light")


def _has(image: QImage, colour: str) -> bool:
    wanted = int(colour[1:], 16)
    points = ((x, y) for y in range(image.height()) for x in range(image.width()))
    return any(image.pixel(x, y) & 0xFFFFFF == wanted for x, y in points)


def test_a_day_without_customers_says_so(board: BoardWorkspace) -> None:
    empty = busyday.figures().model_copy(update={"slots": []})
    put(board, b.State(view=busyday.view(), figures=empty))
    board.curve.setFocus()
    QTest.keyClick(board.curve, Qt.Key.Key_Right)
    assert board.curve.told() == "这一天还没有来客"
    board.curve.grab()


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_opens_by_key_and_goes_back(board: BoardWorkspace) -> None:
    put(board, BUSY)
    QTest.keyClick(board, Qt.Key.Key_D)
    assert board.stack.currentWidget() is board.page
    assert board.page.curve.hasFocus()
    QTest.keyClick(board, Qt.Key.Key_X)
    assert QApplication.activeModalWidget() is None, "a key of the hidden board"
    QTest.keyClick(board, Qt.Key.Key_Escape)
    assert board.stack.currentWidget() is board.main


def test_tables_show_every_group_and_the_total_last(board: BoardWorkspace) -> None:
    put(board, BUSY)
    board.open_day()
    shown = board.page.tables["branches"]
    assert [_cell(shown, number, 0) for number in range(shown.rowCount())] == [*busyday.BRANCHES, "合计"]
    assert [_cell(shown, shown.rowCount() - 1, place) for place in range(1, shown.columnCount())] == list(
        m.cells(busyday.figures().total)
    )
    assert _cell(board.page.endings, 0, 0) == "不愿承担担保责任"
    assert board.page.endings.rowCount() == 3


def _cell(shown: QTableWidget, number: int, place: int) -> str:
    item = shown.item(number, place)
    assert item is not None
    return item.text()


def test_the_tables_are_turned_by_key(board: BoardWorkspace) -> None:
    put(board, BUSY)
    board.open_day()
    for wanted in (1, 2, 3, 0):
        QTest.keyClick(board.page, Qt.Key.Key_N)
        assert board.page.tabs.currentIndex() == wanted


def test_other_days_are_asked_for_by_key(board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[date, date]] = []
    monkeypatch.setattr(board.desk, "reckon", lambda first, last, then: asked.append((first, last)))
    put(board, BUSY)
    board.open_day()
    day = busyday.DAY
    keys = (Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
    for key in keys:
        QTest.keyClick(board.page, key)
    back = [timedelta(days=days) for days in (1, 6, 29)]
    assert asked == [(day - back[0], day - back[0]), (day - back[1], day), (day - back[2], day), (day - back[0],) * 2]
    assert not board.page.later.isEnabled()


def test_another_day_is_left_alone_while_today_goes_on(board: BoardWorkspace) -> None:
    put(board, BUSY)
    board.open_day()
    before = busyday.DAY - timedelta(days=1)
    board.page.display(busyday.figures(before, before))
    put(board, BUSY)
    assert board.page.days.text() == f"{before}"
    assert board.page.later.isEnabled()


def test_nothing_is_cut_at_the_smallest_window(board: BoardWorkspace) -> None:
    put(board, BUSY)
    board.resize(1366, 700)
    assert board.width() == 1366
    for page in (board.main, board.page):
        board.stack.setCurrentWidget(page)
        QApplication.processEvents()
        for button in page.findChildren(KeyButton):
            if button.isVisible():
                assert button.width() >= button.minimumSizeHint().width(), button.text()
                assert button.accessibleDescription().startswith("按键"), button.text()


def test_the_days_shown_are_exported_under_a_name_that_says_them(
    board: BoardWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved: list[tuple[date, date, Path]] = []
    monkeypatch.setattr(board.page, "_export", lambda first, last, target: saved.append((first, last, target)))
    put(board, BUSY)
    board.open_day()
    QTest.keyClick(board.page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = board.window().findChild(QFileDialog, "board.day.save")
    assert isinstance(dialog, QFileDialog)
    assert Path(dialog.selectedFiles()[0]).name == m.export_name(busyday.figures())
    dialog.fileSelected.emit("/tmp/day.xlsx")
    assert saved == [(busyday.DAY, busyday.DAY, Path("/tmp/day.xlsx"))]
    dialog.close()


def test_the_export_is_fetched_whole_before_it_has_its_name(
    board: BoardWorkspace, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target, asked = tmp_path / "day.xlsx", list[str]()

    async def download(path: str, part: Path, _: object) -> None:
        asked.append(path)
        assert part != target
        await asyncio.to_thread(part.write_bytes, b"PK")

    monkeypatch.setattr(board.desk.client, "download", download)
    board.desk._running = True
    with qtbot.waitSignal(board.desk.said) as said:
        board.desk.export_figures(busyday.DAY, busyday.DAY, target)
    assert target.read_bytes() == b"PK"
    assert "已保存" in said.args[1]
    assert asked == [f"/api/board/figures.xlsx?first={busyday.DAY}&last={busyday.DAY}"]
    board.desk._running = False


def test_words_stand_left_and_figures_right_also_in_the_headings(board: BoardWorkspace) -> None:
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    for shown, words in ((board.page.tables["agents"], 1), (board.page.endings, 5)):
        for place in range(shown.columnCount()):
            head = shown.horizontalHeaderItem(place)
            assert head is not None
            assert Qt.AlignmentFlag(head.textAlignment()) & (left if place < words else right), head.text()


def test_whatever_the_tab_key_comes_to_has_a_name(board: BoardWorkspace) -> None:
    put(board, BUSY)
    board.open_day()
    for one in (board, *board.findChildren(QWidget)):
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert one.accessibleName() or getattr(one, "text", str)(), one.objectName()

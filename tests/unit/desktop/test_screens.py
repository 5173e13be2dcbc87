"""Every screen of the agent at the sizes a seat has: nothing cut off, nothing over another, all of it Chinese.

Sizes are in points: 1366×768 at 100 % and 125 %, 1920×1080 at 100 % and 150 %; what fits these fits all between.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QMenu, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from desktop.seat.bar import NARROW
from desktop.seat.paper import PaperPane
from desktop.seat.partyrow import PartyRow
from desktop.widgets.parts import KeyButton
from desktop.window import MainWindow
from tests.unit.desktop import looking, screens, tabbing
from tests.unit.desktop.test_reachable import nameless

SIZES = [QSize(1366, 728), QSize(1280, 680), QSize(1093, 574), QSize(1920, 1040)]
"""Without the desktop's own bar."""
TYPED_FIRST = {
    "login": "login.user", "login_refused": "login.password", "login_totp": "login.code",
    "login_new_password": "login.owner_code", "lapsed": "again.code", "password": "password.old", "find": "find.text",
    "terms": "terms.amount", "helper": "helper.name", "identity_reject": "reason.text", "remove": "reason.text",
    "away_reason": "reason.text", "proof_reason": "reason.text", "transfer": "transfer.seats",
    "booking": "booking.party", "opening_products": "opening.search", "opening_form": "amount",
    "opening_roster": "roster.text",
}  # fmt: skip
"""Where the focus rests when the screen comes, of those in which something is typed or chosen first."""


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    with screens.running(tmp_path, monkeypatch) as made:
        yield made


def roots(window: MainWindow, drawn: QWidget) -> list[QWidget]:
    """The window, and what lies over it."""
    return [window] if drawn.window() is window else [drawn.window(), window]


@pytest.mark.parametrize("name", screens.SCREENS)
def test_the_screen_can_be_read(window: MainWindow, name: str) -> None:
    drawn = screens.SCREENS[name](window)
    wrong: list[str] = []
    for size in SIZES:
        for root in roots(window, drawn):
            if root is window or root.objectName() == "opening":
                root.resize(size)
            else:  # opened in a larger window, it is as large as that one lets it be
                root.resize(root.size().boundedTo(size))
            looking.settle(root)
            assert root.width() <= size.width(), name
            assert root.height() <= size.height(), name
            wrong += [f"{size.width()}: {one}" for one in (*looking.cut(root), *looking.overlapping(root))]
    for root in roots(window, drawn):
        wrong += [f"nameless: {one}" for one in nameless(root)]
        wrong += [f"English: {one}" for one in looking.english(root)]
        wrong += [f"unheard: {one}" for one in looking.unheard(root)]
    if not isinstance(drawn, QMenu):
        wrong += tabbing.wrong(drawn.window())
    begun = drawn.window().focusWidget()
    if name in TYPED_FIRST:
        assert begun is not None
        assert begun.objectName() == TYPED_FIRST[name]
    assert wrong == []


@pytest.mark.parametrize("name", ["uploading", "outcome_other", "ready_to_seal", "closed"])
def test_all_lines_of_the_wrap_up_are_seen_at_once(window: MainWindow, name: str) -> None:
    screens.SCREENS[name](window)
    window.resize(SIZES[0])
    looking.settle(window)
    area = window.findChild(QScrollArea, "closing.scroll")
    assert area is not None
    assert area.verticalScrollBar().maximum() == 0


def test_the_page_has_most_of_an_open_paper_in_a_low_window_too(window: MainWindow, qtbot: QtBot) -> None:
    """Also while it is said why the newest is not there; what is left out the bar has too."""
    screens.SCREENS["reading_papers"](window)
    pane = window.findChild(PaperPane, "paper")
    assert pane is not None
    qtbot.waitUntil(lambda: bool(pane._trouble), timeout=20_000)
    for size in SIZES:
        window.resize(size)
        looking.settle(window)
        assert pane._area.height() > pane.height() / 2, size
    window.resize(SIZES[2])
    looking.settle(window)
    paper = window.findChild(KeyButton, "call.paper")
    assert paper is not None
    assert (paper.isVisible(), paper.key, pane.shut.isVisible()) == (True, pane.shut.key, False)


def test_what_the_folded_queue_hides_is_said_above_the_call(window: MainWindow) -> None:
    screens.SCREENS["queue_shut"](window)
    folded = window.findChild(QLabel, "queue.folded")
    assert folded is not None
    for size in SIZES:
        window.resize(size)
        looking.settle(window)
        narrow = size.width() < NARROW
        assert folded.isVisible() is narrow
        for name in ("queue.door", "queue.upload"):
            told = window.findChild(QLabel, name)
            assert told is not None
            assert told.isVisible() is not narrow, name
            assert not narrow or told.text() in folded.text()


def test_of_whom_nothing_lacks_takes_one_line_of_the_proof(window: MainWindow) -> None:
    screens.SCREENS["proof_whole"](window)
    window.resize(SIZES[0])
    looking.settle(window)
    shown = [one.text() for one in window.findChildren(QLabel) if one.isVisible() and "项齐全" in one.text()]
    assert len(shown) == 5, "four people, and the call"
    folded = next(one for one in window.findChildren(QWidget) if one.accessibleName().startswith("借款人 王*国 · 6"))
    assert "签名已留存" in folded.toolTip()
    assert "签名已留存" in folded.accessibleName()


def test_the_menu_of_the_user_opens_by_keys(window: MainWindow, qtbot: QtBot) -> None:
    screens.SCREENS["idle"](window)
    menu = window._user.menu()
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Return):
        window._user.setFocus()
        qtbot.keyClick(window._user, key)  # type: ignore[no-untyped-call]
        assert menu.isVisible()
        assert menu.activeAction() is menu.actions()[0]
        menu.close()
    qtbot.keyClick(window, Qt.Key.Key_F10)  # type: ignore[no-untyped-call]
    assert menu.isVisible()
    menu.close()


def test_enter_turns_to_the_party_that_has_the_focus(window: MainWindow, qtbot: QtBot) -> None:
    """And does nothing else, such as opening the proof."""
    screens.SCREENS["ready_for_proof"](window)
    row, proof = window.findChild(PartyRow, "party.2"), window.findChild(KeyButton, "call.proof")
    assert row is not None
    assert proof is not None
    pressed: list[str] = []
    row.chosen = lambda: pressed.append("party")
    proof.clicked.connect(lambda: pressed.append("proof"))
    window.activateWindow()
    row.setFocus()
    qtbot.keyClick(row, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    assert pressed == ["party"]


def test_another_word_on_a_button_is_heard_and_leaves_its_key(qtbot: QtBot) -> None:
    button = KeyButton("预约", "Ctrl+Return")
    qtbot.addWidget(button)
    button.setShortcut("Ctrl+Return")
    button.setText("改到这个时间")
    assert button.accessibleName() == "改到这个时间"
    assert "改到这个时间" in button.toolTip()
    assert button.shortcut() == QKeySequence("Ctrl+Return"), "Qt takes it away with every new text"
    button.setAccessibleName("一个自己的名字")
    button.setText("预约")
    assert button.accessibleName() == "一个自己的名字"

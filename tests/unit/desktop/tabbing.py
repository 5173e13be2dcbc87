"""The way of the Tab key through a window: where it begins, whom it comes to, and whether it goes as one reads."""

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton, QScrollArea, QWidget

from tests.unit.desktop.test_reachable import described, reachable

MOST = 200
OVERLAP = 4
"""Pixels by which the rows of one another may overlap and still be two rows."""


def wrong(root: QWidget) -> Iterator[str]:
    """Whom Tab does not come to, or comes to before its turn; and what Shift+Tab does otherwise than backwards."""
    begin = root.focusWidget()
    all_of_it = wanted(root)
    first = next((one for one in way(root, begin or root) if one in all_of_it), None)
    if first is None:
        return
    visited = way(root, first)
    yield from (f"Tab misses {described(one)}" for one in all_of_it if one not in visited)
    yield from (f"Tab shows nothing at {described(one)}" for one in visited if one not in all_of_it)
    begun = min(turned(visited), key=lambda turn: sum(1 for _ in against_reading(root, turn)))
    yield from (f"Tab comes to {pair}" for pair in against_reading(root, begun))
    back = way(root, first, Qt.Key.Key_Backtab)
    if back != [first, *visited[:0:-1]]:
        yield f"Shift+Tab goes another way: {[described(one) for one in back]}"
    yield from (f"no focus to be seen at {described(one)}" for one in visited if not _shows_focus(root, one))
    if begin is not None:
        begin.setFocus()


def _shows_focus(root: QWidget, one: QWidget) -> bool:
    """Whether it looks otherwise with the focus than without; of each kind one is looked at."""
    kind = (type(one), *(bool(one.property(name)) for name in ("primary", "danger", "quiet", "choice", "chosen")))
    if kind in _seen:
        return True
    root.activateWindow()
    elsewhere = next(other for other in (*wanted(root), root) if other is not one)
    elsewhere.setFocus()
    before = one.grab().toImage()
    one.setFocus(Qt.FocusReason.TabFocusReason)
    if not one.hasFocus() or one.grab().toImage() != before:
        _seen.add(kind)
        return True
    return False


_seen: set[tuple[object, ...]] = set()


def turned(visited: list[QWidget]) -> Iterator[list[QWidget]]:
    """The same round, begun anywhere."""
    return (visited[n:] + visited[:n] for n in range(len(visited)))


def wanted(root: QWidget) -> list[QWidget]:
    """Everything that can be used now: of radio buttons the chosen one, and no area in which nothing is to scroll."""
    found = [one for one in reachable(root) if one.isEnabled() and one.focusProxy() is None and one.window() is root]
    return [one for one in found if not _is_passed_over(one)]


def _is_passed_over(one: QWidget) -> bool:
    if isinstance(one, QRadioButton):
        return not one.isChecked() and one.group() is not None and one.group().checkedButton() is not None
    return isinstance(one, QScrollArea) and one.verticalScrollBar().maximum() == 0


def way(root: QWidget, begin: QWidget, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """From ``begin`` until it comes to something for the second time."""
    begin.setFocus()
    visited: list[QWidget] = []
    for _ in range(MOST):
        focused = root.focusWidget()
        if focused is None or focused in visited:
            break
        visited.append(focused)
        QTest.keyClick(focused, key)
    return visited


def against_reading(root: QWidget, visited: list[QWidget]) -> Iterator[str]:
    """Pairs of which the later one stands before the earlier one, each in its part of the window."""
    for earlier, later in combinations(visited, 2):
        one, other = parts(root, earlier, later)
        if precedes(place(root, other), place(root, one)):
            yield f"{described(earlier)} before {described(later)}"


def parts(root: QWidget, one: QWidget, other: QWidget) -> tuple[QWidget, QWidget]:
    """Where the two part: children of the same widget in which they lie, or themselves."""
    ones, others = line(root, one), line(root, other)
    apart = next((n for n, (a, b) in enumerate(zip(ones, others, strict=False)) if a is not b), None)
    return (one, other) if apart is None else (ones[apart], others[apart])


def line(root: QWidget, one: QWidget) -> list[QWidget]:
    """From the window down to it."""
    found = [one]
    while found[-1] is not root and (parent := found[-1].parentWidget()) is not None:
        found.append(parent)
    return found[::-1]


def place(root: QWidget, one: QWidget) -> QRect:
    return QRect(one.mapTo(root, QPoint(0, 0)), one.size())


def precedes(one: QRect, other: QRect) -> bool:
    """Above it, or to its left in the same row."""
    if one.bottom() <= other.top() + OVERLAP:
        return True
    return other.bottom() > one.top() + OVERLAP and one.right() <= other.left() + OVERLAP

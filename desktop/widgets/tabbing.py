"""Tab goes through a window as one reads it, also to what was made after the rest.

Qt follows the order in which widgets were made: rows that come and go would be the last ones, after everything below.
"""

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QLayout,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QWidget,
)


def move(window: QWidget, forward: bool) -> bool:
    """What Tab and Shift+Tab do, from region to region and in each by its layout. False where there is nowhere to go.

    For a window's ``focusNextPrevChild``, which Qt asks for whatever lies in it.
    """
    goal = neighbour(list(_inside(window)), window.focusWidget(), 1 if forward else -1)
    if goal is None:
        return False
    goal.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    above = goal.parentWidget()
    while above is not None and above is not window:
        if isinstance(above, QScrollArea):
            above.ensureWidgetVisible(goal)
        above = above.parentWidget()
    return True


def neighbour(read: Sequence[QWidget], now: QWidget | None, step: int) -> QWidget | None:
    """The next of ``read`` that can be come to, round the end; nothing where that is ``now`` again."""
    begin = read.index(now) if now in read else -1 if step > 0 else len(read)
    for n in range(1, len(read) + 1):
        one = read[(begin + step * n) % len(read)]
        if one is not now and comes_to(one):
            return one
    return None


def comes_to(one: QWidget) -> bool:
    """Whether Tab does; an area that only scrolls is passed over while there is nothing to scroll."""
    wanted = bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus)
    if not wanted or not one.isEnabled() or one.focusProxy() is not None:
        return False
    return not isinstance(one, QScrollArea) or one.verticalScrollBar().maximum() > 0


def _inside(one: QWidget) -> Iterator[QWidget]:
    """What is seen in it, in the order of reading."""
    for child in _children(one):
        if child.isVisible() and not child.isWindow():
            yield child
            if not isinstance(child, QComboBox | QAbstractSpinBox):
                yield from _inside(child)


def _children(one: QWidget) -> list[QWidget]:
    match one:
        case QMainWindow():
            return [one.centralWidget()]
        case QScrollArea():
            return [one.widget()] if one.widget() is not None else []
        case QStackedWidget():
            return [one.currentWidget()] if one.currentWidget() is not None else []
        case QSplitter():
            return [one.widget(n) for n in range(one.count())]
    layout = one.layout()
    placed = list(_placed(layout)) if layout is not None else []
    others = [child for child in one.children() if isinstance(child, QWidget) and child not in placed]
    return placed + sorted(others, key=lambda child: (child.y(), child.x()))


def _placed(layout: QLayout) -> Iterator[QWidget]:
    for n in range(layout.count()):
        item = layout.itemAt(n)
        assert item is not None
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            yield widget
        elif inner is not None:
            yield from _placed(inner)

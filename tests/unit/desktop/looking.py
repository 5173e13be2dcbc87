"""What an eye would see of a window once it rests: words cut off, widgets that overlap, words that are not Chinese."""

import re
from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QRadioButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QTabWidget,
    QWidget,
)

from desktop.seat.offer import OfferCard
from desktop.widgets.notice import Toast
from desktop.widgets.parts import Badge, Elided

FLOATING = (OfferCard, Toast)
QTS_OWN = (QComboBox, QScrollArea, QSplitter, QStackedWidget, QTabWidget)
"""What lies in them overlaps by design."""
FRAME = 24
"""Pixels that border and padding of an entry take of its width."""
ARROW = 40
ENGLISH = re.compile(r"[A-Za-z]{3,}")
NAMES = re.compile(
    r"https?://\S+|turns?:\S+|\S*\.cn\S*|Ctrl|Alt|Esc|PgUp|PgDn|PgDown|LPR|Wi-Fi|HTTP|JBSWY\w+|zhang"
    "|Plantronics Blackwire|Integrated Camera"
)


def settle(root: QWidget) -> None:
    """Carries out what layouts have put off, until nothing moves any more."""
    before: list[object] = []
    for _ in range(30):
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        now: list[object] = [one.geometry().getRect() for one in root.findChildren(QWidget) if one.isVisible()]
        if now == before:
            return
        before = now
    raise TimeoutError("the window does not come to rest")


def shown(root: QWidget) -> Iterator[QWidget]:
    """Of this window only, and what has a place in it."""
    for one in (root, *root.findChildren(QWidget)):
        if one.isVisibleTo(root) and one.window() is root.window() and one.width() and one.height():
            yield one


def words(one: QWidget) -> str:
    """That stand on it; not what a person has typed."""
    match one:
        case QLabel() | QAbstractButton():
            return one.text()
        case Badge():
            return one.text
    return ""


def called(one: QWidget) -> str:
    return f"{type(one).__name__} {one.objectName()!r} “{words(one)}”"


# --- words cut off ----------------------------------------------------------------------------------------------------


def cut(root: QWidget) -> list[str]:
    """Widgets whose words have not the room they need, and no tool tip that holds the whole of them."""
    root.grab()  # elided labels say so as they are painted
    found = [called(one) for one in shown(root) if _is_cut(one)]
    return [*found, *(f"{called(one)} sticks out of {called(parent)}" for one, parent in _sticking_out(root))]


def _is_cut(one: QWidget) -> bool:
    match one:
        case Elided():
            return one.fontMetrics().horizontalAdvance(one.text()) > one.width() and one.toolTip() != one.text()
        case QLabel():
            return bool(one.text()) and _label_is_cut(one)
        case Badge():
            return one.width() < one.sizeHint().width() and one.text not in one.toolTip()
        case QRadioButton() | QCheckBox():
            return one.width() < one.sizeHint().width() or one.height() < one.sizeHint().height()
        case QAbstractButton():
            least = one.fontMetrics().height() * (one.text().count("\n") + 1)
            return bool(one.text()) and (one.width() < one.sizeHint().width() or one.height() < least + 4)
        case QLineEdit():
            room = one.width() - FRAME
            hint = "" if one.text() else one.placeholderText()
            return one.fontMetrics().horizontalAdvance(hint) > room and hint not in one.toolTip()
        case QComboBox():
            text = one.currentText()
            return one.fontMetrics().horizontalAdvance(text) > one.width() - ARROW and text not in one.toolTip()
        case QListWidget():
            return one.sizeHintForColumn(0) > one.viewport().width() and not one.wordWrap()
        case QScrollArea():
            inner = one.widget()
            return inner is not None and inner.width() > one.viewport().width()
    return False


def _label_is_cut(one: QLabel) -> bool:
    if one.wordWrap():
        return one.heightForWidth(one.width()) > one.height() + 1
    hint = one.sizeHint()
    too_small = hint.width() > one.width() + 1 or one.fontMetrics().height() > one.height() + 1
    return too_small and one.text() not in one.toolTip()


def _sticking_out(root: QWidget) -> Iterator[tuple[QWidget, QWidget]]:
    for one in shown(root):
        parent = one.parentWidget()
        if one is root or parent is None or isinstance(one, QTabBar) or _is_scrolled(one):
            continue
        if not isinstance(parent, QTS_OWN) and not parent.rect().adjusted(-2, -2, 2, 2).contains(one.geometry()):
            yield one, parent


def _is_scrolled(one: QWidget) -> bool:
    parent = one.parentWidget()
    area = parent.parentWidget() if parent is not None else None
    return isinstance(area, QScrollArea) and area.widget() is one


# --- one over another -------------------------------------------------------------------------------------------------


def overlapping(root: QWidget) -> list[str]:
    """Pairs of neighbours that take a part of each other's place."""
    found = []
    for parent in shown(root):
        if isinstance(parent, QTS_OWN) or (type(parent).__module__.startswith("PySide6") and parent.layout() is None):
            continue
        here = [one for one in parent.children() if isinstance(one, QWidget) and not isinstance(one, FLOATING)]
        there = [one for one in here if one.isVisible() and not one.isWindow() and one.width() and one.height()]
        found += [
            f"{called(one)} over {called(other)}"
            for one, other in combinations(there, 2)
            if one.geometry().intersects(other.geometry())
        ]
    return found


# --- words ------------------------------------------------------------------------------------------------------------


def english(root: QWidget) -> list[str]:
    """Words on the screen, in tool tips and for the ear, of three Latin letters and more that are not names."""
    found = []
    for one in shown(root):
        for text in (words(one), one.toolTip(), one.accessibleName(), one.accessibleDescription()):
            if ENGLISH.search(NAMES.sub("", text)):
                found.append(f"{called(one)}: {text}")
    return found


def unheard(root: QWidget) -> list[str]:
    """Buttons of which a screen reader says something else than stands on them."""
    found = []
    for one in shown(root):
        said = words(one).rstrip("… ▾")
        heard = one.accessibleName()
        if isinstance(one, QAbstractButton) and heard and "\n" not in said and said not in heard:
            found.append(f"{called(one)}: {heard}")
    return found

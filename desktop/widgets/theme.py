"""The house style in one place: the tokens of both appearances, and the style sheet built from them.

The phone's ``theme.css`` holds the same tokens as custom properties: ``on_primary`` here is ``--on-primary`` there.
"""

from dataclasses import dataclass, fields
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from signing.wire.base import Tone


@dataclass(frozen=True)
class Tokens:
    """Colours as ``#RRGGBB``; a ``_ground`` is that its namesake is written on."""

    paper: str
    surface: str
    ink: str
    muted: str
    line: str
    control_line: str
    primary: str
    on_primary: str
    good: str
    good_ground: str
    notice: str
    notice_ground: str
    caution: str
    caution_ground: str
    stop: str
    stop_ground: str
    seal_red: str


LIGHT = Tokens(
    paper="#F6F7F5",
    surface="#FFFFFF",
    ink="#16211D",
    muted="#55625C",
    line="#DDE3DF",
    control_line="#8A9690",
    primary="#0A6A4A",
    on_primary="#FFFFFF",
    good="#0A6A4A",
    good_ground="#E6F3EE",
    notice="#0B5CAD",
    notice_ground="#E8F1FB",
    caution="#8A5200",
    caution_ground="#FFF6E5",
    stop="#B3261E",
    stop_ground="#FDECEA",
    seal_red="#C8102E",
)
DARK = Tokens(
    paper="#121816",
    surface="#1B2421",
    ink="#E8EEEB",
    muted="#9DB0A8",
    line="#2C3833",
    control_line="#6F817A",
    primary="#5CC8A0",
    on_primary="#06281C",
    good="#5CC8A0",
    good_ground="#12352A",
    notice="#8CC2FF",
    notice_ground="#132A40",
    caution="#F2C063",
    caution_ground="#3A2A0C",
    stop="#FF9D94",
    stop_ground="#40191A",
    seal_red="#C8102E",
)

FAMILIES = ["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei UI", "Microsoft YaHei", "PingFang SC"]


def tokens() -> Tokens:
    """The tokens of the appearance that the application's palette has now."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def ink_and_ground(tone: Tone) -> tuple[str, str]:
    """(colour, ground) of a tone in the present appearance."""
    now = tokens()
    return {
        Tone.GOOD: (now.good, now.good_ground),
        Tone.NOTICE: (now.notice, now.notice_ground),
        Tone.CAUTION: (now.caution, now.caution_ground),
        Tone.STOP: (now.stop, now.stop_ground),
    }[tone]


def apply(application: QApplication, appearance: str = "auto") -> None:
    """``appearance`` is ``light``, ``dark`` or ``auto`` (what the desktop prefers, followed when it changes)."""
    application.setStyle("Fusion")
    application.setFont(body_font())
    hints = QGuiApplication.styleHints()
    _dress(application, _chosen(appearance, hints.colorScheme()))
    if appearance == "auto":
        hints.colorSchemeChanged.connect(lambda scheme: _dress(application, _chosen("auto", scheme)))


def body_font() -> QFont:
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setPixelSize(14)
    return font


def figures(font: QFont, pixels: int) -> QFont:
    """A copy for times and money: figures of one width."""
    copy = QFont(font)
    copy.setPixelSize(pixels)
    copy.setFeature(QFont.Tag("tnum"), 1)
    return copy


def _chosen(appearance: str, scheme: Qt.ColorScheme) -> Tokens:
    dark = appearance == "dark" or (appearance == "auto" and scheme == Qt.ColorScheme.Dark)
    return DARK if dark else LIGHT


def _dress(application: QApplication, chosen: Tokens) -> None:
    application.setPalette(palette(chosen))
    application.setStyleSheet(style_sheet(chosen))


def palette(t: Tokens) -> QPalette:
    roles = QPalette.ColorRole
    made = QPalette()
    colours = {
        roles.Window: t.paper,
        roles.WindowText: t.ink,
        roles.Base: t.surface,
        roles.AlternateBase: t.paper,
        roles.Text: t.ink,
        roles.Button: t.surface,
        roles.ButtonText: t.ink,
        roles.PlaceholderText: t.muted,
        roles.Highlight: t.primary,
        roles.HighlightedText: t.on_primary,
        roles.ToolTipBase: t.surface,
        roles.ToolTipText: t.ink,
        roles.Link: t.notice,
        roles.Mid: t.line,
        roles.Dark: t.control_line,
        roles.Light: t.surface,
        roles.Accent: t.primary,
    }
    for role, colour in colours.items():
        made.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(t.muted))
    return made


def style_sheet(t: Tokens) -> str:
    sheet = Template(SHEET).substitute({field.name: getattr(t, field.name) for field in fields(t)})
    return sheet + "".join(_room_for_cap(length) for length in range(1, 8))


def cap_width(length: int) -> int:
    """Of the cap that prints a key of ``length`` characters on its button."""
    return max(20, 10 + 8 * length)


def _room_for_cap(length: int) -> str:
    room = cap_width(length) + 18
    chosen = f'QPushButton[cap="{length}"]'
    tight = f'{chosen}[tight="true"]'
    return (
        f"{chosen} {{ padding-right: {room}px; }} {chosen}:focus {{ padding-right: {room - 1}px; }}\n"
        f"{tight} {{ padding-left: 6px; padding-right: {room - 8}px; }}\n"
        f"{tight}:focus {{ padding-left: 5px; padding-right: {room - 9}px; }}\n"
    )


SHEET = """
QWidget { font-size: 14px; color: $ink; }
QMainWindow, QDialog { background: $paper; }
QToolTip { background: $surface; color: $ink; border: 1px solid $control_line; padding: 4px; }
QFrame[card="true"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[choice="true"] { background: $surface; border: 1px solid $line; border-radius: 8px; }
QFrame[choice="true"]:hover { border-color: $primary; }
QFrame[choice="true"][chosen="true"] { border: 2px solid $primary; background: $good_ground; }
QFrame[choice="true"]:focus { border: 2px solid $notice; }
QFrame[bar="true"] { background: $surface; border: none; }
QFrame[rule="true"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QLabel[role="title"] { font-size: 18px; font-weight: 600; }
QLabel[role="head"] { font-weight: 600; }
QLabel[role="second"] { font-size: 13px; color: $muted; }
QLabel[role="big"] { font-size: 28px; font-weight: 600; }
QLabel[role="line"] { font-size: 19px; font-weight: 500; }
QLabel[tone="good"] { color: $good; }
QLabel[tone="notice"] { color: $notice; }
QLabel[tone="caution"] { color: $caution; }
QLabel[tone="stop"] { color: $stop; }
QLineEdit, QPlainTextEdit, QComboBox, QSpinBox {
    background: $surface; border: 1px solid $control_line; border-radius: 8px; padding: 7px 10px;
    selection-background-color: $primary; selection-color: $on_primary;
}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border: 2px solid $primary; padding: 6px 9px; }
QPushButton {
    background: $surface; border: 1px solid $control_line; border-radius: 8px; padding: 7px 14px; min-height: 20px;
}
QPushButton:hover { border-color: $primary; }
QPushButton:pressed { background: $line; }
QPushButton:checked { border: 2px solid $primary; padding: 6px 13px; background: $good_ground; font-weight: 600; }
QPushButton:focus { border: 2px solid $notice; padding: 6px 13px; }
QPushButton:disabled { color: $muted; border-color: $line; background: $paper; }
QPushButton[primary="true"] { background: $primary; color: $on_primary; border-color: $primary; font-weight: 600; }
QPushButton[primary="true"]:focus { border: 2px solid $ink; }
QPushButton[primary="true"]:disabled { background: $line; color: $muted; border-color: $line; }
QPushButton[danger="true"] { color: $stop; border-color: $stop; }
QPushButton[primary="true"][danger="true"] { color: $on_primary; border-color: $primary; }
QPushButton[danger="true"]:disabled { color: $muted; border-color: $line; }
QPushButton[quiet="true"] { border-color: transparent; background: transparent; color: $notice; padding: 4px 4px;
  text-align: left; }
QPushButton[quiet="true"]:hover { text-decoration: underline; }
QPushButton[quiet="true"]:focus { border: 2px solid $notice; padding: 3px 3px; }
QRadioButton { border: 2px solid transparent; border-radius: 8px; padding: 2px 4px; spacing: 6px; }
QRadioButton:focus { border-color: $notice; }
QRadioButton::indicator {
    width: 12px; height: 12px; border: 2px solid $control_line; border-radius: 8px; background: $surface;
}
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $primary; }
QCheckBox { border: 2px solid transparent; border-radius: 8px; padding: 2px 4px; spacing: 8px; }
QCheckBox:focus { border-color: $notice; }
QCheckBox::indicator, QListView::indicator {
    width: 14px; height: 14px; border: 2px solid $control_line; border-radius: 4px; background: $surface;
}
QCheckBox::indicator:checked, QListView::indicator:checked { border-color: $primary; background: $primary; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 8px; padding: 5px 10px; }
QToolButton:hover { background: $line; }
QToolButton:focus { border: 2px solid $notice; padding: 4px 9px; }
QToolButton::menu-indicator { image: none; width: 0; }
QMenu { background: $surface; border: 1px solid $control_line; padding: 4px; }
QMenu::item { padding: 6px 24px; border-radius: 4px; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; margin: 4px 8px; background: $line; }
QMenu::item:selected { background: $primary; color: $on_primary; }
QListView, QListWidget, QTableView {
    background: $surface; border: 1px solid $line; border-radius: 8px; outline: none; gridline-color: $line;
    alternate-background-color: $paper;
}
QListView:focus, QTableView:focus { border: 1px solid $notice; }
QListView::item { border-bottom: 1px solid $line; }
QListView[plain="true"]::item { padding: 8px 10px; }
QListView[grid="true"]::item { padding: 1px 6px; border-right: 1px solid $line; }
QListView[grid="true"]::item:disabled { color: $muted; background: $paper; border-right: none; }
QComboBox::drop-down { border: none; width: 26px; }
QComboBox QAbstractItemView { border: 1px solid $control_line; border-radius: 0; padding: 4px; }
QListView::item:selected, QTableView::item:selected { background: $good_ground; color: $ink; }
QTableView::item { padding: 0 8px; }
QHeaderView::section {
    background: $paper; color: $muted; border: none; border-bottom: 1px solid $line; padding: 6px 8px; font-size: 13px;
}
QScrollArea { border: 1px solid transparent; background: transparent; }
QScrollArea:focus { border-color: $notice; }
QScrollArea > QWidget > QWidget { background: transparent; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar::handle:vertical { background: $control_line; border-radius: 3px; min-height: 32px; margin: 1px; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle:horizontal { background: $control_line; border-radius: 3px; min-width: 32px; margin: 1px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QTabWidget::pane { border: 1px solid $line; border-radius: 8px; background: $surface; top: -1px; }
QTabBar::tab { padding: 8px 18px; color: $muted; border-bottom: 3px solid transparent; }
QTabBar::tab:selected { color: $primary; border-bottom: 3px solid $primary; font-weight: 600; }
QTabBar::tab:focus { color: $notice; }
QProgressBar {
    background: $line; border: none; border-radius: 4px; min-height: 8px; max-height: 8px; text-align: center;
}
QProgressBar::chunk { background: $primary; border-radius: 4px; }
QSplitter::handle { background: $line; }
"""

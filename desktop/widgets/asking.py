"""Small windows that ask one thing and are gone once it is answered."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

WIDE = "#qt_msgbox_label, #qt_msgbox_informativelabel { min-width: 340px; } #qt_msgbox_label { font-weight: 600; }"
"""Qt's own names. Without a width these boxes break a sentence every ten characters."""


def question(parent: QWidget, name: str, title: str, words: str) -> QMessageBox:
    """Without buttons yet, not open yet."""
    box = QMessageBox(parent)
    box.setObjectName(name)
    box.setStyleSheet(WIDE)
    box.setWindowTitle(title)
    box.setText(title)
    box.setInformativeText(words)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return box


def warn_first(box: QMessageBox, go: str, act: Callable[[], None], stay: str) -> None:
    """Opens it with two answers: to do what cannot be undone, or not, which Enter and Escape choose."""
    back = box.addButton(stay, QMessageBox.ButtonRole.RejectRole)
    box.addButton(go, QMessageBox.ButtonRole.DestructiveRole).clicked.connect(act)
    box.setDefaultButton(back)
    box.setEscapeButton(back)
    box.open()


def ask_where(
    parent: QWidget, name: str, title: str, kind: str, suggested: Path, save: Callable[[Path], None]
) -> QFileDialog:
    """Opens a dialog for a file to write; ``kind`` names what it is, ``suggested`` the file, its ending counts."""
    ending = suggested.suffix
    dialog = QFileDialog(parent, title)
    dialog.setObjectName(name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(f"{kind} (*{ending})")
    dialog.setDefaultSuffix(ending[1:])
    dialog.selectFile(suggested.name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda chosen: save(Path(chosen)))
    dialog.open()
    return dialog

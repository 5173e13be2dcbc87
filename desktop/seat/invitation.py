"""A fresh personal link: to be scanned from the screen or copied into a message, and never shown again."""

import io
from collections.abc import Sequence

import segno
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QWidget

from desktop.model import wording
from desktop.widgets.parts import KeyButton, column, label, row
from signing.wire.staff import Invitation

PICTURE = 176
"""Pixels of a code's side: read by a phone held before the screen."""


class InvitationDialog(QDialog):
    """One row for each party who needs a link."""

    def __init__(self, invitations: Sequence[Invitation], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("invitation")
        self.setWindowTitle("专属链接")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        layout = column(self, 12, (20, 20, 20, 20))
        layout.addWidget(label("专属链接", "title"))
        layout.addWidget(
            label("请发给本人，或请本人扫码。链接只在这里显示一次；原来的链接已经失效。", "second", wrap=True)
        )
        for number, invitation in enumerate(invitations, 1):
            layout.addWidget(self._row(number, invitation))
        line = row()
        line.addStretch(1)
        close = KeyButton("关闭", "Escape", name="invitation.close")
        close.set_primary(True)
        close.clicked.connect(self.accept)
        line.addWidget(close)
        layout.addLayout(line)

    def _row(self, number: int, invitation: Invitation) -> QWidget:
        box = QWidget()
        line = row(box, 16)
        line.addWidget(code_picture(invitation.url))
        words = column(spacing=6)
        words.addWidget(label(invitation.name_masked, "head"))
        words.addWidget(label(f"有效至 {wording.day_and_time(invitation.expires_at)}", "second"))
        text = QLineEdit(invitation.url)
        text.setObjectName(f"invitation.url{number}")
        text.setAccessibleName(f"{invitation.name_masked}的专属链接")
        text.setReadOnly(True)
        text.setCursorPosition(0)
        words.addWidget(text)
        copy = KeyButton("复制链接", f"Ctrl+{number}", name=f"invitation.copy{number}")
        copy.setShortcut(f"Ctrl+{number}")
        copy.clicked.connect(lambda: _copy(copy, invitation.url))
        words.addWidget(copy, alignment=Qt.AlignmentFlag.AlignLeft)
        words.addStretch(1)
        line.addLayout(words, 1)
        return box


def _copy(button: KeyButton, url: str) -> None:
    QGuiApplication.clipboard().setText(url)
    button.setText("已复制")


def code_picture(url: str) -> QLabel:
    """The link as a two-dimensional code, dark on white in either appearance, since phones read it so."""
    kept = io.BytesIO()
    segno.make(url, error="m").save(kept, kind="png", scale=4, border=3)
    picture = QPixmap()
    picture.loadFromData(kept.getvalue())
    made = QLabel()
    made.setAccessibleName("专属链接的二维码")
    size = Qt.AspectRatioMode.KeepAspectRatio
    made.setPixmap(picture.scaled(PICTURE, PICTURE, size, Qt.TransformationMode.FastTransformation))
    return made

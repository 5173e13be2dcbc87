"""One field of the form: its name, where it is written, and under it what is wrong or worth knowing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from desktop.opening import local
from desktop.opening.form import YES, Asked
from desktop.widgets.parts import Choice, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.opening import FieldKind, FormField

WIDE = (FieldKind.LONG,)
WIDE_KEYS = ("address", "purpose", "place", "marks", "condition")
"""Over the whole width: what is written there is long."""
_EXAMPLES = {
    FieldKind.MONEY: "例如 180000.00",
    FieldKind.RATE: "例如 3.85",
    FieldKind.DATE: "例如 2026-12-31",
    FieldKind.ID_NUMBER: "18 位身份证号",
    FieldKind.PHONE: "11 位手机号",
    FieldKind.ACCOUNT: "10 至 25 位账号",
    FieldKind.CREDIT_CODE: "18 位代码",
    FieldKind.NUMBER: "数字",
    FieldKind.INTEGER: "整数",
}
_LINES = 56
"""Pixels of a field with several lines."""


class FieldRow(QWidget):
    """``changed(path, text)`` at every stroke. ``tell`` sets the line under it; its own sight of a fault comes first,
    once the hand has left the field or what was seen was seen before."""

    changed = Signal(str, str)

    def __init__(self, asked: Asked, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.asked, self.path = asked, asked.path
        self._left = bool(text)
        self._told: tuple[Tone, str] | None = None
        self._note = ""
        field = asked.field
        self._words_of_title = _title(field, loose=asked.group.many and "." in field.key)
        self.title = label(self._words_of_title, "second")
        self.line = label("", "second", wrap=True, name=f"{self.path}.line")
        self.editor = self._made(field, text)
        self.editor.setObjectName(self.path)
        self.editor.setAccessibleName(asked.title)
        self.title.setBuddy(self.editor)
        layout = column(self, 2)
        if not isinstance(self.editor, QCheckBox):
            layout.addWidget(self.title)
        layout.addWidget(self.editor)
        layout.addWidget(self.line)
        layout.addStretch(1)
        self._show()

    def _made(self, field: FormField, text: str) -> QWidget:
        if field.kind is FieldKind.CHOICE:
            return self._choice(field, text)
        if field.kind is FieldKind.FLAG:
            box = QCheckBox(self._words_of_title)
            box.setChecked(text == YES)
            box.toggled.connect(lambda on: self._typed(YES if on else ""))
            return box
        if field.kind is FieldKind.LONG:
            lines = QPlainTextEdit(text)
            lines.setTabChangesFocus(True)
            lines.setFixedHeight(_LINES)
            lines.setPlaceholderText(field.hint)
            lines.textChanged.connect(lambda: self._typed(lines.toPlainText()))
            return lines
        line = QLineEdit(text)
        line.setPlaceholderText(field.hint or _EXAMPLES.get(field.kind, ""))
        line.setMaxLength(max(40, field.longest or 0) if field.kind in _EXAMPLES else field.longest or 200)
        line.textEdited.connect(self._typed)
        line.editingFinished.connect(self._leave)
        return line

    def _choice(self, field: FormField, text: str) -> Choice:
        made = Choice()
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        made.setMinimumContentsLength(6)
        made.setMinimumHeight(36)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if not field.required or not text:
            made.addItem("请选择" if field.required else "不填", "")
        for option in field.options:
            made.addItem(option.title, option.value)
        made.setCurrentIndex(max(0, made.findData(text)))
        made.currentIndexChanged.connect(lambda _: self._typed(str(made.currentData())))
        return made

    def write(self, text: str) -> None:
        """As if it had been typed."""
        if isinstance(self.editor, QLineEdit):
            self.editor.setText(text)
        elif isinstance(self.editor, QPlainTextEdit):
            self.editor.setPlainText(text)
        elif isinstance(self.editor, Choice):
            self.editor.setCurrentIndex(max(0, self.editor.findData(text)))
        elif isinstance(self.editor, QCheckBox):
            self.editor.setChecked(text == YES)
        self._left = True
        self._typed(text)

    @property
    def text(self) -> str:
        if isinstance(self.editor, QLineEdit):
            return self.editor.text()
        if isinstance(self.editor, QPlainTextEdit):
            return self.editor.toPlainText()
        if isinstance(self.editor, Choice):
            return str(self.editor.currentData())
        return YES if isinstance(self.editor, QCheckBox) and self.editor.isChecked() else ""

    def tell(self, told: tuple[Tone, str] | None, note: str) -> None:
        """What the service says of it, and what is worth knowing."""
        self._told, self._note = told, note
        self._show()

    def _typed(self, text: str) -> None:
        if not local.problem(self.asked.field, text):
            self._told = None  # until the service has spoken about this
        self._show()
        self.changed.emit(self.path, text)

    def _leave(self) -> None:
        self._left = True
        self._show()

    def _show(self) -> None:
        tone, words = self._words()
        self.line.setText(words)
        set_tone(self.line, tone)
        self.line.setVisible(bool(words))
        self.editor.setAccessibleDescription(words)

    def _words(self) -> tuple[Tone | None, str]:
        text = self.text
        own = local.problem(self.asked.field, text) if self._left or self._told else ""
        if own:
            return Tone.STOP, own
        if self._told is not None and text.strip():
            return self._told
        if self.asked.field.kind is FieldKind.ID_NUMBER and not self._note:
            return None, local.born(text)
        return None, self._note


def _title(field: FormField, *, loose: bool) -> str:
    """``loose``: of a part that may be left out as a whole."""
    unit = f"（{field.unit}）" if field.unit else ""
    must = (field.required and not loose) or field.kind is FieldKind.FLAG
    return f"{field.title}{unit}{'' if must else '　选填'}"


def is_wide(field: FormField) -> bool:
    return field.kind in WIDE or field.key.rpartition(".")[2] in WIDE_KEYS


def bare_row(*widgets: QWidget) -> QWidget:
    """Side by side."""
    box = QWidget()
    line = row(box, 8)
    for widget in widgets:
        line.addWidget(widget)
    return box

"""The last row of a dialog: back, and the one next action."""

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QWidget

from desktop.widgets.parts import KeyButton, row


def closing_row(
    dialog: QDialog,
    name: str,
    word: str,
    accept: Callable[[], None],
    *,
    danger: bool = False,
    before: QWidget | None = None,
) -> tuple[QHBoxLayout, KeyButton]:
    """The row and its action, which Ctrl+Return presses; ``name`` begins the buttons' names.

    What is dangerous is not the primary button. ``before`` stands at the row's other end.
    """
    line = row()
    if before is not None:
        line.addWidget(before)
    line.addStretch(1)
    cancel = KeyButton("返回", "Escape", name=f"{name}.cancel")
    cancel.clicked.connect(dialog.reject)
    ok = KeyButton(word, "Ctrl+Return", name=f"{name}.ok", danger=danger)
    ok.set_primary(not danger)
    ok.setShortcut("Ctrl+Return")
    ok.clicked.connect(accept)
    line.addWidget(cancel)
    line.addWidget(ok)
    return line, ok

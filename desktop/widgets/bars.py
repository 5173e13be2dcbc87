"""A line as signal bars with its word: never colour alone."""

from PySide6.QtWidgets import QWidget

from desktop.model.quality import Shown
from desktop.widgets.parts import Icon, label, row, set_tone


def icon_of(line: Shown) -> str:
    """The name of the drawing."""
    return "signal" if line.bars is None else f"bars-{line.bars}"


class LineBars(QWidget):
    """Bars and word; the advice is the tooltip, and what a screen reader says.

    ``narrow``: bars alone where there are any, for their number says it without the colour.
    """

    def __init__(self, line: Shown, parent: QWidget | None = None, *, narrow: bool = False) -> None:
        super().__init__(parent)
        layout = row(self, 4)
        if line.bars is not None:
            layout.addWidget(Icon(icon_of(line), line.tone.value, 14))
        if line.bars is None or not narrow:
            word = label(line.text, "second")
            set_tone(word, line.tone)
            layout.addWidget(word)
        self.setToolTip("\n".join(words for words in (line.text if narrow else "", line.hint) if words))
        self.setAccessibleName(f"{line.text}。{line.hint}" if line.hint else line.text)

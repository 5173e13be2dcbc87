"""What stands in the queue and has to be known in a call too, in one line while the queue is folded."""

from collections import Counter

from PySide6.QtWidgets import QWidget

from desktop.model.state import QUIET, State
from desktop.seat.queue import door_words, upload_words
from desktop.widgets.parts import TONE_ICONS, Icon, label, row, set_tone
from signing.wire.base import Tone

WORST = (Tone.STOP, Tone.CAUTION, Tone.NOTICE, Tone.GOOD)


class FoldedWords(QWidget):
    """Not to be seen where there is nothing to say, or the queue says it itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = Icon("info", "notice", 16)
        self.words = label("", "second", wrap=True, name="queue.folded")
        layout = row(self, 8, (16, 6, 16, 6))
        layout.addWidget(self._icon)
        layout.addWidget(self.words, 1)
        self.hide()

    def display(self, state: State, folded: bool) -> None:
        lines = told(state) if folded else []
        self.setVisible(bool(lines))
        if lines:
            tone = min((tone for _, tone in lines), key=WORST.index)
            self._icon.show_icon(TONE_ICONS[tone], tone.value)
            self.words.setText("；".join(words for words, _ in lines))
            set_tone(self.words, tone)


def told(state: State) -> list[tuple[str, Tone]]:
    """The door that is shut, and each recording that is not there yet; those of which the same is to be said as one.

    After the call the panel below tells of the case's own.
    """
    shut = door_words(state.view.door) if state.view else ""
    below = state.case.case_no if state.case is not None and state.call is None else ""
    here = (one for one in state.uploads.values() if one.stage not in QUIET and one.case_no != below)
    uploads = Counter(upload_words(one) for one in here)
    lines = [(shut, Tone.CAUTION)] if shut else []
    for (words, tone), count in uploads.items():
        lines.append((words if count == 1 else f"{count} 份{words}", tone))
    return lines

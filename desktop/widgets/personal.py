"""A party's masked numbers, each with the button that asks for it; shown in place for a while, then masked again."""

import time
from collections.abc import Mapping
from functools import partial
from math import ceil

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop.model import revealing
from desktop.widgets.parts import KeyButton, column, label, row, set_tone
from signing.wire.base import Tone
from signing.wire.case import PartyView, Personal

SHOW, HIDE = "显示", "隐藏"


class PersonalLine(QWidget):
    """Title, value or mask, and the button. Its name in the tests is ``<prefix>.<what>``."""

    def __init__(self, what: Personal, key: str, prefix: str) -> None:
        super().__init__()
        name = f"{prefix}.{what.value}"
        self.what = what
        self.value = label("", "second", name=name)
        self.button = KeyButton(SHOW, key, name=f"{name}.reveal", quiet=True)
        self.button.setFixedHeight(28)
        layout = row(self, 6)
        layout.addWidget(label(revealing.TITLES[what], "second"))
        layout.addWidget(self.value)
        layout.addStretch(1)
        layout.addWidget(self.button)

    def display(self, looks: revealing.Looks, seconds: float) -> None:
        shown, title = looks.shown(self.what) is not None, revealing.title(looks, self.what)
        self.value.setText(looks.text(self.what))
        self.value.setAccessibleName(f"{title} {looks.text(self.what)}")
        set_tone(self.value, Tone.CAUTION if shown else None)
        self.button.setText(HIDE if shown else SHOW)
        self.button.setAccessibleName(f"{self.button.text()}{title}")
        told = "现在遮住" if shown else f"显示 {seconds:.0f} 秒，这次查看会写入记录"
        self.button.setToolTip(f"{title}：{told}（按键 {self.button.key}）")


class PersonalBox(QWidget):
    """``asked(Place)``: a value is to be shown; whoever hears it asks the service, then calls ``reveal``.

    ``display`` of another party, of another case or of other masks forgets what was shown, and so does ``forget``.
    """

    asked = Signal(object)

    def __init__(
        self, keys: Mapping[Personal, str], prefix: str, *, across: bool = False, seconds: float = revealing.SECONDS
    ) -> None:
        super().__init__()
        self.setObjectName(prefix)
        self.lines = {what: PersonalLine(what, key, prefix) for what, key in keys.items()}
        self._looks = revealing.Looks()
        self._seconds = seconds
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._set(self._looks))
        layout = row(self, 24) if across else column(self, 0)
        for line in self.lines.values():
            layout.addWidget(line)
            line.button.clicked.connect(partial(self._press, line.what))
        self._set(self._looks)

    def display(self, case_id: str, party: PartyView | None) -> None:
        turned = revealing.turn(self._looks, revealing.subject(case_id, party) if party else None)
        if turned != self._looks:
            self._set(turned)

    def title(self, what: Personal) -> str:
        return revealing.title(self._looks, what)

    def reveal(self, place: revealing.Place, value: str) -> None:
        """Does nothing for a party that is not looked at any more."""
        if self._looks.place(place.what) == place:
            self._set(revealing.reveal(self._looks, place, value, time.monotonic(), self._seconds))

    def set_waiting(self, waiting: bool) -> None:
        """While something else is under way nothing can be asked for; what is shown can still be hidden."""
        for what, line in self.lines.items():
            line.button.setEnabled(not waiting or self._looks.shown(what) is not None)

    def forget(self) -> None:
        """Nobody's numbers any more; no timer runs, and an answer that still comes is dropped."""
        self._set(revealing.Looks())

    def _press(self, what: Personal) -> None:
        if self._looks.shown(what) is not None:
            self._set(revealing.hide(self._looks, what))
        elif (place := self._looks.place(what)) is not None:
            self.asked.emit(place)

    def _set(self, looks: revealing.Looks) -> None:
        now = time.monotonic()
        self._looks = revealing.passed(looks, now)
        for line in self.lines.values():
            line.display(self._looks, self._seconds)
        wait = revealing.wait(self._looks, now)
        if wait is None:
            self._timer.stop()
        else:
            self._timer.start(ceil(wait * 1000))

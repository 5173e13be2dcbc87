"""In which dialect this seat wants to see how a line may be put; one button that goes round, kept in a file."""

import json
import logging
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal

from desktop.model import script
from desktop.widgets.parts import KeyButton
from signing.wire.case import ScriptLineView

log = logging.getLogger(__name__)

KEY = "J"


class DialectStore:
    """``chosen``: a dialect's name, or empty for none. ``path`` None: kept for this window only."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.chosen = self._load()

    def _load(self) -> str:
        """A file that is none counts as no choice: it is about comfort, not about evidence."""
        if self._path is None:
            return ""
        try:
            return str(json.loads(self._path.read_text(encoding="utf-8"))["dialect"])
        except FileNotFoundError:
            return ""
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("the choice of a dialect could not be read; none is shown")
            return ""

    def choose(self, dialect: str) -> None:
        """Holds for this window also where it cannot be kept."""
        self.chosen = dialect
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(".new")
            beside.write_text(json.dumps({"dialect": dialect}, ensure_ascii=False), encoding="utf-8")
            beside.replace(self._path)
        except OSError:
            log.warning("the choice of a dialect could not be kept")


class DialectButton(KeyButton):
    """Goes from none through each dialect of the script and back. ``chosen`` is emitted after each press."""

    chosen = Signal()

    def __init__(self, store: DialectStore) -> None:
        super().__init__("方言参考", KEY, name="script.dialect", quiet=True)
        self._store = store
        self._known: Sequence[str] = ()
        self.clicked.connect(self._next)

    def display(self, lines: Sequence[ScriptLineView]) -> None:
        """Hidden where the script has no words in any dialect."""
        self._known = script.dialects(lines)
        self.setVisible(bool(self._known))
        shown = self._store.chosen
        self.setText(f"方言：{shown}" if shown in self._known else "方言参考")

    def _next(self) -> None:
        order = ["", *self._known]
        now = order.index(self._store.chosen) if self._store.chosen in order else 0
        self._store.choose(order[(now + 1) % len(order)])
        self.chosen.emit()

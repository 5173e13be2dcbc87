"""Python's garbage is collected on the GUI thread only.

What a collection frees may be a closure that is connected to a signal: Qt's lock is then taken by whichever thread
collects, which waits for the interpreter's, while the GUI thread holds that and waits for Qt's: both stand for ever.
"""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 500


class Sweeping(QObject):
    """From ``start``, on the GUI thread, until ``stop`` no other thread collects.

    What is there at the start, modules above all, is set apart meanwhile: a whole collection goes over the rest alone,
    and the pictures do not wait for it.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(sweep)

    def start(self) -> None:
        gc.disable()
        gc.freeze()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()


def sweep() -> None:
    """As the interpreter would by itself: the oldest generation that is due, with all younger ones."""
    counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
    due = [generation for generation, (count, limit) in enumerate(counts) if count > limit]
    if due:
        gc.collect(due[-1])

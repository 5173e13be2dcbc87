"""How late pictures stand on the window: that what is measured is what was painted."""

import time

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from desktop.bench import lateness


def test_pictures_of_another_process_are_painted_and_timed(qtbot: QtBot) -> None:
    found = lateness.measure(2.0, parties=2)
    assert found.written > 3 * lateness.RATE, "three slots, at least half of their pictures"
    assert found.written / 2 < found.pictures <= found.written
    assert 0 < found.median <= found.p99 <= found.worst


def test_a_window_that_is_held_up_is_seen_in_the_figures(qtbot: QtBot) -> None:
    quiet = lateness.measure(2.0, parties=1)
    busy = QTimer()
    busy.timeout.connect(lambda: time.sleep(0.2))
    busy.start(250)
    held_up = lateness.measure(2.0, parties=1)
    busy.stop()
    assert held_up.p99 > quiet.median + 50

"""Garbage is collected on the GUI thread, and on no other."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from desktop import sweeping
from desktop.sweeping import Sweeping


class Cyclic:
    """Only a collection frees it."""

    def __init__(self, freed_on: list[threading.Thread]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: freed_on.append(threading.current_thread()))


@pytest.fixture
def sweeper() -> Iterator[Sweeping]:
    made = Sweeping()
    made.start()
    yield made
    made.stop()
    assert gc.isenabled()


def litter(freed_on: list[threading.Thread]) -> None:
    """Enough of it that a collection would be due at once."""
    for _ in range(3 * gc.get_threshold()[0]):
        Cyclic(freed_on)


def test_what_another_thread_leaves_is_freed_on_the_gui_thread(qtbot: QtBot, sweeper: Sweeping) -> None:
    freed_on: list[threading.Thread] = []
    thread = threading.Thread(target=litter, args=(freed_on,))
    thread.start()
    thread.join()
    assert freed_on == [], "not where it was left"
    qtbot.waitUntil(lambda: len(freed_on) >= 3 * gc.get_threshold()[0])
    assert set(freed_on) == {threading.main_thread()}


def test_without_it_the_thread_that_litters_collects(qtbot: QtBot) -> None:
    """So that the test above can fail."""
    freed_on: list[threading.Thread] = []
    thread = threading.Thread(target=litter, args=(freed_on,))
    thread.start()
    thread.join()
    assert thread in freed_on


def test_what_was_there_before_is_not_gone_over_again_and_again(sweeper: Sweeping) -> None:
    assert gc.get_freeze_count() > 10_000, "the modules of this program"
    sweeper.stop()
    assert gc.get_freeze_count() == 0


def test_an_older_generation_is_collected_when_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(gc, "collect", collected.append)
    for counts in ((700, 10, 10), (701, 0, 0), (5, 11, 0), (701, 11, 11)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        sweeping.sweep()
    assert collected == [0, 1, 2]

"""Fixtures for every test: nothing a test starts may outlive it, and Qt never needs a screen."""

import asyncio
import gc
import inspect
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

settings.register_profile("pingqian", deadline=None)  # how long an example takes is the machine's affair
settings.load_profile("pingqian")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false;qt.text.font.*=false")

_GRACE_SECONDS = 3.0

# Library threads that live as long as the process, by the start of their name.
_LIBRARY_THREADS = ("asyncio_", "AnyIO", "ThreadPoolExecutor", "ExecutorManagerThread", "QueueFeederThread", "pymp-")


def _own_threads() -> set[threading.Thread]:
    return {t for t in threading.enumerate() if t.is_alive() and not t.name.startswith(_LIBRARY_THREADS)}


def _wait_for_end(before: set[threading.Thread]) -> list[str]:
    deadline = time.monotonic() + _GRACE_SECONDS
    while (left := _own_threads() - before) and time.monotonic() < deadline:
        time.sleep(0.02)
    return sorted(thread.name for thread in left)


@pytest.fixture(autouse=True)
def no_leaked_threads(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves a thread running; threads of wider fixtures existed before it."""
    before = _own_threads()
    yield
    left = _wait_for_end(before)
    assert not left, f"threads outlived the test: {left}"


@pytest.fixture
async def no_leaked_tasks() -> AsyncIterator[None]:
    """Fails an async test that leaves a task behind; added to every async test below."""
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left = [task.get_name() for task in asyncio.all_tasks() - before if not task.done()]
    left = [name for name in left if name != asyncio.current_task().get_name()]  # type: ignore[union-attr]
    assert not left, f"tasks outlived the test: {left}"


@pytest.fixture
def no_leaked_timers() -> Iterator[None]:
    """Fails a Qt test that leaves a timer running or a window open; added to every test that uses qtbot.

    What was there before is frozen out of the collector's sight: only what the test made is looked through.
    """
    gc.freeze()
    yield
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    windows = [w.objectName() or type(w).__name__ for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert not windows, f"windows outlived the test: {windows}"
    gc.collect()
    timers = [o for o in gc.get_objects() if isinstance(o, QTimer) and isValid(o) and o.isActive()]
    assert not timers, f"timers outlived the test: {[t.objectName() or t.parent() for t in timers]}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if inspect.iscoroutinefunction(item.obj):
            item.fixturenames.append("no_leaked_tasks")
        if "qtbot" in item.fixturenames:
            item.fixturenames.insert(0, "no_leaked_timers")

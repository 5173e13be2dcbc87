"""A process that answers one question at a time: its answers, its refusals, its death."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from signing.adapters.worker_process import WorkerBusy, WorkerDied, WorkerProcess, _serve


def prepare() -> Callable[..., object]:
    return _answer


def _answer(what: str, value: int = 0) -> object:
    if what == "sleep":
        time.sleep(value)
    if what == "refuse":
        raise ValueError(value)
    return what, value, os.getpid()


def prepare_badly() -> Callable[..., object]:
    raise RuntimeError("no models")


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    made = WorkerProcess("answering", prepare, 30)
    yield made
    made.close()
    made.close()
    assert not _children()


def _children() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children() if child.name == "answering"]


def test_it_answers_from_one_process_and_passes_on_what_is_raised(worker: WorkerProcess) -> None:
    worker.start()
    answers = [worker.ask("double", number) for number in range(3)]
    (child,) = _children()
    assert answers == [("double", number, child) for number in range(3)]
    with pytest.raises(ValueError, match="7"):
        worker.ask("refuse", 7)
    assert worker.ask("again")


def test_a_death_is_told_once_and_the_next_question_is_answered(worker: WorkerProcess) -> None:
    worker.start()
    worker.ask("first")
    (child,) = _children()
    os.kill(child, signal.SIGSTOP)  # so that it dies with the question unread
    worker._patience = 0.3
    with pytest.raises(WorkerDied):
        worker.ask("x" * 1000)
    worker._patience = 30
    assert worker.ask("second")
    assert _children() != [child]


def test_one_that_takes_too_long_is_ended(worker: WorkerProcess) -> None:
    worker.ask("first")
    worker._patience = 0.2
    with pytest.raises(WorkerDied):
        worker.ask("sleep", 600)
    assert not _children()


def test_one_that_cannot_begin_is_told() -> None:
    broken = WorkerProcess("answering", prepare_badly, 30)
    with pytest.raises(WorkerDied):
        broken.ask("anything")
    broken.close()
    assert not _children()


def test_a_question_that_does_not_get_its_turn_is_told(worker: WorkerProcess) -> None:
    worker.ask("first")
    worker._patience = 0.2
    with worker._lock, pytest.raises(WorkerBusy):
        worker.ask("second")
    worker._patience = 30
    assert worker.ask("third")


def test_a_service_that_is_gone_before_it_was_ready_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ours, theirs = multiprocessing.Pipe()
    ours.close()
    _serve(theirs, prepare)

"""A defect is written down under a number and told by it alone; nothing else is held up."""

import logging
import re
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal, qWarning
from pytestqt.qtbot import QtBot

from desktop import mishaps
from desktop.app import Options, build
from desktop.bridge import Bridge, Trouble, internal

NUMBER = re.compile(r"\d{4}-\d{6}-\d+")


PERSON = ("王秀兰", "13800138000")


def broken() -> None:
    raise ZeroDivisionError(*PERSON)


@pytest.fixture
def told() -> Iterator[list[str]]:
    said: list[str] = []
    hooks = mishaps.Mishaps(said.append)
    hooks.install()
    yield said
    hooks.remove()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Path]:
    handler = mishaps.keep_log(tmp_path / "data")
    yield tmp_path / "data" / "window.log"
    logging.getLogger().removeHandler(handler)
    handler.close()


def test_what_qt_says_stands_in_the_log_and_not_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with mishaps.logged(tmp_path):
        qWarning("PulseAudioService: pa_context_connect() failed")
    assert "WARNING qt: PulseAudioService" in (tmp_path / "window.log").read_text(encoding="utf-8")
    assert capfd.readouterr().err == ""
    qWarning("afterwards it is pytest-qt that listens")
    assert "afterwards" not in (tmp_path / "window.log").read_text(encoding="utf-8")


def caught() -> ZeroDivisionError:
    try:
        broken()
    except ZeroDivisionError as error:
        return error
    raise AssertionError


def test_the_number_that_is_told_stands_in_the_log_with_the_place(told: list[str], kept: Path) -> None:
    error = caught()
    sys.excepthook(type(error), error, error.__traceback__)
    assert len(told) == 1
    number = NUMBER.search(told[0])
    assert number is not None
    log = kept.read_text(encoding="utf-8")
    assert f"mishap {number[0]}" in log
    assert "in broken" in log
    assert "ZeroDivisionError" in log
    assert not re.search("王秀兰|13800138000", log), "what was on the screen stands in the clear on the disk"
    assert not re.search("Error|Traceback|王秀兰|broken", told[0])
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_log_that_follows_a_full_one_is_for_its_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mishaps, "BYTES", 2000)
    handler = mishaps.keep_log(tmp_path)
    try:
        for _ in range(20):
            mishaps.record(caught())
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    assert len(list(tmp_path.iterdir())) > 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_a_cause_is_logged_with_its_place_and_without_what_it_quotes(kept: Path) -> None:
    try:
        try:
            broken()
        except ZeroDivisionError as cause:
            raise AttributeError("'Desk' has no 'call'") from cause
    except AttributeError as error:
        mishaps.record(error)
    log = kept.read_text(encoding="utf-8")
    assert "in broken" in log
    assert "'Desk' has no 'call'" in log
    assert "王秀兰" not in log


def test_the_same_defect_is_told_once_and_another_at_once(told: list[str], kept: Path) -> None:
    for _ in range(5):
        error = caught()
        sys.excepthook(type(error), error, error.__traceback__)
    assert len(told) == 1
    assert kept.read_text(encoding="utf-8").count("mishap ") == 5
    sys.excepthook(ValueError, ValueError("elsewhere"), None)
    assert len(told) == 2


def test_threads_are_heard_too_and_an_end_that_is_wanted_is_none(told: list[str]) -> None:
    thread = threading.Thread(target=broken)
    thread.start()
    thread.join()
    assert len(told) == 1
    before: list[object] = []
    hooks = mishaps.Mishaps(told.append)
    hooks._before = lambda *what: before.append(what)
    hooks._caught(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert len(before) == 1
    assert len(told) == 1


def test_hooks_are_put_back() -> None:
    before = (sys.excepthook, threading.excepthook)
    hooks = mishaps.Mishaps(lambda _: None)
    hooks.install()
    assert sys.excepthook != before[0]
    hooks.remove()
    assert (sys.excepthook, threading.excepthook) == before


class Raiser(QObject):
    asked = Signal()


def test_a_failing_closure_holds_up_none_of_the_others(qtbot: QtBot, told: list[str]) -> None:
    bridge, done = Bridge(), list[int]()
    bridge.to_gui(broken)
    bridge.to_gui(lambda: done.append(1))
    qtbot.waitUntil(lambda: done == [1])
    assert len(told) == 1
    bridge.close()


def test_a_task_that_fails_is_told_by_number_without_the_name_of_an_exception(kept: Path) -> None:
    trouble = internal(caught())
    assert isinstance(trouble, Trouble)
    number = NUMBER.search(trouble.text)
    assert number is not None
    assert "Error" not in trouble.text
    assert number[0] in kept.read_text(encoding="utf-8")


def test_the_running_window_says_it_calmly_and_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    made = build(Options("http://127.0.0.1:9", data=tmp_path))
    raiser = Raiser()
    raiser.asked.connect(broken)
    made.show()
    try:
        with qtbot.captureExceptions(), made.calm():
            raiser.asked.emit()
            qtbot.waitUntil(lambda: NUMBER.search(made.window.toast.words.text()) is not None)
        assert made.window.isVisible()
        assert "in broken" in (tmp_path / "window.log").read_text(encoding="utf-8")
    finally:
        made.close()

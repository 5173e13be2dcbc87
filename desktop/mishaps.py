"""Defects of this program: written down under a number, and told to the person at the screen by that number alone.

The log lies in the window's own data folder, readable by its user only, and never grows beyond a few megabytes. It
holds where something went wrong, not what was on the screen.
"""

import copy
import itertools
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

log = logging.getLogger(__name__)
BEIJING = timezone(timedelta(hours=8))
BYTES, KEPT = 1_000_000, 3
QUIET_SECONDS = 60.0
"""The same defect at the same place is told once in so long: a picture that cannot be drawn fails at every stroke."""
QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_counter = itertools.count(1)


def record(error: BaseException) -> str:
    """Writes it to the log. → the number under which it stands there, such as ``1127-101208-1``."""
    number = f"{datetime.now(UTC).astimezone(BEIJING):%m%d-%H%M%S}-{next(_counter)}"
    log.error("mishap %s", number, exc_info=error)
    return number


def words(number: str) -> str:
    """What a person is told."""
    return f"刚才的操作没有完成，通话和录像不受影响。请再试一次；仍然不行，请把编号 {number} 告诉管理员"


def keep_log(folder: Path) -> logging.Handler:
    """Everything of warning and above goes into ``folder/window.log`` until the handler is removed and closed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handler = _Private(folder / "window.log", maxBytes=BYTES, backupCount=KEPT, encoding="utf-8")
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_Reticent("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    return handler


@contextmanager
def logged(folder: Path) -> Iterator[None]:
    """Meanwhile warnings go into ``folder/window.log``, as ``keep_log`` says. So do Qt's, which otherwise stand on the
    terminal of whoever started the window.
    """
    kept, before = keep_log(folder), qInstallMessageHandler(_qt_said)
    try:
        yield
    finally:
        qInstallMessageHandler(before)
        logging.getLogger().removeHandler(kept)
        kept.close()


def _qt_said(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    """On any thread."""
    logging.getLogger("qt").log(QT_LEVELS.get(kind, logging.WARNING), "%s", text)


class _Private(RotatingFileHandler):
    """Also the file that follows a full one is for its user alone."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return TextIOWrapper(os.fdopen(descriptor, "ab"), encoding=self.encoding, errors=self.errors)


class _Reticent(logging.Formatter):
    """Where something failed and as what. What an exception says may quote what was typed or came: a name, a number.

    Only those that speak of names in our own code are quoted, and the system's words for an errno.
    """

    def format(self, record: logging.LogRecord) -> str:
        own = copy.copy(record)
        own.exc_text = None  # as another handler has written it
        return super().format(own)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        _, error, trace = ei
        causes = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        before = [self.formatException((type(causes), causes, causes.__traceback__))] if causes is not None else []
        return "\n".join(
            [*before, "".join(traceback.format_tb(trace)) + f"{type(error).__name__} {_said(error)}".rstrip()]
        )


def _said(error: BaseException) -> str:
    if isinstance(error, AttributeError | NameError | ImportError):
        return str(error)
    return error.strerror or "" if isinstance(error, OSError) else ""


class Mishaps:
    """While installed, whatever nobody caught, on any thread, is recorded, and ``tell(words)`` called; never twice in
    ``QUIET_SECONDS`` for the same place. ``tell`` may be called on any thread. ``remove`` puts back what was there.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: dict[tuple[str, int], float] = {}
        self._before = sys.excepthook
        self._before_threads = threading.excepthook

    def install(self) -> None:
        self._before, self._before_threads = sys.excepthook, threading.excepthook
        sys.excepthook = self._caught
        threading.excepthook = self._in_thread

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before, self._before_threads

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._caught(args.exc_type, args.exc_value, args.exc_traceback)

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, Exception):  # somebody wants the program to end
            self._before(kind, error, trace)
            return
        number, now, place = record(error), time.monotonic(), _place(trace)
        if now - self._told.get(place, -QUIET_SECONDS) >= QUIET_SECONDS:
            self._told[place] = now
            self._tell(words(number))


def _place(trace: TracebackType | None) -> tuple[str, int]:
    """Where it was thrown."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ("", 0)

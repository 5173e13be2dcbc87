"""A process of its own for work that may crash, stall, or hold the interpreter's lock: one question at a time.

Not the standard library's process pool: where a worker of Python 3.11's pool dies while more than a pipe's worth of
bytes is on the way to it, closing that pool waits for ever (fixed in 3.12), and with it the service.
"""

import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock

log = logging.getLogger(__name__)

Question = tuple[object, ...]
Answer = Callable[..., object]


class WorkerDied(Exception):
    """The process died or took too long; the next question starts another."""


class WorkerBusy(WorkerDied):
    """Others were first for so long that the question was not asked at all."""


class WorkerProcess:
    """``prepare`` runs once in the process and gives the function that answers; both must be importable by name.

    The process starts with ``start`` or the first question. ``patience`` is in seconds, for one question; loading, and
    the questions of others before it, may take as long again.
    """

    def __init__(self, name: str, prepare: Callable[[], Answer], patience: float) -> None:
        self._name = name
        self._prepare = prepare
        self._patience = patience
        self._lock = Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._ready = False

    def start(self) -> None:
        """Begins loading; does not wait for it."""
        with self._lock:
            self._started()

    def ask(self, *question: object) -> object:
        """What the function answers, or raises. Raises ``WorkerDied``."""
        if not self._lock.acquire(timeout=self._patience):
            log.warning("the %s process was busy for more than %.0f s", self._name, self._patience)
            raise WorkerBusy(self._name)
        try:
            answer = self._exchange(question)
        finally:
            self._lock.release()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def close(self) -> None:
        """Ends the process, giving up what it works on. May be called twice; the next question starts it anew."""
        process = self._process
        with suppress(ValueError):  # it was ended meanwhile
            if process is not None:
                process.kill()
        with self._lock:
            self._end()

    def _exchange(self, question: Question) -> object:
        pipe = self._started()
        try:
            if self._ready or pipe.poll(self._patience):
                self._ready = self._ready or bool(pipe.recv())
                pipe.send(question)
                if pipe.poll(self._patience):
                    return pipe.recv()
            log.error("the %s process took more than %.0f s", self._name, self._patience)
        except (OSError, EOFError):
            log.exception("the %s process died", self._name)
        self._end()
        raise WorkerDied(self._name)

    def _started(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self._end()
            # spawn: a fork would copy the service's threads in the middle of whatever they hold.
            context = get_context("spawn")
            self._pipe, theirs = context.Pipe()
            arguments = (theirs, self._prepare)
            self._process = context.Process(target=_serve, args=arguments, name=self._name, daemon=True)
            self._process.start()
            theirs.close()
        return self._pipe

    def _end(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._pipe, self._process, self._ready = None, None, False


def _serve(pipe: Connection, prepare: Callable[[], Answer]) -> None:
    """The process: prepares, then answers until the service hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which hangs up in order
    answer = prepare()
    with suppress(EOFError, OSError):
        pipe.send(True)
        while True:
            question = pipe.recv()
            pipe.send(_answered(answer, question))


def _answered(answer: Answer, question: Question) -> object:
    """What is answered or raised: whatever a picture does to an engine is the asker's to hear."""
    try:
        return answer(*question)
    except Exception as error:
        return error

"""Identity advice from a process of its own.

dlib holds the interpreter's lock for 80 ms and more at a time, in which no web socket of the service would be served;
a picture that crashes or stalls an engine must not take the service along; and the models stay out of its memory.
"""

import logging
import signal
from contextlib import suppress
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock
from typing import Any

from signing.domain.errors import OutsideError
from signing.domain.party import CardSide, FaceComparison, Party

log = logging.getLogger(__name__)

PATIENCE = 45.0
"""Seconds for one picture, the loading of the models included; on a quiet machine 0.3 to 4."""
BUSY = "证件识别暂时没有响应"
AGAIN = "请稍候重拍；仍不行请人工核对证件，并联系管理员"


class IdentityProcess:
    """Implements ``signing.service.ports.IdentityReader``: one picture at a time, in the order of asking.

    The process starts with the first picture or ``warm_up``, and again after it died or had to be ended.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._lock = Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._ready = False

    def warm_up(self) -> None:
        """Starts the process, which loads its models at once; does not wait for it."""
        with self._lock:
            self._started()

    def read_card(self, image: bytes, side: str, party: Party, at: datetime) -> CardSide:
        """As ``VisionIdentityReader``. Raises ``OutsideError`` too, where the process died or took too long."""
        found = self._ask("read_card", image, side, party, at)
        assert isinstance(found, CardSide)
        return found

    def compare_face(self, snapshot: bytes, card_front: bytes | None, at: datetime) -> FaceComparison:
        """As ``VisionIdentityReader``. Raises ``OutsideError`` too, where the process died or took too long."""
        found = self._ask("compare_face", snapshot, card_front, at)
        assert isinstance(found, FaceComparison)
        return found

    def close(self) -> None:
        """Ends the process, giving up the picture it works on. May be called twice; the next one starts it anew."""
        process = self._process
        with suppress(ValueError):  # it was ended meanwhile
            if process is not None:
                process.kill()
        with self._lock:
            self._end()

    def _ask(self, method: str, *arguments: object) -> object:
        with self._lock:
            answer = self._exchange((method, arguments))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _exchange(self, question: object) -> object:
        pipe = self._started()
        try:
            if self._ready or pipe.poll(self._patience):
                self._ready = self._ready or bool(pipe.recv())
                pipe.send(question)
                if pipe.poll(self._patience):
                    return pipe.recv()
            log.error("identity process took more than %.0f s", self._patience)
        except (OSError, EOFError):
            log.exception("identity process died")
        self._end()
        raise OutsideError(BUSY, AGAIN)

    def _started(self) -> Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self._end()
            # spawn: a fork would copy the service's threads in the middle of whatever they hold.
            context = get_context("spawn")
            self._pipe, theirs = context.Pipe()
            self._process = context.Process(target=answer_questions, args=(theirs,), name="identity", daemon=True)
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


def answer_questions(pipe: Connection) -> None:
    """The process: loads the models, then answers until the service hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which hangs up in order
    from signing.adapters.identity import VisionIdentityReader

    reader = VisionIdentityReader()
    reader.warm_up().join()
    pipe.send(True)
    while True:
        try:
            method, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_answer(reader, method, arguments))


def _answer(reader: Any, method: str, arguments: tuple[object, ...]) -> object:
    """What the reader returns, or the exception it raises."""
    try:
        return getattr(reader, method)(*arguments)
    except Exception as error:  # whatever a picture does to an engine is the asker's to hear
        return error

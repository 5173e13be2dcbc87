"""Identity advice from processes of their own.

dlib holds the interpreter's lock for 80 ms and more at a time, in which no web socket of the service would be served;
a picture that crashes or stalls an engine must not take the service along; and the models stay out of its memory.
"""

import os
from collections.abc import Callable
from datetime import datetime
from queue import Empty, LifoQueue

from signing.adapters.worker_process import WorkerDied, WorkerProcess
from signing.domain.errors import OutsideError
from signing.domain.party import CardSide, FaceComparison, Party

PATIENCE = 45.0
"""Seconds for one picture, the loading of the models included, and as long again for those before it; on a quiet
machine 0.3 to 4."""
DEMO_PATIENCE = 4 * PATIENCE
"""Where the service shares one machine with every customer's browser and the seat."""
BUSY = "证件识别暂时没有响应"
CROWDED = "同时核对证件的人太多，暂时没有轮到"
AGAIN = "请稍候重拍；仍不行请人工核对证件，并联系管理员"
CORES_EACH = 4
MOST_PROCESSES = 4
"""Each keeps half a gigabyte of models."""


class IdentityProcess:
    """Implements ``signing.service.ports.IdentityReader``: as many pictures at a time as there are processes.

    The first process starts with the first picture or ``warm_up``, another where that one is busy, and each again after
    it died or had to be ended. ``processes``: one for four cores where it is 0.
    """

    def __init__(self, patience: float = PATIENCE, processes: int = 0) -> None:
        count = processes or max(1, min(MOST_PROCESSES, (os.cpu_count() or 1) // CORES_EACH))
        self._patience = patience
        self._all = [WorkerProcess("identity", load_reader, patience) for _ in range(count)]
        self._idle: LifoQueue[WorkerProcess] = LifoQueue()
        for worker in reversed(self._all):
            self._idle.put(worker)

    def warm_up(self) -> None:
        """Starts the first process, which loads its models at once; does not wait for it."""
        self._all[0].start()

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
        """Ends the processes, giving up what they work on. May be called twice; the next picture starts one anew."""
        for worker in self._all:
            worker.close()

    def _ask(self, *question: object) -> object:
        try:
            worker = self._idle.get(timeout=self._patience)
        except Empty as crowd:
            raise OutsideError(CROWDED, AGAIN, code="outside.crowded") from crowd
        try:
            return worker.ask(*question)
        except WorkerDied as died:
            raise OutsideError(BUSY, AGAIN) from died
        finally:
            self._idle.put(worker)


def load_reader() -> Callable[..., object]:
    """In the process: loads the models, which takes seconds."""
    from signing.adapters.identity import VisionIdentityReader

    reader = VisionIdentityReader()
    reader.warm_up().join()

    def answer(method: str, *arguments: object) -> object:
        found: object = getattr(reader, method)(*arguments)
        return found

    return answer

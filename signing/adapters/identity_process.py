"""Identity advice from a process of its own.

dlib holds the interpreter's lock for 80 ms and more at a time, in which no web socket of the service would be served;
a picture that crashes or stalls an engine must not take the service along; and the models stay out of its memory.
"""

from collections.abc import Callable
from datetime import datetime

from signing.adapters.worker_process import WorkerDied, WorkerProcess
from signing.domain.errors import OutsideError
from signing.domain.party import CardSide, FaceComparison, Party

PATIENCE = 45.0
"""Seconds for one picture, the loading of the models included; on a quiet machine 0.3 to 4."""
DEMO_PATIENCE = 4 * PATIENCE
"""Where the service shares one machine with every customer's browser and the seat."""
BUSY = "证件识别暂时没有响应"
AGAIN = "请稍候重拍；仍不行请人工核对证件，并联系管理员"


class IdentityProcess:
    """Implements ``signing.service.ports.IdentityReader``: one picture at a time, in the order of asking.

    The process starts with the first picture or ``warm_up``, and again after it died or had to be ended.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._worker = WorkerProcess("identity", load_reader, patience)

    def warm_up(self) -> None:
        """Starts the process, which loads its models at once; does not wait for it."""
        self._worker.start()

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
        self._worker.close()

    def _ask(self, *question: object) -> object:
        try:
            return self._worker.ask(*question)
        except WorkerDied as died:
            raise OutsideError(BUSY, AGAIN) from died


def load_reader() -> Callable[..., object]:
    """In the process: loads the models, which takes seconds."""
    from signing.adapters.identity import VisionIdentityReader

    reader = VisionIdentityReader()
    reader.warm_up().join()

    def answer(method: str, *arguments: object) -> object:
        found: object = getattr(reader, method)(*arguments)
        return found

    return answer

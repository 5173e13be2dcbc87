"""Before an auditor sees a masked number: why? The service puts that on record, then gives the value."""

from collections.abc import Callable
from functools import partial

from desktop.bridge import Bridge, Trouble, Work
from desktop.client import Client
from desktop.model.revealing import Place
from desktop.seat.reason import ReasonDialog
from desktop.widgets.personal import PersonalBox
from signing.wire.case import Revealed

REASONS = ("核对录像中的身份证件", "回访客户", "处理客户投诉")
QUESTION = "请写明查看原因。谁在什么时候、为什么查看，都会写入记录；没有原因不能查看。"


class Revealing:
    """Answers what ``box`` asks; a refusal goes to ``complain``. After ``stop`` nothing is shown."""

    def __init__(self, bridge: Bridge, client: Client, box: PersonalBox, complain: Callable[[Trouble], None]) -> None:
        self._bridge, self._client, self._box, self._complain = bridge, client, box, complain
        self._asking: Work | None = None
        box.asked.connect(self.ask)

    def ask(self, place: Place) -> None:
        title = f"查看{self._box.title(place.what)}"
        send = partial(self._send, place)
        ReasonDialog(title, QUESTION, REASONS, "查看", send, self._box.window(), danger=False).open()

    def _send(self, place: Place, reason: str) -> None:
        self._box.set_waiting(True)
        path = f"/api/cases/{place.case_id}/{place.tail}"
        asking = self._client.post(path, place.message(reason), Revealed)
        self._asking = self._bridge.call(asking, partial(self._show, place), self._refused)

    def stop(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._box.forget()

    def _show(self, place: Place, found: Revealed) -> None:
        self._box.set_waiting(False)
        self._box.reveal(place, found.value)

    def _refused(self, trouble: Trouble) -> None:
        self._box.set_waiting(False)
        self._complain(trouble)

"""The customer's page while the seat's media process breaks down: it finds out by itself and is back in the call."""

import os
import queue
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from media import ports
from media.process.client import ProcessEngine
from media.process.places import Place
from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage
from tests.end2end.phone.test_call import frames_in

pytestmark = pytest.mark.end2end

OPEN = ports.OpenCall("call_1", "2026-00318", "07号席", "张*梅")


class Seat:
    """Does what the window's model does: opens the call again in an engine that begins anew."""

    def __init__(self, folder: Path) -> None:
        options = ports.EngineOptions(stage_width=640, stage_height=360, use_devices=False)
        self.engine = ProcessEngine(options, folder)
        self.answers: queue.Queue[str] = queue.Queue()
        self.restarted = threading.Event()
        self.engine.start(self.hear)
        self.engine.post(OPEN)

    def hear(self, event: ports.Event) -> None:
        if isinstance(event, ports.LocalAnswer):
            self.answers.put(event.sdp)
        elif isinstance(event, ports.EngineRestarted):
            self.engine.post(OPEN)
            self.restarted.set()

    def answer(self, sdp: str) -> str:
        self.engine.post(ports.RemoteOffer("call_1", "party_1", "王*国 借款人", sdp))
        return self.answers.get(timeout=10)


@pytest.fixture
def seat(tmp_path: Path) -> Iterator[Seat]:
    made = Seat(tmp_path / "media")
    yield made
    made.engine.stop()
    assert not Place(tmp_path / "media", "seat").held()


def test_the_page_comes_back_by_itself(stage: Stage, phone: Phone, seat: Seat) -> None:
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.pingqian.stats().firstPictureMs > 0")
    assert seat.engine.pid is not None
    os.kill(seat.engine.pid, signal.SIGKILL)
    assert seat.restarted.wait(3)
    phone.until("window.pingqian.stats().offers >= 2", 10)
    phone.until("window.pingqian.stats().connectionState === 'connected' && !window.pingqian.stats().lost", 15)
    assert frames_in(phone, 2) > 5
    phone.until("document.getElementById('strip').textContent.indexOf('重新接通') < 0")
    assert not phone.complaints

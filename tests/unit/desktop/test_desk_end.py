"""The end of a desk in the middle of a recording: first the engine's last words, then the deliveries."""

import inspect
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model import workspace as w
from desktop.seat.desk import Desk
from desktop.spool import Spool
from media import ports
from media.call import closed_segment
from media.checker import Checker
from media.engine import MediaEngine
from media.recorder import LAST_WAIT
from media.sealedstore import SealedStore
from tests.unit.desktop import views
from tests.unit.desktop.answers import Answer, Answers, refused
from tests.unit.desktop.test_spool import began

PATIENCE = 10.0


class Recording(MediaEngine):
    """Only records; at its end it waits, as on a full disk, until what it writes last is brought to the service."""

    service: Answers
    store: SealedStore
    timeout = 0.0
    brought = False

    def start(self, listener: Callable[[ports.Event], None]) -> None:
        self.tell = listener

    def post(self, command: ports.Command) -> None:
        assert isinstance(command, ports.StartRecording)
        self.path = command.path
        self.store = SealedStore(command.path, command.key)
        self.store.append(b"header", 0.0)

    def stop(self, timeout: float = 10.0) -> None:
        self.timeout = timeout
        self.store.append(b"what waited", 1.0)
        until = time.monotonic() + PATIENCE
        while not self.brought and time.monotonic() < until:
            time.sleep(0.02)
            self.brought = ("PUT", "/api/recordings/rec1/segments/1") in self.service.asked
        self.store.close()
        links = tuple(closed_segment("c1", link) for link in self.store.links)
        self.tell(ports.RecordingEnded("c1", self.path, views.NOW, 1.0, self.store.size, self.store.sha256, links, ()))

    def answer(self, method: str, path: str) -> Answer:
        """The service's: it takes all but the end, which would be tried again for ever."""
        last = path.rpartition("/")[2]
        if method == "PUT":
            link = self.store.links[int(last)]
            return 200, {"next_index": link.index + 1, "sha256": link.sha256, "chain": link.chain}
        known = {"recordings": {"recording_id": "rec1"}, "segments": {"next_index": 0}, "spool-key": {"key": "ab" * 32}}
        return (200, known[last]) if last in known else refused(503, "outside")


@pytest.fixture
def engine() -> Recording:
    return Recording(ports.EngineOptions(use_devices=False))


@pytest.fixture
def desk(bridge: Bridge, engine: Recording, tmp_path: Path) -> Iterator[Desk]:
    engine.service = Answers(engine.answer)
    bridge.finish(engine.service.open())
    client = Client(engine.service.url)
    yield Desk(bridge, client, Spool(tmp_path), engine, bridge)
    bridge.finish(client.close())
    bridge.finish(engine.service.close())


def begin(desk: Desk, engine: Recording, qtbot: QtBot) -> None:
    """A recording whose first segment the service has."""
    desk.start()
    (looking,) = desk.tape._works
    qtbot.waitUntil(lambda: looking.task is not None and looking.task.done(), timeout=20_000)
    desk.tape.begin(w.BeginRecording("c1", "2026-1"))
    desk.tape.report(w.ReportRecording(began(engine.path), ("", "")))
    first = ("PUT", "/api/recordings/rec1/segments/0")
    qtbot.waitUntil(lambda: first in engine.service.asked, timeout=20_000)


def test_a_desk_delivers_until_the_recording_is_closed_and_then_no_more(
    desk: Desk, engine: Recording, bridge: Bridge, tmp_path: Path, qtbot: QtBot
) -> None:
    begin(desk, engine, qtbot)
    desk.stop()
    assert engine.brought, "delivery makes room while the engine closes the recording"
    (item,) = Spool(tmp_path).items()
    assert item.finished is not None
    assert item.finished.sha256 == engine.store.sha256
    qtbot.waitUntil(lambda: not bridge._tasks, timeout=20_000)


def test_what_the_engine_has_read_back_is_known_to_the_delivery(desk: Desk, engine: Recording, qtbot: QtBot) -> None:
    begin(desk, engine, qtbot)
    (item,) = desk.tape._spool.items()
    engine.tell(ports.RecordingChecked("c1", engine.path, 0, 0.0, 0, (), unread=1))
    qtbot.waitUntil(lambda: desk.tape._spool.unread(item) == 1, timeout=20_000)
    desk.stop()


def test_the_engine_gets_the_time_that_a_full_disk_and_the_check_may_take(
    desk: Desk, engine: Recording, qtbot: QtBot
) -> None:
    begin(desk, engine, qtbot)
    desk.stop()
    assert engine.timeout > LAST_WAIT + inspect.signature(Checker.close).parameters["timeout"].default

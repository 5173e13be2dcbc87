"""What an agent has said of a call that is over outlives its window, and nobody else can read it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model import workspace as w
from desktop.seat.desk import Desk
from desktop.seat.remarks import RemarkFile, Remarks
from desktop.spool import Spool
from media import ports
from media.engine import MediaEngine
from signing.wire.call import Outcome
from signing.wire.case import Phase, StepKey
from signing.wire.staff import Presence
from tests.unit.desktop import views
from tests.unit.desktop.answers import Answer, Answers, refused

KEY = bytes(range(32))
SAID = (Outcome.OTHER, "客户家里来人，改到晚上再约")


def wrapping_up() -> w.State:
    return w.State(view=views.view(Presence.WRAP_UP, about=views.case(StepKey.DISCLOSURE, Phase.WAITING)))


class Silent(MediaEngine):
    """Only the service is needed here."""

    def start(self, listener: Callable[[ports.Event], None]) -> None: ...

    def post(self, command: ports.Command) -> None: ...

    def stop(self, timeout: float = 10.0) -> None: ...


@pytest.fixture
def client(bridge: Bridge) -> Iterator[Client]:
    def answer(method: str, path: str) -> Answer:
        return (200, {"key": KEY.hex()}) if path.endswith("/draft-key") else refused(503, "outside")

    service = Answers(answer)
    bridge.finish(service.open())
    made = Client(service.url)
    yield made
    bridge.finish(made.close())
    bridge.finish(service.close())


@pytest.fixture
def window(bridge: Bridge, client: Client, tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """Each is a window of its own over the same folder."""
    opened = list[Desk]()

    def new() -> Desk:
        desk = Desk(bridge, client, Spool(tmp_path / "spool"), Silent(ports.EngineOptions(use_devices=False)), bridge)
        Remarks(bridge, desk, tmp_path / "remark.sealed")
        desk.start()
        opened.append(desk)
        return desk

    yield new
    for desk in opened:
        desk.stop()


def show(desk: Desk, state: w.State) -> None:
    desk.state = state
    desk.changed.emit()


def test_what_was_typed_is_there_in_the_next_window(window: Callable[[], Desk], qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "remark.sealed"
    first = window()
    show(first, wrapping_up())
    first.state_outcome(*SAID)
    qtbot.waitUntil(path.exists, timeout=10_000)
    assert SAID[1].encode() not in path.read_bytes()
    second = window()
    show(second, wrapping_up())
    qtbot.waitUntil(lambda: (second.state.outcome, second.state.note) == SAID, timeout=10_000)
    show(second, w.State(view=views.view(Presence.AVAILABLE)))
    assert not path.exists(), "it was sent, or its time is over"


def test_what_is_said_before_the_old_words_are_read_counts_more(
    window: Callable[[], Desk], qtbot: QtBot, tmp_path: Path
) -> None:
    case = wrapping_up().case
    assert case is not None
    kept = RemarkFile(tmp_path / "remark.sealed", KEY)
    kept.save(case.case_id, SAID)
    desk = window()
    show(desk, wrapping_up())
    desk.state_outcome(Outcome.NO_SHOW, "")
    qtbot.waitUntil(lambda: kept.load(case.case_id) == (Outcome.NO_SHOW, ""), timeout=10_000)
    assert desk.state.outcome is Outcome.NO_SHOW


def test_another_case_another_key_and_a_spoilt_file_are_none(tmp_path: Path) -> None:
    path = tmp_path / "remark.sealed"
    file = RemarkFile(path, KEY)
    assert file.load("case1") is None
    file.save("case1", SAID)
    file.save("case1", SAID)
    assert file.load("case1") == SAID
    assert file.load("case2") is None
    assert RemarkFile(path, KEY[::-1]).load("case1") is None
    path.write_bytes(path.read_bytes()[:-1])
    assert file.load("case1") is None

"""The agent's and the supervisor's workspace over desks that nobody answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from pytestqt.qtbot import QtBot

from desktop.board.desk import BoardDesk
from desktop.board.workspace import BoardWorkspace
from desktop.bridge import Bridge
from desktop.client import Client
from desktop.seat.desk import Desk
from desktop.seat.workspace import SeatWorkspace
from desktop.spool import Spool
from media import ports
from media.engine import MediaEngine

NOBODY = "http://127.0.0.1:9"


T = TypeVar("T", SeatWorkspace, BoardWorkspace)


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


@pytest.fixture
def client(bridge: Bridge) -> Iterator[Client]:
    made = Client(NOBODY)
    yield made
    bridge.finish(made.close())


@pytest.fixture
def engine() -> MediaEngine:
    return MediaEngine(ports.EngineOptions(use_devices=False))


@contextmanager
def shown(made: T, qtbot: QtBot) -> Iterator[T]:
    """Its desk has not been started: states are set, commands go nowhere."""
    qtbot.addWidget(made)
    made.resize(1366, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.stop()
    made.close()


@pytest.fixture
def workspace(
    qtbot: QtBot, tmp_path: Path, bridge: Bridge, client: Client, engine: MediaEngine
) -> Iterator[SeatWorkspace]:
    desk = Desk(bridge, client, Spool(tmp_path), engine, bridge)
    with shown(SeatWorkspace(bridge, desk), qtbot) as made:
        yield made


@pytest.fixture
def board(qtbot: QtBot, bridge: Bridge, client: Client, engine: MediaEngine) -> Iterator[BoardWorkspace]:
    with shown(BoardWorkspace(BoardDesk(bridge, client, engine, bridge)), qtbot) as made:
        yield made

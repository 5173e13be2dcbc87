"""The agent's and the supervisor's workspace over desks that nobody answers."""

from collections.abc import Iterator
from pathlib import Path

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


@pytest.fixture
def workspace(qtbot: QtBot, tmp_path: Path) -> Iterator[SeatWorkspace]:
    """The desk has not been started: states are set, commands go nowhere."""
    bridge, client = Bridge(), Client(NOBODY)
    desk = Desk(bridge, client, Spool(tmp_path), MediaEngine(ports.EngineOptions(use_devices=False)), bridge)
    made = SeatWorkspace(bridge, desk)
    qtbot.addWidget(made)
    made.resize(1366, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.stop()
    made.close()
    bridge.finish(client.close())
    bridge.close()


@pytest.fixture
def board(qtbot: QtBot) -> Iterator[BoardWorkspace]:
    """Over a desk that has not been started: states are set, commands go nowhere."""
    bridge, client = Bridge(), Client(NOBODY)
    desk = BoardDesk(bridge, client, MediaEngine(ports.EngineOptions(use_devices=False)), bridge)
    made = BoardWorkspace(desk)
    qtbot.addWidget(made)
    made.resize(1366, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.stop()
    made.close()
    bridge.finish(client.close())
    bridge.close()

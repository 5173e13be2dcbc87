"""The opening window before and after the service has answered."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop.bridge import Bridge
from desktop.client import Client
from desktop.model.wording import utc_now
from desktop.opening import form as model
from desktop.opening.drafts import Draft, Drafts
from desktop.opening.window import OpeningWindow
from signing.wire.opening import OpeningCatalogue
from tests.unit.desktop.opening.forms import FORM

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[OpeningWindow]:
    """Nobody answers it: what comes of the service is what a test says."""
    bridge, client = Bridge(), Client(NOBODY)
    made = OpeningWindow(bridge, client, tmp_path)
    qtbot.addWidget(made, before_close_func=lambda made: made.end())
    made.show()
    yield made
    bridge.finish(client.close())
    bridge.close()


def draft_buttons(window: OpeningWindow) -> list[QPushButton]:
    return [one for one in window.findChildren(QPushButton) if one.text() == "接着填写"]


def test_a_draft_can_be_gone_on_with_as_soon_as_it_is_shown(
    window: OpeningWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    """The key of the drafts may come before the products: then none of them is there to be resumed yet."""
    drafts = Drafts(tmp_path, bytes(32))
    begun = model.begun(FORM)
    typed = replace(begun, values={**begun.values, "parties.0.name": "王秀兰"})
    drafts.save(Draft(Drafts.new_id(), FORM.title, typed, utc_now()))
    window.desk.drafts = drafts
    window.desk.unlocked.emit()
    assert draft_buttons(window) == []
    window.desk.ready.emit(
        OpeningCatalogue(institution="示范联社", today=utc_now().date(), products=[FORM], parties_most=8)
    )
    (button,) = draft_buttons(window)
    button.click()
    assert window.pages.currentWidget() is window.filling
    assert window.filling.typed is not None
    assert window.filling.typed.value("parties.0.name") == "王秀兰"

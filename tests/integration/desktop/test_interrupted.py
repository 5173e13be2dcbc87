"""The window closed in the middle of a call: asked first, and the recording reaches the service at the next log-in."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from desktop.app import Application
from desktop.spool import Spool
from tests.integration.desktop.office import Customer, Service, service
from tests.integration.desktop.test_journey import Hands
from tests.integration.desktop.windows import opened


def _to_a_running_recording(application: Application, hands: Hands, office: Service) -> Customer:
    customer = Customer(office.url, office.open_case())
    hands.log_in("zhang")
    hands.press("presence.available")
    customer.start(office)
    hands.press("offer.accept", 60)
    desk = application.window.desk
    assert desk is not None
    hands.until(lambda: desk.state.media.recording == "running", 60)
    hands.until(lambda: any(item.recording_id for item in Spool(_spool(application)).items()))
    hands.qtbot.wait(2500)
    return customer


def _spool(application: Application) -> Path:
    assert application.options.data is not None
    return application.options.data / "spool"


def _tries_to_close(application: Application, hands: Hands) -> None:
    """Asked first; staying keeps the call."""
    application.window.close()
    hands.until(lambda: application.window.findChild(QMessageBox, "close.ask"))
    box = application.window.findChild(QMessageBox, "close.ask")
    assert box is not None
    assert application.window.isVisible()
    assert {button.text() for button in box.findChildren(QPushButton)} == {"继续通话", "仍要关闭"}
    box.reject()


@pytest.mark.timeout(480)
def test_a_recording_cut_short_is_delivered_at_the_next_log_in(qtbot: QtBot, tmp_path: Path) -> None:
    with service(tmp_path / "service") as office:
        first = opened(office.url, tmp_path / "desktop")
        hands = Hands(first, qtbot)
        customer = _to_a_running_recording(first, hands, office)
        try:
            _tries_to_close(first, hands)
        finally:
            first.close()
            customer.stop()
        (left,) = Spool(tmp_path / "desktop" / "spool").items()
        assert left.finished is not None
        second = opened(office.url, tmp_path / "desktop")
        try:
            Hands(second, qtbot).log_in("zhang")
            Hands(second, qtbot).until(lambda: not Spool(tmp_path / "desktop" / "spool").items(), 60)
        finally:
            second.close()

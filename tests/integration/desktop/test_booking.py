"""The window over the real service: a time is appointed, moved and called off; an account that rests is confirmed."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.board.resting import RestingDialog
from desktop.seat.booking import BookingDialog
from tests.integration.desktop.office import Service, service
from tests.integration.desktop.test_joint import give_reason, window
from tests.integration.desktop.test_journey import Hands
from tests.integration.web.running import PASSWORDS


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path / "service") as running:
        yield running


def keep(hands: Hands, name: str) -> None:
    """A picture to look at, where a folder for it is given."""
    if folder := os.environ.get("SCREENS"):
        for part, widget in (("window", hands.window), ("dialog", QApplication.activeModalWidget())):
            if widget is not None:
                widget.grab().save(str(Path(folder) / f"{name}-{part}.png"))


@pytest.mark.timeout(300)
def test_an_appointment_from_the_first_to_its_end(office: Service, qtbot: QtBot, tmp_path: Path) -> None:
    office.open_case()
    application, hands = window(office, tmp_path / "desktop", qtbot)
    try:
        hands.window.resize(1366, 768)
        hands.log_in("zhang")
        hands.press("queue.find")
        hands.press("find.ok")
        first = _appoint(hands, 0)
        moved = _appoint(hands, 1)
        assert moved != first
        _call_off(hands)
    finally:
        application.close()
        QApplication.processEvents()


def _dialog(hands: Hands) -> BookingDialog:
    hands.press("case.book")
    hands.until(lambda: hands.window.findChild(BookingDialog))
    found = hands.window.findChild(BookingDialog)
    assert isinstance(found, BookingDialog)
    hands.until(lambda: found.day.count() > 40)
    return found


def _appoint(hands: Hands, slot: int) -> str:
    """Tomorrow, so that it is on the seat's list. → the words of the appointment there."""
    dialog = _dialog(hands)
    words = dialog.standing.text()
    dialog.day.setCurrentIndex(next(n for n in range(3) if dialog.day.itemText(n).startswith("明天")))
    dialog.slot.setCurrentIndex(slot)
    wanted = dialog.slot.currentText()
    keep(hands, f"real-booking-{slot}")
    hands.press("booking.ok")
    hands.until(lambda: _booked(hands) == "预约 1" and wanted in _shown(hands))
    hands.until(lambda: hands.window.findChild(BookingDialog) is None)  # it is deleted a turn of the loop later
    assert (words == "还没有预约") == (slot == 0)
    return wanted


def _call_off(hands: Hands) -> None:
    dialog = _dialog(hands)
    assert dialog.standing.text().startswith("已预约 ")
    hands.press("booking.off")
    give_reason(hands, "客户改到柜台办理")
    hands.until(lambda: dialog.standing.text() == "还没有预约")
    hands.until(lambda: _booked(hands) == "")
    hands.press("booking.cancel")


def _booked(hands: Hands) -> str:
    found = hands.window.findChild(QLabel, "queue.booked")
    return found.text() if found is not None else ""


def _shown(hands: Hands) -> str:
    queue = hands.window.findChild(QWidget, "queue")
    return " ".join(one.text() for one in queue.findChildren(QLabel)) if queue is not None else ""


@pytest.mark.timeout(300)
def test_a_reset_auditor_is_confirmed_at_the_board(office: Service, qtbot: QtBot, tmp_path: Path) -> None:
    application, hands = window(office, tmp_path / "desktop", qtbot)
    try:
        hands.window.resize(1366, 768)
        hands.log_in("chen")
        hands.until(lambda: hands.window.findChild(QLabel, "board.queue.words"))
        _reset(office, "staff_lin", PASSWORDS["lin"])
        assert _log_in(office, "lin").json()["code"] == "account_resting"
        hands.press("board.resting.button")
        dialog = hands.window.findChild(RestingDialog)
        assert isinstance(dialog, RestingDialog)
        keep(hands, "real-resting")
        hands.press("resting.confirm")
        hands.until(lambda: dialog.list.rows.count() == 0)
        hands.until(lambda: hands.window.findChild(QLabel, "ownercode.code"))
        assert _log_in(office, "lin").json()["code"] == "owner_code"
        hands.press("ownercode.close")
        hands.press("resting.cancel")
        strip = hands.button("board.resting.button")
        assert strip is not None
        hands.until(lambda: not strip.isVisible())
    finally:
        application.close()
        QApplication.processEvents()


def _log_in(office: Service, username: str) -> httpx.Response:
    login = {"username": username, "password": PASSWORDS[username]}
    return httpx.post(f"{office.url}/api/staff/login", json=login, timeout=30)


def _reset(office: Service, staff_id: str, password: str) -> None:
    headers = {"Authorization": f"Bearer {_log_in(office, 'admin').json()['token']}"}
    path = f"{office.url}/api/accounts/{staff_id}/password"
    assert httpx.post(path, json={"password": password}, headers=headers, timeout=30).status_code == 204

"""Two customers, an agent's window and a supervisor's, all real: admitted, heard, whispered to, taken over."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from desktop.app import Application
from desktop.board.desk import BoardDesk
from desktop.seat.desk import Desk
from signing.wire.call import CallPartyState, Outcome
from signing.wire.staff import Presence
from tests.integration.desktop.office import Customer, Service, service
from tests.integration.desktop.test_journey import Hands
from tests.integration.desktop.windows import opened
from tests.integration.web.running import CASE, PARTY

SPOUSE = {
    "role": "co_borrower",
    "name": "丁大山",
    "id_number": "35082319510614301X",
    "phone": "13800138001",
    "address": PARTY["address"],
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path / "service") as running:
        yield running


def window(office: Service, data: Path, qtbot: QtBot) -> tuple[Application, Hands]:
    application = opened(office.url, data, frame_rate=8)
    return application, Hands(application, qtbot)


def give_reason(hands: Hands, words: str) -> None:
    def text() -> QPlainTextEdit | None:
        return hands.window.findChild(QPlainTextEdit, "reason.text")

    hands.until(text)
    found = text()
    assert found is not None
    found.setPlainText(words)
    hands.press("reason.ok")


def inside(desk: Desk) -> list[str]:
    call = desk.state.call
    return [place.role_title for place in call.parties if place.state is CallPartyState.LIVE] if call else []


def pictures(desk: Desk) -> int:
    return sum(line.picture for line in desk.state.media.lines.values())


@pytest.mark.timeout(600)
def test_a_joint_call_is_heard_whispered_into_and_taken_over(office: Service, qtbot: QtBot, tmp_path: Path) -> None:
    case: dict[str, Any] = {**CASE, "parties": [PARTY, SPOUSE]}
    customers = [Customer(office.url, capability) for capability in office.open_joint_case(case)]
    agent, at_seat = window(office, tmp_path / "agent", qtbot)
    chief, at_board = window(office, tmp_path / "chief", qtbot)
    try:
        _talk(office, at_seat, customers)
        _board(at_board, at_seat)
        _take_over(at_board, at_seat)
    finally:
        for customer in customers:
            customer.stop()
        for application in (agent, chief):
            application.close()
        QApplication.processEvents()
    assert [customer.error for customer in customers] == ["", ""]


def _talk(office: Service, hands: Hands, customers: list[Customer]) -> None:
    hands.log_in("zhang")
    hands.press("presence.available")
    customers[0].start(office)
    hands.press("offer.accept", 60)
    desk = hands.window.desk
    assert desk is not None
    hands.until(lambda: pictures(desk) == 1)
    customers[1].start(office)
    hands.until(lambda: desk.state.place(desk.state.people[1].party_id).state is CallPartyState.WAITING)  # type: ignore[union-attr]
    desk.focus_number(2)
    hands.press("party.admit")
    hands.until(lambda: pictures(desk) == 2)
    assert inside(desk) == ["借款人", "共同借款人"]
    desk.hold(desk.state.people[1].party_id, True)
    hands.until(lambda: desk.state.line.held)
    desk.hold(desk.state.people[1].party_id, False)
    hands.until(lambda: not desk.state.line.held)


def _board(hands: Hands, at_seat: Hands) -> None:
    hands.log_in("chen")
    board, desk = _board_desk(hands), at_seat.window.desk
    assert desk is not None
    hands.until(lambda: board.state.call is not None)
    hands.press("board.listen")
    hands.until(lambda: board.state.ear.peer == "connected" and board.engine.stage().latest() is not None)
    hands.until(lambda: list(desk.state.media.ears.values()) == [False])
    board.whisper(True)
    hands.until(lambda: board.state.ear.talking and list(desk.state.media.ears.values()) == [True])
    board.whisper(False)
    assert not board.state.ear.talking
    hands.until(lambda: list(desk.state.media.ears.values()) == [False])


def _board_desk(hands: Hands) -> BoardDesk:
    hands.until(lambda: hands.window.board is not None)
    assert hands.window.board is not None
    return hands.window.board


def _take_over(hands: Hands, at_seat: Hands) -> None:
    board, desk, other = _board_desk(hands), hands.window.desk, at_seat.window.desk
    assert desk is not None
    assert other is not None
    hands.press("board.takeover")
    give_reason(hands, "客户要求由主管办理")
    hands.until(lambda: pictures(desk) == 2 and desk.state.media.recording == "running", 40)
    assert inside(desk) == ["借款人", "共同借款人"]
    hands.until(lambda: other.state.call is None and other.state.media.call_id == "")
    assert board.state.ear.call_id == ""
    hands.press("call.proof")
    hands.press("call.hangup")
    give_reason(hands, "客户要求改天再办")
    hands.until(lambda: desk.state.view is not None and desk.state.view.presence is Presence.WRAP_UP)
    desk.state_outcome(Outcome.TO_CONTINUE, "")
    hands.press("wrapup.finish", 60)
    hands.until(lambda: desk.state.view is not None and desk.state.view.presence is not Presence.WRAP_UP)

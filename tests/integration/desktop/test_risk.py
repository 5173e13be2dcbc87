"""An agent's window and a supervisor's over the real service: a referral closes the step, its release opens it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from signing.wire.risk import RiskOutcome
from tests.integration.desktop.office import Customer, Service, service
from tests.integration.desktop.test_joint import give_reason, window
from tests.integration.desktop.test_journey import Hands, _say_why

RULES = """
[age_at_maturity]
age = 90
[electronic_channel]
limit = "100000.00"
blocks = "disclosure"
"""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path / "service") as running:
        (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
        command = [sys.executable, "-m", "signing.cli", "risk", "set", str(tmp_path / "rules.toml")]
        house = ["--institution", "inst_demo", "--data", str(tmp_path / "service")]
        subprocess.run([*command, *house], check=True, capture_output=True)
        yield running


@pytest.mark.timeout(480)
def test_a_referral_closes_disclosure_until_the_supervisor_releases_it(
    office: Service, qtbot: QtBot, tmp_path: Path
) -> None:
    customer = Customer(office.url, office.open_case())
    agent, at_seat = window(office, tmp_path / "agent", qtbot)
    chief, at_board = window(office, tmp_path / "chief", qtbot)
    try:
        _come_to_disclosure(office, at_seat, customer)
        _closed(at_seat, tmp_path)
        _release(at_board, tmp_path)
        _goes_on(at_seat, tmp_path)
    finally:
        customer.stop()
        for application in (agent, chief):
            application.close()
        QApplication.processEvents()
    assert customer.error == ""


def _come_to_disclosure(office: Service, hands: Hands, customer: Customer) -> None:
    hands.log_in("zhang")
    hands.press("presence.available")
    customer.start(office)
    hands.press("offer.accept", 60)
    desk = hands.window.desk
    assert desk is not None
    hands.until(lambda: desk.state.party is not None and desk.state.party.identity.front is not None, 60)
    hands.snap()
    hands.press("identity.accept", 60)
    _say_why(hands)
    hands.until(lambda: hands.ready("script.yes"))


def _closed(hands: Hands, tmp_path: Path) -> None:
    desk = hands.window.desk
    assert desk is not None
    toast = hands.window.findChild(QLabel, "toast.text")
    assert toast is not None
    hands.press("script.yes")
    hands.until(lambda: "等待主管处理“电子渠道限额”" in toast.text())
    assert desk.state.case is not None
    (finding,) = desk.state.case.findings
    assert (finding.outcome, finding.decision) == (RiskOutcome.REFER, None)
    step = next(step for step in desk.state.case.steps if step.key == "disclosure")
    assert step.reason == "待主管处理：电子渠道限额"
    assert not any(line.answers for line in desk.state.case.script)
    hands.window.grab().save(str(tmp_path / "seat-closed.png"))


def _release(hands: Hands, tmp_path: Path) -> None:
    hands.log_in("chen")
    hands.until(lambda: hands.window.board is not None and hands.window.board.state.referral is not None)
    hands.until(lambda: hands.ready("board.release"))
    hands.window.grab().save(str(tmp_path / "board.png"))
    hands.press("board.release")
    give_reason(hands, "已登记现场面签")
    board = hands.window.board
    hands.until(lambda: board is not None and board.state.view is not None and not board.state.view.referrals)


def _goes_on(hands: Hands, tmp_path: Path) -> None:
    desk = hands.window.desk
    assert desk is not None

    def released() -> bool:
        found = desk.state.case.findings if desk.state.case else []
        return [one.decision.reason for one in found if one.decision] == ["已登记现场面签"]

    hands.until(released)
    hands.window.grab().save(str(tmp_path / "seat-released.png"))
    hands.press("script.yes")
    hands.until(lambda: desk.state.case is not None and any(line.answers for line in desk.state.case.script))

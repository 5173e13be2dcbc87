"""The real window, service and media engine, and a customer over real WebRTC: from ring to verified package."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPlainTextEdit, QPushButton
from pytestqt.exceptions import TimeoutError as Late
from pytestqt.qtbot import QtBot

from desktop.app import Application, Options, build
from desktop.model import actions, script, tapecheck
from desktop.model.qualitylog import SHORTEST
from desktop.widgets.parts import Badge
from media.ports import EngineOptions
from signing.wire.case import Phase
from signing.wire.staff import Presence
from tests.integration.desktop.office import Customer, Service, service
from tests.integration.web.running import PASSWORDS


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path / "service") as running:
        yield running


@pytest.fixture
def application(qtbot: QtBot, office: Service, tmp_path: Path) -> Iterator[Application]:
    options = Options(office.url, data=tmp_path / "desktop", media=EngineOptions(use_devices=False))
    made = build(options)
    made.show()
    yield made
    made.close()


class Hands:
    """Finds by name, waits, and presses as a person does: only what is visible and enabled."""

    def __init__(self, application: Application, qtbot: QtBot) -> None:
        self.window, self.qtbot = application.window, qtbot

    def until(self, ready: Callable[[], object], seconds: float = 90.0) -> None:
        try:
            self.qtbot.waitUntil(lambda: bool(ready()), timeout=int(seconds * 1000))
        except Late as error:
            raise AssertionError(f"after {seconds:.0f} s the window says: {self.words()}") from error

    def words(self) -> str:
        """What stands on the window, for whoever reads why a test failed."""
        shown = [label.text() for label in self.window.findChildren(QLabel) if label.isVisible() and label.text()]
        return " | ".join(shown)

    def button(self, name: str) -> QPushButton | None:
        return self.window.findChild(QPushButton, name)

    def ready(self, name: str) -> bool:
        button = self.button(name)
        return button is not None and button.isVisible() and button.isEnabled()

    def press(self, name: str, seconds: float = 30.0) -> None:
        self.until(lambda: self.ready(name), seconds)
        self.qtbot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]

    def snap(self) -> None:
        """Again where the customer's picture was not there in that moment, as an agent would."""
        desk = self.window.desk
        assert desk is not None

        def seen() -> bool:
            return desk.state.party is not None and desk.state.party.identity.face is not None

        for _ in range(3):
            self.press("call.snapshot", 60)
            with contextlib.suppress(AssertionError):
                return self.until(seen, 25)
        raise AssertionError(f"no snapshot came about; the window says: {self.words()}")

    def log_in(self, username: str) -> None:
        for name, text in (("login.user", username), ("login.password", PASSWORDS[username])):
            field = self.window.findChild(QLineEdit, name)
            assert field is not None
            field.setText(text)
        self.press("login.submit")


@pytest.mark.timeout(480)
def test_from_ring_to_verified_package(application: Application, office: Service, qtbot: QtBot, tmp_path: Path) -> None:
    hands = Hands(application, qtbot)
    customer = Customer(office.url, office.open_case())
    hands.log_in("zhang")
    hands.press("presence.available")
    customer.start(office)
    try:
        _call(hands, customer)
        _close_the_case(hands)
    finally:
        customer.stop()
    assert customer.error == ""
    assert not list((tmp_path / "desktop" / "spool").iterdir())
    application.window.log_out()
    _audit(hands)


def _call(hands: Hands, customer: Customer) -> None:
    window = hands.window
    hands.press("offer.accept", 60)
    desk = window.desk
    assert desk is not None
    hands.until(lambda: desk.state.media.recording == "running", 30)
    # A new picture of the card's front asks for a new comparison, so the snapshot waits for it.
    hands.until(lambda: desk.state.party is not None and desk.state.party.identity.front is not None, 60)
    hands.snap()
    hands.press("identity.accept", 60)
    _say_why(hands)
    hands.until(lambda: hands.ready("script.yes"))
    _read_out(hands)
    hands.until(lambda: customer.step == "await_seal" or customer.error, 90)
    assert customer.error == ""
    assert customer.picture_from_seat
    hands.until(lambda: any(one.until - one.since >= SHORTEST for one in desk.state.media.log.open.values()))
    hands.press("call.proof")
    hands.until(lambda: actions.proof_complete(tapecheck.proof(desk.state)))
    hands.press("call.hangup")


def _say_why(hands: Hands) -> None:
    """The test picture has no face in it, so the service wants the agent's own reason."""
    hands.until(lambda: hands.window.findChild(QPlainTextEdit, "reason.text"))
    words = hands.window.findChild(QPlainTextEdit, "reason.text")
    assert words is not None
    words.setPlainText("已人工比对证件与本人")
    hands.press("reason.ok")


def _read_out(hands: Hands) -> None:
    desk = hands.window.desk
    assert desk is not None
    assert desk.state.case is not None
    _play(hands)
    for _ in desk.state.case.script:
        case = desk.state.case
        line = script.current_line(case.script) if case else None
        if line is None:
            break
        hands.press(f"script.{line.expected or 'yes'}")
        hands.until(partial(_has_moved_on, hands, line.number))


def _play(hands: Hands) -> None:
    """A sound reads the first line, and is stopped once it is heard for a moment."""
    desk = hands.window.desk
    assert desk is not None
    hands.press("script.aloud")
    hands.until(lambda: desk.state.media.reading is not None, 60)
    hands.qtbot.wait(700)
    hands.press("script.aloud")
    hands.until(lambda: desk.state.media.reading is None and hands.ready("script.yes"), 20)


def _has_moved_on(hands: Hands, number: int) -> bool:
    desk = hands.window.desk
    assert desk is not None
    line = script.current_line(desk.state.case.script) if desk.state.case else None
    return not desk.state.busy and (line is None or line.number != number)


def _close_the_case(hands: Hands) -> None:
    desk = hands.window.desk
    assert desk is not None
    hands.press("case.seal", 90)
    hands.until(lambda: desk.state.case is not None and desk.state.case.phase is Phase.CLOSED, 90)
    hands.press("wrapup.finish")
    hands.until(lambda: desk.state.view is not None and desk.state.view.presence is Presence.AVAILABLE)


def _audit(hands: Hands) -> None:
    hands.log_in("lin")
    window = hands.window
    hands.until(lambda: window.findChild(QListWidget, "audit.list") is not None)
    sessions = window.findChild(QListWidget, "audit.list")
    assert sessions is not None
    hands.until(lambda: sessions.count() == 1)
    sessions.setCurrentRow(0)
    hands.press("audit.play", 30)
    time_shown = window.findChild(QLabel, "audit.time")
    assert time_shown is not None
    hands.until(lambda: not time_shown.text().startswith("00:00 "))
    hands.press("audit.verify")
    verdict = window.findChild(Badge, "audit.verdict")
    assert verdict is not None
    hands.until(lambda: verdict.text.startswith(("已验证", "不完整", "已被改动", "无法读取")), 60)
    assert verdict.text.startswith("已验证"), verdict.text
    events = window.findChild(QListWidget, "audit.events")
    assert events is not None
    told = [events.item(number).toolTip() for number in range(events.count())]
    assert any("借款人" in line and "线路" in line and "call.quality" in line for line in told), "how good the line was"
    assert any("disclosure.read_aloud" in line and "合成的声音" in line for line in told), "which voice read a line"
    assert any("disclosure.read_aloud_ended" in line and "停止" in line for line in told), "and how far"

"""The real window leads a customer through a paper, over the real service and a real call."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from desktop.app import Application
from desktop.devices.network import check
from signing.wire.base import Tone
from signing.wire.case import StepKey
from tests.integration.desktop import office as offices
from tests.integration.desktop.office import Customer, Service, service
from tests.integration.desktop.test_journey import Hands, _read_out, _say_why
from tests.integration.desktop.windows import opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path / "service") as running:
        yield running


@pytest.fixture
def application(qtbot: QtBot, office: Service, tmp_path: Path) -> Iterator[Application]:
    made = opened(office.url, tmp_path / "desktop")
    yield made
    made.close()


@pytest.fixture
def led(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a customer's phone is sent of where it is led. This customer reads nothing by themselves."""
    frames: list[dict[str, Any]] = []
    take = offices._Walk._take

    async def keep(walk: offices._Walk, frame: dict[str, Any]) -> None:
        if frame["type"] == "lead":
            frames.append(frame)
        await take(walk, frame)

    async def wait(walk: offices._Walk, step: str, view: dict[str, Any]) -> None:
        """The agent is to lead."""

    monkeypatch.setattr(offices._Walk, "_take", keep)
    monkeypatch.setattr(offices._Walk, "_document", wait)
    return frames


@pytest.mark.timeout(300)
def test_the_phone_is_led_to_the_page_and_let_go(
    application: Application, office: Service, qtbot: QtBot, led: list[dict[str, Any]]
) -> None:
    hands = Hands(application, qtbot)
    customer = Customer(office.url, office.open_case())
    hands.log_in("zhang")
    hands.press("presence.available")
    customer.start(office)
    try:
        hands.press("offer.accept", 60)
        desk = hands.window.desk
        assert desk is not None
        hands.until(lambda: desk.state.party is not None and desk.state.party.identity.front is not None, 60)
        hands.snap()
        hands.press("identity.accept", 60)
        _say_why(hands)
        hands.until(lambda: hands.ready("script.yes"))
        _read_out(hands)
        hands.until(lambda: desk.state.step is StepKey.READING)
        hands.press("call.paper")
        hands.press("paper.lead")
        hands.until(lambda: [(one["kind"], one["page"]) for one in led][:1] == [("page", 1)])
        hands.press("paper.after")
        hands.until(lambda: led[-1]["page"] == 2)
        workspace = hands.window.findChild(type(hands.window.centralWidget()), "paper.page")
        assert workspace is not None
        workspace.marked.emit(0.2, 0.2, 0.6, 0.3)  # type: ignore[attr-defined]
        hands.until(lambda: led[-1]["kind"] == "mark")
        hands.press("paper.lead")
        hands.until(lambda: led[-1]["kind"] == "over")
        assert customer.error == ""
    finally:
        customer.stop()


def test_the_network_of_a_seat_is_tried_against_the_real_service(application: Application, qtbot: QtBot) -> None:
    hands = Hands(application, qtbot)
    found: list[Any] = []
    application.bridge.call(check(application.client), found.extend)
    hands.until(lambda: found)
    assert found[1].words == "登录后再检查"
    hands.log_in("zhang")
    hands.until(lambda: hands.ready("presence.available"))
    found.clear()
    application.bridge.call(check(application.client), found.extend)
    hands.until(lambda: found)
    assert found[0].tone in (Tone.GOOD, Tone.CAUTION)
    assert found[1].what == "中继"
    assert "没有配置" in found[1].words

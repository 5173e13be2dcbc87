"""Naming a helper on the phone while waiting: what is typed survives the queue moving on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from signing.wire.helper import HelperView
from signing.wire.phone import PhoneStep, PhoneView, QueuePlace
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage, display

pytestmark = pytest.mark.end2end

WAITING = {"queue": QueuePlace(position=3, expected_wait_seconds=200)}
SON = HelperView(name_masked="王*田", relation="子女", declared_by="customer", aside=False)


def answered(path: str) -> PhoneView | None:
    if path != "/api/phone/helper":
        return None
    return display(PhoneStep.QUEUE, **WAITING, helper=SON)


@pytest.mark.parametrize("width", [320, 360])
def test_a_helper_is_named_while_waiting(
    stage: Stage, new_phone: Callable[..., Phone], width: int, tmp_path: Path
) -> None:
    phone = new_phone(width, 640)
    stage.view = display(PhoneStep.QUEUE, **WAITING)
    stage.reply = answered
    phone.resume(stage)
    phone.at("queue", "waiting")
    phone.page.click("#helper-link")
    phone.at("helper", "ask")
    phone.page.fill("#helper-name", "王小田")
    stage.show(PhoneStep.QUEUE, queue=QueuePlace(position=1))
    phone.page.wait_for_timeout(300)
    assert phone.page.input_value("#helper-name") == "王小田"
    phone.page.click("#primary")
    assert "姓名和关系" in phone.error()
    phone.page.click(".chip >> nth=0")
    assert phone.page.input_value("#helper-relation") == "子女"
    phone.page.screenshot(path=tmp_path / f"helper{width}.png", full_page=True)
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.page.click("#primary")
    phone.at("queue", "waiting")
    (said,) = stage.bodies("/helper")
    assert said == {"name": "王小田", "relation": "子女", "phone": ""}
    assert phone.page.inner_text("#helper-link") == "协助人：子女王*田"
    phone.page.screenshot(path=tmp_path / f"queue{width}.png")
    phone.page.click("#helper-link")
    phone.at("helper", "known")
    phone.page.click("#primary")
    phone.at("queue", "waiting")
    assert phone.complaints == []


def test_a_call_takes_the_customer_away_from_the_form(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.QUEUE, **WAITING)
    phone.resume(stage)
    phone.at("queue", "waiting")
    phone.page.click("#helper-link")
    phone.at("helper", "ask")
    stage.show(PhoneStep.ID_FRONT, call=CALL)
    phone.at("id_front", "take")

"""What the customer must not miss: a refusal, a call that is over, the end of what is agreed to."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload

from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, CODE, CONSENT, Stage, display

pytestmark = pytest.mark.end2end

SIZES = pytest.mark.parametrize("width", [320, 360])
BOX = "document.getElementById('{}').getBoundingClientRect().toJSON()"
NO_PICTURE: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
TOO_OFTEN = '{"code": "too_many", "message": "验证码发送太频繁", "hint": "请稍等几分钟再试"}'


def refuse(route: Any) -> None:
    route.fulfill(status=429, content_type="application/json", body=TOO_OFTEN)


def seen_whole(phone: Phone) -> None:
    """The refusal stands in the window, above the next action, with nothing over it and nothing of it cut."""
    assert phone.error()
    error, action = (phone.page.evaluate(BOX.format(name)) for name in ("error", "primary"))
    assert error["top"] >= 0
    assert error["height"] > 30
    assert error["bottom"] <= action["top"]
    assert action["bottom"] <= phone.page.evaluate("innerHeight")
    cut = "(e => e.scrollHeight - e.clientHeight)(document.getElementById('error'))"
    assert phone.page.evaluate(cut) <= 1
    middle = f"{error['left'] + 40}, {(error['top'] + error['bottom']) / 2}"
    assert phone.page.evaluate(f"document.elementFromPoint({middle}).closest('#error') !== null")


@SIZES
def test_a_refusal_is_seen_at_once(stage: Stage, new_phone: Callable[..., Phone], width: int) -> None:
    phone = new_phone(width, 640)
    phone.enter(stage.url, "111111")
    seen_whole(phone)
    phone.page.fill("#code-input", CODE)
    phone.page.click("#primary")
    phone.at("consent_recording")
    stage.show(PhoneStep.ID_FRONT, call=CALL)
    phone.at("id_front", "take")
    phone.page.set_input_files("#id-file", NO_PICTURE)
    seen_whole(phone)
    stage.show(PhoneStep.SIGNING, call=CALL)
    phone.at("signing", "pad")
    assert phone.page.is_hidden("#error")
    phone.page.click("#primary")
    seen_whole(phone)


@SIZES
def test_a_refused_sending_leaves_the_way_with_the_code_one_has(
    stage: Stage, new_phone: Callable[..., Phone], width: int
) -> None:
    phone = new_phone(width, 640)
    phone.open(stage.url)
    phone.at("code", "send")
    phone.page.route("**/api/phone/code", refuse)
    phone.page.click("#primary")
    seen_whole(phone)
    phone.page.click("#secondary")
    phone.at("code", "enter")
    phone.page.click("#secondary")
    seen_whole(phone)
    phone.page.fill("#code-input", CODE)
    phone.page.click("#primary")
    phone.at("consent_recording")


def test_a_call_that_ends_early_is_said_until_the_next(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.READING, call=CALL)
    phone.resume(stage)
    phone.at("reading", "page")
    phone.until("window.pingqian.stats().lineConnected")
    stage.show(PhoneStep.QUEUE, queue={"position": 2, "expected_wait_seconds": 30})
    phone.at("queue", "waiting")
    assert "通话已结束，您的进度都在" in phone.page.inner_text("#strip")
    stage.show(PhoneStep.READING, call=CALL)
    phone.at("reading", "page")
    assert "通话已结束" not in phone.page.inner_text("#strip")
    stage.show(PhoneStep.AWAIT_SEAL)
    phone.at("await_seal")
    assert "通话已结束" not in phone.page.inner_text("#strip")


def test_agreeing_waits_for_the_end_of_the_text(stage: Stage, phone: Phone) -> None:
    long = CONSENT | {"kind": "recording", "paragraphs": CONSENT["paragraphs"] * 3}  # type: ignore[operator]
    stage.view = display(PhoneStep.CONSENT_RECORDING, consent=long)
    phone.resume(stage)
    phone.at("consent_recording")
    phone.page.wait_for_timeout(600)
    assert phone.page.is_disabled("#primary")
    assert phone.page.inner_text("#primary") == "请往下看完"
    phone.page.click("#secondary")
    phone.at("consent_recording", "refuse")
    phone.page.click("#primary")
    phone.until("document.getElementById('primary').textContent === '请往下看完'")
    phone.page.mouse.move(180, 300)
    phone.page.mouse.wheel(0, 5000)
    phone.until("!document.getElementById('primary').disabled")
    assert phone.page.inner_text("#primary") == "同意"
    phone.page.evaluate("scrollTo(0, 0)")
    phone.page.wait_for_timeout(400)
    assert phone.page.is_enabled("#primary")


def test_a_text_that_fits_is_agreed_to_at_once(stage: Stage, phone: Phone) -> None:
    short = CONSENT | {"kind": "recording", "paragraphs": ["一段话。"]}
    stage.view = display(PhoneStep.CONSENT_RECORDING, consent=short)
    phone.resume(stage)
    phone.at("consent_recording")
    phone.until("!document.getElementById('primary').disabled")
    assert phone.page.inner_text("#primary") == "同意"

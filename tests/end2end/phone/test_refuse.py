"""The way out: quiet, never by accident, and kind words at the end of it; also where others or time end the matter."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signing.wire.phone import PhoneStep, PhoneView
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage, display
from tests.end2end.phone.test_screens import fits

pytestmark = pytest.mark.end2end

SIZES = pytest.mark.parametrize(("width", "height"), [(320, 568), (360, 640), (412, 915)])
WORDS = "已按您的意思停止办理，这笔业务的文书不会生效"
OVER = '{"code": "link.over", "message": "这笔业务已过有效期", "hint": "如果还想办理或有疑问，请拨打 0597-1234567"}'


def keep(phone: Phone, name: str) -> None:
    """For looking at, where a folder is named."""
    if folder := os.environ.get("PINGQIAN_SCREENS"):
        phone.page.wait_for_timeout(350)
        phone.page.screenshot(path=str(Path(folder) / f"{name}.png"))


def ended(path: str) -> PhoneView | None:
    if not path.endswith("/refuse"):
        return None
    return display(PhoneStep.ENDED, notice={"tone": "notice", "text": WORDS})


@SIZES
def test_refusing_takes_two_deliberate_taps_and_ends_kindly(
    stage: Stage, new_phone: Callable[..., Phone], width: int, height: int
) -> None:
    phone = new_phone(width, height)
    stage.view = display(PhoneStep.SIGNING, call=CALL, may_refuse=True)
    stage.reply = ended
    phone.resume(stage)
    phone.at("signing", "pad")
    assert phone.page.inner_text("#refuse") == "我不同意签署"
    fits(phone, "signing with a way out")
    keep(phone, f"way-out-{width}")
    phone.page.click("#refuse")
    phone.at("refuse", "ask")
    fits(phone, "refuse")
    keep(phone, f"refuse-{width}")
    assert phone.page.is_hidden("#way-out")
    phone.until("!document.getElementById('primary').disabled")
    phone.page.click("#primary")
    phone.at("signing", "pad")
    assert stage.paths() == [], "the big button goes back"
    phone.page.click("#refuse")
    phone.at("refuse", "ask")
    phone.page.click("text=家里人不同意")
    phone.until("!document.getElementById('secondary').disabled")
    phone.page.click("#secondary")
    phone.at("ended")
    assert stage.bodies("/refuse") == [{"reason": "家里人不同意"}]
    assert WORDS in phone.page.inner_text("#content")
    assert phone.page.is_hidden("#way-out")
    fits(phone, "ended")
    keep(phone, f"ended-{width}")
    assert not phone.complaints


def test_a_double_tap_on_the_link_refuses_nothing(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.QUEUE, queue={"position": 2}, may_refuse=True)
    stage.reply = ended
    phone.resume(stage)
    phone.at("queue", "waiting")
    assert phone.page.inner_text("#refuse") == "我不想办理了"
    keep(phone, "way-out-queue")
    phone.page.dblclick("#refuse")
    phone.at("refuse", "ask")
    assert not stage.bodies("/refuse")


@pytest.mark.parametrize(
    ("step", "offered"),
    [
        (PhoneStep.CONSENT_RECORDING, False),
        (PhoneStep.CONSENT_FACE, True),
        (PhoneStep.PRECHECK, True),
        (PhoneStep.READING, True),
        (PhoneStep.AWAIT_SEAL, False),
    ],
)
def test_it_is_offered_where_the_screen_has_no_way_of_its_own(
    stage: Stage, phone: Phone, step: PhoneStep, offered: bool
) -> None:
    stage.view = display(step, may_refuse=step is not PhoneStep.AWAIT_SEAL)
    phone.resume(stage)
    phone.at(step.value)
    phone.page.wait_for_timeout(200)
    assert phone.page.is_visible("#refuse") is offered
    fits(phone, step.value)
    keep(phone, f"way-out-{step.value}")


def test_the_code_screen_offers_none(stage: Stage, phone: Phone) -> None:
    phone.open(stage.url)
    phone.at("code", "send")
    assert phone.page.is_hidden("#refuse")


def test_the_end_comes_through_while_one_is_making_sure(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.READING, call=CALL, may_refuse=True)
    phone.resume(stage)
    phone.at("reading", "page")
    phone.until("window.pingqian.stats().lineConnected")
    phone.page.click("#refuse")
    phone.at("refuse", "ask")
    stage.show(PhoneStep.SIGNING, call=CALL, may_refuse=True)
    phone.page.wait_for_timeout(300)
    phone.at("refuse", "ask")
    stage.show(PhoneStep.ENDED, notice={"tone": "notice", "text": "这笔业务已由办理机构撤回"})
    phone.at("ended")
    assert "撤回" in phone.page.inner_text("#content")


@SIZES
def test_the_others_are_told_and_called_back_by_the_same_page(
    stage: Stage, new_phone: Callable[..., Phone], width: int, height: int
) -> None:
    phone = new_phone(width, height)
    told = {"tone": "caution", "text": "有其他当事人不再办理，这笔业务暂时不能继续"}
    stage.view = display(PhoneStep.DISCLOSURE, call=CALL)
    phone.resume(stage)
    phone.at("disclosure")
    phone.until("window.pingqian.stats().lineConnected")
    stage.show(PhoneStep.STOPPED, call=CALL, notice=told)
    phone.at("stopped", "call")
    assert "客户经理会在视频里" in phone.page.inner_text("#content")
    fits(phone, "stopped in the call")
    keep(phone, f"stopped-call-{width}")
    stage.show(PhoneStep.STOPPED, notice=told)
    phone.at("stopped", "alone")
    fits(phone, "stopped")
    keep(phone, f"stopped-{width}")
    assert phone.page.locator("#progress").is_hidden(), "how far one came is no matter of a case that stands still"
    again = {"tone": "notice", "text": "业务内容有变更，请重新听客户经理告知、重新看文书，以新的为准"}
    stage.show(PhoneStep.DISCLOSURE, call=CALL, notice=again)
    phone.at("disclosure")
    assert "业务内容有变更" in phone.page.inner_text("#strip")
    fits(phone, "hears again")
    keep(phone, f"hears-again-{width}")


def test_a_link_that_is_over_says_why_and_whom_to_call(stage: Stage, phone: Phone) -> None:
    def over(route: Any) -> None:
        route.fulfill(status=401, content_type="application/json", body=OVER)

    phone.page.route("**/api/phone/open", over)
    phone.open(stage.url)
    phone.at("code", "broken")
    assert phone.sentence() == "这笔业务已过有效期"
    assert phone.page.inner_text("#primary") == "拨打 0597-1234567"
    fits(phone, "a link that is over")
    keep(phone, "link-over")

"""Sixty-five, large letters, a bad line: what is said stays beside what is to be done, and nothing is asked twice."""

from collections.abc import Callable

import pytest

from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.hands import to_the_confirmation, to_the_pad
from tests.end2end.phone.stage import Stage, display, documents

pytestmark = pytest.mark.end2end

LARGE = "localStorage.setItem('pingqian.print', 'large')"
TWICE = "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
BOX = "document.querySelector('{}').getBoundingClientRect().toJSON()"


def small(new_phone: Callable[..., Phone], script: str = LARGE) -> Phone:
    phone = new_phone(320, 568)
    phone.page.add_init_script(script)
    return phone


def test_the_paper_is_under_the_finger_when_the_name_was_not_one(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    phone = small(new_phone)
    to_the_pad(stage, phone)
    phone.page.click("#primary")
    assert "还没有写名字" in phone.error()
    pad, actions = (phone.page.evaluate(BOX.format(name)) for name in ("#pad", "#actions"))
    assert pad["top"] >= 0
    assert pad["bottom"] <= actions["top"] + 1, "the words lie over the paper"


def test_three_languages_without_a_question_are_no_choice(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    phone = small(new_phone)
    stage.view = display(PhoneStep.QUEUE, queue={"position": 2})
    phone.resume(stage)
    phone.at("queue", "waiting")
    assert phone.page.is_visible("text=您想用哪种话办理？")


def test_a_line_that_is_away_is_told_in_lines_not_in_letters(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    phone = small(new_phone, TWICE)
    stage.view = display(PhoneStep.AWAIT_SEAL, documents=documents(3))
    phone.resume(stage)
    phone.until("window.pingqian.stats().lineConnected")
    stage.away = True
    stage.soon(stage.drop())
    phone.page.wait_for_selector("#strip [data-slot=line] button")
    words = phone.page.evaluate(BOX.format("#strip [data-slot=line] .words"))
    assert words["width"] > 240


def test_what_a_system_elsewhere_lacks_is_not_the_customers_to_understand(stage: Stage, phone: Phone) -> None:
    to_the_confirmation(stage, phone)
    words = '{"code": "outside.full", "message": "对象存储没有回应", "hint": "请联系管理员检查 --objects 的地址"}'
    phone.page.route("**/sign", lambda route: route.fulfill(status=503, content_type="application/json", body=words))
    phone.page.click("#confirm")
    assert "系统一时忙不过来" in phone.error()
    assert "--objects" not in phone.error()
    assert "0597-1234567" in phone.error(), "whom to call"


def test_in_airplane_mode_a_tap_is_answered_in_words_and_is_good_afterwards(stage: Stage, phone: Phone) -> None:
    stage.reply = lambda path: display(PhoneStep.AWAIT_SEAL, documents=documents(3)) if path.endswith("/sign") else None
    to_the_confirmation(stage, phone)
    phone.page.wait_for_selector("#preview", state="visible")
    phone.context.set_offline(True)
    phone.page.click("#confirm")
    phone.until("document.getElementById('strip').textContent.indexOf('飞行模式') >= 0")
    phone.until("!document.getElementById('error').hidden", 40)
    assert "网络没有连上" in phone.error()
    assert "已经办好的不会丢" in phone.error()
    phone.context.set_offline(False)
    phone.page.click("#confirm")
    phone.at("await_seal")
    assert len(stage.bodies("/sign")) == 1

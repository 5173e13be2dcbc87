"""The hand that writes a name: nothing that comes or goes above the paper moves it under the pen."""

import pytest

from signing.wire.base import Notice, Tone
from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import Stage, display

pytestmark = pytest.mark.end2end

NEWS = Notice(tone=Tone.CAUTION, text="客户经理已将您静音，您说的话其他人听不到，也不录音")
TOLD = f"document.getElementById('strip').textContent.indexOf('{NEWS.text}') >= 0"


def top_of_pad(phone: Phone) -> float:
    box = phone.page.locator("#pad").bounding_box()
    assert box is not None
    return box["y"]


def put_the_pen_down(phone: Phone, stage: Stage, notice: Notice | None = None) -> float:
    """Returns where the paper lies. The last stroke is begun and not ended."""
    stage.view = display(PhoneStep.SIGNING, notice=notice)
    phone.resume(stage)
    phone.at("signing", "pad")
    top = top_of_pad(phone)
    mouse = phone.page.mouse
    for x in (60, 120, 180, 240):
        mouse.up()
        mouse.move(x, top + 40)
        mouse.down()
        mouse.move(x + 30, top + 100, steps=8)
    return top


def test_news_waits_until_the_hand_rests(stage: Stage, phone: Phone) -> None:
    top = put_the_pen_down(phone, stage)
    stage.show(PhoneStep.SIGNING, notice=NEWS)
    phone.page.wait_for_timeout(2500)  # longer than a hand that rests is waited for
    assert not phone.page.evaluate(TOLD)
    assert top_of_pad(phone) == top
    phone.page.mouse.up()
    assert not phone.page.evaluate(TOLD)
    phone.until(TOLD)
    assert top_of_pad(phone) == top, "the line lies over the title"
    phone.page.click("#primary")
    phone.at("signing", "confirm")


def test_what_was_said_before_stays_until_the_name_is_written(stage: Stage, phone: Phone) -> None:
    """A line that goes away would lay "write again" where the pen is."""
    top = put_the_pen_down(phone, stage, NEWS)
    stage.show(PhoneStep.SIGNING)
    phone.page.wait_for_timeout(500)
    assert phone.page.evaluate(TOLD)
    assert top_of_pad(phone) == top
    phone.page.mouse.up()
    phone.page.click("#primary")
    phone.at("signing", "confirm")
    phone.until(f"!({TOLD})")

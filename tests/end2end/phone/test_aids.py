"""Large print, reading aloud, why a step is: on every screen, and out of the way."""

import re
from collections.abc import Callable

import pytest

from signing.wire.phone import PhoneStep
from tests.end2end.phone.accessible import is_accessible
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage, display
from tests.screenshots.props import consents

pytestmark = pytest.mark.end2end

SIZE = "parseFloat(getComputedStyle(document.body).fontSize)"
HEAR = """() => {
  window.heard = [];
  const begin = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...args) {
    window.heard.push(this.buffer.duration);
    return begin.apply(this, args);
  };
}"""


def test_large_print_is_a_third_larger_and_kept(stage: Stage, phone: Phone) -> None:
    phone.resume(stage)
    phone.at("consent_recording")
    assert phone.page.evaluate(SIZE) == 18
    phone.page.click("#large-print")
    assert phone.page.evaluate(SIZE) == pytest.approx(24, abs=0.1)
    assert phone.page.get_attribute("#large-print", "aria-pressed") == "true"
    assert phone.page.inner_text("#large-print") == "小字"
    phone.page.reload()
    phone.at("consent_recording")
    assert phone.page.evaluate(SIZE) == pytest.approx(24, abs=0.1)
    is_accessible(phone, "large print")
    phone.page.click("#large-print")
    assert phone.page.evaluate(SIZE) == 18


def asked_for(phone: Phone) -> list[str]:
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url.partition("localhost")[2].partition("/")[2]))
    return asked


def test_a_screen_is_read_aloud_at_a_tap_and_the_next_ones_too(stage: Stage, phone: Phone) -> None:
    asked = asked_for(phone)
    stage.view = display(PhoneStep.PRECHECK)
    phone.resume(stage)
    phone.at("precheck", "start")
    phone.page.evaluate(HEAR)
    assert not [path for path in asked if "voice" in path], "nothing is fetched before somebody wants it"
    phone.page.click("#read-aloud")
    phone.until("window.heard.length === 1")
    assert "phone/voice/precheck.start" in asked
    assert phone.page.evaluate("window.heard[0]") > 2
    assert phone.page.inner_text("#read-aloud") == "停止"
    phone.page.click("#primary")
    phone.at("precheck", "look")
    phone.until("window.heard.length === 2")
    phone.page.click("#read-aloud")
    assert phone.page.inner_text("#read-aloud") == "朗读"
    stage.show(PhoneStep.QUEUE, queue={"position": 2})
    phone.at("queue", "waiting")
    phone.page.wait_for_timeout(300)
    assert phone.page.evaluate("window.heard.length") == 2
    assert not phone.complaints


def test_a_consent_is_read_in_its_own_words(stage: Stage, phone: Phone) -> None:
    asked = asked_for(phone)
    stage.view = display(PhoneStep.CONSENT_FACE)
    phone.resume(stage)
    phone.at("consent_face")
    phone.page.evaluate(HEAR)
    phone.page.click("#read-aloud")
    phone.until("window.heard.length === 1")
    assert "api/phone/consents/face/voice" in asked


def test_in_a_call_nothing_speaks_into_the_talk_by_itself(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.at("await_identity")
    phone.page.evaluate(HEAR)
    phone.page.click("#read-aloud")
    phone.until("window.heard.length === 1")
    stage.show(PhoneStep.DISCLOSURE, call=CALL)
    phone.at("disclosure")
    phone.until("document.getElementById('read-aloud').textContent === '朗读'")
    assert phone.page.evaluate("window.heard.length") == 1


def test_a_voice_that_does_not_come_is_said(stage: Stage, phone: Phone) -> None:
    phone.page.route(re.compile("/phone/voice/"), lambda route: route.fulfill(status=404))
    stage.view = display(PhoneStep.PRECHECK)
    phone.resume(stage)
    phone.at("precheck", "start")
    phone.page.click("#read-aloud")
    assert "这里没有朗读" in phone.error()
    assert phone.page.inner_text("#read-aloud") == "朗读"


def test_why_and_who_can_help_stand_on_every_step(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.CONSENT_CREDIT)
    phone.resume(stage)
    phone.at("consent_credit")
    said = set()
    for step in PhoneStep:
        if step is PhoneStep.CODE:
            continue
        stage.show(step, call=CALL if step is PhoneStep.DISCLOSURE else None)
        phone.at(step.value)
        assert phone.page.get_attribute("#why", "open") is None, "closed anew on each screen"
        phone.page.evaluate("document.getElementById('why-title').scrollIntoView()")
        phone.page.click("#why-title")
        phone.until("document.querySelectorAll('#why-words p').length === 2")
        words = phone.page.inner_text("#why-words")
        assert "谁能帮忙" in words
        assert "0597-1234567" in words
        assert ("视频里问客户经理" in words) == (step is PhoneStep.DISCLOSURE)
        said.add(words.splitlines()[0])
    assert len(said) >= len(PhoneStep) - 2, "each step has a reason of its own"


def test_a_browser_that_knows_no_modules_hands_over_the_link(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    """Such as the engine of an old messenger: it runs the guard and nothing else."""
    phone = new_phone()
    phone.page.add_init_script("delete HTMLScriptElement.prototype.noModule")
    phone.page.route(re.compile(r"/app\.js"), lambda route: route.abort())
    phone.open(stage.url)
    phone.page.wait_for_selector("#guard-copy", state="visible")
    assert "请用系统浏览器打开" in phone.page.inner_text("#guard")
    assert phone.page.input_value("#guard-link").startswith(f"{stage.url}/s#")
    phone.page.click("#guard-copy")
    phone.page.wait_for_selector(".guard-word", state="visible")
    is_accessible(phone, "guard")


def test_reasons_that_open_on_a_full_screen_come_into_sight(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.CONSENT_FACE, consent=consents()["consent_face"])
    phone.resume(stage)
    phone.at("consent_face")
    phone.read_to_the_end()
    phone.page.click("#why-title")
    phone.page.wait_for_selector("#why-words .tel")
    phone.until(
        "document.querySelector('#why-words p').getBoundingClientRect().bottom <= "
        "document.getElementById('actions').getBoundingClientRect().top"
    )


AT_HAND = """(id) => {
  const node = document.getElementById(id);
  const box = node.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  const within = box.bottom <= innerHeight && box.right <= innerWidth;
  return { width: box.width, height: box.height, seen: within && node.contains(top) };
}"""


@pytest.mark.parametrize(("width", "height"), [(320, 568), (360, 640), (640, 360)])
def test_beside_a_paper_reading_aloud_and_the_telephone_are_at_hand_without_a_stroke(
    stage: Stage, new_phone: Callable[..., Phone], width: int, height: int
) -> None:
    phone = new_phone(width, height)
    stage.view = display(PhoneStep.READING, call=CALL)
    phone.resume(stage)
    for step, part in ((PhoneStep.READING, "page"), (PhoneStep.SIGNING, "pad")):
        stage.show(step, call=CALL)
        phone.at(step.value, part)
        for name in ("read-aloud", "help"):
            found = phone.page.evaluate(AT_HAND, name)
            assert found["seen"], f"{name} beside {part}"
            assert min(found["width"], found["height"]) >= 44
        assert phone.page.get_by_role("link", name="打电话求助 0597-1234567").count() == 1
        assert phone.page.get_by_role("button", name="朗读").count() == 1
        assert phone.page.is_visible("#why"), "below, in whichever way the phone lies"
        is_accessible(phone, part)
    stage.show(PhoneStep.AWAIT_SEAL)
    phone.at("await_seal")
    assert phone.page.evaluate(
        "Boolean(document.querySelector('#top #help') && document.querySelector('#aids #read-aloud'))"
    )

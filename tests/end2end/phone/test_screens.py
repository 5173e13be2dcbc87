"""Every screen at three sizes, and at twice the text: nothing overflows, the next action is always under the thumb."""

import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload

from signing.wire.phone import PhoneStep
from tests.end2end.phone.accessible import is_accessible
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.hands import write_name
from tests.end2end.phone.stage import CALL, CODE, Stage, display, documents

pytestmark = pytest.mark.end2end

MEASURE = """() => {
  const box = (node) => { const r = node.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
  const meet = (one, other) => one[0] < other[2] && other[0] < one[2] && one[1] < other[3] - 1 && other[1] < one[3] - 1;
  const seen = (node) => node.offsetParent !== null;
  const says = (node) => Array.from(node.childNodes).some((child) => child.nodeType === 3 && child.textContent.trim());
  const size = (node) => [parseFloat(getComputedStyle(node).fontSize), node.textContent];
  const texts = Array.from(document.querySelectorAll('#shell *')).filter((node) => seen(node) && says(node));
  const least = (some) => some.map(size).sort((a, b) => a[0] - b[0])[0] || [99, ''];
  const frame = (node) => node.closest('#top, #near, #stand-ins, #call-card');
  const buttons = Array.from(document.querySelectorAll('button, input:not(.unseen)')).filter(seen);
  const covered = document.querySelector('#call-card:not([hidden]):not([data-size="away"]) #call-picture');
  return {
    wide: document.documentElement.scrollWidth, width: innerWidth, height: innerHeight,
    primaries: Array.from(document.querySelectorAll('button.primary')).filter(seen).map(box),
    small: buttons.map((b) => [b.id || b.className, b.offsetHeight]).filter((each) => each[1] < 44),
    out: buttons.map((b) => [b.id || b.className, ...box(b)]).filter((b) => b[1] < 0 || b[3] > innerWidth + 1),
    sentence: parseFloat(getComputedStyle(document.getElementById('sentence')).fontSize),
    body: parseFloat(getComputedStyle(document.body).fontSize),
    least: least(texts), read: least(texts.filter((node) => !frame(node))),
    cut: Array.from(document.querySelectorAll('input:not(.unseen)')).filter(seen)
      .filter((field) => field.scrollWidth > field.clientWidth).map((field) => field.id),
    paper: document.body.dataset.paper || '',
    under: covered ? Array.from(document.querySelectorAll('#sentence, #content > *')).filter(seen)
      .filter((node) => meet(box(node), box(covered))).map((node) => node.id || node.className) : [],
  };
}"""


def fits(phone: Phone, name: str, scale: float = 1) -> None:
    """Asserts the frame's promises of whatever is on the screen."""
    found = phone.page.evaluate(MEASURE)
    assert found["wide"] <= found["width"], f"{name}: scrolls sideways"
    assert not found["out"], f"{name}: {found['out']}"
    assert not found["cut"], f"{name}: typed, and not to be seen whole: {found['cut']}"
    assert len(found["primaries"]) <= 1, f"{name}: more than one next action"
    for _, top, _, bottom in found["primaries"]:
        assert top >= 0, name
        assert bottom <= found["height"], f"{name}: the next action is below the fold"
        assert bottom - top >= 55.5, name
    if scale < 2:
        assert not found["small"], f"{name}: too small to hit: {found['small']}"
    title = 18 if found["paper"] and scale == 2 else 22
    assert found["sentence"] >= title * scale - (3 if 1 < scale < 2 else 0), name
    assert found["body"] == pytest.approx(18 * scale, abs=0.01), name
    assert found["least"][0] >= 14, f"{name}, in the frame: {found['least']}"
    assert found["read"][0] > 17.9, f"{name}: {found['read']}"
    assert not found["under"], f"{name}: the face covers what is read"


def card_photograph() -> FilePayload:
    kept = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (300, 480, 3), dtype=np.uint8)
    Image.fromarray(noise).save(kept, "JPEG")
    return {"name": "card.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def before_the_call(phone: Phone, stage: Stage) -> Iterator[str]:
    page = phone.page
    phone.open(stage.url)
    phone.at("code", "send")
    yield "code"
    page.click("#primary")
    phone.at("code", "enter")
    assert "演示短信通道" in page.inner_text("#content")
    page.fill("#code-input", CODE)
    yield "code, entering"
    page.click("#primary")
    phone.at("consent_recording")
    yield "consent"
    page.click("#secondary")
    phone.at("consent_recording", "refuse")
    yield "consent, refusing"
    stage.show(PhoneStep.CONSENT_FACE)
    phone.at("consent_face")
    yield "consent with another way"
    stage.show(PhoneStep.PRECHECK)
    phone.at("precheck", "start")
    yield "precheck"
    page.click("#primary")
    phone.at("precheck", "look")
    phone.until("document.getElementById('self-view').videoWidth > 0")
    yield "precheck, looking"
    page.click("#primary")
    phone.at("precheck", "listen")
    yield "precheck, listening"
    stage.show(PhoneStep.QUEUE, queue={"position": 3, "expected_wait_seconds": 400, "message": "老年人优先"})
    phone.at("queue", "waiting")
    assert "前面还有 2 位" in page.inner_text("#queue-place")
    yield "queue"


def in_the_call(phone: Phone, stage: Stage) -> Iterator[str]:
    page = phone.page
    stage.readable, stage.warnings = False, ["照片反光,看不清姓名"]
    stage.show(PhoneStep.ID_FRONT, call=CALL)
    phone.at("id_front", "take")
    yield "card"
    page.set_input_files("#id-file", card_photograph())
    phone.at("id_front", "check")
    yield "card, checking"
    page.click("#primary")
    phone.at("id_front", "unreadable")
    assert "反光" in page.inner_text("#content")
    yield "card, unreadable"
    stage.show(PhoneStep.ID_BACK, call=CALL)
    page.click("#secondary")
    phone.at("id_back", "take")
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.at("await_identity")
    yield "identity"
    line = {"number": 3, "total": 9, "text": "您向本社借款人民币壹拾捌万元整,期限 12 个月,年利率 3.85%,清楚吗?"}
    stage.show(PhoneStep.DISCLOSURE, call=CALL, prompt=line)
    phone.at("disclosure")
    assert page.inner_text("#prompt") == line["text"]
    yield "disclosure"
    stage.show(PhoneStep.READING, call=CALL)
    phone.at("reading", "page")
    phone.until("document.getElementById('page-image').naturalWidth > 0")
    yield "reading"
    page.click("#page-zoom")
    yield "reading, enlarged"
    stage.show(PhoneStep.SIGNING, call=CALL)
    phone.at("signing", "pad")
    yield "signing"
    write_name(phone)
    page.click("#primary")
    phone.at("signing", "confirm")
    assert documents()[0]["sha256"][:4] in page.inner_text("#digest")
    yield "signing, confirming"


def after_the_call(phone: Phone, stage: Stage) -> Iterator[str]:
    stage.show(PhoneStep.AWAIT_SEAL, documents=documents(3))
    phone.at("await_seal")
    yield "waiting for the seal"
    stage.show(PhoneStep.DONE, documents=documents(3, copies=True))
    phone.at("done", "list")
    assert phone.page.locator(".doc-copy").count() == 3
    yield "done"
    stage.show(PhoneStep.ENDED, notice={"tone": "stop", "text": "这笔业务已经终止。如有疑问,请致电服务电话"})
    phone.at("ended")
    yield "ended"


@pytest.mark.parametrize(("width", "height"), [(320, 568), (360, 640), (414, 896)])
def test_every_screen_fits(stage: Stage, new_phone: Callable[..., Phone], width: int, height: int) -> None:
    """Over a line of 300 kbit/s with 150 ms of delay."""
    phone = new_phone(width, height)
    phone.throttle()
    for part in (before_the_call, in_the_call, after_the_call):
        for name in part(phone, stage):
            fits(phone, f"{name} at {width} px")
            if width == 360:
                is_accessible(phone, name)
    assert not phone.complaints


def test_every_screen_fits_in_large_print(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    """On the smallest phone there is."""
    phone = new_phone(320, 568)
    phone.page.add_init_script("localStorage.setItem('pingqian.print', 'large')")
    for part in (before_the_call, in_the_call, after_the_call):
        for name in part(phone, stage):
            fits(phone, f"{name} in large print", scale=4 / 3)
    assert not phone.complaints


LINES_OF_PROGRESS = """(() => {
  const text = document.getElementById('progress-text');
  return text.getBoundingClientRect().height / parseFloat(getComputedStyle(text).lineHeight);
})()"""


def test_every_screen_fits_with_twice_the_text(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    phone = new_phone(320, 640)
    phone.page.add_init_script(
        "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"
    )
    for part in (before_the_call, in_the_call, after_the_call):
        for name in part(phone, stage):
            fits(phone, f"{name} at twice the text", scale=2)
            lines = phone.page.evaluate(LINES_OF_PROGRESS)
            assert lines < 1.6, f"{name}: which step it is stands in {lines:.1f} lines and pushes the rest away"
    assert not phone.complaints


def test_the_pad_is_whole_when_the_phone_lies_on_its_side(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    phone = new_phone(640, 360)
    stage.view = display(PhoneStep.SIGNING, call=CALL)
    phone.resume(stage)
    phone.at("signing", "pad")
    phone.until("document.getElementById('strip').textContent === ''")
    box = "document.getElementById('{}').getBoundingClientRect()"
    pad, footer = (phone.page.evaluate(f"{box.format(name)}.toJSON()") for name in ("pad", "actions"))
    picture = phone.page.evaluate(f"{box.format('call-picture')}.toJSON()")
    assert picture["bottom"] <= pad["top"]
    for button in ("read-aloud", "large-print", "help"):
        beside = phone.page.evaluate(f"{box.format(button)}.toJSON()")
        aside = picture["right"] <= beside["left"] or beside["right"] <= picture["left"]
        assert aside or picture["bottom"] <= beside["top"], f"the face covers {button}"
    assert pad["bottom"] <= footer["top"]
    assert pad["height"] >= 180
    assert footer["bottom"] <= 360


def test_dark_appearance_uses_the_same_tokens(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    script = "() => ['--paper', '--primary'].map(n => getComputedStyle(document.documentElement).getPropertyValue(n))"
    seen = []
    for scheme in ("light", "dark"):
        phone = new_phone(color_scheme=scheme)
        phone.open(stage.url)
        phone.at("code", "send")
        ground = phone.page.evaluate("getComputedStyle(document.body).backgroundColor")
        seen.append((*[value.strip() for value in phone.page.evaluate(script)], ground))
    assert seen == [("#F6F7F5", "#0A6A4A", "rgb(246, 247, 245)"), ("#121816", "#5CC8A0", "rgb(18, 24, 22)")]


def test_steps_follow_the_service_and_are_announced(stage: Stage, phone: Phone) -> None:
    phone.open(stage.url)
    phone.at("code", "send")
    assert phone.page.inner_text("#progress-text") == "第 1 步 / 共 7 步"
    phone.enter(stage.url)
    phone.at("consent_recording")
    for step in (PhoneStep.CONSENT_PERSONAL, PhoneStep.CONSENT_CREDIT, PhoneStep.AWAIT_SEAL):
        stage.view = display(step)
        stage.soon(stage.push())
        phone.at(step.value)
        assert phone.page.evaluate("document.activeElement.id") == "sentence"
    bar = phone.page.locator("#progress-bar")
    assert bar.get_attribute("aria-valuetext") == phone.page.inner_text("#progress-text") == "第 7 步 / 共 7 步"

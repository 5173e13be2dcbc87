"""WeChat's own browsers, by their name and by what they lack: what works there works, the rest says where it does."""

from collections.abc import Callable

import pytest

from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage, display, documents
from tests.end2end.phone.test_call import Seat, seat
from tests.end2end.phone.test_screens import fits

pytestmark = pytest.mark.end2end
__all__ = ["seat"]

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 14_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
    "MicroMessenger/8.0.2(0x18000239) NetType/4G Language/zh_CN"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 10; V1965A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/79.0.3945.116 "
    "Mobile Safari/537.36 MMWEBID/5217 MicroMessenger/8.0.2.1860(0x28000234) Process/tools WeChat/arm64 NetType/4G"
)
BARE = """
  delete window.speechSynthesis;
  delete window.SpeechSynthesisUtterance;
  delete window.webkitSpeechRecognition;
  delete window.RTCRtpReceiver;
  Object.defineProperty(navigator, 'clipboard', { get: () => undefined });
  Object.defineProperty(navigator, 'wakeLock', { get: () => undefined });
  Object.defineProperty(navigator, 'connection', { get: () => undefined });
  delete Navigator.prototype.vibrate;
"""
"""No speech, no clipboard, no lamp that stays lit, nothing of the network, no shaking."""
TAPS_ONLY = """
  const play = HTMLMediaElement.prototype.play;
  let tapped = false;
  addEventListener('click', () => { tapped = true; setTimeout(() => { tapped = false; }, 50); }, true);
  HTMLMediaElement.prototype.play = function () {
    return tapped || this.muted ? play.call(this) : Promise.reject(new DOMException('', 'NotAllowedError'));
  };
"""
"""Nothing sounds that was not played within a tap."""
NO_CALLS = "delete window.RTCPeerConnection;"


@pytest.fixture
def wechat(new_phone: Callable[..., Phone]) -> Phone:
    phone = new_phone(user_agent=IPHONE)
    phone.page.add_init_script(BARE)
    return phone


def test_a_call_is_seen_silently_and_heard_after_a_tap(stage: Stage, wechat: Phone, seat: Seat) -> None:
    wechat.page.add_init_script(TAPS_ONLY)
    stage.answer = seat.answer
    stage.show(PhoneStep.AWAIT_IDENTITY, call=CALL)
    wechat.resume(stage)
    wechat.until("window.pingqian.stats().firstPictureMs > 0", 20)
    wechat.page.wait_for_selector("#call-sound", state="visible")
    assert wechat.page.inner_text("#call-sound") == "点这里打开声音"
    playing = "(v => [v.paused, v.muted])(document.getElementById('remote'))"
    assert wechat.page.evaluate(playing) == [False, True]
    wechat.page.click("#call-sound")
    assert wechat.page.evaluate(playing) == [False, False]
    assert wechat.page.is_hidden("#call-sound")
    assert not wechat.complaints


@pytest.mark.parametrize("agent", [IPHONE, ANDROID], ids=["iphone", "android"])
def test_without_calls_it_says_which_browser_and_hands_over_the_link(
    stage: Stage, new_phone: Callable[..., Phone], agent: str
) -> None:
    phone = new_phone(user_agent=agent)
    phone.page.add_init_script(BARE + NO_CALLS)
    stage.view = display(PhoneStep.PRECHECK)
    phone.resume(stage)
    phone.at("unsupported")
    assert phone.sentence() == "请用系统浏览器打开"
    assert "在浏览器打开" in phone.page.inner_text("#content")
    phone.page.click("#copy-link")
    phone.page.wait_for_selector("#link-text", state="visible")
    assert phone.page.inner_text("#link-text") == phone.page.url, "without a clipboard it stands there to be pressed"
    assert not phone.complaints


@pytest.mark.parametrize(("agent", "word"), [(IPHONE, "往下找到“微信”"), (ANDROID, "找到“微信”")])
def test_a_camera_that_is_not_allowed_is_wechats_to_allow(
    stage: Stage, new_phone: Callable[..., Phone], agent: str, word: str
) -> None:
    phone = new_phone(camera=False, user_agent=agent)
    stage.view = display(PhoneStep.PRECHECK)
    phone.resume(stage)
    phone.at("precheck", "start")
    phone.page.click("#primary")
    phone.at("precheck", "refused")
    assert word in phone.page.inner_text("#content")


def test_files_are_kept_elsewhere_and_that_is_said(stage: Stage, wechat: Phone) -> None:
    stage.view = display(PhoneStep.DONE, documents=documents(3, copies=True))
    wechat.resume(stage)
    wechat.at("done", "wechat")
    assert "存不了文件" in wechat.page.inner_text("#content")
    assert wechat.page.locator(".doc-copy").count() == 0, "nothing says that it was kept"
    fits(wechat, "copies in WeChat")
    wechat.page.locator(".copies .quiet-link").first.click()
    wechat.at("done", "look")
    wechat.page.click("#primary")
    wechat.at("done", "wechat")
    wechat.page.click("#primary")
    wechat.at("unsupported")
    assert "在浏览器打开" in wechat.page.inner_text("#content")


def test_the_way_from_the_link_to_the_queue_needs_nothing_that_it_lacks(stage: Stage, wechat: Phone) -> None:
    wechat.enter(stage.url)
    wechat.at("consent_recording")
    stage.reply = lambda path: display(PhoneStep.PRECHECK) if path.endswith("/consents") else None
    wechat.agree()
    wechat.at("precheck", "start")
    wechat.page.click("#primary")
    wechat.at("precheck", "look")
    wechat.page.click("#primary")
    wechat.at("precheck", "listen")
    stage.reply = lambda path: display(PhoneStep.QUEUE, queue={"position": 2}) if path.endswith("/precheck") else None
    wechat.page.click("#primary")
    wechat.at("queue", "waiting")
    wechat.page.click("#bell")
    assert not wechat.complaints

"""Drops, phone calls, strokes taken back: what is shown of them, and nothing asked twice. Each in every step:
``test_interrupted.py``."""

import pytest

from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.hands import to_the_confirmation, to_the_pad, write_name
from tests.end2end.phone.stage import CALL, Stage, display

pytestmark = pytest.mark.end2end

STRIP = "document.getElementById('strip').textContent"
KEEP_STREAMS = """
  window.streams = [];
  const devices = navigator.mediaDevices || {}; // none before a page is opened
  const ask = devices.getUserMedia && devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wish) => {
    const got = await ask(wish);
    window.streams.push(got);
    return got;
  };
"""
KEEP_SIGNS = """
  window.signs = { bell: 0, shaken: 0, lit: 0, dark: 0 };
  const begin = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...args) { window.signs.bell += 1; return begin.apply(this, args); };
  navigator.vibrate = () => { window.signs.shaken += 1; return true; };
  const lock = () => {
    window.signs.lit += 1;
    return { addEventListener: () => {}, release: async () => { window.signs.dark += 1; } };
  };
  Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => lock() } });
"""


def test_a_lost_line_counts_down_and_can_be_hurried(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.CONSENT_RECORDING)
    phone.resume(stage)
    phone.at("consent_recording")
    phone.until("window.pingqian.stats().lineConnected")
    stage.away = True
    stage.soon(stage.drop())
    phone.until(f"/[4-7] 秒后再连/.test({STRIP})", seconds=30)
    assert "会自动接上" in phone.page.inner_text("#strip")
    assert phone.page.get_attribute("#strip .count", "aria-hidden") == "true", "no second is read out"
    stage.away = False
    stage.view = display(PhoneStep.CONSENT_FACE)
    phone.page.click("#strip [data-slot=line] button")
    phone.at("consent_face")
    phone.until(f"{STRIP}.indexOf('网络已恢复') >= 0")
    phone.until(f"{STRIP} === ''")


def test_a_phone_call_takes_the_microphone_and_a_tap_brings_it_back(stage: Stage, phone: Phone) -> None:
    """iOS mutes the tracks while somebody rings, and often does not give them back by itself."""
    phone.page.add_init_script(KEEP_STREAMS)
    stage.view = display(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.at("await_identity")
    phone.until("window.streams.length === 1")
    phone.page.evaluate("""() => {
      const [track] = window.streams[0].getAudioTracks();
      Object.defineProperty(track, 'muted', { get: () => true });
      track.dispatchEvent(new Event('mute'));
    }""")
    phone.until(f"{STRIP}.indexOf('占用了摄像头') >= 0")
    phone.page.click("#strip [data-slot=camera] button")
    phone.until("window.streams.length === 2")
    phone.until(f"{STRIP}.indexOf('占用了摄像头') < 0")
    assert phone.page.evaluate("window.streams[0].getTracks().every((track) => track.readyState === 'ended')")
    assert phone.page.evaluate("window.streams[1].getTracks().every((track) => track.readyState === 'live')")


def test_a_microphone_that_is_silent_for_a_moment_troubles_nobody(stage: Stage, phone: Phone) -> None:
    phone.page.add_init_script(KEEP_STREAMS)
    stage.view = display(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.until("window.streams && window.streams.length === 1")
    phone.page.evaluate("""() => {
      const [track] = window.streams[0].getAudioTracks();
      Object.defineProperty(track, 'muted', { get: () => true });
      track.dispatchEvent(new Event('mute'));
      track.dispatchEvent(new Event('unmute'));
    }""")
    phone.page.wait_for_timeout(3000)
    assert "占用了摄像头" not in phone.page.inner_text("#strip")


def test_it_is_time_with_bell_and_shaking_and_a_screen_that_stays_lit(stage: Stage, phone: Phone) -> None:
    phone.page.add_init_script(KEEP_SIGNS)
    stage.view = display(PhoneStep.QUEUE, queue={"position": 1})
    phone.resume(stage)
    phone.at("queue", "waiting")
    assert "身份证原件" in phone.page.inner_text("#content")
    phone.page.click("#bell")
    phone.until("window.signs.bell === 3 && window.signs.shaken === 1")
    phone.until("window.signs.lit === 1")
    stage.show(PhoneStep.ID_FRONT, call=CALL)
    phone.at("id_front", "take")
    phone.until("window.signs.bell === 6 && window.signs.shaken === 2")
    stage.show(PhoneStep.ID_FRONT, call={**CALL, "call_id": "call_2"})
    phone.until(f"{STRIP}.indexOf('接通了') >= 0")
    assert phone.page.evaluate("window.signs.bell") == 6, "another seat that takes over rings nobody"
    stage.show(PhoneStep.CONSENT_FACE)
    phone.at("consent_face")
    phone.until("window.signs.dark === 1")


def test_a_stroke_taken_back_can_be_had_again(stage: Stage, phone: Phone) -> None:
    to_the_pad(stage, phone)
    assert phone.page.is_disabled("#redo")
    write_name(phone)
    phone.page.click("#undo")
    phone.page.click("#undo")
    phone.page.click("#redo")
    assert phone.page.is_enabled("#redo")
    phone.page.click("#redo")
    assert phone.page.is_disabled("#redo")
    phone.page.click("#undo")
    write_name(phone)
    assert phone.page.is_disabled("#redo"), "what is written anew takes its place"


def test_a_name_that_was_wiped_off_by_mistake_is_brought_back(stage: Stage, phone: Phone) -> None:
    to_the_pad(stage, phone)
    write_name(phone)
    before = phone.page.evaluate(WRITTEN)
    phone.page.click("#clear")
    assert phone.page.evaluate(WRITTEN) < before
    assert phone.page.is_disabled("#clear")
    phone.page.click("#undo")
    assert phone.page.evaluate(WRITTEN) == before
    assert phone.page.is_disabled("#redo")
    phone.page.click("#primary")
    phone.at("signing", "confirm")


WRITTEN = """() => {
  const canvas = document.getElementById('pad');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 200) sum += 1;
  return sum;
}"""
INKED = """(dark) => {
  const canvas = document.getElementById('preview');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] && data[i] < dark) sum += 1;
  return sum / (data.length / 4);
}"""


def test_the_signature_is_seen_on_the_page_before_it_is_confirmed(stage: Stage, phone: Phone) -> None:
    to_the_confirmation(stage, phone)
    phone.page.wait_for_selector("#preview", state="visible")
    assert phone.page.is_hidden("#signature")
    assert "姓名和时间按实际打印" in phone.page.inner_text("#content"), (
        "the name is masked here and the time not yet known"
    )
    assert phone.page.evaluate(INKED, 90) > 0.001


def test_without_the_page_the_signature_is_shown_alone(stage: Stage, phone: Phone) -> None:
    phone.page.route("**/place", lambda route: route.fulfill(status=404, json={"code": "not_found", "message": "没有"}))
    to_the_confirmation(stage, phone)
    phone.until("!document.getElementById('preview')")
    assert phone.page.is_visible("#signature")

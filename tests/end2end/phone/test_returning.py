"""Drops, reloads, airplanes, phone calls, closed browsers: back at the same step, and nothing asked twice."""

from collections.abc import Callable

import pytest

from signing.wire.phone import PhoneStep, SignDocument
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.hands import to_the_confirmation, to_the_pad, write_name
from tests.end2end.phone.stage import CALL, CAPABILITY, Stage, display, documents

pytestmark = pytest.mark.end2end

STRIP = "document.getElementById('strip').textContent"
KEEP_STREAMS = """
  window.streams = [];
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
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
IN_CALL = (PhoneStep.ID_FRONT, PhoneStep.AWAIT_IDENTITY, PhoneStep.DISCLOSURE, PhoneStep.READING, PhoneStep.SIGNING)


def asked_of(stage: Stage) -> list[str]:
    """Commands but for the pages' time, which is told again and again."""
    return [path for path in stage.paths() if not path.endswith("/reading")]


def test_a_reload_comes_back_to_every_step(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.CONSENT_RECORDING)
    phone.resume(stage)
    for step in PhoneStep:
        if step is PhoneStep.CODE:
            continue
        queue = {"position": 2} if step is PhoneStep.QUEUE else None
        stage.show(step, call=CALL if step in IN_CALL else None, queue=queue)
        phone.at(step.value)
        phone.page.reload()
        phone.at(step.value)
    assert not asked_of(stage)
    assert not phone.complaints


def test_a_browser_that_was_closed_comes_back_without_a_code(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    """What a tab alone knew is gone: the pages that were seen come from the service."""
    first = new_phone()
    stage.view = display(PhoneStep.READING, call=CALL)
    first.enter(stage.url)
    first.at("reading", "page")
    state = first.context.storage_state()
    first.context.close()
    papers = documents()
    papers[0]["pages_seen"] = [1, 2]
    stage.view = display(PhoneStep.READING, call=CALL, documents=papers)
    second = new_phone(storage_state=state)
    second.page.goto(f"{stage.url}/s#{CAPABILITY}")
    second.at("reading", "page")
    second.until("document.getElementById('page-count').textContent.indexOf('第 3 页') === 0")
    second.until("document.getElementById('primary').textContent.indexOf('去签名') >= 0")
    assert len(stage.devices) == 1, "the code was asked for once"


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


def test_airplane_mode_is_named_and_over_as_soon_as_it_is(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.QUEUE, queue={"position": 2})
    phone.resume(stage)
    phone.at("queue", "waiting")
    phone.until("window.pingqian.stats().lineConnected")
    phone.context.set_offline(True)
    phone.until(f"{STRIP}.indexOf('飞行模式') >= 0")
    stage.view = display(PhoneStep.ID_FRONT, call=CALL)
    phone.context.set_offline(False)
    phone.at("id_front", "take")
    phone.until("window.pingqian.stats().lineConnected")


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


def test_a_half_written_name_outlives_a_reload(stage: Stage, phone: Phone) -> None:
    to_the_pad(stage, phone)
    write_name(phone)
    phone.page.reload()
    phone.at("signing", "pad")
    phone.until("!document.getElementById('undo').disabled")
    write_name(phone)
    phone.page.click("#primary")
    phone.at("signing", "confirm")
    stage.reply = lambda path: display(PhoneStep.AWAIT_SEAL, documents=documents(3))
    phone.page.click("#confirm")
    phone.at("await_seal")
    signed = SignDocument.model_validate(stage.bodies("/sign")[0])
    assert len(signed.strokes.strokes) == 8
    times = [point.t for stroke in signed.strokes.strokes for point in stroke]
    assert times == sorted(times), "what was written later comes later"
    kept = phone.page.evaluate("Object.keys(sessionStorage).filter((key) => key.indexOf('.ink.') >= 0)")
    assert [phone.page.evaluate(f"sessionStorage.getItem('{key}')") for key in kept] == ["null"], "nothing of it stays"


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
    assert "印在文书上是这样" in phone.page.inner_text("#content")
    assert phone.page.evaluate(INKED, 90) > 0.001


def test_without_the_page_the_signature_is_shown_alone(stage: Stage, phone: Phone) -> None:
    phone.page.route("**/place", lambda route: route.fulfill(status=404, json={"code": "not_found", "message": "没有"}))
    to_the_confirmation(stage, phone)
    phone.until("!document.getElementById('preview')")
    assert phone.page.is_visible("#signature")

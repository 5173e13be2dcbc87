"""What the page does when people and networks are as they are."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Route

from signing.wire.phone import PhoneStep, PhoneView, PrecheckReport, ReportReading, SignDocument
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.hands import to_the_confirmation, to_the_pad, write_name
from tests.end2end.phone.stage import CALL, CAPABILITY, CODE, Stage, display, documents
from tests.end2end.phone.test_screens import card_photograph

pytestmark = pytest.mark.end2end


def test_wrong_code_is_said_and_costs_nothing(stage: Stage, phone: Phone) -> None:
    phone.enter(stage.url, "111111")
    assert "验证码不对" in phone.error()
    assert "还可以再试 4 次" in phone.error()
    assert "0597-1234567" in phone.error()
    assert phone.page.input_value("#code-input") == ""
    phone.page.fill("#code-input", "24")
    phone.page.click("#primary")
    assert "6 位数字" in phone.error()
    phone.page.fill("#code-input", "２４６８１０")  # as a Chinese keyboard may write them
    phone.page.click("#primary")
    phone.at("consent_recording")
    assert phone.page.is_hidden("#error")


def test_a_second_tap_while_the_next_screen_is_loading_spends_no_code(stage: Stage, phone: Phone) -> None:
    """It would be refused, and a refused session goes back to the code."""
    asked, waiting = list[str](), list[Route]()
    phone.page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    phone.page.route("**/screens/consent.js", lambda route: waiting.append(route))
    phone.enter(stage.url, CODE)
    phone.until("!document.getElementById('primary').disabled")
    phone.page.click("#primary")
    phone.until("!document.getElementById('primary').disabled")
    for route in waiting:
        route.continue_()
    phone.at("consent_recording")
    assert asked.count("redeem") == 1


def test_incomplete_link_says_what_to_do(stage: Stage, phone: Phone) -> None:
    phone.page.goto(f"{stage.url}/s")
    phone.at("link_error")
    assert "链接" in phone.sentence()
    phone.until("!document.getElementById('primary').disabled")


def test_reload_keeps_the_step_and_the_link(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.PRECHECK)
    phone.resume(stage)
    phone.at("precheck", "start")
    phone.page.reload()
    phone.at("precheck", "start")
    assert phone.page.url.endswith(f"#{CAPABILITY}")
    again = phone.context.new_page()
    again.goto(f"{stage.url}/s#{CAPABILITY}")
    again.wait_for_selector('#main[data-step="precheck"]')


def test_token_and_capability_never_stand_in_an_address(stage: Stage, phone: Phone) -> None:
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(request.url))
    phone.page.on("websocket", lambda socket: asked.append(socket.url))
    phone.resume(stage)
    phone.at("consent_recording")
    assert any(url.startswith("ws://") for url in asked)
    assert not [url for url in asked if CAPABILITY in url.split("#")[0] or stage.token in url]


def test_ended_session_goes_back_to_the_code_with_its_reason(stage: Stage, phone: Phone) -> None:
    phone.resume(stage)
    phone.at("consent_recording")
    stage.token = "another device's"
    phone.agree()
    phone.at("code", "send")
    assert "登录已过期" in phone.page.inner_text("#content")
    phone.page.click("#primary")
    phone.page.fill("#code-input", "246810")
    phone.page.click("#primary")
    phone.at("consent_recording")


def test_second_page_says_so_and_can_take_over(stage: Stage, phone: Phone) -> None:
    phone.resume(stage)
    phone.at("consent_recording")
    stage.soon(stage.say_gone())
    phone.at("paused")
    phone.page.click("#primary")
    phone.at("consent_recording")


def test_the_first_phone_says_that_another_one_goes_on(stage: Stage, phone: Phone, tmp_path: Path) -> None:
    phone.enter(stage.url)
    phone.at("consent_recording")
    stage.soon(stage.say_gone("other_device"))
    phone.at("moved")
    assert phone.sentence() == "您已换到另一部手机上办理"
    phone.page.screenshot(path=tmp_path / "moved.png")
    phone.page.click("#primary")
    phone.at("code", "send")
    phone.page.click("#primary")
    phone.page.fill("#code-input", CODE)
    phone.page.click("#primary")
    phone.at("consent_recording")
    assert len(stage.devices) == 2
    assert len(set(stage.devices)) == 1
    assert re.fullmatch("[0-9a-f]{32}", stage.devices[0])


def test_the_first_phone_offers_nothing_that_it_cannot_do_any_more(stage: Stage, phone: Phone) -> None:
    """Refusing is for the phone that goes on; here it would only be told that nobody is logged in."""
    phone.enter(stage.url)
    stage.show(PhoneStep.QUEUE, may_refuse=True)
    phone.at("queue")
    phone.page.wait_for_selector("#refuse", state="visible")
    stage.soon(stage.say_gone("other_device"))
    phone.at("moved")
    assert phone.page.locator("#refuse").is_hidden()


def test_a_double_tap_answers_one_consent_only(stage: Stage, phone: Phone) -> None:
    order = [PhoneStep.CONSENT_FACE, PhoneStep.CONSENT_PERSONAL]

    def following(path: str) -> PhoneView | None:
        return display(order.pop(0)) if order and path.endswith("/consents") else None

    stage.reply = following
    phone.resume(stage)
    phone.at("consent_recording")
    phone.read_to_the_end()
    phone.page.evaluate("for (let i = 0; i < 3; i += 1) document.getElementById('primary').click()")
    phone.at("consent_face")
    phone.page.evaluate("document.getElementById('primary').click()")
    phone.page.wait_for_timeout(200)
    assert len(stage.bodies("/consents")) == 1
    phone.page.click("#secondary")
    phone.at("consent_personal")
    assert stage.bodies("/consents")[1] == {"kind": "face", "granted": False, "text_sha256": "cd" * 32}


def test_lost_line_is_said_and_comes_back_by_itself(stage: Stage, phone: Phone) -> None:
    phone.resume(stage)
    phone.at("consent_recording")
    phone.until("window.pingqian.stats().lineConnected")
    stage.view = display(PhoneStep.CONSENT_FACE)
    stage.soon(stage.drop())
    phone.at("consent_face")
    assert "网络已恢复" in phone.page.inner_text("#strip")
    phone.until("document.getElementById('strip').textContent === ''")


def test_no_network_keeps_what_was_done_and_tries_again(stage: Stage, phone: Phone) -> None:
    phone.resume(stage)
    phone.at("consent_recording")
    phone.read_to_the_end()
    phone.context.set_offline(True)
    phone.page.click("#primary")
    phone.page.wait_for_timeout(700)
    phone.context.set_offline(False)
    phone.until("!document.getElementById('primary').disabled")
    assert stage.bodies("/consents") == [{"kind": "recording", "granted": True, "text_sha256": "cd" * 32}]
    assert phone.page.is_hidden("#error")


def test_refused_camera_is_explained(stage: Stage, new_phone: Callable[..., Phone]) -> None:
    stage.view = display(PhoneStep.PRECHECK)
    phone = new_phone(camera=False)
    phone.resume(stage)
    phone.at("precheck", "start")
    phone.page.click("#primary")
    phone.at("precheck", "refused")
    assert phone.page.locator("#content ol li").count() == 3
    assert "摄像头" in phone.sentence()
    phone.context.grant_permissions(["camera", "microphone"])
    phone.page.click("#primary")
    phone.at("precheck", "look")


def test_browser_that_cannot_call_hands_over_the_link(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.PRECHECK)
    phone.page.add_init_script("delete window.RTCPeerConnection")
    phone.resume(stage)
    phone.at("unsupported")
    assert "浏览器" in phone.sentence()
    phone.page.click("#copy-link")
    phone.until("document.querySelector('#content .notice') !== null")


def test_precheck_reports_what_it_found(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.PRECHECK)
    place = {"position": 1, "expected_wait_seconds": 30}
    stage.reply = lambda path: display(PhoneStep.QUEUE, queue=place if path.endswith("/join") else None)
    phone.resume(stage)
    phone.at("precheck", "start")
    phone.page.click("#primary")
    phone.at("precheck", "look")
    phone.page.click("#primary", timeout=15_000)
    phone.at("precheck", "listen")
    phone.page.click("#secondary")
    phone.page.click("#primary")
    phone.at("queue", "waiting")
    report = PrecheckReport.model_validate(stage.bodies("/precheck")[0])
    assert (report.camera, report.microphone, report.loudspeaker, report.network) == (True,) * 4
    assert report.width == 640
    assert report.round_trip_ms is not None
    phone.until("document.getElementById('queue-place').textContent === '下一位就是您'")
    assert stage.paths().count("/api/phone/queue/join") == 1


def test_card_keeps_its_resolution_and_only_too_large_ones_shrink(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.ID_FRONT)
    order = [PhoneStep.ID_BACK, PhoneStep.AWAIT_IDENTITY]
    stage.reply = lambda path: display(order.pop(0))
    phone.resume(stage)
    phone.at("id_front", "take")
    small = card_photograph()
    phone.page.set_input_files("#id-file", small)
    phone.at("id_front", "check")
    phone.page.click("#primary")
    phone.at("id_back", "take")
    assert stage.bodies("/front") == [small["buffer"]]
    large = io.BytesIO()
    Image.new("RGB", (5000, 4000), "white").save(large, "PNG")
    phone.page.set_input_files("#id-file", {"name": "b.png", "mimeType": "image/png", "buffer": large.getvalue()})
    phone.at("id_back", "check")
    phone.page.click("#primary")
    phone.at("await_identity")
    sent = Image.open(io.BytesIO(stage.bodies("/back")[0]))
    assert sent.format == "JPEG"
    assert 11.5e6 < sent.width * sent.height <= 12.1e6


def test_no_picture_is_no_card(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.ID_FRONT)
    phone.resume(stage)
    phone.at("id_front", "take")
    phone.page.set_input_files("#id-file", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    assert "打不开" in phone.error()
    assert not stage.took


def test_card_can_be_photographed_again_while_the_agent_looks(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.AWAIT_IDENTITY, call=CALL)
    phone.resume(stage)
    phone.at("await_identity")
    phone.page.click("#secondary")
    for side in ("id_front", "id_back"):
        phone.at(side, "take")
        phone.page.set_input_files("#id-file", card_photograph())
        phone.at(side, "check")
        phone.page.click("#primary")
    phone.at("await_identity")
    assert stage.paths() == ["/api/phone/id-card/front", "/api/phone/id-card/back"]
    phone.page.click("#secondary")
    phone.at("id_front", "take")
    stage.show(PhoneStep.DISCLOSURE, call=CALL)
    phone.at("disclosure")


def read_through(phone: Phone, pages: int) -> None:
    for number in range(1, pages + 1):
        phone.until(f"document.getElementById('page-count').textContent.indexOf('第 {number} 页') === 0")
        phone.until("document.getElementById('page-image').naturalWidth > 0")
        phone.page.wait_for_timeout(250)
        if number < pages:
            phone.page.click("#next-page")


def test_time_on_each_page_is_evidence(stage: Stage, phone: Phone) -> None:
    """Pages are reported as they are left; the last one only with the tap that leads to signing."""
    stage.view = display(PhoneStep.READING)
    phone.resume(stage)
    phone.at("reading", "page")
    read_through(phone, 3)
    reports = [ReportReading.model_validate(body) for body in stage.bodies("/reading")]
    assert {time.page for report in reports for time in report.pages} == {1, 2}
    assert [report.on_screen for report in reports if report.on_screen][-1] == 3, (
        "the agent's stage shows the same page"
    )
    stage.reply = lambda path: display(PhoneStep.SIGNING)
    phone.page.click("#primary")
    phone.at("signing", "pad")
    spent: dict[int, int] = {}
    for body in stage.bodies("/reading"):
        for time in ReportReading.model_validate(body).pages:
            spent[time.page] = spent.get(time.page, 0) + time.milliseconds
    assert sorted(spent) == [1, 2, 3]
    bodies = stage.bodies("/reading")
    assert all(body["report_id"] for body in bodies), "the service counts by it a report once that it gets twice"
    assert len({body["report_id"] for body in bodies}) == len({str(body) for body in bodies})
    assert all(200 <= milliseconds < 8000 for milliseconds in spent.values())


def test_signing_opens_only_when_every_page_was_seen(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.READING)
    phone.resume(stage)
    phone.at("reading", "page")
    assert phone.page.inner_text("#primary") == "下一页"
    read_through(phone, 2)
    phone.page.reload()
    phone.at("reading", "page")
    phone.until("document.getElementById('page-count').textContent.indexOf('第 2 页') === 0")
    assert phone.page.inner_text("#primary") == "下一页"
    phone.page.click("#primary")
    phone.until("document.getElementById('primary').textContent === '看完了,去签名'".replace(",", "\uff0c"))


def test_a_page_opens_large_enough_to_read_and_the_choice_is_kept(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.READING, call=CALL)
    phone.resume(stage)
    phone.at("reading", "page")
    wide = "document.getElementById('page-image').offsetWidth / document.getElementById('page-sheet').clientWidth"
    phone.until("document.getElementById('page-image').naturalWidth > 0")
    assert phone.page.evaluate(wide) > 1.8
    sheet = phone.page.locator("#page-sheet").bounding_box()
    footer = phone.page.locator("#actions").bounding_box()
    assert sheet is not None
    assert footer is not None
    assert footer["y"] - sheet["y"] > 200, "too little of the page is seen"
    assert phone.page.evaluate("document.getElementById('page-sheet').scrollLeft") > 20, "starts in the blank margin"
    phone.page.click("#page-image")
    assert phone.page.evaluate(wide) < 1.01
    phone.page.click("#next-page")
    phone.until("document.getElementById('page-count').textContent.indexOf('第 2 页') === 0")
    assert phone.page.evaluate(wide) < 1.01
    phone.page.reload()
    phone.at("reading", "page")
    phone.until("document.getElementById('page-image').naturalWidth > 0")
    assert phone.page.evaluate(wide) < 1.01


def test_undo_and_clear_stand_above_the_footer(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.SIGNING, call=CALL)
    phone.resume(stage)
    phone.at("signing", "pad")
    tools, footer = phone.page.locator(".tools").bounding_box(), phone.page.locator("#actions").bounding_box()
    assert tools is not None
    assert footer is not None
    assert tools["y"] + tools["height"] <= footer["y"]


def test_stand_ins_take_one_line_and_open_at_a_tap(stage: Stage, phone: Phone) -> None:
    stand_ins = [
        "短信验证码由演示短信通道发送",
        "联网核查为演示替身,不连接真实系统",
        "数字证书由演示证书机构签发,没有法律效力",
    ]
    stage.view = display(PhoneStep.CONSENT_RECORDING, stand_ins=stand_ins)
    phone.resume(stage)
    phone.at("consent_recording")
    words = "document.querySelector('#stand-ins .words').getBoundingClientRect().height"
    assert phone.page.evaluate(words) < 24
    phone.page.click("#stand-ins")
    assert phone.page.evaluate(words) > 40
    assert phone.page.get_attribute("#stand-ins", "aria-expanded") == "true"
    phone.page.click("#stand-ins")
    assert phone.page.evaluate(words) < 24


def test_blank_and_dot_are_no_signature(stage: Stage, phone: Phone) -> None:
    to_the_pad(stage, phone)
    assert phone.page.is_disabled("#undo")
    phone.page.click("#primary")
    assert "还没有写名字" in phone.error()
    phone.page.locator("#pad").click(position={"x": 60, "y": 60})
    phone.page.click("#primary")
    assert "写得太少" in phone.error()
    phone.page.click("#clear")
    assert phone.page.is_hidden("#error")
    phone.page.click("#primary")
    assert "还没有写名字" in phone.error()
    phone.at("signing", "pad")
    assert not stage.took


def test_signature_arrives_as_strokes_with_timing(stage: Stage, phone: Phone) -> None:
    to_the_pad(stage, phone)
    write_name(phone)
    phone.page.click("#undo")
    phone.page.click("#secondary")
    phone.at("signing", "again")
    phone.page.click("#primary")
    phone.at("signing", "pad")
    phone.page.click("#primary")
    phone.at("signing", "confirm")
    stage.reply = lambda path: display(PhoneStep.READING, documents=documents(1), current_document_id="doc_2")
    phone.page.click("#confirm")
    phone.at("reading", "page")
    assert "征信查询授权书" in phone.sentence()
    signed = SignDocument.model_validate(stage.bodies("/documents/doc_1/sign")[0])
    assert signed.sha256 == documents()[0]["sha256"]
    assert len(signed.strokes.strokes) == 3
    assert all(len(stroke) >= 8 for stroke in signed.strokes.strokes)
    times = [point.t for stroke in signed.strokes.strokes for point in stroke]
    assert times[0] == 0
    assert times == sorted(times)
    assert times[-1] > 10


def test_refused_signature_is_said_and_can_be_sent_again(stage: Stage, phone: Phone) -> None:
    to_the_confirmation(stage, phone)
    refused = '{"code": "outside", "message": "时间戳服务没有应答", "hint": "请稍等一会儿再按一次"}'

    def refuse(route: Any) -> None:
        route.fulfill(status=503, content_type="application/json", body=refused)

    phone.page.route("**/sign", refuse)
    phone.page.click("#confirm")
    assert "系统一时忙不过来" in phone.error(), "what a time-stamping authority is nobody at a farm has to know"
    assert "时间戳" not in phone.error()
    phone.page.unroute("**/sign")
    stage.reply = lambda path: display(PhoneStep.AWAIT_SEAL, documents=documents(3))
    phone.page.click("#confirm")
    phone.at("await_seal")


def test_copies_are_saved_under_chinese_names(stage: Stage, phone: Phone) -> None:
    stage.view = display(PhoneStep.DONE, documents=documents(3, copies=True))
    phone.resume(stage)
    phone.at("done", "list")
    names = []
    for number in (1, 2, 3):
        assert f"第 {number} 份" in phone.page.inner_text("#primary")
        with phone.page.expect_download() as arriving:
            phone.page.click("#primary")
        names.append(arriving.value.suggested_filename)
    assert names == [f"{document['title']}_2026-00318.pdf" for document in documents()]
    assert phone.page.is_disabled("#primary")
    with phone.page.expect_download():
        phone.page.locator(".doc-copy").first.click()

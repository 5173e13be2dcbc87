"""The customer's page: every screen, and what goes wrong."""

from typing import Any

from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, CODE, Stage, display, documents
from tests.screenshots.props import agent_appears, card_photograph, consents, give_page, give_place, write_own_name
from tests.screenshots.registry import chapter, phone


def at(page: Phone, stage: Stage, step: PhoneStep, part: str | None = None, **changes: Any) -> None:
    """The page of a phone that has proved itself, at this step."""
    wording = {"consent": consents()[step.value]} if step.value in consents() else {}
    stage.view = display(step, name_masked="王*兰", **wording, **changes)
    page.page.route("**/pages/*", give_page)
    page.page.route("**/place", give_place)
    page.resume(stage)
    page.at(step.value, part)
    if "call" in changes:
        agent_appears(page)
    page.page.wait_for_timeout(250)


chapter("phone", "打开链接")


@phone("短信验证码：发送")
def code(page: Phone, stage: Stage) -> None:
    page.open(stage.url)
    page.at("code", "send")


@phone("短信验证码：填写")
def code_entered(page: Phone, stage: Stage) -> None:
    code(page, stage)
    page.page.click("#primary")
    page.at("code", "enter")
    page.page.fill("#code-input", CODE)


@phone("短信验证码：不对")
def code_wrong(page: Phone, stage: Stage) -> None:
    page.enter(stage.url, "000000")
    page.error()


chapter("phone", "同意")


@phone("同意录音录像")
def consent_recording(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.CONSENT_RECORDING)


@phone("同意人脸信息（可选另法）")
def consent_face(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.CONSENT_FACE)
    page.read_to_the_end()


@phone("同意处理个人信息")
def consent_personal(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.CONSENT_PERSONAL)


@phone("同意查询征信")
def consent_credit(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.CONSENT_CREDIT)


@phone("不同意")
def consent_refused(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.CONSENT_RECORDING)
    page.page.click("#secondary")
    page.at("consent_recording", "refuse")


chapter("phone", "设备检测")


@phone("设备检测：开始")
def precheck(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.PRECHECK, "start")


@phone("设备检测：看画面")
def precheck_look(page: Phone, stage: Stage) -> None:
    precheck(page, stage)
    page.page.click("#primary")
    page.at("precheck", "look")
    page.until("document.getElementById('self-view').videoWidth > 0")


@phone("设备检测：听声音")
def precheck_listen(page: Phone, stage: Stage) -> None:
    precheck_look(page, stage)
    page.page.click("#primary")
    page.at("precheck", "listen")


@phone("设备检测：不许用摄像头", camera=False)
def precheck_denied(page: Phone, stage: Stage) -> None:
    precheck(page, stage)
    page.page.click("#primary")
    page.page.wait_for_timeout(1500)


chapter("phone", "排队")


@phone("排队")
def queue(page: Phone, stage: Stage) -> None:
    place = {"position": 3, "expected_wait_seconds": 400, "message": "老年人优先"}
    at(page, stage, PhoneStep.QUEUE, "waiting", queue=place)


@phone("排队：暂停")
def queue_paused(page: Phone, stage: Stage) -> None:
    place = {"position": 3, "expected_wait_seconds": None, "message": "午间休息，13:30 继续办理", "paused": True}
    at(page, stage, PhoneStep.QUEUE, queue=place)


chapter("phone", "身份核验")


@phone("身份证人像面")
def id_front(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.ID_FRONT, "take", call=CALL)


@phone("身份证：核对照片")
def id_check(page: Phone, stage: Stage) -> None:
    id_front(page, stage)
    page.page.set_input_files("#id-file", card_photograph())
    page.at("id_front", "check")


@phone("身份证：看不清")
def id_unreadable(page: Phone, stage: Stage) -> None:
    stage.readable, stage.warnings = False, ["照片反光，看不清姓名"]
    id_check(page, stage)
    page.page.click("#primary")
    page.at("id_front", "unreadable")


@phone("身份证国徽面")
def id_back(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.ID_BACK, "take", call=CALL)


@phone("等待身份核验")
def await_identity(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.AWAIT_IDENTITY, call=CALL)


chapter("phone", "风险告知")


@phone("风险告知")
def disclosure(page: Phone, stage: Stage) -> None:
    line = {"number": 3, "total": 9, "text": "您向本社借款人民币壹拾捌万元整，期限 12 个月，年利率 3.85%，清楚吗？"}
    at(page, stage, PhoneStep.DISCLOSURE, call=CALL, prompt=line)


chapter("phone", "阅读")


@phone("阅读")
def reading(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.READING, "page", call=CALL)
    page.until("document.getElementById('page-image').naturalWidth > 0")


@phone("阅读：放大")
def reading_zoom(page: Phone, stage: Stage) -> None:
    reading(page, stage)
    page.page.click("#page-zoom")
    page.page.wait_for_timeout(300)


@phone("阅读：第二页")
def reading_second(page: Phone, stage: Stage) -> None:
    reading(page, stage)
    page.page.click("#primary")
    page.page.wait_for_timeout(800)


chapter("phone", "签名")


@phone("签名")
def signing(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.SIGNING, "pad", call=CALL)


@phone("签名：已写")
def signing_drawn(page: Phone, stage: Stage) -> None:
    signing(page, stage)
    write_own_name(page)


@phone("签名：确认")
def signing_confirm(page: Phone, stage: Stage) -> None:
    signing_drawn(page, stage)
    page.page.click("#primary")
    page.at("signing", "confirm")


chapter("phone", "断线和换手机")


@phone("与服务断线")
def offline(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.AWAIT_IDENTITY, call=CALL)
    stage.away = True
    stage.soon(stage.drop())
    page.page.wait_for_timeout(1500)


@phone("在另一台手机上打开了")
def replaced(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.AWAIT_SEAL, documents=documents(3))
    stage.soon(stage.say_gone("other_device"))
    page.page.wait_for_timeout(500)


chapter("phone", "领取文书")


@phone("等待用印")
def await_seal(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.AWAIT_SEAL, documents=documents(3))


@phone("完成，领取文书")
def done(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.DONE, "list", documents=documents(3, copies=True))


@phone("业务已终止")
def ended(page: Phone, stage: Stage) -> None:
    notice = {"tone": "stop", "text": "这笔业务已经终止。如有疑问，请致电服务电话"}
    at(page, stage, PhoneStep.ENDED, notice=notice)

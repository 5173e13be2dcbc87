"""The customer's page beside its straight way: helper, leaving, refusing, what the phone or the line cannot do."""

from playwright.sync_api import Route

from signing.wire.phone import PhoneStep
from tests.end2end.phone.conftest import Phone
from tests.end2end.phone.stage import CALL, Stage, display, documents
from tests.end2end.phone.test_wechat import ANDROID
from tests.screenshots.phone import at, await_identity, id_check, precheck, queue, reading, signing, signing_drawn
from tests.screenshots.props import agent_appears, card_photograph
from tests.screenshots.registry import chapter, phone

NEWS = {"tone": "caution", "text": "客户经理已将您静音，您说的话其他人听不到，也不录音"}
BREAK = """navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '%s'))"""
QUALITY = """async (message) => {
  const [{ createQuality }, { createUi }] = await Promise.all([import('/phone/quality.js'), import('/phone/ui.js')]);
  createQuality(createUi()).heard(message);
}"""
DARK = """
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d').fillRect(0, 0, 300, 150);
    const silent = new AudioContext().createMediaStreamDestination().stream;
    return new MediaStream([...canvas.captureStream(10).getTracks(), ...silent.getTracks()]);
  };
"""
NO_CALLS = "delete window.RTCPeerConnection"


def unavailable(route: Route) -> None:
    body = '{"code": "outside", "message": "时间戳服务没有应答", "hint": "请稍等一会儿再按一次"}'
    route.fulfill(status=503, content_type="application/json", body=body)


def unsent(route: Route) -> None:
    body = '{"code": "outside", "message": "短信没有发出去", "hint": "请稍等一会儿再按一次"}'
    route.fulfill(status=503, content_type="application/json", body=body)


chapter("phone", "打开链接")


@phone("链接不完整")
def link_broken(page: Phone, stage: Stage) -> None:
    page.page.goto(f"{stage.url}/s")
    page.at("link_error")


@phone("短信验证码：服务不应答")
def code_unavailable(page: Phone, stage: Stage) -> None:
    page.page.route("**/api/phone/code", unsent)
    page.open(stage.url)
    page.at("code", "send")
    page.page.click("#primary")
    page.error()


chapter("phone", "同意")


@phone("为什么要这一步")
def why(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.CONSENT_FACE)
    page.page.click("#why-title")
    page.page.wait_for_selector("#why-words .tel")


chapter("phone", "设备检测")


@phone("设备检测：没有摄像头")
def precheck_missing(page: Phone, stage: Stage) -> None:
    _camera_fails(page, stage, "NotFoundError", "missing")


@phone("设备检测：摄像头被占用")
def precheck_busy(page: Phone, stage: Stage) -> None:
    _camera_fails(page, stage, "NotReadableError", "busy")


def _camera_fails(page: Phone, stage: Stage, error: str, part: str) -> None:
    page.page.add_init_script(BREAK % error)
    precheck(page, stage)
    page.page.click("#primary")
    page.at("precheck", part)


@phone("这个浏览器不能视频")
def unsupported(page: Phone, stage: Stage) -> None:
    page.page.add_init_script(NO_CALLS)
    stage.view = display(PhoneStep.PRECHECK)
    page.resume(stage)
    page.at("unsupported")
    page.page.click("#copy-link")
    page.page.wait_for_selector("#content .notice")


@phone("设备检测：太暗，没有声音")
def precheck_dark(page: Phone, stage: Stage) -> None:
    page.page.add_init_script(DARK)
    precheck(page, stage)
    page.page.click("#primary")
    page.at("precheck", "look")
    page.page.wait_for_selector("#content .notice", timeout=20_000)


@phone("设备检测：网络慢")
def precheck_slow(page: Phone, stage: Stage) -> None:
    precheck(page, stage)
    page.page.click("#primary")
    page.at("precheck", "look")
    page.until("!document.getElementById('primary').disabled", 20)
    stage.deaf.update(stage.sockets)
    page.page.click("#primary")
    page.at("precheck", "listen")
    page.until("!document.getElementById('primary').disabled", 20)
    page.page.click("#primary")
    page.at("precheck", "slow")


chapter("phone", "排队")


@phone("排队：先不排了")
def queue_left(page: Phone, stage: Stage) -> None:
    stage.reply = lambda path: display(PhoneStep.QUEUE) if path.endswith("/leave") else None
    queue(page, stage)
    page.page.click("#secondary")
    page.at("queue", "left")


@phone("排队：通话已结束，还有没办完的")
def queue_over(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.QUEUE, "over", let_go=True)


@phone("排队：不在办理时间")
def queue_closed(page: Phone, stage: Stage) -> None:
    door = {"joins": False, "message": "今天 17:30 已停止取号，请明天 8:30 以后再来"}
    at(page, stage, PhoneStep.QUEUE, "closed", door=door)


@phone("排队：下一位就是您，选了客家话")
def queue_next(page: Phone, stage: Stage) -> None:
    place = {"position": 1, "expected_wait_seconds": 60, "message": ""}
    at(page, stage, PhoneStep.QUEUE, "waiting", queue=place, dialect="hakka")


@phone("登记协助人")
def helper(page: Phone, stage: Stage) -> None:
    queue(page, stage)
    page.page.click("#helper-link")
    page.at("helper", "ask")


chapter("phone", "不办了")


@phone("真的不办了吗")
def refusing(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.SIGNING, "pad", call=CALL, may_refuse=True)
    page.page.click("#refuse")
    page.at("refuse", "ask")


@phone("这笔业务先停一停")
def stopped(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.STOPPED, notice={"tone": "caution", "text": "李*芳不愿意担保，客户经理会和大家商量"})


chapter("phone", "身份核验")


@phone("身份证：有一点要注意")
def id_warned(page: Phone, stage: Stage) -> None:
    stage.warnings = ["这张身份证 30 天后到期"]
    id_check(page, stage)
    page.page.click("#primary")
    page.at("id_front", "warned")


@phone("身份证：照片打不开")
def id_broken(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.ID_FRONT, "take", call=CALL)
    page.page.set_input_files("#id-file", {**card_photograph(), "buffer": b"no picture"})
    page.error()


@phone("客户经理马上回来")
def identity_alone(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.AWAIT_IDENTITY, "alone")


chapter("phone", "风险告知")


@phone("风险告知：还没开始")
def disclosure_waiting(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.DISCLOSURE, call=CALL, notice=NEWS)


chapter("phone", "阅读")


@phone("阅读：客户经理带着看")
def reading_led(page: Phone, stage: Stage) -> None:
    reading(page, stage)
    stage.lead("mark", 1, x=0.2, y=0.2, w=0.4, h=0.1)
    page.page.wait_for_selector("#strip [data-slot=lead]")


@phone("阅读：这一页没有打开")
def reading_failed(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.READING, "page", call=CALL)
    page.page.route("**/pages/*", unavailable)
    page.page.reload()
    page.at("reading", "page")
    agent_appears(page)
    page.page.wait_for_selector("#page-sheet button:not([hidden])")


chapter("phone", "签名")


@phone("签名：太少")
def signing_blank(page: Phone, stage: Stage) -> None:
    signing(page, stage)
    page.page.click("#primary")
    page.error()


@phone("签名：再看一遍文书")
def signing_again(page: Phone, stage: Stage) -> None:
    signing(page, stage)
    page.page.click("#secondary")
    page.at("signing", "again")


@phone("签名：没有签成")
def signing_refused(page: Phone, stage: Stage) -> None:
    signing_drawn(page, stage)
    page.page.click("#primary")
    page.at("signing", "confirm")
    page.page.route("**/sign", unavailable)
    page.page.click("#confirm")
    page.error()


chapter("phone", "通话")


@phone("摄像头没有打开")
def no_camera(page: Phone, stage: Stage) -> None:
    page.page.add_init_script(BREAK % "NotReadableError")
    await_identity(page, stage)
    page.page.wait_for_selector("#strip [data-slot=camera]")


@phone("通话：上行弱")
def call_thin(page: Phone, stage: Stage) -> None:
    told(page, stage, 2, "uplink_thin")


@phone("通话：信号很弱，声音也断续")
def call_thinner(page: Phone, stage: Stage) -> None:
    told(page, stage, 1, "downlink_thin")


@phone("通话：客户经理那边网络不好")
def call_seat(page: Phone, stage: Stage) -> None:
    told(page, stage, 2, "seat_network")


@phone("通话：声音断了")
def call_unheard(page: Phone, stage: Stage) -> None:
    await_identity(page, stage)
    page.page.evaluate(QUALITY, {"kind": "quality", "bars": 4, "cause": "fine", "sound": "gone"})
    page.page.wait_for_selector("#strip [data-slot=sound]")


def told(page: Phone, stage: Stage, bars: int, cause: str) -> None:
    await_identity(page, stage)
    page.page.evaluate(QUALITY, {"kind": "quality", "bars": bars, "cause": cause})
    page.page.wait_for_selector("#strip [data-slot=quality]")


@phone("通话：画面收起")
def call_away(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.DISCLOSURE, call=CALL)
    page.page.click("#call-toggle")


@phone("通话结束了，还没办完")
def call_over(page: Phone, stage: Stage) -> None:
    await_identity(page, stage)
    stage.show(PhoneStep.QUEUE, queue={"position": 2, "expected_wait_seconds": 200, "message": "回到原席"})
    page.at("queue", "waiting")
    page.page.wait_for_selector("#strip [data-slot=over]")


@phone("服务有通知")
def call_notice(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.AWAIT_IDENTITY, call=CALL, notice=NEWS)


chapter("phone", "断线和换手机")


@phone("在另一个页面打开了")
def paused(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.AWAIT_SEAL, documents=documents(3))
    stage.soon(stage.say_gone("replaced"))
    page.at("paused")


chapter("phone", "领取文书")


@phone("完成：微信里不能保存")
def done_wechat(page: Phone, stage: Stage) -> None:
    page.page.add_init_script(f"Object.defineProperty(navigator, 'userAgent', {{ get: () => '{ANDROID}' }})")
    at(page, stage, PhoneStep.DONE, "wechat", documents=documents(3, copies=True))


@phone("完成：看一份文书")
def done_look(page: Phone, stage: Stage) -> None:
    at(page, stage, PhoneStep.DONE, "list", documents=documents(3, copies=True))
    page.page.locator(".copies .quiet-link").first.click()
    page.at("done", "look")

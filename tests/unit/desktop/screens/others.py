"""At the door, between calls, of the machine, and the window in which cases are opened."""

from PySide6.QtWidgets import QWidget

from desktop.bridge import Trouble
from desktop.devices.dialog import DevicesDialog
from desktop.model import workspace as w
from desktop.opening import form as model
from desktop.opening.roster import RosterDialog
from desktop.opening.window import OpeningWindow
from desktop.seat.find import FindDialog
from desktop.seat.reason import ReasonDialog
from desktop.window import MainWindow
from media import ports
from media.core.devices import DeviceChoice
from signing.wire.accounts import TotpEnrolment
from signing.wire.base import Tone
from signing.wire.case import StepKey
from signing.wire.opening import DraftChecked, DraftProblem, LinkState, LinkStates, LinkStep, OpeningCatalogue
from signing.wire.queue import QueueDoor
from signing.wire.staff import CaseOpened, Presence
from tests.unit.desktop import views
from tests.unit.desktop.devices.test_dialog import NOW as DEVICES_NOW
from tests.unit.desktop.devices.test_dialog import _Source as DevicesSource
from tests.unit.desktop.opening.forms import FORM
from tests.unit.desktop.screens.base import (
    DEGREE,
    appointment,
    child,
    found,
    invited,
    over,
    press,
    screen,
    seat,
    talk,
    upload,
)


@screen
def login(window: MainWindow) -> QWidget:
    return window


@screen
def login_unreachable(window: MainWindow) -> QWidget:
    hint = "请检查网络，或请管理员确认服务已启动，然后重试"
    window.login.failed(Trouble("连不上服务（pingqian.longyan-nongxin.example.cn:8443）", hint, code="unreachable"))
    return window


@screen
def login_refused(window: MainWindow) -> QWidget:
    window.login.user.setText("zhang")
    window.login.failed(Trouble("工号或密码不对", "还可以再试 4 次", code="not_logged_in"))
    return window


@screen
def login_totp(window: MainWindow) -> QWidget:
    squares = ["".join("01"[(x * y + x) % 2] for x in range(41)) for y in range(41)]
    window.login.show_enrolment(TotpEnrolment(uri="otpauth://totp/x", secret="JBSWY3DPEHPK3PXP" * 2, squares=squares))
    return window


@screen
def login_new_password(window: MainWindow) -> QWidget:
    window.login.user.setText("chen")
    hint = "请输入确认的同事交给您的 6 位确认码，并设一个只有您知道的密码"
    window.login.failed(Trouble("这个账号的密码是别人设的", hint, code="owner_code"))
    return window


# --- between calls ---


@screen
def away(window: MainWindow) -> QWidget:
    state = w.State(view=views.view(Presence.AWAY).model_copy(update={"presence_reason": "来电未接"}))
    return seat(window, state)


@screen
def idle(window: MainWindow) -> QWidget:
    return seat(window, w.State(view=views.view()))


@screen
def idle_busy(window: MainWindow) -> QWidget:
    rows = [
        views.ticket(number).model_copy(update={"product_title": DEGREE, "dialect": "客家话"}) for number in (1, 2, 3)
    ]
    view = views.view(queue=rows, unsealed=[views.awaiting(1), views.awaiting(2)])
    door = QueueDoor(joins=False, offers=False, message="今天排队的客户已满，请明天 8:30 再来", back_at=None)
    view = view.model_copy(update={"door": door, "appointments": [appointment()], "average_call_seconds": 408.0})
    told = "磁盘空间不足"
    return seat(window, w.State(view=view, uploads=upload("2026-00317", w.UploadStage.STUCK, told)))


@screen
def ringing(window: MainWindow) -> QWidget:
    return seat(window, w.State(view=views.view(Presence.RINGING, ring=views.offer())))


@screen
def ringing_transfer(window: MainWindow) -> QWidget:
    return seat(window, w.State(view=views.view(Presence.RINGING, transferred=views.transfer_offer())))


@screen
def away_reason(window: MainWindow) -> QWidget:
    idle(window)
    press(window, "presence.away")
    return child(window, ReasonDialog)


@screen
def find(window: MainWindow) -> QWidget:
    idle(window)
    dialog = FindDialog(lambda _text, show: show([found(n) for n in range(1, 6)]), lambda _: None, window)
    dialog.look()
    return over(window, dialog)


@screen
def password(window: MainWindow) -> QWidget:
    idle(window)
    window.change_password()
    return next(one for one in window.findChildren(QWidget, "password") if one.isVisible())


# --- the machine ---


@screen
def devices(window: MainWindow) -> QWidget:
    dialog = DevicesDialog(DevicesSource(), DeviceChoice(microphone="pulse:head"), {}, lambda *_: None, window)
    dialog._hear(DEVICES_NOW)
    return over(window, dialog)


@screen
def devices_gone(window: MainWindow) -> QWidget:
    dialog = DevicesDialog(
        DevicesSource(in_call=True), DeviceChoice(camera="v4l2:old"), {"v4l2:old": "旧摄像头"}, lambda *_: None, window
    )
    gone = ports.DevicesChanged("", "", "", "", present=(), message="没有可用的摄像头、麦克风和扬声器，请接好后再试")
    dialog._hear(gone)
    return over(window, dialog)


# --- opening a case ---


def opening(window: MainWindow) -> OpeningWindow:
    idle(window)
    assert window.opening is not None
    window.opening.open()
    made = window.opening.window
    assert made is not None
    catalogue = {"institution": "示范联社", "today": "2026-11-27", "parties_most": 8, "products": [FORM]}
    made.desk.ready.emit(OpeningCatalogue.model_validate(catalogue))
    return made


@screen
def opening_products(window: MainWindow) -> QWidget:
    return opening(window)


@screen
def opening_form(window: MainWindow) -> QWidget:
    made = opening(window)
    made.filling.begin(FORM, model.begun(FORM))
    made.desk._check.stop()
    made.pages.setCurrentWidget(made.filling)
    text = "金额超过本产品的上限 300,000 元"
    wrong = DraftProblem(path="amount", tone=Tone.STOP, text=text, hint="请修改金额或换一个产品")
    missing = DraftProblem(path="parties.0.phone", tone=Tone.NOTICE, text="还没有填写手机号")
    made.desk.checked.emit(DraftChecked(problems=[wrong, missing], notes=[], ready=False))
    return made


@screen
def opening_in_call(window: MainWindow) -> QWidget:
    made = opening_form(window)
    assert isinstance(made, OpeningWindow)
    made.set_call(live=True, rings=True)
    return made


@screen
def opening_links(window: MainWindow) -> QWidget:
    made = opening(window)
    case = talk(StepKey.IDENTITY).case
    assert case is not None
    made.invited.display(CaseOpened(case=case, invitations=[invited(number) for number in (1, 2, 3, 4)]))
    made.pages.setCurrentWidget(made.invited)
    states = [
        LinkState(party_id=f"p{number}", label="借款人 王*国", step=step, words="11月27日 10:12 已发短信",
                  phone_masked="138****8000", stand_in=True)
        for number, step in enumerate((LinkStep.SENT, LinkStep.ENTERED, LinkStep.OVER), 1)
    ]  # fmt: skip
    made.desk.linked.emit(LinkStates(links=states))
    made.invited.stop()
    return made


@screen
def opening_roster(window: MainWindow) -> QWidget:
    made = opening_form(window)
    assert isinstance(made, OpeningWindow)
    return over(window, RosterDialog(made.desk, lambda _: None, made))

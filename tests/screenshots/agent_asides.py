"""The agent's window beside its straight way: what is asked, what is found, what goes wrong."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from PySide6.QtWidgets import QWidget

from desktop.bridge import Trouble
from desktop.model import workspace as w
from desktop.opening.roster import RosterDialog
from desktop.seat.booking import BookingDialog
from desktop.seat.find import FindDialog
from desktop.seat.images import Frame
from desktop.seat.invitation import InvitationDialog
from desktop.seat.operations import Operations
from desktop.seat.terms import TermsDialog
from desktop.widgets.personal import PersonalBox
from desktop.window import MainWindow
from media.compositor import TileState
from media.core.murmur import Sound
from media.tiles import UNHEARD
from signing.wire.base import Notice, Tone
from signing.wire.call import TransferState
from signing.wire.case import Personal, Phase
from signing.wire.lifecycle import FoundCase, Operation
from signing.wire.opening import HouseholdRow, HouseholdsFound
from signing.wire.queue import Booking, OpenDay
from tests.screenshots.agent import compared, disclosure, idle
from tests.screenshots.opening import form
from tests.screenshots.registry import chapter, window
from tests.screenshots.studio import DROPPED, Studio, settle
from tests.unit.desktop import views

chapter("agent", "登录")


@window("agent", "登录：要动态口令")
def login_code(studio: Studio) -> QWidget:
    made = studio.window()
    made.login.user.setText("zhang")
    made.login.failed(Trouble("请输入验证器上的 6 位动态口令", "", code="totp_required"))
    return made


@window("agent", "登录：账号暂时锁住")
def login_locked(studio: Studio) -> QWidget:
    made = studio.window()
    made.login.user.setText("zhang")
    made.login.failed(Trouble("连续输错太多次，账号暂时锁定", "请 15 分钟后再试，或请管理员重设密码", code="locked"))
    return made


@window("agent", "登录：已退出")
def login_left(studio: Studio) -> QWidget:
    made = idle(studio)
    assert isinstance(made, MainWindow)
    made.leave("您已退出登录")
    settle()
    return made


chapter("agent", "值守")


@window("agent", "空闲：服务有通知")
def idle_notice(studio: Studio) -> QWidget:
    notice = Notice(tone=Tone.CAUTION, text="今晚 22:00 至 23:00 系统升级，其间不能办理")
    return studio.seat(studio.state("idle", notice=notice))


@window("agent", "空闲：上次的录像正在补传，一份打不开")
def idle_left(studio: Studio) -> QWidget:
    stuck = "录像的密钥没来得及存下，内容打不开。请联系管理员，由主管声明遗失"
    uploads = {
        "i": w.Upload("i", "2026-00317", w.UploadStage.SENDING, 62, 100),
        "j": w.Upload("j", "2026-00315", w.UploadStage.STUCK, message=stuck),
    }
    made = studio.seat(replace(studio.state("idle"), uploads=uploads))
    made.toast.display(Tone.NOTICE, "找到上次未上传完的录像 1 份，正在补传")
    return made


chapter("agent", "新建业务")


def roster(studio: Studio, text: str, found: HouseholdsFound | None) -> QWidget:
    made = form(studio, "empty")
    dialog = RosterDialog(made.desk, lambda person: None, made)
    dialog.open()
    dialog.text.setText(text)
    dialog._pause.stop()
    if found is not None:
        dialog._show(found, dialog._asked)
    return made


def household(studio: Studio, number: int, village: str, line: str, *, expired: bool = False) -> HouseholdRow:
    return HouseholdRow(
        ref=f"{number:02x}", name_masked="王*兰", id_number_masked=f"3508**********{1200 + number}", village=village,
        line=line, valid_until=studio.course.seat["idle"].server_time, expired=expired,
    )  # fmt: skip


@window("agent", "查名册：找到两户")
def roster_found(studio: Studio) -> QWidget:
    rows = [
        household(studio, 1, "临城镇富古村", "300000.00"),
        household(studio, 2, "湖洋镇上罗村", "80000.00", expired=True),
    ]
    return roster(studio, "王秀兰", HouseholdsFound(rows=rows, more=True))


@window("agent", "查名册：没有找到")
def roster_none(studio: Studio) -> QWidget:
    return roster(studio, "李春花", HouseholdsFound(rows=[]))


chapter("agent", "身份核验")


@window("agent", "证件和人脸放大对照")
def identity_large(studio: Studio) -> QWidget:
    made = compared(studio)
    next(frame for frame in made.findChildren(Frame) if frame.content).clicked.emit()
    settle(200)
    return made


chapter("agent", "通话中的操作")


@window("agent", "显示证件号，三十秒后遮回")
def number_shown(studio: Studio) -> QWidget:
    made = disclosure(studio)
    box = next(one for one in made.findChildren(PersonalBox) if one.isVisible())
    place = box._looks.place(Personal.ID_NUMBER)
    assert place is not None
    box.reveal(place, "11010519491231002X")
    return made


@window("agent", "转接：等对方接")
def transfer_rings(studio: Studio) -> QWidget:
    return _transfer(studio, TransferState.RINGING)


@window("agent", "转接：对方没有接")
def transfer_missed(studio: Studio) -> QWidget:
    made = _transfer(studio, TransferState.MISSED)
    made.toast.display(Tone.CAUTION, "转接 08号席：对方没有接，通话仍在您这里")
    return made


def _transfer(studio: Studio, how: TransferState) -> MainWindow:
    state = studio.state("disclosure")
    assert state.call is not None
    assert state.view is not None
    ends = state.view.server_time + timedelta(seconds=16)
    transfer = views.transfer(how).model_copy(update={"expires_at": ends})
    call = state.call.model_copy(update={"transfer": transfer})
    return studio.seat(studio.state("disclosure", call=call), studio.tiles(state.people))


@window("agent", "一位当事人被静音，自己也静音")
def muted(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    assert state.call is not None
    second = state.people[1].party_id
    places = [one.model_copy(update={"muted": one.party_id == second}) for one in state.call.parties]
    call = state.call.model_copy(update={"parties": places})
    media = studio.media(state.people, muted=True)
    return studio.seat(studio.state("disclosure", call=call, media=media), studio.tiles(state.people))


chapter("agent", "通话中出错")


@window("agent", "客户全都断线")
def all_gone(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    lines = {one.party_id: w.Line(peer="failed") for one in state.people}
    media = replace(studio.media(state.people), lines=lines)
    gone = [DROPPED] * len(state.people)
    return studio.seat(studio.state("disclosure", media=media), studio.tiles(state.people, *gone))


@window("agent", "两位当事人没有声音：一位断了，一位从来没有")
def unheard(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    media, tiles = studio.media(state.people), studio.tiles(state.people)
    for number, sound in ((0, Sound.GONE), (1, Sound.NEVER)):
        party_id = state.people[number].party_id
        line = media.line(party_id)
        assert line.quality is not None
        media = media.with_line(party_id, replace(line, quality=replace(line.quality, sound=sound)))
        tiles[number] = replace(tiles[number], marks=(UNHEARD,))
    return studio.seat(studio.state("disclosure", media=media), tiles)


@window("agent", "操作被服务拒绝")
def refused(studio: Studio) -> QWidget:
    made = disclosure(studio)
    assert isinstance(made, MainWindow)
    made.toast.display(Tone.STOP, "保证人 丁*山 还没有核验身份，不能回答告知。请先核验身份")
    return made


@window("agent", "摄像头被拔掉")
def unplugged(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    made = studio.seat(state, studio.tiles(state.people, seat=TileState.UNPLUGGED))
    made.toast.display(Tone.CAUTION, "摄像头已断开，客户暂时看不到您；插回后自动继续，或在“音视频设备”里换一个")
    return made


chapter("agent", "业务操作")


def dialog_over(studio: Studio, moment: str = "delivered") -> MainWindow:
    made = studio.seat(studio.state(moment))
    made.toast.hide()
    return made


@window("agent", "查找业务：找到两笔")
def find_found(studio: Studio) -> QWidget:
    made = dialog_over(studio, "idle")
    dialog = FindDialog(lambda text, then: None, lambda case_id: None, made)
    dialog.text.setText("王")
    dialog.show_cases(found_cases(studio))
    dialog.open()
    return made


def found_cases(studio: Studio) -> Sequence[FoundCase]:
    now = studio.course.seat["idle"].server_time
    facts = (
        (Phase.IN_CALL, "多人担保贷款", ["借款人 王*兰", "保证人 丁*山"]),
        (Phase.WAITING, "信用村授信贷款", ["借款人 王*田"]),
    )
    return [
        FoundCase(
            case_id=f"k{number}", case_no=f"PQ20261127000{number}", product_title=product, parties=people, phase=phase,
            opened_at=now, expires_at=now + timedelta(hours=72),
        )
        for number, (phase, product, people) in enumerate(facts, 1)
    ]  # fmt: skip


@window("agent", "查找业务：没有找到")
def find_none(studio: Studio) -> QWidget:
    made = dialog_over(studio, "idle")
    dialog = FindDialog(lambda text, then: None, lambda case_id: None, made)
    dialog.text.setText("赵")
    dialog.show_cases([])
    dialog.open()
    return made


@window("agent", "重发链接")
def invitation(studio: Studio) -> QWidget:
    made = dialog_over(studio)
    assert studio.course.invited is not None
    InvitationDialog(studio.course.invited.invitations[:2], made).open()
    return made


def terms(studio: Studio) -> tuple[MainWindow, TermsDialog]:
    made = studio.seat(studio.state("disclosure"))
    made.toast.hide()
    case = studio.course.seat["disclosure"].case
    assert case is not None
    dialog = TermsDialog(
        case, lambda message, refused, done: refused(Trouble("金额超过这个产品的上限 30 万元", "请改小金额")), made
    )
    dialog.open()
    return made, dialog


@window("agent", "变更业务要素")
def terms_open(studio: Studio) -> QWidget:
    return terms(studio)[0]


@window("agent", "变更业务要素：新增一位，服务拒绝")
def terms_refused(studio: Studio) -> QWidget:
    made, dialog = terms(studio)
    dialog._add()
    dialog.reason.setText("客户多借一些，换一位保证人")
    dialog._refused(Trouble("金额超过这个产品的上限 30 万元", "请改小金额"))
    return made


def operation(studio: Studio, wanted: Operation) -> QWidget:
    made = studio.seat(studio.state("disclosure"))
    made.toast.hide()
    button = made.findChild(Operations)
    assert button is not None
    case = studio.course.seat["disclosure"].case
    assert case is not None
    title = {Operation.REFUSE: "登记拒绝：借款人 王*兰", Operation.WITHDRAW: f"撤回业务 {case.case_no}"}
    button._ask(wanted, title.get(wanted, f"终止业务 {case.case_no}"), lambda reason: None)
    return made


@window("agent", "登记客户拒绝：要求原因")
def case_refuse(studio: Studio) -> QWidget:
    return operation(studio, Operation.REFUSE)


@window("agent", "撤回业务：要求原因")
def case_withdraw(studio: Studio) -> QWidget:
    return operation(studio, Operation.WITHDRAW)


@window("agent", "预约：选日期和时段")
def booking_slots(studio: Studio) -> QWidget:
    made = dialog_over(studio)
    view = studio.course.seat["delivered"]
    assert view.case is not None
    opens = view.server_time.replace(hour=0, minute=30, second=0, microsecond=0)
    days = [
        OpenDay(opens_at=opens + timedelta(days=day), closes_at=opens + timedelta(days=day, hours=9))
        for day in (1, 2, 3)
    ]
    people, nothing = view.case.parties, partial(_nobody)
    dialog = BookingDialog(people, people[0].party_id, view.server_time, nothing, nothing, made)
    dialog.open()
    dialog.display(Booking(appointments=[], days=days))
    return made


def _nobody(*_: object) -> None:
    """Nobody answers."""

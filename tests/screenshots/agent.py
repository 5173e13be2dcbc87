"""The agent's window, from the log-in to the end of the wrap-up, and what goes wrong."""

from dataclasses import replace
from datetime import timedelta

import segno
from PySide6.QtWidgets import QLabel, QWidget

from desktop.bridge import Trouble
from desktop.devices.network import Finding, NetworkBox, took
from desktop.model import workspace as w
from desktop.seat.booking import BookingDialog
from desktop.seat.images import Frame
from desktop.seat.paper import PaperPane
from desktop.widgets.document import DocumentDialog
from desktop.window import MainWindow
from media.core.quality import Cause
from signing.wire.accounts import TotpEnrolment
from signing.wire.base import Tone
from signing.wire.call import CallPartyState
from signing.wire.case import Answer, LineAnswer
from signing.wire.staff import Presence
from tests.screenshots.registry import chapter, window
from tests.screenshots.studio import DROPPED, HELD, LIVE, Studio, press, quality, settle, until
from tests.unit.desktop import views

chapter("agent", "登录")


@window("agent", "登录")
def login(studio: Studio) -> QWidget:
    made = studio.window()
    made.login.user.setText("zhang")
    return made


@window("agent", "登录：服务连不上")
def login_unreachable(studio: Studio) -> QWidget:
    made = studio.window()
    made.login.failed(Trouble("连不上服务", "请检查网络；仍然不行请联系管理员", code="unreachable"))
    return made


@window("agent", "登录：密码不对")
def login_refused(studio: Studio) -> QWidget:
    made = studio.window()
    made.login.user.setText("zhang")
    made.login.failed(Trouble("工号或密码不对", "还可以再试 4 次", code="not_logged_in"))
    return made


@window("agent", "登录：首次绑定动态口令")
def login_totp(studio: Studio) -> QWidget:
    made = studio.window()
    address = "otpauth://totp/pingqian:zhang?secret=JBSWY3DPEHPK3PXP&issuer=pingqian"
    squares = ["".join("1" if dark else "0" for dark in line) for line in segno.make(address, error="m").matrix]
    made.login.show_enrolment(TotpEnrolment(uri=address, secret="JBSWY3DPEHPK3PXP", squares=squares))
    return made


@window("agent", "登录：新账号由本人接手")
def login_owner(studio: Studio) -> QWidget:
    made = studio.window()
    made.login.user.setText("chen")
    made.login.failed(Trouble("这个账号还没有由本人接手", "请输入确认码，并设一个只有您知道的密码", code="owner_code"))
    return made


chapter("agent", "值守")


@window("agent", "刚登录，暂离")
def away(studio: Studio) -> QWidget:
    return studio.seat(studio.state("logged_in"))


@window("agent", "空闲，没有人排队")
def idle(studio: Studio) -> QWidget:
    return studio.seat(studio.state("idle"))


@window("agent", "空闲：排队、预约、待用印、待上传")
def idle_busy(studio: Studio) -> QWidget:
    now = studio.course.seat["idle"].server_time
    rows = [
        views.ticket(number).model_copy(update={"waiting_since": now - timedelta(seconds=230 - 70 * number)})
        for number in (1, 2, 3)
    ]
    seals = [
        views.awaiting(number).model_copy(update={"signed_at": now - timedelta(minutes=number)}) for number in (1, 2)
    ]
    state = studio.state("idle", queue=rows, awaiting_seal=seals)
    upload = w.Upload("i", "2026-00317", w.UploadStage.RETRYING, 40, 100, "网络中断")
    return studio.seat(replace(state, uploads={"i": upload}))


@window("agent", "暂离：选择原因")
def away_reason(studio: Studio) -> QWidget:
    made = studio.seat(studio.state("idle"))
    press(made, "presence.away")
    return made


chapter("agent", "新建业务")
chapter("agent", "来电")


@window("agent", "振铃")
def ringing(studio: Studio) -> QWidget:
    return studio.seat(studio.state("ringing"))


@window("agent", "振铃：别席转来的通话")
def ringing_transfer(studio: Studio) -> QWidget:
    state = studio.state("idle")
    assert state.view is not None
    offer = views.transfer_offer().model_copy(
        update={
            "call_started_at": state.view.server_time - timedelta(minutes=6),
            "expires_at": state.view.server_time + timedelta(seconds=17),
        }
    )
    return studio.seat(studio.state("idle", presence=Presence.RINGING, transfer_offer=offer))


@window("agent", "刚接听：正在接通")
def connecting(studio: Studio) -> QWidget:
    return studio.seat(studio.state("accepted", media=w.Media(call_id="c", recording=w.Recording.STARTING)))


chapter("agent", "身份核验")


@window("agent", "其他当事人等候请入")
def waiting_party(studio: Studio) -> QWidget:
    state = studio.state("accepted")
    state = replace(state, focus=state.people[1].party_id)
    return studio.seat(state, studio.tiles(state.people[:1]))


def compared(studio: Studio, *, name_matches: bool = True) -> MainWindow:
    """The borrower's card and face before the agent."""
    state = studio.state("joint")
    assert state.case is not None
    borrower = state.people[0]
    seen = views.identity(front=True, back=True, face=True, name_matches=name_matches)
    assert seen.front is not None
    front = seen.front.model_copy(update={"name_masked": borrower.name_masked})
    first = borrower.model_copy(update={"identity": seen.model_copy(update={"front": front})})
    case = state.case.model_copy(update={"parties": [first, *state.people[1:]]})
    made = studio.seat(studio.state("joint", case=case), studio.tiles(state.people))
    shown = [frame for frame in made.findChildren(Frame) if frame.isVisible()]
    until(lambda: all(frame.content for frame in shown))
    settle(200)
    return made


@window("agent", "身份核验（四人同一通话）")
def identity(studio: Studio) -> QWidget:
    return compared(studio)


@window("agent", "身份核验：证件有疑问")
def identity_doubt(studio: Studio) -> QWidget:
    made = compared(studio, name_matches=False)
    press(made, "identity.reject")
    return made


chapter("agent", "风险告知")


@window("agent", "风险告知")
def disclosure(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    return studio.seat(state, studio.tiles(state.people))


@window("agent", "风险告知：方言参考")
def disclosure_dialect(studio: Studio) -> QWidget:
    made = disclosure(studio)
    press(made, "script.dialect")
    return made


@window("agent", "风险告知：播放朗读")
def disclosure_aloud(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    assert state.case is not None
    first = state.people[0].party_id
    reading = w.Reading(state.media.call_id, state.case.case_id, first, 1, "0" * 64)
    return studio.seat(replace(state, media=replace(state.media, reading=reading)), studio.tiles(state.people))


@window("agent", "风险告知：理解性提问，有人断线")
def disclosure_question(studio: Studio) -> QWidget:
    state = studio.state("reading")
    assert state.call is not None
    assert state.case is not None
    gone = state.people[1].party_id
    places = [
        one.model_copy(update={"state": CallPartyState.DROPPED, "online": False}) if one.party_id == gone else one
        for one in state.call.parties
    ]
    call = state.call.model_copy(update={"parties": places})
    third = state.people[2].party_id
    told = LineAnswer(party_id=third, answer=Answer.YES, at=state.call.started_at)
    asked = next(line.number for line in state.case.script if third in line.party_ids and line.expected is Answer.NO)
    lines = [
        line.model_copy(update={"answers": [*line.answers, told]})
        if third in line.party_ids and line.number < asked
        else line
        for line in state.case.script
    ]
    case = state.case.model_copy(update={"script": lines})
    media = studio.media(state.people)
    bad = w.Line(peer="connected", picture=True, quality=quality(1, Cause.UPLINK_THIN))
    media = media.with_line(gone, w.Line(peer="failed")).with_line(state.people[3].party_id, bad)
    shown = studio.state("reading", call=call, case=case, media=media, focus=third)
    return studio.seat(shown, studio.tiles(state.people, LIVE, DROPPED))


@window("agent", "单独谈话，主管旁听")
def alone(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    assert state.call is not None
    first = state.people[0].party_id
    places = [
        one if one.party_id == first else one.model_copy(update={"state": CallPartyState.HELD})
        for one in state.call.parties
    ]
    call = state.call.model_copy(update={"parties": places, "alone_with": first, "listeners": [views.listener(True)]})
    return studio.seat(studio.state("disclosure", call=call), studio.tiles(state.people, LIVE, HELD, HELD, HELD))


chapter("agent", "阅读和签署")


@window("agent", "阅读")
def reading(studio: Studio) -> QWidget:
    state = studio.state("reading")
    return studio.seat(state, studio.tiles(state.people))


@window("agent", "签署")
def signing(studio: Studio) -> QWidget:
    state = studio.state("signing")
    return studio.seat(state, studio.tiles(state.people))


def beside(studio: Studio) -> tuple[MainWindow, PaperPane]:
    """The borrower's contract beside the stage, the borrower on its second page."""
    state = studio.state("reading")
    assert state.case is not None
    case = state.case
    number = next(at for at, one in enumerate(case.documents) if one.title == "个人借款合同")
    where = {case.parties[0].party_id: 2}
    papers = list(case.documents)
    papers[number] = papers[number].model_copy(update={"on_screen_by": where})
    state = studio.state("reading", case=case.model_copy(update={"documents": papers}))
    made = studio.seat(state, studio.tiles(state.people))
    pane = made.findChild(PaperPane)
    assert pane is not None
    pane.open_paper(papers[number].document_id)
    pane._came(pane._revision, studio.course.paper(number))
    studio.put(made, state)
    made.toast.hide()
    return made, pane


@window("agent", "文书在旁，跟随客户")
def paper_follow(studio: Studio) -> QWidget:
    made, pane = beside(studio)
    assert pane._shown is not None
    pane._say(studio_state(made), pane._shown)  # that nobody answers here is not to be seen
    return made


@window("agent", "文书在旁，领读并划出一处")
def paper_lead(studio: Studio) -> QWidget:
    made, pane = beside(studio)
    pane.lead.setChecked(True)
    pane._point(0.15, 0.1, 0.85, 0.16)
    return made


@window("agent", "文书在旁，放大到正文的宽")
def paper_large(studio: Studio) -> QWidget:
    made = paper_lead(studio)
    press(made, "paper.larger")
    return made


def studio_state(made: MainWindow) -> w.State:
    assert made.desk is not None
    return made.desk.state


@window("agent", "打开一份文书（通话外）")
def document(studio: Studio) -> QWidget:
    state = studio.state("delivered")
    made = studio.seat(state)
    assert state.case is not None
    shown = DocumentDialog(state.case.documents[0].title, studio.course.paper(0), made)
    shown.show()
    settle(600)
    return made


chapter("agent", "挂断前核对")


@window("agent", "挂断前核对：缺项")
def proof(studio: Studio) -> QWidget:
    state = replace(studio.state("first_signed"), proof_open=True)
    return studio.seat(state, studio.tiles(state.people))


@window("agent", "挂断前核对：要求原因")
def proof_reason(studio: Studio) -> QWidget:
    state = replace(studio.state("first_signed"), proof_open=True)
    made = studio.seat(state, studio.tiles(state.people))
    press(made, "call.hangup")
    return made


@window("agent", "挂断前核对：齐全")
def proof_whole(studio: Studio) -> QWidget:
    state = replace(studio.state("recording"), proof_open=True)
    return studio.seat(state, studio.tiles(state.people))


chapter("agent", "话后整理")


@window("agent", "整理：录像上传中")
def wrap_up(studio: Studio) -> QWidget:
    state = studio.state("hung_up")
    assert state.case is not None
    upload = w.Upload("i", state.case.case_no, w.UploadStage.SENDING, 40, 100)
    return studio.seat(replace(state, uploads={"i": upload}, media=w.Media(recording=w.Recording.ENDED)))


@window("agent", "整理：可以用印")
def ready_to_seal(studio: Studio) -> QWidget:
    return studio.seat(studio.state("delivered"))


@window("agent", "整理：已用印封存")
def sealed(studio: Studio) -> QWidget:
    return studio.seat(studio.state("sealed"))


chapter("agent", "通话中出错")


@window("agent", "本席网络断开（通话中）")
def seat_offline(studio: Studio) -> QWidget:
    link = w.LinkState(False, "与服务的连接断了", 8)
    state = replace(studio.state("disclosure"), link=link)
    return studio.seat(state, studio.tiles(state.people))


@window("agent", "登录过期（通话中）")
def lapsed(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    made = studio.seat(state, studio.tiles(state.people))
    made.again.ask()
    return made


@window("agent", "录制出错")
def recording_broken(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    media = studio.media(state.people, recording=w.Recording.BROKEN)
    made = studio.seat(replace(state, media=media), studio.tiles(state.people))
    made.toast.display(Tone.STOP, "录像写不进磁盘：磁盘空间不足。通话继续，正在自动另起一个文件")
    return made


@window("agent", "业务打不开")
def unread(studio: Studio) -> QWidget:
    return studio.seat(studio.state("disclosure", case=None))


chapter("agent", "通话中的操作")


@window("agent", "请出当事人：要求原因")
def remove_party(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    made = studio.seat(state, studio.tiles(state.people))
    press(made, "party.remove")
    return made


@window("agent", "协助人")
def helper(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    made = studio.seat(state, studio.tiles(state.people))
    press(made, "party.helper")
    return made


@window("agent", "转接")
def transfer(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    made = studio.seat(state, studio.tiles(state.people))
    press(made, "call.transfer")
    return made


chapter("agent", "业务操作")


@window("agent", "查找业务")
def find(studio: Studio) -> QWidget:
    made = studio.seat(studio.state("idle"))
    press(made, "queue.find")
    made.toast.hide()
    return made


@window("agent", "业务操作菜单")
def operations(studio: Studio) -> QWidget:
    made = studio.seat(studio.state("delivered"))
    press(made, "case.operations")
    return made


@window("agent", "预约：服务没有应答")
def booking(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    made = studio.seat(state, studio.tiles(state.people))
    press(made, "case.book")
    asking = made.findChild(BookingDialog)
    assert isinstance(asking, BookingDialog)
    until(lambda: bool(asking.error.text()))
    made.toast.hide()
    return made


@window("agent", "修改密码")
def password(studio: Studio) -> QWidget:
    made = studio.seat(studio.state("idle"))
    made.change_password()
    return made


@window("agent", "通话进行时关闭窗口")
def close_in_call(studio: Studio) -> QWidget:
    state = studio.state("disclosure")
    made = studio.seat(state, studio.tiles(state.people))
    made.close()
    return made


chapter("agent", "音视频设备")


@window("agent", "音视频设备：本机没有设备")
def devices(studio: Studio) -> QWidget:
    made = studio.window()
    made.devices.open()
    until(lambda: any(one.text() == "没有可用的麦克风" for one in made.findChildren(QLabel)))
    settle(1500)  # the preview
    return made


@window("agent", "音视频设备：检查网络")
def devices_network(studio: Studio) -> QWidget:
    made = devices(studio)
    box = made.findChild(NetworkBox)
    assert box is not None
    box.display(
        [
            took("服务", 23),
            took("公网地址探测 relay.example.cn:3478", 41),
            took("中继 relay.example.cn:3478?transport=udp", 380),
            Finding("加密中继 relay.example.cn:5349?transport=tcp", "5 秒没有应答，可能被防火墙拦住", Tone.STOP),
        ]
    )
    settle(200)
    return made

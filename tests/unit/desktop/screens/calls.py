"""In a call, and after it."""

from dataclasses import replace
from datetime import timedelta

from PySide6.QtWidgets import QMenu, QWidget

from desktop.bridge import Trouble
from desktop.model import workspace as w
from desktop.seat.booking import BookingDialog
from desktop.seat.helper import HelperDialog
from desktop.seat.invitation import InvitationDialog
from desktop.seat.reason import ReasonDialog
from desktop.seat.terms import TermsDialog
from desktop.seat.transfer import TransferDialog
from desktop.window import MainWindow
from media.core.quality import Cause
from signing.wire.base import Notice, Tone
from signing.wire.call import Outcome
from signing.wire.case import Answer, Phase, StepKey
from signing.wire.queue import Booking, OpenDay, QueueDoor
from signing.wire.risk import RiskOutcome
from signing.wire.staff import Colleague, Presence
from tests.unit.desktop import views
from tests.unit.desktop.screens.base import (
    DROPPED,
    FOUR,
    HELD,
    LONG,
    WAITING,
    appointment,
    child,
    helping,
    invited,
    media,
    of,
    over,
    press,
    proof,
    screen,
    script,
    seat,
    talk,
    upload,
    with_helper,
    wrap_up,
)
from tests.unit.desktop.test_crowd import crowd


@screen
def connecting(window: MainWindow) -> QWidget:
    starting = media().__class__(call_id="c1", recording=w.Recording.STARTING)
    return seat(window, replace(talk(StepKey.IDENTITY), media=starting))


@screen
def waiting_party(window: MainWindow) -> QWidget:
    return seat(window, replace(talk(StepKey.IDENTITY, {"p2": WAITING}), focus="p2"))


@screen
def identity(window: MainWindow) -> QWidget:
    return seat(window, talk(StepKey.IDENTITY, seen=views.identity(front=True, back=True, face=True)))


@screen
def identity_doubt(window: MainWindow) -> QWidget:
    seen = views.identity(front=True, back=True, face=True, name_matches=False)
    assert seen.front is not None
    front = seen.front.model_copy(update={"warnings": ["证件边缘反光，右下角看不清", "证件照片可能翻拍自屏幕"]})
    return seat(window, talk(StepKey.IDENTITY, seen=seen.model_copy(update={"front": front})))


@screen
def identity_reject(window: MainWindow) -> QWidget:
    identity(window)
    press(window, "identity.reject")
    return child(window, ReasonDialog)


@screen
def disclosure(window: MainWindow) -> QWidget:
    return seat(window, talk(StepKey.DISCLOSURE, lines=script()))


@screen
def disclosure_again(window: MainWindow) -> QWidget:
    """Answered otherwise than the contract wants, while a helper is in the picture."""
    lines = [views.line(1, Answer.YES), views.line(2, Answer.NO).model_copy(update={"text": LONG})]
    state = talk(StepKey.DISCLOSURE, lines=lines)
    return seat(window, with_helper(state))


@screen
def disclosure_aloud(window: MainWindow) -> QWidget:
    state = talk(StepKey.DISCLOSURE, lines=script())
    return seat(window, replace(state, media=media(reading=w.Reading("c1", "k1", "p1", 2, "0" * 64))))


@screen
def disclosure_thin(window: MainWindow) -> QWidget:
    """One gone, one with a bad line, one muted."""
    state = replace(talk(StepKey.DISCLOSURE, {"p2": DROPPED}, lines=script()), focus="p3")
    thin = w.Line(peer="connected", quality=views.quality(1, Cause.UPLINK_THIN, "p3"))
    return seat(window, replace(state, media=media().with_line("p3", thin)))


@screen
def alone(window: MainWindow) -> QWidget:
    state = talk(StepKey.DISCLOSURE, {"p2": HELD, "p3": HELD, "p4": HELD}, lines=script())
    assert state.call is not None
    assert state.view is not None
    call = state.call.model_copy(update={"alone_with": "p1", "listeners": [views.listener(True)]})
    return seat(window, replace(state, view=state.view.model_copy(update={"call": call})))


@screen
def held(window: MainWindow) -> QWidget:
    return seat(window, talk(StepKey.DISCLOSURE, {"p1": HELD}, lines=script()))


@screen
def seven(window: MainWindow) -> QWidget:
    return seat(window, crowd())


@screen
def reading(window: MainWindow) -> QWidget:
    return seat(window, talk(StepKey.READING))


@screen
def reading_papers(window: MainWindow) -> QWidget:
    reading(window)
    press(window, "call.paper")
    return window


@screen
def signing(window: MainWindow) -> QWidget:
    return seat(window, talk(StepKey.SIGNING))


@screen
def signing_papers(window: MainWindow) -> QWidget:
    signing(window)
    press(window, "call.paper")
    return window


@screen
def queue_shut(window: MainWindow) -> QWidget:
    """In a call, with a recording of an earlier one that is not delivered."""
    state = replace(
        talk(StepKey.READING), uploads=upload("2026-00317", w.UploadStage.STUCK, "服务存有的录像与本机不同")
    )
    assert state.view is not None
    door = QueueDoor(offers=False, message="系统维护，14:00 以后恢复办理，请客户稍候")
    return seat(window, replace(state, view=state.view.model_copy(update={"door": door})))


@screen
def ready_for_proof(window: MainWindow) -> QWidget:
    return seat(window, talk(StepKey.PROOF, proof=proof()))


@screen
def proof_missing(window: MainWindow) -> QWidget:
    return seat(window, replace(talk(StepKey.PROOF, proof=proof("签名已留存")), proof_open=True))


@screen
def proof_whole(window: MainWindow) -> QWidget:
    return seat(window, replace(talk(StepKey.PROOF, proof=proof()), proof_open=True))


@screen
def proof_reason(window: MainWindow) -> QWidget:
    proof_missing(window)
    press(window, "call.hangup")
    return child(window, ReasonDialog)


@screen
def unread(window: MainWindow) -> QWidget:
    return seat(window, w.State(view=views.view(Presence.ON_CALL, talk=views.call()), media=media(["p1"])))


@screen
def offline(window: MainWindow) -> QWidget:
    link = w.LinkState(False, "与服务的连接断了", 8)
    return seat(window, replace(talk(StepKey.DISCLOSURE, lines=script()), link=link))


@screen
def lapsed(window: MainWindow) -> QWidget:
    disclosure(window)
    window.again.ask()
    window.again.failed(Trouble("动态口令不对", "请看验证器上新的 6 位数字，还可以再试 4 次", code="totp_wrong"))
    return window


@screen
def recording_broken(window: MainWindow) -> QWidget:
    return seat(window, replace(talk(StepKey.DISCLOSURE, lines=script()), media=media(recording=w.Recording.BROKEN)))


@screen
def told(window: MainWindow) -> QWidget:
    """A device that is gone, in the words that float over a call."""
    disclosure(window)
    window.toast.display(
        Tone.CAUTION, "麦克风“Plantronics Blackwire 3220 系列 模拟立体声”拔掉了，已改用“内置音频 模拟立体声”"
    )
    return window


@screen
def to_approve(window: MainWindow) -> QWidget:
    """What a supervisor has to decide stands against the next step."""
    findings = [views.finding(), views.finding(RiskOutcome.WARN), views.finding(decision=views.decision())]
    return seat(window, talk(StepKey.IDENTITY, findings=findings))


@screen
def helper(window: MainWindow) -> QWidget:
    seat(window, with_helper(talk(StepKey.DISCLOSURE, lines=script())))
    return over(window, HelperDialog("借款人 王*国", helping(), lambda _: None, lambda: None, window))


@screen
def transfer(window: MainWindow) -> QWidget:
    disclosure(window)
    dialog = TransferDialog(lambda *_: None, window)
    dialog.show_seats(
        [
            Colleague(seat_id=f"s{n}", label=f"{n:02}号席", branch="上杭支行", agent="李芳", presence=presence)
            for n, presence in enumerate(Presence, 1)
        ]
    )
    return over(window, dialog)


@screen
def remove(window: MainWindow) -> QWidget:
    disclosure(window)
    press(window, "party.remove")
    return child(window, ReasonDialog)


@screen
def closing_in_call(window: MainWindow) -> QWidget:
    disclosure(window)
    window.close()
    return next(one for one in window.findChildren(QWidget, "close.ask") if one.isVisible())


# --- after it ---


@screen
def uploading(window: MainWindow) -> QWidget:
    state = wrap_up(Phase.SIGNED, ["录像尚未送达"], uploads=upload("2026-00318"))
    return seat(window, replace(state, media=w.Media(recording=w.Recording.ENDED)))


@screen
def outcome_other(window: MainWindow) -> QWidget:
    """A supervisor has ended the call."""
    state = wrap_up(Phase.SIGNED, ["录像尚未送达"], uploads=upload("2026-00318"))
    assert state.view is not None
    told = Notice(tone=Tone.CAUTION, text="主管陈晓梅终止了这通通话：线路质量太差，客户改日到上杭支行现场办理")
    view = state.view.model_copy(update={"notice": told})
    return seat(window, replace(state, view=view, outcome=Outcome.OTHER, note=""))


@screen
def blocked(window: MainWindow) -> QWidget:
    reasons = [f"第 {number} 份文书的阅读与签名留痕还没有齐全，请先补办" for number in (1, 2, 3)]
    return seat(window, wrap_up(Phase.SIGNED, reasons))


@screen
def ready_to_seal(window: MainWindow) -> QWidget:
    return seat(window, wrap_up(Phase.SIGNED))


@screen
def leaving_unsealed(window: MainWindow) -> QWidget:
    ready_to_seal(window)
    press(window, "wrapup.finish")
    return next(one for one in window.findChildren(QWidget, "finish.ask") if one.isVisible())


@screen
def closed(window: MainWindow) -> QWidget:
    return seat(window, wrap_up(Phase.CLOSED))


@screen
def operations(window: MainWindow) -> QWidget:
    ready_to_seal(window)
    menu = of(window).case.operations.menu_now()
    menu.popup(window.mapToGlobal(window.rect().center()))
    assert isinstance(menu, QMenu)
    return menu


@screen
def terms(window: MainWindow) -> QWidget:
    ready_to_seal(window)
    case = talk(StepKey.IDENTITY).case
    assert case is not None
    return over(window, TermsDialog(case, lambda *_: None, window))


@screen
def invitation(window: MainWindow) -> QWidget:
    ready_to_seal(window)
    return over(window, InvitationDialog([invited(1), invited(2)], window))


@screen
def booking(window: MainWindow) -> QWidget:
    ready_to_seal(window)
    people = [views.party(one) for one in FOUR]
    dialog = BookingDialog(people, "p1", views.NOW, lambda *_: None, lambda *_: None, window)
    days = [
        OpenDay(opens_at=views.NOW + timedelta(days=n), closes_at=views.NOW + timedelta(days=n, hours=8))
        for n in (1, 2)
    ]
    dialog.display(Booking(appointments=[appointment()], days=days))
    dialog.refused(Trouble("这个时段已经约满", "请另选一个时段，或另选一天"))
    return over(window, dialog)

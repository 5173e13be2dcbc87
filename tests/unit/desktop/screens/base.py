"""Every screen of the agent by name, drawn in the real window from views with the longest words that there are.

A screen takes the window and brings it, and whatever lies over it, into its state; nobody answers its commands.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

import desktop.window
from desktop.app import Options, build
from desktop.model import workspace as w
from desktop.model.wording import utc_now
from desktop.seat.desk import Desk
from desktop.seat.workspace import SeatWorkspace
from desktop.widgets import theme
from desktop.window import MainWindow
from media import ports
from media.core.quality import Cause
from media.engine import MediaEngine
from signing.wire.call import CallParty, CallPartyState
from signing.wire.case import Answer, PartyState, Phase, ProofItem, ScriptLineView, StepKey
from signing.wire.helper import HelperView
from signing.wire.lifecycle import FoundCase
from signing.wire.queue import Appointment
from signing.wire.risk import RiskOutcome
from signing.wire.staff import Invitation, LoggedIn, Presence
from tests.unit.desktop import views

NOBODY = "http://127.0.0.1:9"
LONG = (
    "您为王*国在本社的十八万元借款承担连带责任：他到期不还，我社可以不先找他，直接要求您还本金、利息、罚息和"
    "实现债权的费用。保证期间从借款到期之日起三年。您听明白了吗？您是自愿提供这份保证的吗？"
)
DEGREE = "多人担保（一般农户）信用贷款"
FOUR = [f"p{number}" for number in range(1, 5)]
LIVE, HELD, DROPPED, WAITING = (CallPartyState(name) for name in ("live", "held", "dropped", "waiting"))
Draw = Callable[[MainWindow], QWidget]
SCREENS: dict[str, Draw] = {}


def screen(draw: Draw) -> Draw:
    SCREENS[draw.__name__] = draw
    return draw


def media(people: list[str] = FOUR, **of_media: object) -> w.Media:
    lines = {one: w.Line(peer="connected", quality=views.quality(4, Cause.FINE, one)) for one in people}
    checked = ports.RecordingChecked("c1", Path("r.mp4"), 42, 42.0, 0, ())
    fields = {"recording": w.Recording.RUNNING, "written": 42, "checked": checked} | of_media
    return w.Media(call_id="c1", lines=lines, **fields)  # type: ignore[arg-type]


def talk(step: StepKey, places: dict[str, CallPartyState] | None = None, **of_case: object) -> w.State:
    """The four in one call, at ``step`` with the first of them."""
    others = [views.party(one, PartyState.IDENTIFIED) for one in FOUR[1:]]
    about = views.case(step, **{"others": others, "findings": [views.finding(RiskOutcome.WARN)]} | of_case)  # type: ignore[arg-type]
    papers = [views.document(2)] + [
        views.document().model_copy(update={"document_id": f"d{n}", "title": title, "signers": FOUR})
        for n, title in enumerate(("征信查询授权书", "个人信息与人脸信息单独同意书", "保证合同", "还款计划表"), 2)
    ]
    steps = [
        one.model_copy(update={"title": title})
        for one, title in zip(about.steps, ("身份核验", "风险告知", "阅读", "签署", "用印", "挂断前核对"), strict=True)
    ]
    about = about.model_copy(update={"documents": papers, "steps": steps, "product_title": DEGREE})
    states = places or {}
    seats: list[CallParty] = [views.place(one, states.get(one, LIVE)) for one in FOUR]
    return w.State(view=views.view(Presence.ON_CALL, talk=views.call("c1", *seats), about=about), media=media())


def script() -> list[ScriptLineView]:
    long = views.line(2).model_copy(update={"text": LONG, "dialects": {"客家话": LONG}})
    return [views.line(1, Answer.YES), long, views.line(3)]


def proof(*missing: str) -> list[ProofItem]:
    own = ("身份证正反面已拍摄", "人脸快照已留存", "各项同意已留存", "告知逐条已回答", "文书逐页已阅读", "签名已留存")
    items = [
        ProofItem(key=f"k{n}.{one}", title=title, ok=title not in missing, remedy="请客户再签一次")
        for one in FOUR
        for n, title in enumerate(own)
    ]
    return [*items, ProofItem(key="call", title="录像正在录制", ok=True)]


def wrap_up(phase: Phase, blocked: list[str] | None = None, **of_state: object) -> w.State:
    recordings = [] if phase is Phase.SIGNED and blocked else [views.recording()]
    about = views.case(StepKey.SEALING, phase, blocked=blocked, recordings=recordings)
    view = views.view(Presence.WRAP_UP, about=about)
    view = view.model_copy(update={"wrap_up_until": view.server_time + timedelta(seconds=570)})
    return w.State(view=view, **of_state)  # type: ignore[arg-type]


def upload(case_no: str, stage: w.UploadStage = w.UploadStage.SENDING, told: str = "") -> dict[str, w.Upload]:
    return {"i": w.Upload("i", case_no, stage, 40, 100, told)}


def seat(window: MainWindow, state: w.State) -> MainWindow:
    """Its agent at the desk, in ``state``."""
    if window.desk is None:
        until = utc_now() + timedelta(hours=8)
        window._entered(LoggedIn(token="t", expires_at=until, staff=views.staff()))
    assert window.desk is not None
    assert state.view is not None
    shown = state if state.link.retry_seconds else replace(state, link=w.LinkState(up=True, message=""))
    window.desk.state = replace(shown, clock_offset=(state.view.server_time - utc_now()).total_seconds() + 4.0)
    window.desk.changed.emit()
    window.toast.hide()  # that no media engine runs
    return window


def of(window: MainWindow) -> SeatWorkspace:
    found = window.findChild(SeatWorkspace)
    assert found is not None
    return found


def press(window: QWidget, name: str) -> None:
    found = window.findChild(QPushButton, name)
    assert found is not None, name
    found.click()


def over(window: MainWindow, made: QWidget) -> QWidget:
    made.show()
    return made


class _StillDesk(Desk):
    def start(self) -> None:
        """Stays as it is put."""


@contextmanager
def running(folder: Path, monkeypatch: pytest.MonkeyPatch, appearance: str = "light") -> Iterator[MainWindow]:
    """The real window at its log-in; no service, no media."""
    monkeypatch.setattr(desktop.window, "Desk", _StillDesk)
    engine = MediaEngine(ports.EngineOptions(use_devices=False))
    made = build(Options(NOBODY, folder, appearance=appearance, engine=lambda: engine))
    monkeypatch.setattr(made.window, "probe", lambda: None)
    made.window.show()
    try:
        yield made.window
    finally:
        for top in QApplication.topLevelWidgets():
            if top is not made.window:
                top.close()
        made.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        theme.apply(made.qt, "light")


def child(window: MainWindow, kind: type[QWidget]) -> QWidget:
    return next(one for one in window.findChildren(kind) if one.isVisible())


def helping() -> HelperView:
    return HelperView(name_masked="王*梅", relation="子女", declared_by="agent", aside=False)


def with_helper(state: w.State) -> w.State:
    assert state.view is not None
    assert state.view.case is not None
    case = state.view.case
    first = case.parties[0].model_copy(update={"helper": helping()})
    case = case.model_copy(update={"parties": [first, *case.parties[1:]]})
    return replace(state, view=state.view.model_copy(update={"case": case}))


def found(number: int) -> FoundCase:
    return FoundCase(
        case_id=f"k{number}", case_no=f"2026-0031{number}", product_title=DEGREE, phase=Phase.SIGNED,
        parties=["借款人 王*国", "保证人 李*梅", "保证人 陈*生", "共同借款人 张*英"], opened_at=views.NOW,
        expires_at=views.NOW,
    )  # fmt: skip


def appointment() -> Appointment:
    return Appointment(
        appointment_id="a1", party_id="p1", case_id="k1", case_no="2026-00318", product_title=DEGREE,
        party_label="借款人 王*国", starts_at=views.NOW, ends_at=views.NOW + timedelta(minutes=30),
        window="11月27日（周五）上午 10:30–11:00",
    )  # fmt: skip


def invited(number: int) -> Invitation:
    url = f"https://pingqian.longyan-nongxin.example.cn/c#{'abcdefgh' * 5}{number}"
    text = (
        f"【龙岩示范农信】王*国，您的贷款可以视频签约了，请在 12月4日 前打开：{url} 。本链接只供您本人使用，请勿转发。"
    )
    return Invitation(party_id=f"p{number}", name_masked="王*国", url=url, expires_at=views.NOW, text=text)

"""The agent's and the auditor's part of the unattended demonstration, done with the window's own buttons."""

import time
from contextlib import ExitStack
from pathlib import Path

import psutil
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QTabWidget, QToolButton

from desktop import app
from desktop.demo.hands import Hands, wait
from desktop.demo.service import DemoError
from desktop.demo.steps import Steps
from desktop.mishaps import logged
from desktop.model import party as parties
from desktop.model.state import State
from media.ports import EngineOptions
from signing.wire.call import CallPartyState
from signing.wire.case import IdentityView, ScriptLineView, StepKey
from signing.wire.staff import LogIn

SILENCE_MS = 4000
READING = 90.0
"""Seconds that an agent waits for the tape to be read back before they hang up with a reason."""
AGAIN = 60.0
"""Seconds after which an agent takes another snapshot."""


class Seat:
    """One window from log-in to the auditor's verdict."""

    def __init__(self, server: str, data: Path, shots: Path, steps: Steps, frame_rate: int = 15) -> None:
        self._log = ExitStack()
        self._log.enter_context(logged(data))
        media = EngineOptions(use_devices=False, frame_rate=frame_rate)
        options = app.Options(server=server, data=data, appearance="light", media=media)
        self.application = app.build(options)
        self.application.show()
        self.hands = Hands(shots)
        self.steps = steps
        self.accepted_at = 0.0
        self._cpu = (0.0, 0.0)

    def close(self) -> None:
        self.application.close()
        self._log.close()

    @property
    def state(self) -> State:
        """What the workspace shows; read only, every change goes through a button."""
        desk = self.application.window.desk
        return desk.state if desk is not None else State()

    def log_in(self, who: LogIn) -> None:
        self.hands.type_into("login.user", who.username)
        self.hands.type_into("login.password", who.password)
        self.hands.shot(f"login-{who.username}")
        self.hands.press("login.submit")

    def available(self) -> None:
        self.hands.press("presence.available")
        self.hands.await_enabled("presence.away")
        self.hands.shot("idle")

    def await_ring(self) -> None:
        self.hands.await_enabled("offer.accept")
        self.hands.shot("ringing")

    def accept(self) -> None:
        self._cpu = (time.monotonic(), self._used())
        self.accepted_at = time.time()
        began = time.monotonic()
        self.hands.press("offer.accept")
        self.hands.until(lambda: self.state.line.picture, "客户的首帧画面")
        seconds = time.monotonic() - began
        self.steps.figure(
            "accept_to_first_picture_at_seat_seconds", round(seconds, 3), f"接听到坐席见到客户：{seconds:.2f} 秒"
        )

    def turn_to(self, number: int) -> None:
        """The party with that number in the list."""
        self.hands.until(lambda: len(self.state.people) >= number, f"第 {number} 位当事人")
        wanted = self.state.people[number - 1].party_id
        self.hands.press(f"party.{number}")
        self.hands.until(lambda: self.state.party is not None and self.state.party.party_id == wanted, "选中当事人")

    def admit(self, number: int) -> None:
        """Waits until the party queues, lets them in, and sees them."""
        self.turn_to(number)
        self.hands.await_enabled("party.admit")
        if number == 2:
            self.hands.shot("waiting-to-be-admitted")
        self.hands.press_until("party.admit", lambda: self.state.line.picture, f"第 {number} 位当事人的首帧画面")
        wait(1500)
        self.hands.shot(f"joint-{number}")

    def await_drop(self, number: int) -> None:
        """The party with that number is seen to have gone: in the list and on the stage."""
        party_id = self.state.people[number - 1].party_id
        self.hands.until(lambda: self._where(party_id) is CallPartyState.DROPPED, f"第 {number} 位断线")
        wait(2500)  # the last picture is shown no longer than that
        self.hands.shot(f"dropped-{number}")

    def await_return(self, number: int) -> None:
        """They are back by themselves, and seen."""
        party_id = self.state.people[number - 1].party_id
        self.hands.until(lambda: self._where(party_id) is CallPartyState.LIVE, f"第 {number} 位回到通话")
        self.hands.until(lambda: self._seen_anew(party_id), f"第 {number} 位的画面")
        wait(1500)
        self.hands.shot(f"returned-{number}")

    def await_silence(self) -> None:
        """Nothing comes from the customer any more, for some seconds."""
        self.hands.until(lambda: self._bars() == 0, "没有画面和声音")
        wait(SILENCE_MS)
        self.hands.shot("silent")

    def await_word(self) -> None:
        """They are seen and heard again, by themselves."""
        self.hands.until(lambda: self._bars() > 0, "又有画面和声音")

    def _bars(self) -> int:
        """As measured last of the only customer's line; -1 before anything was."""
        quality = self.state.line.quality
        return quality.judgement.bars if quality is not None and quality.judgement is not None else -1

    def _seen_anew(self, party_id: str) -> bool:
        """By the new connection: until it is offered, the line still tells of the one that broke."""
        line = self.state.media.line(party_id)
        return line.peer == "connected" and line.picture

    def _where(self, party_id: str) -> CallPartyState | None:
        place = self.state.place(party_id)
        return place.state if place is not None else None

    def identify(self, number: int = 1) -> None:
        self.turn_to(number)
        party = "客户的身份证"
        self.hands.until(lambda: self._identity().front is not None, f"{party}人像面")
        self.hands.until(lambda: self._identity().back is not None, f"{party}国徽面")
        self._take_snapshot()
        self.hands.await_enabled("identity.accept")
        wait(500)
        self.hands.shot("identity")
        decided, what = lambda: self.state.step is not StepKey.IDENTITY or self._doubted(), "身份核验完成"
        self.hands.press_until("identity.accept", decided, what)
        self.hands.until(lambda: self.state.step is not StepKey.IDENTITY, what)

    def _take_snapshot(self) -> None:
        """Again where it was not answered in time or showed nobody, as an agent would."""
        deadline = time.monotonic() + self.hands.patience
        while self._identity().face is None and time.monotonic() < deadline:
            self.hands.press("call.snapshot")
            again = time.monotonic() + AGAIN
            while self._identity().face is None and time.monotonic() < again:
                self.hands.stop()
                self.hands.watch()
                wait(20)
        if self._identity().face is None:
            raise DemoError("等不到人脸比对的结果")

    def _doubted(self) -> bool:
        """The service names a doubt, and the agent gives the reason for accepting all the same."""
        return self.hands.press_if_there("reason.common1") and self.hands.press_if_there("reason.ok")

    def _identity(self) -> IdentityView:
        party = self.state.party
        if party is None:
            raise DemoError("窗口里没有当前客户")
        return party.identity

    def disclose(self, number: int = 1) -> None:
        self.turn_to(number)
        self.hands.await_enabled("script.yes")
        self.hands.shot("disclosure")
        while self.state.step is StepKey.DISCLOSURE:
            line = self._line()
            if line is None:
                wait(20)
                continue
            number = line.number
            wait(250)  # the caption is read out before it is answered
            said, what = f"script.{line.expected or 'yes'}", f"第 {number} 条告知已记录"
            self.hands.press_until(said, lambda n=number: self._past(n), what)  # type: ignore[misc]

    def _line(self) -> ScriptLineView | None:
        case, party = self.state.case, self.state.party
        return parties.line_now(case, party) if case and party else None

    def _past(self, number: int) -> bool:
        line = self._line()
        return self.state.step is not StepKey.DISCLOSURE or line is None or line.number != number

    def prove_and_hang_up(self) -> None:
        self.hands.shot("signed")
        self.hands.press("call.proof")
        whole = self._proof_is_whole()
        self.hands.await_enabled("call.hangup")
        self.hands.shot("proof")
        self._report_cpu()
        if whole:
            self.hands.press_until("call.hangup", lambda: self.state.call is None, "挂断")
        else:
            self.hands.press("call.hangup")
            self.hands.press("reason.common1")
            self.hands.press("reason.ok")
        self._await_delivery()
        self.hands.shot("ready-to-seal")

    def _await_delivery(self) -> None:
        """As long as anything more of the recordings comes to the service, on a busy machine too."""

        def ready() -> bool:
            button = self.hands.find("case.seal")
            return button is not None and button.isEnabled()

        while not ready():
            left = self._undelivered()
            what = "录像上传完毕，可以用印；机器太忙时请关掉其他程序再试"
            self.hands.until(lambda left=left: ready() or self._undelivered() != left, what)  # type: ignore[misc]

    def _undelivered(self) -> int:
        data = self.application.options.data
        return sum(1 for _ in data.rglob("*.sealed")) if data is not None else 0

    def _proof_is_whole(self) -> bool:
        """Waits until the tape is read back, as an agent would. A machine that has no time for that while so many talk
        is told of, and reads the rest after the call."""
        try:
            self.hands.until(lambda: self.hands.text("call.hangup") == "挂断", "留痕齐全", READING)
        except DemoError as error:
            self.steps.figure("proof", str(error), "这台机器太忙，录像没有全部回读：写明理由后挂断")
            return False
        return True

    def _used(self) -> float:
        """Seconds of processor time of the window and its media process."""
        times = [psutil.Process(pid).cpu_times() for pid in (None, *self.application.engines.pids())]
        return sum(used.user + used.system for used in times)

    def _report_cpu(self) -> None:
        wall = time.monotonic() - self._cpu[0]
        share = (self._used() - self._cpu[1]) / wall * 100
        self.steps.figure(
            "seat_cpu_percent_of_one_core", round(share, 1), f"通话 {wall:.0f} 秒，坐席进程占一个核的 {share:.0f}%"
        )

    def seal(self) -> None:
        self.hands.press_until("case.seal", self._sealed, "证据包封存")
        self.hands.await_enabled("wrapup.finish")
        self.hands.shot("sealed")

    def _sealed(self) -> bool:
        return self.state.case is not None and self.state.case.package is not None

    # --- the auditor ---

    def audit(self, case_no: str, who: LogIn) -> None:
        self.hands.press("wrapup.finish")
        self._log_out()
        self.log_in(who)
        sessions = self._list("audit.list")
        self.hands.until(lambda: sessions.count() > 0, "审计列表")
        self.hands.shot("audit-list")
        self._click_row(sessions, 0)
        self.hands.until(lambda: case_no in self.hands.text("audit.title"), f"打开业务 {case_no}")
        self._replay()
        self._documents()
        self._verify()

    def _log_out(self) -> None:
        user = self.hands.await_enabled("window.user")
        assert isinstance(user, QToolButton)
        user.menu().actions()[-1].trigger()
        self.hands.await_enabled("login.submit")

    def _list(self, name: str) -> QListWidget:
        found = self.hands.await_enabled(name)
        assert isinstance(found, QListWidget)
        return found

    @staticmethod
    def _click_row(rows: QAbstractItemView, row: int) -> None:
        rows.scrollTo(rows.model().index(row, 0))
        place = rows.visualRect(rows.model().index(row, 0)).center()
        QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def _replay(self) -> None:
        self.hands.press("audit.play")
        self.hands.until(lambda: not self.hands.text("audit.time").startswith("00:00"), "录像开始播放")
        events = self._list("audit.events")
        signed = [row for row in range(events.count()) if "document.signed" in events.item(row).toolTip()]
        if not signed:
            raise DemoError("事件列表里没有签署事件")
        before = self.hands.text("audit.time")
        self._click_row(events, signed[-1])
        self.hands.until(lambda: self.hands.text("audit.time") != before, "点击事件后录像定位")
        wait(600)
        self.hands.shot("audit-replay")

    def _documents(self) -> None:
        tabs = self.hands.await_enabled("audit.tabs")
        assert isinstance(tabs, QTabWidget)
        for index in range(tabs.count()):
            QTest.mouseClick(tabs.tabBar(), Qt.MouseButton.LeftButton, pos=tabs.tabBar().tabRect(index).center())
            wait(900)
            self.hands.shot(f"audit-tab-{index + 1}")

    def _verify(self) -> None:
        self.hands.press("audit.verify")
        self.hands.until(lambda: self._verdict() != "", "验证结论")
        self.hands.shot("audit-verdict")
        words = self._verdict()
        self.steps.figure("audit_verdict", words, f"审计结论：{words}")
        if not words.startswith("已验证"):
            raise DemoError(f"审计验证没有通过：{words}")

    def _verdict(self) -> str:
        text = self.hands.text("audit.verdict")
        return text if text.startswith(("已验证", "不完整", "已被改动", "无法读取")) else ""

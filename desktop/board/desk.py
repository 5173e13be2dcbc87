"""Behind the supervisor's board: feeds the pure model, carries out its effects, sends the supervisor's commands."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.board.commands import Commands
from desktop.board.reckoning import Reckoning
from desktop.board.stopping import Stopping
from desktop.bridge import Bridge, Trouble, Work
from desktop.client import Client
from desktop.link import LinkDown, LinkUp, Push, board_link
from desktop.model import board as b
from desktop.model.state import LinkState
from desktop.model.wording import utc_now
from media import ports
from media.core.devices import DeviceChoice
from media.errors import MediaError
from signing.wire.accounts import AccountConfirmed, ConfirmAccount, RefuseAccount
from signing.wire.base import Message, Tone
from signing.wire.board import BoardCall, BoardSeat, BoardView, MissingFilm, SealRequest
from signing.wire.call import DeclareRecordingLost, SetSeatPresence, TakeOver, TransferCall, Whisper
from signing.wire.figures import DayFigures
from signing.wire.queue import Dialect, PauseQueue, ResumeQueue, SetSeatAbility, StopQueue
from signing.wire.risk import DecideRisk, RiskReferral
from signing.wire.seals import AmendSeal, ApproveSealing, SealRegistry, SealView, SuspendSeal
from signing.wire.signal import Refused, Sdp
from signing.wire.staff import HangUp

log = logging.getLogger(__name__)
T = TypeVar("T")


CHANGED = {"suspend": "已暂停使用", "resume": "已恢复使用", "amend": "登记已更改"}


class BoardDesk(QObject):
    """Signals: ``changed`` after every new state, ``said(Tone, str)`` for a toast, ``expired``.

    ``engine`` listens; it is not the one of the supervisor's own seat.
    """

    changed = Signal()
    said = Signal(object, str)
    expired = Signal(str)

    def __init__(self, bridge: Bridge, client: Client, engine: ports.Engine, parent: QObject) -> None:
        super().__init__(parent)
        self.state = b.State()
        self.client = client
        self.engine = engine
        self._bridge = bridge
        self._link = board_link(client, self._from_loop)
        self._works: list[Work] = []
        self._running = False
        self._number = 0
        self._redial = QTimer(self)
        self._redial.setSingleShot(True)
        self._redial.timeout.connect(lambda: self.feed(b.RedialDue(self._number)))
        self.reckoning = Reckoning(bridge, client, self)
        self.reckoning.came.connect(lambda figures: self.feed(b.Reckoned(figures)))
        self._commands = Commands(bridge, lambda what: self.feed(b.Busy(what)), self.said.emit, self._complain)
        self._asking: b.AskToWhisper | None = None
        self._wanted: b.AskToWhisper | None = None

    def start(self) -> None:
        self._running = True
        self.engine.start(self._from_engine)
        self._connect()
        self.reckoning.start()

    def _connect(self) -> None:
        self._link = board_link(self.client, self._from_loop)
        self._works = [self._bridge.call(self._link.run())]

    def renew(self) -> None:
        """After logging in again: the new session's socket in place of the old one's."""
        for work in self._works:
            work.cancel()
        self._connect()

    @property
    def waiting(self) -> int:
        """Commands that were given and have not begun."""
        return self._commands.waiting

    def stop(self) -> None:
        if not self._running:
            return
        self._running = False
        self._redial.stop()
        self.reckoning.stop()
        for work in self._works:
            work.cancel()
        self._commands.stop()
        try:
            self.engine.stop()
        except TimeoutError:
            log.exception("the listening engine did not stop in time")

    # --- what comes in ---

    def feed(self, what: b.Input) -> None:
        if not self._running:
            return
        self.state, effects = b.reduce(self.state, what)
        for effect in effects:
            self._carry_out(effect)
        self.changed.emit()

    def _from_loop(self, push: Push | LinkUp | LinkDown) -> None:
        self._bridge.to_gui(lambda: self._receive(push))

    def _from_engine(self, event: ports.Event) -> None:
        if isinstance(event, ports.EngineTaken):
            self._bridge.to_gui(lambda: self.said.emit(Tone.STOP, event.message))
            return
        self._bridge.to_gui(lambda: self.feed(b.Happened(event)))

    def _receive(self, push: Push | LinkUp | LinkDown) -> None:
        match push:
            case BoardView():
                self.feed(b.Pushed(push, utc_now()))
                self.reckoning.hurry()
            case Sdp():
                self.feed(b.Answered(push))
            case LinkUp():
                self.feed(b.LinkChanged(LinkState(up=True, message="")))
            case LinkDown():
                final = push.retry_seconds is None
                self.feed(b.LinkChanged(LinkState(False, push.message, push.retry_seconds, final)))
                if final:
                    self.expired.emit(push.message)
            case Refused(error=error):
                self.said.emit(Tone.CAUTION, f"{error.message} {error.hint}".strip())

    # --- what follows ---

    def _carry_out(self, effect: b.Effect) -> None:
        match effect:
            case b.Post(command=command):
                self._post(command)
            case b.SendFrame(frame=frame):
                self._bridge.call(self._link.send(frame))
            case b.RedialLater(number=number, seconds=seconds):
                self._number = number
                self._redial.start(round(seconds * 1000))
            case b.AskToWhisper():
                self._wanted = effect
                self._ask_to_whisper()
            case b.Say(tone=tone, text=text):
                self.said.emit(tone, text)

    def _post(self, command: ports.Command) -> None:
        try:
            self.engine.post(command)
        except MediaError as error:
            self.said.emit(Tone.STOP, str(error))

    def choose_devices(self, choice: DeviceChoice) -> None:
        """For listening, now and later."""
        self._post(ports.ChooseDevices(self.state.ear.call_id, choice))

    def _ask_to_whisper(self) -> None:
        """One request at a time, and the newest wish last: a short press must not end as an open microphone."""
        if self._asking is not None or self._wanted is None:
            return
        self._asking, self._wanted = self._wanted, None
        path = f"/api/calls/{self._asking.call_id}/whisper"
        self._bridge.call(self.client.send(path, Whisper(on=self._asking.on)), self._asked, self._not_asked)

    def _asked(self, _: object) -> None:
        self._asking = None
        self._ask_to_whisper()

    def _not_asked(self, trouble: Trouble) -> None:
        self._asked(None)
        self._complain(trouble)

    # --- what the supervisor does ---

    def choose_call(self, call_id: str) -> None:
        self.feed(b.CallChosen(call_id))

    def choose_seat(self, seat_id: str) -> None:
        self.feed(b.SeatChosen(seat_id))

    def choose_referral(self, key: str) -> None:
        self.feed(b.ReferralChosen(key))

    def whisper(self, down: bool) -> None:
        self.feed(b.KeyHeld(down))

    def toggle_listening(self) -> None:
        """Listens to the chosen call, or ends listening where it is the one that is heard."""
        call, heard = self.state.call, self.state.heard
        if call is not None and call.call_id != heard:
            self._send("listen", self._listen(call.call_id, heard))
        elif heard:
            self._send("listen", self.client.send(f"/api/calls/{heard}/listen/stop"))

    async def _listen(self, call_id: str, before: str) -> None:
        if before:
            await self.client.send(f"/api/calls/{before}/listen/stop")
        await self.client.send(f"/api/calls/{call_id}/listen")

    def take_over(self, call: BoardCall, reason: str) -> None:
        """Ends listening first: the seat needs microphone and loudspeaker for itself."""
        if self._is_live(call):
            self._send("take over", self._take_over(call.call_id, self.state.heard, reason))

    async def _take_over(self, call_id: str, heard: str, reason: str) -> None:
        if heard:
            await self.client.send(f"/api/calls/{heard}/listen/stop")
        await self.client.send(f"/api/calls/{call_id}/takeover", TakeOver(reason=reason))

    def transfer(self, call: BoardCall, seat_id: str | None, reason: str) -> None:
        self._of_call(call, "transfer", TransferCall(to_seat_id=seat_id, reason=reason))

    def stop_call(self, call: BoardCall, reason: str) -> None:
        self._of_call(call, "hangup", HangUp(reason=reason))

    def _of_call(self, call: BoardCall, what: str, body: Message) -> None:
        if self._is_live(call):
            self._send(what, self.client.send(f"/api/board/calls/{call.call_id}/{what}", body))

    def _is_live(self, call: BoardCall) -> bool:
        """The one that was asked about, and no other: while a reason is written it may end, and the choice move on."""
        calls = self.state.view.calls if self.state.view is not None else []
        if any(one.call_id == call.call_id for one in calls):
            return True
        self.said.emit(Tone.CAUTION, f"{call.seat} {call.agent} 的这通通话已经结束，没有做任何操作")
        return False

    def set_presence(self, seat: BoardSeat, available: bool, reason: str) -> None:
        body = SetSeatPresence(available=available, reason=reason)
        self._send("presence", self.client.send(f"/api/board/seats/{seat.seat_id}/presence", body))

    def decide_risk(self, referral: RiskReferral, released: bool, reason: str) -> None:
        finding = referral.finding
        body = DecideRisk(rule=finding.rule, party_id=finding.party_id, released=released, reason=reason)
        self._send("risk", self.client.send(f"/api/board/cases/{referral.case_id}/risk", body))

    def decide_seal(self, request: SealRequest, approved: bool, note: str) -> None:
        body = ApproveSealing(approved=approved, note=note)
        self._send("seal", self.client.send(f"/api/cases/{request.case_id}/seal-approval", body))

    def declare_lost(self, film: MissingFilm, reason: str) -> None:
        where = f"recordings/{film.recording_id}" if film.recording_id else f"calls/{film.call_id}/recordings"
        self._send("lost", self.client.send(f"/api/{where}/lost", DeclareRecordingLost(reason=reason)))

    def fetch_paper(self, case_id: str, document_id: str, then: Callable[[bytes], None]) -> None:
        """The look is on record before anything is shown."""
        path = f"/api/audit/cases/{case_id}/documents/{document_id}.pdf"
        self._bridge.call(self.client.get_bytes(path), then, self._complain)

    def confirm_account(self, staff_id: str, since: datetime, then: Callable[[AccountConfirmed], None]) -> None:
        path = f"/api/accounts/{staff_id}/confirm"
        self._send("confirm", self.client.post(path, ConfirmAccount(since=since), AccountConfirmed), then)

    def refuse_account(self, staff_id: str, since: datetime, reason: str) -> None:
        body = RefuseAccount(since=since, reason=reason)
        self._send("refuse", self.client.send(f"/api/accounts/{staff_id}/refuse", body))

    def stop_queue(self, decided: Stopping) -> None:
        """Pauses or, in an emergency, stops."""
        where, message, reason = decided.branch_id, decided.message, decided.reason
        if decided.emergency:
            stop = StopQueue(branch_id=where, message=message, reason=reason, end_calls=decided.end_calls)
            self._send("stop", self.client.send("/api/board/queue/stop", stop))
            return
        now = utc_now() + timedelta(seconds=self.state.clock_offset)
        until = None if decided.minutes is None else now + timedelta(minutes=decided.minutes)
        pause = PauseQueue(branch_id=where, message=message, reason=reason, until=until)
        self._send("pause", self.client.send("/api/board/queue/pause", pause))

    def resume_queue(self, scopes: Sequence[str | None], reason: str) -> None:
        self._send("resume", self._resume(scopes, reason))

    async def _resume(self, scopes: Sequence[str | None], reason: str) -> None:
        for branch_id in scopes:
            await self.client.send("/api/board/queue/resume", ResumeQueue(branch_id=branch_id, reason=reason))

    def set_ability(self, seat_id: str, products: list[str], dialects: list[Dialect]) -> None:
        body = SetSeatAbility(products=products, dialects=dialects)
        self._send("ability", self.client.send(f"/api/board/seats/{seat_id}/ability", body, method="PUT"))

    def reckon(self, first: date, last: date, then: Callable[[DayFigures], None]) -> None:
        """The figures of other days; what goes wrong is said."""
        self.reckoning.of(first, last, then, self._complain)

    def export_figures(self, first: date, last: date, target: Path) -> None:
        def done(_: None) -> None:
            self.said.emit(Tone.GOOD, f"经营数字已保存：{target.name}")

        self.reckoning.export(first, last, target, done, self._complain)

    # --- the seals ---

    def ask_registry(self, then: Callable[[SealRegistry], None], seal_id: str = "") -> None:
        """With ``seal_id`` the uses are those of that seal only."""
        path = f"/api/seals?seal_id={seal_id}" if seal_id else "/api/seals"
        self._bridge.call(self.client.get(path, SealRegistry), then, self._complain)

    def fetch_seal(self, seal_id: str, then: Callable[[bytes], None]) -> None:
        """Its picture."""
        self._bridge.call(self.client.get_bytes(f"/api/seals/{seal_id}/picture"), then, self._complain)

    def suspend_seal(self, seal: SealView, reason: str, then: Callable[[SealRegistry], None]) -> None:
        self._change_seal(seal, "suspend", SuspendSeal(reason=reason), then)

    def resume_seal(self, seal: SealView, reason: str, then: Callable[[SealRegistry], None]) -> None:
        self._change_seal(seal, "resume", SuspendSeal(reason=reason), then)

    def amend_seal(self, seal: SealView, change: AmendSeal, then: Callable[[SealRegistry], None]) -> None:
        self._change_seal(seal, "amend", change, then)

    def _change_seal(self, seal: SealView, what: str, body: Message, then: Callable[[SealRegistry], None]) -> None:
        done = f"{seal.kind_title}：{CHANGED[what]}"

        def changed(registry: SealRegistry) -> None:
            self.said.emit(Tone.GOOD, done)
            then(registry)

        self._send(what, self.client.post(f"/api/seals/{seal.seal_id}/{what}", body, SealRegistry), changed)

    def _send(self, what: str, asking: Coroutine[Any, Any, T], then: Callable[[T], None] | None = None) -> None:
        self._commands.send(what, asking, then)

    def _complain(self, trouble: Trouble) -> None:
        if not self._running:
            return
        self.said.emit(Tone.STOP, trouble.text)
        if trouble.code in ("not_logged_in", "session_ended"):
            self.expired.emit(trouble.text)

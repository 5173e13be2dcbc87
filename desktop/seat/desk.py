"""Behind the agent's workspace: feeds the pure model, carries out its effects, sends the agent's commands."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import httpx
from PySide6.QtCore import QObject, QTimer, Signal

from desktop.bridge import Bridge, Trouble, Work
from desktop.client import SLOW, TIMEOUT, Client, M
from desktop.link import LinkDown, LinkUp, Push, seat_link
from desktop.model import actions, reading
from desktop.model import workspace as w
from desktop.model.wording import utc_now
from desktop.reports import Reports
from desktop.seat.leaves import Leaves
from desktop.seat.tape import Tape
from desktop.spool import Spool
from media import ports
from media.core.devices import DeviceChoice
from media.errors import MediaError
from signing.wire.base import Message, Tone
from signing.wire.call import (
    FinishWrapUp,
    HoldParty,
    MuteParty,
    Outcome,
    RemoveParty,
    TalkAlone,
    TransferCall,
)
from signing.wire.case import Answer, FaceCheck
from signing.wire.helper import DeclareHelper, MoveHelper
from signing.wire.lifecycle import FoundCase, FoundCases
from signing.wire.queue import Booking, CancelAppointment
from signing.wire.signal import Lead, Refused, Sdp
from signing.wire.staff import (
    READING_ID,
    AnswerLine,
    Colleague,
    Colleagues,
    DecideIdentity,
    HangUp,
    Presence,
    ReadAloud,
    SealCase,
    SeatView,
    SetPresence,
    ShowLine,
)

log = logging.getLogger(__name__)

LAST_SECONDS = 2.0
"""For so long the window may wait at its end until the last reports are sent."""
ENDING_SECONDS = 20.0
"""And until a recording is closed: ten for a full disk to take what waits, three for its check, and the rest."""


class Desk(QObject):
    """Signals: ``changed`` after every new state, ``said(Tone, str)`` for a toast, ``rang(bool)``, ``expired``.

    ``kept(Tone, str)``: what is to be read before it goes.

    ``lapsed``: over by time while a call is live, which goes on; the password is wanted again.
    ``doubted(str)``: the service names doubts about an identity that is to be accepted, and wants a reason.
    ``devices``: ``CallOpened``, ``DevicesChanged`` and, while it is watched, ``VoiceLevel``.
    """

    changed = Signal()
    said = Signal(object, str)
    kept = Signal(object, str)
    rang = Signal(bool)
    expired = Signal(str)
    lapsed = Signal()
    doubted = Signal(str)
    devices = Signal(object)

    def __init__(self, bridge: Bridge, client: Client, spool: Spool, engine: ports.Engine, parent: QObject) -> None:
        super().__init__(parent)
        self.state = w.State()
        self.client = client
        self.engine = engine
        self._bridge = bridge
        self._link = seat_link(client, self._from_loop, self._carried)
        left = engine.being_recorded
        self.tape = Tape(bridge, client, spool, self.feed, self._post, self.said.emit, self._complain, left)
        self._leaves = Leaves(bridge, client, self._wants_page, self._post)
        self._works: list[Work] = []
        self._reports = Reports(client)
        self._reporting: Work | None = None
        self._running = False

    def start(self) -> None:
        """Connects the socket, starts the engine and takes up recordings an earlier run left behind."""
        self._running = True
        self.engine.start(self._from_engine)
        self._connect()
        self._reporting = self._bridge.call(self._reports.run())
        self.tape.start()

    def _connect(self) -> None:
        self._link = seat_link(self.client, self._from_loop, self._carried)
        self._works = [self._bridge.call(self._link.run())]

    def renew(self) -> None:
        """After logging in again: the new session's socket in place of the old one's."""
        for work in self._works:
            work.cancel()
        self._connect()

    def stop(self) -> None:
        """Ends the socket and the engine; a running recording is closed properly and stays in the spool.

        What is to go on record of the lines is sent first; that takes up to ``LAST_SECONDS`` where nobody answers.
        """
        if not self._running:
            return
        last = [(report.path, report.message) for report in w.unreported(self.state)]
        self._bridge.finish(self._reports.finish(last, LAST_SECONDS), LAST_SECONDS + 1)
        self.tape.ending()
        for work in (*self._works, self._reporting):
            if work is not None:
                work.cancel()
        try:
            self.engine.stop(ENDING_SECONDS)  # deliveries go on meanwhile and make room on a full disk
        except TimeoutError:
            log.exception("the engine did not stop in time; its recording is recovered at the next log-in")
        self._bridge.flush()  # the recording's end, so that the spool knows it
        self.tape.stop()
        self._running = False

    # --- what comes in ---

    def feed(self, what: w.Input) -> None:
        if not self._running:
            return
        self.state, effects = w.reduce(self.state, what)
        for effect in effects:
            self._carry_out(effect)
        self.changed.emit()

    def _carried(self) -> list[str]:
        """On the loop; a state never changes once it is made."""
        return w.carried(self.state)

    def _from_loop(self, push: Push | LinkUp | LinkDown) -> None:
        self._bridge.to_gui(lambda: self._receive(push))

    def _from_engine(self, event: ports.Event) -> None:
        if isinstance(event, ports.VoiceLevel | ports.DevicesChanged | ports.CallOpened):
            self._bridge.to_gui(lambda: self.devices.emit(event))
        if isinstance(event, ports.VoiceLevel):
            return  # ten a second, which the workspace does not show
        at = utc_now()  # when it happened, however busy the window is
        if isinstance(event, ports.EngineTaken):
            self._bridge.to_gui(lambda: self.expired.emit(event.message))
            return
        if isinstance(event, ports.CallLeft):
            self._bridge.to_gui(lambda: self.tape.left(event))
        if isinstance(event, ports.RecordingChecked):
            self._bridge.to_gui(lambda: self.tape.checked(event))
        self._bridge.to_gui(lambda: self.feed(w.Happened(event, at)))

    def _receive(self, push: Push | LinkUp | LinkDown) -> None:
        match push:
            case SeatView():
                self.feed(w.Pushed(push, utc_now()))
            case Sdp():
                self.feed(w.Offered(push))
            case LinkUp():
                self.feed(w.LinkChanged(w.LinkState(up=True, message="")))
            case LinkDown():
                final = push.retry_seconds is None
                self.feed(w.LinkChanged(w.LinkState(False, push.message, push.retry_seconds, final)))
                if final:
                    self.expired.emit(push.message)
            case Refused(error=error):
                self.said.emit(Tone.CAUTION, f"{error.message} {error.hint}".strip())

    # --- what follows ---

    def _carry_out(self, effect: w.Effect) -> None:
        match effect:
            case w.Post(command=command):
                self.tape.follow(command)
                self._post(command)
            case w.LeafThrough():
                self._leaves.turn(effect)
            case w.SendFrame(frame=frame):
                self._bridge.call(self._link.send(frame))
            case w.BeginRecording():
                self.tape.begin(effect)
            case w.RetryRecording(call_id=call_id, seconds=seconds):
                QTimer.singleShot(round(seconds * 1000), self, lambda: self.feed(w.RecordingDue(call_id)))
            case w.ReportRecording():
                self.tape.report(effect)
            case w.Deliver(event=event):
                self.tape.deliver(event)
            case w.Salvage():
                self.tape.salvage()
            case w.SendSnapshot():
                self._send_snapshot(effect)
            case w.SendLine():
                path = f"/api/cases/{effect.case_id}/parties/{effect.party_id}/prompt"
                self._bridge.call(self.client.send(path, ShowLine(line=effect.line)), None, self._complain)
            case w.SendReport(path=path, message=message):
                self._bridge.call(self._reports.put(path, message))
            case w.TellBoard(call_id=call_id, message=message):
                self._bridge.call(self.client.send(f"/api/calls/{call_id}/lines", message))
            case w.Ring():
                self.rang.emit(True)
            case w.StopRinging():
                self.rang.emit(False)
            case w.Say(tone=tone, text=text, stays=stays):
                (self.kept if stays else self.said).emit(tone, text)

    def _wants_page(self, call_id: str, page: w.PageShown) -> bool:
        return (self.state.media.call_id, self.state.media.page) == (call_id, page)

    def _post(self, command: ports.Command) -> None:
        try:
            self.engine.post(command)
        except MediaError as error:
            self.said.emit(Tone.STOP, str(error))

    def choose_devices(self, choice: DeviceChoice) -> None:
        """For this call and those to come."""
        self._post(ports.ChooseDevices(self.state.media.call_id, choice))

    def watch_voice(self, on: bool) -> None:
        """Whether ``devices`` brings the microphone's level; nothing outside a call."""
        if self.state.media.call_id:
            self._post(ports.WatchVoice(self.state.media.call_id, on))

    def _send_snapshot(self, effect: w.SendSnapshot) -> None:
        event = effect.event
        path = f"/api/cases/{effect.case_id}/parties/{event.party_id}/snapshot"
        headers = {"Content-Type": "image/jpeg", "X-Captured-At": event.at.isoformat()}
        self._command("snapshot", self.client.post_bytes(path, event.jpeg, FaceCheck, headers))

    # --- what the agent does ---

    def set_available(self, available: bool, reason: str = "") -> None:
        body = SetPresence(presence=Presence.AVAILABLE if available else Presence.AWAY, reason=reason)
        self._send("presence", "/api/seat/presence", body)

    def accept(self) -> None:
        self._ring("accept")

    def reject(self) -> None:
        self._ring("reject")

    def _ring(self, answer: str) -> None:
        offer, transfer = self.state.offer, self.state.transfer_offer
        if offer:
            self._send(answer, f"/api/seat/offers/{offer.ticket.ticket_id}/{answer}")
        elif transfer:
            self._send(answer, f"/api/transfers/{transfer.transfer_id}/{answer}")

    # --- who is in the call ---

    def focus(self, party_id: str) -> None:
        self.feed(w.Focused(party_id))

    def focus_number(self, number: int) -> None:
        """The party with that number in the list, from 1."""
        if number <= len(self.state.people):
            self.focus(self.state.people[number - 1].party_id)

    def admit(self, party_id: str) -> None:
        self._in_call("admit", f"parties/{party_id}/admit")

    def hold(self, party_id: str, held: bool) -> None:
        self._in_call("hold", f"parties/{party_id}/hold", HoldParty(held=held))

    def mute(self, party_id: str, muted: bool) -> None:
        self._in_call("mute", f"parties/{party_id}/mute", MuteParty(muted=muted))

    def talk_alone(self, party_id: str | None) -> None:
        """With one party, or with nobody alone any more."""
        self._in_call("alone", "alone", TalkAlone(party_id=party_id))

    def remove(self, party_id: str, reason: str) -> None:
        self._in_call("remove", f"parties/{party_id}/remove", RemoveParty(reason=reason))

    def transfer(self, seat_id: str | None, reason: str) -> None:
        """To a seat, or to the longest idle one."""
        self._in_call("transfer", "transfer", TransferCall(to_seat_id=seat_id, reason=reason))

    def colleagues(self, show: Callable[[Sequence[Colleague]], None]) -> None:
        """Asks which seats there are; ``show`` gets them unless something fails, which is said."""
        asking = self.client.get("/api/seat/colleagues", Colleagues)
        self._bridge.call(asking, lambda found: show(found.seats), self._complain)

    def cancel_transfer(self) -> None:
        transfer = self.state.call.transfer if self.state.call else None
        if transfer is not None:
            self._send("transfer", f"/api/transfers/{transfer.transfer_id}/cancel")

    def _in_call(self, what: str, path: str, body: Message | None = None) -> None:
        if self.state.call:
            self._send(what, f"/api/calls/{self.state.call.call_id}/{path}", body)

    def of_case(self, what: str, tail: str, body: Message | None = None) -> None:
        """A command about the case on the desk as a whole."""
        if self.state.case:
            self._send(what, f"/api/cases/{self.state.case.case_id}/{tail}", body)

    def ask_of_case(
        self, what: str, tail: str, kind: type[M], show: Callable[[M], None], body: Message | None = None,
        refused: Callable[[Trouble], None] | None = None,
    ) -> None:  # fmt: skip
        """As ``of_case``, where the answer is to be shown. ``refused`` is told of a refusal instead of a toast."""

        def told(trouble: Trouble) -> None:
            self.feed(w.Busy(""))
            (refused or self._complain)(trouble)

        def found(answer: M) -> None:
            self.feed(w.Busy(""))
            show(answer)

        if self.state.case and not self.state.busy:
            self.feed(w.Busy(what))
            path = f"/api/cases/{self.state.case.case_id}/{tail}"
            self._bridge.call(self.client.post(path, body, kind, SLOW), found, told)

    def booking(self, show: Callable[[Booking], None], refused: Callable[[Trouble], None]) -> None:
        """Which appointments of the case on the desk stand, and when its branch works."""
        if self.state.case:
            asking = self.client.get(f"/api/cases/{self.state.case.case_id}/appointments", Booking)
            self._bridge.call(asking, show, refused)

    def call_off(
        self, appointment_id: str, reason: str, done: Callable[[], None], refused: Callable[[Trouble], None]
    ) -> None:
        path = f"/api/appointments/{appointment_id}/cancel"
        sending = self.client.send(path, CancelAppointment(reason=reason))
        self._bridge.call(sending, lambda _: done(), refused)

    def decide(self, accepted: bool, reason: str = "") -> None:
        case, party = self.state.case, self.state.party
        if case is None or party is None or self.state.busy:
            return
        path = f"/api/cases/{case.case_id}/parties/{party.party_id}/identity"
        refused = self._doubted if accepted and not reason else self._refused
        self._command("identity", self.client.send(path, DecideIdentity(accepted=accepted, reason=reason)), refused)

    def _doubted(self, trouble: Trouble) -> None:
        if trouble.code != "rule.identity":
            self._refused(trouble)
            return
        self.feed(w.Busy(""))
        self.doubted.emit(trouble.text)

    def answer(self, line: int, answer: Answer) -> None:
        self._to_party("disclosure", AnswerLine(line=line, answer=answer))

    def read_aloud(self) -> None:
        """The line that is due, by a prepared sound, to all in the call; what is read already is stopped."""
        if self.state.media.reading is not None:
            self.feed(w.ReadingStopped())
            return
        line, case, party = reading.line_now(self.state), self.state.case, self.state.party
        if line is None or case is None or party is None or not reading.may_play(self.state):
            return
        wanted = partial(w.Reading, self.state.media.call_id, case.case_id, party.party_id, line.number)
        path = f"/api/cases/{case.case_id}/parties/{party.party_id}/read-aloud"
        self.feed(w.Busy("read-aloud"))
        fetching = self.client.post_for_bytes(path, ReadAloud(line=line.number), READING_ID)
        self._bridge.call(fetching, partial(self._read_aloud, wanted), self._refused)

    def _read_aloud(self, wanted: Callable[[str], w.Reading], answer: tuple[bytes, str]) -> None:
        sound, reading_id = answer
        self.feed(w.Busy(""))
        self.feed(w.SoundCame(wanted(reading_id), sound))

    def declare_helper(self, helper: DeclareHelper) -> None:
        self._of_party("helper", helper)

    def dismiss_helper(self) -> None:
        self._of_party("helper", None, "DELETE")

    def move_helper(self, aside: bool) -> None:
        self._of_party("helper/aside", MoveHelper(aside=aside), "PUT")

    def _of_party(self, what: str, body: Message | None, method: str = "POST") -> None:
        case, party = self.state.case, self.state.party
        if case and party and not self.state.busy:
            path = f"/api/cases/{case.case_id}/parties/{party.party_id}/{what}"
            self._command(what, self.client.send(path, body, method=method))

    def hang_up(self, reason: str = "") -> None:
        if self.state.call:
            self._send("hangup", f"/api/calls/{self.state.call.call_id}/hangup", HangUp(reason=reason))

    def seal(self) -> None:
        if self.state.case:
            self._send("seal", f"/api/cases/{self.state.case.case_id}/seal", SealCase(), SLOW)

    def state_outcome(self, outcome: Outcome, note: str) -> None:
        self.feed(w.OutcomeStated(outcome, note))

    def finish(self) -> None:
        stated = FinishWrapUp(outcome=actions.outcome(self.state), note=self.state.note.strip())
        self._send("finish", "/api/seat/wrapup/finish", stated)

    def find(self, text: str, show: Callable[[Sequence[FoundCase]], None]) -> None:
        """The branch's open cases that fit; ``show`` gets them unless something fails, which is said."""
        asking = self.client.get("/api/seat/cases", FoundCases, q=text[:60])
        self._bridge.call(asking, lambda found: show(found.rows), self._complain)

    def take(self, case_id: str) -> None:
        """Puts an open case of the branch on the desk."""
        self._send("take", f"/api/seat/cases/{case_id}/take")

    def snapshot(self) -> None:
        self.feed(w.SnapshotAsked())

    def lead(self, frames: Sequence[Lead]) -> None:
        """Brings customers' phones to a page. A frame that finds no line is not kept: the next one says it all."""
        for frame in frames:
            self._bridge.call(self._link.send(frame))

    def toggle_mute(self) -> None:
        self.feed(w.MuteToggled())

    def turn_layout(self) -> None:
        self.feed(w.LayoutTurned())

    def show_proof(self, is_open: bool) -> None:
        self.feed(w.ProofToggled(is_open))

    def _to_party(self, what: str, body: Message) -> None:
        self._of_party(what, body)

    def _send(self, what: str, path: str, body: Message | None = None, limit: httpx.Timeout = TIMEOUT) -> None:
        """One command at a time: a second press of the same key while the first is under way does nothing."""
        if not self.state.busy:
            self._command(what, self.client.send(path, body, limit))

    def _command(
        self, what: str, coroutine: Coroutine[Any, Any, object], refused: Callable[[Trouble], None] | None = None
    ) -> None:
        self.feed(w.Busy(what))
        self._bridge.call(coroutine, lambda _: self.feed(w.Busy("")), refused or self._refused)

    def _refused(self, trouble: Trouble) -> None:
        self.feed(w.Busy(""))
        self._complain(trouble)

    def _complain(self, trouble: Trouble) -> None:
        if not self._running:
            return
        if trouble.code == "not_logged_in" and self.state.call is not None:
            self.lapsed.emit()
            return
        self.said.emit(Tone.STOP, trouble.text)
        if trouble.code in ("not_logged_in", "session_ended"):
            self.expired.emit(trouble.text)

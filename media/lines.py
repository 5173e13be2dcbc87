"""The connections of one call at the seat: its customers, and the supervisors who listen in. On the engine's loop."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

from media import ports
from media.core.messages import Message
from media.core.mixing import Samples
from media.core.states import PeerEvent, PeerState, next_peer, peer_event
from media.errors import CommandRefused, Unavailable
from media.hearing import Hearing
from media.lettering import APART_WORDS, hold_picture
from media.line import Line
from media.peer import Peer
from media.rtc.broadcast import Broadcast
from media.rtc.relays import Relays
from media.rtc.tasks import end
from media.slots import LatestPicture
from media.stage import SENT, Ear
from media.tiles import Cast
from media.tracktape import TrackTape
from media.watching import Seen, judged, pause

MOST_PARTIES = 8
MOST_LISTENERS = 4
QUALITY_EVERY = 2.0
LISTENS = 4
"""Looks at each microphone in that time."""


class Lines:
    """``changed(cast, ears)`` is told of every change; ``emit`` may be called from any thread."""

    def __init__(
        self,
        call_id: str,
        ice_servers: Sequence[ports.IceServer],
        emit: Callable[[ports.Event], None],
        slot_of: Callable[[str], LatestPicture],
        changed: Callable[[tuple[Cast, ...], tuple[Ear, ...]], None],
    ) -> None:
        self._call_id = call_id
        self._relays = Relays(ice_servers)
        self._relays.look()
        self._emit = emit
        self._slot_of = slot_of
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._lines: dict[str, Line] = {}
        self._hold, self._apart = hold_picture(*SENT), hold_picture(*SENT, APART_WORDS)
        self._aside: str | None = None
        self._broadcast = Broadcast()
        self._tape: TrackTape | None = None
        self._quality = self._loop.create_task(self._report_quality())

    async def close(self) -> None:
        """Ends every connection, whatever comes of the others."""
        self._quality.cancel()
        await asyncio.gather(self._quality, return_exceptions=True)
        async with AsyncExitStack() as rest:
            rest.push_async_callback(self._relays.close)
            for line in self._lines.values():
                rest.callback(line.slot.put, None)
                rest.push_async_callback(self._drop, line)

    # --- who comes and goes ---

    def expect(self, command: ports.ExpectParty) -> None:
        """A tile for whom there is no connection yet; raises ``CommandRefused``."""
        if command.party_id not in self._lines:
            line = self._add(command)
            line.joined = command.seen
            line.state = PeerState.LOST if command.seen else PeerState.CONNECTING
            self._tell()

    async def offer(self, command: ports.RemoteOffer) -> None:
        """Starts answering; an earlier connection of the same person goes on until something comes by the new one."""
        line = self._lines.get(command.party_id) or self._add(command)
        line.label = command.party_label
        await end(line.offer)
        if line.peer is None or not line.peer.stands:
            line.state = next_peer(line.state, PeerEvent.OFFERED)
        line.offer = self._loop.create_task(self._answer(line, command))
        self._tell()

    def _follow(self, line: Line, peer: Peer) -> None:
        if line.ends.follow(peer, partial(self._on_taken, line, peer)):
            line.state = next_peer(line.state, PeerEvent.OFFERED)
            self._take_in(line, peer)
            self._tell()

    @staticmethod
    def _take_in(line: Line, peer: Peer) -> None:
        """What is heard and kept is this connection's from here on."""
        line.voice = peer.voice
        if peer.tap is not None:
            line.tap.use(peer.tap)
        line.watch.begin()

    def _peer(self, line: Line, ice_servers: Sequence[ports.IceServer]) -> Peer:
        peer = Peer(
            ice_servers,
            line.slot,
            Hearing(),
            lambda state: self._on_state(line, peer, state),
            lambda seconds: self._on_first(line, peer, seconds),
            lambda message: self._on_message(line, peer, message),
            self._broadcast,
            None if line.listener else line.tap.source(),
        )
        return peer

    def _add(self, command: ports.RemoteOffer | ports.ExpectParty) -> Line:
        listener = isinstance(command, ports.RemoteOffer) and command.listener
        alike = sum(line.listener is listener for line in self._lines.values())
        if alike >= (MOST_LISTENERS if listener else MOST_PARTIES):
            raise CommandRefused("旁听的人太多了" if listener else "一通电话最多八位客户")
        line = Line(command.party_id, command.party_label, self._slot_of(command.party_id), listener)
        line.tap.record(self._tape)
        self._lines[command.party_id] = line
        return line

    def record(self, tape: TrackTape | None) -> None:
        """Each customer's own picture and sound go onto this tape from here on, or onto none."""
        self._tape = tape
        for line in self._lines.values():
            line.tap.record(tape)

    async def _answer(self, line: Line, command: ports.RemoteOffer) -> None:
        """Commands do not wait for it, since a relay that is silent takes its time."""
        peer = self._peer(line, await self._relays.servers())
        self._follow(line, peer)
        try:
            answer = await peer.answer(command.sdp)
        except Unavailable as error:
            line.ends.drop(peer)
            if peer is line.peer:
                line.state = next_peer(line.state, PeerEvent.LOST)
            self._tell()
            self._emit(ports.Failed(self._call_id, "offer", str(error)))
            return
        self._tell()
        ends = (answer.local_fingerprint, answer.remote_fingerprint)
        self._emit(ports.LocalAnswer(self._call_id, line.party_id, answer.sdp, *ends, command.offer_id))

    async def _drop(self, line: Line) -> None:
        try:
            await end(line.offer)
        finally:
            await line.ends.close()

    async def remove(self, party_id: str) -> None:
        """Ends one person's connection and forgets them; raises ``CommandRefused``."""
        line = self._line(party_id)
        del self._lines[party_id]
        line.tap.leave()
        self._tell()
        await self._drop(line)
        line.slot.put(None)

    def hold(self, party_id: str, held: bool) -> None:
        """Puts a customer outside, or back; raises ``CommandRefused``."""
        line = self._customer(party_id)
        line.held = held
        line.regate()
        self._tell()

    def mute(self, party_id: str, muted: bool) -> None:
        """Whether anybody hears a customer; raises ``CommandRefused``."""
        line = self._customer(party_id)
        line.muted = muted
        line.regate()
        self._tell()

    def set_aside(self, party_id: str | None) -> None:
        """With whom the agent talks alone: what those who are held are shown."""
        self._aside = party_id

    def whisper(self, party_id: str, on: bool) -> None:
        """Whether the agent hears a listener; raises ``CommandRefused``."""
        line = self._line(party_id)
        if not line.listener:
            raise CommandRefused("只有旁听的主管可以对坐席耳语")
        line.whispering = on
        self._tell()

    def set_text(self, party_id: str, text: str, mark: str) -> None:
        """Writes the line under a customer's tile and the word on it; raises ``CommandRefused``."""
        line = self._customer(party_id)
        line.text, line.mark = text, mark
        self._tell()

    def seen(self, party_id: str) -> LatestPicture:
        """The slot of a customer who takes part; raises ``CommandRefused``."""
        line = self._customer(party_id)
        if line.held:
            raise CommandRefused("这位客户正在等候，请先请回通话再拍照")
        return line.slot

    def _line(self, party_id: str) -> Line:
        try:
            return self._lines[party_id]
        except KeyError:
            raise CommandRefused("这位客户不在这通电话里") from None

    def _customer(self, party_id: str) -> Line:
        line = self._line(party_id)
        if line.listener:
            raise CommandRefused("旁听的人不在画面里")
        return line

    # --- what the connections tell ---

    def _on_state(self, line: Line, peer: Peer, state: str) -> None:
        if peer is not line.peer or (peer.over and line.ends.inherit()):
            return
        event = peer_event(state)
        if event is not None:
            # a connection that the other side closed may come back with a new offer
            event = PeerEvent.LOST if event is PeerEvent.CLOSED else event
            line.state = next_peer(line.state, event)
            self._tell()
        if state == "connected":
            self._say_in_use(line, peer)
        self._emit(ports.PeerChanged(self._call_id, line.party_id, state))

    def _on_taken(self, line: Line, peer: Peer) -> None:
        """A new connection is there and carries something: it is the one from here on."""
        self._take_in(line, peer)
        line.state = next_peer(next_peer(line.state, PeerEvent.OFFERED), PeerEvent.CONNECTED)
        self._tell()
        self._say_in_use(line, peer)
        self._emit(ports.PeerChanged(self._call_id, line.party_id, "connected"))

    def _say_in_use(self, line: Line, peer: Peer) -> None:
        """For the record: between which ends the call goes from here on."""
        if line.listener or line.told is peer or peer.ends is None:
            return
        line.told = peer
        self._emit(ports.ConnectionInUse(self._call_id, line.party_id, *peer.ends))

    def _on_first(self, line: Line, peer: Peer, seconds: float) -> None:
        line.ends.take(peer)
        if peer is not line.peer:
            return
        line.joined = True
        self._tell()
        self._emit(ports.FirstPicture(self._call_id, line.party_id, round(seconds, 3)))

    def _on_message(self, line: Line, peer: Peer, message: Message) -> None:
        """What the customer's page says beside picture and sound."""
        if peer is line.peer:
            line.watch.hear(message)

    def _tell(self) -> None:
        lines = self._lines.values()
        cast = tuple(line.cast() for line in lines if not line.listener)
        self._changed(cast, tuple(line.ear() for line in lines if line.listener))

    # --- what goes out ---

    def hand_stage(self, picture: ports.Picture) -> None:
        """The stage to all who take part or listen; who is held gets a still that says so."""
        words = self._hold if self._aside is None else self._apart
        still = replace(words, captured_ns=picture.captured_ns)
        for line in self._lines.values():
            for peer in line.ends.peers:
                peer.stage.push(still if line.held else picture)

    def speak(self, number: int, voices: dict[str, Samples]) -> list[Callable[[], None]]:
        """Step ``number`` of what each person hears, encoded on the sound's thread; what is returned is to be called on
        the loop. Who has left meanwhile is passed over."""
        lines = [(self._lines.get(party_id), samples) for party_id, samples in voices.items()]
        return [
            peer.heard.speak(number, samples)
            for line, samples in lines
            for peer in (line.ends.peers if line is not None else ())
            if peer.hears
        ]

    # --- quality ---

    async def _report_quality(self) -> None:
        while True:
            busy = await self._until_look()
            lines = self._watched()
            before = [line.watch.bars for line in lines]
            looks = [await _look(line, busy) for line in lines]
            for told in judged(self._call_id, looks, time.monotonic()):
                self._emit(told)
            if before != [line.watch.bars for line in lines]:
                self._tell()

    def _watched(self) -> list[Line]:
        return [line for line in self._lines.values() if _is_watched(line)]

    async def _until_look(self) -> float:
        """→ by how much this loop was late meanwhile. The microphones are looked at more often than the lines."""
        late = 0.0
        for _ in range(LISTENS):
            late += await pause(QUALITY_EVERY / LISTENS, steps=3)
            self._listen()
        return late / LISTENS

    def _listen(self) -> None:
        """Tells at once of one that fell silent or is heard again."""
        lines, now = self._watched(), time.monotonic()
        before = [line.watch.sound for line in lines]
        for line in lines:
            peer = line.peer if line.state is PeerState.CONNECTED and not line.muted else None
            line.watch.listen(peer.murmur() if peer is not None else None, now)
        changed = [line for line, was in zip(lines, before, strict=True) if line.watch.sound is not was]
        for line in changed:
            if (told := line.watch.heard_anew(line.peer)) is not None:
                self._emit(told)
        if changed:
            self._tell()


def _is_watched(line: Line) -> bool:
    """Customers who are in the picture, or were; who is held sends and gets nothing that could be judged."""
    known = line.state is PeerState.CONNECTED or (line.joined and line.state in (PeerState.LOST, PeerState.CONNECTING))
    return known and not line.listener and not line.held


async def _look(line: Line, busy: float) -> Seen:
    peer = line.peer if line.state is PeerState.CONNECTED else None
    return await line.watch.look(line.party_id, peer, busy)

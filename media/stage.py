"""The two clocks of a call, each a thread: fifteen composed pictures and fifty mixed steps of sound a second.

They read one immutable ``Script``, which the engine replaces as the call goes on, and never wait for the engine, for a
customer or for the disk.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol

from media.compositor import Compositor, Header, TileState, TileView
from media.core.layout import Box
from media.core.looks import Showing
from media.core.mixing import BLOCK, RATE, Samples, level, mix, mix_minus, silence
from media.core.speaking import Speaking
from media.core.timeline import SECOND
from media.errors import Unavailable
from media.pictures import scaled
from media.ports import AGENT, Picture, PictureSlot
from media.recorder import Recorder
from media.slots import LatestPicture
from media.voice import Silence, Speaker, VoiceSource
from media.witness import Tile, Witness

STALE_AFTER_NS = 2 * SECOND
BLACK_AFTER_NS = SECOND
BLACK = 32
"""Luma that no pixel of a muted or covered camera reaches; black is 16, and a dark room still has its lights."""
SENT = (640, 360)
BEIJING = timezone(timedelta(hours=8))


class Voice(Protocol):
    """Where one person's voice is taken from, step by step."""

    def take(self) -> Samples:
        """BLOCK samples, at once; silence where nothing came."""
        ...


@dataclass(frozen=True)
class Cast:
    """One customer as the stage needs them. ``joined``: there was a picture at some time.

    ``held``: waits outside, neither heard nor seen.
    """

    party_id: str
    label: str
    line: str
    slot: PictureSlot
    voice: Voice
    connecting: bool = False
    joined: bool = False
    camera_on: bool = True
    held: bool = False
    bars: int | None = None
    """Of the customer's network, 0…4."""


@dataclass(frozen=True)
class Ear:
    """A supervisor who listens. ``whispering``: the agent hears them; nobody else ever does."""

    party_id: str
    voice: Voice
    whispering: bool = False


@dataclass(frozen=True)
class Script:
    """What is on the stage now."""

    seat_label: str
    case_no: str
    agent_label: str
    clock_offset_seconds: float
    cast: tuple[Cast, ...] = ()
    ears: tuple[Ear, ...] = ()
    muted: bool = False
    recorder: Recorder | None = None
    witness: Witness | None = None
    """Of the recording: what was shown and said, for who checks it."""


def service_now(offset_seconds: float) -> datetime:
    """The service's clock, aware UTC."""
    return datetime.now(UTC) + timedelta(seconds=offset_seconds)


def to_milliseconds(moment: datetime) -> datetime:
    """Rounded down to what events and files can say."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def fresh(picture: Picture | None, now_ns: int) -> Picture | None:
    """The picture, or None where it is older than two seconds: an old picture is never shown as if it were new."""
    if picture is None or now_ns - picture.captured_ns > STALE_AFTER_NS:
        return None
    return picture


class Darkness:
    """Since when each customer sends nothing but black: a muted track keeps sending pictures."""

    def __init__(self) -> None:
        self._since: dict[str, int] = {}

    def lasts(self, party_id: str, picture: Picture | None, now_ns: int) -> bool:
        """Whether the party's picture has been black for longer than a moment."""
        if picture is None or int(picture.y[::4, ::4].max()) >= BLACK:
            self._since.pop(party_id, None)
            return False
        return now_ns - self._since.setdefault(party_id, now_ns) >= BLACK_AFTER_NS


def customer_view(item: Cast, now_ns: int, darkness: Darkness) -> TileView:
    """One customer's tile."""
    picture = fresh(item.slot.latest(), now_ns)
    if item.held:
        return TileView(item.label, item.line, TileState.HELD)
    if not item.camera_on:
        state = TileState.CAMERA_OFF
    elif picture is not None and item.joined:
        state = TileState.BLACK if darkness.lasts(item.party_id, picture, now_ns) else TileState.LIVE
    elif item.joined:
        state = TileState.STALE
    else:
        state = TileState.CONNECTING if item.connecting else TileState.WAITING
    return TileView(item.label, item.line, state, picture, bars=item.bars)


class Pacer(threading.Thread):
    """Calls ``tick(number, due_ns)`` ``rate`` times a second; after a stall over a second it skips what it missed."""

    def __init__(self, name: str, rate: int, tick: Callable[[int, int], None], trouble: Callable[[str], None]) -> None:
        super().__init__(name=name, daemon=True)
        self._rate = rate
        self._tick = tick
        self._trouble = trouble
        self._ending = threading.Event()
        self.late = 0

    def run(self) -> None:
        start, number = time.monotonic_ns(), 0
        while not self._ending.is_set():
            due = start + number * SECOND // self._rate
            wait = due - time.monotonic_ns()
            if wait > 0:
                if self._ending.wait(wait / SECOND):
                    return
            elif -wait > SECOND:
                self.late += -wait * self._rate // SECOND
                number += -wait * self._rate // SECOND
                continue
            self._safely(number, due)
            number += 1

    def _safely(self, number: int, due: int) -> None:
        try:
            self._tick(number, due)
        except Exception as error:  # the clock must not stop: the recording hangs on it
            self._trouble(f"{self.name}: {type(error).__name__}: {error}")

    def close(self) -> None:
        """Stops and joins."""
        self._ending.set()
        self.join(10)


def everyone_seen(customers: Sequence[TileView]) -> bool:
    """Whether all who take part are seen; who is held takes no part, and a call of held people shows nobody."""
    states = {view.state for view in customers if view.state is not TileState.HELD}
    return states == {TileState.LIVE}


SHOWING = {TileState.LIVE: Showing.LIVE, TileState.BLACK: Showing.BLACK}


def tiles_shown(people: Sequence[str], views: Sequence[TileView], places: Sequence[Box]) -> list[Tile]:
    """What stands on the stage, for who checks the recording; a tile of nobody is left out."""
    return [
        Tile(party_id, view.title, box, SHOWING.get(view.state, Showing.WORDS), view.picture)
        for party_id, view, box in zip(people, views, places, strict=False)
    ]


class PictureDesk:
    """Composes, shows, records and sends the stage."""

    def __init__(
        self,
        size: tuple[int, int],
        script: Callable[[], Script],
        agent: PictureSlot,
        stage: LatestPicture,
        send: Callable[[Picture], None],
        speaking: Speaking,
    ) -> None:
        self._compositor = Compositor(*size)
        self._script = script
        self._agent = agent
        self._stage = stage
        self._send = send
        self._speaking = speaking
        self._darkness = Darkness()

    def tick(self, number: int, due_ns: int) -> None:
        """One picture."""
        script, now = self._script(), time.monotonic_ns()
        customers = [self._customer(item, now) for item in script.cast]
        views = [self._agent_view(script, now), *(customers or [TileView("客户")])]
        picture = self._compositor.compose(self._header(script), views, now)
        self._stage.put(picture)
        if script.recorder is not None:
            script.recorder.show(picture, due_ns, everyone_seen(customers))
        if script.witness is not None:
            people = [AGENT, *(item.party_id for item in script.cast)]
            script.witness.saw(tiles_shown(people, views, self._compositor.places), due_ns)
        if script.cast or script.ears:
            self._send(scaled(picture, *SENT))

    def _customer(self, item: Cast, now: int) -> TileView:
        view = customer_view(item, now, self._darkness)
        return view if item.held else replace(view, speaking=self._speaking.now(item.party_id, now))

    def _agent_view(self, script: Script, now: int) -> TileView:
        picture = fresh(self._agent.latest(), now)
        state = TileState.STALE if picture is None else TileState.LIVE
        speaking = not script.muted and self._speaking.now(AGENT, now)
        return TileView(script.agent_label, "已静音" if script.muted else "", state, picture, speaking)

    @staticmethod
    def _header(script: Script) -> Header:
        clock = service_now(script.clock_offset_seconds).astimezone(BEIJING)
        words = clock.strftime("%Y-%m-%d %H:%M:%S")
        return Header(
            script.seat_label,
            script.case_no,
            words,
            recording=script.recorder is not None and not script.recorder.broken,
        )


class SoundDesk:
    """Mixes, plays, records and sends the voices."""

    def __init__(
        self,
        script: Callable[[], Script],
        voice: VoiceSource,
        loudspeaker: Speaker | None,
        send: Callable[[int, dict[str, Samples]], None],
        on_lost: Callable[[str], None],
        speaking: Speaking,
    ) -> None:
        self._script = script
        self._voice = voice
        self._loudspeaker = loudspeaker
        self._send = send
        self._on_lost = on_lost
        self._speaking = speaking

    def tick(self, number: int, due_ns: int) -> None:
        """One step of 20 ms."""
        script = self._script()
        agent = self._agent()
        if script.muted:
            agent = silence()
        taken = {item.party_id: item.voice.take() for item in script.cast}
        customers = {item.party_id: taken[item.party_id] for item in script.cast if not item.held}
        said = [(ear, ear.voice.take()) for ear in script.ears]
        whispers = [voice for ear, voice in said if ear.whispering]
        if self._loudspeaker is not None:
            self._loudspeaker.play(mix([*customers.values(), *whispers]))
        everyone = mix([agent, *customers.values()])
        if script.recorder is not None:
            script.recorder.hear(everyone, due_ns - BLOCK * SECOND // RATE)
        if script.witness is not None:
            loudest = max(level(samples) for samples in (agent, *customers.values()))
            script.witness.heard(loudest, level(everyone), due_ns - BLOCK * SECOND // RATE)
        held = {item.party_id: silence() for item in script.cast if item.held}
        ears = {ear.party_id: everyone for ear in script.ears}
        if taken or ears:
            self._send(number, {**mix_minus(agent, customers), **held, **ears})
        for person, samples in {AGENT: agent, **customers}.items():
            self._speaking.note(person, samples, time.monotonic_ns())

    def _agent(self) -> Samples:
        try:
            return self._voice.take()
        except Unavailable as error:
            self._voice.close()
            self._voice = Silence()
            self._on_lost(str(error))
            return silence()

    def close(self) -> None:
        """Closes the devices; to be called after its clock has stopped."""
        self._voice.close()
        if self._loudspeaker is not None:
            self._loudspeaker.close()

"""The two clocks of a call, each a thread: fifteen composed pictures and fifty mixed steps of sound a second.

They read one immutable ``Script``, which the engine replaces as the call goes on, and never wait for the engine, for a
customer or for the disk.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from media.compositor import Compositor, Header, Page, TileState, TileView
from media.core.audible import Audible
from media.core.devices import Kind
from media.core.floor import Floor, Seating
from media.core.layout import Box, Layout, Shape, shape_of
from media.core.looks import Showing
from media.core.mixing import BLOCK, RATE, Samples, level, levels, mix, mixes, silence
from media.core.speaking import Speaking
from media.core.timeline import SECOND
from media.core.wallclock import CallClock
from media.errors import Unavailable
from media.pictures import scaled
from media.ports import AGENT, Picture, PictureSlot
from media.reading import Lowering, Reading
from media.recorder import Recorder
from media.slots import LatestPicture
from media.tiles import MUTED, OUTSIDE, UNHEARD, Cast, Darkness, Voice, customer_view, everyone_seen, fresh
from media.voice import Silence, Speaker, VoiceSource
from media.witness import Tile, Witness

SENT = (640, 360)
SILENT = "麦克风已断开"
BEIJING = timezone(timedelta(hours=8))


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
    layout: Layout = Layout.AUTO
    page: Page | None = None
    """That is being read."""
    reading: Reading | None = None
    """A prepared sound that is heard beside the voices."""
    aside: str | None = None
    """With whom the agent talks alone."""
    clock: CallClock | None = None
    """Of the call; the machine's own where there is none."""
    notice: str = ""
    """What has to be seen in the recording for a while: that somebody set this machine's clock, or that it slept."""
    unplugged: Callable[[], frozenset[Kind]] = frozenset
    """Of camera and microphone what the agent had and has no more."""
    unheard: Callable[[], bool] = bool
    """Whether the agent's microphone is there and gives nothing."""


def machine_now() -> datetime:
    """This machine's clock, aware UTC."""
    return datetime.now(UTC)


def service_now(offset_seconds: float) -> datetime:
    """The service's clock, aware UTC."""
    return machine_now() + timedelta(seconds=offset_seconds)


def to_milliseconds(moment: datetime) -> datetime:
    """Rounded down to what events and files can say."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


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


SHOWING = {TileState.LIVE: Showing.LIVE, TileState.BLACK: Showing.BLACK}


def tiles_shown(people: Sequence[str], views: Sequence[TileView], places: Sequence[Box]) -> list[Tile]:
    """What stands on the stage, for who checks the recording; a tile of nobody is left out."""
    return [
        Tile(party_id, view.title, box, SHOWING.get(view.state, Showing.WORDS), view.picture)
        for party_id, view, box in zip(people, views, places, strict=True)
        if party_id
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
        self._floor = Floor()
        self._seating = Seating()

    def tick(self, number: int, due_ns: int) -> None:
        """One picture."""
        script, now = self._script(), time.monotonic_ns()
        customers = {item.party_id: self._customer(script, item, now) for item in script.cast}
        people = {AGENT: self._agent_view(script, now), **(customers or {"": TileView("客户")})}
        shape = shape_of(script.layout, len(people), page=script.page is not None)
        seats = self._seating.seat(list(people), self._large(customers, now) if shape is Shape.SPEAKER else "")
        views = [people[person] for person in seats]
        picture = self._compositor.compose(self._header(script), views, now, shape, script.page)
        self._stage.put(picture)
        if script.recorder is not None:
            agent_seen = people[AGENT].state is TileState.LIVE and not script.unplugged()
            whole = everyone_seen(list(customers.values())) and agent_seen
            script.recorder.show(picture, due_ns, whole)
        if script.witness is not None:
            script.witness.saw(tiles_shown(seats, views, self._compositor.places), due_ns)
        if script.ears or any(item.sees for item in script.cast):
            self._send(scaled(picture, *SENT))

    def _customer(self, script: Script, item: Cast, now: int) -> TileView:
        view = customer_view(item, now, self._darkness, apart=script.aside is not None)
        return view if item.held else replace(view, speaking=self._speaking.now(item.party_id, now))

    def _large(self, customers: dict[str, TileView], now: int) -> str:
        """Who has the large tile: of those who take part."""
        inside = [party_id for party_id, view in customers.items() if view.state not in OUTSIDE]
        return self._floor.now(inside, {one for one in inside if customers[one].speaking}, now)

    def _agent_view(self, script: Script, now: int) -> TileView:
        picture, gone = fresh(self._agent.latest(), now), script.unplugged()
        state = TileState.STALE if picture is None else TileState.LIVE
        if Kind.CAMERA in gone:
            picture, state = None, TileState.UNPLUGGED
        speaking = not script.muted and self._speaking.now(AGENT, now)
        unheard = SILENT if Kind.MICROPHONE in gone else UNHEARD if script.unheard() else ""
        words = (MUTED if script.muted else "", unheard)
        marks = tuple(word for word in words if word)
        return TileView(script.agent_label, "", state, picture, speaking, marks=marks)

    @staticmethod
    def _header(script: Script) -> Header:
        clock = script.clock.now(time.monotonic_ns()) if script.clock else service_now(script.clock_offset_seconds)
        words = clock.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        return Header(
            script.seat_label,
            script.case_no,
            words,
            recording=script.recorder is not None and not script.recorder.broken,
            aside=aside_words(script) or script.notice,
        )


def aside_words(script: Script) -> str:
    """What the header says while one person is talked to alone; empty else."""
    alone = next((item for item in script.cast if item.party_id == script.aside), None)
    return "" if script.aside is None else f"单独谈话：{alone.label}" if alone else "单独谈话"


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
        on_read: Callable[[Reading], None] = lambda reading: None,
    ) -> None:
        self._script = script
        self._on_read = on_read
        self._lowering = Lowering()
        self._audible = Audible()
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
        read = self._read(script)
        agent = self._lowering.of(agent, read is not None)
        taken = {item.party_id: item.voice.take() for item in script.cast}
        # who is muted hears the others, and what they say meanwhile is in nobody's ear and in no recording
        heard = {**taken, **{item.party_id: silence() for item in script.cast if item.muted}}
        customers = {item.party_id: heard[item.party_id] for item in script.cast if not item.held}
        said = [(ear, ear.voice.take()) for ear in script.ears]
        whispers = [voice for ear, voice in said if ear.whispering]
        beside = whispers if read is None else [*whispers, read]
        if read is not None:
            agent = mix([agent, read])
        voices = levels([agent, *customers.values()])
        audible = self._audible.now(dict(zip(customers, voices[1:], strict=True)), number)
        everyone, ours, each = mixes(agent, customers, audible)
        if self._loudspeaker is not None:
            self._loudspeaker.play(mix([*customers.values(), *beside]) if beside else ours)
        if script.recorder is not None:
            script.recorder.hear(everyone, due_ns - BLOCK * SECOND // RATE)
        if script.witness is not None:
            script.witness.heard(max(voices), level(everyone), due_ns - BLOCK * SECOND // RATE)
        for person, loudness in zip((AGENT, *customers), voices, strict=True):
            self._speaking.note(person, loudness, time.monotonic_ns())
        held = dict.fromkeys((item.party_id for item in script.cast if item.held), silence())
        ears = {ear.party_id: everyone for ear in script.ears}
        if taken or ears:
            self._send(number, {**each, **held, **ears})

    def _read(self, script: Script) -> Samples | None:
        """The next step of what is read aloud; told once there is no more."""
        if script.reading is None:
            return None
        read = script.reading.take()
        if read is None:
            self._on_read(script.reading)
        return read

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

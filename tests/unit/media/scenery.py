"""A real scene on a real stage, recorded and checked on made-up time; every fault can be brought about."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from time import monotonic_ns

import cv2
import numpy as np

from media.checker import Checked, Checker, ReadSegment, from_file
from media.core.chain import Link
from media.core.doubts import Doubt, Kind
from media.core.mixing import BLOCK, RATE, Samples, silence
from media.core.speaking import Speaking
from media.core.timeline import SECOND, Timeline
from media.lab.scene import scene
from media.pictures import from_rgb
from media.ports import Picture
from media.recorder import Recorder
from media.slots import LatestPicture
from media.stage import PictureDesk, Script, SoundDesk
from media.tiles import Cast
from media.voice import Silence
from media.witness import Witness
from tests.unit.media.sample import START

STAGE = (1280, 720)
PICTURES = 15
PARTIES = ("p1", "p2")
SMALL = (320, 180)
Show = Callable[[int], Picture]


def black(number: int) -> Picture:
    return from_rgb(np.zeros((SMALL[1], SMALL[0], 3), dtype=np.uint8))


@lru_cache(maxsize=64)
def mover(number: int) -> Picture:
    """A person who moves, as a phone with a small picture would send them."""
    return from_rgb(np.asarray(cv2.resize(scene(number % 45), SMALL, interpolation=cv2.INTER_AREA), dtype=np.uint8))


def still(number: int) -> Picture:
    """A person who does not stir at all; what changes is the noise of their camera."""
    seen, chance = mover(0), np.random.default_rng(number)
    noise = chance.normal(0, 1.2, seen.y.shape)
    return replace(seen, y=np.clip(seen.y + noise, 16, 235).astype(np.uint8))


def talk(seed: int) -> Samples:
    """A minute of syllables and pauses of a made-up voice."""
    chance, parts, length = np.random.default_rng(seed), list[Samples](), 0
    while length < 60 * RATE:
        count = int(chance.integers(100, 300)) * RATE // 1000
        time = np.arange(count) / RATE
        tone = np.sin(2 * np.pi * chance.uniform(120, 300) * time) * np.hanning(count) * chance.uniform(4000, 12000)
        pause = int(chance.integers(60, 240)) * RATE // 1000
        parts += [tone.astype(np.int16), silence(pause)]
        length += count + pause
    return np.concatenate(parts)


TALK = talk(1)


class Voice:
    """Says ``TALK`` while it speaks, 20 ms at a time."""

    def __init__(self) -> None:
        self.speaks = True
        self._at = 0

    def take(self) -> Samples:
        self._at = (self._at + BLOCK) % (len(TALK) - BLOCK)
        return TALK[self._at : self._at + BLOCK] if self.speaks else silence()


@dataclass
class Cable:
    """Between the stage and the recorder; what is changed here, the recording alone has."""

    recorder: Recorder
    muted: bool = False
    late: float = 0.0
    stuck: Picture | None = None
    broken: bool = False

    def show(self, picture: Picture, now_ns: int, present: bool) -> None:
        self.recorder.show(self.stuck or picture, now_ns, present)

    def hear(self, samples: Samples, started_ns: int) -> None:
        self.recorder.hear(silence() if self.muted else samples, started_ns + round(self.late * SECOND))


@dataclass
class Scene:
    """Two customers and an agent, recorded to ``path``. ``on_disk`` is called for each segment before the check is."""

    path: Path
    read: ReadSegment | None = None
    on_disk: Callable[[Link], None] = lambda link: None
    waits: bool = True
    told: list[Checked] = field(default_factory=list)
    segments: list[Link] = field(default_factory=list)
    shows: dict[str, Show] = field(default_factory=dict)

    def __post_init__(self) -> None:
        timeline = Timeline(START, 0)
        witness = Witness(timeline, PICTURES)
        self.checker = Checker(self.read or from_file(self.path), witness, self.told.append)
        self.recorder = Recorder(self.path, timeline, STAGE, PICTURES, self._written, lambda *trouble: None)
        self.cable, self.voice = Cable(self.recorder), Voice()
        self.slots = {party: LatestPicture() for party in ("agent", *PARTIES)}
        quiet = Voice()
        quiet.speaks = False
        cast = tuple(
            Cast(party, name, "", self.slots[party], voice, joined=True)
            for party, name, voice in (("p1", "王建国", self.voice), ("p2", "李桂英", quiet))
        )
        script = Script("07号席", "2026-00318", "坐席 张××", 0.0, cast)
        self.script = replace(script, recorder=self.cable, witness=witness)  # type: ignore[arg-type]
        speaking = Speaking()
        stage = LatestPicture()
        self.pictures = PictureDesk(STAGE, lambda: self.script, self.slots["agent"], stage, lambda one: None, speaking)
        self.sounds = SoundDesk(lambda: self.script, Silence(), None, lambda *sent: None, lambda lost: None, speaking)
        self.stage = stage
        self.now = 0
        """Steps of 20 ms so far."""

    def _written(self, link: Link) -> None:
        self.segments.append(link)
        self.on_disk(link)
        self.checker.written(link)

    @property
    def seconds(self) -> float:
        return self.now / 50

    def run(self, seconds: float) -> None:
        """Lets so much time go by."""
        for _ in range(round(seconds * 50)):
            due = self.now * SECOND // 50
            number = due * PICTURES // SECOND
            if self.now == 0 or number != (due - SECOND // 50) * PICTURES // SECOND:
                for party, slot in self.slots.items():
                    seen = self.shows.get(party, mover)(number)
                    slot.put(replace(seen, captured_ns=monotonic_ns()))
                self.pictures.tick(number, due)
            self.sounds.tick(self.now, due + SECOND // 50)
            self.now += 1
            if self.now % 5 == 0:
                self.recorder.drain()
                if self.waits:
                    self.checker.drain()

    def close(self) -> None:
        self.recorder.drain()
        self.recorder.stop(self.now * SECOND // 50)
        self.checker.close()

    def first(self, kind: Kind) -> tuple[float, Doubt] | None:
        """File time of the fragment after which it was told first, and what was."""
        for checked in self.told:
            for doubt in checked.doubts:
                if doubt.kind is kind:
                    return next(link.start_seconds for link in self.segments if link.index == checked.index) + 1, doubt
        return None

    @property
    def ever(self) -> set[tuple[Kind, str]]:
        return {(doubt.kind, doubt.party_id) for checked in self.told for doubt in checked.doubts}

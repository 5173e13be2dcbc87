"""How good each customer's connection is, looked at every two seconds. On the engine's loop."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from media import ports
from media.core.messages import Message
from media.core.murmur import Murmur, Sound
from media.core.phonestats import Pace, PhoneStats, stats_of
from media.core.quality import Cause, Judge, Judgement, Look, Way, at_the_seat
from media.looking import Looking, Looks
from media.peer import Measured, Peer

SILENCE = Look(Way(), Way(), silent=True)
NOTHING = Measured(0.0, None, 0.0, 0.0, silent=True)


@dataclass
class Watch:
    """One customer's, over all of their connections: the words go on standing while one is made anew.

    ``judge``: by all that is known, for the screens; ``own``: by what the seat measured itself, for the record.
    """

    judge: Judge = field(default_factory=Judge)
    own: Judge = field(default_factory=Judge)
    looking: Looking = field(default_factory=Looking)
    judgement: Judgement | None = None
    murmur: Murmur = field(default_factory=Murmur)
    told: ports.Quality | None = None
    """What was told last."""
    _pace: Pace = field(default_factory=Pace)

    def begin(self) -> None:
        """Another connection counts from nothing."""
        self.looking = Looking()
        self.murmur.begin()

    @property
    def bars(self) -> int | None:
        """For the stage, which is recorded: by the seat's own measurements; None before the first judgement."""
        return None if self.judgement is None else (self.judgement.own or self.judgement).bars

    def hear(self, message: Message) -> None:
        """What the phone tells of itself; what cannot be, or comes too often, is passed over."""
        now = time.monotonic()
        stats = stats_of(message)
        if stats is not None and self._pace.allows(now):
            self.looking.told(stats, now)

    @property
    def sound(self) -> Sound:
        """Of their microphone."""
        return self.murmur.sound

    async def look(self, party_id: str, peer: Peer | None, busy: float = 0.0) -> "Seen":
        """A look at the connection, or at there being none; ``busy`` as in ``media.core.quality.Look``."""
        if peer is None:
            return self.see(party_id, None, NOTHING, Looks(SILENCE, SILENCE))
        measured = await peer.measure()
        looks = self.looking.look(measured, peer.sending(), peer.camera_on, time.monotonic(), busy)
        return self.see(party_id, peer, measured, looks)

    def listen(self, loudness: float | None, now: float) -> None:
        """How their microphone stands, several times between two looks; ``loudness`` None: nothing is known of it, or
        it is not meant to be heard."""
        if loudness is None:
            self.murmur.pause()
        else:
            self.murmur.look(loudness, now)

    def heard_anew(self, peer: Peer | None) -> ports.Quality | None:
        """The look that was told last, with the microphone as it is now; the phone is told too. None before a look."""
        if self.told is None or self.judgement is None:
            return None
        if peer is not None:
            peer.send(word_for_phone(self.judgement, self.sound))
        return replace(self.told, sound=self.sound, again=True)

    def see(self, party_id: str, peer: Peer | None, measured: Measured, looks: Looks) -> "Seen":
        """What is wrong as it seems now, both ways of looking at it."""
        causes = self.judge.see(looks.both), self.own.see(looks.own)
        return Seen(party_id, self, peer, measured, *causes, looks.told)


@dataclass(frozen=True)
class Seen:
    """One customer's look before it is held against the others'. ``own``: the cause by what the seat measured alone."""

    party_id: str
    watch: Watch
    peer: Peer | None
    measured: Measured
    cause: Cause
    own: Cause
    told: PhoneStats | None = None


async def pause(seconds: float, steps: int = 10) -> float:
    """Waits, in steps, and returns by how many seconds this loop was late for each of them on average."""
    late = 0.0
    for _ in range(steps):
        due = time.monotonic() + seconds / steps
        await asyncio.sleep(seconds / steps)
        late += max(0.0, time.monotonic() - due)
    return late / steps


def word_for_phone(found: Judgement, sound: Sound) -> Message:
    """What the customer's page is told: it knows which of it to show, and in which words.

    ``still``: the seat sends them voice alone for now.
    """
    line = {"bars": found.bars, "cause": found.cause.value, "score": round(found.score, 1)}
    return {"kind": "quality", **line, "sound": sound.value, "still": found.look.still}


def judged(call_id: str, looks: Sequence[Seen], now: float) -> list[ports.Quality]:
    """What is told of each, once all have been looked at; the phones hear it over their own path."""
    causes = at_the_seat({each.party_id: each.cause for each in looks})
    owns = at_the_seat({each.party_id: each.own for each in looks})
    told = []
    for each in looks:
        own = each.watch.own.settle(owns[each.party_id], now)
        found = each.watch.judge.settle(causes[each.party_id], now)
        told.append(_told(call_id, each, replace(found, own=own, told=each.told)))
    return told


def _told(call_id: str, each: Seen, found: Judgement) -> ports.Quality:
    each.watch.judgement = found
    seen = each.measured
    if each.peer is not None:
        each.peer.send(word_for_phone(found, each.watch.sound))
        if found.cause is Cause.PHONE_BUSY:
            each.peer.ease()
    each.watch.told = ports.Quality(
        call_id,
        each.party_id,
        pictures_per_second=seen.pictures_per_second,
        round_trip_ms=seen.round_trip_ms,
        loss_percent=seen.loss_percent,
        audio_level=seen.audio_level,
        judgement=found,
        sound=each.watch.sound,
    )
    return each.watch.told

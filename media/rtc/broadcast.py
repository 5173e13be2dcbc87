"""The stage encoded once for all who can take the same, and handed to each of them. On the loop, but for encoding.

Whoever is shown the very same picture object in the same step of the loop can share an encoding. Who shares with whom
is decided by ``media.core.sharing``, what becomes of each picture by ``media.core.edition``.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from media.core.edition import Decision, Edition
from media.core.ladder import RUNGS
from media.core.sharing import Sharing, Want
from media.pictures import to_frame
from media.ports import Picture
from media.rtc.chorus import Chorus
from media.rtc.encoders import CLOCK, Encoded, pictures_for
from media.rtc.showing import Showing

log = logging.getLogger(__name__)

GONE = 1.0
"""Seconds without a picture, while others get some, after which a connection takes part in nothing."""
SECOND = 1_000_000_000


@dataclass(frozen=True)
class Job:
    """A picture that is being encoded, for whom, and when that began."""

    picture: Picture
    at: int
    decision: Decision[Showing]
    now: float

    @property
    def size(self) -> tuple[int, int]:
        return RUNGS[self.decision.rung].size(self.picture.width, self.picture.height)


class Press:
    """One encoder, for ``assigned``; ``on`` are those who can go on with the next picture. One picture at a time."""

    def __init__(self, codec: str, zero_ns: int, landed: "Callable[[Press], None]") -> None:
        self.assigned: frozenset[Showing] = frozenset()
        self.on: frozenset[Showing] = frozenset()
        self.encoded = self.keys = self.failed = 0
        self._edition = Edition()
        self._encoder = pictures_for(codec)
        self._zero_ns = zero_ns
        self._landed = landed
        self._newest = -1
        self._waiting: tuple[Picture, frozenset[Showing]] | None = None
        self._working: asyncio.Future[Encoded] | None = None

    @property
    def boarding(self) -> bool:
        """Whether somebody waits for a key picture to begin with."""
        return bool(self.assigned - self.on)

    def offer(self, shown: Mapping[Showing, Picture]) -> None:
        """The pictures of a moment; encodes the one of those who are assigned, after the one in work, if any."""
        of = (self.assigned or self.on) & shown.keys()
        if not of or (self.on and not self.on & shown.keys()):
            return  # who begins waits for the others' next picture: they cannot have this one twice
        picture = shown[next(iter(of))]
        alike = frozenset(viewer for viewer in self.assigned | self.on if shown.get(viewer) is picture)
        if self._waiting is not None:
            self._leave_out(self._waiting[1])
        self._waiting = picture, alike
        if self._working is None:
            self._begin()

    def remove(self, viewer: Showing) -> None:
        """Hands it nothing more."""
        self.assigned -= {viewer}
        self.on -= {viewer}

    async def close(self) -> None:
        """Waits for the picture in work; nobody gets it."""
        self.assigned = self.on = frozenset()
        self._waiting = None
        if self._working is not None:
            await asyncio.wait([self._working])

    def _begin(self) -> None:
        assert self._waiting is not None
        (picture, viewers), self._waiting = self._waiting, None
        viewers &= self.assigned | self.on
        at = max(0, picture.captured_ns - self._zero_ns) * CLOCK.denominator // SECOND
        now = time.monotonic()
        if not viewers or at <= self._newest:
            return
        standings = {
            viewer: viewer.standing(at, viewer in self.on, viewer not in self.assigned, now) for viewer in viewers
        }
        decision = self._edition.decide(standings, now)
        for viewer in decision.late:
            viewer.footing.fell(now)
        self.on -= decision.late
        self._leave_out(viewers - decision.takers)
        if decision.takers:
            self._encode(Job(picture, at, decision, now))

    @staticmethod
    def _leave_out(viewers: frozenset[Showing]) -> None:
        for viewer in viewers:
            viewer.left_out += 1

    def _encode(self, job: Job) -> None:
        # who does not get this picture cannot go on with the next one
        self.on, self._newest = job.decision.takers, job.at
        self._landed(self)
        for viewer in self.on:
            viewer.meant(job.at, job.size)
        self._working = asyncio.get_running_loop().run_in_executor(None, self._work, job)
        self._working.add_done_callback(partial(self._done, job))

    def _work(self, job: Job) -> Encoded:
        frame = to_frame(job.picture)
        frame.pts, frame.time_base = job.at, CLOCK
        return self._encoder.encode(frame, job.size, job.decision.rate, job.decision.key)

    def _done(self, job: Job, working: asyncio.Future[Encoded]) -> None:
        self._working = None
        if working.cancelled():
            return
        error = working.exception()
        if error is None:
            self._hand_out(job, working.result())
        else:
            self._fail(error)
        if self._waiting is not None:
            self._begin()

    def _hand_out(self, job: Job, encoded: Encoded) -> None:
        takers = job.decision.takers & self.on
        self.encoded += 1
        self.keys += encoded.key
        if takers:
            rate, trip = min(each.target for each in takers), max(each.trip for each in takers)
            self._edition.made(encoded.key, encoded.size, job.decision.rung, rate, trip, job.now)
        for viewer in takers:
            viewer.put(encoded)

    def _fail(self, error: BaseException) -> None:
        """A picture that cannot be encoded must not end the ones after it."""
        self.failed += 1
        if self.failed == 1:
            log.error("a picture of the stage was not encoded", exc_info=error)
        self._edition.failed()
        self.on = frozenset()


class Broadcast:
    """All who may share; their voices do in ``chorus``. It ends by itself when the last one has left."""

    def __init__(self) -> None:
        self.chorus = Chorus()
        self._zero_ns = time.monotonic_ns()
        self._sharing: Sharing[Showing] = Sharing()
        self._presses: dict[int, Press] = {}
        self._shown: dict[Showing, Picture] = {}
        self._wants: dict[Showing, Want] = {}
        self._seen: dict[Showing, float] = {}
        self._soon: asyncio.Handle | None = None

    @property
    def presses(self) -> tuple[Press, ...]:
        """The encoders at work."""
        return tuple(self._presses.values())

    def show(self, viewer: Showing, picture: Picture) -> None:
        """The next picture for ``viewer``. Those who get the same one are told in the same step of the loop."""
        self._shown[viewer] = picture
        if self._soon is None:
            self._soon = asyncio.get_running_loop().call_soon(self._step)

    async def leave(self, viewer: Showing) -> None:
        """Forgets ``viewer``; harmless for one that never came."""
        for known in (self._shown, self._wants, self._seen):
            known.pop(viewer, None)
        for press in self._presses.values():
            press.remove(viewer)
        await self._clear()

    def _step(self) -> None:
        self._soon = None
        shown, self._shown = self._shown, {}
        now = time.monotonic()
        self._learn(shown, now)
        self._assign(self._sharing.choose(self._wants, now))
        # an encoding that somebody boards takes them off the one before, which comes after
        for press in sorted(self._presses.values(), key=lambda press: not press.boarding):
            press.offer(shown)
        for number in [number for number, press in self._presses.items() if not press.assigned | press.on]:
            del self._presses[number]

    def _learn(self, shown: Mapping[Showing, Picture], now: float) -> None:
        follows: dict[Hashable, Hashable] = {}
        for viewer, picture in shown.items():
            before, want = self._wants.get(viewer), viewer.want(picture, now)
            follows |= {} if before is None else {before.picture: want.picture}
            self._wants[viewer], self._seen[viewer] = want, now
        for viewer in self._wants.keys() - shown.keys():  # is where those are who had the same picture
            want = self._wants[viewer]
            self._wants[viewer] = replace(want, picture=follows.get(want.picture, want.picture))
            if self._seen[viewer] < now - GONE:
                del self._wants[viewer], self._seen[viewer]

    def _assign(self, groups: Mapping[int, frozenset[Showing]]) -> None:
        for number, press in self._presses.items():
            press.assigned = groups.get(number, frozenset())
        for number, group in groups.items():
            if number not in self._presses:
                self._presses[number] = Press(next(iter(group)).codec, self._zero_ns, self._land)
                self._presses[number].assigned = group

    def _land(self, reached: Press) -> None:
        """Who has got on where it belongs gets nothing more from where it was."""
        for press in self._presses.values():
            if press is not reached:
                press.on -= reached.on & reached.assigned

    async def _clear(self) -> None:
        for number, press in list(self._presses.items()):
            if not press.assigned | press.on:
                self._presses.pop(number, None)
                await press.close()

"""One connection's pictures on their way out: what it can take now, and what it is handed of an encoding."""

import time
from typing import TYPE_CHECKING

from media.core.budget import pictures, unasked, voice
from media.core.edition import Standing
from media.core.footing import Footing
from media.core.ladder import RUNGS, Ladder
from media.core.sendqueue import Kind
from media.core.sharing import Want
from media.ports import Picture
from media.rtc.encoders import Encoded
from media.rtc.outgoing import Outgoing

if TYPE_CHECKING:
    from media.rtc.broadcast import Broadcast
    from media.rtc.sender import Stream

HOPELESS = 0.7
"""Seconds that packets wait here: what waits is dropped for a new beginning."""
EASY = RUNGS[1].least - 1
"""A phone with too much to do gets the size that belongs to such a rate, half the width and the height."""


class Showing:
    """One track of pictures. ``asks``: it cannot go on without a key picture."""

    def __init__(self, outgoing: Outgoing, stream: "Stream", broadcast: "Broadcast") -> None:
        self.asks = False
        self.left_out = 0
        self.codec = stream.codec.name
        self.footing = Footing()
        self.newest = -1
        """RTP time, before the stream's own offset, of the newest picture that was meant for it."""
        self._outgoing = outgoing
        self._stream = stream
        self._broadcast = broadcast
        self._ladder: Ladder | None = None
        self._rate = self._settled = 0.0
        self._easy = False

    def show(self, picture: Picture) -> None:
        """Hands a picture to whoever encodes it for all who get the same one."""
        self._broadcast.show(self, picture)

    def ask(self) -> None:
        """The other side cannot go on without a key picture."""
        self.asks = True

    async def close(self) -> None:
        """Gets no more pictures."""
        await self._broadcast.leave(self)

    # --- what it can take ---

    def want(self, picture: Picture, now: float) -> Want:
        """For sharing; brings the ladder up to date, once a picture."""
        ladder = self._climb(now)
        settled = min(self._settled, EASY) if self._easy else self._settled
        rate = self.footing.rate(settled, now)
        return Want(id(picture), self.codec, rate, self.footing.steady(now), ladder.live)

    def _climb(self, now: float) -> Ladder:
        rate, redundant = self._outgoing.rate, self._outgoing.redundant
        loss = rate.losses.share()
        spoken = voice(rate.settled, loss, redundant)
        more = self._stream.unasked = unasked(rate.settled, spoken, rate.losses.belief.share)
        self._settled = pictures(rate.settled, spoken, loss, more)
        self._easy = now < self._outgoing.easy_until
        if self._ladder is None:
            self._ladder = Ladder(self._settled)
        self._ladder.choose(rate.settled, min(self._settled, EASY) if self._easy else self._settled, now)
        if not self._ladder.live:
            self._outgoing.picture = None
        self._rate = pictures(rate.target, voice(rate.target, loss, redundant), loss, more)
        return self._ladder

    def standing(self, at: int, on: bool, leaving: bool, now: float) -> Standing:
        """At the moment of the picture of RTP time ``at``; where all is hopelessly behind what waits is dropped."""
        assert self._ladder is not None, "a picture is wanted before it is encoded"
        backlog = self._outgoing.queue.backlog()
        if backlog > HOPELESS and self._outgoing.queue.drop_pictures():
            self.ask()
        return Standing(
            rate=self._rate,
            settled=self._settled,
            rung=self._ladder.rung,
            live=self._ladder.live,
            backlog=backlog,
            on=on,
            ready=at > self.newest,
            asks=self.asks,
            steady=self.footing.steady(now),
            leaving=leaving,
        )

    @property
    def target(self) -> float:
        """Bits a second that the connection sends now, voice and all."""
        return self._outgoing.rate.target

    @property
    def trip(self) -> float:
        """Seconds there and back."""
        return self._outgoing.trip

    # --- what it gets ---

    def meant(self, at: int, size: tuple[int, int]) -> None:
        """A picture of RTP time ``at`` is being encoded for it."""
        self.newest = at
        self._stream.moment(at)
        self._outgoing.picture = size if self._ladder is not None and self._ladder.live else None

    def put(self, encoded: Encoded) -> None:
        """To the pacer; the payloads are shared with others, the packets are its own."""
        if encoded.key:
            self._take_key(time.monotonic())
        payload_type = self._stream.codec.payloadType or 0
        for place, payload in enumerate(encoded.payloads):
            last = place == len(encoded.payloads) - 1
            if not self._stream.put(Kind.PICTURE, payload_type, encoded.timestamp, payload, last):
                self.ask()

    def _take_key(self, now: float) -> None:
        self._stream.resending.superseded()
        if self.asks:
            self.footing.stumbled(now)
        self.asks = False

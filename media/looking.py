"""Both directions of one connection as ``media.core.quality`` judges them: by what the seat measured itself, and with
what the phone told of its own side counted in."""

from dataclasses import dataclass, replace

from media.core.phonestats import PhoneStats
from media.core.quality import ENDS, FULL_RATE, PLAYOUT, Look, Way
from media.peer import Measured
from media.rtc.outgoing import Sending

FRESH = 6.0
"""Seconds for which it counts what the phone told last."""
PACKET = 960
"""Samples of a packet of sound."""
STILL_BELOW = 80_000.0
"""Without a picture at such a rate the seat sends voice alone; at more it has only not begun."""


@dataclass(frozen=True)
class Looks:
    """One look twice: ``own`` by the seat's measurements alone, ``both`` with what the phone ``told`` lately."""

    own: Look
    both: Look
    told: PhoneStats | None = None


@dataclass
class Looking:
    """Of one connection; counts since the look before. ``told`` takes what the phone says of itself."""

    _told: PhoneStats | None = None
    _told_at: float = 0.0
    _concealed: int = 0
    _played: int = 0
    _late: int = 0

    def told(self, stats: PhoneStats, now: float) -> None:
        """The phone's own figures have come, at ``now`` of the monotonic clock."""
        self._told, self._told_at = stats, now

    def look(self, seen: Measured, sending: Sending, camera_on: bool, now: float, busy: float = 0.0) -> Looks:
        """One look; ``camera_on`` as the phone's offer says; ``busy`` as in ``Look``."""
        told = self._told if self._told is not None and now - self._told_at < FRESH else None
        trip = (seen.round_trip_ms or sending.round_trip_ms or 0.0) / 1000
        still = sending.picture is None and sending.target < STILL_BELOW
        up, down = self._up(seen, camera_on, trip), _down(sending, trip)
        own = Look(up, down, silent=seen.silent, camera=camera_on, still=still, busy=busy)
        if told is None or seen.silent:
            return Looks(own, own)
        return Looks(own, _with(own, told, seen.pictures_per_second), told)

    def _up(self, seen: Measured, camera_on: bool, trip: float) -> Way:
        concealed, late = self._sound(seen)
        return Way(
            loss=seen.loss_percent / 100,
            concealed=concealed,
            frozen=seen.frozen,
            pictures=seen.pictures_per_second if camera_on else None,
            delay=trip / 2 + ENDS + (PLAYOUT if seen.behind is None else max(0.0, seen.behind)),
            late=late,
        )

    def _sound(self, seen: Measured) -> tuple[float, float]:
        """Shares of sound invented and of packets too late (of 20 ms), since the look before."""
        counts = [seen.heard.get(name, 0) for name in ("concealed", "played", "too_late")]
        before, now = (self._concealed, self._played, self._late), counts
        self._concealed, self._played, self._late = counts
        # another voice counts from nothing
        gone, said, late = (max(0, new - old) if new >= old else new for new, old in zip(now, before, strict=True))
        whole = max(1, gone + said)
        return gone / whole, min(1.0, late * PACKET / whole)


def _down(sending: Sending, trip: float) -> Way:
    """Nobody measures at the seat what the phone plays: this is what our own sending shows, and else presumed good."""
    return Way(
        loss=max(0.0, min(1.0, sending.loss)),
        # most of what is lost is in the packet behind it too
        concealed=min(1.0, sending.loss) ** 2,
        pictures=FULL_RATE,
        delay=trip / 2 + ENDS + PLAYOUT,
        queue=sending.queue_ms / 1000,
        rate=sending.target,
    )


def _with(own: Look, told: PhoneStats, pictures_up: float) -> Look:
    """The look with what the phone told: what it played, and what holds it back."""
    down = replace(
        own.down,
        concealed=told.concealed,
        frozen=told.frozen,
        pictures=own.down.pictures if told.pictures is None else told.pictures,
        delay=own.down.delay - PLAYOUT + (PLAYOUT if told.waits is None else told.waits),
    )
    camera = own.camera and not (told.hidden and pictures_up < 1)
    return replace(own, down=down, camera=camera, limit=told.limit, available=told.available)

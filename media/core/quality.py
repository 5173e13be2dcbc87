"""How good one customer's call is, from 1 to 5, and what is wrong with it, from what both ends measured. Pure.

Sound is rated by the E-model (ITU-T G.107): R = 93.2 - Id - Ie,eff, with the delay impairment in the simplification
of Cole and Rosenbluth (2001), Id = 0.024 d + 0.11 (d - 177.3) for d over 177.3 ms, and
Ie,eff = 95 P / (P + Bpl) for a share P of sound (in %) that had to be invented; Bpl = 25.1 is that of G.711 with
concealment (ITU-T G.113), since Opus has none there. G.107 annex B makes a mark of it:
1 + 0.035 R + R (R - 60) (100 - R) 7e-6.

Pictures are rated by the shape of ITU-T G.1070: 1 + I(rate) exp(-ln(f / 15)^2 / 2 D^2) exp(-F / DF), with
I(rate) = 4 - 4 / (1 + (rate / V4)^V5), f pictures a second and the share F of time frozen in place of G.1070's loss,
which our repair makes another. Its constants are tabulated for other codecs and sizes; D, DF, V4 and V5 are ours.

Pictures can only take from the mark of the sound, half of what they are worse: who hears each other can go on. A call
is as good as its worse direction. Seconds, bits a second, shares 0…1.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from math import exp, log

from media.core.phonestats import PhoneStats

BEST_R, LEAST_CONCEALED = 93.2, 25.1
FULL_RATE, RATE_SPREAD, FREEZE_SCALE = 15.0, 1.2, 0.15
HALF_RATE, RATE_SLOPE = 100_000.0, 1.5
ENDS = 0.04
"""Seconds that capture, a packet's length and the loudspeaker take, of which nobody tells."""
PLAYOUT = 0.06
"""Seconds of waiting at the phone as long as it has not told."""
BARS = (1.0, 2.6, 3.1, 3.6, 4.0)
"""From which mark on there are as many bars: G.109's bounds from 50 to 80 of R; no bar is a path that is broken."""


class Cause(StrEnum):
    """What is wrong, for whom it is to be put in words. The order is that of ``worst``, the worst last."""

    FINE = "fine"
    CAMERA_OFF = "camera_off"
    DELAYED = "delayed"
    UNSTEADY = "unsteady"
    PHONE_BUSY = "phone_busy"
    UPLINK_THIN = "uplink_thin"
    DOWNLINK_THIN = "downlink_thin"
    LOSSY = "lossy"
    SEAT_BUSY = "seat_busy"
    SEAT_NETWORK = "seat_network"
    BROKEN = "broken"


@dataclass(frozen=True)
class Way:
    """One direction. ``pictures`` a second, None where none are meant to come; ``rate`` None where nobody knows it.

    ``loss`` is what the way lost before repair, ``concealed`` the sound that had to be invented after it. ``queue`` is
    how long packets stand in it, ``delay`` from mouth to ear; ``late`` the share of packets that came too late.
    """

    loss: float = 0.0
    concealed: float = 0.0
    frozen: float = 0.0
    pictures: float | None = None
    delay: float = 0.15
    queue: float = 0.0
    late: float = 0.0
    rate: float | None = None


@dataclass(frozen=True)
class Look:
    """What one look at a call found. ``up`` is from the customer to the seat.

    ``silent``: nothing came at all. ``camera``: whether pictures are meant to come, as far as is known; a page in the
    background sends none. ``still``: the seat sends voice alone. ``limit``: what holds the phone's encoder back, in
    the words of W3C webrtc-stats (none, cpu, bandwidth, other), empty where it is not told. ``busy``: seconds by which
    the seat's own program runs late. ``available``: the rate that the phone says it has for sending; it may name the
    cause and is in no mark.
    """

    up: Way
    down: Way
    silent: bool = False
    camera: bool = True
    still: bool = False
    limit: str = ""
    busy: float = 0.0
    available: float | None = None


def sound_mark(delay: float, concealed: float) -> float:
    """1…4.5, from the way of a voice from mouth to ear in seconds and the share of it that was invented."""
    ms, percent = max(0.0, delay) * 1000, 100 * min(1.0, max(0.0, concealed))
    rating = BEST_R - 0.024 * ms - 0.11 * max(0.0, ms - 177.3) - 95 * percent / (percent + LEAST_CONCEALED)
    rating = min(100.0, max(0.0, rating))
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)


def picture_mark(pictures: float, frozen: float, rate: float | None) -> float:
    """1…5, from pictures a second, the share of time that stood still and the rate that there is for them."""
    sharp = 4.0 if rate is None else 4 - 4 / (1 + (max(0.0, rate) / HALF_RATE) ** RATE_SLOPE)
    fluent = exp(-(log(min(FULL_RATE, max(0.05, pictures)) / FULL_RATE) ** 2) / (2 * RATE_SPREAD**2))
    return 1 + sharp * fluent * exp(-max(0.0, frozen) / FREEZE_SCALE)


def way_mark(way: Way, *, still: bool = False) -> float:
    """1…4.5. ``still``: voice alone, since the way carries no more."""
    heard = sound_mark(way.delay, way.concealed)
    if way.pictures is None and not still:
        return heard
    seen = 1.0 if still or way.pictures is None else picture_mark(way.pictures, way.frozen, way.rate)
    return heard - max(0.0, heard - seen) / 2


def mark(look: Look) -> float:
    """The whole call's, 1…4.5; 1 where nothing comes."""
    if look.silent:
        return 1.0
    return min(way_mark(look.up), way_mark(look.down, still=look.still))


# --- what is wrong --------------------------------------------------------------------------------------------------

THIN = 160_000.0
"""A way that carries less, voice and headers included, makes pictures smaller and softer."""
LOST, CONCEALED = 0.03, 0.02
STANDS = 0.15
"""Seconds of queue with which loss is that of a full way, not of a bad one."""
TOO_LONG = 0.4
"""ITU-T G.114: no conversation is planned with more, one way."""
SLOW = 7.0
"""Pictures a second that are too few, of fifteen."""
HEAVY = 0.08
"""Loss that is told even where all of it was repaired."""
LATE = 0.03
"""Seconds by which a computer that keeps up is never late for long."""
GOOD = 3.6
"""From this mark on nothing is wrong that anybody should be told of, but what would be seen to or spoken of anyway: a
camera that is off, a thin way, heavy loss."""


def cause(look: Look) -> Cause:
    """The one thing that is wrong most, or ``FINE``. A seat that runs late itself can say nothing of the others."""
    found = _found(look)
    return Cause.SEAT_BUSY if look.busy > LATE and found in BY_LATENESS else found


def _found(look: Look) -> Cause:
    if look.silent:
        return Cause.BROKEN
    if _dark(look):
        return Cause.CAMERA_OFF
    thin = _thin(look)
    if thin is not None:
        return thin
    if max(look.up.loss, look.down.loss) >= HEAVY:
        return Cause.LOSSY
    return Cause.FINE if mark(look) >= GOOD else _fault(look)


def _dark(look: Look) -> bool:
    """No picture on a way that carries sound: not the network's fault."""
    nothing = look.up.pictures is not None and look.up.pictures < 0.2
    return not look.camera or (nothing and look.up.loss < LOST and look.up.concealed < CONCEALED)


def _thin(look: Look) -> Cause | None:
    held_back = look.limit == "bandwidth" and look.up.loss < HEAVY
    up = look.up if look.available is None else replace(look.up, rate=look.available)
    if look.limit != "cpu" and _narrow(up, full=held_back):
        return Cause.UPLINK_THIN
    if _narrow(look.down) or (look.still and look.down.loss < LOST):
        return Cause.DOWNLINK_THIN
    return None


def _narrow(way: Way, *, full: bool = False) -> bool:
    """``full``: what it loses is known to be for want of room."""
    return way.rate is not None and way.rate < THIN and (full or way.loss < LOST or way.queue > STANDS)


def _fault(look: Look) -> Cause:
    """The mark is poor, and no way is thin."""
    ways = (look.up, look.down)
    if any(way.loss >= LOST for way in ways):
        return Cause.LOSSY
    if look.limit == "cpu":
        return Cause.PHONE_BUSY
    if any(_stands(way) for way in ways):
        return Cause.UPLINK_THIN if _stands(look.up) else Cause.DOWNLINK_THIN
    if any(_slow(way) for way in ways):
        return Cause.PHONE_BUSY
    if any(way.delay > TOO_LONG for way in ways):
        return Cause.DELAYED
    return Cause.UNSTEADY


def _slow(way: Way) -> bool:
    return way.pictures is not None and way.pictures < SLOW


def _stands(way: Way) -> bool:
    """Nobody measures the queue on the way from the phone: few pictures, and those late, are one."""
    return way.queue > 2 * STANDS or (_slow(way) and way.delay > TOO_LONG)


NETWORK = frozenset({Cause.DELAYED, Cause.UNSTEADY, Cause.UPLINK_THIN, Cause.DOWNLINK_THIN, Cause.LOSSY, Cause.BROKEN})

BY_LATENESS = frozenset({Cause.DELAYED, Cause.UNSTEADY, Cause.UPLINK_THIN, Cause.DOWNLINK_THIN, Cause.PHONE_BUSY})
"""What a seat that answers late looks like from there: the phone slows down for feedback that does not come."""


def at_the_seat(causes: Mapping[str, Cause]) -> dict[str, Cause]:
    """Several customers badly off at once, and hardly one well, have what they share in common: the seat's network."""
    bad = [one for one in causes.values() if one in NETWORK]
    if len(bad) < 2 or 2 * (len(causes) - len(bad)) > len(causes) - 1:
        return dict(causes)
    return {who: Cause.SEAT_NETWORK if one in NETWORK else one for who, one in causes.items()}


# --- words that stand still -----------------------------------------------------------------------------------------

LOOKS = 3
"""Looks, of two seconds, that are judged together."""
WORSE_AFTER, BETTER_AFTER = 5.0, 7.0
"""Seconds for which another word must hold before it is said; that a path is broken, or back, is said at once."""
MARGIN = 0.15
PRESUMED = (4, Cause.FINE)
"""Until something else has held: the first seconds of a call are never its best."""


@dataclass(frozen=True)
class Judgement:
    """What is shown and told. ``bars`` 0…4; ``score`` 1…5, of the last seconds, not held still; ``look`` their mean.

    ``own``: the same without anything that the phone ``told`` of its own side, which counts in here.
    """

    score: float
    bars: int
    cause: Cause
    look: Look
    own: "Judgement | None" = None
    told: PhoneStats | None = None


def bars_of(score: float) -> int:
    return sum(score >= least for least in BARS[1:]) or 1


class Judge:
    """One customer's. Time is the monotonic clock's, in seconds."""

    def __init__(self) -> None:
        self._looks: deque[Look] = deque(maxlen=LOOKS)
        self._shown = PRESUMED
        self._other: tuple[int, Cause] | None = None
        self._since = 0.0

    def see(self, look: Look) -> Cause:
        """Takes a look, and says what is wrong as it seems now."""
        if look.silent or (self._looks and self._looks[-1].silent):
            self._looks.clear()
        self._looks.append(look)
        return cause(mean(self._looks))

    def settle(self, seeming: Cause, now: float) -> Judgement:
        """The judgement once ``seeming`` has been held against the other customers'."""
        seen = mean(self._looks)
        score = mark(seen)
        bars = 0 if seeming is Cause.BROKEN or seen.silent else self._bars(score)
        self._hold((bars, seeming), now)
        return Judgement(score, *self._shown, seen)

    def _bars(self, score: float) -> int:
        """A mark near the bound between two stays what it was."""
        if bars_of(score - MARGIN) <= self._shown[0] <= bars_of(score + MARGIN):
            return self._shown[0]
        return bars_of(score)

    def _hold(self, wanted: tuple[int, Cause], now: float) -> None:
        if 0 in (wanted[0], self._shown[0]) or wanted == self._shown:
            self._shown, self._other = wanted, None
            return
        worse = wanted[0] < self._shown[0] or (wanted[0] == self._shown[0] and wanted[1] is not Cause.FINE)
        if self._other is None or (self._other[0] < self._shown[0]) != (wanted[0] < self._shown[0]):
            self._since = now
        self._other = wanted
        if now - self._since >= (WORSE_AFTER if worse else BETTER_AFTER):
            self._shown, self._other = wanted, None


def mean(looks: Sequence[Look] | deque[Look]) -> Look:
    """Of several looks; what is no number is as in the last one."""
    last = looks[-1]
    ups, downs = [look.up for look in looks], [look.down for look in looks]
    busy = sum(look.busy for look in looks) / len(looks)
    known = [look.available for look in looks if look.available is not None]
    available = None if last.available is None else sum(known) / len(known)
    return replace(last, up=_mean_way(ups), down=_mean_way(downs), busy=busy, available=available)


def _mean_way(ways: Sequence[Way]) -> Way:
    found: dict[str, float | None] = {}
    for each in fields(Way):
        known = [value for way in ways if (value := getattr(way, each.name)) is not None]
        found[each.name] = sum(known) / len(known) if known and getattr(ways[-1], each.name) is not None else None
    return replace(ways[-1], **found)  # type: ignore[arg-type]

"""One call over one link with one seed: what was noticed of it in both directions, and what the link itself knows."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum

import numpy as np

from media.core.callfigures import PictureFigures, SoundFigures, back_after, pictures, sound
from media.core.soundcode import HOP_MS, LISTEN_RATE, listen
from media.errors import Unavailable
from media.lab.hosts import CHUNK_MS, Host, Observed, by_relay
from media.lab.linkfile import LinkFile
from media.lab.pages import PageHost, Pages, lab_ms
from media.lab.relay import Journal, Passage, Relay
from media.lab.seat import SeatHost

WARM_SECONDS = 5.0
"""After the call's start, before what is measured: controllers find their rate in it."""
MOST_LATE, MOST_STALLED = 0.01, 0.02
MOST_DECODING = 0.7
"""A decoder that works longer has no room for the pictures that a repaired loss lets go all at once."""
TAIL_SECONDS = 2.0
"""After what is measured: sound that was said in it may still be under way."""
BACK_SECONDS = 15.0
"""Left after the last black-out."""


class Kind(Enum):
    """Who sits at the seat's end; the phone is always Chromium."""

    CHROMIUM = "chromium"
    OURS = "ours"


@dataclass(frozen=True)
class Way:
    """One direction. ``offered_kbps``: what its sender put on the link, headers and repetitions included.

    ``queue_p95_ms``: how long packets stood in the bottleneck's queue; ``link_ms``: how long they were under way, the
    median. ``back_ms``: from the end of the last black-out or change of network to the first picture sent after it;
    None without one, or where no picture came.
    """

    pictures: PictureFigures
    sound: SoundFigures
    unread: int
    offered_kbps: float
    lost_share: float
    queue_p95_ms: float
    link_ms: float
    back_ms: float | None


@dataclass(frozen=True)
class Trial:
    """``late_ms``: how late the relay was at worst, ``late_share``: how often by more than LATE_MS.

    ``stalled``: the share of time in which one of the hosts got no processor, to make pictures or to play sound (a page
    makes them where it shows them, a seat on threads of its own). ``decoding``: the share of time in which one of them
    was decoding pictures, be it that its decoder got no processor. ``load`` of the machine as the system tells it.
    ``video_kbps``: of the phone's encoder, without what was sent again.
    """

    kind: Kind
    seed: int
    up: Way
    down: Way
    video_kbps: float
    late_ms: float
    late_share: float
    stalled: float
    load: float
    decoding: float = 0.0

    @property
    def trusted(self) -> bool:
        """Whether the machine kept up, relay and both hosts: what it slowed down says nothing of a network.

        A receiver that could not play, or decode, what had come looks just like a link that lost it.
        """
        return self.late_share < MOST_LATE and self.stalled < MOST_STALLED and self.decoding < MOST_DECODING


@dataclass(frozen=True)
class _Held:
    """A call that is over; times in ``lab_ms``."""

    start_ms: float
    window: tuple[float, float]
    video_bytes: int
    journal: Journal
    at_phone: Observed
    at_seat: Observed
    load: float


class _Signalling:
    """Each offer gets a leg of its own. ``failed``: why one could not be answered."""

    def __init__(self, relay: Relay, seat: Host) -> None:
        self._relay, self._seat = relay, seat
        self._offers = 0
        self.failed: Unavailable | None = None

    def connect(self, offer: str) -> str:
        """The answer, with the relay in the other host's place in both; called for each offer."""
        if self._offers:
            self._relay.join()
        self._offers += 1
        try:
            answer = self._seat.answer(by_relay(offer, self._relay.seat_port))
        except Unavailable as error:
            self.failed = error
            raise
        return by_relay(answer, self._relay.phone_port)


def trial(kind: Kind, link: LinkFile, seed: int, seconds: float, pages: Pages) -> Trial:
    """Runs a call for WARM_SECONDS and then ``seconds``, and measures the latter; raises ``Unavailable``.

    A link that is interrupted is measured for so long that the call can come back.
    """
    if link.upset is not None:
        seconds = max(seconds, link.upset + BACK_SECONDS - WARM_SECONDS)
    with ExitStack() as stack:
        phone, seat = _hosts(kind, pages, stack)
        relay = stack.enter_context(Relay(link.up, link.down, seed, link.moves))
        held = _hold(kind, link, seconds, phone, seat, relay)
    begin, end = held.window
    return Trial(
        kind,
        seed,
        up=_way(held, held.at_phone, held.at_seat, held.journal.up, link.upset),
        down=_way(held, held.at_seat, held.at_phone, held.journal.down, link.upset),
        video_kbps=held.video_bytes * 8 / (end - begin),
        late_ms=held.journal.worst_late_ms,
        late_share=held.journal.late_share,
        stalled=max(host.stalled(held.window) for host in (held.at_phone, held.at_seat)),
        load=held.load,
        decoding=max(host.decoding(held.window) for host in (held.at_phone, held.at_seat)),
    )


def _hosts(kind: Kind, pages: Pages, stack: ExitStack) -> tuple[PageHost, Host]:
    """Phone and seat, until ``stack`` is left."""
    phone = pages.host()
    stack.callback(phone.close)
    if kind is Kind.OURS:
        return phone, stack.enter_context(SeatHost())
    seat = pages.host()
    stack.callback(seat.close)
    return phone, seat


def _hold(kind: Kind, link: LinkFile, seconds: float, phone: PageHost, seat: Host, relay: Relay) -> _Held:
    start = relay.begin() * 1000
    signalling = _Signalling(relay, seat)
    dark = [(start + 1000 * begin, start + 1000 * until) for begin, until in link.dark]
    phone.dial(signalling.connect, dark, ours=kind is Kind.OURS)
    phone.pause(WARM_SECONDS - (lab_ms() - start) / 1000)
    began, before = lab_ms(), phone.sending()
    phone.pause(seconds)
    ended, after, load = lab_ms(), phone.sending(), os.getloadavg()[0]
    phone.pause(TAIL_SECONDS)
    journal = relay.end()
    at_phone, at_seat = phone.finish(), seat.finish()
    if signalling.failed is not None:
        raise signalling.failed
    # a connection made anew counts from nothing
    fresh = max(0, (after.bytes - after.again) - (before.bytes - before.again))
    return _Held(start, (began, ended), fresh, journal, at_phone, at_seat, load)


def _way(held: _Held, sender: Observed, receiver: Observed, passages: Sequence[Passage], upset: float | None) -> Way:
    begin, end = held.window
    carried = [item for item in passages if begin <= item.at * 1000 < end]
    return Way(
        pictures=pictures(receiver.shown, held.start_ms, held.window),
        sound=_sound(sender, receiver, held.window),
        unread=receiver.unread,
        offered_kbps=sum(item.size for item in carried) * 8 / (end - begin),
        lost_share=sum(item.lost is not None for item in carried) / max(1, len(carried)),
        queue_p95_ms=_percentile([1000 * item.waited for item in carried], 95),
        link_ms=_percentile([1000 * item.took for item in carried if item.took is not None], 50),
        back_ms=None if upset is None else back_after(receiver.shown, held.start_ms + 1000 * upset),
    )


def _percentile(values: Sequence[float], share: int) -> float:
    return float(np.percentile(values, share)) if values else 0.0


def _sound(sender: Observed, receiver: Observed, window: tuple[float, float]) -> SoundFigures:
    sent = [item for item in sender.symbols if window[0] <= item.at_ms < window[1]]
    chunk = int(LISTEN_RATE * CHUNK_MS / 1000)
    ends = np.asarray(receiver.ends)[: len(receiver.sound) // chunk]
    within = HOP_MS * np.arange(int(CHUNK_MS / HOP_MS))
    times = ((ends - CHUNK_MS)[:, None] + within).ravel()
    return sound(listen(sent, receiver.sound, times))

"""One call over one link with one seed: what was noticed of it in both directions, and what the link itself knows."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum

import numpy as np

from media.core.callfigures import PictureFigures, SoundFigures, back_after, pictures, sound
from media.core.soundcode import LISTEN_RATE, listen
from media.lab.hosts import CHUNK_MS, Host, Observed, by_relay
from media.lab.linkfile import LinkFile
from media.lab.pages import Pages, lab_ms
from media.lab.relay import Passage, Relay
from media.lab.seat import SeatHost

WARM_SECONDS = 5.0
"""After the call's start, before what is measured: controllers find their rate in it."""
BACK_SECONDS = 12.0
"""Left after the last black-out."""
HOP_MS = 5.0


class Kind(Enum):
    """Who sits at the seat's end; the phone is always Chromium."""

    CHROMIUM = "chromium"
    OURS = "ours"


@dataclass(frozen=True)
class Way:
    """One direction. ``offered_kbps``: what its sender put on the link, headers and repetitions included.

    ``queue_p95_ms``: how long packets stood in the bottleneck's queue; ``link_ms``: how long they were under way, the
    median. ``back_ms``: from the end of the last black-out to the first picture sent after it; None without a
    black-out, or where none came.
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

    ``load`` of the machine as the system tells it. ``video_kbps``: of the phone's encoder, without what was sent again.
    """

    kind: Kind
    seed: int
    up: Way
    down: Way
    video_kbps: float
    late_ms: float
    late_share: float
    load: float

    @property
    def trusted(self) -> bool:
        """Whether the relay kept its times: one packet of a hundred more than 10 ms late is an overloaded machine."""
        return self.late_share < 0.01


@dataclass(frozen=True)
class _Bounds:
    start_ms: float
    window: tuple[float, float]


def trial(kind: Kind, link: LinkFile, seed: int, seconds: float, pages: Pages) -> Trial:
    """Runs a call for WARM_SECONDS and then ``seconds``, and measures the latter; raises ``Unavailable``.

    A link that is interrupted is measured for so long that the call can come back.
    """
    over = max((until for shape in (link.up, link.down) for _, until in shape.blackouts), default=0.0)
    seconds = max(seconds, over + BACK_SECONDS - WARM_SECONDS if over else 0.0)
    with ExitStack() as stack:
        phone = pages.host()
        stack.callback(phone.close)
        seat: Host
        if kind is Kind.OURS:
            seat = stack.enter_context(SeatHost())
        else:
            seat = other = pages.host()
            stack.callback(other.close)
        relay = stack.enter_context(Relay(link.up, link.down, seed))
        start = relay.begin() * 1000
        offer = by_relay(phone.offer(), relay.seat_port)
        phone.accept(by_relay(seat.answer(offer), relay.phone_port))
        phone.pause(WARM_SECONDS - (lab_ms() - start) / 1000)
        began, before = lab_ms(), phone.sending()
        phone.pause(seconds)
        ended, after = lab_ms(), phone.sending()
        load, journal = os.getloadavg()[0], relay.end()
        bounds = _Bounds(start, (began, ended))
        at_phone, at_seat = phone.finish(), seat.finish()
    fresh = (after.bytes - after.again) - (before.bytes - before.again)
    return Trial(
        kind,
        seed,
        up=_way(at_phone, at_seat, journal.up, bounds, link.up.blackouts),
        down=_way(at_seat, at_phone, journal.down, bounds, link.down.blackouts),
        video_kbps=fresh * 8 / (ended - began),
        late_ms=journal.worst_late_ms,
        late_share=journal.late_share,
        load=load,
    )


def _way(
    sender: Observed,
    receiver: Observed,
    passages: Sequence[Passage],
    bounds: _Bounds,
    blackouts: Sequence[tuple[float, float]],
) -> Way:
    begin, end = bounds.window
    carried = [item for item in passages if begin <= item.at * 1000 < end]
    over = max((until for _, until in blackouts), default=None)
    return Way(
        pictures=pictures(receiver.shown, bounds.start_ms, bounds.window),
        sound=_sound(sender, receiver, bounds.window),
        unread=receiver.unread,
        offered_kbps=sum(item.size for item in carried) * 8 / (end - begin),
        lost_share=sum(item.lost is not None for item in carried) / max(1, len(carried)),
        queue_p95_ms=_percentile([1000 * item.waited for item in carried], 95),
        link_ms=_percentile([1000 * item.took for item in carried if item.took is not None], 50),
        back_ms=None if over is None else back_after(receiver.shown, bounds.start_ms + 1000 * over),
    )


def _percentile(values: Sequence[float], share: int) -> float:
    return float(np.percentile(values, share)) if values else 0.0


def _sound(sender: Observed, receiver: Observed, window: tuple[float, float]) -> SoundFigures:
    """Of the symbols that were due to be heard in the window even with a second of delay."""
    sent = [item for item in sender.symbols if window[0] <= item.at_ms < window[1] - 1000]
    chunk = int(LISTEN_RATE * CHUNK_MS / 1000)
    ends = np.asarray(receiver.ends)[: len(receiver.sound) // chunk]
    starts = ends - CHUNK_MS
    times = np.column_stack([starts, starts + HOP_MS]).ravel()
    return sound(listen(sent, receiver.sound, times).delays)

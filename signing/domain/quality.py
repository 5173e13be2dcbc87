"""How good a customer's line was over a stretch of a call, as the seat measured it; what is kept of it, and how much.

The marks are made at the seat (``media.core.quality`` publishes the formula); here they are put on record. Marks 1…5,
shares 0…1, times aware UTC on the service's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import ceil


class Cause(StrEnum):
    """What was wrong. The same values as ``media.core.quality.Cause``; a test keeps them equal."""

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


CAUSE_TITLES = {
    Cause.FINE: "正常",
    Cause.CAMERA_OFF: "客户没有画面传来",
    Cause.DELAYED: "时延大",
    Cause.UNSTEADY: "网络时快时慢",
    Cause.PHONE_BUSY: "客户手机处理不过来",
    Cause.UPLINK_THIN: "客户上行弱",
    Cause.DOWNLINK_THIN: "客户下行弱",
    Cause.LOSSY: "丢包多",
    Cause.SEAT_BUSY: "席位电脑处理不过来",
    Cause.SEAT_NETWORK: "席位自己的网络差",
    Cause.BROKEN: "连接中断",
}
BAR_TITLES = ("中断", "很差", "一般", "良好", "良好")
"""By the number of bars, 0…4."""

MOST = 120
"""Stretches kept of one party in one call: eight hours of a line that never rests, as the seat spaces them."""


@dataclass(frozen=True)
class Figures:
    """The worst of the stretch. ``up`` is from the customer to the seat; None where nobody measured it.

    ``loss`` before repair, ``frozen`` of time, ``concealed`` of sound, ``pictures`` a second, the least.
    """

    round_trip_ms: float | None = None
    delay_ms: float | None = None
    loss_up: float = 0.0
    loss_down: float = 0.0
    frozen_up: float = 0.0
    frozen_down: float = 0.0
    concealed_up: float = 0.0
    concealed_down: float = 0.0
    pictures_up: float | None = None
    pictures_down: float | None = None


@dataclass(frozen=True)
class Stretch:
    """``bars`` and ``cause``: the worst of it; ``mean`` and ``least``: of the marks.

    ``broken_seconds``: for how long nothing came; ``bars`` is 0 only where that was all of it.
    """

    since: datetime
    until: datetime
    bars: int
    cause: Cause
    mean: float
    least: float
    figures: Figures = Figures()
    broken_seconds: float = 0.0


def is_new(stretch: Stretch, kept_until: Sequence[datetime]) -> bool:
    """Whether a stretch is still to be kept: ``kept_until`` are the ends of those of this party in this call.

    One that was sent again, since its answer was lost, lies before the end of what is kept.
    """
    return len(kept_until) < MOST and all(until <= stretch.since for until in kept_until)


def in_words(figures: Figures) -> str:
    """The figures that say something, in one line; of two directions the worse."""
    parts = []
    if figures.round_trip_ms is not None:
        parts.append(f"往返 {round(figures.round_trip_ms)} 毫秒")
    both = (
        ("丢包", figures.loss_up, figures.loss_down),
        ("卡顿", figures.frozen_up, figures.frozen_down),
        ("声音缺失", figures.concealed_up, figures.concealed_down),
    )
    parts += [f"{title} {percent(max(up, down))}" for title, up, down in both if max(up, down) >= 0.005]
    known = [value for value in (figures.pictures_up, figures.pictures_down) if value is not None]
    if known:
        parts.append(f"画面每秒 {round(min(known))} 幅")
    return "，".join(parts)


def break_in_words(stretch: Stretch) -> str:
    """For how long nothing came, rounded up: a short break is not none."""
    if not stretch.broken_seconds:
        return ""
    return f"{'' if stretch.bars == 0 else '曾'}中断 {ceil(stretch.broken_seconds)} 秒"


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"

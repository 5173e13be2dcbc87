"""How good a customer's line was over a stretch of a call; what is kept of it, and how much.

Two things are kept apart: what the seat measured itself, and what the customer's phone told of its own side, which
nobody else measured and an altered page can make up.
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
    """The worst of the stretch as the seat measured it. ``up`` is from the customer to the seat; None where it did not.

    ``loss`` before repair, ``frozen`` of time, ``concealed`` of sound, ``pictures`` a second, the least.
    ``loss_down`` is by the reports of the phone's browser (RTCP), which its page cannot write.
    """

    round_trip_ms: float | None = None
    delay_ms: float | None = None
    loss_up: float = 0.0
    loss_down: float = 0.0
    frozen_up: float = 0.0
    concealed_up: float = 0.0
    pictures_up: float | None = None


@dataclass(frozen=True)
class Told:
    """What the phone told of its own side, the worst of the stretch; word and marks: the call's with that counted in.

    ``waits_ms``: the phone's waiting for late sound; None where it did not tell.
    """

    bars: int
    cause: Cause
    mean: float
    least: float
    frozen_down: float = 0.0
    concealed_down: float = 0.0
    pictures_down: float | None = None
    waits_ms: float | None = None


@dataclass(frozen=True)
class Stretch:
    """``bars`` and ``cause``: the worst of it; ``mean`` and ``least``: of the marks; all by the seat's measurements.

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
    told_by_phone: Told | None = None


def is_new(stretch: Stretch, kept_until: Sequence[datetime]) -> bool:
    """Whether a stretch is still to be kept: ``kept_until`` are the ends of those of this party in this call.

    One that was sent again, since its answer was lost, lies before the end of what is kept.
    """
    return len(kept_until) < MOST and all(until <= stretch.since for until in kept_until)


def in_words(figures: Figures) -> str:
    """The seat's figures that say something, in one line; of two directions the worse."""
    parts = []
    if figures.round_trip_ms is not None:
        parts.append(f"往返 {round(figures.round_trip_ms)} 毫秒")
    parts += _shares(max(figures.loss_up, figures.loss_down), figures.frozen_up, figures.concealed_up)
    if figures.pictures_up is not None:
        parts.append(f"画面每秒 {round(figures.pictures_up)} 幅")
    return "，".join(parts)


def told_in_words(stretch: Stretch) -> str:
    """What the phone told where it differs from what the seat measured or says something; empty otherwise."""
    told = stretch.told_by_phone
    if told is None:
        return ""
    shares = _shares(0.0, told.frozen_down, told.concealed_down)
    differs = (told.bars, told.cause) != (stretch.bars, stretch.cause)
    if not differs and not shares:
        return ""
    parts = [f"线路{BAR_TITLES[told.bars]}"] if differs else []
    parts += [CAUSE_TITLES[told.cause]] if differs and told.cause is not Cause.FINE else []
    pictures = [] if told.pictures_down is None else [f"画面每秒 {round(told.pictures_down)} 幅"]
    return "据客户手机自报：" + "，".join([*parts, *shares, *pictures])


def _shares(lost: float, frozen: float, concealed: float) -> list[str]:
    shares = (("丢包", lost), ("卡顿", frozen), ("声音缺失", concealed))
    return [f"{title} {percent(share)}" for title, share in shares if share >= 0.005]


def break_in_words(stretch: Stretch) -> str:
    """For how long nothing came, rounded up: a short break is not none."""
    if not stretch.broken_seconds:
        return ""
    return f"{'' if stretch.bars == 0 else '曾'}中断 {ceil(stretch.broken_seconds)} 秒"


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"

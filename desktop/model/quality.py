"""A connection in one word."""

from media.ports import Quality
from signing.wire.base import Tone


def line_words(peer: str, quality: Quality | None) -> tuple[str, Tone]:
    """The network in one word, from loss and delay."""
    if peer in ("disconnected", "failed", "closed"):
        return "线路中断", Tone.STOP
    if peer != "connected":
        return "正在接通", Tone.NOTICE
    if quality is None:
        return "线路已通", Tone.GOOD
    slow = quality.round_trip_ms or 0.0
    if quality.loss_percent >= 8 or slow >= 600 or quality.pictures_per_second < 4:
        return "线路很差", Tone.STOP
    if quality.loss_percent >= 2 or slow >= 300 or quality.pictures_per_second < 9:
        return "线路一般", Tone.CAUTION
    return "线路良好", Tone.GOOD

"""How the customers' lines are, in words of the board: as their seat told last, and how long ago. No Qt."""

from datetime import datetime

from desktop.model import wording
from desktop.model.quality import ADVICE, BARS
from media.core.quality import Cause
from signing.wire.base import Tone
from signing.wire.board import BoardCall, BoardLine, BoardParty
from signing.wire.call import CallPartyState

STALE = 60.0
"""Seconds after which nothing is said of a line any more: its seat tells every twenty."""
UNKNOWN = "线路不详"


def line_words(line: BoardLine, now: datetime) -> tuple[str, Tone | None]:
    """``线路一般 · 上行弱`` and its tone; what is old is not passed off as how it is."""
    if is_stale(line, now):
        return f"{UNKNOWN}（{wording.duration(wording.seconds_between(line.told_at, now))} 没有消息）", None
    text, tone = BARS[line.bars]
    advice = ADVICE.get(Cause(line.cause))
    return (text if advice is None or line.bars == 0 else f"{text} · {advice.short}"), tone


def is_stale(line: BoardLine, now: datetime) -> bool:
    return wording.seconds_between(line.told_at, now) > STALE


def in_call(party: BoardParty) -> bool:
    return party.place.state is CallPartyState.LIVE


def worst(call: BoardCall, now: datetime) -> tuple[str, Tone | None]:
    """The worst line of those in the call, and whose it is where there are several; empty where none was told of."""
    lines = [(one, one.line) for one in call.parties if in_call(one) and one.line is not None]
    fresh = [(one, line) for one, line in lines if not is_stale(line, now)]
    if not fresh:
        return (UNKNOWN, None) if lines else ("", None)
    party, line = min(fresh, key=lambda pair: pair[1].bars)
    text, tone = line_words(line, now)
    several = sum(in_call(one) for one in call.parties) > 1
    return (f"{text}（{party.place.label}）" if several and tone is not Tone.GOOD else text), tone

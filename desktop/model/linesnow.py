"""How the customers' lines are just now, for the supervisors' boards: told where a word changes, and from time to time.

Pure; times are aware UTC on this machine.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from desktop.model.quality import GONE
from desktop.model.state import Line, State, Telling
from media.core.quality import Cause
from signing.wire.quality import LineCause, LineNow, TellLines

SPACED = timedelta(seconds=5)
"""At least so long between two tellings, however a line jumps."""
AGAIN = timedelta(seconds=20)
"""So long after the last it is told that nothing has changed."""
SEEN = timedelta(seconds=8)
"""Of whom nothing was measured for longer nothing is told: they are held, or the engine stands still."""
MOST = 8


def noted(state: State, party_id: str, now: datetime) -> tuple[State, TellLines | None]:
    """A line was measured, or came or went; with what is to be told of all of them now, if anything."""
    media = state.media
    telling = replace(media.telling, seen={**media.telling.seen, party_id: now})
    lines = tuple(
        told
        for other, line in media.lines.items()
        if now - telling.seen.get(other, now - 2 * SEEN) <= SEEN and (told := _now(other, line)) is not None
    )[:MOST]
    due = _is_due(telling, lines, now)
    if due:
        telling = replace(telling, last=lines, at=now)
    return replace(state, media=replace(media, telling=telling)), TellLines(lines=list(lines)) if due else None


def _is_due(telling: Telling, lines: tuple[LineNow, ...], now: datetime) -> bool:
    if telling.at is None:
        return bool(lines)
    passed = now - telling.at
    return passed >= AGAIN or (passed >= SPACED and lines != telling.last)


def _now(party_id: str, line: Line) -> LineNow | None:
    """As the seat's own badge says it; None while it says nothing yet."""
    if line.peer in GONE:
        return LineNow(party_id=party_id, bars=0, cause=LineCause(Cause.BROKEN))
    judged = line.quality.judgement if line.quality is not None else None
    if line.peer != "connected" or judged is None:
        return None
    return LineNow(party_id=party_id, bars=judged.bars, cause=LineCause(judged.cause))

"""Recordings that an earlier run of the program left in the spool."""

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from desktop.spool import Item, Spool, segment
from media.errors import MediaError
from media.recovery import Recording, recover
from signing.wire.staff import RecordingFinished


@dataclass(frozen=True)
class Leftovers:
    """``whole`` can be uploaded, oldest first; ``broken`` stay where they are, each with the reason in words."""

    whole: list[Item] = field(default_factory=list)
    broken: list[tuple[Item, str]] = field(default_factory=list)


async def recover_items(
    spool: Spool, server: str, being_recorded: Callable[[], Container[Path]] = frozenset
) -> Leftovers:
    """What earlier runs recorded for ``server``; unfinished files are made whole first.

    ``being_recorded`` may wait until it is known what a call that an earlier window left is recorded to.
    """
    return await asyncio.to_thread(_recover_all, spool, server, being_recorded)


async def recover_these(spool: Spool, items: Sequence[Item]) -> Leftovers:
    """What an engine that is gone was recording."""
    return await asyncio.to_thread(_recover_each, spool, items)


def _recover_all(spool: Spool, server: str, being_recorded: Callable[[], Container[Path]] = frozenset) -> Leftovers:
    found = [item for item in spool.items() if item.server == server]
    busy = being_recorded()
    return _recover_each(spool, [item for item in found if spool.video(item) not in busy])


def _recover_each(spool: Spool, items: Sequence[Item]) -> Leftovers:
    found = Leftovers()
    for item in items:
        _recover(spool, item, found)
    return found


def _recover(spool: Spool, item: Item, found: Leftovers) -> None:
    """A folder in which nothing was ever recorded is removed."""
    if item.finished is not None:
        found.whole.append(item)
        return
    video = spool.video(item)
    if item.opened is None and not video.exists():
        spool.remove(item)
        return
    try:
        item = spool.update(item, finished=_finished(recover(video)))
    except MediaError as error:
        if item.opened is None:  # it was never announced, and holds nothing whole
            spool.remove(item)
        else:
            found.broken.append((item, str(error)))
    except OSError as error:
        found.broken.append((item, error.strerror or "本机文件读不出来"))
    else:
        found.whole.append(item)


def _finished(recording: Recording) -> RecordingFinished:
    return RecordingFinished(
        ended_at=recording.ended_at,
        duration_seconds=recording.duration_seconds,
        size=recording.size,
        sha256=recording.sha256,
        segments=[segment(link) for link in recording.segments],
        gaps=list(recording.gaps),
    )
